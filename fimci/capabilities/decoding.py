"""Decoders that programs use to hide what they run, applied to constants under caps. Nothing is executed.

Each returns `None` where the decoder itself would refuse. `kind` says what the outcome is.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias
from urllib.parse import unquote_to_bytes

#: Bytes that any decoder may give; what is larger is cut off, which is enough to see what it is.
LIMIT = 4 * 1024 * 1024
#: How often what was decoded is decoded again.
DEPTH = 5

Kind: TypeAlias = Literal["python", "javascript", "shell", "binary", "text", "data"]

_BASE64 = re.compile(rb"[A-Za-z0-9+/_=\s-]*\Z")
#: Programs of an operating system. WebAssembly, archives and the like are embedded every day (undici).
_MAGIC = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_PYTHON = re.compile(
    r"(?m)^\s*(?:import\s+\w+|from\s+[\w.]+\s+import\s|def\s+\w+\(|exec\s*\(|class\s+\w+)|__import__\s*\("
)
_JAVASCRIPT = re.compile(
    r"\brequire\s*\(|\bfunction\s*[\w$]*\s*\(|=>|\b(?:const|let|var)\s+[\w$\[{]|\beval\s*\(|\bprocess\.|\bawait\b"
)
_SHELL = re.compile(
    r"(?m)^#!.*\bsh\b|^\s*(?:curl|wget|bash|sh|powershell|cmd|nc|chmod|sudo|export|echo)\s"
    r"|\|\s*(?:ba|z|da)?sh\b|\bcurl\s+-"
)


def from_base64(data: bytes) -> bytes | None:
    """Decode either alphabet, with or without padding and line breaks."""
    if not _BASE64.match(data[:LIMIT]):
        return None
    packed = b"".join(data[:LIMIT].split()).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    if len(packed) % 4 == 1:
        return None
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except binascii.Error:
        return None


def from_hex(data: bytes) -> bytes | None:
    """Decode pairs of digits, blanks between them allowed."""
    try:
        return bytes.fromhex(data[: 2 * LIMIT].decode("ascii"))
    except ValueError:
        return None


def from_base32(data: bytes) -> bytes | None:
    """Decode base32."""
    try:
        return base64.b32decode(data[:LIMIT])
    except (binascii.Error, ValueError):
        return None


def from_base85(data: bytes) -> bytes | None:
    """Decode base85 in the alphabet of git and Mercurial."""
    try:
        return base64.b85decode(data[:LIMIT])
    except ValueError:
        return None


def from_ascii85(data: bytes) -> bytes | None:
    """Decode Adobe's base85."""
    try:
        return base64.a85decode(data[:LIMIT])
    except ValueError:
        return None


def from_percent(data: bytes) -> bytes | None:
    """Decode %-escapes of URLs."""
    return unquote_to_bytes(data[:LIMIT])


def from_zlib(data: bytes) -> bytes | None:
    """Inflate, with or without the header of zlib or gzip."""
    for bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        try:
            return zlib.decompressobj(bits).decompress(data, LIMIT)
        except zlib.error:
            continue
    return None


def from_bz2(data: bytes) -> bytes | None:
    """Unpack bzip2."""
    try:
        return bz2.BZ2Decompressor().decompress(data, LIMIT)
    except (OSError, ValueError):
        return None


def from_lzma(data: bytes) -> bytes | None:
    """Unpack xz or the older lzma."""
    try:
        return lzma.LZMADecompressor(memlimit=64 * 1024 * 1024).decompress(data, LIMIT)
    except (lzma.LZMAError, EOFError):
        return None


def rot13(data: bytes) -> bytes | None:
    """Turn the letters by thirteen."""
    return data.translate(_ROT13)


def reversed_(data: bytes) -> bytes | None:
    """Turn it round."""
    return data[::-1]


_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_ROT13 = bytes.maketrans(
    _LETTERS + _LETTERS.upper(),
    _LETTERS[13:] + _LETTERS[:13] + _LETTERS[13:].upper() + _LETTERS[:13].upper(),
)


