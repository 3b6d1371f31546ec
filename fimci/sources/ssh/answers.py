r"""Ask for each of many files: which hash, which state, which target, which content.

Names go there on standard input, NUL-separated, and come back with each answer, so that none is taken for
that of another file; a tool that ends its answers with a line feed is never given a name that holds one.
Content comes without names: each is held against its hash. Hashing goes on in several sessions side by side
while the list still comes, each with a pipe of its own: processes of `xargs -P` share one, into which BusyBox
writes whole buffers, so that lines come in pieces.
"""

from __future__ import annotations

import contextlib
import queue
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future

from fimci.errors import RemoteError
from fimci.sources.ssh import client
from fimci.sources.ssh.client import Session
from fimci.sources.ssh.userland import Userland

#: What a line cannot hold, or some tools escape.
_ODD = re.compile(rb"[\n\r\\]")
_HASH = re.compile(rb"([0-9a-f]{64,128}) [ *]?(\./.*)", re.DOTALL)
#: Files that are worth a session of their own, and those that are handed on together.
_FEW, _TOGETHER = 64, 256
#: Bytes from which a file is kept until all are known, so that no session is left with the largest alone.
_LARGE = 4 << 20
#: What opening a file takes, in bytes that could be hashed meanwhile.
_OPENING = 1 << 14
#: Files of odd names, each of which takes a process there.
MOST = 50_000


def is_odd(name: bytes) -> bool:
    """Tell whether a name is asked for on its own."""
    return _ODD.search(name) is not None


@contextlib.contextmanager
def hashing(session: Session, tools: Userland, pool: Executor) -> Iterator[Hashing]:
    """Give what takes names, and let its sessions end, whatever happens."""
    taking = Hashing(session, tools, pool)
    try:
        yield taking
    finally:
        taking.end()


class _Lane:
    """One session that hashes: the names that it is given, and those that it has not answered for."""

    def __init__(self, session: Session, tools: Userland, pool: Executor) -> None:
        """Begin; it waits for names."""
        self.number = self.weight = 0
        self._names: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._wanted: set[bytes] = set()
        self._held: list[bytes] = []
        self.told: Future[dict[bytes, str]] = pool.submit(
            _hashed, session, tools, iter(self._names.get, None), self._wanted
        )

    def give(self, name: bytes, size: int) -> None:
        """Let it hash one more file, soon."""
        self.number += 1
        self.weight += size + _OPENING
        self._wanted.add(name)
        self._held.append(name)
        if len(self._held) >= _TOGETHER or size >= _LARGE:
            self._pass_on()

    def end(self) -> None:
        """Let it come to its end."""
        self._pass_on()
        self._names.put(None)

    def _pass_on(self) -> None:
        if self._held:
            self._names.put(_given(self._held))
            self._held = []


class Hashing:
    """Files are hashed there, in sessions side by side, while it is still asked what there is.

    The pool must have room for all of them.
    """

    def __init__(self, session: Session, tools: Userland, pool: Executor) -> None:
        """Begin, without a session as long as nothing is given."""
        self._session, self._tools, self._pool = session, tools, pool
        self._lanes: list[_Lane] = []
        self._odd: list[bytes] = []
        self._large: list[tuple[int, bytes]] = []

    def give(self, name: bytes, size: int) -> None:
        """Let one file be hashed."""
        if not self._tools.ending and is_odd(name):
            self._odd.append(name)
        elif size >= _LARGE:
            self._large.append((size, name))
        else:
            self._lane().give(name, size)

    def hashes(self) -> dict[bytes, str]:
        """Return the hash of each file that could be read, by its name (`./a/b`), once all are given."""
        for size, name in sorted(self._large, reverse=True):
            self._lane(large=True).give(name, size)
        self.end()
        found: dict[bytes, str] = {}
        body = f"""f=$({self._tools.hasher} <"$f") || f=; printf '%s\\0' "$f\""""
        for name, answer in each(self._session, self._odd, body):
            if match := re.match(rb"[0-9a-f]{64,128}\b", answer):
                found[name] = match[0].decode()
        for lane in self._lanes:
            found.update(lane.told.result())
        return found

    def end(self) -> None:
        """Let the sessions end."""
        for lane in self._lanes:
            lane.end()

    def _lane(self, *, large: bool = False) -> _Lane:
        """Return the session that has least to do; a new one where the others have enough."""
        lightest = min(self._lanes, key=lambda lane: lane.weight, default=None)
        enough = lightest is None or large or lightest.number >= _FEW
        if lightest is None or (enough and len(self._lanes) < self._tools.lanes):
            lightest = _Lane(self._session, self._tools, self._pool)
            self._lanes.append(lightest)
        return lightest


