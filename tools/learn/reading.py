"""One archive taken with all readers: what its code can do, what stayed unread, and what that cost."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

from fimci import reach, readers, sides
from fimci.look import look
from fimci.model import Capability, CapabilityName, File, Phase, Place, Record, Unread
from fimci.snapshot import Reader, collected
from fimci.sources.locator import parse

#: A file that costs a reader more than this is told by name.
_SLOW = 0.5
_TEXT = 160
#: What a reader took for an archive in seconds, below which it is not worth a word.
_TOLD = 0.01


class Told(msgspec.Struct, frozen=True, array_like=True):
    """A capability at its first place."""

    name: CapabilityName
    subject: str
    phase: Phase
    path: str
    line: int
    text: str
    detail: str


class Slow(msgspec.Struct, frozen=True, array_like=True):
    """What one reader took for one file."""

    seconds: float
    reader: str
    path: str
    bytes: int


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one archive.

    `file` lies below the folder; `told` is sorted by path. `bytes` and `files` count what was unpacked,
    `shown` what the readers were shown that no earlier release of the package had; `seconds` is
    processor time.
    """

    file: str
    digest: str
    told: list[Told]
    unread: list[tuple[str, str]]
    failed: str = ""
    files: int
    bytes: int
    shown: int
    seconds: float
    slow: list[Slow]
    by_reader: dict[str, float]


class Memory:
    """What readers said of the files of a package: most are the same in its next release."""

    def __init__(self) -> None:
        self.said: dict[tuple[str, str, bytes], list[Record]] = {}
        self.slow: list[Slow] = []
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.shown = 0

    def read(self, reader: Reader, path: str, data: bytes) -> Iterator[Record]:
        """Return what the reader says, and keep it."""
        key = (reader.name, path, hashlib.blake2b(data, digest_size=16).digest())
        if key not in self.said:
            start = time.process_time()
            self.said[key] = list(reader.read(path, data))
            taken = time.process_time() - start
            self.seconds[reader.name] += taken
            self.shown += len(data)
            if taken > _SLOW:
                self.slow.append(Slow(round(taken, 2), reader.name, path, len(data)))
        yield from self.said[key]


class Remembered(Reader, frozen=True, dict=True, kw_only=True):
    """A reader that asks the memory first."""

    memory: Memory
    real: Reader

    def read(self, path: str, data: bytes) -> Iterator[Record]:
        """Yield what the module has to say, or had."""
        return self.memory.read(self.real, path, data)


def digest(file: Path) -> str:
    """Return the hash of an archive."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def read(folder: Path, file: str, memory: Memory) -> Reading:
    """Take the archive with all readers."""
    memory.slow, memory.seconds, memory.shown = [], defaultdict(float), 0
    start = time.process_time()
    failed, records = "", []
    try:
        records = _records(folder / file, memory)
    except Exception as error:  # noqa: BLE001  (what crashes is what is looked for)
        failed = f"{type(error).__name__}: {error}"
    files = [one for one in records if isinstance(one, File) and isinstance(one.size, int)]
    return Reading(
        file=file,
        digest=digest(folder / file),
        told=[_told(one) for one in records if isinstance(one, Capability)],
        unread=[(one.path, one.why) for one in records if isinstance(one, Unread)],
        failed=failed,
        files=len(files),
        bytes=sum(one.size for one in files if isinstance(one.size, int)),
        shown=memory.shown,
        seconds=round(time.process_time() - start, 3),
        slow=memory.slow,
        by_reader={name: round(taken, 3) for name, taken in memory.seconds.items() if taken > _TOLD},
    )


def _records(file: Path, memory: Memory) -> list[Record]:
    how = sides.recipe(code=True)

    def found() -> Iterator[Record]:
        for entry in sides.entries(parse(f"archive:{file}")):
            wanting = tuple(
                Remembered(**{**msgspec.structs.asdict(one), "memory": memory, "real": one})
                for one in readers.with_code(entry.path)
            )
            yield from look(entry, how, wanting)

    return list(reach.settled(collected(found()), project=False))


def capability(told: Told, package: str | None = None) -> Capability:
    """Return it as the record that it was."""
    return Capability(
        path=told.path,
        name=told.name,
        subject=told.subject,
        phase=told.phase,
        detail=told.detail,
        package=package,
        at=Place(told.path, told.line, told.text),
    )


def _told(one: Capability) -> Told:
    return Told(
        one.name, one.subject, one.phase, one.path, one.at.line, one.at.text[:_TEXT], one.detail[:_TEXT]
    )
