"""The cache of readings: what is remembered, for whom, and that nobody else can put anything in."""

from __future__ import annotations

import io
import multiprocessing
import os
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from fimci import cache, readers, sides
from fimci.archives import bounds
from fimci.cache import Cache
from fimci.look import readings, recalled
from fimci.model import Capability, Digest, Place, Record, Unread
from fimci.snapshot import Entry, Reader, Snapshot
from fimci.sources.locator import parse
from tests.archives import tar_member

KEY, OTHER = b"k" * 32, b"o" * 32
SAID: list[Record] = [
    Capability(path="a.py", name="network", subject="left.example", at=Place("a.py", 3, "get(x)")),
    Unread(path="a.py", why="too deep", part="code"),
]


def filled(folder: Path, key: bytes = KEY, versions: tuple[str, ...] = ("python/1",)) -> Cache:
    one = Cache(str(folder / "c" / "readings.sqlite"), key, versions)
    one.put("a.py", "aa", SAID)
    one.flush()
    return one


def test_what_was_put_is_got_with_its_places(tmp_path: Path) -> None:
    filled(tmp_path)
    found = Cache(str(tmp_path / "c" / "readings.sqlite"), KEY, ("python/1",)).get("a.py", "aa")
    assert found == SAID
    assert isinstance(found[0], Capability)
    assert (found[0].at.line, found[0].at.text) == (3, "get(x)")


@pytest.mark.parametrize(
    ("key", "versions", "path", "digest"),
    [
        (OTHER, ("python/1",), "a.py", "aa"),
        (KEY, ("python/2",), "a.py", "aa"),
        (KEY, ("python/1",), "b.py", "aa"),
        (KEY, ("python/1",), "a.py", "ab"),
    ],
)
def test_another_key_reader_path_or_content_gets_nothing(
    tmp_path: Path, key: bytes, versions: tuple[str, ...], path: str, digest: str
) -> None:
    filled(tmp_path)
    assert Cache(str(tmp_path / "c" / "readings.sqlite"), key, versions).get(path, digest) is None


def test_nobody_without_the_key_can_put_anything_in(tmp_path: Path) -> None:
    """Neither a changed entry, nor one of another content under this name, nor one by another key counts."""
    mine = filled(tmp_path)
    mine.put("evil.py", "ee", [])
    mine.flush()
    file = tmp_path / "c" / "readings.sqlite"
    with sqlite3.connect(file) as database:
        rows = dict(database.execute("SELECT name, sealed FROM readings"))
        (clean,) = (sealed for sealed in rows.values() if len(sealed) < 20)
        named = next(name for name, sealed in rows.items() if sealed != clean)
        database.execute("UPDATE readings SET sealed = ? WHERE name = ?", (clean, named))
    assert Cache(str(file), KEY, ("python/1",)).get("a.py", "aa") is None
    with sqlite3.connect(file) as database:
        database.execute("UPDATE readings SET sealed = ?", (b"short",))
    assert Cache(str(file), KEY, ("python/1",)).get("a.py", "aa") is None


def test_a_file_that_is_no_database_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "readings.sqlite"
    file.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    one = Cache(str(file), KEY, ())
    assert one.get("a.py", "aa") is None
    one.put("a.py", "aa", SAID)
    one.flush()
    assert one.get("a.py", "aa") == SAID


def test_where_nothing_can_be_kept_everything_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    one = Cache(str(tmp_path / "file" / "readings.sqlite"), KEY, ())
    one.put("a.py", "aa", SAID)
    one.flush()
    assert one.get("a.py", "aa") is None


def _writes(file: str, number: int) -> None:
    one = Cache(file, KEY, ())
    for at in range(100):
        one.put(f"{number}/{at}.py", "aa", SAID)
    one.flush()


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    file = str(tmp_path / "readings.sqlite")
    crew = [multiprocessing.Process(target=_writes, args=(file, number)) for number in range(4)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    mine = Cache(file, KEY, ())
    assert all(mine.get(f"{number}/{at}.py", "aa") == SAID for number in range(4) for at in range(100))


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path), "APPDATA": str(tmp_path), "HOME": str(tmp_path)}
    first = cache.key(environment)
    assert first is not None
    assert first == cache.key(environment)
    assert cache.key({**environment, "FIMCI_CACHE_KEY": "from a secret"}) != first
    (file,) = tmp_path.rglob("cache.key")
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o644)
        assert cache.key(environment) is None


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    assert cache.place({"FIMCI_CACHE_DIR": "off"}) is None
    assert cache.place({"FIMCI_CACHE_DIR": str(tmp_path)}) == str(tmp_path / "readings.sqlite")
    assert cache.opened((), {"FIMCI_CACHE_DIR": "off"}) is None


def test_only_readers_of_code_are_remembered(tmp_path: Path) -> None:
    one = filled(tmp_path)
    digest = Digest("sha256", "cc")
    plain = next(reader for reader in readers.ALL if reader.name == "npmrc")
    code = next(reader for reader in readers.ALL if reader.name == "python")
    list(readings(".npmrc", digest, [(plain, b"registry=https://registry.example/")]))
    first = list(recalled("b.py", digest, [(code, b"import os\nos.system('id')\n")], one))
    one.flush()
    assert first
    assert one.get(".npmrc", "cc") is None
    assert one.get("b.py", "cc") == first


