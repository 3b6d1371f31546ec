r"""Ask for each of many files: which hash, which state, which target, which content.

Names go there on standard input, NUL-separated, and come back with each answer, so that none is taken for
that of another file; a tool that ends its answers with a line feed is never given a name that holds one.
Content comes without names: each is held against its hash. Hashing goes on in several sessions side by side,
each with a pipe of its own: processes of `xargs -P` share one, into which BusyBox writes whole buffers, so
that lines come in pieces.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from fimci.errors import RemoteError
from fimci.sources.ssh import client
from fimci.sources.ssh.client import Session
from fimci.sources.ssh.userland import Userland

#: What a line cannot hold, or some tools escape.
_ODD = re.compile(rb"[\n\r\\]")
_HASH = re.compile(rb"([0-9a-f]{64,128}) [ *]?(\./.*)", re.DOTALL)
#: Files that are worth a session of their own.
_FEW = 64
#: Files of odd names, each of which takes a process there.
MOST = 50_000


def is_odd(name: bytes) -> bool:
    """Tell whether a name is asked for on its own."""
    return _ODD.search(name) is not None


def hashes(session: Session, tools: Userland, sizes: Mapping[bytes, int]) -> dict[bytes, str]:
    """Return the hash of each file that could be read, by its name (`./a/b`)."""
    plain = [name for name in sizes if tools.ending or not is_odd(name)]
    odd = [name for name in sizes if not tools.ending and is_odd(name)]
    lanes = _lanes(plain, sizes, tools.lanes)
    found: dict[bytes, str] = {}
    with ThreadPoolExecutor(len(lanes) or 1) as pool:
        for told in pool.map(lambda lane: _hashed(session, tools, lane), lanes):
            found.update(told)
    body = f"""f=$({tools.hasher} <"$f") || f=; printf '%s\\0' "$f\""""
    for name, answer in each(session, odd, body):
        if match := re.match(rb"[0-9a-f]{64,128}\b", answer):
            found[name] = match[0].decode()
    return found


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


def lines(session: Session, names: Sequence[bytes], command: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield names with the line that a command prints for each, where it does; it ends with the name."""
    wanted = set(names)
    if not names:
        return
    for line in client.run(session, f"xargs -0 {command}", _given(names)).output.split(b"\n"):
        told, dot, rest = line.partition(b"./")
        name = dot + rest
        if line:
            _strike(wanted, name)
            yield name, told


def _hashed(session: Session, tools: Userland, names: Sequence[bytes]) -> dict[bytes, str]:
    """Return the hashes of one lane. What could not be read has none."""
    end, option = (b"\0", " -z") if tools.ending else (b"\n", "")
    output = client.run(session, f"xargs -0 {tools.hasher}{option}", _given(names)).output
    wanted = set(names)
    found = {}
    for told in output.split(end):
        if not told:
            continue
        match = _HASH.fullmatch(told)
        if match is None:
            raise RemoteError("answered with something that is no hash of a file")
        _strike(wanted, match[2])
        found[match[2]] = match[1].decode()
    return found


def _strike(wanted: set[bytes], name: bytes) -> None:
    """Note that a name was answered for: once, and only if it was asked for."""
    if name not in wanted:
        raise RemoteError("answered twice for a file, or for one that it was not asked for")
    wanted.discard(name)


def _lanes(names: Sequence[bytes], sizes: Mapping[bytes, int], lanes: int) -> list[list[bytes]]:
    """Deal out names so that each lane has about as many bytes, and files, as the others."""
    number = max(1, min(lanes, len(names) // _FEW))
    dealt: list[list[bytes]] = [[] for _ in range(number)]
    weights = [0] * number
    for name in sorted(names, key=sizes.__getitem__, reverse=True):
        lightest = weights.index(min(weights))
        dealt[lightest].append(name)
        weights[lightest] += sizes[name] + (1 << 14)  # opening one takes as long as so many bytes
    return [lane for lane in dealt if lane]


def _given(names: Iterable[bytes]) -> bytes:
    return b"".join(name + b"\0" for name in names)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
