"""Baselines of installed trees: several at once, and nothing of what is beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.cli import main
from fimci.errors import FimciError
from fimci.patterns import matcher
from fimci.together import BASELINE, is_meant, patterns
from tests.environments import SITE, create, install


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder, made the current one, with an environment and a `node_modules` two levels down."""
    install(create(tmp_path / ".venv"), "left-pad", "1.0.1", {"left_pad.py": "x = 1\n"})
    package = tmp_path / "apps/web app/node_modules/right/package.json"
    package.parent.mkdir(parents=True)
    package.write_text(json.dumps({"name": "right", "version": "1.0.0"}))
    (tmp_path / "apps/other.txt").write_text("")
    (tmp_path / "main.py").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_changed_since_in_all_of_them(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", "python:.venv", "node:apps/web app"]) == 0
    assert f"fimci check --baseline {BASELINE}" in capsys.readouterr().out
    (project / "main.py").write_text("changed = 1\n")
    (project / "apps/new.txt").write_text("")
    assert main(["check", "--baseline", BASELINE]) == 0
    (project / ".venv" / SITE / "left_pad.py").write_text("x = 2\n")
    (project / "apps/web app/node_modules/right/evil.js").write_text("")
    capsys.readouterr()
    assert main(["check", "--baseline", BASELINE, "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    paths = {finding["path"] for finding in report["findings"]}
    assert paths == {f".venv/{SITE}/left_pad.py", "apps/web app/node_modules/right/evil.js"}


def test_a_folder_is_a_folder_as_before(project: Path) -> None:
    assert main(["baseline", "."]) == 0
    assert (project / "fimci.baseline").exists()
    assert not (project / BASELINE).exists()


@pytest.mark.parametrize(
    "names", [["python:gone"], ["node:apps"], ["python:.venv", ".."], [".", ".venv"], ["python:/"]]
)
def test_what_cannot_be_taken_together_is_said(project: Path, names: list[str]) -> None:
    assert project.is_dir()
    with pytest.raises(FimciError):
        patterns(names)


def test_a_path_that_looks_like_a_locator_is_a_path(project: Path) -> None:
    assert is_meant(["python:.venv"])
    (project / "python:x").mkdir()
    assert not is_meant(["python:x"])


@given(
    st.lists(
        st.lists(
            st.text("ab*?[]!# .\\-", min_size=1, max_size=4).filter(lambda s: s.strip(".")),
            min_size=1,
            max_size=3,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_everything_but_the_trees_is_left_out(
    tmp_path_factory: pytest.TempPathFactory, trees: list[list[str]]
) -> None:
    root = tmp_path_factory.mktemp("root")
    names = ["/".join(parts) for parts in trees]
    for name in names:
        (root / name).mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        ignored = matcher(patterns([f"python:{name}" for name in names]))
    for name in names:
        assert not ignored(f"{name}/file.py")
        assert not ignored(f"{name}/folder/file.py")
    assert ignored("zz/file.py")
    assert ignored("zz.py")
