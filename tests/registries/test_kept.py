"""Downloads that are kept: by digest, whole, and believed only where they prove themselves."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fimci.model import Digest
from fimci.registries.kept import Kept

_DATA = b"an archive"
_DIGESTS = (
    Digest("sha256", hashlib.sha256(_DATA).hexdigest()),
    Digest("sha512", hashlib.sha512(_DATA).hexdigest()),
)


def test_an_archive_comes_back_by_digest(tmp_path: Path) -> None:
    kept = Kept(str(tmp_path), b"k" * 32)
    assert kept.archive(_DIGESTS) is None
    kept.keep(_DATA, _DIGESTS)
    assert kept.archive(_DIGESTS) == kept.archive((Digest("sha512", "00" * 64), *_DIGESTS)) == _DATA
    assert kept.archive((Digest("sha512", "00" * 64), _DIGESTS[0])) is None


def test_what_was_changed_since_is_not_there(tmp_path: Path) -> None:
    kept = Kept(str(tmp_path), b"k" * 32)
    kept.keep(_DATA, _DIGESTS[:1])
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    file.write_bytes(b"another archive")
    assert kept.archive(_DIGESTS[:1]) is None


def test_nothing_is_kept_that_has_no_such_digest(tmp_path: Path) -> None:
    Kept(str(tmp_path), b"k" * 32).keep(b"other", _DIGESTS)
    assert not list(tmp_path.rglob("*"))


def test_a_digest_leads_nowhere_else(tmp_path: Path) -> None:
    kept = Kept(str(tmp_path / "kept"), b"k" * 32)
    assert kept.archive((Digest("sha256", "../../etc/passwd"),)) is None


def test_answers_are_sealed(tmp_path: Path) -> None:
    kept = Kept(str(tmp_path), b"k" * 32)
    kept.keep_answer("https://registry.example/left", b"{}")
    assert kept.answer("https://registry.example/left") == b"{}"
    assert Kept(str(tmp_path), b"o" * 32).answer("https://registry.example/left") is None
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert kept.answer("https://registry.example/left") is None


def test_many_may_write_at_once(tmp_path: Path) -> None:
    kept = Kept(str(tmp_path), b"k" * 32)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: kept.keep(_DATA, _DIGESTS), range(40)))
    assert kept.archive(_DIGESTS) == _DATA
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 1


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.joinpath("kept").write_text("a file")
    kept = Kept(str(tmp_path / "kept"), b"k" * 32)
    kept.keep(_DATA, _DIGESTS)
    assert kept.archive(_DIGESTS) is None
    assert Kept(None, b"").archive(_DIGESTS) is None
