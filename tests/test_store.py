"""The baseline file: its bytes, its packed form, and what is said of a file that is none."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from fimci import packing, store
from fimci.errors import BaselineError
from fimci.model import (
    UNSTATED,
    Capability,
    Digest,
    Drift,
    File,
    Package,
    Place,
    Record,
    Setting,
    Unread,
)
from fimci.packing import PackingError
from fimci.snapshot import Recipe

FIXTURES = Path(__file__).parent.parent / "fixtures" / "baselines"
RECIPE = Recipe(ignore=(".git/", "d\udce9/"), readers=("npm/1", "npmrc/1"))
PLACE = Place("package-lock.json", 12, '"left": {', (("integrity", 14),))


def sha(character: str) -> Digest:
    return Digest("sha256", character * 64)


def sample() -> list[Record]:
    """Return one record of each kind and form, in order."""
    return [
        File(path="bin", kind="directory", size=None, mode=0o755, digest=None),
        File(path="bin/run", size=57, mode=0o755, digest=sha("a")),
        File(path="bin/set-id", size=0, mode=0o4755, digest=sha("b")),
        File(path="caf\udce9\0", size=1, mode=0o644, digest=sha("c")),
        File(path="device", kind="other", size=None, mode=0o644, digest=None),
        File(path="line\nbreak", size=1 << 40, mode=0o644, digest=sha("d")),
        File(path="link", kind="link", size=None, mode=None, digest=None, target="../caf\udce9"),
        File(path="module", kind="submodule", size=None, mode=None, digest=Digest("sha1", "e" * 40)),
        File(path="secret", mode=0o644),
        Capability(path="package.json", name="install-script", subject="postinstall", at=PLACE),
        Drift(path="package-lock.json", name="left", wanted="^2", locked=None, at=PLACE),
        Package(
            ecosystem="npm",
            name="left",
            place="package-lock.json#node_modules/left",
            stated_by="lock",
            version="1.0.0",
            origin=None,
            integrity=(Digest("sha512", "f" * 128),),
            install_scripts=True,
            flags=("dev",),
            at=PLACE,
        ),
        Setting(path=".npmrc", name="registry", value="https://registry.example/", at=Place(".npmrc", 1)),
        Unread(path="secret", why="permission denied"),
    ]


def written(records: list[Record]) -> bytes:
    return b"".join(store.dump(RECIPE, records))


def test_the_sample_of_format_1_is_written_byte_by_byte_and_read() -> None:
    golden = (FIXTURES / "format-1.baseline").read_bytes()
    assert written(sample()) == golden
    loaded = store.load(golden, "b")
    assert (list(loaded.records), loaded.recipe) == (sample(), RECIPE)


def test_the_packed_sample_of_format_1_is_read() -> None:
    """Another version of zstd may pack it in other bytes; the text in it is what is canonical."""
    packed = (FIXTURES / "format-1.baseline.zst").read_bytes()
    assert b"".join(packing.unpack(packed)) == (FIXTURES / "format-1.baseline").read_bytes()
    assert list(store.load(packed, "b").records) == sample()


def many(number: int) -> list[Record]:
    return [
        File(path=f"f{i:07}", size=i, mode=0o644 if i % 9 else 0o755, digest=Digest("sha256", f"{i:064x}"))
        for i in range(number)
    ]


@pytest.mark.parametrize("number", [0, 1, 255, 256, 257, 5000])
def test_text_and_packed_give_back_what_they_were_given(number: int) -> None:
    text = written(many(number))
    packed = b"".join(packing.pack(itertools.chain([text[:7]], [text[7:]])))
    assert packed == b"".join(packing.pack([text])), "how the input is cut leaves no trace"
    for data in (text, packed):
        records = store.load(data, "b").records
        assert list(records) == many(number)
        assert list(records) == many(number), "each iteration starts anew"


def test_100_000_files_fit_into_7_megabytes_when_packed() -> None:
    digits = (Digest("sha256", f"{pow(3, i + 9999, 2**256):064x}") for i in itertools.count())
    records = [File(path=f"a/{i:06}.py", size=i, mode=0o644, digest=next(digits)) for i in range(10_000)]
    packed = b"".join(packing.pack(store.dump(RECIPE, records)))
    assert len(packed) < 7_000_000 / 10


TEXT = written(many(300))
LINES = TEXT.splitlines(keepends=True)
HALF = len(TEXT) // 2


def rewritten(*lines: bytes) -> bytes:
    """Return a baseline whose root digest fits, whatever its lines say."""
    import hashlib  # noqa: PLC0415

    body = b"".join(lines)
    root = hashlib.sha256(body).hexdigest()
    return body + b'{"records":%d,"root":"sha256:%s"}\n' % (len(lines) - 1, root.encode())


CONFLICT = b"".join(
    [*LINES[:9], b"<<<<<<< HEAD\n", LINES[9], b"=======\n", LINES[10], b">>>>>>> topic\n", *LINES[11:]]
)
DAMAGED = {
    "empty": (b"", "is empty"),
    "something else": (b"hello\n", "is not a baseline"),
    "cut in a line": (TEXT[:HALF], "is truncated"),
    "cut after a line": (b"".join(LINES[:50]), "is truncated"),
    "cut in the trailer": (TEXT[:-9], "is truncated"),
    "without its last line feed": (TEXT[:-1], "its last line feed is missing"),
    "a bit flipped": (TEXT[:HALF] + bytes([TEXT[HALF] ^ 1]) + TEXT[HALF + 1 :], "b "),
    "two lines swapped": (
        b"".join([*LINES[:9], LINES[10], LINES[9], *LINES[11:]]),
        "line 11 is out of order",
    ),
    "a line twice": (b"".join([*LINES[:9], LINES[8], *LINES[9:]]), "line 10 is there twice"),
    "a line removed": (b"".join([*LINES[:9], *LINES[10:]]), "record count is wrong"),
    "another digest": (TEXT.replace(b"AAAA", b"AAAB", 1), "its root digest does not match"),
    "something appended": (TEXT + b"[]\n", "after its trailer"),
    "joined with another": (TEXT + TEXT, "after its trailer"),
    "zeros in a block": (TEXT[:4096] + bytes(4096) + TEXT[8192:], "never reached the disk"),
    "nothing but zeros": (bytes(len(TEXT)), "never reached the disk"),
    "line endings of Windows": (TEXT.replace(b"\n", b"\r\n"), "converted to CRLF"),
    "a merge conflict": (CONFLICT, "merge conflict markers (line 10)"),
    "a merge conflict at its start": (b"<<<<<<< HEAD\n" + TEXT, "merge conflict markers (line 1)"),
    "a byte order mark": (b"\xef\xbb\xbf" + TEXT, "byte order mark"),
    "a newer format": (TEXT.replace(b"baseline/1", b"baseline/2", 1), "has the format 'fimci-baseline/2'"),
    "a line that is no record": (rewritten(LINES[0], b"[1,2]\n"), "invalid record in line"),
    "a mode that is none": (
        rewritten(LINES[0], b'["a",1,"' + b"A" * 43 + b'","9"]\n'),
        "invalid record in line",
    ),
    "a mode that is a list": (
        rewritten(LINES[0], b'["a",1,"' + b"A" * 43 + b'",[]]\n'),
        "invalid record in line",
    ),
    "a digest that is short": (rewritten(LINES[0], b'["a",1,"AAAA"]\n'), "invalid record in line"),
    "an empty line": (rewritten(LINES[0], b"\n"), "invalid record in line"),
    "a size below zero": (rewritten(LINES[0], b'["a",-1,"' + b"A" * 43 + b'"]\n'), "invalid record in line"),
}


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("form", [bytes, lambda data: b"".join(packing.pack([data]))], ids=["text", "packed"])
def test_what_has_happened_is_told(name: str, form: Callable[[bytes], bytes]) -> None:
    data, words = DAMAGED[name]
    with pytest.raises(BaselineError) as caught:
        list(store.load(form(data), "b").records)
    assert words in caught.value.message
    assert caught.value.message.startswith("b ")
    assert caught.value.remedy
    assert caught.value.exit_code == 3


def test_a_newer_format_asks_for_a_newer_fimci_and_crlf_for_an_attribute() -> None:
    for name, words in {
        "a newer format": "a newer one",
        "line endings of Windows": "-text",
        "a merge conflict": "finish the merge",
    }.items():
        with pytest.raises(BaselineError) as caught:
            store.load(DAMAGED[name][0], "b")
        assert words in caught.value.remedy


PACKED = b"".join(packing.pack([TEXT]))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PACKED[:-1], "is truncated"),
        (PACKED[: len(PACKED) // 2], "is truncated"),
        (PACKED[:4], "is truncated"),
        (PACKED[:-2] + b"xx", "is damaged"),
        (PACKED[:99] + b"\xff" * 40 + PACKED[139:], "is damaged"),
        (PACKED + b"\n", "has other data after"),
        (PACKED + PACKED, "has other data after"),
    ],
)
def test_damaged_packing_is_told(data: bytes, words: str) -> None:
    with pytest.raises(BaselineError, match=words):
        store.load(data, "b")


def test_a_bomb_is_refused_before_it_fills_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_FEW", 64 << 20)
    bomb = b"".join(packing.pack(itertools.repeat(bytes(1 << 20), 80)))
    assert len(bomb) < 20_000
    with pytest.raises(PackingError, match="more than any baseline"):
        for _ in packing.unpack(bomb):
            pass
    with pytest.raises(BaselineError, match="more than any baseline"):
        store.load(bomb, "b")


def test_a_file_without_a_mode_or_size_keeps_them_unstated() -> None:
    (record,) = store.load(written([File(path="a")]), "b").records
    assert isinstance(record, File)
    assert record.size is record.mode is record.digest is UNSTATED


def test_records_out_of_order_are_not_written() -> None:
    with pytest.raises(ValueError, match="not sorted"):
        b"".join(store.dump(Recipe(), [File(path="b"), File(path="a")]))


def test_a_line_longer_than_any_is_not_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_LINE_LIMIT", 10_000)
    monkeypatch.setattr(store, "_BLOCK", 1000)
    data = b"".join(store.dump(Recipe(), [File(path="a" * 20_000)]))
    with pytest.raises(BaselineError, match="longer than any"):
        store.load(data, "b")
