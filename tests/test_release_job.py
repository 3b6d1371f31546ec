"""The release job that the documentation shows: its commands are run, in a project of their own."""

from __future__ import annotations

import glob
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fimci import cli
from tests.artifacts import battery, projects
from tests.test_verify_source import committed

PAGE = Path(__file__).parent.parent / "docs" / "release-job.md"
pytestmark = [
    pytest.mark.client,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen here"),
]


def job() -> dict[str, Any]:
    found = re.search(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    return dict(yaml.safe_load(found[1])["jobs"])


def steps() -> list[str]:
    return [step["run"] for one in job().values() for step in one["steps"] if "run" in step]


def commands() -> list[str]:
    return [step for step in steps() if step.startswith("fimci ")]


def run(command: str, variables: dict[str, str]) -> int:
    """Run a command of fimci as a shell would: variables, then patterns of files."""
    for name, value in variables.items():
        command = command.replace(f"${name}", value)
    words = shlex.split(command.removeprefix("fimci "))
    return cli.main([path for word in words for path in (sorted(glob.glob(word)) or [word])])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Make a tagged project, what its build made, and a key; go there."""
    folder = committed(tmp_path / "demo", projects.repository("hatchling"))
    (folder / "dist").mkdir()
    (folder / "dist" / battery.WHEEL).write_bytes(projects.wheel("hatchling"))
    (folder / "dist" / battery.SDIST).write_bytes(projects.sdist("hatchling"))
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)
    (folder / ".github").mkdir()
    (folder / ".github" / "signers").write_text(
        f"releases@acme.example {key.with_suffix('.pub').read_text()}"
    )
    monkeypatch.chdir(folder)
    return {"GITHUB_REF_NAME": "v1.0", "RELEASE_KEY": str(key)}


def test_every_command_of_the_job_passes(project: dict[str, str]) -> None:
    assert len(commands()) == 4
    for command in commands():
        if "served/" in command:
            shutil.copytree("dist", "served")
        assert run(command, project) == 0, command
    assert Path("summary.json").exists()


def test_what_is_swapped_between_the_jobs_is_found(project: dict[str, str]) -> None:
    verify, manifest, expect, _ = commands()
    assert run(verify, project) == run(manifest, project) == 0
    Path("dist", battery.WHEEL).write_bytes(projects.wheel("hatchling", {"demo/core.py": "evil = 1\n"}))
    assert run(verify, project) == 1
    assert run(expect, project) == 1


def test_what_the_index_serves_and_nobody_built_is_found(project: dict[str, str]) -> None:
    _, manifest, _, again = commands()
    assert run(manifest, project) == 0
    Path("served").mkdir()
    Path("served", battery.WHEEL).write_bytes(battery.wheel())
    assert run(again, project) == 1


def test_the_job_has_no_right_that_it_does_not_need() -> None:
    text = PAGE.read_text()
    assert "permissions: {}" in text
    assert {name: one["permissions"] for name, one in job().items()} == {
        "build": {"contents": "read"},
        "publish": {"id-token": "write"},
    }
    uses = [step["uses"] for one in job().values() for step in one["steps"] if "uses" in step]
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one) for one in uses)


def own() -> dict[str, Any]:
    text = (PAGE.parent.parent / ".github" / "workflows" / "release.yml").read_text()
    return dict(yaml.safe_load(text)["jobs"])


def own_steps(name: str) -> list[str]:
    return [step["run"] for step in own()[name]["steps"] if "run" in step]


def test_our_own_release_is_looked_at_as_the_page_says() -> None:
    """The commands are the same, but for where the key lies and what the end of the page adds."""
    said = [command.replace("$RELEASE_KEY", "$RUNNER_TEMP/key").replace('"', "") for command in commands()]
    done = [
        step.replace('"', "")
        for name in ("build", "publish")
        for step in own_steps(name)
        if step[:6] == "fimci "
    ]
    assert len(done) == len(said) == 4
    assert all(one.startswith(other) for one, other in zip(said, done, strict=True))


def test_nothing_is_installed_for_a_release_but_what_is_pinned() -> None:
    for step in (*own_steps("build"), *own_steps("publish")):
        if "pip" in step and " install " in step:
            assert (
                "--require-hashes -r .github/release-tools.txt" in step or "--no-deps --no-index dist" in step
            )
    pins = (PAGE.parent.parent / ".github" / "release-tools.txt").read_text()
    names = re.findall(r"^([\w.-]+)==", pins, re.MULTILINE)
    assert {"build", "hatchling", "twine", "sigstore"} <= set(names)
    assert pins.count("--hash=sha256:") >= len(names)


def test_only_the_job_that_publishes_may_ask_for_an_identity_and_only_the_other_has_the_key() -> None:
    jobs = own()
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert jobs["publish"]["permissions"] == {"contents": "read", "id-token": "write"}
    assert "secrets." in str(jobs["build"])
    assert "secrets." not in str(jobs["publish"])
