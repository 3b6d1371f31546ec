"""The release job that the documentation shows: its commands are run, in a project of their own."""

from __future__ import annotations

import base64
import glob
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fimci import cli
from tests import signing
from tests.artifacts import battery, projects
from tests.artifacts.sigstore_instance import Instance
from tests.loopback import Registry, Said, serving
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
        command = command.replace(f"${name}", value).replace(f"${{{name}#v}}", value.removeprefix("v"))
    command = command.replace("--sign keyless", f"--sign keyless --sigstore {variables['SIGSTORE']}")
    command = command.replace("--wait 900", "--wait 0")
    words = shlex.split(command.removeprefix("fimci "))
    return cli.main([path for word in words for path in (sorted(glob.glob(word)) or [word])])


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    with serving() as one:
        monkeypatch.setenv("PIP_INDEX_URL", f"{one.url}simple")
        monkeypatch.setattr("fimci.registries.client.ATTEMPTS", 1)
        for name in ("FIMCI_OFFLINE", "FIMCI_HOSTS", "UV_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
            monkeypatch.delenv(name, raising=False)
        yield one


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Make a tagged project, what its build made, a key, and a job with an identity; go there."""
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
    with signing.job(Instance(), tmp_path, monkeypatch) as services:
        yield {"GITHUB_REF_NAME": "v1.0", "RELEASE_KEY": str(key), "SIGSTORE": str(services)}


def uploaded(index: Registry, **other: bytes) -> None:
    """Have the index serve what lies in `dist`, under other names other bytes, and nothing that is empty."""
    files = {path.name: path.read_bytes() for path in Path("dist").iterdir()} | other
    index.pypi("demo", {name: data for name, data in files.items() if data})


def summary() -> dict[str, Any]:
    bundle = json.loads(Path("summary.json").read_text())
    return dict(json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"])))


def test_every_command_of_the_job_passes(project: dict[str, str], index: Registry) -> None:
    uploaded(index)
    assert len(commands()) == 4
    for command in commands():
        assert run(command, project) == 0, command
    statement = json.loads(
        base64.b64decode(json.loads(Path("summary.json").read_text())["dsseEnvelope"]["payload"])
    )
    assert sorted(one["name"] for one in statement["subject"]) == [battery.WHEEL, battery.SDIST]
    assert statement["predicate"]["verificationResult"] == "PASSED"
    assert statement["predicate"]["verifiedLevels"] == ["FIMCI_CONTENTS", "FIMCI_MANIFEST"]


def test_what_is_swapped_between_the_jobs_is_found(project: dict[str, str]) -> None:
    verify, manifest, expect, _ = commands()
    assert run(verify, project) == run(manifest, project) == 0
    Path("dist", battery.WHEEL).write_bytes(projects.wheel("hatchling", {"demo/core.py": "evil = 1\n"}))
    assert run(verify, project) == 1
    assert run(expect, project) == 1


@pytest.mark.parametrize(
    ("other", "code", "said"),
    [
        ({battery.WHEEL: battery.wheel()}, 1, "artifact-unexpected"),
        ({battery.SDIST: battery.sdist()}, 1, "artifact-unexpected"),
        ({"demo-1.0-py2-none-any.whl": projects.wheel("hatchling")}, 1, "artifact-unexpected"),
        ({battery.SDIST: b""}, 3, "is in the manifest and is not served"),
        ({battery.SDIST: b"", battery.WHEEL: b""}, 2, "the index has no such file of this release"),
    ],
    ids=["wheel", "sdist", "one more", "one less", "none"],
)
def test_what_the_index_serves_and_nobody_built_is_found(  # noqa: PLR0913, PLR0917  (a case, and fixtures)
    project: dict[str, str],
    index: Registry,
    capsys: pytest.CaptureFixture[str],
    other: dict[str, bytes],
    code: int,
    said: str,
) -> None:
    _, manifest, _, again = commands()
    assert run(manifest, project) == 0
    uploaded(index, **other)
    assert run(again, project) == code
    told = capsys.readouterr()
    assert said in " ".join((told.out + told.err).split())
    assert Path("summary.json").exists() == (code != 2)
    if code != 2:
        assert summary()["predicate"]["verificationResult"] == "FAILED"


def test_what_was_kept_before_is_not_what_is_served(
    project: dict[str, str], index: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache has what the index states; what it serves is something else."""
    monkeypatch.setenv("FIMCI_CACHE_DIR", str(tmp_path / "kept"))
    _, manifest, _, again = commands()
    uploaded(index)
    assert run(manifest, project) == run(again, project) == 0
    index.say(f"/files/{battery.WHEEL}", Said(battery.wheel()))
    assert run(again, project) == 3


@pytest.mark.usefixtures("project")
def test_an_index_that_is_slow_to_tell_is_waited_for(
    index: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fimci.releases.served.PAUSE", 0.05)
    uploaded(index)
    (page,) = index.answers["/simple/demo/"]
    index.say("/simple/demo/", Said(status=404), Said(status=404), page)
    words = ["verify", "pkg:pypi/demo@1.0"]
    assert cli.main(words) == 2
    assert cli.main([*words, "--wait", "20"]) == 0
    assert cli.main([*words, "--offline"]) == 3


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
    said = [
        command.replace("$RELEASE_KEY", "$RUNNER_TEMP/key")
        .replace("pypi/demo", "pypi/fimci")
        .replace('"', "")
        for command in commands()
    ]
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
