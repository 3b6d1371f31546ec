"""What native code can do, as far as its tables say: ELF, PE, Mach-O and WebAssembly.

    imported functions                       Capability   by what they make possible, subject the function
    hosts and sensitive paths                Capability   `network`, `credentials`, ...
    command lines among the constants        Capability   chains alone: `download-and-run`, `persistence`, ...
    memory both writable and executable,     Capability   `native-code`
    folders of libraries, resolvers at load
    packed code                              Capability   `obfuscation`
    appended data                            Capability   `native-code`

Nothing is disassembled: what a program asks of the system directly stays unseen. See
docs/decisions/native-binaries.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from fimci.capabilities.native_names import bare, capability
from fimci.excerpts import excerpt
from fimci.model import Capability, CapabilityName, Phase, Place
from fimci.printable import plural
from fimci.readers.binary import constants, elf, macho, pe, stated, wasm
from fimci.readers.binary.anatomy import Code, Damaged, End, Fact, Import, Library, Texts, Trait

#: Facts of one kind beyond this are counted and not told.
_TOLD = 1000
_FORMATS: tuple[tuple[bytes, Callable[[bytes], Iterator[Fact]]], ...] = (
    (b"\x7fELF", elf.facts),
    (b"MZ", pe.facts),
    (b"\xfe\xed\xfa\xce", macho.facts),
    (b"\xfe\xed\xfa\xcf", macho.facts),
    (b"\xce\xfa\xed\xfe", macho.facts),
    (b"\xcf\xfa\xed\xfe", macho.facts),
    (b"\xca\xfe\xba\xbe", macho.facts),
    (b"\xca\xfe\xba\xbf", macho.facts),
    (b"\0asm", wasm.facts),
)
#: Version of the first Java class files, which begin as Mach-O files for several processors do.
_FIRST_JAVA = 45
_PACKED = {
    b"UPX!": "UPX", b"UPX0": "UPX", b".aspack": "ASPack", b".MPRESS1": "MPRESS", b".petite": "Petite",
    b".themida": "Themida", b".vmp0": "VMProtect", b".vmp1": "VMProtect", b".enigma1": "Enigma",
}  # fmt: skip
#: Bytes at the begin of a file in which the names of sections and the marks of packers stand.
_HEAD = 4096
#: Bits in a byte of code: compilers give 5.5 to 6.8, what is packed or encrypted 7.5 and more.
_ENTROPY = 7.3
#: Bytes of a sample, how many there are, and of the smallest region that is measured.
_SAMPLE, _SAMPLES, _SMALLEST = 1024, 16, 8192
#: Sections of code that are measured.
_REGIONS = 100
#: What is appended, by how it begins; of a ZIP archive, by its end as well.
_APPENDED = (
    (b"PK\x03\x04", "zip archive"),
    (b"PYZ\0", "Python archive"),
    (b"#!", "script"),
    (b"\x7fELF", "elf"),
    (b"MZ", "pe"),
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7z archive"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"hsqs", "SquashFS"),
    (b"Rar!", "rar archive"),
    (b"MSCF", "cabinet"),
)
_PYINSTALLER = b"MEI\x0c\x0b\x0a\x0b\x0e"
_ZIP_END = b"PK\x05\x06"


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (programs are known by their bytes)
    """Want native programs; a Java class begins like some of them."""
    if head.startswith(b"MZ") and b"\0" not in head[:64]:
        return False
    fat = head.startswith((b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"))
    return not fat or 0 < int.from_bytes(head[4:8], "big") < _FIRST_JAVA


def read(path: str, data: bytes) -> Iterator[Capability]:
    """Yield what the tables say. Where they are damaged, what they say up to there, and `unanalyzed`."""
    found: list[Fact] = []
    analyse = next((facts for magic, facts in _FORMATS if data.startswith(magic)), None)
    if analyse is None:
        return
    try:
        found.extend(analyse(data))
    except Damaged as error:
        why = f"{error.part}: {error.why}"
        digest = hashlib.sha256(data).hexdigest()
        at = Place(path, 1, f"a damaged program: {why}")
        yield Capability(path=path, name="unanalyzed", subject=why, detail=digest, at=at)
    yield from _records(path, data, found)


def read_part(path: str, head: bytes, tail: bytes, size: int) -> Iterator[Capability]:
    """Yield what the beginning and the end of a large program say, and that it was looked at in part.

    Headers and tables of imports stand at the beginning; a table that does not is no damage here.
    """
    found: list[Fact] = []
    analyse = next((facts for magic, facts in _FORMATS if head.startswith(magic)), None)
    if analyse is None:
        return
    with contextlib.suppress(Damaged):
        found.extend(analyse(head))
    yield from _records(path, head, found)
    appended = _marked(tail, 0)
    if appended:
        yield _large(path, f"appended {appended}", f"{appended} behind the end of the program")
    yield _large(path, "looked at in part", f"the first {len(head) >> 20} MiB of {size:,} bytes")


def _large(path: str, subject: str, detail: str) -> Capability:
    at = Place(path, 1, detail)
    return Capability(path=path, name="native-code", subject=subject, phase="call", detail=detail, at=at)


def _records(path: str, data: bytes, found: list[Fact]) -> Iterator[Capability]:
    phase: Phase = "import" if any(isinstance(fact, Library) for fact in found) else "call"
    told: dict[tuple[CapabilityName, str], Capability] = {}
    for name, subject, detail, text in _told(data, found):
        key = (name, subject)
        if key not in told:
            at = Place(path, 1, excerpt(text))
            told[key] = Capability(path=path, name=name, subject=subject, phase=phase, detail=detail, at=at)
    numbers: Counter[CapabilityName] = Counter()
    for (name, _), record in sorted(told.items()):
        numbers[name] += 1
        if numbers[name] <= _TOLD:
            yield record
    for kind, number in numbers.items():
        if number > _TOLD:
            why = f"{plural(number - _TOLD, 'more capability', 'more capabilities')} ({kind})"
            yield Capability(path=path, name="unanalyzed", subject=why, at=Place(path, 1, why))


def _told(data: bytes, found: list[Fact]) -> Iterator[tuple[CapabilityName, str, str, str]]:
    """Yield name, subject, detail and evidence of every capability."""
    for name in dict.fromkeys(fact.name for fact in found if isinstance(fact, Import)):
        kind = capability(name)
        if kind is not None:
            yield kind, bare(name), "imported", name
    for trait in found:
        if isinstance(trait, Trait):
            yield trait.name, trait.subject, trait.detail, trait.subject
    for mark in _packed(data, [fact for fact in found if isinstance(fact, Code)][:_REGIONS]):
        yield "obfuscation", *mark, mark[0]
    appended = _appended(data, max((fact.at for fact in found if isinstance(fact, End)), default=0))
    if appended:
        yield "native-code", f"appended {appended}", "", f"{appended} behind the end of the program"
    texts = _once(fact for fact in found if isinstance(fact, Texts))
    for told in constants.told(data, texts, wide=data.startswith(b"MZ")):
        yield told.name, told.subject, "constant", told.text
    for told in stated.commands(data):
        yield told.name, told.subject, "command among the constants", told.text


def _once(regions: Iterable[Texts]) -> list[Texts]:
    """Return regions in the order of the file, none of them over another."""
    found: list[Texts] = []
    last = 0
    for region in sorted(regions):
        if region.end > max(region.begin, last):
            found.append(Texts(max(region.begin, last), region.end))
            last = region.end
    return found


def _packed(data: bytes, code: list[Code]) -> Iterator[tuple[str, str]]:
    """Yield kind and measure of code that was compressed or encrypted."""
    for mark, packer in _PACKED.items():
        if data.find(mark, 0, _HEAD) >= 0:
            yield f"packed with {packer}", ""
            return
    for name, begin, end in code:
        measure = _entropy(data, begin, end)
        if measure > _ENTROPY:
            yield f"packed code in {name}", f"{measure:.1f} bits in a byte"


def _entropy(data: bytes, begin: int, end: int) -> float:
    """Return the bits of information in a byte, of samples over a region; 0 for a small one."""
    if end - begin < _SMALLEST:
        return 0
    step = max((end - begin) // _SAMPLES, _SAMPLE)
    counts = Counter(b"".join(data[at : at + _SAMPLE] for at in range(begin, end, step)))
    total = counts.total()
    return -sum(count / total * math.log2(count / total) for count in counts.values())


def _appended(data: bytes, end: int) -> str:
    """Tell what stands behind the end of the program; zeros and a few bytes are padding."""
    if not 0 < end < len(data):
        return ""
    rest = data[end : end + _HEAD].lstrip(b"\0")
    marked = _marked(data, end)
    if marked:
        return marked
    for magic, kind in _APPENDED:
        if rest.startswith(magic):
            return kind
    return "data" if len(data) - end > _HEAD and rest else ""


def _marked(data: bytes, end: int) -> str:
    """Tell an archive that is known by its last bytes."""
    if data.find(_PYINSTALLER, max(end, len(data) - _HEAD)) >= 0:
        return "PyInstaller archive"
    return "zip archive" if data.find(_ZIP_END, max(end, len(data) - 65_557)) >= 0 else ""
