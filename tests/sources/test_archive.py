from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.archives.bounds import LIMITS, Limits
from fimci.compare import compare
from fimci.errors import SourceError
from fimci.look import take
from fimci.model import UNSTATED, File, Record, Unread
from fimci.snapshot import Entry, Recipe
from fimci.sources.archive import walk
from tests.archives import END_OF_TAR, Zipped, tar_header, tar_member, zip_of
from tests.cases import entry

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: Paths of a tree: `None` is a folder, text the target of a link.
Tree = dict[str, bytes | str | None]


def records(path: Path, data: bytes, limits: Limits = LIMITS, name: str = "") -> list[Record]:
    file = path / (name or "archive")
    file.write_bytes(data)
    return take(walk(str(file), limits), Recipe())


def paths(found: list[Record]) -> list[str]:
    return [record.path for record in found if isinstance(record, File)]


def unread(found: list[Record]) -> list[tuple[str, str]]:
    return [(record.path, record.part) for record in found if isinstance(record, Unread)]


def tar_of(tree: Tree, prefix: str = "", form: int = tarfile.PAX_FORMAT, mode: int = 0o644) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for path, content in tree.items():
            info = tarfile.TarInfo(prefix + path)
            info.mode = mode
            if content is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
            else:
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content) if isinstance(content, bytes) else None)
    return buffer.getvalue()


