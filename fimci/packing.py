"""Zstandard for files of our own: packed as a stream, unpacked as a stream, under caps.

The parameters are fixed and the input is fed in pieces of one size, so that one version of the
library gives the same bytes for the same input. Another version may not: what is canonical is
the text inside.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator
from typing import Any

MAGIC = b"\x28\xb5\x2f\xfd"
SUFFIX = ".zst"
#: What the name of a file ends with that is packed or not, as its length asks for.
EITHER = ".baseline"

#: Level 1 takes 0.03 s for 100,000 files, 3 takes 0.08 s for half a percent less, 9 takes 0.4 s for 3%.
_LEVEL = 1
#: Fed and given out at once.
_PIECE = 256 * 1024
#: Memory that a stream may ask for (2 to the power), more than `_LEVEL` needs.
_WINDOW = 23
#: Unpacked bytes, at most; and how often the packed ones, once there are more than a few. Paths of
#: 10,000 levels are much alike: their 100 MB of text pack to a two-thousandth.
_BYTES, _RATIO, _FEW = 8 << 30, 200, 1 << 30


class PackingError(ValueError):
    """Packed data that is damaged, cut, or larger than it may be. The message says what it does."""


def packed_above(limit: int, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Give a stream as it is, or packed, if it is longer than so many bytes.

    Which of them is a function of the stream alone, so that the same text gives the same file.
    """
    remaining = iter(chunks)
    held: list[bytes] = []
    length = 0
    for chunk in remaining:
        held.append(chunk)
        length += len(chunk)
        if length > limit:
            return pack(itertools.chain(held, remaining))
    return iter(held)


def pack(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Compress a stream into one frame with a checksum."""
    zstd = _zstd()
    packer = zstd.ZstdCompressor(
        options={
            zstd.CompressionParameter.compression_level: _LEVEL,
            zstd.CompressionParameter.checksum_flag: 1,
        }
    )
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= _PIECE:
            yield packer.compress(bytes(held[:_PIECE]))
            del held[:_PIECE]
    yield packer.compress(bytes(held))
    yield packer.flush()


def unpack(data: bytes) -> Iterator[bytes]:
    """Decompress one frame, chunk by chunk. Raises `PackingError`."""
    zstd = _zstd()
    unpacker = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW})
    given, at = 0, 0
    while not unpacker.eof:
        piece = b""
        if unpacker.needs_input:
            piece = data[at : at + _PIECE]
            at += len(piece)
            if not piece:
                raise PackingError("is truncated: its compressed data ends early")
        try:
            chunk = unpacker.decompress(piece, _PIECE)
        except zstd.ZstdError as error:
            raise PackingError("is damaged: its compressed data cannot be read") from error
        given += len(chunk)
        if given > _BYTES or (given > _FEW and given > _RATIO * len(data)):
            raise PackingError("unpacks to more than any baseline does")
        yield chunk
    if at - len(unpacker.unused_data) != len(data):
        raise PackingError("has other data after its compressed data")


def _zstd() -> Any:
    """Import the module from where it is; it is typed in neither place for both."""
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415  (only where something is packed)
    else:
        from backports import zstd  # noqa: PLC0415  (the same)
    return zstd
