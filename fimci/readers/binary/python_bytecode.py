"""What is inside a `.pyc`: which modules it uses, and the hosts and paths among its constants.

    modules that make something possible   Capability   `process`, `network`, ..., subject the module
    constants that are hosts or paths      Capability   `network`, `credentials`, ...
    code in a constant                     Capability   `encoded-payload`

Nothing of it is loaded: `fimci.readers.binary.marshalled` reads the bytes. Which function calls what is
not told, as that would need a disassembler for each version. What is older than Python 3.4 is `unanalyzed`.
Bytecode in `__pycache__` never runs without its source, which is read instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from fimci.capabilities import sensitive
from fimci.excerpts import excerpt
from fimci.model import Capability, CapabilityName, Place
from fimci.readers.binary.marshalled import Broken, Contents, contents

_HEADER, _OLD_HEADER = 16, 12
#: The magic numbers of 3.4, of the first with the long header (3.7), and beyond the last that is known.
_FIRST, _LONG, _LAST = 3300, 3390, 3700
#: How a code object begins, with and without the mark of a reference.
_CODE = (b"\xe3", b"\x63")
_SMALL = 64
#: Modules, by what their use makes possible. Their names are rare enough as names of anything else.
_MODULES: dict[str, CapabilityName] = {
    **dict.fromkeys(("subprocess", "pty", "posix_spawn", "Popen", "execv", "execve", "execvp"), "process"),
    **dict.fromkeys(("popen", "getoutput", "check_output"), "shell"),
    **dict.fromkeys(
        (
            *(
                "socket",
                "urllib.request",
                "urlopen",
                "requests",
                "http.client",
                "urllib3",
                "httpx",
                "aiohttp",
            ),
            *("ftplib", "smtplib", "telnetlib", "websocket", "websockets", "paramiko", "dns.resolver"),
        ),
        "network",
    ),
    **dict.fromkeys(("marshal", "exec", "eval", "__import__"), "dynamic-code"),
    **dict.fromkeys(("ctypes", "cffi", "mmap"), "native-code"),
    **dict.fromkeys(("winreg", "_winreg", "crontab"), "persistence"),
    **dict.fromkeys(("keyring", "win32crypt", "browser_cookie3", "secretstorage"), "credentials"),
    **dict.fromkeys(("pynput", "keyboard"), "keyboard"),
    **dict.fromkeys(("pyperclip",), "clipboard"),
    **dict.fromkeys(("ImageGrab", "mss", "pyscreenshot"), "screen"),
    **dict.fromkeys(("rmtree",), "filesystem-delete"),
}


class _Told(NamedTuple):
    name: CapabilityName
    subject: str
    detail: str
    text: str


def wants(path: str, head: bytes) -> bool:
    """Want compiled Python, by its name and its header."""
    named = path.lower().endswith((".pyc", ".pyo")) and "/__pycache__/" not in f"/{path}"
    return named and len(head) > _HEADER and head[2:4] == b"\r\n"


def read(path: str, data: bytes) -> Iterator[Capability]:
    """Yield one capability a thing; damage is `unanalyzed`."""
    magic = int.from_bytes(data[:2], "little")
    try:
        if not _FIRST <= magic < _LAST:
            raise Broken("of a version of Python that is not known")  # noqa: TRY301  (told as any other damage)
        found = contents(data, _HEADER if magic >= _LONG else _OLD_HEADER, magic)
    except Broken as error:
        why = f"bytecode: {error}"
        detail = hashlib.sha256(data).hexdigest()
        yield Capability(path=path, name="unanalyzed", subject=why, detail=detail, at=Place(path, 1, why))
        return
    seen = set()
    for name, subject, detail, text in _told(found, magic):
        if (name, subject) not in seen:
            seen.add((name, subject))
            at = Place(path, 1, excerpt(text))
            yield Capability(path=path, name=name, subject=subject, phase="import", detail=detail, at=at)


def _told(found: Contents, magic: int) -> Iterator[_Told]:
    for name in sorted(found.names):
        kind = _MODULES.get(name) or _MODULES.get(name.partition(".")[0] if name != "urllib.parse" else "")
        if kind is not None:
            yield _Told(kind, name, "named in bytecode", name)
    for text in found.texts:
        host = sensitive.host(text) if " " not in text else None
        if host is not None:
            yield _Told("network", host.name, "constant in bytecode", text)
        spot = sensitive.spot(text)
        if spot is not None:
            yield _Told(spot.name, spot.label, "constant in bytecode", text)
    for blob in found.blobs:
        if len(blob) > _SMALL and blob.startswith(_CODE) and _is_code(blob, magic):
            yield _Told("encoded-payload", "marshalled code", f"{len(blob):,} bytes", "code in a constant")


def _is_code(blob: bytes, magic: int) -> bool:
    try:
        contents(blob, 0, magic)
    except Broken:
        return False
    return True
