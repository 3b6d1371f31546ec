"""What bytes are, by their first block; names prove nothing."""

from __future__ import annotations

import re

#: As much as `kind` wants to see.
BLOCK = 512

_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
_CHECKSUM = re.compile(rb"[ \0]*([0-7]{1,7})[ \0]*")
COMPRESSIONS = ("gzip", "bzip2", "xz", "zstd")


def kind(head: bytes) -> str:
    """Return `gzip`, `bzip2`, `xz`, `zstd`, `zip`, `tar` or nothing."""
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith(b"\xfd7zXZ\0"):
        return "xz"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if _BZIP2.match(head):
        return "bzip2"
    return "tar" if is_tar_header(head[:BLOCK]) else ""


def is_tar_header(block: bytes) -> bool:
    """Tell whether the checksum of a tar header is right (POSIX sums unsigned, old tars signed)."""
    field = _CHECKSUM.fullmatch(block[148:156])
    if len(block) < BLOCK or field is None:
        return False
    stated = int(field[1], 8)
    others = block[:148] + b" " * 8 + block[156:]
    unsigned = sum(others)
    return stated == unsigned or stated == unsigned - 256 * sum(byte > 127 for byte in others)  # noqa: PLR2004