def test_a_reader_that_failed_is_asked_again(tmp_path: Path) -> None:
    class Broken(Reader, frozen=True):
        def read(self, path: str, data: bytes):  # type: ignore[no-untyped-def]  # noqa: ANN202
            raise ValueError(path, data)

    one = filled(tmp_path)
    reader = Broken("broken", 1, "fimci.readers.code.python", code=True)
    (said,) = recalled("b.py", Digest("sha256", "dd"), [(reader, b"x")], one)
    assert isinstance(said, Unread)
    assert one.get("b.py", "dd") is None


def test_a_second_inspection_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the first was cut short by a file that nobody could read from the cache."""
    monkeypatch.setenv("FIMCI_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("FIMCI_CACHE_KEY", "key")
    folder = tmp_path / "tree"
    folder.mkdir()
    for number in range(30):
        (folder / f"m{number}.py").write_text(f"import os\nos.system('program{number}')\n")
    how = sides.recipe(code=True)
    first = list(sides.snapshot(parse(f"dir:{folder}"), how).records)
    monkeypatch.setattr("fimci.look.readings", lambda *_: iter(()))
    assert list(sides.snapshot(parse(f"dir:{folder}"), how).records) == first
    monkeypatch.setenv("FIMCI_CACHE_KEY", "another")
    assert list(sides.snapshot(parse(f"dir:{folder}"), how).records) != first


def test_what_is_remembered_imports_no_reader_of_code(tmp_path: Path) -> None:
    one = filled(tmp_path)
    digest = Digest("sha256", "ee")
    reader = Reader("gone", 1, "fimci.readers.code.there_is_none", suffixes=(".py",), code=True)
    one.put("b.py", digest.hex, [Unread(path="b.py", why="said before")])
    one.flush()
    (said,) = recalled("b.py", digest, [(reader, b"import os")], one)
    assert said == Unread(path="b.py", why="said before")


def _packed(folder: Path, name: str, text: str) -> str:
    file = folder / name
    with tarfile.open(file, "w:gz") as archive:
        for path, data in (("package/package.json", '{"name": "left"}'), ("package/index.js", text)):
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data.encode()))
    return str(file)


def _never(*_: object, **__: object) -> Iterator[Entry]:
    raise AssertionError("was looked into")


def _in_words(found: Snapshot) -> bytes:
    """Return records as text: a fact that cannot be told is equal to nothing."""
    return msgspec.json.encode(list(found.records))


def test_an_archive_is_remembered_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under its bytes, what it is called, and the recipe: each of them changes what is said."""
    monkeypatch.setenv("FIMCI_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("FIMCI_CACHE_KEY", "key")
    file = _packed(tmp_path, "left-1.0.0.tgz", "require('child_process').exec('one')\n")
    other = _packed(tmp_path, "left-1.0.1.tgz", "require('child_process').exec('two')\n")
    how = sides.recipe(code=True)
    first = _in_words(sides.snapshot(parse(f"archive:{file}"), how))
    assert b'"index.js"' in first
    monkeypatch.setattr("fimci.sources.archive.within", _never)
    monkeypatch.setattr("fimci.reach.settled", _never)
    assert _in_words(sides.snapshot(parse(f"archive:{file}"), how)) == first
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(file, elsewhere)
    assert _in_words(sides.snapshot(parse(f"archive:{elsewhere}/left-1.0.0.tgz"), how)) == first
    shutil.copy(file, tmp_path / "left.tar.gz")
    for named, recipe in (
        (other, how),
        (str(tmp_path / "left.tar.gz"), how),
        (file, sides.recipe((".git/",), code=True)),
        (file, sides.recipe()),
    ):
        with pytest.raises(AssertionError, match="was looked into"):
            sides.snapshot(parse(f"archive:{named}"), recipe)


def test_an_archive_is_remembered_by_how_it_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a release says to its developers alone is not told of it, and is of the archive of a project."""
    monkeypatch.setenv("FIMCI_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("FIMCI_CACHE_KEY", "key")
    manifest = b'{"name": "left", "version": "1.0.0", "scripts": {"prepare": "node-gyp rebuild"}}'
    file = b"".join([tar_member(b"package/package.json", manifest), bytes(1024)])
    how = sides.recipe(code=True)

    def told(*, released: bool) -> bytes:
        return _in_words(sides.packed(file, "left.tar.gz", "left", how, released=released))

    first = told(released=True), told(released=False)
    assert first[0] != first[1]
    assert (told(released=True), told(released=False)) == first


def test_what_took_too_long_is_looked_into_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIMCI_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("FIMCI_CACHE_KEY", "key")
    file = _packed(tmp_path, "left-1.0.0.tgz", "left()\n")
    how = sides.recipe(code=True)
    with monkeypatch.context() as slow:
        slow.setattr(bounds, "LIMITS", bounds.LIMITS._replace(seconds=-1.0))
        cut = list(sides.snapshot(parse(f"archive:{file}"), how).records)
    assert any(isinstance(record, Unread) and record.part == "time" for record in cut)
    whole = list(sides.snapshot(parse(f"archive:{file}"), how).records)
    assert not any(isinstance(record, Unread) for record in whole)
    assert len(whole) > len(cut)


def test_what_is_oldest_goes_where_too_much_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_MOST_BYTES", 200_000)
    one = Cache(str(tmp_path / "readings.sqlite"), KEY, ())
    for number in range(100):
        one.put(f"{number}.py", "aa", [Unread(path="a.py", why="x" * 4_000)])
        one.flush()
    kept = [number for number in range(100) if one.get(f"{number}.py", "aa") is not None]
    assert 99 in kept
    assert 0 not in kept
    assert len(kept) * 4_000 < 200_000
