"""Which release a wheel is of: by the name of its file, or by the names of its members.

Neither proves anything. It is where to look.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from fimci.names import canonical

#: Canonical name and version.
Release: TypeAlias = "tuple[str, str]"
#: https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention
_NAME = re.compile(r"([^-]+)-([^-]+)(?:-[0-9][^-]*)?-[^-]+-[^-]+-[^-]+\.whl", re.DOTALL)
_INFO = re.compile(rb"([\w.]{1,200})-([\w.+!]{1,100})\.dist-info/(?:METADATA|WHEEL|RECORD)", re.ASCII)
_END = b"PK\x05\x06"
#: Bytes from the end of a wheel: its metadata is last in its list of members, as the format advises.
_TAIL = 128 << 10
#: Of a list of members that is longer.
_MOST = 16 << 20
_START, _STOP, _FIXED = 16, 20, 22


def parse(name: str) -> Release | None:
    """Read the name of a file; `None` where it is no wheel's."""
    found = _NAME.fullmatch(name)
    return release(found[1], found[2]) if found is not None else None


def release(name: str, version: str) -> Release:
    """Return the key of a release, the same however name and version are spelt."""
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415  (only where trees are judged)

    try:
        return canonical(name), str(Version(version))
    except InvalidVersion:
        return canonical(name), version


def looked_into(path: str) -> Release | None:
    """Read the end of a file without a name of its own; `None` where it is no wheel."""
    try:
        with open(path, "rb", buffering=0) as file:
            size = file.seek(0, 2)
            file.seek(0)
            if file.read(4) != b"PK\x03\x04":
                return None
            file.seek(max(0, size - _TAIL))
            tail = file.read(_TAIL)
            found = _last(tail)
            end = tail.rfind(_END)
            if found is None and 0 <= end <= len(tail) - _FIXED:
                file.seek(int.from_bytes(tail[end + _START : end + _STOP], "little"))
                found = _last(file.read(_MOST))
    except (OSError, ValueError):
        return None
    return release(found[0], found[1]) if found is not None else None


def _last(data: bytes) -> tuple[str, str] | None:
    last = None
    for last in _INFO.finditer(data):  # noqa: B007  (the last one is wanted)
        pass
    return (last[1].decode("ascii", "replace"), last[2].decode("ascii", "replace")) if last else None