def zip_tree(tree: Tree, prefix: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in tree.items():
            info = zipfile.ZipInfo(prefix + path + ("/" if content is None else ""))
            kind = 0o040755 if content is None else 0o120777 if isinstance(content, str) else 0o100644
            info.external_attr = kind << 16
            archive.writestr(info, content.encode() if isinstance(content, str) else content or b"")
    return buffer.getvalue()


def entries(tree: Tree) -> Iterator[Entry]:
    """Yield what a walk over the tree as a folder gives."""
    folders = {path for path, content in tree.items() if content is None}
    for path in tree:
        folders |= {path[:at] for at, character in enumerate(path) if character == "/"}
    yield from (Entry(path=path, kind="directory", mode=0o755) for path in folders)
    for path, content in tree.items():
        if isinstance(content, str):
            yield Entry(path=path, kind="link", target=content)
        elif content is not None:
            yield entry(path, content)


NAMES = st.text(st.sampled_from("ab.é\n\u202e-"), min_size=1, max_size=4).filter(
    lambda name: name not in (".", "..")
)
CONTENTS = st.one_of(st.none(), st.just("../target"), st.binary(max_size=3000))


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Draw a tree in which no file is in the way of a folder, with two names at its top."""
    tree: Tree = {"top": b"", "other": b"x"}
    for parts in draw(st.lists(st.lists(NAMES, min_size=1, max_size=4), max_size=8)):
        path = "/".join(parts)
        taken = any(known == path or known.startswith(path + "/") for known in tree)
        below = any(path.startswith(known + "/") and tree[known] is not None for known in tree)
        if not taken and not below:
            tree[path] = draw(CONTENTS)
    return tree


@settings(max_examples=50, deadline=None)
@given(trees())
def test_a_tree_is_the_same_in_every_wrapping(tmp_path_factory: pytest.TempPathFactory, tree: Tree) -> None:
    path = tmp_path_factory.getbasetemp()
    tar = tar_of(tree)
    wrappings = [tar, tar_of(tree, form=tarfile.GNU_FORMAT), gzip.compress(tar, 1), zip_tree(tree)]
    rooted = [tar_of(tree, "name-1.0/"), zip_tree(tree, "name-1.0/")]
    expected = take(entries(tree), Recipe())
    for data in (*wrappings, *rooted):
        assert records(path, data, LIMITS._replace(depth=0)) == expected


@pytest.mark.parametrize(
    "compress",
    [
        gzip.compress,
        bz2.compress,
        lzma.compress,
        zstd.compress,
        lambda data: bz2.compress(gzip.compress(data)),
    ],
)
def test_every_compression_is_recognised_by_its_bytes(tmp_path: Path, compress: type[bytes]) -> None:
    tree: Tree = {"a": b"1" * 200_000, "b/c": bytes(range(256)) * 1000}
    assert records(tmp_path, compress(tar_of(tree)), name="x.zip") == take(entries(tree), Recipe())


def test_long_and_odd_names_arrive_whole(tmp_path: Path) -> None:
    long = "/".join(["folder" * 10] * 5) + "/file"
    tree: Tree = {long: b"1", "é" * 80: b"2", "b\\x2d.slice": b"3", "link": "t" * 300, "a\udcff": b"4"}
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        found = records(tmp_path, tar_of(tree, form=form))
        assert found == take(entries(tree), Recipe())


def test_ustar_puts_the_folder_into_the_prefix(tmp_path: Path) -> None:
    data = tar_header(b"file", prefix=b"some/folder") + tar_member(b"z") + END_OF_TAR
    assert paths(records(tmp_path, data)) == ["some", "some/folder", "some/folder/file", "z"]


def test_an_old_tar_names_its_folders_with_a_slash(tmp_path: Path) -> None:
    data = tar_header(b"a/", kind=b"\0", magic=b"") + tar_header(b"b", kind=b"\0", magic=b"") + END_OF_TAR
    found = records(tmp_path, data)
    assert [(record.path, record.kind) for record in found if isinstance(record, File)] == [
        ("a", "directory"), ("b", "file"),
    ]  # fmt: skip


def test_the_root_itself_is_no_entry(tmp_path: Path) -> None:
    data = tar_header(b"./", kind=b"5") + tar_member(b"./a//b") + tar_member(b"./c") + END_OF_TAR
    found = records(tmp_path, data)
    assert (paths(found), unread(found)) == (["a", "a/b", "c"], [])


def test_a_lone_top_folder_is_taken_off(tmp_path: Path) -> None:
    found = records(tmp_path, tar_of({"n-1": None, "n-1/a": b"", "n-1/b/c": b""}))
    assert (paths(found), unread(found)) == (["a", "b", "b/c"], [])


def test_a_second_top_keeps_both(tmp_path: Path) -> None:
    assert paths(records(tmp_path, tar_of({"n-1/a": b"", "b": b""}))) == ["b", "n-1", "n-1/a"]


def test_a_lone_empty_folder_stays(tmp_path: Path) -> None:
    assert paths(records(tmp_path, tar_of({"a": None}))) == ["a"]


def test_a_wheel_without_modules_keeps_its_metadata_folder(tmp_path: Path) -> None:
    found = records(tmp_path, zip_tree({"meta-1.0.dist-info/METADATA": b"Name: meta\n"}))
    assert paths(found) == ["meta-1.0.dist-info", "meta-1.0.dist-info/METADATA"]


def test_npm_takes_off_one_component_of_every_member(tmp_path: Path) -> None:
    tree: Tree = {"node/package.json": b"{}", "node/a.js": b"1", "other/b.js": b"2", "stray": b"3"}
    found = records(tmp_path, gzip.compress(tar_of(tree)), name="left-1.0.0.tgz")
    assert paths(found) == ["a.js", "b.js", "package.json"]
    assert unread(found) == [("stray", "name")]
    assert "node/a.js" in paths(records(tmp_path, gzip.compress(tar_of(tree)), name="left-1.0.0.tar.gz"))


def test_hard_links_have_the_content_of_their_target(tmp_path: Path) -> None:
    data = tar_member(b"x/a", b"same", mode=0o755) + tar_member(b"x/b", b"else")
    data += (
        tar_header(b"x/c", kind=b"1", target=b"x/a")
        + tar_header(b"x/d", kind=b"1", target=b"./x/c")
        + END_OF_TAR
    )
    same = [
        entry("a", b"same", 0o755),
        entry("b", b"else"),
        entry("c", b"same", 0o755),
        entry("d", b"same", 0o755),
    ]
    assert records(tmp_path, data) == take(same, Recipe())


def test_hard_links_to_what_was_not_held_are_unread(tmp_path: Path) -> None:
    data = tar_member(b"a", b"12345") + tar_header(b"b", kind=b"1", target=b"a")
    data += (
        tar_header(b"c", kind=b"1", target=b"/etc/passwd")
        + tar_header(b"d", kind=b"1", target=b"z")
        + END_OF_TAR
    )
    found = records(tmp_path, data, LIMITS._replace(held=4))
    assert unread(found) == [("b", ""), ("c", ""), ("d", "")]
    assert [record.size for record in found if isinstance(record, File)] == [5, UNSTATED, UNSTATED, UNSTATED]


@pytest.mark.client
def test_a_folder_with_hard_links_equals_its_tar(tmp_path: Path) -> None:
    (tmp_path / "t/sub").mkdir(parents=True)
    (tmp_path / "t/sub/one").write_bytes(b"content")
    (tmp_path / "t/two").hardlink_to(tmp_path / "t/sub/one")
    subprocess.run(["tar", "-cf", "t.tar", "-C", "t", "."], cwd=tmp_path, check=True)
    expected = take(entries({"sub/one": b"content", "two": b"content"}), Recipe())
    assert take(walk(str(tmp_path / "t.tar")), Recipe()) == expected


def test_devices_and_pipes_are_other(tmp_path: Path) -> None:
    data = b"".join(tar_header(kind + b"-", kind=kind) for kind in (b"3", b"4", b"6")) + END_OF_TAR
    assert [record.kind for record in records(tmp_path, data) if isinstance(record, File)] == ["other"] * 3


def test_modes_are_stated_or_not(tmp_path: Path) -> None:
    zipped = zip_of(
        Zipped(b"dos", system=0, mode=0),
        Zipped(b"run", mode=0o104755),
        Zipped(b"none", mode=0),
        Zipped(b"d/", mode=0o40777),
    )
    modes = {record.path: record.mode for record in records(tmp_path, zipped) if isinstance(record, File)}
    assert modes == {"dos": UNSTATED, "run": 0o4755, "none": UNSTATED, "d": 0o757}
    tar = tar_of({"a": b"", "b": b""}, mode=0o4755)
    assert [record.mode for record in records(tmp_path, tar) if isinstance(record, File)] == [0o4755] * 2


def test_entries_that_nobody_reads_are_passed_over(tmp_path: Path) -> None:
    tree: Tree = {"a": b"1" * 1000, "b": b"2" * 2000, "c": b"3"}
    for data in (tar_of(tree), gzip.compress(tar_of(tree)), zip_tree(tree)):
        (tmp_path / "archive").write_bytes(data)
        found = [item for item in walk(str(tmp_path / "archive")) if isinstance(item, Entry)]
        assert [item.path for item in found] == ["a", "b", "c"]


def test_what_was_passed_in_a_stream_cannot_be_read_any_more(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(tar_of({"a": b"1", "b": b"2"}))
    first = list(walk(str(tmp_path / "archive")))[0]  # noqa: RUF015  (the whole walk, then the first)
    assert isinstance(first, Entry)
    assert first.read is not None
    with pytest.raises(OSError, match="passed already"):
        list(first.read())
    (tmp_path / "archive").write_bytes(zip_tree({"a": b"1", "b": b"2"}))
    first = list(walk(str(tmp_path / "archive")))[0]  # noqa: RUF015  (the same)
    assert isinstance(first, Entry)
    assert first.read is not None
    with pytest.raises(OSError, match="closed"):
        list(first.read())


def test_a_reader_sees_a_whole_head_whatever_the_compression_did(tmp_path: Path) -> None:
    deflater = zlib.compressobj(9, 8, 31)
    tar = tar_of({"a": b"0123456789" * 1000})
    data = b"".join(deflater.compress(tar[at : at + 1]) + deflater.flush(2) for at in range(11_000))
    (tmp_path / "archive").write_bytes(data + deflater.compress(tar[11_000:]) + deflater.flush())
    walked = walk(str(tmp_path / "archive"))
    first = next(walked)
    assert isinstance(first, Entry)
    assert first.read is not None
    assert len(next(first.read())) == 10_000


def test_archives_inside_archives_show_their_members(tmp_path: Path) -> None:
    inner = gzip.compress(tar_of({"x-1/deep.zip": zip_tree({"core.py": b"pass\n"}), "x-1/y": b""}))
    found = records(tmp_path, zip_tree({"inner.tgz": inner, "plain.gz": gzip.compress(b"text"), "z": b""}))
    assert paths(found) == [
        "inner.tgz", "inner.tgz!/x-1", "inner.tgz!/x-1/deep.zip", "inner.tgz!/x-1/deep.zip!/core.py",
        "inner.tgz!/x-1/y", "plain.gz", "z",
    ]  # fmt: skip
    assert unread(found) == []


def test_depth_none_looks_into_none_and_says_nothing(tmp_path: Path) -> None:
    tree: Tree = {"inner.zip": zip_tree({"a": b""}), "b": b""}
    assert records(tmp_path, tar_of(tree), LIMITS._replace(depth=0)) == take(entries(tree), Recipe())


def test_an_empty_archive_has_no_members(tmp_path: Path) -> None:
    for data in (tar_of({}), gzip.compress(tar_of({})), zip_tree({}), END_OF_TAR):
        assert records(tmp_path, data) == []


@pytest.mark.parametrize(
    "data", [b"", b"#!/bin/sh\n", gzip.compress(b"text", mtime=0), b"x" * 5000, b"PK", bytes(512)]
)
def test_what_is_no_archive_is_a_fault_of_the_locator(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "archive").write_bytes(data)
    with pytest.raises(SourceError, match=r"is empty|is not an archive") as caught:
        list(walk(str(tmp_path / "archive")))
    assert "zip" in caught.value.remedy


def test_a_path_that_is_no_file_is_a_fault_of_the_locator(tmp_path: Path) -> None:
    for path, what in ((tmp_path, "is not a file"), (tmp_path / "none", "does not exist")):
        with pytest.raises(SourceError, match=what):
            list(walk(str(path)))


@pytest.mark.client
def test_git_archive_gives_the_tree(tmp_path: Path) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "core.hooksPath=/dev/null"]
    (tmp_path / ("long" * 30)).mkdir()
    (tmp_path / ("long" * 30) / "é.txt").write_bytes(b"1")
    (tmp_path / "run").write_bytes(b"#!/bin/sh\n")
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], cwd=tmp_path, check=True)
    expected = take(entries({"long" * 30 + "/é.txt": b"1", "run": b"#!/bin/sh\n"}), Recipe())
    for form, prefix in (("tar", "x-1/"), ("tar.gz", ""), ("zip", "x-1/"), ("zip", "")):
        arguments = ["archive", f"--format={form}", f"--prefix={prefix}", "-o", "out", "HEAD"]
        subprocess.run([*git, *arguments], cwd=tmp_path, check=True)
        found = take(walk(str(tmp_path / "out")), Recipe())
        # In a zip, git states no modes but those of executable files and links.
        assert [change for change in compare(expected, found) if change.real] == []
        assert form == "zip" or found == expected


def test_a_zip_that_is_compressed_as_a_whole_is_opened(tmp_path: Path) -> None:
    tree: Tree = {"a": b"1", "b": b"2"}
    data = gzip.compress(zip_tree(tree))
    assert records(tmp_path, data) == take(entries(tree), Recipe())
    found = records(tmp_path, data, LIMITS._replace(held=10))
    assert (paths(found), unread(found)) == ([], [("", "nesting")])


def test_capabilities_of_files_are_recorded(tmp_path: Path) -> None:
    def archive(headers: dict[str, str]) -> bytes:
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as opened:
            member = tarfile.TarInfo("left")
            member.pax_headers = headers
            opened.addfile(member)
        return file.getvalue()

    rights = "\x01\x00\x00\x02\x00 \x00\x00"
    (found,) = records(tmp_path, archive({"SCHILY.xattr.security.capability": rights}))
    (plain,) = records(tmp_path, archive({"SCHILY.xattr.user.left": "right"}))
    assert isinstance(found, File)
    assert found.attributes == (("capabilities", rights.encode().hex()),)
    assert isinstance(plain, File)
    assert plain.attributes == ()
    assert len(list(compare([plain], [found]))) == 1


@pytest.mark.parametrize(
    ("head", "faults"),
    [
        (b"Cr24" + (3).to_bytes(4, "little") + (7).to_bytes(4, "little") + b"1234567", []),
        (b"Cr24" + b"".join(one.to_bytes(4, "little") for one in (2, 3, 4)) + b"1234567", []),
        (
            b"Cr24" + (3).to_bytes(4, "little") + (6).to_bytes(4, "little") + b"1234567",
            [("", "gap"), ("", "prefix")],
        ),
        (b"Cr24" + b"\xff" * 12, [("", "gap"), ("", "prefix")]),
        (b"Cr24", [("", "gap"), ("", "prefix")]),
    ],
)
def test_an_extension_of_chrome_has_a_signed_header(
    tmp_path: Path, head: bytes, faults: list[tuple[str, str]]
) -> None:
    found = records(tmp_path, head + zip_tree({"manifest.json": b"{}"}))
    assert (paths(found), sorted(unread(found))) == (["manifest.json"], faults)
