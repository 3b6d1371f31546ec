"""The registry of this machine, on Windows, through `winreg`. Nothing is written; the denied is unread."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from fimci.errors import SourceError
from fimci.sources.hive.regf import Broken, Value

_ROOTS = {
    "HKLM": "HKEY_LOCAL_MACHINE", "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT", "HKU": "HKEY_USERS",
}  # fmt: skip
#: Windows allows no deeper key; keys beyond which a registry is none.
DEEPEST, MOST_KEYS = 512, 5_000_000
_KEY = re.compile(rf"({'|'.join((*_ROOTS, *_ROOTS.values()))})(?:[/\\]+(.*))?", re.IGNORECASE | re.DOTALL)


def is_key(text: str) -> bool:
    """Tell whether a text names a key of the machine (`HKLM/SOFTWARE`) rather than a file."""
    return _KEY.fullmatch(text) is not None


if sys.platform == "win32":  # pragma: no cover  (as the type checker knows it, too)
    import winreg

    def walk(text: str) -> Iterator[tuple[str, list[Value | Broken]]]:
        """Yield each key below one, by its path, with its values."""
        match = _KEY.fullmatch(text)
        assert match is not None  # noqa: S101  (for the type checker: the caller has asked)
        root = match[1].upper()
        name = _ROOTS.get(root, root)
        pending = [(match[2] or "").replace("/", "\\").strip("\\")]
        met = 0
        while pending:
            path = pending.pop()
            met += 1
            # A key may be a link to another one, and that lead back.
            if met > MOST_KEYS or path.count("\\") > DEEPEST:
                yield name, [Broken("has more keys than a registry may hold, or links that lead round")]
                return
            shown = f"{name}\\{path}".rstrip("\\").replace("%", "%25").replace("/", "%2F").replace("\\", "/")
            try:
                # The view of 64-bit programs: WOW6432Node is a key in it like any other.
                access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
                with winreg.OpenKeyEx(getattr(winreg, name), path, 0, access) as key:
                    below, number, _ = winreg.QueryInfoKey(key)
                    found = [_value(*winreg.EnumValue(key, at)) for at in range(number)]
                    pending += [f"{path}\\{winreg.EnumKey(key, at)}".lstrip("\\") for at in range(below)]
            except OSError as error:
                found = [Broken((error.strerror or "cannot be read").lower())]
            yield shown, found

    def _value(name: str, data: object, kind: int) -> Value | Broken:
        return Value(name, kind, _bytes(data, kind))

    def _bytes(data: object, kind: int) -> bytes:
        """Return the bytes of which `winreg` made an object."""
        match data:
            case None:
                return b""
            case int():
                width = 8 if kind == winreg.REG_QWORD else 4
                order = "big" if kind == winreg.REG_DWORD_BIG_ENDIAN else "little"
                return data.to_bytes(width, "big" if order == "big" else "little")
            case str():
                return (data + "\0").encode("utf-16-le", "surrogatepass")
            case list():
                return "".join(f"{one}\0" for one in [*data, ""]).encode("utf-16-le", "surrogatepass")
            case bytes():
                return data
            case _:
                return repr(data).encode()

else:

    def walk(text: str) -> Iterator[tuple[str, list[Value | Broken]]]:
        """Refuse: there is no registry here."""
        raise SourceError(
            f"{text} is a Windows registry key, and this system is not Windows", "name the file of a hive"
        )
