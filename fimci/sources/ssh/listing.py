"""What is in a folder of another machine: names, kinds, sizes, modes, targets, owners.

Where `find` can describe what it finds (GNU), one command tells all; else names come first, and `stat` is
asked about them while they come, `readlink` afterwards.
"""

from __future__ import annotations

import contextlib
import queue
import re
import stat
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from fimci.errors import RemoteError
from fimci.model import Kind, Unread
from fimci.sources.ssh import answers, client
from fimci.sources.ssh.client import Ended, Session
from fimci.sources.ssh.userland import Userland

_KINDS: dict[bytes, Kind] = {
    b"f": "file", b"d": "directory", b"l": "link",
    **dict.fromkeys((b"p", b"s", b"b", b"c", b"D"), "other"),
}  # fmt: skip
_DEVICES = {b"p": "fifo", b"s": "socket"}
_PRINTED = "%y %m %s %U %G %i %n %b %T@ %C@ %p\\0%l\\0"
_LETTERS = {
    stat.S_IFREG: b"f", stat.S_IFDIR: b"d", stat.S_IFLNK: b"l", stat.S_IFIFO: b"p", stat.S_IFSOCK: b"s",
    stat.S_IFBLK: b"b", stat.S_IFCHR: b"c",
}  # fmt: skip
_FIELDS, _STATED = 10, 6
#: What numbers stand behind the size, and what they count in: owner, group, inode, hard links, blocks.
_NUMBERS = {"owner": 1, "group": 1, "inode": 1, "links": 1, "blocks": 512}
_TIMES = ("mtime", "ctime")
_LONGEST = 64 << 10
#: A part of a path that no walk gives: empty, `.` or `..`.
_NO_PART = re.compile(rb"/\.{0,2}(?=/|\Z)")


class Found(NamedTuple):
    """One thing in the folder: its name there (`./a/b`), its path from the folder, and what is said of it.

    `stated` are numbers as they came.
    """

    name: bytes
    path: str
    kind: Kind
    mode: int
    size: int
    target: bytes | None
    letter: bytes
    stated: tuple[bytes, ...] = ()


def attributes(found: Found) -> dict[str, str | int]:
    """Return what was told beyond kind, size and mode. Raises `RemoteError` for what is no number."""
    told: dict[str, str | int] = {
        name: _number(text) * unit for (name, unit), text in zip(_NUMBERS.items(), found.stated, strict=False)
    }
    times = found.stated[len(_NUMBERS) :]
    told.update((name, _nanoseconds(text)) for name, text in zip(_TIMES, times, strict=False))
    if found.letter in _DEVICES:
        told["device"] = _DEVICES[found.letter]
    return told


def listed(session: Session, tools: Userland, past: Sequence[str] = ()) -> Iterator[Found | Unread]:
    """List a folder and all below, past the folders of some plain names. Raises `RemoteError`.

    Comes in any order, while the other side still walks: only the whole list is to be believed.
    """
    names = " -o ".join(f"-name {name}" for name in past)
    prune = f"-type d \\( {names} \\) -prune -o " if past else ""
    shown = f"-printf '{_PRINTED}'" if tools.printing else "-print0"
    walk = client.streamed(session, f"find . {prune}\\! -name . {shown}")
    found = _printed(walk) if tools.printing else _asked(session, tools, walk)
    seen: set[bytes] = set()
    folders: list[bytes] = []
    ended = None
    while ended is None:
        try:
            one = next(found)
        except StopIteration as end:
            ended = end.value
            continue
        if isinstance(one, Found):
            _prove(one.name, seen, session)
            if one.kind == "directory":
                folders.append(one.name)
        yield one
    if ended.status:
        yield from _closed(session, folders, ended.errors)


def _names(walk: Generator[bytes, None, Ended]) -> Generator[list[bytes], None, Ended]:
    """Yield the NUL-ended texts of an output, as many together as come together."""
    held = b""
    while True:
        try:
            piece = next(walk)
        except StopIteration as end:
            if held:
                raise RemoteError("answered with a list that is cut") from None
            ended: Ended = end.value
            return ended
        *whole, held = (held + piece).split(b"\0")
        if len(held) > _LONGEST:
            raise RemoteError("answered with a name that no folder holds")
        yield whole


def _printed(walk: Generator[bytes, None, Ended]) -> Generator[Found | Unread, None, Ended]:
    fields: list[bytes] = []
    some = _names(walk)
    while True:
        try:
            fields += next(some)
        except StopIteration as end:
            if fields:
                raise RemoteError("answered with a list that is cut") from None
            ended: Ended = end.value
            return ended
        whole = len(fields) - len(fields) % 2
        for at in range(0, whole, 2):
            yield _described(fields[at], fields[at + 1])
        del fields[:whole]


def _described(text: bytes, target: bytes) -> Found | Unread:
    """Read what `find` says of one thing. Raises `RemoteError`."""
    words = text.split(b" ", _FIELDS)
    if len(words) != _FIELDS + 1:
        raise RemoteError("answered with something that describes no file")
    letter, name = words[0], words[_FIELDS]
    kind = _KINDS.get(letter)
    if kind is None:
        return Unread(path=_path(name), why="is of a kind that the host does not tell")
    mode, size, link = _number(words[1], 8), _number(words[2]), target if kind == "link" else None
    return Found(name, _path(name), kind, mode, size, link, letter, tuple(words[3:_FIELDS]))


