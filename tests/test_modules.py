"""`node:DIR`: packages with the digest of their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from fimci import modules
from fimci.errors import SourceError
from fimci.model import Package
from fimci.sides import recipe
from fimci.sources.locator import parse
from tests import node_trees


def trees(place: Path) -> dict[str, str]:
    records = modules.snapshot(str(place), recipe(), None).records
    return {
        record.name: record.tree.hex
        for record in records
        if isinstance(record, Package) and record.stated_by == "disk" and record.tree is not None
    }


def test_a_package_has_the_same_digest_in_every_layout(tmp_path: Path) -> None:
    found = [trees(layout(tmp_path / name).root) for name, layout in node_trees.LAYOUTS.items()]
    assert set(found[0]) == {"left", "@scope/right", "inner"}
    assert all(one == found[0] for one in found)


def test_a_byte_gives_another_digest(tmp_path: Path) -> None:
    project = node_trees.npm(tmp_path / "home")
    before = trees(project.root)
    project.write("node_modules/left/README.md", b"# Left\n")
    after = trees(project.root / "node_modules")
    assert {name for name in before if before[name] != after[name]} == {"left"}


def test_what_has_none_is_no_source(tmp_path: Path) -> None:
    assert parse(f"node:{tmp_path}").scheme == "node"
    with pytest.raises(SourceError):
        modules.snapshot(str(tmp_path), recipe(), None)
