"""What is in a folder of another machine: names, kinds, sizes, modes, targets, owners.

Where `find` can describe what it finds (GNU), one command tells all; else names come first, and `stat` and
`readlink` are asked about them.
"""

from __future__ import annotations

import contextlib
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from fimci.errors import RemoteError
from fimci.model import Kind, Unread
from fimci.sources.ssh import answers, client
from fimci.sources.ssh.client import Session
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


def listed(session: Session, tools: Userland, past: Sequence[str] = ()) -> list[Found | Unread]:
    """List a folder and all below, past the folders of some plain names. Raises `RemoteError`."""
    names = " -o ".join(f"-name {name}" for name in past)
    prune = f"-type d \\( {names} \\) -prune -o " if past else ""
    shown = f"-printf '{_PRINTED}'" if tools.printing else "-print0"
    answer = client.run(session, f"find . {prune}\\! -name . {shown}")
    if tools.printing:
        found = list(_printed(answer.output))
    else:
        found = list(_asked(session, tools, _names(answer.output)))
    _proven(found, session)
    return [*found, *_closed(session, found, answer.errors if answer.status else None)]


def _names(output: bytes) -> list[bytes]:
    names = output.split(b"\0")
    if names.pop():
        raise RemoteError("answered with a list that is cut")
    return names


def _printed(output: bytes) -> Iterator[Found | Unread]:
    fields = output.split(b"\0")
    if len(fields) % 2 == 0 or fields[-1]:
        raise RemoteError("answered with a list that is cut")
    for described, target in zip(fields[:-1:2], fields[1::2], strict=True):
        words = described.split(b" ", _FIELDS)
        if len(words) != _FIELDS + 1:
            raise RemoteError("answered with something that describes no file")
        letter, mode, size, *stated, name = words
        if letter in _KINDS:
            link = target if letter == b"l" else None
            yield Found(
                name,
                _path(name),
                _KINDS[letter],
                _number(mode, 8),
                _number(size),
                link,
                letter,
                tuple(stated),
            )
        else:
            yield Unread(path=_path(name), why="is of a kind that the host does not tell")


def _asked(session: Session, tools: Userland, names: Sequence[bytes]) -> Iterator[Found | Unread]:
    """Ask `stat` and `readlink` about names."""
    plain = [name for name in names if not answers.is_odd(name)]
    odd = [name for name in names if answers.is_odd(name)]
    told = dict(answers.lines(session, plain, tools.stat))
    asked = f"""f=$({tools.stat} "$f") || f=; printf '%s\\0' "$f\""""
    told.update((name, answer) for name, answer in answers.each(session, odd, asked) if answer)
    modes = {name: _number(answer.partition(b" ")[0], 16) for name, answer in told.items()}
    links = [name for name, mode in modes.items() if stat.S_ISLNK(mode)]
    asked = """f=$(readlink "$f" && echo x) || f=; printf '%s\\0' "$f\""""
    targets = dict(answers.each(session, links, asked))
    for name in names:
        words = told.get(name, b"").split(b" ")
        letter = _LETTERS.get(stat.S_IFMT(modes.get(name, 0)), b"?")
        target = targets.get(name)
        if len(words) < _STATED or letter == b"?" or (target is not None and not target.endswith(b"\nx")):
            yield Unread(path=_path(name), why="could not be looked at there")
            continue
        target = None if target is None else target.removesuffix(b"\nx")
        mode, size = stat.S_IMODE(modes[name]), _number(words[1])
        yield Found(name, _path(name), _KINDS[letter], mode, size, target, letter, tuple(words[2:_STATED]))


def _proven(found: Iterable[Found | Unread], session: Session) -> None:
    """Refuse names that no walk of a folder gives. Raises `RemoteError`."""
    seen: set[bytes] = set()
    for one in found:
        if isinstance(one, Unread):
            continue
        name = one.name
        if not name.startswith(b"./") or len(name) > _LONGEST or _NO_PART.search(name, 1):
            raise RemoteError("answered with a name that no folder holds")
        if name in seen:
            raise RemoteError("answered with the same name twice")
        seen.add(name)
    if len(seen) > session.limits.entries:
        raise RemoteError(f"holds more than {session.limits.entries:,} entries")


def _closed(session: Session, found: Sequence[Found | Unread], errors: str | None) -> Iterator[Unread]:
    """Yield the folders that could not be listed, where the walk says that there was something."""
    if errors is None:
        return
    folders = [one.name for one in found if isinstance(one, Found) and one.kind == "directory"]
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
    raise RemoteError("answered with something that is no number")


def _nanoseconds(text: bytes) -> int:
    if len(text) <= 40:  # noqa: PLR2004  (seconds, a point, and digits behind it)
        with contextlib.suppress(InvalidOperation, ValueError, OverflowError):
            return int(Decimal(text.decode("ascii", "replace")) * 10**9)
    raise RemoteError("answered with something that is no time")
