"""A folder held against its baseline by the shortcut: only what its stamps do not vouch for is read."""

from __future__ import annotations

import functools
import os
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from fimci import shortcut, stamps, workers
from fimci.batches import MANY
from fimci.folder import left_out, walked
from fimci.held import Held, Sides, held, lined, number_of, subtract
from fimci.ledger import Ledger
from fimci.look import Progress, Sizes
from fimci.snapshot import Snapshot
from fimci.sources import clock
from fimci.stamps import NONE, SIZE

#: Lines that a process is given at once, as many as a pipe takes: to ask for a stamp takes far less than to
#: read a file.
_MANY = 3 * MANY


class Quick(NamedTuple):
    """Both sides, and what there is to say of the stamps."""

    held: Held
    notes: tuple[str, ...] = ()


def quick(root: str, left: Snapshot, progress: Progress | None, sizes: Sizes, but: frozenset[str]) -> Quick:
    """Look at a folder as `held` does, but at what its stamps vouch for no further; keep new stamps."""
    body = lined(left)
    if body is None:
        note = "every file was read: the shortcut needs a baseline by the default profile"
        return Quick(held(root, left, progress, sizes, but), (note,))
    begun = clock.start()
    seen = stamps.load(root, body.root)
    sides, ledger = Sides(body, left), Ledger(body)
    doubtful = _doubtful(root, ledger, seen.marks, sides, progress) if seen.marks else None
    if doubtful is not None and _diverted(root, doubtful, body.algorithm):
        doubtful, sides, ledger = None, Sides(body, left), Ledger(body)
    if doubtful is None:
        subtract(root, ledger, walked(root, left.recipe, but), sides, progress)
    else:
        _look_at(root, doubtful, sides, but, progress)
    found = sides.held(root, ledger.others())
    new = _restamped(root, sides, seen.marks, doubtful, begun)
    failure = stamps.save(seen, new) if new != seen.marks and not clock.stepped(begun) else ""
    return Quick(found, tuple(filter(None, (seen.note, failure))))


class _Doubtful(NamedTuple):
    """Lines that their stamps do not vouch for, and which lines they are; is the root one of them?"""

    lines: list[bytes]
    numbers: list[int]
    root: bool


def _doubtful(root: str, ledger: Ledger, marks: bytes, sides: Sides, progress: Progress | None) -> _Doubtful:
    """Go through all lines by their stamps, and put those that hold into the sides."""
    under_way: deque[bytes] = deque()

    def chunks() -> Iterator[tuple[bytes, int]]:
        before = 0
        while text := ledger.some(_MANY):
            under_way.append(text)
            yield text, before
            before += number_of(text)

    found = _Doubtful([], [], _mark(root) != marks[-SIZE:])
    before = 0
    work = functools.partial(shortcut.doubted, root, sides.body.algorithm, marks)
    for doubted in workers.spread(work, chunks(), 0 if sides.body.count > _MANY else 1):
        text = under_way.popleft()
        lines = text.split(b"\n")
        found.lines.extend(lines[at] for at in doubted.lines)
        found.numbers.extend(before + at for at in doubted.lines)
        before += len(lines)
        sides.put_same(len(lines) - len(doubted.lines), [lines[at] for at in doubted.manifests])
        if progress is not None:
            progress("")
    return found


def _diverted(root: str, doubtful: _Doubtful, algorithm: str) -> bool:
    """Tell whether a link stands where a folder was: its stamps were asked for through the link."""
    paths = (shortcut.path_of(_text(line), algorithm) for line in doubtful.lines)
    return any(path[-1] == "/" and os.path.islink(f"{root}/{path[:-1]}") for path in paths)


def _look_at(
    root: str, doubtful: _Doubtful, sides: Sides, but: frozenset[str], progress: Progress | None
) -> None:
    """Look in full at what is in doubt."""
    how = sides.left.recipe
    paths = {shortcut.path_of(_text(line), how.algorithm) for line in doubtful.lines}
    if doubtful.root:
        paths.add("/")
    folders = {path[:-1] for path in paths if path.endswith("/")}
    known: set[str] = set()
    if folders:
        ledger = Ledger(sides.body)
        while text := ledger.some(_MANY):
            for line in text.split(b"\n"):
                path = shortcut.path_of(_text(line), how.algorithm)
                if path.rstrip("/").rpartition("/")[0] in folders:
                    known.add(path)
    skip = left_out(how, but)
    runs = shortcut.remaining(root, skip, paths, known)
    block = b"".join(line + b"\n" for line in doubtful.lines)
    subtract(root, Ledger(sides.body, [block] if block else []), runs, sides, progress)
    sides.sort()


def _restamped(
    root: str, sides: Sides, marks: bytes, doubtful: _Doubtful | None, begun: clock.Start
) -> bytes:
    """Return the stamps of all lines that hold, those in doubt (`None`: all of them) anew."""
    work = functools.partial(shortcut.stamps_of, root, sides.body.algorithm, begun.quiet, shortcut.punctual())
    lines: Iterator[bytes]
    if doubtful is None:
        ledger = Ledger(sides.body)
        lines = iter(functools.partial(ledger.some, _MANY), b"")
    else:
        parts = (doubtful.lines[at : at + _MANY] for at in range(0, len(doubtful.lines), _MANY))
        lines = (b"\n".join(part) for part in parts)
    under_way: deque[bytes] = deque()

    def chunks() -> Iterator[bytes]:
        for text in lines:
            under_way.append(text)
            yield text

    fresh: list[bytes] = []
    # The names in a folder are vouched for as long as they are those of the baseline.
    other = {path.rpartition("/")[0] for path in sides.touched}
    for found in workers.spread(work, chunks(), 1):
        for at, line in enumerate(under_way.popleft().split(b"\n")):
            path = shortcut.path_of(_text(line), sides.body.algorithm)
            holds = line not in sides.gone and not (path[-1] == "/" and path[:-1] in other)
            fresh.append(found[at * SIZE : (at + 1) * SIZE] if holds else NONE)
    whole = _mark(root)
    last = whole if "" not in other and stamps.touched(whole) < begun.quiet else NONE
    if doubtful is None:
        return b"".join((*fresh, last))
    if not doubtful.lines and last == marks[-SIZE:]:
        return marks
    new = bytearray(marks)
    for number, mark in zip(doubtful.numbers, fresh, strict=True):
        new[number * SIZE : (number + 1) * SIZE] = mark
    new[-SIZE:] = last
    return bytes(new)


def _mark(root: str) -> bytes:
    """Return the stamp of the root, which has no line."""
    try:
        return stamps.stamp(os.stat(root))
    except OSError:
        return NONE


def _text(line: bytes) -> str:
    return line.decode(errors="surrogateescape")
