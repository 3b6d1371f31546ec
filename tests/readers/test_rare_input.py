"""What hardly any file has, each with what its reader makes of it."""

from __future__ import annotations

import pytest

from fimci.model import Package, Setting, Unread
from fimci.readers.locks import npm, requirements, uv
from fimci.readers.manifests import (
    binding_gyp,
    dist_info,
    npmrc,
    package_json,
    pip_conf,
    pyproject,
    requirement,
    settings,
    workflow,
)
from fimci.snapshot import Implementation
from tests.readers import seen

JOB = "on: push\njobs:\n  a:\n    runs-on: "


@pytest.mark.parametrize(
    ("reader", "path", "text", "name", "value"),
    [
        (
            npmrc,
            ".npmrc",
            "[install]\nregistry = https://a.example/\n",
            "install.registry",
            "https://a.example/",
        ),
        (
            workflow,
            ".github/workflows/a.yml",
            JOB + "{group: big, labels: [x]}",
            "jobs.a.runs-on",
            "group big, x",
        ),
        (workflow, ".github/workflows/a.yml", JOB + "{labels: {}}", "jobs.a.runs-on", ""),
    ],
)
def test_a_switch_in_a_rare_form(reader: Implementation, path: str, text: str, name: str, value: str) -> None:
    assert seen.switches(seen.records(reader, path, text))[name][0] == value


@pytest.mark.parametrize(
    ("reader", "path", "text", "part"),
    [
        (dist_info, "left/RECORD", "a,,\n", "folder"),
        (dist_info, "left-1.dist-info/METADATA", "Requires-Dist: a\n" * 3, ""),
        (
            pyproject,
            "pyproject.toml",
            '[project]\ndependencies = ["-e file:///x"]\n',
            "project.dependencies.0",
        ),
        (pip_conf, "pip.conf", f"[a]\n{'b' * 600} = 1\n", f"a.{'b' * 78}"),
        (pip_conf, "pip.conf", "[a]\n" + "".join(f"b{n} = 1\n" for n in range(10_001)), "the rest"),
        (requirements, "requirements.txt", "a==1\nb==2\nc==3 " + "x" * 70_000, "line c==3 " + "x" * 195),
    ],
)
def test_what_is_beyond_any_use_is_unread(reader: Implementation, path: str, text: str, part: str) -> None:
    assert part in [one for one, _ in seen.unread(seen.records(reader, path, text))]


def test_more_requirements_than_any_distribution_has() -> None:
    names = "".join(f"Requires-Dist: p{number}\n" for number in range(settings.COUNT_LIMIT + 5))
    found = seen.records(dist_info, "left-1.dist-info/METADATA", f"Name: left\nVersion: 1\n{names}")
    (package,) = (one for one in found if isinstance(one, Package))
    assert len(package.dependencies) == settings.COUNT_LIMIT
    assert seen.unread(found) == [("the rest", settings.COUNT_LIMIT + 3)]


def test_a_command_without_a_name_is_called_like_the_package() -> None:
    entry = '{"version": "1.0.0", "bin": "cli.js"}'
    text = f'{{"lockfileVersion": 3, "packages": {{"node_modules/@a/left": {entry}}}}}'
    assert seen.packages(seen.records(npm, "package-lock.json", text))["node_modules/@a/left"].bins == (
        "left",
    )


def test_all_dependencies_may_be_bundled() -> None:
    text = '{"dependencies": {"left": "1"}, "bundleDependencies": true}'
    assert seen.packages(seen.records(package_json, "package.json", text))["dependencies/left"].flags == (
        "bundled",
    )


def test_a_recompressed_copy_counts_with_its_hash() -> None:
    text = (
        'version = 1\n[[package]]\nname = "left"\nversion = "1"\n'
        'source = { registry = "https://index.example" }\n'
        f'sdist = {{ url = "https://files.index.example/l.tgz", hash = "sha256:{"aa" * 32}", '
        f'zstd = {{ hash = "sha256:{"bb" * 32}" }} }}\n'
    )
    (package,) = seen.packages(seen.records(uv, "uv.lock", text)).values()
    assert isinstance(package.integrity, tuple)
    assert [digest.hex[:2] for digest in package.integrity] == ["aa", "bb"]


def test_an_action_without_its_list_runs_nothing() -> None:
    (found,) = binding_gyp.read("binding.gyp", b"{'targets': [{'action': 'x'}]}")
    assert getattr(found, "detail", None) == ""


def test_a_marker_that_never_ends_is_no_requirement() -> None:
    with pytest.raises(requirement.Malformed):
        requirement.parse("left; " + "(" * 3_900)


def test_the_reader_of_settings_says_what_it_passes_over() -> None:
    long = Setting(path="a", name="n" * 501, value="1", at=settings.place("a", 7, ""))
    (told,) = settings.bounded("a", [long])
    assert isinstance(told, Unread)
    assert told.line == 7
