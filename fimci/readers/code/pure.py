"""What the evaluators of pure functions share: how much they may do, and how they give up.

Malware writes its own decoders. Such a function is folded by computing it on a syntax tree, with texts,
numbers and lists of this module's language alone: there is no name of the outside world in it that could be
called, and every step and every letter is paid for.
"""

from __future__ import annotations

#: Steps that one file may take, and one attempt; letters that cost a step when they are copied.
STEPS, AT_ONCE, _LETTERS = 400_000, 150_000, 256
#: Letters, bytes or items of one value.
LARGEST = 400_000


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
