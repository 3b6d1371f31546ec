"""Take compression off, step by step: no step holds more than a chunk, whatever was declared."""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Protocol

from fimci.archives import magic
from fimci.archives.bounds import ArchiveError, Meter

CHUNK = 64 * 1024
#: More than `xz -9` (65 MiB) and the default of zstd's own limit (128 MiB) need.
_XZ_MEMORY = 256 * 1024 * 1024


class Decoder(Protocol):
    """What the decompressors of bz2, lzma and zstd have in common."""

    @property
    def eof(self) -> bool:
        """Tell whether the stream has ended."""
        ...

    @property
    def needs_input(self) -> bool:
        """Tell whether more input is needed to go on."""
        ...

    @property
    def unused_data(self) -> bytes:
        """Return what came after the end of the stream."""
        ...

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most so many bytes."""
        ...


class Deflate:
    """zlib's decompressor as a `Decoder`; `bits` is 31 for gzip (with checksum), -15 for raw."""

    def __init__(self, bits: int) -> None:
        self._inner = zlib.decompressobj(bits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Tell whether the stream has ended."""
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        """Return what came after the end of the stream."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most so many bytes; what is full may hold more, with or without input left."""
        unpacked = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(unpacked) < max_length
        return unpacked


def _zstd() -> Decoder:
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415  (rarely met)
    else:
        from backports import zstd  # noqa: PLC0415  (rarely met)
    decoder: Decoder = zstd.ZstdDecompressor()
    return decoder


DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": lambda: Deflate(31),
    "deflate": lambda: Deflate(-15),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY),
    "zstd": _zstd,
}


class Feed:
    """A cursor on chunks of bytes. `position` counts what was taken.

    An error of the chunks is raised by whoever asks for bytes beyond it, every time.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.position = 0
        self._chunks = chunks
        self._buffer = b""
        self._at = 0
        self._error: OSError | None = None

    def peek(self, number: int) -> bytes:
        """Return the next bytes without taking them; fewer where there are no more, or an error."""
        self._fill(number)
        return self._buffer[self._at : self._at + number]

    def take(self, number: int) -> bytes:
        """Return the next bytes; fewer only at the end. Raises `OSError`."""
        self._fill(number)
        if self._error is not None and len(self._buffer) - self._at < number:
            raise self._error
        data = self._buffer[self._at : self._at + number]
        self._at += len(data)
        self.position += len(data)
        return data

    def rest(self) -> Iterator[bytes]:
        """Yield all that is left, in full chunks. Raises `OSError`."""
        while data := self.take(CHUNK):
            yield data

    def _fill(self, number: int) -> None:
        while len(self._buffer) - self._at < number and self._error is None:
            try:
                chunk = next(self._chunks, b"")
            except OSError as error:
                self._error = error
                return
            except ValueError:  # the file was closed: the walk is over
                self._error = ArchiveError("end", "was passed already: the archive is closed")
                return
            if not chunk:
                return
            self._buffer = self._buffer[self._at :] + chunk
            self._at = 0


def raw(file: IO[bytes], meter: Meter) -> Iterator[bytes]:
    """Yield a file from its start."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        meter.check()
        yield chunk


def unwrap(file: IO[bytes], meter: Meter) -> tuple[Feed, int]:
    """Take all compression off a file. Return what is below, and how many layers there were.

    Raises `ArchiveError` where they are more than the limit.
    """
    feed = Feed(raw(file, meter))
    layers = 0
    while (name := magic.kind(feed.peek(magic.BLOCK))) in magic.COMPRESSIONS:
        if layers == meter.limits.layers:
            raise ArchiveError("nesting", f"is compressed more than {layers} times: it was not looked into")
        feed = Feed(unpacked(feed, name, meter))
        layers += 1
    return feed, layers


def unpacked(packed: Feed, name: str, meter: Meter) -> Iterator[bytes]:
    """Yield what is below one compression, of all streams that follow each other.

    At the end (so that nothing is lost that stands before it) raises `ArchiveError` for what
    readers disagree about: a further gzip stream (some stop after the first) and other bytes.
    """
    streams = 0
    while magic.kind(packed.peek(magic.BLOCK)) == name:
        for chunk in stream(DECODERS[name](), packed):
            yield chunk  # first, so that a cap loses nothing that came before it
            meter.spend(len(chunk))
        streams += 1
    if any(chunk.strip(b"\0") for chunk in packed.rest()):
        raise ArchiveError("trailing", f"has other data after its {name} stream")
    if streams > 1 and name == "gzip":
        raise ArchiveError("streams", "has several gzip streams: some readers stop after the first")


def stream(decoder: Decoder, packed: Feed) -> Iterator[bytes]:
    """Yield the content of one compressed stream and leave what follows it in `packed`.

    What the decoder was fed is taken from `packed` only when it was used up: a decoder that still
    holds input may find the end of the stream in it.
    """
    fed = 0
    while not decoder.eof:
        data = b""
        if decoder.needs_input:
            packed.take(fed)
            data = packed.peek(CHUNK)
            fed = len(data)
            if not data:
                packed.take(1)  # raises what kept the bytes away, if it was not the end
                raise ArchiveError("end", "ends early: its compressed data was cut")
        try:
            chunk = decoder.decompress(data, CHUNK)
        except Exception as error:  # noqa: BLE001  (each library has its own class for: damaged)
            raise ArchiveError("end", f"is damaged: {str(error).lower()}") from None
        if chunk:
            yield chunk
    packed.take(fed - len(decoder.unused_data))
