"""Files that are run or loaded under names that tell no language: `node ./data.bin`, `sh payload`.

Readers choose by names and first bytes, so that nobody has read such a file. Where something that runs leads
to one (`fimci.reach`), it is read again, its digest held against the first reading, in the language that it
looks like; of what looks like none it is said that nobody judged it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fimci import readers
from fimci.capabilities import decoding
from fimci.look import ALGORITHMS
from fimci.model import Capability, Digest, Place, Record, Unread
from fimci.snapshot import Entry, Reader, reason

#: Bytes of one such file; what a release has at most that is run so is far smaller.
LIMIT = 8 << 20
_LANGUAGES: Mapping[str, Reader] = {
    reader.name: reader for reader in readers.ALL if reader.name in {"javascript", "python", "shell"}
}


def records(asked: Mapping[str, Digest], entries: Iterable[Entry | Unread]) -> Iterator[Record]:
    """Yield what can be told of the files that are asked for, of all entries of a source."""
    for entry in entries:
        if isinstance(entry, Unread) or entry.path not in asked or entry.read is None:
            continue
        try:
            data = _content(entry)
        except OSError as error:
            yield Unread(path=entry.path, why=reason(error))
            continue
        digest = asked[entry.path]
        if ALGORITHMS[digest.algorithm](data).hexdigest() != digest.hex:
            yield Unread(path=entry.path, why="changed while it was read")
        else:
            yield from _told(entry.path, data)


def unread(path: str) -> Capability:
    """Say that a file is run, and that nobody knows in which language."""
    why = "is run, and neither its name nor its text tells in which language"
    return Capability(path=path, name="unanalyzed", subject="run as it is", at=Place(path, 1, why))


def _content(entry: Entry) -> bytes:
    content = bytearray()
    for chunk in entry.read() if entry.read is not None else ():
        content += chunk
        if len(content) > LIMIT:
            raise OSError(0, f"is run, and larger than {LIMIT:,} bytes")
    return bytes(content)


def _told(path: str, data: bytes) -> Iterator[Record]:
    if data.startswith(b"#!") or not data:
        return  # the interpreter that its first line names has read it
    kind = decoding.kind(data)
    if kind in _LANGUAGES:
        yield from _LANGUAGES[kind].read(path, data)
    elif kind != "binary":  # programs are told by their bytes
        yield unread(path)
