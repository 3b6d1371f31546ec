"""Artifacts with one defect each, written field by field; none of them does anything.

Each is a `demo` 1.0 with a right `RECORD` unless that is the defect. What is `evil` in them prints nothing.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import hashlib
import io
import struct
from collections.abc import Callable, Iterable, Mapping
from zipfile import ZIP_DEFLATED, ZipFile

from tests.archives import END_OF_TAR, Zipped, pax, tar_header, tar_member, zip_of

WHEEL, SDIST, NPM = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz", "demo-1.0.0.tgz"
INFO = "demo-1.0.dist-info"
ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, 62) + bytes(44)
PYC = b"\xa7\x0d\r\n" + bytes(12) + b"\xe3" + bytes(8)
EVIL = b"evil = True\n"
CORE = b"def run():\n    return 1\n"
METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n\nA demo.\n"
TAGS = b"Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
FILES = {
    "demo/__init__.py": b"",
    "demo/core.py": CORE,
    f"{INFO}/METADATA": METADATA,
    f"{INFO}/WHEEL": TAGS,
    f"{INFO}/top_level.txt": b"demo\n",
}


def row(name: str, data: bytes, algorithm: str = "sha256") -> str:
    value = base64.urlsafe_b64encode(hashlib.new(algorithm, data).digest()).rstrip(b"=").decode()
    return f"{name},{algorithm}={value},{len(data)}\n"


def record(files: Mapping[str, bytes]) -> bytes:
    return ("".join(row(name, data) for name, data in files.items()) + f"{INFO}/RECORD,,\n").encode()


def members(files: Mapping[str, bytes], listed: bytes | None = None) -> list[Zipped]:
    rows = record(files) if listed is None else listed
    found = [Zipped(name.encode("utf-8", "surrogateescape"), data) for name, data in files.items()]
    return [*found, *([Zipped(f"{INFO}/RECORD".encode(), rows)] if rows else [])]


def wheel(more: Mapping[str, bytes] | None = None, **change: object) -> bytes:
    """Make a wheel with more files, or with other fields in the member `demo/core.py`."""
    files = {**FILES, **(more or {})}
    made = [one._replace(**change) if one.name == b"demo/core.py" else one for one in members(files)]  # type: ignore[arg-type]
    return zip_of(*made)


def with_mode(name: str, mode: int) -> bytes:
    made = members(FILES)
    return zip_of(*(one._replace(mode=mode) if one.name == name.encode() else one for one in made))


def with_record(change: Callable[[bytes], bytes]) -> bytes:
    return zip_of(*members(FILES, change(record(FILES))))


def without_utf8(name: bytes) -> bytes:
    return zip_of(*members(FILES), Zipped(name, EVIL))


def repeated() -> bytes:
    return zip_of(*members(FILES), Zipped(b"demo/core.py", EVIL))


def evil_zip() -> bytes:
    return zip_of(Zipped(b"demo/core.py", EVIL), Zipped(b"evil.py", EVIL))


WHEELS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a name twice, the second evil": (repeated, "archive-ambiguous"),
    "another name in the local header": (lambda: wheel(local_name=b"demo/evil.py"), "archive-ambiguous"),
    "a script before the first member": (
        lambda: zip_of(*members(FILES), before=b"#!/bin/sh\nexit 0\n" + b"#" * 100),
        "archive-ambiguous",
    ),
    "data after the end": (lambda: zip_of(*members(FILES), after=b"X" * 64), "archive-ambiguous"),
    "a zip as the comment": (lambda: zip_of(*members(FILES), comment=evil_zip()), "archive-ambiguous"),
    "a zip before": (lambda: zip_of(*members(FILES), before=evil_zip()), "archive-ambiguous"),
    "a member that is not listed": (
        lambda: zip_of(*members(FILES), Zipped(b"demo/hidden.py", EVIL, listed=False)),
        "archive-ambiguous",
    ),
    "local data that differs": (lambda: wheel(data=EVIL.ljust(len(CORE)), crc=0x1234), "archive-ambiguous"),
    "a local ZIP64 field that contradicts": (
        lambda: wheel(local_extra=struct.pack("<2H2Q", 1, 16, 7, 7)),
        "archive-ambiguous",
    ),
    "a Unicode path that renames": (
        lambda: wheel(extra=struct.pack("<2HBL", 0x7075, 5 + 12, 1, 0) + b"demo/evil.py"),
        "archive-name-unsafe",
    ),
    "a file that is not in the list": (
        lambda: zip_of(*members(FILES), Zipped(b"demo/extra.py", EVIL)),
        "artifact-record-wrong",
    ),
    "a wrong hash in the list": (
        lambda: with_record(
            lambda rows: rows.replace(row("demo/core.py", CORE).encode(), row("demo/core.py", EVIL).encode())
        ),
        "artifact-record-wrong",
    ),
    "a listed file that is missing": (
        lambda: with_record(lambda rows: row("demo/gone.py", EVIL).encode() + rows),
        "artifact-record-wrong",
    ),
    "no list": (
        lambda: zip_of(*(one for one in members(FILES) if b"RECORD" not in one.name)),
        "artifact-record-wrong",
    ),
    "metadata of another name": (
        lambda: wheel({f"{INFO}/METADATA": METADATA.replace(b"demo\n", b"requests\n", 1)}),
        "artifact-metadata-mismatch",
    ),
    "metadata of another version": (
        lambda: wheel({f"{INFO}/METADATA": METADATA.replace(b"1.0", b"9.9")}),
        "artifact-metadata-mismatch",
    ),
    "a name that leads out": (lambda: wheel({"../evil.py": EVIL}), "archive-name-unsafe"),
    "an absolute name": (lambda: wheel({"/evil.py": EVIL}), "archive-name-unsafe"),
    "a name with backslashes": (lambda: wheel({"demo\\..\\..\\evil.py": EVIL}), "archive-name-unsafe"),
    "a link": (
        lambda: zip_of(*members(FILES), Zipped(b"demo/link", b"core.py", mode=0o120777)),
        "archive-member-special",
    ),
    "bytecode without source": (lambda: wheel({"demo/alone.pyc": PYC}), "artifact-binary-unexpected"),
    "bytecode in the place of a source": (
        lambda: wheel({"demo/__pycache__/core.cpython-311.pyc": PYC}),
        "artifact-binary-unexpected",
    ),
    "a line that runs at every start": (
        lambda: wheel({"demo.pth": b"import os; os.getcwd()\n"}),
        "start-up-hook",
    ),
    "a module of every start": (lambda: wheel({"sitecustomize.py": EVIL}), "critical start-up-hook"),
    "native code in a wheel for any platform": (
        lambda: wheel({"demo/fast.so": ELF}),
        "artifact-binary-unexpected",
    ),
    "native code named like a picture": (lambda: wheel({"demo/logo.png": ELF}), "artifact-binary-unexpected"),
    "the module of another package": (
        lambda: wheel({"requests/__init__.py": EVIL}),
        "artifact-module-foreign",
    ),
    "names that differ in case": (lambda: wheel({"demo/Core.py": EVIL}), "name-collision"),
    "names that differ in the form of accents": (
        lambda: wheel({"demo/caf\u00e9.py": EVIL, "demo/cafe\u0301.py": EVIL}),
        "name-collision",
    ),
    "a NUL in a name": (lambda: wheel({"demo/a.py\0.txt": EVIL}), "archive-name-unsafe"),
    "a newline in a name": (lambda: wheel({"demo/a\nb.py": EVIL}), "archive-name-unsafe"),
    "a name that is turned around": (lambda: wheel({"demo/\u202egnp.py": EVIL}), "archive-name-unsafe"),
    "a second metadata folder": (
        lambda: wheel({"other-2.0.dist-info/METADATA": METADATA}),
        "artifact-metadata-mismatch",
    ),
    "a script called pip": (
        lambda: wheel({"demo-1.0.data/scripts/pip": b"#!python\n"}),
        "artifact-command-unsafe",
    ),
    "a data file that leads out": (
        lambda: wheel({"demo-1.0.data/data/../../../../evil": EVIL}),
        "archive-name-unsafe",
    ),
    "a command that leads out": (
        lambda: wheel({f"{INFO}/entry_points.txt": b"[console_scripts]\n../../evil = demo.core:run\n"}),
        "artifact-command-unsafe",
    ),
    "commands called python3 and pip": (
        lambda: wheel(
            {f"{INFO}/entry_points.txt": b"[console_scripts]\npython3 = demo.core:run\npip = demo.core:run\n"}
        ),
        "artifact-command-unsafe",
    ),
    "a set-id bit": (lambda: with_mode("demo/core.py", 0o104755), "archive-member-special"),
    "a member that everybody may change": (
        lambda: with_mode("demo/core.py", 0o100777),
        "low archive-member-special",
    ),
    "tags of another platform": (
        lambda: wheel({f"{INFO}/WHEEL": TAGS.replace(b"py3-none-any", b"cp311-cp311-win_amd64")}),
        "artifact-metadata-mismatch",
    ),
    "a format that is not known": (
        lambda: wheel({f"{INFO}/WHEEL": TAGS.replace(b"Version: 1.0", b"Version: 9.0")}),
        "artifact-metadata-mismatch",
    ),
    "weak hashes in the list": (
        lambda: with_record(lambda _: "".join(row(n, d, "md5") for n, d in FILES.items()).encode()),
        "artifact-record-wrong",
    ),
    "no hashes in the list": (
        lambda: with_record(lambda _: "".join(f"{name},,\n" for name in FILES).encode()),
        "artifact-record-wrong",
    ),
    "a bomb": (lambda: wheel({"demo/zeros.bin": bytes(100 << 20)}), "archive-bomb"),
    "sizes that follow the data": (lambda: described(), "low archive-ambiguous"),  # noqa: PLW0108  (it comes below)
}


def described() -> bytes:
    """Make a wheel whose members have their sizes behind them, as a writer that cannot seek leaves them."""

    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise OSError

        def tell(self) -> int:
            raise OSError

    out = Unseekable()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        for one in members(FILES):
            made.writestr(one.name.decode(), one.data)
    return out.getvalue()


PKG_INFO = METADATA
SOURCES = {
    "demo-1.0/PKG-INFO": PKG_INFO,
    "demo-1.0/pyproject.toml": b'[build-system]\nrequires = ["flit_core"]\n',
    "demo-1.0/demo/__init__.py": b"",
}


def plain(files: Mapping[str, bytes] = SOURCES) -> bytes:
    return b"".join(tar_member(name.encode(), data) for name, data in files.items())


def sdist(*more: bytes, after: bytes = b"", files: Mapping[str, bytes] = SOURCES) -> bytes:
    return gzip.compress(plain(files) + b"".join(more) + END_OF_TAR + after, mtime=0)


def header(name: str, kind: bytes, target: str = "", size: int = 0) -> bytes:
    return tar_header(name.encode(), size, kind, target=target.encode())


SETUP = tar_member(b"demo-1.0/setup.py", EVIL)
SDISTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a link to an absolute path": (
        lambda: sdist(header("demo-1.0/passwd", b"2", "/etc/passwd")),
        "link-escapes",
    ),
    "a link out, and a file below it": (
        lambda: sdist(header("demo-1.0/d", b"2", "../../.."), tar_member(b"demo-1.0/d/evil.py", EVIL)),
        "archive-member-special",
    ),
    "a hard link to an absolute path": (
        lambda: sdist(header("demo-1.0/passwd", b"1", "/etc/passwd")),
        "archive-ambiguous",
    ),
    "a name that leads out": (
        lambda: sdist(tar_member(b"demo-1.0/../../evil.py", EVIL)),
        "archive-name-unsafe",
    ),
    "an absolute name": (lambda: sdist(tar_member(b"/evil.py", EVIL)), "archive-name-unsafe"),
    "a device": (lambda: sdist(header("demo-1.0/null", b"3")), "archive-member-special"),
    "a pipe": (lambda: sdist(header("demo-1.0/pipe", b"6")), "archive-member-special"),
    "a header that renames": (
        lambda: sdist(pax(path="demo-1.0/setup.py"), tar_member(b"demo-1.0/ok.py", EVIL)),
        "archive-ambiguous",
    ),
    "a header that leads a link elsewhere": (
        lambda: sdist(pax(linkpath="../../evil"), header("demo-1.0/link", b"2", "demo/__init__.py")),
        "archive-ambiguous",
    ),
    "a name twice, the second evil": (
        lambda: sdist(tar_member(b"demo-1.0/demo/__init__.py", EVIL)),
        "archive-ambiguous",
    ),
    "a second top folder": (lambda: sdist(tar_member(b"other/evil.py", EVIL)), "artifact-metadata-mismatch"),
    "a set-id bit": (
        lambda: sdist(tar_member(b"demo-1.0/tool", EVIL, mode=0o4755)),
        "archive-member-special",
    ),
    "second metadata of another name": (
        lambda: sdist(tar_member(b"demo-1.0/PKG-INFO", PKG_INFO.replace(b"demo\n", b"requests\n", 1))),
        "artifact-metadata-mismatch",
    ),
    "data after the end mark": (lambda: sdist(after=b"X" * 512), "archive-ambiguous"),
    "a tar after the end mark": (lambda: sdist(after=plain() + END_OF_TAR), "archive-ambiguous"),
    "names that differ in case": (
        lambda: sdist(tar_member(b"demo-1.0/demo/__INIT__.py", EVIL)),
        "name-collision",
    ),
    "bytecode": (lambda: sdist(tar_member(b"demo-1.0/demo/core.pyc", PYC)), "artifact-binary-unexpected"),
    "native code named like a test file": (
        lambda: sdist(tar_member(b"demo-1.0/tests/files/bad.xz", ELF)),
        "artifact-binary-unexpected",
    ),
    "a size that swallows a header": (
        lambda: sdist(pax(size="1024"), tar_header(b"demo-1.0/pad", 0), SETUP.ljust(1024, b"\0")),
        "archive-ambiguous",
    ),
    "a size before a long name": (
        lambda: sdist(
            pax(size="1024"),
            tar_member(b"././@LongLink", b"demo-1.0/long\0", b"L"),
            tar_header(b"demo-1.0/s", 0),
            SETUP,
        ),
        "archive-ambiguous",
    ),
    "a sparse member": (lambda: sdist(header("demo-1.0/sparse", b"S")), "archive-member-special"),
    "a second gzip stream": (
        lambda: gzip.compress(plain() + END_OF_TAR, mtime=0) + gzip.compress(SETUP + END_OF_TAR, mtime=0),
        "archive-ambiguous",
    ),
    "a zip appended": (lambda: sdist() + evil_zip(), "archive-ambiguous"),
    "a hard link with a size": (
        lambda: sdist(header("demo-1.0/l", b"1", "demo-1.0/PKG-INFO", size=512), SETUP),
        "archive-ambiguous",
    ),
}


def npm(files: Iterable[tuple[str, bytes]], after: bytes = b"") -> bytes:
    return gzip.compress(b"".join(tar_member(n.encode(), d) for n, d in files) + END_OF_TAR + after, mtime=0)


MANIFEST = b'{"name": "demo", "version": "1.0.0", "bin": {"demo": "cli.js"}}\n'
PACKAGE = (("package/package.json", MANIFEST), ("package/cli.js", b"module.exports = 1;\n"))
NPMS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a file outside of the top folder": (
        lambda: npm((*PACKAGE, ("other/evil.js", b""))),
        "artifact-metadata-mismatch",
    ),
    "a manifest of another name": (
        lambda: npm((("package/package.json", MANIFEST.replace(b'"demo", "v', b'"left", "v')), PACKAGE[1])),
        "artifact-metadata-mismatch",
    ),
    "a manifest of another version": (
        lambda: npm((("package/package.json", MANIFEST.replace(b"1.0.0", b"1.0.1")), PACKAGE[1])),
        "artifact-metadata-mismatch",
    ),
    "a second manifest": (
        lambda: npm((*PACKAGE, ("package/package.json", MANIFEST.replace(b'"demo", "v', b'"left", "v')))),
        "archive-ambiguous",
    ),
    "a command called npm": (
        lambda: npm((("package/package.json", MANIFEST.replace(b'{"demo":', b'{"npm":')), PACKAGE[1])),
        "artifact-command-unsafe",
    ),
    "a link": (
        lambda: gzip.compress(
            tar_member(b"package/package.json", MANIFEST)
            + tar_header(b"package/l", 0, b"2", target=b"cli.js")
            + END_OF_TAR
        ),
        "archive-member-special",
    ),
    "a name that leads out": (lambda: npm((*PACKAGE, ("package/../../evil.js", b""))), "archive-name-unsafe"),
    "data after the end mark": (lambda: npm(PACKAGE, after=b"X" * 512), "archive-ambiguous"),
}
MORE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "an sdist without metadata": (
        SDIST,
        lambda: sdist(files={n: d for n, d in SOURCES.items() if "PKG-INFO" not in n}),
        "medium artifact-metadata-mismatch",
    ),
    "an encrypted member": (WHEEL, lambda: wheel(flags=0x801), "archive-member-special"),
    "an unknown method": (WHEEL, lambda: wheel(method=99), "archive-member-special"),
    "data in a folder": (
        WHEEL,
        lambda: zip_of(*members(FILES), Zipped(b"demo/d/", EVIL)),
        "archive-ambiguous",
    ),
    "a member that is listed twice": (WHEEL, lambda: wheel(repeat=2), "archive-ambiguous"),
    "a name that no wheel has": ("demo.whl", wheel, "artifact-metadata-mismatch"),
    "no metadata folder": (
        "demo-1.0-py3-none-any.whl",
        lambda: zip_of(Zipped(b"demo.py", EVIL)),
        "artifact-metadata-mismatch",
    ),
    "two names in one file of metadata": (
        WHEEL,
        lambda: wheel({f"{INFO}/METADATA": METADATA.replace(b"Name: demo\n", b"Name: demo\nName: demo\n")}),
        "artifact-metadata-mismatch",
    ),
    "a plain zip with a hidden member": (
        "data.zip",
        lambda: zip_of(Zipped(b"a", b"1"), Zipped(b"b", b"2", listed=False)),
        "archive-ambiguous",
    ),
    "a plain tar with a link out": (
        "data.tar",
        lambda: header("l", b"2", "/etc") + END_OF_TAR,
        "link-escapes",
    ),
    "a file that is listed twice, differently": (
        WHEEL,
        lambda: with_record(lambda rows: rows + row("demo/core.py", EVIL).encode()),
        "artifact-record-wrong",
    ),
    "a zip named like a source archive": (SDIST, wheel, "archive-ambiguous"),
    "a source archive in another compression": (
        SDIST,
        lambda: bz2.compress(plain() + END_OF_TAR),
        "archive-ambiguous",
    ),
    "a tar without its compression": ("data.tgz", lambda: plain() + END_OF_TAR, "archive-ambiguous"),
    "a comment in the header of gzip": (
        SDIST,
        lambda: sdist()[:3] + b"\x10" + sdist()[4:10] + b"payload\0" + sdist()[10:],
        "low archive-ambiguous",
    ),
    "a field in the header of gzip": (
        SDIST,
        lambda: sdist()[:3] + b"\x04" + sdist()[4:10] + b"\x04\0evil" + sdist()[10:],
        "low archive-ambiguous",
    ),
    "a header behind a lone carriage return": (
        WHEEL,
        lambda: wheel({f"{INFO}/METADATA": METADATA.replace(b"Name:", b"X: y\rName: requests\nName:", 1)}),
        "artifact-metadata-mismatch",
    ),
    "data of another release": (
        WHEEL,
        lambda: wheel({"other-1.0.data/purelib/demo/evil.py": EVIL}),
        "artifact-metadata-mismatch",
    ),
    "old metadata of another project": (
        WHEEL,
        lambda: wheel({"requests.egg-info/PKG-INFO": METADATA}),
        "artifact-metadata-mismatch",
    ),
    "a byte order mark before a line that runs": (
        WHEEL,
        lambda: wheel({"demo.pth": b"\xef\xbb\xbfimport os; os.getcwd()\n"}),
        "start-up-hook",
    ),
    "an extra field twice": (
        WHEEL,
        lambda: wheel(extra=struct.pack("<2HLB", 0x5455, 5, 1, 1) * 2),
        "archive-ambiguous",
    ),
    "a patch for other data": (WHEEL, lambda: wheel(flags=0x820), "archive-member-special"),
    "the label of a volume": (SDIST, lambda: sdist(header("demo-1.0/x", b"V")), "archive-member-special"),
    "a folder with a list of its files": (
        SDIST,
        lambda: sdist(tar_member(b"demo-1.0/x", b"Yfile\0", b"D")),
        "archive-member-special",
    ),
    "a NUL in a long name": (
        SDIST,
        lambda: sdist(
            tar_member(b"././@LongLink", b"demo-1.0/a.py\0.txt\0", b"L"), tar_member(b"demo-1.0/a", EVIL)
        ),
        "archive-ambiguous",
    ),
    "a command of npm that leads out": (
        NPM,
        lambda: npm((("package/package.json", MANIFEST.replace(b'{"demo":', b'{"../../x":')), PACKAGE[1])),
        "artifact-command-unsafe",
    ),
    "a command of npm that runs a file outside": (
        NPM,
        lambda: npm((("package/package.json", MANIFEST.replace(b'"cli.js"', b'"../../x"')), PACKAGE[1])),
        "artifact-command-unsafe",
    ),
    "a command of npm by its folder": (
        NPM,
        lambda: npm(
            (
                ("package/package.json", b'{"name":"demo","version":"1.0.0","directories":{"bin":"./b"}}'),
                ("package/b/git", b"x"),
            )
        ),
        "artifact-command-unsafe",
    ),
    "a letter of another alphabet": (
        WHEEL,
        lambda: wheel({"demo/c\u043ere.py": EVIL}),
        "archive-name-unsafe",
    ),
    "a letter that nobody sees": (
        WHEEL,
        lambda: wheel({"demo/core\U000e0041.py": EVIL}),
        "archive-name-unsafe",
    ),
    "a second content on Windows": (
        WHEEL,
        lambda: wheel({"demo/note.txt:run.exe": EVIL}),
        "low archive-name-unsafe",
    ),
    "a device of Windows": (WHEEL, lambda: wheel({"demo/aux.py": EVIL}), "low archive-name-unsafe"),
}
