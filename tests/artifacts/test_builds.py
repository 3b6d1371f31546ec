"""Two builds that differ in one thing: that is told, with what a build can do about it, and nothing else."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fimci import cli
from fimci.artifacts import builds

FILES: dict[str, bytes] = {"a.py": b"x = 1\ny = 2\n" * 40, "b.py": b"z = 3\n", "data.bin": b"\0\1\2" * 50}


def zipped(path: Path, files: Mapping[str, bytes] = FILES, **change: Any) -> Path:
    facts: dict[str, Any] = {
        "date_time": (2020, 1, 1, 0, 0, 0),
        "external_attr": 0o100644 << 16,
        "compress_type": 8,
    } | change
    comment, level = facts.pop("comment_of_all", b""), facts.pop("level", 9)
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = comment
        for name, data in files.items():
            one = zipfile.ZipInfo(name)
            for key, value in facts.items():
                setattr(one, key, value)
            archive.writestr(one, data, compresslevel=level)
    return path


def rolled(path: Path, files: Mapping[str, bytes] = FILES, **change: Any) -> Path:
    options = {"format": tarfile.PAX_FORMAT, "level": 9, "when": 1, "filled": tarfile.RECORDSIZE} | {
        key: change.pop(key) for key in ("format", "level", "when", "filled") if key in change
    }
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=options["format"]) as archive:
        for name, data in files.items():
            one = tarfile.TarInfo(name)
            for key, value in {"mtime": 1, "mode": 0o644, "size": len(data), **change}.items():
                setattr(one, key, value)
            archive.addfile(one, io.BytesIO(data))
    data = raw.getvalue().rstrip(b"\0")
    data += bytes(-len(data) % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)
    data += bytes(-len(data) % options["filled"])
    path.write_bytes(gzip.compress(data, options["level"], mtime=options["when"]))
    return path


TURNED = dict(reversed(FILES.items()))
CHANGED = {**FILES, "a.py": b"x = 1\ny = 4\n" + FILES["a.py"][12:]}
CASES: dict[str, tuple[Callable[..., Path], dict[str, Any], str]] = {
    "zip: content": (zipped, {"files": CHANGED}, "content: 1 member: a.py:2 `y = 2` -> `y = 4`"),
    "zip: binary": (zipped, {"files": {**FILES, "data.bin": b"\0" * 150}}, "content: 1 member: data.bin"),
    "zip: a member more": (zipped, {"files": {**FILES, "c.py": b""}}, "only in the second: c.py"),
    "zip: order": (zipped, {"files": TURNED}, "order: number 1 is a.py -> data.bin (sort the members)"),
    "zip: times": (
        zipped,
        {"date_time": (2021, 2, 3, 4, 5, 6)},
        "time: 3 of 3 members: a.py 2020-01-01 00:00:00 -> 2021-02-03 04:05:06 (set SOURCE_DATE_EPOCH)",
    ),
    "zip: times beside": (
        zipped,
        {"extra": b"UT\5\0\1\1\0\0\0"},
        "time: 3 of 3 members: a.py 2020-01-01 00:00:00 -> 2020-01-01 00:00:00 (extra 0101000000)",
    ),
    "zip: modes": (
        zipped,
        {"external_attr": 0o100664 << 16},
        "mode: 3 of 3 members: a.py 100644 (0) -> 100664 (0) (set the umask, or the modes)",
    ),
    "zip: method": (zipped, {"compress_type": 0}, "compression: 3 of 3 members: a.py deflate, "),
    "zip: made elsewhere": (zipped, {"create_system": 0}, "header: 3 of 3 members: a.py made by 3/20, "),
    "zip: comment": (zipped, {"comment_of_all": b"hello"}, "archive: comment b'' -> b'hello' "),
    "tar: content": (rolled, {"files": CHANGED}, "content: 1 member: a.py:2 `y = 2` -> `y = 4`"),
    "tar: order": (rolled, {"files": TURNED}, "order: number 1 is a.py -> data.bin (sort the members)"),
    "tar: times": (
        rolled,
        {"mtime": 2},
        "time: 3 of 3 members: a.py 1970-01-01 00:00:01 -> 1970-01-01 00:00:02 (set SOURCE_DATE_EPOCH)",
    ),
    "tar: modes": (
        rolled,
        {"mode": 0o664},
        "mode: 3 of 3 members: a.py 644 -> 664 (set the umask, or the modes)",
    ),
    "tar: owners": (
        rolled,
        {"uid": 5, "uname": "me"},
        "owner: 3 of 3 members: a.py 0:0 (no name:no name) -> 5:0 (me:no name) (pack as number 0",
    ),
    "tar: records": (rolled, {"pax_headers": {"comment": "x"}}, "header: 3 of 3 members: a.py type"),
    "tar: values of records": (
        rolled,
        {"pax_headers": {"atime": "5.5"}},
        "header: 3 of 3 members: a.py type b'0', records none -> type b'0', records atime=5.5 (",
    ),
    "tar: end": (rolled, {"filled": 512}, "archive: end filled to 10,240 bytes -> 1,024 bytes ("),
    "tar: form": (rolled, {"format": tarfile.GNU_FORMAT}, "archive: form POSIX -> GNU "),
    "gzip: time": (rolled, {"when": 7}, "archive: gzip time 1 -> 7 (set SOURCE_DATE_EPOCH)"),
    "gzip: level": (rolled, {"level": 1}, "archive: compression gzip 8, level 2, "),
}


@pytest.mark.parametrize("title", CASES)
def test_each_difference_is_told_and_no_other(tmp_path: Path, title: str) -> None:
    pack, change, told = CASES[title]
    pairs = {"zipped": ("a.zip", "b.zip"), "rolled": ("a.tar.gz", "b.tar.gz")}
    one, other = (tmp_path / name for name in pairs[pack.__name__])
    pack(one)
    pack(other, **change)
    (said,) = builds.explained(str(one), str(other))
    assert said.startswith(told)


def test_of_compressions_no_more_is_told_than_there_is(tmp_path: Path) -> None:
    one = rolled(tmp_path / "a.tar.gz", when=0)
    raw = gzip.decompress(one.read_bytes())
    plain, turned, xz = tmp_path / "a.tar", tmp_path / "b.tar", tmp_path / "a.tar.xz"
    plain.write_bytes(raw)
    xz.write_bytes(lzma.compress(raw))
    turned.write_bytes(gzip.decompress(rolled(tmp_path / "b.tar.gz", TURNED).read_bytes()))
    gzipped = f"gzip 8, level 2, system {one.read_bytes()[9]}, flags 0"
    advice = "(use one version of the packer)"
    assert builds.explained(str(one), str(xz)) == [
        f"archive: compression {gzipped} -> xz; gzip time 0 -> none {advice}"
    ]
    assert builds.explained(str(plain), str(one)) == [
        f"archive: compression none -> {gzipped}; gzip time none -> 0 {advice}"
    ]
    (said,) = builds.explained(str(plain), str(turned))
    assert said.startswith("order: ")


def test_parts_of_a_second_are_told(tmp_path: Path) -> None:
    one, other = rolled(tmp_path / "a.tar.gz", mtime=1.5), rolled(tmp_path / "b.tar.gz", mtime=1.25)
    assert builds.explained(str(one), str(other)) == [
        "time: 3 of 3 members: a.py 1970-01-01 00:00:01.5 -> 1970-01-01 00:00:01.25 (set SOURCE_DATE_EPOCH)"
    ]


def test_a_member_that_is_there_twice_is_told(tmp_path: Path) -> None:
    one, other = zipped(tmp_path / "a.zip"), zipped(tmp_path / "b.zip")
    with zipfile.ZipFile(other, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(archive.getinfo("a.py"), FILES["a.py"], compresslevel=9)
    assert builds.explained(str(one), str(other)) == [
        "times that it is there: 1 member: a.py 1 -> 2 (pack each member once)"
    ]


def test_the_same_bytes_are_told_and_the_command_tells_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = zipped(tmp_path / "a.zip"), zipped(tmp_path / "b.zip")
    assert cli.main(["compare", f"archive:{one}", f"archive:{other}"]) == 0
    assert "the archives are the same, byte by byte" in capsys.readouterr().out
    zipped(other, TURNED)
    assert cli.main(["compare", f"archive:{one}", f"archive:{other}"]) == 0
    assert "order: number 1 is a.py -> data.bin" in " ".join(capsys.readouterr().out.split())
    (tmp_path / "folder").mkdir()
    assert cli.main(["compare", f"archive:{one}", f"dir:{tmp_path / 'folder'}"]) == 0
    assert "order:" not in capsys.readouterr().out


def test_what_is_known_of_no_difference_is_told_by_its_place(tmp_path: Path) -> None:
    one, other = rolled(tmp_path / "a.tar.gz", level=9), tmp_path / "b.tar.gz"
    raw = gzip.decompress(one.read_bytes())
    packed = bytearray(gzip.compress(raw, 5, mtime=1))
    packed[8] = one.read_bytes()[8]  # the level that it is said to have
    other.write_bytes(packed)
    (said,) = builds.explained(str(one), str(other))
    assert "in nothing else that is known" in said


def test_damaged_and_hostile_archives_end_in_a_sentence(tmp_path: Path) -> None:
    one, other = zipped(tmp_path / "a.zip"), tmp_path / "b.zip"
    other.write_bytes(one.read_bytes()[:-30])
    told = builds.explained(str(one), str(other))
    assert any("was not looked at" in sentence for sentence in told)
    # A header that claims to be two gigabytes long, behind which nothing stands.
    huge = tarfile.TarInfo("x")
    huge.type, huge.size = tarfile.XHDTYPE, 2 << 30
    tar = tmp_path / "c.tar"
    tar.write_bytes(huge.tobuf(tarfile.USTAR_FORMAT) + bytes(1024))
    assert any("was not looked at" in sentence for sentence in builds.explained(str(tar), str(one)))