def from_uu(data: bytes) -> bytes | None:
    """Decode lines of uuencode, with or without what stands around them."""
    lines = (line for line in data.splitlines() if line and not line.startswith((b"begin ", b"end")))
    try:
        return b"".join(map(binascii.a2b_uu, lines))
    except binascii.Error:
        return None


def from_quoted(data: bytes) -> bytes | None:
    """Decode quoted-printable (RFC 2045, section 6.7)."""
    return binascii.a2b_qp(data)


#: The decoders by the names that evidence shows.
DECODERS: Mapping[str, Callable[[bytes], bytes | None]] = {
    "base64": from_base64,
    "hex": from_hex,
    "base32": from_base32,
    "base85": from_base85,
    "ascii85": from_ascii85,
    "url": from_percent,
    "zlib": from_zlib,
    "gzip": from_zlib,
    "bz2": from_bz2,
    "lzma": from_lzma,
    "rot13": rot13,
    "reverse": reversed_,
    "uu": from_uu,
    "quoted-printable": from_quoted,
}


def kind(data: bytes) -> Kind:
    """Tell what decoded bytes are, by their beginning and by what code looks like."""
    if data.startswith(_MAGIC):
        return "binary"
    head = data[:65536]
    if b"\0" in head:
        return "data"
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) == len(data) or error.start < len(head) - 4:
            return "data"
        text = head[: error.start].decode("utf-8")
    if not text.isprintable() and any(ord(char) < 32 and char not in "\t\n\r\f\x1b" for char in text):  # noqa: PLR2004  (controls)
        return "data"
    if _PYTHON.search(text):
        return "python"
    if _JAVASCRIPT.search(text):
        return "javascript"
    return "shell" if _SHELL.search(text) else "text"


def encoded(text: str) -> str:
    """Name the encoding of a long literal that looks like one (`base64`, `hex`), else return nothing."""
    if len(text) < _LONG:
        return ""
    if _HEX_TEXT.match(text):
        return "" if text.startswith(_CONTRACTS) else "hex"
    return "base64" if _BASE64_TEXT.match(text) and _mixed(text) and not _is_picture(text) else ""


def shown(path: str) -> bool:
    """Tell by its name whether a file is a picture, a font or a sound, or belongs to code and is none.

    Texts for people are none of these: `setup.py` reads one, under the name under which it reads its version.
    """
    return _SHOWN.search(path[-_NAME:]) is not None


_LONG = 400
#: Letters of a path that tell what is in it.
_NAME = 60
_SHOWN = re.compile(
    r"\.(?:png|jpe?g|gif|webp|ico|bmp|avif|svg|css|map|woff2?|[ot]tf|eot|mp[34]|wav|ogg|pdf|d\.[cm]?ts)$",
    re.IGNORECASE,
)
#: Pictures, fonts and sounds. What is decoded and run is told whatever it begins with.
_PICTURES = (
    *(
        b"GIF8",
        b"\x89PNG\r\n",
        b"\xff\xd8\xff",
        b"RIFF",
        b"\0\0\1\0",
        b"wOFF",
        b"wOF2",
        b"OTTO",
        b"\0\1\0\0\0",
    ),
    *(b"OggS", b"ID3\3", b"ID3\4"),
)
_HEX_TEXT = re.compile(r"(?:\\x)?[0-9a-fA-F]{2}(?:(?:\\x)?[0-9a-fA-F]{2}){150,}\Z")
#: How a module of WebAssembly begins, and contracts for Ethereum, which run on a chain and nowhere else.
_MODULE, _CONTRACTS = b"\0asm\1\0\0\0", ("60806040", "60606040")
_BASE64_TEXT = re.compile(r"[A-Za-z0-9+/_-]{300,}={0,2}\Z")


def _is_picture(text: str) -> bool:
    """Tell by its beginning whether what is encoded is shown or heard, or a module, which is told as one."""
    head = text[:16].replace("-", "+").replace("_", "/")
    return base64.b64decode(head).startswith((*_PICTURES, _MODULE))


def _mixed(text: str) -> bool:
    """Tell noise from words run together: digits and both cases throughout."""
    part = text[:2000]
    return (
        any(char.isdigit() for char in part)
        and sum(char.isupper() for char in part) * 6 > len(part)
        and sum(char.islower() for char in part) * 6 > len(part)
    )
