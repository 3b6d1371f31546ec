import pytest
from hypothesis import given

from fimci.model import Package
from fimci.readers.manifests import gitmodules
from tests import hostile
from tests.readers import mutants, seen

WHOLE = """# comment
[submodule "vendor/left"]
\tpath = vendor/left
\turl = https://u:p@git.example/left.git ; the left one
\tbranch = main
[core]
\teditor = sh
[submodule "right"] path = right
\tURL = "../right.git"
\tupdate = !sh -c \\"touch x\\"
\tshallow
[submodule "joined"]
\turl = https://git.example/\\
joined.git
"""


def test_submodules_and_where_they_come_from() -> None:
    found = seen.records(gitmodules, ".gitmodules", WHOLE)
    packages = [one for one in found if isinstance(one, Package)]
    assert [(one.name, one.origin, one.version, one.at.line) for one in packages] == [
        ("joined", "https://git.example/joined.git", None, 13),
        ("right", "../right.git", None, 9),
        ("vendor/left", "https://***@git.example/left.git", "main", 4),
    ]
    assert seen.switches(found) == {"submodule.right.update": ('!sh -c "touch x"', 10)}
    assert seen.unread(found) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[submodule "../../hooks"]\n', ("../../hooks", 1)),
        ('[submodule ""]\n', ("name", 1)),
        ('[submodule "a"]\n\turl = -u./payload\n', ("a.url", 2)),
        ('[submodule "a"]\n\tpath = --x\n', ("a.path", 2)),
        ('[submodule "a"]\n<<<<<<< HEAD\n', ("line 2", 2)),
        ("loose = 1\n", ("line 1", 1)),
        (b"\xff", ("", 1)),
    ],
)
def test_what_git_refuses_is_unread(text: str | bytes, expected: tuple[str, int]) -> None:
    assert seen.unread(seen.records(gitmodules, ".gitmodules", text)) == [expected]


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(gitmodules, ".gitmodules", data)


@pytest.mark.parametrize("piece", [b'"\\', b"\\\n", b'[submodule "', b"#;"])
def test_time_is_linear(piece: bytes) -> None:
    mutants.is_linear(gitmodules, ".gitmodules", lambda size: b'[submodule "a"]\nurl = ' + piece * size, 5000)
