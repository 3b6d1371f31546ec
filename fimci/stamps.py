"""Stamps: what the system said of a file when its line of a baseline was last found to hold.

Size, times, inode, device and mode, as six numbers of 64 bits. They are kept outside the folder, in
the user's cache, for one folder, one baseline and one machine, one for each line of the baseline,
in its order: zeros where there is none. docs/shortcut.md says what they are worth, and to whom.
"""

from __future__ import annotations

import hashlib
import itertools
import operator
import os
import platform
import stat
import struct
import sys
from collections.abc import Iterable
from typing import NamedTuple

from fimci import durable, homes, opening
from fimci.errors import FimciError

FORMAT = "fimci-stamps/1"
_NUMBERS = "qqqQQQ"
_STAMP = struct.Struct("<" + _NUMBERS)
_pack = _STAMP.pack
#: Bytes of a stamp, and the one that is none.
SIZE = _STAMP.size
NONE = bytes(SIZE)
#: Bytes of a file of stamps: for ten million files. And digits of a hash.
_LIMIT, _HEX = 1 << 30, 64


class Stamps(NamedTuple):
    """Stamps of a baseline: the file they are kept in, what it is bound to, and what it holds."""

    file: str
    bound: bytes
    marks: bytes = b""
    #: Why there are none though there is a file.
    note: str = ""


_numbers = operator.attrgetter("st_size", "st_mtime_ns", "st_ctime_ns", "st_ino", "st_dev", "st_mode")


def stamp(state: os.stat_result) -> bytes:
    """Return the stamp of a file."""
    return _pack(*_numbers(state))


def packed(states: Iterable[os.stat_result]) -> bytes:
    """Return the stamps of many files, in a fifth of the time."""
    numbers = list(itertools.chain.from_iterable(map(_numbers, states)))
    return struct.pack("<" + _NUMBERS * (len(numbers) // len(_NUMBERS)), *numbers)


def touched(mark: bytes) -> int:
    """Return when a file was last touched, by its times, in nanoseconds."""
    modified: int
    changed: int
    _, modified, changed, *_ = _STAMP.unpack(mark)
    return max(modified, changed)


def load(root: str, baseline: str) -> Stamps:
    """Return the stamps of a folder under the baseline of this root digest, none where there are none.

    What somebody else may have written, or was written for something else, is not used.
    """
    where = os.path.realpath(root)
    file = os.path.join(_folder(), _hash(os.fsencode(where)).decode())
    found = Stamps(file, _hash(os.fsencode(f"{FORMAT}\0{_machine()}\0{where}\0{baseline}")))
    try:
        handle = os.open(file, opening.READ)
    except OSError:
        return found
    with os.fdopen(handle, "rb") as opened:
        if not _ours(os.fstat(handle)) or not _ours(os.stat(os.path.dirname(file))):
            return found._replace(note=f"{file} can be written by others: it is not used")
        bound, seal, marks = opened.read(_HEX), opened.read(_HEX), opened.read(_LIMIT)
    if bound != found.bound:
        return found  # of another baseline: it is replaced
    if seal != _hash(bound, marks):
        return found._replace(note=f"{file} is damaged: it is not used")
    return found._replace(marks=marks)


def save(stamps: Stamps, marks: bytes) -> str:
    """Keep new stamps; return why that was not possible, or nothing."""
    try:
        os.makedirs(os.path.dirname(stamps.file), mode=0o700, exist_ok=True)
        durable.write(stamps.file, [stamps.bound, _hash(stamps.bound, marks), marks])
    except (OSError, FimciError) as error:
        return f"the stamps of this folder could not be kept: {error}"
    return ""


def _hash(data: bytes, more: bytes = b"") -> bytes:
    """Return what tells a whole file from a damaged one. It keeps nobody out who may write the file."""
    state = hashlib.sha256(data)
    state.update(more)
    return state.hexdigest().encode()


def _ours(state: os.stat_result) -> bool:
    if sys.platform == "win32":
        return True  # the profile of a user is nobody else's
    return state.st_uid == os.geteuid() and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _machine() -> str:
    """Return what tells this machine from others as far as inode and device numbers are concerned."""
    try:
        with open("/etc/machine-id", encoding="ascii") as opened:
            return opened.read(64).strip()
    except (OSError, ValueError):
        return platform.node()


def _folder() -> str:
    return os.path.join(homes.cache(os.environ), "stamps")
