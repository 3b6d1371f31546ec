"""composer.lock: what Composer 2.5 wrote, tampered ones, hostile ones."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import UNSTATED, Change, Digest, Package, Record
from fimci.readers.locks import composer
from tests import hostile
from tests.readers import mutants, seen

FOLDER = Path(__file__).parents[3] / "fixtures" / "locks" / "composer"
GENUINE = (FOLDER / "small.lock").read_text()
BIG = gzip.decompress((FOLDER / "big.lock.gz").read_bytes())
OLD, NEW = "a" * 40, "b" * 40


def records(text: str | bytes) -> list[Record]:
    return seen.records(composer, "composer.lock", text)


def packages(text: str) -> dict[str, Package]:
    return seen.packages(records(text))


def listed(found: list[Record]) -> list[str]:
    return sorted(f"{one.name} {one.version}" for one in found if isinstance(one, Package))


def lock(**facts: Any) -> str:
    entry = {
        "name": "acme/left",
        "version": "1.0.1",
        "source": {"type": "git", "url": "https://github.com/acme/left.git", "reference": OLD},
        "dist": {
            "type": "zip",
            "url": f"https://api.github.com/repos/acme/left/zipball/{OLD}",
            "reference": OLD,
            "shasum": "",
        },
        "type": "library",
    }
    return json.dumps({"packages": [{**entry, **facts}], "packages-dev": None}, indent=1)


def changes(before: str, after: str) -> list[Change]:
    return seen.changes(records(before), records(after))


def test_has_what_composer_shows() -> None:
    assert listed(records(GENUINE)) == (FOLDER / "small.expected.txt").read_text().splitlines()
    assert seen.unread(records(GENUINE)) == []


def test_a_large_lock_has_what_composer_shows() -> None:
    expected = gzip.decompress((FOLDER / "big.expected.txt.gz").read_bytes()).decode().splitlines()
    assert len(expected) == 1600
    assert listed(records(BIG)) == expected


def test_facts_stand_on_their_lines() -> None:
    lines = GENUINE.splitlines()
    for package in packages(GENUINE).values():
        assert f'"name": "{package.name}"' in lines[package.at.line - 1]
        assert f'"version": "{package.version}"' in lines[package.at.part("version") - 1]
        assert f'"url": "{package.origin}"' in lines[package.at.part("origin") - 1]


def test_the_commit_of_a_release_is_a_hash_and_that_of_a_branch_is_none() -> None:
    assert packages(lock())["acme/left"].integrity == (Digest("commit", OLD),)
    for branch in ("dev-main", "1.x-dev", "DEV-main"):
        assert packages(lock(version=branch))["acme/left"].integrity == ()


def test_a_hash_of_the_archive_counts_too() -> None:
    found = packages(lock(dist={"type": "zip", "url": "https://dist.example/left.zip", "shasum": NEW}))
    assert found["acme/left"].integrity == (Digest("commit", OLD), Digest("sha1", NEW))
    at = found["acme/left"].at
    assert at.part("integrity") != at.line


def test_sources() -> None:
    path = {"type": "path", "url": "../left", "reference": OLD}
    assert packages(lock(dist=path))["acme/left"].origin_kind == "directory"
    assert packages(lock(dist=path, source=None))["acme/left"].integrity == ()
    git = packages(lock(dist=None))["acme/left"]
    assert (git.origin_kind, git.origin) == ("git", f"https://github.com/acme/left.git#{OLD}")
    assert packages(lock(dist=None, source=None))["acme/left"].origin_kind == "virtual"


def test_a_plug_in_runs_code_at_install() -> None:
    assert packages(lock(type="composer-plugin"))["acme/left"].install_scripts is True
    assert packages(lock())["acme/left"].install_scripts is UNSTATED


def test_another_repository_than_the_archive_has_is_told() -> None:
    evil = {"type": "git", "url": "https://u:p@github.com/evil/left", "reference": OLD}
    switches = seen.switches(records(lock(source=evil)))
    assert switches["source-of.acme/left"] == ("https://***@github.com/evil/left", 8)
    assert "source-of.acme/left" not in seen.switches(records(lock()))
    for url in (
        "git@github.com:acme/left.git",
        "git://github.com/Acme/left",
        "https://api.github.com/repos/acme/left",
    ):
        assert "source-of.acme/left" not in seen.switches(records(lock(source={"type": "git", "url": url})))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('{"packages": [{"name": "a/b"}, {"name": "a/b"}], "packages": []}', "packages"),
        ('{"packages": [{"version": "1"}]}', "packages[0]"),
        ('{"packages": {"a": 1}}', "packages"),
        ('{"name": "acme/project"}', ""),
        ("[]", ""),
        ('{"packages": [}', ""),
        ('{\n<<<<<<< HEAD\n"packages": []}', ""),
    ],
)
def test_what_is_not_understood_is_unread(text: str, part: str) -> None:
    assert [one[0] for one in seen.unread(records(text))] == [part]


@pytest.mark.parametrize("name", ["acme/left/../../x", "acme/..", "../left", "/etc/x", "a\\\\b/c", "c:/x"])
def test_a_name_that_leads_elsewhere_is_unread(name: str) -> None:
    (told,) = seen.unread(records(f'{{"packages": [{{"name": "{name}"}}]}}'))
    assert told[0] == "packages[0]"


@pytest.mark.parametrize("name", ["acme/left", "Acme/Left.Right", "left", "acme/..left"])
def test_other_names_are_read(name: str) -> None:
    assert seen.unread(records(f'{{"packages": [{{"name": "{name}"}}]}}')) == []


@pytest.mark.parametrize("value", ['"x"', "[1]", '[{"url": 1}]', '{"url": "u"}', "null"])
def test_mirrors_and_options_of_any_type_are_borne(value: str) -> None:
    text = (
        f'{{"packages": [{{"name": "a/b", "dist": {{"mirrors": {value}}}, "transport-options": {value}}}]}}'
    )
    assert seen.unread(records(text)) == []


VALUES = st.sampled_from(
    [None, True, 1, "x", [], {}, [1], {"url": 1}, {"type": "path"}, {"url": "u", "reference": []}]
)
KEYS = ["version", "source", "dist", "type", "bin", "require"]


@hostile.LAW
@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_values_of_any_type_are_borne(facts: dict[str, Any]) -> None:
    assert "acme/left" in packages(lock(**facts))


@hostile.LAW
@given(mutants.mutated(GENUINE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(composer, "composer.lock", data)
