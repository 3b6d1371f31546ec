"""Values of the registry as text: the type, and what is in it, long ones by their digest."""

from __future__ import annotations

import hashlib

_TYPES = (
    *("REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN", "REG_LINK"),
    *("REG_MULTI_SZ", "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTOR", "REG_RESOURCE_REQUIREMENTS_LIST"),
    "REG_QWORD",
)
_TEXTS = ("REG_SZ", "REG_EXPAND_SZ", "REG_LINK", "REG_MULTI_SZ")
_NUMBERS = {"REG_DWORD": (4, "little"), "REG_DWORD_BIG_ENDIAN": (4, "big"), "REG_QWORD": (8, "little")}
#: Bytes of data that are shown; of more, the digest.
_SHOWN = 2000


def told(kind: int, data: bytes) -> str:
    """Return a value as `TYPE: text`. Two values with one text are of one type, and equal byte by byte.

    But for what follows the end of a text, which `digest` tells apart.
    """
    name = _TYPES[kind] if kind < len(_TYPES) else f"type {kind:#x}"
    if len(data) > _SHOWN:
        return f"{name}: sha256:{hashlib.sha256(data).hexdigest()} ({len(data):,} bytes)"
    width, order = _NUMBERS.get(name, (0, "little"))
    if width and len(data) == width:
        return f"{name}: {int.from_bytes(data, 'big' if order == 'big' else 'little')}"
    if name in _TEXTS and not len(data) % 2:
        text = data.decode("utf-16-le", "surrogatepass").encode("utf-8", "backslashreplace").decode()
        if name == "REG_MULTI_SZ":
            return f"{name}: {' | '.join(text.removesuffix(chr(0)).removesuffix(chr(0)).split(chr(0)))}"
        return f"{name}: {visible(text.removesuffix(chr(0)))}"
    return f"{name}: {data.hex()}"


def visible(text: str) -> str:
    r"""Return a text in which NUL is `\0`: the editor of Windows shows nothing from there on."""
    return text.replace("\0", "\\0")
