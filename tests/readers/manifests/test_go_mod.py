from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import Package, Unread
from fimci.readers.manifests import go_mod
from tests import hostile
from tests.readers import mutants, seen

GENUINE = (Path(__file__).parents[3] / "fixtures" / "locks" / "go" / "go.mod").read_text()
WHOLE = """module project.example/fixture // the project

go 1.22.1

toolchain go1.22.4
godebug default=go1.21
godebug (
\tpanicnil=1
)
require registry.example/left v1.0.1
require (
\t"registry.example/right" v0.0.0-20230415120000-a6404506f38b // indirect; for left
\tregistry.example/old v1.2.3+incompatible //indirect
)
exclude registry.example/left v1.0.0
replace registry.example/left => ../left
replace (
\tregistry.example/right v0.1.0 => registry.example/fork v0.1.1
)
retract [v1.0.0, v1.9.9] // broken
tool registry.example/tool
"""


def test_reads_every_directive() -> None:
    found = seen.records(go_mod, "go.mod", WHOLE)
    assert seen.switches(found) == {
        "go": ("1.22.1", 3),
        "toolchain": ("go1.22.4", 5),
        "godebug.default": ("go1.21", 6),
        "godebug.panicnil": ("1", 8),
        "exclude.registry.example/left@v1.0.0": ("true", 15),
        "replace.registry.example/left": ("../left", 16),
        "replace.registry.example/right@v0.1.0": ("registry.example/fork@v0.1.1", 18),
        "tool.registry.example/tool": ("true", 21),
    }
    packages = [one for one in found if isinstance(one, Package)]
    assert {(one.stated_by, one.name, one.version, one.at.line) for one in packages} == {
        ("lock", "registry.example/left", "v1.0.1", 10),
        ("manifest", "registry.example/left", "v1.0.1", 10),
        ("lock", "registry.example/right", "v0.0.0-20230415120000-a6404506f38b", 12),
        ("lock", "registry.example/old", "v1.2.3+incompatible", 13),
    }
    assert not [one for one in found if isinstance(one, Unread)]


def test_a_workspace_lists_its_modules() -> None:
    text = "go 1.22\nuse ./a\nuse (\n\t../b\n)\nreplace x.example/y => ./y\n"
    assert seen.switches(seen.records(go_mod, "go.work", text)) == {
        "go": ("1.22", 1),
        "use../a": ("true", 2),
        "use.../b": ("true", 4),
        "replace.x.example/y": ("./y", 6),
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("go 1.22\n<<<<<<< HEAD\n", 2),
        ("require left\n", 1),
        ("replace a.example/b v1\n", 1),
        ("download everything\n", 1),
        ("go 1.22\n\xff".encode("latin-1"), 2),
    ],
)
def test_what_go_refuses_is_unread(text: str | bytes, line: int) -> None:
    assert [one[1] for one in seen.unread(seen.records(go_mod, "go.mod", text))] == [line]


@hostile.LAW
@given(mutants.mutated(GENUINE.encode()) | st.binary(max_size=60))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(go_mod, "go.mod", data)


def test_time_is_linear() -> None:
    mutants.is_linear(go_mod, "go.mod", lambda size: b"require (\n" + b"a" * size, 50_000)
    mutants.is_linear(go_mod, "go.mod", lambda size: b'"\\' * size, 20_000)
