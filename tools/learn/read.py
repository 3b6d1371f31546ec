"""Read the releases in the folder; what was read with the readers of today is not read again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import msgspec

from fimci import readers
from tools.learn import releases
from tools.learn.reading import Memory, Reading, digest, read


def path(folder: Path) -> Path:
    """Return the file of what the readers of today said: their versions are in its name."""
    versions = hashlib.sha256("\n".join(readers.CODE_VERSIONS).encode()).hexdigest()
    return folder / f"readings-{versions[:12]}.jsonl"


def load(folder: Path) -> Iterator[Reading]:
    """Yield what was read, without what a run that was cut off left behind."""
    try:
        lines = path(folder).read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return
    for line in lines:
        if line.endswith(b"\n"):
            yield msgspec.json.decode(line, type=Reading)


def read_all(folder: Path, use: str) -> None:
    """Read what was not read yet of one use, or of all (`""`), package by package."""
    done = {(one.file, one.digest) for one in load(folder)}
    with path(folder).open("ab+") as out:
        _whole(out)
        for (_, ecosystem, package), files in _packages(folder, use):
            memory = Memory()
            for file in files:
                if (file, digest(folder / file)) in done:
                    continue
                found = read(folder, file, memory)
                out.write(msgspec.json.encode(found) + b"\n")
                out.flush()
                if found.failed:
                    print(f"{file}: {found.failed}")
            print(f"{ecosystem}  {package}: {len(files)}", flush=True)


def _whole(file: BinaryIO) -> None:
    """Cut off the line that a run did not finish."""
    file.seek(0)
    file.truncate(file.read().rfind(b"\n") + 1)


def _packages(folder: Path, use: str) -> Iterable[tuple[tuple[str, str, str], list[str]]]:
    """Yield the files of each package, packages in an order that has nothing to do with their names."""

    def order(one: releases.Release) -> tuple[str, bytes]:
        name = f"{one.ecosystem} {one.package}"
        return one.use, hashlib.sha256(name.encode()).digest()

    wanted = [one for one in releases.load(folder) if one.file and use in {"", one.use}]
    ordered = sorted(wanted, key=order)
    for key, group in groupby(ordered, key=lambda one: (one.use, one.ecosystem, one.package)):
        yield key, list(dict.fromkeys(one.file for one in group))
