from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.archives.bounds import LIMITS, Limits
from fimci.errors import SourceError
from fimci.look import take
from fimci.model import File, Record, Unread
from fimci.snapshot import Recipe
from fimci.sources.archive import walk
from tests.archives import END_OF_TAR, Zipped, pax, tar_header, tar_member, zip_of

MiB = 1024 * 1024
#: Small caps, so that a test reaches them at once.
TIGHT = LIMITS._replace(floor=MiB, ratio=100)


def records(path: Path, data: bytes, limits: Limits = LIMITS, name: str = "archive") -> list[Record]:
    (path / name).write_bytes(data)
    return take(walk(str(path / name), limits), Recipe())


def paths(found: list[Record]) -> list[str]:
    return [record.path for record in found if isinstance(record, File)]


def unread(found: list[Record]) -> list[tuple[str, str]]:
    return [(record.path, record.part) for record in found if isinstance(record, Unread)]


def why(found: list[Record]) -> str:
    return "; ".join(record.why for record in found if isinstance(record, Unread))


GOOD = tar_member(b"a", b"1") + tar_member(b"b", b"2")


# Bombs.


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_bomb_in_a_tar_stops_at_the_ratio(tmp_path: Path, compress: type[bytes]) -> None:
    found = records(tmp_path, compress(tar_member(b"a", b"1") + tar_member(b"z", bytes(8 * MiB))), TIGHT)
    assert unread(found) == [("", "ratio"), ("z", "")]
    assert paths(found) == ["a", "z"]


def test_a_bomb_in_a_zip_stops_at_the_ratio(tmp_path: Path) -> None:
    found = records(
        tmp_path, zip_of(Zipped(b"a", b"1"), Zipped(b"m", bytes(8 * MiB)), Zipped(b"z", b"2")), TIGHT
    )
    assert paths(found) == ["a", "m"]
    assert unread(found) == [("", "ratio"), ("m", "")]


