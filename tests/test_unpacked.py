"""Environments that pdm filled with links into its cache: what is behind them is held against its list."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from fimci import trees, unpacked
from fimci.findings import Report
from fimci.policy import Policy
from tests.environments import SITE, create, row, wheel

INFO = "left_pad-1.0.1.dist-info"
FILES: dict[str, str | bytes] = {
    "left_pad/__init__.py": "def main():\n    return 1\n",
    "left_pad/inner/more.py": "x = 1\n",
}
NAME = "left_pad-1.0.1-py3-none-any.whl.cache"
Link: TypeAlias = Callable[[Path, Path], None]


def soft(source: Path, place: Path) -> None:
    place.symlink_to(source)


def hard(source: Path, place: Path) -> None:
    os.link(source, place)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("PDM_CACHE_DIR", raising=False)
    return tmp_path / "home" / ".cache" / "pdm" / "packages"


def project(tmp_path: Path, cache: Path, link: Link, *, folders: bool = False) -> Path:
    """Fill an environment as pdm does where `install.cache` is on."""
    with zipfile.ZipFile(io.BytesIO(wheel(FILES, "left-pad", "1.0.1"))) as archive:
        archive.extractall(cache / NAME)
    root = tmp_path / "project"
    site = create(root / ".venv") / SITE
    rows = []
    for path in sorted(path for path in (cache / NAME).rglob("*") if path.is_file()):
        inner = path.relative_to(cache / NAME)
        if inner.name != "RECORD":
            rows.append(f"{inner},sha256=,{path.stat().st_size}")
            if not folders or inner.parts[0] == INFO:
                (site / inner).parent.mkdir(parents=True, exist_ok=True)
                link(path, site / inner)
    if folders:
        (site / "left_pad").symlink_to(cache / NAME / "left_pad")
    (site / INFO / "INSTALLER").write_text("pdm")
    (site / INFO / "RECORD").write_text(
        "\n".join([*rows, row(f"{INFO}/INSTALLER", b"pdm"), f"{INFO}/RECORD,,", ""])
    )
    return root


def judged(root: Path) -> list[Report]:
    found = trees.found(str(root), "", {})
    return list(trees.judged(found, Policy(), today=dt.date(2026, 1, 1)))


def rules(root: Path) -> set[str]:
    return {finding.rule for report in judged(root) for finding in report.findings}


@pytest.mark.parametrize("link", [soft, hard])
def test_links_into_the_cache_are_nothing_to_tell(tmp_path: Path, cache: Path, link: Link) -> None:
    reports = judged(project(tmp_path, cache, link))
    assert [(f.rule, f.message, f.path) for report in reports for f in report.findings] == []
    notes = " ".join(note for report in reports for note in report.notes)
    assert ("in the cache of an installer, behind links: 4 files" in notes) == (link is soft)


def test_a_folder_may_be_one_link(tmp_path: Path, cache: Path) -> None:
    root = project(tmp_path, cache, soft, folders=True)
    assert rules(root) == set()
    (cache / NAME / "left_pad" / "__init__.py").write_text("def main():\n    return 2\n")
    assert rules(root) == {"installed-file-changed"}


@pytest.mark.parametrize("link", [soft, hard])
def test_what_was_changed_in_the_cache_is_found(tmp_path: Path, cache: Path, link: Link) -> None:
    root = project(tmp_path, cache, link)
    with (cache / NAME / "left_pad" / "__init__.py").open("a") as file:
        file.write("import os\n")
    (finding,) = (finding for report in judged(root) for finding in report.findings)
    assert finding.rule == "installed-file-changed"
    assert finding.path == f".venv/{SITE}/left_pad/__init__.py"


def test_without_the_cache_there_is_much_to_tell(tmp_path: Path, cache: Path) -> None:
    root = project(tmp_path, cache, soft)
    shutil.rmtree(cache)
    assert "record-unreliable" in rules(root)


@pytest.mark.parametrize(
    "elsewhere", ["elsewhere/left_pad/__init__.py", f"home/.cache/pdm/packages/{NAME}/left_pad/inner/more.py"]
)
def test_a_link_that_leads_elsewhere_is_found(tmp_path: Path, cache: Path, elsewhere: str) -> None:
    root = project(tmp_path, cache, soft)
    other = tmp_path / elsewhere
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_text("def main():\n    return 1\n")
    place = root / ".venv" / SITE / "left_pad" / "__init__.py"
    place.unlink()
    place.symlink_to(other)
    assert rules(root)


def test_a_link_within_the_cache_is_no_file_of_it(tmp_path: Path, cache: Path) -> None:
    root = project(tmp_path, cache, soft)
    inner = cache / NAME / "left_pad" / "__init__.py"
    inner.rename(tmp_path / "other.py")
    inner.symlink_to(tmp_path / "other.py")
    assert rules(root)


def test_a_project_names_no_cache_for_links(tmp_path: Path, cache: Path) -> None:
    root = project(tmp_path, tmp_path / "project" / "own" / "packages", soft)
    assert not cache.exists()
    (root / "pdm.toml").write_text(f'cache_dir = "{tmp_path}/project/own"\n')
    assert rules(root)


def test_rows_are_restated_by_path_and_size() -> None:
    listed = b'a.py,sha256=,3\n"b,c.py",sha256=,4\r\nd.py,sha256=,9\nRECORD,,\n'
    cached = b'a.py,sha256=AAA,3\n"b,c.py",sha256=BBB,4\nd.py,sha256=DDD,8\ne.py,sha256=,1\n'
    told = unpacked.restated(listed, cached)
    assert re.findall(rb"sha256=(\w*)", told) == [b"AAA", b"BBB", b""]
