"""What the evaluators of pure functions share: how much they may do, and how they give up.

Malware writes its own decoders. Such a function is folded by computing it on a syntax tree, with texts,
numbers and lists of this module's language alone: there is no name of the outside world in it that could be
called, and every step and every letter is paid for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")
#: Steps that one file may take, and one attempt; letters that cost a step when they are copied.
STEPS, AT_ONCE, _LETTERS = 400_000, 150_000, 256
#: Letters, bytes or items of one value.
LARGEST = 400_000
LISTED_CUT = "more in one list than is looked at"
#: What each part of the reading of any file may do, and more for each byte of it.
TURNS, TURNS_A_BYTE = 10_000_000, 8


class Stop(Exception):  # noqa: N818  (it is no error: what is asked for is not known)
    """Something is not constant, not pure, or too much."""


class Budget:
    """The steps that are left to the evaluations of one file."""

    def __init__(self) -> None:
        """Begin with all of them."""
        self.left = STEPS
        self._until = 0

    def begin(self) -> None:
        """Give one attempt its share."""
        self._until = max(0, self.left - AT_ONCE)

    def spend(self, size: int = 0) -> None:
        """Take a step, and those for copying so many letters or items."""
        self.left -= 1 + size // _LETTERS
        if self.left < self._until or size > LARGEST:
            raise Stop


class Spent(Exception):  # noqa: N818  (it is no error: what is left over is told as not looked at)
    """The work that one file is worth is done."""


class Work:
    """The turns of loops that one file is worth: counted, not timed, to be the same on every machine.

    A turn is some tenths of a microsecond. What people write, and what tools make of it, needs a fraction.
    """

    def __init__(self, size: int) -> None:
        """Begin with what a file of so many bytes is worth."""
        self._worth = TURNS + TURNS_A_BYTE * size
        self.left = self._worth
        #: Whether more stood in one list than was looked at.
        self.cut = False

    def begin(self) -> None:
        """Give the next part of a reading as much as the one before."""
        self.left = self._worth

    def spend(self, turns: int) -> None:
        """Take so many turns."""
        self.left -= turns
        if self.left < 0:
            raise Spent

    def first(self, things: Sequence[_T], most: int) -> Sequence[_T]:
        """Return the first of many things, and take note if there are more."""
        if len(things) <= most:
            return things
        self.cut = True
        return things[:most]
