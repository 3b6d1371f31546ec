from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Digest, Package, Record, Setting, Unread
from fimci.readers.manifests import pyproject
from tests.readers import seen

HASH = "ab" * 32
PROJECT = f"""\
[build-system]
requires = ["setuptools>=77", "wheel"]
build-backend = "backend"
backend-path = ["tools"]

[project]
name = "app"
dependencies = [
    "Left.Pad >=1.0, <2",
    "right[fast]; python_version < '3.11'",
    "right>=2; python_version >= '3.11'",
    "wheel-only @ https://me:hunter2@files.index.example/w-1.0-py3-none-any.whl#sha256={HASH}",
    "inner",
]

[project.optional-dependencies]
fast = ["fork @ git+https://git.example/fork@v1"]

[dependency-groups]
test = ["pytest>=9", {{include-group = "lint"}}]

[project.entry-points.pytest11]
app = "app.plugin"

[tool.uv.sources]
inner = {{ git = "https://git.example/inner", rev = "abc" }}

[[tool.uv.index]]
name = "company"
url = "https://me:hunter2@index.example/simple"
"""


def read(text: str) -> list[Record]:
    return list(pyproject.read("pyproject.toml", text.encode()))


def packages(text: str) -> dict[str, Package]:
    return seen.packages(read(text))


def test_requirements_of_every_section() -> None:
    found = packages(PROJECT)
    assert {place: (p.version, p.at.line) for place, p in found.items()} == {
        "build-system/setuptools": (">=77", 2),
        "build-system/wheel": ("", 2),
        "project/left-pad": ("<2,>=1.0", 9),
        "project/right": ('[fast]; python_version < "3.11"', 10),
        "project/right[1]": ('>=2; python_version >= "3.11"', 11),
        "project/wheel-only": ("", 12),
        "project/inner": ("", 13),
        "optional/fast/fork": ("", 17),
        "group/test/pytest": (">=9", 20),
    }


def test_origins_are_stated_without_credentials() -> None:
    found = packages(PROJECT)
    wheel = found["project/wheel-only"]
    assert (wheel.origin_kind, wheel.integrity) == ("tarball", (Digest("sha256", HASH),))
    assert wheel.origin == f"https://***@files.index.example/w-1.0-py3-none-any.whl#sha256={HASH}"
    assert found["optional/fast/fork"].origin_kind == "git"
    inner = found["project/inner"]
    assert (inner.origin_kind, inner.origin) == ("git", "https://git.example/inner@abc")
    assert "hunter2" not in repr(read(PROJECT))


def test_what_decides_the_build_and_the_index_is_a_setting() -> None:
    found = {r.name: (r.value, r.at.line) for r in read(PROJECT) if isinstance(r, Setting)}
    assert found == {
        "build-system.build-backend": ("backend", 3),
        "build-system.backend-path.tools": ("true", 4),
        "entry-point.pytest11.app": ("app.plugin", 23),
        "tool.uv.sources.inner.git": ("https://git.example/inner", 26),
        "tool.uv.sources.inner.rev": ("abc", 26),
        "tool.uv.index.company.name": ("company", 29),
        "tool.uv.index.company.url": ("https://***@index.example/simple", 30),
    }


def test_poetry_has_tables_of_its_own() -> None:
    found = packages(
        "[tool.poetry.dependencies]\npython = '^3.10'\nleft = '^1.0'\n"
        "right = [{version = '1', python = '<3.9'}, {path = '../right', optional = true}]\n"
        "[tool.poetry.group.dev.dependencies]\nfork = {git = 'https://git.example/f.git', branch = 'main'}\n"
    )
    assert {
        place: (p.version, p.origin_kind, p.origin, p.flags, p.at.line) for place, p in found.items()
    } == {
        "poetry/left": ("^1.0", "registry", None, (), 3),
        "poetry/right": ("1; python <3.9", "registry", None, (), 4),
        "poetry/right[1]": ("", "directory", "../right", ("optional",), 4),
        "poetry-group/dev/fork": ("", "git", "https://git.example/f.git@main", ("dev",), 6),
    }


def test_pdm_writes_editable_requirements() -> None:
    found = packages("[tool.pdm.dev-dependencies]\nx = ['-e file:///${PROJECT_ROOT}/sub#egg=sub']\n")
    assert (found["pdm-dev/x/sub"].origin_kind, found["pdm-dev/x/sub"].flags) == (
        "directory",
        ("dev", "editable"),
    )


@pytest.mark.parametrize(
    ("text", "part", "line"),
    [
        ("a = \n", "", 1),
        ("[project]\ndependencies = 'left'", "project.dependencies", 2),
        ("[project]\ndependencies = [\n'left',\n'left ===']", "project.dependencies.1", 4),
        ("[project]\ndependencies = [1]", "project.dependencies.0", 2),
        ("[tool.poetry.dependencies]\nleft = 1", "tool.poetry.dependencies.left", 2),
        (f'[project]\ndependencies = ["a; {"(" * 3000}"]', "project.dependencies.0", 2),
        (f'[project]\ndependencies = ["a{">" * 9000}"]', "project.dependencies.0", 2),
    ],
)
def test_what_cannot_be_decided_is_unread_with_its_line(text: str, part: str, line: int) -> None:
    assert [(r.part, r.line) for r in read(text) if isinstance(r, Unread)] == [(part, line)]


def test_keys_without_end_are_cut() -> None:
    records = read("tool.uv." + "a." * 3000 + "b = 1\n")
    assert [type(record) for record in records] == [Unread]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab><=~!;@ []()'\".,0-", max_size=40))
def test_no_requirement_makes_the_reader_raise(text: str) -> None:
    quoted = text.replace("'", "").replace("\\", "")
    records = read(f"[project]\ndependencies = ['{quoted}']\n")
    assert [type(record) in {Package, Unread} for record in records] == [True]
