from __future__ import annotations

import pytest

from fimci.model import Capability
from fimci.readers import ALL, candidates
from fimci.readers.code import python
from fimci.readers.manifests import start_up


def told(path: str, text: str) -> list[tuple[str, str, int]]:
    assert start_up.wants(path, text.encode())
    found = [one for one in start_up.read(path, text.encode()) if isinstance(one, Capability)]
    assert {(one.name, one.phase) for one in found} <= {("persistence", "install")}
    return [(one.subject, one.detail, one.at.line) for one in found]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.pth", "../src\nimport left\n", [("line of a.pth", "import left", 2)]),
        (
            "a.pth",
            "\ufeffimport\tleft\r\n# no\r\nimport right",
            [("line of a.pth", "import\tleft; import right", 1)],
        ),
        ("a.start", "# why\nleft.hooks:run\n", [("line of a.start", "left.hooks:run", 2)]),
        ("a.pth", " import left\nimportant\n../src\n", []),
        ("_virtualenv.pth", "import _virtualenv", []),
        ("a.start", "#!/bin/sh\nexec left\n", []),
    ],
)
def test_lines_that_run(path: str, text: str, expected: list[tuple[str, str, int]]) -> None:
    assert told(path, text) == expected


def test_a_long_line_is_bound_by_its_digest() -> None:
    (one,), (other,) = (told("a.pth", "import left; " + "x" * 3000 + end) for end in ("a", "b"))
    assert one[1] != other[1]
    assert len(one[1]) < 200


@pytest.mark.parametrize("path", ["a.pth", "sitecustomize.py", "lib/usercustomize.py", "setup.py"])
def test_code_that_every_start_runs_weighs_as_an_install(path: str) -> None:
    found = list(python.read(path, b"import os; os.system('id')\n"))
    assert [one.phase for one in found if isinstance(one, Capability)] == ["install"]


def test_lines_far_down_are_read_and_weights_are_not() -> None:
    padding = "folder\n" * 2000
    assert told("a.pth", padding + "import left") == [("line of a.pth", "import left", 2001)]
    assert python.wants("a.pth", padding.encode()[:4096])
    assert not start_up.wants("a.pth", b"PK\x03\x04\0\0")
    assert "start-up" in [reader.name for reader in candidates("a.pth") if reader in ALL]
