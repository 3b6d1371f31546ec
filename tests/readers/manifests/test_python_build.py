"""What is run while a source tree is installed, by `pyproject.toml`."""

from __future__ import annotations

import pytest

from fimci import readers, sides
from fimci.look import take
from fimci.model import Capability, Reference
from fimci.reach import settled
from fimci.readers.manifests import python_build
from fimci.snapshot import Entry

_CODE = "import os\nos.system('id')\n"


def targets(text: str) -> set[str]:
    found = list(python_build.read("pyproject.toml", text.encode()))
    assert all(isinstance(one, Reference) and one.phase == "install" for one in found)
    return {one.target for one in found if isinstance(one, Reference)}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('[build-system]\nbuild-backend = "own"\nbackend-path = ["."]', "./own.py"),
        ('[build-system]\nbuild-backend = "own.back:end"\nbackend-path = ["_build"]', "./_build/own/back.py"),
        ('[build-system]\nbuild-backend = "own"\nbackend-path = ["."]', "./own/__init__.py"),
        ("[tool.hatch.build.hooks.custom]", "./hatch_build.py"),
        ('[tool.hatch.build.targets.wheel.hooks.custom]\npath = "tools/hook.py"', "./tools/hook.py"),
        ("[tool.hatch.metadata.hooks.custom]", "./hatch_build.py"),
        ('[tool.poetry]\nbuild = "build.py"', "./build.py"),
        ('[tool.poetry.build]\nscript = "build.py"', "./build.py"),
        ('[tool.pdm.build]\ncustom-hook = "hook.py"', "./hook.py"),
    ],
)
def test_what_a_builder_imports_is_a_reference(text: str, wanted: str) -> None:
    assert wanted in targets(text)


@pytest.mark.parametrize(
    "text",
    [
        '[build-system]\nbuild-backend = "setuptools.build_meta"',
        '[build-system]\nbuild-backend = 1\nbackend-path = "."',
        '[tool.hatch.build.hooks]\ncustom = 1\n[tool.poetry]\nbuild = ["x"]',
        "[build-system\nbroken",
    ],
)
def test_all_else_leads_to_what_builders_look_for_by_themselves(text: str) -> None:
    assert targets(text) <= {"./pdm_build.py"}


@pytest.mark.parametrize(
    ("manifest", "file"),
    [
        ('[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n', "own.py"),
        ("[tool.hatch.build.hooks.custom]\n", "hatch_build.py"),
    ],
)
def test_what_it_does_runs_at_installation(manifest: str, file: str) -> None:
    entries = [
        Entry(path="pyproject.toml", read=lambda: iter([manifest.encode()])),
        Entry(path=file, read=lambda: iter([_CODE.encode()])),
    ]
    found = settled(take(entries, sides.recipe(code=True), readers.ALL), project=False)
    assert {one.phase for one in found if isinstance(one, Capability) and one.name == "shell"} == {"install"}
