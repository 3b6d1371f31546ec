import pytest
from hypothesis import given

from fimci.model import Package
from fimci.readers.manifests import pre_commit
from tests import hostile
from tests.readers import mutants, seen

PATH = ".pre-commit-config.yaml"
COMMIT = "d9c008b9be6420c2812109bff8438dc41e2902f9"
WHOLE = f"""repos:
  - repo: https://u:p@git.example/acme/black.git
    rev: 24.1.0
    hooks:
      - id: black
  - repo: https://git.example/mirrors/mypy
    rev: {COMMIT}
    hooks:
      - id: mypy
        additional_dependencies: [types_requests==2.31, "attrs>=23", "left @ git+https://git.example/left"]
  - repo: git@git.example:mirrors/eslint
    rev: v9.0.0
    hooks:
      - id: eslint
        additional_dependencies:
          - eslint@9.0.0
          - "@acme/rules@1.2.3"
          - "@acme/unpinned"
  - repo: local
    hooks:
      - id: own
        entry: python tools/own.py
        language: python
        additional_dependencies: [./plugin]
      - id: rusty
        entry: rusty
        language: rust
        additional_dependencies: ["cli:ripgrep:14"]
  - repo: meta
    hooks: [{{id: identity}}]
"""


def test_hooks_of_others_and_what_they_bring() -> None:
    found = seen.records(pre_commit, PATH, WHOLE)
    packages = [one for one in found if isinstance(one, Package)]
    assert {
        (one.ecosystem, one.name, one.version, one.origin_kind, one.origin, one.at.line) for one in packages
    } == {
        ("pre-commit", "black", "24.1.0", "git", "https://***@git.example/acme/black.git", 2),
        ("pre-commit", "mypy", COMMIT, "git", "https://git.example/mirrors/mypy", 6),
        ("pre-commit", "eslint", "v9.0.0", "git", "git@git.example:mirrors/eslint", 11),
        ("pypi", "types-requests", "==2.31", "registry", None, 10),
        ("pypi", "attrs", ">=23", "registry", None, 10),
        ("pypi", "left", "@ git+https://git.example/left", "git", "git+https://git.example/left", 10),
        ("npm", "eslint", "9.0.0", "registry", None, 16),
        ("npm", "@acme/rules", "1.2.3", "registry", None, 17),
        ("npm", "@acme/unpinned", "", "registry", None, 18),
    }
    assert seen.switches(found) == {
        "hooks.own.entry": ("python tools/own.py", 22),
        "hooks.rusty.entry": ("rusty", 26),
    }


def test_a_revision_stands_on_its_line() -> None:
    found = seen.packages(seen.records(pre_commit, PATH, WHOLE))
    assert found["repos/black"].at.part("version") == 3


def test_another_host_keeps_the_place() -> None:
    (change,) = seen.changes(
        seen.records(pre_commit, PATH, WHOLE),
        seen.records(pre_commit, PATH, WHOLE.replace("git.example/mirrors/mypy", "evil.example/mypy")),
    )
    assert change.differs == ("origin",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("repos: 1", [("", 1)]),
        ("", [("", 1)]),
        ("repos: [", [("", 1)]),
        ("repos:\n- hooks: []\n- 1\n", [("repos[0]", 2), ("repos[1]", 3)]),
        ("repos: []\nrepos: []\n", [("repos", 2)]),
    ],
)
def test_what_is_not_understood_is_unread(text: str, expected: list[tuple[str, int]]) -> None:
    assert seen.unread(seen.records(pre_commit, PATH, text)) == expected


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(pre_commit, PATH, data)
