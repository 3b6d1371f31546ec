"""actions.lock, by the format of `gh actions-lock` v0.0.2."""

import pytest
from hypothesis import given

from fimci.model import Digest, Package, Record
from fimci.readers.locks import actions_lock
from tests import hostile
from tests.readers import mutants, seen

PATH = ".github/workflows/actions.lock"
COMMIT = "d23441a48e516b6c34aea4fa41551a30e30af803"
WHOLE = f"""# This file is machine-generated
version: 'v0.0.2'
workflows:
    '.github/workflows/ci.yaml':
        - 'acme/build@v1.2.3'
dependencies:
    'acme/build@v1.2.3':
        ref: 'v1.2.3'
        commit: 'sha1-{COMMIT}'
        owner_id: 44036562
        repo_id: 197814629
        uses:
            - 'acme/cache@v4'
    'acme/cache@v4':
        ref: 'v4'
        commit: 'sha256-{"a" * 64}'
        owner_id: 44036562
        repo_id: 7
    'acme/cache@v5':
        ref: 'v5'
        commit: 'sha1-nonsense'
        owner_id: 44036562
        repo_id: 7
"""


def records(text: str | bytes) -> list[Record]:
    return seen.records(actions_lock, PATH, text)


def test_wants_one_file() -> None:
    assert actions_lock.wants(PATH, b"")
    assert not actions_lock.wants("docs/actions.lock", b"")


def test_actions_and_their_commits() -> None:
    found = seen.packages(records(WHOLE))
    assert {place: (one.name, one.version, one.integrity) for place, one in found.items()} == {
        "acme/build@v1.2.3": ("acme/build", "v1.2.3", (Digest("commit", COMMIT),)),
        "acme/cache@v4": ("acme/cache", "v4", (Digest("commit", "a" * 64),)),
        "acme/cache@v5": ("acme/cache", "v5", ()),
    }
    build = found["acme/build@v1.2.3"]
    assert (build.origin, build.dependencies) == (
        f"https://github.com/acme/build#{COMMIT}",
        ("acme/cache@v4",),
    )
    assert (build.at.line, build.at.part("integrity"), build.at.part("version")) == (7, 9, 8)


def test_whose_repositories_they_are() -> None:
    assert seen.switches(records(WHOLE)) == {
        "repository.acme/build": ("44036562/197814629", 11),
        "repository.acme/cache": ("44036562/7", 18),
        "workflow..github/workflows/ci.yaml": ("acme/build@v1.2.3", 4),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WHOLE.replace("v0.0.2", "v0.1.0"), [("lock version", 2)]),
        (WHOLE.replace("'v0.0.2'", "[x]"), [("lock version", 2)]),
        (WHOLE.replace("'acme/cache@v5'", "'acme/cache'"), [("acme/cache", 19)]),
        (
            WHOLE.replace("repo_id: 7\n    'acme/cache@v5'", "repo_id: 8\n    'acme/cache@v5'"),
            [("acme/cache", 23)],
        ),
        (WHOLE.replace("'acme/cache@v5'", "'acme/cache@v4'"), [("dependencies.acme/cache@v4", 19)]),
        ("a: [", [("", 1)]),
        ("- a", [("", 1)]),
    ],
)
def test_what_is_not_understood_is_unread(text: str, expected: list[tuple[str, int]]) -> None:
    assert seen.unread(records(text)) == expected


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(actions_lock, PATH, data)


def test_every_entry_is_a_package() -> None:
    assert len([one for one in records(WHOLE) if isinstance(one, Package)]) == 3