def test_a_size_that_lies_costs_no_more_than_it_says(tmp_path: Path) -> None:
    data = zip_of(Zipped(b"a", bytes(64 * MiB), size=1000), Zipped(b"b", b"2"))
    tracemalloc.start()
    found = records(tmp_path, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert unread(found) == [("a", "")]
    assert "larger than the 1,000 bytes" in why(found)
    assert paths(found) == ["a", "b"]
    assert peak < 2 * MiB


def test_one_body_listed_many_times_is_counted_each_time(tmp_path: Path) -> None:
    found = records(tmp_path, zip_of(Zipped(b"a", bytes(MiB), repeat=1000)), TIGHT)
    assert ("", "ratio") in unread(found)


def test_an_endless_tail_after_the_end_mark_stops_at_the_ratio(tmp_path: Path) -> None:
    found = records(tmp_path, gzip.compress(GOOD + bytes(8 * MiB)), TIGHT)
    assert (paths(found), unread(found)) == (["a", "b"], [("", "ratio")])


def test_a_nest_of_archives_ends_at_the_depth(tmp_path: Path) -> None:
    data = b"core"
    for _ in range(20):
        data = zip_of(Zipped(b"n", data), Zipped(b"m", data))
    found = records(tmp_path, data)
    assert max(path.count("!/") for path in paths(found)) == LIMITS.depth
    assert {part for _, part in unread(found)} == {"nesting"}


def test_a_bomb_inside_archives_stops_the_whole_walk(tmp_path: Path) -> None:
    inner = zip_of(Zipped(b"x", bytes(8 * MiB)))
    found = records(tmp_path, zip_of(Zipped(b"a.zip", inner), Zipped(b"b.zip", inner)), TIGHT)
    assert paths(found) == ["a.zip", "a.zip!/x"]
    assert unread(found) == [("", "ratio"), ("a.zip!/x", "")]


def test_compression_upon_compression_ends_at_the_limit(tmp_path: Path) -> None:
    data = GOOD + END_OF_TAR
    for _ in range(LIMITS.layers + 1):
        data = gzip.compress(data)
    assert unread(records(tmp_path, data)) == [("", "nesting")]


def test_an_inner_archive_that_is_too_large_is_hashed_but_not_opened(tmp_path: Path) -> None:
    inner = zip_of(Zipped(b"x", random.Random(1).randbytes(4000)))  # noqa: S311  (bytes that do not compress)
    found = records(tmp_path, zip_of(Zipped(b"a.zip", inner), Zipped(b"b")), LIMITS._replace(held=1000))
    assert (paths(found), unread(found)) == (["a.zip", "b"], [("a.zip", "nesting")])


@pytest.mark.parametrize(
    ("limits", "part"),
    [
        (LIMITS._replace(members=10), "members"),
        (LIMITS._replace(names=50), "members"),
        (LIMITS._replace(bytes=5000), "bytes"),
        (LIMITS._replace(seconds=0), "time"),
    ],
)
def test_a_cap_ends_the_walk_and_is_said(tmp_path: Path, limits: Limits, part: str) -> None:
    tar = b"".join(tar_member(b"file-%d" % number, b"x" * 500) for number in range(100)) + END_OF_TAR
    zipped = zip_of(*(Zipped(b"file-%d" % number, b"x" * 500) for number in range(100)))
    for data in (gzip.compress(tar), zipped):
        found = records(tmp_path, data, limits)
        assert ("", part) in unread(found)
        assert part == "time" or 5 <= len(paths(found)) < 100


def test_folders_in_folders_are_counted_as_members(tmp_path: Path) -> None:
    data = tar_member(b"top") + pax(path="/".join(["d"] * 2000) + "/f") + tar_member(b"f") + END_OF_TAR
    assert unread(records(tmp_path, data, LIMITS._replace(members=1000))) == [("", "members")]


# Damage.


def test_a_cut_tar_gives_every_whole_member(tmp_path: Path) -> None:
    whole = tar_member(b"a", b"1" * 600) + tar_member(b"b", b"2" * 600)
    for cut in (whole[:-100], whole[:-1100], whole):
        found = records(tmp_path, cut)
        assert "a" in paths(found)
        assert ("", "end") in unread(found)
        assert ("a", "") not in unread(found)
    assert ("b", "") in unread(records(tmp_path, whole[:-700]))


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_a_cut_stream_gives_every_whole_member(tmp_path: Path, compress: type[bytes]) -> None:
    noise = random.Random(2).randbytes(600_000)  # noqa: S311  (bytes that do not compress)
    large = tar_member(b"b", noise[:300_000]) + tar_member(b"c", noise[300_000:])
    data = compress(tar_member(b"a", b"1") + large + END_OF_TAR)
    found = records(tmp_path, data[: len(data) * 3 // 4])
    assert paths(found) == ["a", "b", "c"]
    assert unread(found) == [("", "end"), ("c", "")]


def test_a_stream_with_a_wrong_checksum_is_damaged(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(GOOD + END_OF_TAR))
    data[-8] ^= 1
    assert ("", "end") in unread(records(tmp_path, bytes(data)))


def test_a_broken_header_in_the_middle_is_not_the_end(tmp_path: Path) -> None:
    broken = bytearray(tar_member(b"evil", b"x"))
    broken[0] ^= 1
    found = records(tmp_path, GOOD + bytes(broken) + tar_member(b"c") + END_OF_TAR)
    assert (paths(found), unread(found)) == (["a", "b"], [("", "header")])


@pytest.mark.parametrize("field", [b"\xff" * 12, b"99999999999\0", b"-0000000001\0", b"\x80" + b"\xff" * 11])
def test_a_size_that_is_no_number_is_a_broken_header(tmp_path: Path, field: bytes) -> None:
    block = tar_header(b"evil")
    block = block[:124] + field + block[136:148] + b" " * 8 + block[156:]
    block = block[:148] + b"%06o\0 " % sum(block) + block[156:]
    found = records(tmp_path, GOOD + block + END_OF_TAR)
    assert (paths(found), unread(found)) == (["a", "b"], [("", "header")])


def test_a_huge_size_is_a_cut(tmp_path: Path) -> None:
    found = records(tmp_path, GOOD + tar_header(b"c", 8**11 - 1) + b"x" * 512)
    assert (paths(found), unread(found)) == (["a", "b", "c"], [("", "end"), ("c", "")])


@pytest.mark.parametrize("tail", [b"X" * 512, bytes(512) + GOOD + END_OF_TAR, bytes(512) + b"\x01"])
def test_data_after_the_end_mark_is_said(tmp_path: Path, tail: bytes) -> None:
    for data in (GOOD + bytes(512) + tail, gzip.compress(GOOD + bytes(512) + tail)):
        found = records(tmp_path, data)
        assert (paths(found), unread(found)) == (["a", "b"], [("", "trailing")])


def test_a_second_gzip_stream_is_read_and_said(tmp_path: Path) -> None:
    whole = GOOD + END_OF_TAR
    found = records(tmp_path, gzip.compress(whole[:700]) + gzip.compress(whole[700:]))
    assert (paths(found), unread(found)) == (["a", "b"], [("", "streams")])


def test_data_after_the_gzip_stream_is_said_but_zeros_are_not(tmp_path: Path) -> None:
    data = gzip.compress(GOOD + END_OF_TAR)
    assert unread(records(tmp_path, data + bytes(2000))) == []
    assert unread(records(tmp_path, data + b"garbage")) == [("", "trailing")]


def test_a_gzip_with_a_zip_behind_it_is_two_archives(tmp_path: Path) -> None:
    found = records(tmp_path, gzip.compress(GOOD + END_OF_TAR) + zip_of(Zipped(b"evil", b"x")))
    assert (paths(found), unread(found)) == (["a", "b"], [("", "format"), ("", "trailing")])


def test_a_wheel_that_is_a_tar_is_two_archives(tmp_path: Path) -> None:
    data = tar_member(b"a", zip_of(Zipped(b"evil", b"x"))) + END_OF_TAR
    assert ("", "format") in unread(records(tmp_path, data, name="a-1-py3-none-any.whl"))


@pytest.mark.parametrize("magic", [b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"])
def test_a_magic_with_nothing_behind_it_is_damaged(tmp_path: Path, magic: bytes) -> None:
    assert unread(records(tmp_path, magic)) == [("", "end")]
    assert unread(records(tmp_path, magic + b"\xff" * 3000)) == [("", "end")]


def test_a_cut_zip_has_lost_its_directory(tmp_path: Path) -> None:
    data = zip_of(Zipped(b"a", b"1"), Zipped(b"b", b"2"))
    assert unread(records(tmp_path, data[:-30])) == [("", "end")]


# Names.


@pytest.mark.parametrize("name", [b"../evil", b"a/../../evil", b"/etc/evil", b"//evil", b"a/.."])
def test_a_name_that_leads_out_yields_no_entry(tmp_path: Path, name: bytes) -> None:
    for data in (
        GOOD + tar_member(name, b"x") + END_OF_TAR,
        zip_of(Zipped(b"a"), Zipped(b"b"), Zipped(name, b"x")),
    ):
        found = records(tmp_path, data)
        assert (paths(found), unread(found)) == (["a", "b"], [(name.decode(), "name")])


@pytest.mark.parametrize("name", [b"C:\\evil", b"c:evil", b"x\\..\\..\\evil", b"\\evil", b"x\\../evil"])
def test_a_name_that_leads_out_on_windows_is_said(tmp_path: Path, name: bytes) -> None:
    for data in (
        GOOD + tar_member(name, b"x") + END_OF_TAR,
        zip_of(Zipped(b"a"), Zipped(b"b"), Zipped(name, b"x")),
    ):
        if b"/" not in name:
            found = records(tmp_path, data)
            assert name.decode() in paths(found)
            assert (name.decode(), "name") in unread(found)


def test_a_backslash_is_a_name_in_a_tar_and_in_doubt_in_a_zip(tmp_path: Path) -> None:
    assert unread(records(tmp_path, GOOD + tar_member(b"a\\b") + END_OF_TAR)) == []
    assert unread(records(tmp_path, zip_of(Zipped(b"c"), Zipped(b"a\\b")))) == [("a\\b", "name")]


def test_odd_names_are_kept_as_they_are(tmp_path: Path) -> None:
    odd = [b"a\nb", b"\x1b[31m", "\u202egpj.exe".encode(), b"\xff\xfe", b" "]
    expected = sorted(["a", "b", *(name.decode("utf-8", "surrogateescape") for name in odd)])
    tar = GOOD + b"".join(tar_member(name) for name in odd) + END_OF_TAR
    zipped = zip_of(Zipped(b"a"), Zipped(b"b"), *(Zipped(name) for name in odd))
    for data in (tar, zipped):
        found = records(tmp_path, data)
        assert (sorted(paths(found)), unread(found)) == (expected, [])


def test_a_name_not_marked_as_utf8_is_in_doubt(tmp_path: Path) -> None:
    assert unread(records(tmp_path, zip_of(Zipped(b"a"), Zipped("é".encode(), flags=0)))) == [("é", "name")]


def test_a_nul_in_a_name_yields_no_entry(tmp_path: Path) -> None:
    found = records(tmp_path, zip_of(Zipped(b"a"), Zipped(b"a/evil.py\0.txt", b"x")))
    assert (paths(found), unread(found)) == (["a"], [("a/evil.py\\0.txt", "name")])
    found = records(tmp_path, GOOD + pax(path="evil\0.txt") + tar_member(b"evil") + END_OF_TAR)
    assert ("evil\\0.txt", "name") in unread(found)


def test_a_name_that_is_nothing_or_endless_yields_no_entry(tmp_path: Path) -> None:
    found = records(tmp_path, GOOD + tar_member(b"") + pax(path="x/" * 3000) + tar_member(b"x") + END_OF_TAR)
    assert paths(found) == ["a", "b"]
    assert [part for _, part in unread(found)] == ["name", "name"]


def test_a_second_member_of_one_name_is_said(tmp_path: Path) -> None:
    for data in (
        GOOD + tar_member(b"a", b"evil") + END_OF_TAR,
        zip_of(Zipped(b"a", b"1"), Zipped(b"a", b"evil")),
    ):
        assert unread(records(tmp_path, data)) == [("a", "duplicate")]


def test_a_file_behind_a_link_is_said(tmp_path: Path) -> None:
    data = GOOD + tar_header(b"d", kind=b"2", target=b"../../..") + tar_member(b"d/evil", b"x") + END_OF_TAR
    found = records(tmp_path, data)
    assert unread(found) == [("d", "duplicate")]
    assert "d/evil" in paths(found)


# Headers that say two things.


@pytest.mark.parametrize(
    ("extra", "part"),
    [
        (pax(path="setup.py"), "pax path"),
        (pax(size="1024"), "pax size"),
        (pax(size="many"), "pax size"),
        (pax(size="9" * 30), "pax size"),
        (pax(hdrcharset="EBCDIC"), "pax hdrcharset"),
        (pax(path="a" * 200) + pax(path="b" * 200), "second header"),
        (pax(size="600") + tar_member(b"././@LongLink", b"l" * 150 + b"\0", b"L"), "header order"),
        (pax(b"g", path="x"), "global header"),
        (tar_member(b"x", b"broken records", b"x"), "header"),
        (tar_member(b"x", b"10 path=a\n10 path=b\n", b"x"), "header"),
        (tar_member(b"x", b"99999999999999999999999 a=b\n", b"x"), "header"),
    ],
)
def test_what_readers_disagree_about_is_said(tmp_path: Path, extra: bytes, part: str) -> None:
    found = records(tmp_path, GOOD + extra + tar_member(b"ok.py", b"1" * 600) + tar_member(b"z") + END_OF_TAR)
    assert part in [part for _, part in unread(found)]
    assert {"a", "b", "z"} <= set(paths(found))


def test_a_pax_size_swallows_a_member_and_is_said(tmp_path: Path) -> None:
    hidden = tar_member(b"setup.py", b"evil")
    data = GOOD + pax(size=str(len(hidden))) + tar_header(b"data") + hidden + END_OF_TAR
    found = records(tmp_path, data)
    assert ("data", "pax size") in unread(found)
    assert "setup.py" not in paths(found)


def test_a_link_with_data_is_said(tmp_path: Path) -> None:
    hidden = tar_member(b"setup.py", b"evil")
    data = GOOD + tar_header(b"link", len(hidden), b"1", target=b"a") + hidden + END_OF_TAR
    found = records(tmp_path, data)
    assert (paths(found), unread(found)) == (["a", "b", "link", "setup.py"], [("link", "size")])


def test_a_pax_target_that_differs_is_said(tmp_path: Path) -> None:
    data = GOOD + pax(linkpath="/etc/passwd") + tar_header(b"l", kind=b"2", target=b"a") + END_OF_TAR
    found = records(tmp_path, data)
    assert unread(found) == [("l", "pax linkpath")]
    assert [record.target for record in found if isinstance(record, File)][-1] == "/etc/passwd"


def test_sparse_files_are_unread(tmp_path: Path) -> None:
    old = bytearray(tar_header(b"old", 512, b"S"))
    old[482] = 1
    old[148:156] = b" " * 8
    old[148:156] = b"%06o\0 " % sum(old)
    new = pax(**{"GNU.sparse.name": "new", "GNU.sparse.realsize": "9" * 18}) + tar_member(b"x", b"1\n0\n0\n")
    found = records(
        tmp_path, GOOD + bytes(old) + bytes(512) + b"d" * 512 + new + tar_member(b"z") + END_OF_TAR
    )
    assert (paths(found), unread(found)) == (["a", "b", "new", "old", "z"], [("new", ""), ("old", "")])


def test_unknown_types_and_prefixes_are_said(tmp_path: Path) -> None:
    odd = tar_header(b"t", kind=b"Z") + tar_header(b"p", magic=b"ustar  \0", prefix=b"evil")
    found = records(tmp_path, GOOD + odd + END_OF_TAR)
    assert (paths(found), unread(found)) == (["a", "b", "p", "t"], [("p", "prefix"), ("t", "type")])


def test_a_header_that_is_too_long_ends_the_walk(tmp_path: Path) -> None:
    found = records(tmp_path, GOOD + tar_member(b"x", b"x" * 2 * MiB, b"L") + tar_member(b"c") + END_OF_TAR)
    assert (paths(found), unread(found)) == (["a", "b"], [("", "header")])


def test_a_cut_in_a_long_name_is_a_cut(tmp_path: Path) -> None:
    found = records(tmp_path, GOOD + tar_header(b"x", 2000, b"L") + b"x" * 1000)
    assert (paths(found), unread(found)) == (["a", "b"], [("", "end")])


def test_a_header_without_a_member_is_said(tmp_path: Path) -> None:
    assert unread(records(tmp_path, GOOD + pax(path="x" * 200) + END_OF_TAR)) == [("", "header")]


# Zips that say two things.

GOOD_ZIP = (Zipped(b"a", b"1"), Zipped(b"b", b"2"))
WIDE = struct.pack("<2H2Q", 1, 16, 7, 7)
RENAMED = struct.pack("<2HBL", 0x7075, 9, 1, zlib.crc32(b"core")) + b"evil"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (zip_of(*GOOD_ZIP), []),
        (zip_of(*GOOD_ZIP, comment=b"a commit"), []),
        (zip_of(*GOOD_ZIP, Zipped(b"core", b"1", local_name=b"evil")), [("core", "local name")]),
        (zip_of(*GOOD_ZIP, Zipped(b"core", b"1", local_size=9)), [("core", "local size")]),
        (zip_of(*GOOD_ZIP, Zipped(b"core", b"1", local_extra=WIDE)), [("core", "local size")]),
        (zip_of(*GOOD_ZIP, Zipped(b"core", b"1", extra=RENAMED)), [("core", "name")]),
        (zip_of(*GOOD_ZIP, Zipped(b"core", b"1", crc=7)), [("core", "")]),
        (zip_of(*GOOD_ZIP, Zipped(b"core", b"1", size=2)), [("core", "")]),
        (zip_of(*GOOD_ZIP, Zipped(b"core", b"1", flags=0x801)), [("core", "")]),
        (zip_of(*GOOD_ZIP, Zipped(b"core", b"1", method=99)), [("core", "")]),
        (zip_of(*GOOD_ZIP, Zipped(b"d/", b"1")), [("d", "size")]),
        (zip_of(*GOOD_ZIP, Zipped(b"pipe", mode=0o010644)), []),
        (zip_of(*GOOD_ZIP, Zipped(b"l", b"a", mode=0o120777, crc=7)), [("l", "")]),
        (zip_of(*GOOD_ZIP, Zipped(b"i.zip", zip_of(*GOOD_ZIP), crc=7)), [("i.zip", "")]),
        (zip_of(*GOOD_ZIP, Zipped(b"hidden", b"1", listed=False)), [("", "gap")]),
        (zip_of(*GOOD_ZIP, Zipped(b"core", b"1", gap=b"between")), [("", "gap")]),
        (zip_of(*GOOD_ZIP, before=b"#!/bin/sh\n"), [("", "gap")]),
        (b"#!/bin/sh\n" + zip_of(*GOOD_ZIP), [("", "gap"), ("", "prefix")]),
        (zip_of(*GOOD_ZIP, before=zip_of(Zipped(b"evil", b"x"))), [("", "gap")]),
        (zip_of(*GOOD_ZIP, after=b"x" * 64), [("", "trailing")]),
        (zip_of(*GOOD_ZIP, after=bytes(4)), [("", "trailing")]),
        (zip_of(Zipped(b"a", b"1", repeat=2), Zipped(b"b", b"2")), [("", "overlap")]),
    ],
)
def test_contradictions_of_a_zip_are_said(
    tmp_path: Path, data: bytes, expected: list[tuple[str, str]]
) -> None:
    found = records(tmp_path, data)
    assert unread(found) == expected
    assert {"a", "b"} <= set(paths(found))


def test_a_zip_in_the_comment_of_a_zip_is_said(tmp_path: Path) -> None:
    found = records(tmp_path, zip_of(*GOOD_ZIP, comment=zip_of(Zipped(b"evil", b"x"))))
    assert {("", "end record"), ("", "gap")} <= set(unread(found))


@pytest.mark.parametrize(
    ("at", "patch", "expected"),
    [
        (-14, struct.pack("<2H", 1, 1), [("", "directory")]),  # it counts one member
        (-18, struct.pack("<2H", 1, 1), [("", "disks")]),
        (-10, struct.pack("<L", 0xFFFFFF), [("", "end")]),  # it is longer than the file
        (-6, struct.pack("<L", 0xFFFF), [("", "end record"), ("", "overlap"), ("a", "local header")]),
        (-10, struct.pack("<L", 20), [("", "directory"), ("", "prefix")]),  # it starts in a name
        (-42, b"PK\x06\x07", [("", "end")]),  # a locator of a ZIP64 record that is not there
    ],
)
def test_an_end_record_that_lies_is_said(
    tmp_path: Path, at: int, patch: bytes, expected: list[tuple[str, str]]
) -> None:
    data = bytearray(zip_of(*GOOD_ZIP))
    data[len(data) + at : len(data) + at + len(patch)] = patch
    assert set(expected) <= set(unread(records(tmp_path, bytes(data))))


def test_data_descriptors_are_checked(tmp_path: Path) -> None:
    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

    stream = Unseekable()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"1" * 100)
        archive.writestr("b", b"2" * 100)
    data = stream.getvalue()
    assert b"PK\x07\x08" in data
    assert unread(records(tmp_path, data)) == []
    at = data.index(b"PK\x07\x08") + 4
    assert unread(records(tmp_path, data[:at] + b"evil" + data[at + 4 :])) == [("", "gap")]


def test_links_of_a_zip_are_links_or_say_why_not(tmp_path: Path) -> None:
    link = Zipped(b"l", b"../x", mode=0o120777)
    found = records(tmp_path, zip_of(*GOOD_ZIP, link, Zipped(b"m", b"x" * 5000, mode=0o120777)))
    links = {record.path: (record.kind, record.target) for record in found if isinstance(record, File)}
    assert (links["l"], links["m"]) == (("link", "../x"), ("link", None))
    assert unread(found) == [("m", "")]


def test_zip64_is_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a", "w", force_zip64=True) as member:
        member.write(b"1")
    found = records(tmp_path, buffer.getvalue())
    assert (paths(found), unread(found)) == (["a"], [])
    many = zip_of(*(Zipped(b"%d" % number, method=0) for number in range(3)), comment=b"")
    rows, end = many.index(b"PK\1\2"), len(many) - 22
    wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 3, 3, end - rows, rows)
    wide += struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    full = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert unread(records(tmp_path, many[:end] + wide + full)) == []
    assert unread(records(tmp_path, many[:end] + wide + full[:8] + b"\1\0\1\0" + full[12:])) == [
        ("", "end record")
    ]


# Whatever the bytes are.

SEEDS = [
    gzip.compress(GOOD + END_OF_TAR),
    GOOD + pax(path="p" * 150) + tar_member(b"p", b"3") + END_OF_TAR,
    zip_of(*GOOD_ZIP, Zipped(b"inner.zip", zip_of(*GOOD_ZIP))),
]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=4)), max_size=4),
    st.integers(0, 99),
)
def test_no_damage_is_an_exception(
    tmp_path_factory: pytest.TempPathFactory, seed: bytes, damage: list[tuple[int, bytes]], cut: int
) -> None:
    data = bytearray(seed)
    for at, patch in damage:
        place = at % len(data)
        data[place : place + len(patch)] = patch
    try:
        found = records(tmp_path_factory.getbasetemp(), bytes(data[: len(data) - cut // 2]))
    except SourceError:
        return
    assert found or not any(data)


def test_an_inner_file_that_only_looks_compressed_is_a_file(tmp_path: Path) -> None:
    found = records(tmp_path, zip_of(Zipped(b"a", b"\xfd7zXZ\0"), Zipped(b"b", b"\x1f\x8b\x08" + b"x" * 50)))
    assert (paths(found), unread(found)) == (["a", "b"], [])


def test_an_inner_archive_that_was_cut_is_said(tmp_path: Path) -> None:
    inner = gzip.compress(tar_member(b"x", b"1" * 5000))
    found = records(tmp_path, zip_of(Zipped(b"a.tgz", inner), Zipped(b"b", b"")))
    assert (paths(found), unread(found)) == (["a.tgz", "a.tgz!/x", "b"], [("a.tgz", "end")])


def test_a_name_that_is_cut_after_a_slash_in_its_header_makes_no_folder(tmp_path: Path) -> None:
    folder = "f" * 99
    data = pax(path=f"{folder}/name") + tar_header(f"{folder}/".encode(), 5) + b"12345".ljust(512, b"\0")
    found = records(tmp_path, tar_member(b"a", b"1") + data + tar_member(b"b", b"2") + END_OF_TAR)
    assert (paths(found), unread(found)) == (["a", "b", folder, f"{folder}/name"], [])
    assert next(r.size for r in found if isinstance(r, File) and r.path == f"{folder}/name") == 5


def test_an_old_header_that_is_a_folder_for_some_readers_only_is_told(tmp_path: Path) -> None:
    folder = "f" * 99
    data = (
        pax(path=f"{folder}/name") + tar_header(f"{folder}/".encode(), 5, b"\0") + b"12345".ljust(512, b"\0")
    )
    found = records(tmp_path, tar_member(b"a", b"1") + data + END_OF_TAR)
    assert (f"{folder}/name", "type") in unread(found)
