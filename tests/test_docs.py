"""The documentation: what it shows is what the commands print, what it names is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fimci import policy, rules
from fimci.archives.bounds import LIMITS
from fimci.forge.event import EVENT_LIMIT
from fimci.marked.document import DEPTH_LIMIT
from fimci.marked.yaml import NODE_LIMIT
from fimci.snapshot import INSPECT_LIMIT
from tests import cases
from tests.test_rules import findings
from tests.test_shape import FLOORS
from tools import docs

PAGES = docs.markdown()
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)(?P<path>[^)#\s]+)(?:#(?P<heading>[^)\s]+))?\)")
MiB = 1024 * 1024


def name(path: Path) -> str:
    return path.relative_to(docs.ROOT).as_posix()


def blocks(page: str, language: str) -> list[str]:
    text = (docs.ROOT / page).read_text()
    return [found["body"] for found in FENCE.finditer(text) if found["language"] == language]


def anchors(path: Path) -> set[str]:
    """Return the anchors that a code host makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.client
def test_every_output_that_is_shown_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    stale = docs.main(["--check"])
    assert not stale, capsys.readouterr().out


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_output_belongs_to_an_example(path: Path) -> None:
    owned = {found["body"] for found in docs.BLOCK.finditer(path.read_text())}
    shown = [found["body"] for found in FENCE.finditer(path.read_text()) if "$ fimci" in found["body"]]
    assert set(shown) <= owned


def test_every_example_is_shown() -> None:
    text = "".join(path.read_text() for path in PAGES)
    assert {found["name"] for found in docs.BLOCK.finditer(text)} == set(docs.EXAMPLES)


def test_a_block_that_is_not_as_it_should_be_is_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "transcript", lambda example: f"$ {example}\n")
    text = "before\n<!-- example: help -->\n```console\nold\n```\nafter\n```\nkept\n```\n"
    assert docs.rewritten(text, "page") == text.replace("old", "$ help")
    with pytest.raises(SystemExit, match="not followed"):
        docs.rewritten("<!-- example: help -->\n\n```console\n```\n", "page")


def test_an_example_that_is_none_is_told() -> None:
    with pytest.raises(SystemExit, match="no example 'nonesuch'"):
        docs.transcript("nonesuch")


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    for found in LINK.finditer(FENCE.sub("", path.read_text())):
        there = path.parent / found["path"]
        assert there.exists(), found["path"]
        if found["heading"] is not None:
            assert found["heading"] in anchors(there), found["heading"]


def test_every_file_that_a_page_names_is_there() -> None:
    named = re.compile(r"`((?:fimci|tests|tools|fixtures|docs)/[\w./-]+)`")
    for path in PAGES:
        for file in named.findall(path.read_text()):
            assert (docs.ROOT / file).exists(), f"{name(path)} names {file}"


def test_the_readme_names_its_two_commands_which_run_in_ci() -> None:
    readme = (docs.ROOT / "README.md").read_text()
    shown = [line for block in FENCE.finditer(readme) for line in block["body"].splitlines()]
    runs = (docs.ROOT / ".ci" / "run").read_text().splitlines()
    targets = re.findall(r"^(\w+):", (docs.ROOT / "Makefile").read_text(), re.MULTILINE)
    for command in ("check", "test"):
        assert shown.count(f"$ make {command}") == 1
        assert f"make {command}" in runs
        assert command in targets


def test_every_decision_is_in_the_index() -> None:
    folder = docs.ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    for path in folder.glob("*.md"):
        assert path.name == "README.md" or f"({path.name})" in index
        heads = re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)
        assert path.name == "README.md" or heads == ["Context", "Choice", "Price", "Measured"], path.name


def test_every_dependency_has_its_section() -> None:
    wanted = re.search(
        r"^dependencies = \[\n(.*?)^\]", (docs.ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL
    )
    assert wanted is not None
    page = (docs.ROOT / "docs/decisions/libraries.md").read_text().lower()
    headings = " ".join(re.findall(r"^### (.+)$", page, re.MULTILINE))
    for dependency in re.findall(r'"([\w.-]+)', wanted[1]):
        assert dependency in headings, dependency


def test_the_floors_are_those_of_the_test() -> None:
    text = (docs.ROOT / "docs/architecture.md").read_text()
    for number, rooms in enumerate(FLOORS):
        line = re.search(rf"^  {number}  (.+)$", text, re.MULTILINE)
        assert line is not None
        assert rooms - {"__main__"} <= set(line[1].split()), number


def test_the_caps_are_those_of_the_code() -> None:
    text = (docs.ROOT / "SECURITY.md").read_text()
    for cap in (
        f"unanalysed | {INSPECT_LIMIT // MiB} MiB |",
        f"a policy file | {EVENT_LIMIT // MiB} MiB |",
        f"TOML, YAML | {DEPTH_LIMIT} levels |",
        f"expanded | {NODE_LIMIT:,} nodes |",
        f"members | {LIMITS.members:,} |",
        f"bytes unpacked | {LIMITS.bytes // MiB // 1024} GiB |",
        f"ratio, once {LIMITS.floor // MiB} MiB were unpacked | {LIMITS.ratio} |",
        f"| {LIMITS.layers}, {LIMITS.depth} deep |",
        f"time | {LIMITS.seconds} s |",
    ):
        assert cap in text, cap


def test_the_policy_that_is_shown_is_one() -> None:
    (example,) = blocks("docs/formats.md", "toml")
    parsed = policy.parse(example.encode(), policy.FILE, rules.pages())
    assert parsed is not None
    assert parsed.severities == {"dependency-added": 1, "lock-drift": None}
    keys = set(re.findall(r"^([\w-]+) = ", example, re.MULTILINE))
    assert {"fail-on", "critical", "ignore", "severity", "expires"} <= keys


def test_the_case_that_is_shown_is_one() -> None:
    case = cases.parse(blocks("docs/formats.md", "text")[0])
    said = [
        f"{f.path}:{f.line}: {f.severity}: {f.rule}: {f.message}"
        for f in findings("install-script-added", case)
    ]
    assert said == case.expect


@pytest.mark.client
def test_adding_a_rule_is_what_contributing_shows(tmp_path: Path) -> None:
    for folder in ("fimci", "tests", "fixtures"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(docs.ROOT / folder, tmp_path / folder, symlinks=True, ignore=ignored)
    shutil.copy(docs.ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "rule.diff").write_text(blocks("CONTRIBUTING.md", "diff")[0])
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", "rule.diff"], cwd=tmp_path, check=True)
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    chosen = ["tests/test_rules.py", "tests/test_shape.py", "-k", "changelog or shape"]
    done = subprocess.run([*pytest_, *chosen], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    explained = subprocess.run(
        [sys.executable, "-m", "fimci", "explain", "changelog-removed"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert explained.stdout.startswith("changelog-removed (low)\n\nA changelog was removed.\n")
