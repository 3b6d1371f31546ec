"""bun's lockfile in binary, `bun.lockb`, which bun wrote until 1.2: recognised, and never read.

Its layout is that of bun's memory and changes with it. Nobody can review a change of it, a person as
little as this program; that is said whenever its bytes are others than before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from fimci.model import Record, Unread
from fimci.readers.manifests import settings

_MAGIC = b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n"
_REMEDY = "write it as text with `bun install --save-text-lockfile`, and delete it"


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Want every `bun.lockb` but those that a package brought along."""
    return path.rpartition("/")[2] == "bun.lockb" and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Say that this is unread. The reason names the content, so that it is another one with each change."""
    what = "a binary lockfile" if data.startswith(_MAGIC) else "not even a lockfile of bun"
    digest = hashlib.sha256(data).hexdigest()[:12]
    yield Unread(path=path, why=f"{what} (sha256 {digest}…), which nobody can review; {_REMEDY}")
