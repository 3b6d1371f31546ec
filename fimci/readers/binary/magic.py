"""Programs that are no text, known by their first bytes and never by their names.

Native code (ELF, PE, Mach-O, WebAssembly, object archives, LLVM bitcode, Windows shortcuts) and
bytecode (Python, Java, Android, Lua, Erlang, V8). A name that promises something else is part
of the subject (`elf named .png`). Images, fonts, archives and documents are no programs.

Sources: the ELF, PE and Mach-O specifications, PEP 3147 and PEP 552 for Python, JVMS 4.1.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from fimci.model import Capability, CapabilityName, Phase, Place

#: The kind of a file shows in its first bytes, however large it is.

#: Suffixes of what is never a program: whoever opens such a file expects none.
_OTHERS = """
    txt md rst log csv tsv json yaml yml toml xml html htm css svg ini cfg lock map po pdf doc docx
    png jpg jpeg gif webp ico bmp tiff mp3 mp4 wav ogg woff woff2 ttf otf eot zip gz bz2 xz zst tar tgz whl
    js mjs cjs ts jsx tsx py pyi rb php sh c h cpp hpp go rs java
"""
_PROMISES = frozenset(_OTHERS.split())
_MACHINES_ELF = {
    3: "x86", 8: "mips", 20: "powerpc", 21: "powerpc64", 22: "s390x", 40: "arm", 62: "x86-64", 183: "arm64",
    243: "riscv", 247: "bpf", 258: "loongarch",
}  # fmt: skip
_TYPES_ELF = {1: "object", 2: "executable", 3: "shared object", 4: "core dump"}
_MACHINES_PE = {0x14C: "x86", 0x8664: "x86-64", 0x1C0: "arm", 0x1C4: "arm", 0xAA64: "arm64"}
_MACHINES_MACHO = {7: "x86", 0x1000007: "x86-64", 12: "arm", 0x100000C: "arm64", 18: "powerpc"}
_TYPES_MACHO = {1: "object", 2: "executable", 6: "shared library", 8: "bundle", 9: "shared library stub"}
_PE_DLL = 0x2000
#: First magic number of each Python that has one of its own (`Lib/importlib/_bootstrap_external.py`).
_PYTHONS = (
    (3000, "3.0"), (3141, "3.1"), (3160, "3.2"), (3190, "3.3"), (3250, "3.4"), (3320, "3.5"),
    (3360, "3.6"), (3390, "3.7"), (3400, "3.8"), (3420, "3.9"), (3430, "3.10"), (3450, "3.11"),
    (3500, "3.12"), (3550, "3.13"), (3600, "3.14"), (3650, "3.15"),
)  # fmt: skip
_LAST_PYTHON = 3700
_PYTHON2 = range(50823, 62212)
#: Version of the first class files; no fat binary has so many architectures.
_FIRST_JAVA = 45
_SHORTCUT = b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F"


class _Program(NamedTuple):
    kind: str
    detail: str = ""
    name: CapabilityName = "native-code"
    phase: Phase = "call"


def wants(path: str, head: bytes) -> bool:
    """Want what begins like a program."""
    if head[:1] not in _FIRST and head[2:4] != b"\r\n" and not path.endswith(_WEAK):
        return False  # nearly all files, by their first byte
    return _recognised(path, head) is not None


def read(path: str, data: bytes) -> Iterator[Capability]:
    """Yield one `native-code` or `bytecode`: `subject` is the kind, `detail` the architecture."""
    program = _recognised(path, data)
    if program is None:
        return
    suffix = _suffix(path)
    subject = f"{program.kind} named .{suffix}" if suffix in _PROMISES else program.kind
    yield Capability(
        path=path,
        name=program.name,
        subject=subject,
        phase=program.phase,
        detail=program.detail,
        at=Place(path),
    )


def _suffix(path: str) -> str:
    stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return suffix.lower() if dot and stem else ""


def _recognised(path: str, data: bytes) -> _Program | None:
    """Tell what program this is."""
    for magic, describe in _MAGIC:
        if data.startswith(magic):
            return describe(data)
    return _python(path, data) or _by_suffix(path, data)


def _elf(data: bytes) -> _Program | None:
    if len(data) < 20 or data[4] not in {1, 2} or data[5] not in {1, 2}:  # noqa: PLR2004  (of the header)
        return _Program("elf", "damaged")
    kind, machine = struct.unpack_from("<HH" if data[5] == 1 else ">HH", data, 16)
    architecture = _MACHINES_ELF.get(machine, f"machine {machine}")
    return _Program("elf", f"{architecture} {_TYPES_ELF.get(kind, f'type {kind}')}")


def _pe(data: bytes) -> _Program | None:
    """Recognise DOS and Windows programs; two letters alone are no proof, as any text has them."""
    if len(data) < 64 or b"\0" not in data[:64]:  # noqa: PLR2004  (length of the DOS header)
        return None
    (at,) = struct.unpack_from("<I", data, 60)
    if data[at : at + 4] != b"PE\0\0" or at + 24 > len(data):
        return _Program("dos", "executable")
    (machine,) = struct.unpack_from("<H", data, at + 4)
    (flags,) = struct.unpack_from("<H", data, at + 22)
    architecture = _MACHINES_PE.get(machine, f"machine {machine:#x}")
    return _Program("pe", f"{architecture} {'library' if flags & _PE_DLL else 'executable'}")


def _macho(data: bytes) -> _Program | None:
    if len(data) < 16:  # noqa: PLR2004  (magic, processor, its variant, type)
        return _Program("mach-o", "damaged")
    order = ">" if data[0] == 0xFE else "<"  # noqa: PLR2004  (first byte of the magic number)
    machine, _, kind = struct.unpack_from(f"{order}III", data, 4)
    architecture = _MACHINES_MACHO.get(machine, f"machine {machine:#x}")
    return _Program("mach-o", f"{architecture} {_TYPES_MACHO.get(kind, f'type {kind}')}")


def _cafebabe(data: bytes) -> _Program | None:
    """Tell a Java class from a Mach-O for several architectures: both begin with 0xCAFEBABE."""
    if len(data) < 8:  # noqa: PLR2004  (magic and version)
        return None
    minor, major = struct.unpack_from(">HH", data, 4)
    if major >= _FIRST_JAVA:
        return _Program("java class", f"Java {major - _FIRST_JAVA + 1}", "bytecode")
    return _Program("mach-o", f"{major} architectures") if minor == 0 and major else None


def _wasm(data: bytes) -> _Program | None:
    component = data[6:8] != b"\0\0"
    return _Program("wasm", "component" if component else "module")


def _archive(data: bytes) -> _Program | None:
    """Recognise a static library; a Debian package is an `ar` archive too, and an archive only."""
    return None if data.startswith(b"!<arch>\ndebian-binary") else _Program("static library")


def _zip(data: bytes) -> _Program | None:
    """Recognise a Java archive by the entry that the specification puts first."""
    first = data[30:60]
    return _Program("jar", "Java archive", "bytecode") if first.startswith(b"META-INF/") else None


def _simple(kind: str, detail: str = "", name: CapabilityName = "native-code") -> Callable[[bytes], _Program]:
    return lambda _: _Program(kind, detail, name)


def _python(path: str, data: bytes) -> _Program | None:
    """Recognise compiled Python: by its suffix, or by a header that no other file has."""
    named = _suffix(path) in {"pyc", "pyo"}
    if len(data) < 16 or data[2:4] != b"\r\n":  # noqa: PLR2004  (magic, flags, time or hash, size)
        return _Program("pyc", "unknown version", "bytecode", "import") if named and data else None
    number, flags = int.from_bytes(data[:2], "little"), int.from_bytes(data[4:8], "little")
    version = next((version for first, version in reversed(_PYTHONS) if first <= number < _LAST_PYTHON), "")
    version = version or ("2" if number in _PYTHON2 else "")
    if not named and (not version or data[16:17] not in {b"\xe3", b"\x63"}):  # the code object that follows
        return None
    unchecked = ", never checked against its source" if version and version != "2" and flags == 1 else ""
    detail = f"Python {version}{unchecked}" if version else "unknown version"
    return _Program("pyc", detail, "bytecode", "import")


def _by_suffix(path: str, data: bytes) -> _Program | None:
    """Recognise what has too weak a magic to be known without its name."""
    suffix = _suffix(path)
    if suffix == "jsc" and data[2:4] == b"\xde\xc0":
        return _Program("v8 cache", "compiled JavaScript", "bytecode")
    if suffix in {"obj", "o"} and int.from_bytes(data[:2], "little") in _MACHINES_PE:
        return _Program("coff", "object")
    return None


_MAGIC: tuple[tuple[bytes, Callable[[bytes], _Program | None]], ...] = (
    (b"\x7fELF", _elf),
    (b"MZ", _pe),
    (b"\xfe\xed\xfa\xce", _macho),
    (b"\xfe\xed\xfa\xcf", _macho),
    (b"\xce\xfa\xed\xfe", _macho),
    (b"\xcf\xfa\xed\xfe", _macho),
    (b"\xca\xfe\xba\xbe", _cafebabe),
    (b"\xca\xfe\xba\xbf", _cafebabe),
    (b"\0asm", _wasm),
    (b"!<arch>\n", _archive),
    (b"!<thin>\n", _archive),
    (b"PK\x03\x04", _zip),
    (b"BC\xc0\xde", _simple("llvm bitcode")),
    (b"dyld_v1 ", _simple("dyld shared cache")),
    (_SHORTCUT, _simple("lnk", "Windows shortcut")),
    (b"dex\n0", _simple("dex", "Android", "bytecode")),
    (b"cdex0", _simple("dex", "Android", "bytecode")),
    (b"dey\n0", _simple("dex", "Android", "bytecode")),
    (b"vdex0", _simple("dex", "Android", "bytecode")),
    (b"\x1bLua", _simple("lua bytecode", "", "bytecode")),
    (b"\x1bLJ", _simple("lua bytecode", "LuaJIT", "bytecode")),
    (b"FOR1", lambda data: _Program("beam", "Erlang", "bytecode") if data[8:12] == b"BEAM" else None),
)
#: The first byte of each, and the suffixes of what has too weak a magic to be known by it alone.
_FIRST = frozenset(magic[:1] for magic, _ in _MAGIC)
_WEAK = (".pyc", ".pyo", ".PYC", ".PYO", ".jsc", ".o", ".obj")
