"""The action: what its inputs become, that nothing of them is code, and that it runs from a checkout."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests import repository
from tests.oracle import commands
from tools import pins

ROOT = Path(__file__).parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
BASH = shutil.which("bash")


def load(name: str) -> ModuleType:
    found = importlib.util.spec_from_file_location(f"action_{name}", ROOT / "action" / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


start = load("start")


def given(**inputs: str) -> dict[str, str]:
    """Return all inputs as the action passes them, some of them set."""
    (step,) = ACTION["runs"]["steps"]
    names = {
        variable.removeprefix("FIMCI_"): re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", text)
        for variable, text in step["env"].items()
    }
    values = {name: str(ACTION["inputs"][found[1]]["default"]) for name, found in names.items() if found}
    assert len(values) == len(ACTION["inputs"])
    return {**values, **inputs}


def test_no_expression_reaches_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert "uses" not in step
    for name, output in ACTION["outputs"].items():
        assert output["value"] == f"${{{{ steps.fimci.outputs.{name} }}}}"


def test_every_input_is_documented() -> None:
    page = (ROOT / "docs" / "github.md").read_text()
    for name in (*ACTION["inputs"], *ACTION["outputs"]):
        assert f"`{name}`" in page, name


def test_inputs_become_words(tmp_path: Path) -> None:
    plain = start.arguments(given(), tmp_path)
    assert plain == [
        "check",
        str(tmp_path),
        "--format",
        "text",
        "--to",
        "outputs",
        "--format",
        "github",
        "--to",
        "summary",
    ]
    words = start.arguments(
        given(
            BASE="--output=x; rm -rf $HOME", FAIL_ON="low", CONFIG="ci/fimci.toml", COMMENT="always",
            CHECK_RUN="true", REVIEW="yes", ANNOTATIONS="false", SUMMARY="false", SARIF_FILE="a b.sarif",
            HTML_FILE="r.html",
        ),
        tmp_path,
    )  # fmt: skip
    assert words[6:] == [
        "--to", "check-run", "--to", "review", "--to", "comment=always",
        "--format", f"sarif={tmp_path / 'a b.sarif'}", "--format", f"html={tmp_path / 'r.html'}",
        "--base=--output=x; rm -rf $HOME", "--fail-on=low", "--config=base:ci/fimci.toml",
    ]  # fmt: skip


def test_a_command_goes_to_the_guard_as_one_word(tmp_path: Path) -> None:
    command = "npm ci\necho '$(x)'; -- --may-write=/"
    words = start.arguments(given(RUN=command, MAY_WRITE="dist/\n\n ~/x/ \n", SUMMARY="false"), tmp_path)
    assert words[:2] == ["watch", str(tmp_path)]
    at = words.index("--")
    assert words[at - 2 : at] == ["--may-write=dist/", "--may-write=~/x/"]
    assert words[at + 1 :] == ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command]


@pytest.mark.parametrize(
    "inputs",
    [
        {"RUN": "make", "BASE": "HEAD"},
        {"COMMENT": "sometimes"},
        {"SUMMARY": "maybe"},
        {"WORKING_DIRECTORY": ".."},
        {"WORKING_DIRECTORY": "none"},
        {"SARIF_FILE": "link"},
        {"SARIF_FILE": "out/x.sarif"},
        {"REPORT_JSON": "../x.json"},
    ],
)
def test_an_input_that_makes_no_sense_is_told(tmp_path: Path, inputs: dict[str, str]) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "link").symlink_to(tmp_path / "elsewhere")
    (workspace / "out").symlink_to(tmp_path)
    with pytest.raises(start.FaultError, match="input"):
        start.arguments(given(**inputs), workspace)


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target", "merge_group", "push"])
def test_a_change_does_not_choose_its_base(tmp_path: Path, event: str) -> None:
    with pytest.raises(start.FaultError, match="its own base"):
        start.arguments(given(BASE="HEAD"), tmp_path, event)
    assert "--base=HEAD" in start.arguments(given(BASE="HEAD"), tmp_path, "workflow_dispatch")


def test_an_error_is_one_annotation(capsys: pytest.CaptureFixture[str]) -> None:
    start.said("a\n::error::b%0A##[error]c\r::set-env name=x::y")
    (one,) = commands(capsys.readouterr().out.encode())
    assert (one.name, one.properties) == ("error", {"title": "fimci"})


def test_what_is_installed_is_pinned_by_hash_and_names_no_host() -> None:
    text = pins.FILE.read_text()
    assert pins.missing(text) == []
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text):
        assert block.startswith("#") or "--hash=sha256:" in block


@pytest.mark.network
@pytest.mark.client
@pytest.mark.skipif(BASH is None, reason="no bash")
def test_it_runs_from_its_own_checkout_and_imports_nothing_of_the_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.seal(monkeypatch)
    where = repository.create(tmp_path / "workspace", {"package.json": '{"name": "a"}'})
    trap = "import os; open(os.environ['TRAP'], 'a').write(__name__)\n"
    shadowed = ("json", "sitecustomize", "usercustomize", "venv", "pip", "fimci", "yaml")
    traps = {f"{name}.py": trap for name in shadowed}
    base = repository.git(where, "rev-parse", "HEAD").strip()
    traps["src/index.js"] = "fetch('https://left.example/');\n"
    repository.write(where, {**traps, "package.json": '{"name": "a", "scripts": {"postinstall": "node x"}}'})
    repository.commit(where)
    (tmp_path / "temp").mkdir()
    event = tmp_path / "event.json"
    event.write_text(f'{{"before": "{base}"}}')
    variables = {
        "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(event),
        "GITHUB_SHA": repository.git(where, "rev-parse", "HEAD").strip(), "GITHUB_WORKSPACE": str(where),
        "GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(tmp_path / "temp"), "PYTHONPATH": str(where),
        "GITHUB_OUTPUT": str(tmp_path / "outputs"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "TRAP": str(tmp_path / "trap"), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "FIMCI_CACHE_DIR": str(tmp_path / "kept"), "FIMCI_CACHE_KEY": "a secret of the repository",
        **{f"FIMCI_{name}": text for name, text in given(REPORT_JSON="report.json").items()},
    }  # fmt: skip
    (step,) = ACTION["runs"]["steps"]
    done = subprocess.run(
        [str(BASH), "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=where,
        env={**os.environ, **variables},
        capture_output=True,
        check=False,
    )
    if b"Could not find a version" in done.stderr or b"Connection" in done.stderr:
        pytest.skip("no index answers")
    assert done.returncode == 1, done.stderr.decode()
    assert not (tmp_path / "trap").exists()
    assert "\nfail\n" in (tmp_path / "outputs").read_text()
    assert "install-script-added" in (tmp_path / "summary").read_text()
    assert '"exit_code": 1' in (where / "report.json").read_text()
    assert {one.name for one in commands(done.stdout)} <= {"group", "endgroup", "error", "warning", "notice"}
    assert (tmp_path / "kept" / "readings.sqlite").exists(), "what was read is kept for the next run"
    assert b"a secret of" not in (tmp_path / "kept" / "readings.sqlite").read_bytes()


def test_a_python_that_cannot_make_an_environment_is_no_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(1, "ensurepip")

    monkeypatch.setattr(start.venv, "create", broken)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    assert start.main() == 3
    assert "::error title=fimci::" in capsys.readouterr().out
    assert (tmp_path / "outputs").read_text() == "verdict=error\n"


@pytest.mark.skipif(BASH is None, reason="no bash")
@pytest.mark.parametrize("missing", ["git", "python"])
def test_what_is_missing_is_said(tmp_path: Path, missing: str) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in {"git", "python3"} - {missing, f"{missing}3"}:
        (tools / name).symlink_to(sys.executable if name == "python3" else "/bin/false")
    if missing == "python":
        old = tools / "python3"
        old.write_text("#!/bin/sh\nexit 9\n")
        old.chmod(0o755)
    done = subprocess.run(
        [str(BASH), str(ROOT / "action" / "start.sh")],
        env={"PATH": str(tools), "GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "::error title=fimci::" in done.stdout
    assert missing in done.stdout