def beginnings(session: Session, tools: Userland, sizes: Mapping[bytes, int]) -> dict[bytes, str]:
    """Return the hash of the first bytes of files, as many as are given."""
    found = {}
    for number in sorted(set(sizes.values())):
        names = [name for name, size in sizes.items() if size == number]
        body = f"""f=$(head -c {number} <"$f" | {tools.hasher}) || f=; printf '%s\\0' "$f\""""
        for name, answer in each(session, names, body):
            if match := re.match(rb"[0-9a-f]{64,128}\b", answer):
                found[name] = match[0].decode()
    return found


def contents(session: Session, sizes: Mapping[bytes, int]) -> dict[bytes, bytes]:
    """Return the content of files one after another, cut by their sizes, as they were when they were listed.

    A file that changed since moves all that follow: whoever asks holds each against its hash.
    """
    if not sizes:
        return {}
    output = client.run(session, "xargs -0 cat", _given(sizes)).output
    found, at = {}, 0
    for name, size in sizes.items():
        found[name] = output[at : at + size]
        at += size
    return found


def singly(session: Session, names: Sequence[bytes], limit: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield names with the first `limit` bytes of each, whatever happened to it; none if unreadable."""
    if not names:
        return
    mark = secrets.token_hex(16)
    body = f"xargs -0 sh -c 'for f; do printf %s {mark}; head -c {limit} <\"$f\"; done' sh"
    parts = client.run(session, body, _given(names)).output.split(mark.encode())
    if len(parts) != len(names) + 1 or parts[0]:
        raise RemoteError("answered with other files than it was asked for")
    yield from zip(names, parts[1:], strict=True)


def each(session: Session, names: Sequence[bytes], body: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield names with what a script prints for each (`$f`), which ends with NUL and holds no other."""
    if not names:
        return
    if len(names) > MOST:
        raise RemoteError(f"holds {len(names):,} links or odd names, more than {MOST:,}")
    asked = f"xargs -0 sh -c {_quoted(f'for f; do {body}; done')} sh 2>/dev/null"
    answers = client.run(session, asked, _given(names)).output.split(b"\0")
    if len(answers) != len(names) + 1 or answers[-1]:
        raise RemoteError("answered for other files than it was asked for")
    yield from zip(names, answers, strict=False)


def lines(session: Session, names: Iterable[Sequence[bytes]], command: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield names with the line that a command prints for each, where it does; it ends with the name.

    Names are given as they come.
    """
    wanted: set[bytes] = set()

    def given() -> Iterator[bytes]:
        for some in names:
            wanted.update(some)
            yield _given(some)

    for line in _parts(client.streamed(session, f"xargs -0 {command}", given()), b"\n"):
        told, dot, rest = line.partition(b"./")
        name = dot + rest
        if line:
            _strike(wanted, name)
            yield name, told


def _hashed(
    session: Session, tools: Userland, names: Iterable[bytes], wanted: set[bytes]
) -> dict[bytes, str]:
    """Return the hashes of one lane. What could not be read has none."""
    end, option = (b"\0", " -z") if tools.ending else (b"\n", "")
    found = {}
    for told in _parts(client.streamed(session, f"xargs -0 {tools.hasher}{option}", names), end):
        if not told:
            continue
        match = _HASH.fullmatch(told)
        if match is None:
            raise RemoteError("answered with something that is no hash of a file")
        _strike(wanted, match[2])
        found[match[2]] = match[1].decode()
    return found


def _parts(pieces: Iterable[bytes], end: bytes) -> Iterator[bytes]:
    """Cut what comes in pieces at each `end`; what is behind the last one is a part too."""
    held = b""
    for piece in pieces:
        *whole, held = (held + piece).split(end)
        yield from whole
    yield held


def _strike(wanted: set[bytes], name: bytes) -> None:
    """Note that a name was answered for: once, and only if it was asked for."""
    if name not in wanted:
        raise RemoteError("answered twice for a file, or for one that it was not asked for")
    wanted.discard(name)


def _given(names: Iterable[bytes]) -> bytes:
    return b"".join(name + b"\0" for name in names)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