def _asked(
    session: Session, tools: Userland, walk: Generator[bytes, None, Ended]
) -> Generator[Found | Unread, None, Ended]:
    """Ask `stat` and `readlink` about the names of a walk."""
    names: list[bytes] = []
    plain: queue.SimpleQueue[list[bytes] | None] = queue.SimpleQueue()
    told = set()
    links: dict[bytes, bytes] = {}
    with ThreadPoolExecutor(1) as beside:
        walking = beside.submit(_walked, walk, names, plain)
        for name, text in _looked_at(session, tools, names, iter(plain.get, None)):
            told.add(name)
            if stat.S_ISLNK(_number(text.partition(b" ")[0], 16)):
                links[name] = text
            else:
                yield _stated(name, text, None)
        ended = walking.result()
    asked = """f=$(readlink "$f" && echo x) || f=; printf '%s\\0' "$f\""""
    for name, target in answers.each(session, list(links), asked):
        yield _stated(name, links[name], target)
    for name in names:
        if name not in told:
            yield Unread(path=_path(name), why="could not be looked at there")
    return ended


def _walked(
    walk: Generator[bytes, None, Ended], names: list[bytes], plain: queue.SimpleQueue[list[bytes] | None]
) -> Ended:
    """Hand on the names of a walk as they come, without those that are asked for on their own."""
    some = _names(walk)
    try:
        while True:
            names.extend(new := next(some))
            plain.put([name for name in new if not answers.is_odd(name)])
    except StopIteration as end:
        ended: Ended = end.value
        return ended
    finally:
        plain.put(None)


def _looked_at(
    session: Session, tools: Userland, names: list[bytes], plain: Iterator[list[bytes]]
) -> Iterator[tuple[bytes, bytes]]:
    """Yield names with what `stat` says of them; once the plain ones have ended, all names are known."""
    yield from answers.lines(session, plain, tools.stat)
    asked = f"""f=$({tools.stat} "$f") || f=; printf '%s\\0' "$f\""""
    odd = [name for name in names if answers.is_odd(name)]
    yield from ((name, text) for name, text in answers.each(session, odd, asked) if text)


def _stated(name: bytes, text: bytes, target: bytes | None) -> Found | Unread:
    """Read what `stat` says of one thing, and `readlink` of a link, where it ends as it was made to."""
    words = text.split(b" ")
    raw = _number(words[0], 16)
    letter = _LETTERS.get(stat.S_IFMT(raw), b"?")
    if len(words) < _STATED or letter == b"?" or (target is not None and not target.endswith(b"\nx")):
        return Unread(path=_path(name), why="could not be looked at there")
    target = None if target is None else target.removesuffix(b"\nx")
    mode, size = stat.S_IMODE(raw), _number(words[1])
    return Found(name, _path(name), _KINDS[letter], mode, size, target, letter, tuple(words[2:_STATED]))


def _prove(name: bytes, seen: set[bytes], session: Session) -> None:
    """Refuse a name that no walk of a folder gives. Raises `RemoteError`."""
    if not name.startswith(b"./") or len(name) > _LONGEST or _NO_PART.search(name, 1):
        raise RemoteError("answered with a name that no folder holds")
    if name in seen:
        raise RemoteError("answered with the same name twice")
    seen.add(name)
    if len(seen) > session.limits.entries:
        raise RemoteError(f"holds more than {session.limits.entries:,} entries")


def _closed(session: Session, folders: Sequence[bytes], errors: str) -> Iterator[Unread]:
    """Yield the folders that could not be listed, where the walk says that there was something."""
    asked = """[ -r "$f" ] && [ -x "$f" ] && printf '1\\0' || printf '\\0'"""
    closed = [
        name
        for at in range(0, len(folders), answers.MOST)
        for name, answer in answers.each(session, folders[at : at + answers.MOST], asked)
        if not answer
    ]
    for name in closed:
        yield Unread(path=_path(name), why="permission denied", part="members")
    if not closed:
        first = errors.strip().partition("\n")[0][:200] or "it does not say why"
        yield Unread(path="", why=f"the walk did not end well: {first}", part="walk")


def _path(name: bytes) -> str:
    return name[2:].decode("utf-8", "surrogateescape")


def _number(text: bytes, base: int = 10) -> int:
    """Read a number. Raises `RemoteError` for what is none."""
    if len(text) <= 20 and text.isalnum():  # noqa: PLR2004  (digits of 64 bits; no sign, no `_`)
        try:
            return int(text, base)
        except ValueError:
            pass
    raise RemoteError("answered with something that is not a number")


def _nanoseconds(text: bytes) -> int:
    if len(text) <= 40:  # noqa: PLR2004  (seconds, a point, and digits behind it)
        with contextlib.suppress(InvalidOperation, ValueError, OverflowError):
            return int(Decimal(text.decode("ascii", "replace")) * 10**9)
    raise RemoteError("answered with something that is no time")
