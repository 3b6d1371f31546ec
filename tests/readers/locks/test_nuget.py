"""packages.lock.json, by NuGet 5.8 and the documented format: versions 1 and 2, tampered, hostile ones."""

import base64
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given

from fimci.model import UNSTATED, Digest, Package, Record, Unread
from fimci.readers.locks import nuget
from tests import hostile
from tests.readers import mutants, seen

#: Written by NuGet 5.8 from a folder of packages made for it, and what it lists of its own lock.
FOLDER = Path(__file__).parent.parent.parent.parent / "fixtures" / "locks" / "nuget"
HASH = base64.b64encode(b"\xaa" * 64).decode()
WHOLE = json.dumps(
    {
        "version": 2,
        "dependencies": {
            "net8.0": {
                "Acme.Left": {
                    "type": "Direct",
                    "requested": "[1.0.1, )",
                    "resolved": "1.0.1",
                    "contentHash": HASH,
                    "dependencies": {"Acme.Right": "2.0.0"},
                },
                "Acme.Right": {"type": "Transitive", "resolved": "2.0.0", "contentHash": HASH},
                "acme.own": {"type": "Project", "dependencies": {"Acme.Left": "[1.0.1, )"}},
                "Acme.Central": {"type": "CentralTransitive", "requested": "[3.0.0, )", "resolved": "3.0.0"},
            },
            "net8.0/win-x64": {"Acme.Left": {"type": "Direct", "resolved": "1.0.1", "contentHash": HASH}},
        },
    },
    indent=1,
)


def records(text: str | bytes) -> list[Record]:
    return seen.records(nuget, "packages.lock.json", text)


def aliased() -> str:
    """Return the same lock in version 3: frameworks at the top, under the aliases of the project."""
    whole = json.loads(WHOLE)
    framework = ".NETCoreApp,Version=v8.0"
    tables = {
        name: {"framework": framework, "dependencies": packages}
        for name, packages in whole["dependencies"].items()
    }
    return json.dumps({"version": 3, **tables}, indent=1)


def test_version_3_says_the_same() -> None:
    assert records(aliased()) == records(WHOLE)
    lines = aliased().splitlines()
    found = [record for record in records(aliased()) if isinstance(record, Package)]
    stated = (lines[record.at.line - 1] for record in found)
    assert all(one.name in line or "requested" in line for one, line in zip(found, stated, strict=True))
    (odd,) = records('{"version": 3, "net8.0": []}')
    assert isinstance(odd, Unread)


def test_wants_its_names() -> None:
    assert nuget.wants("a/packages.lock.json", b"")
    assert nuget.wants("packages.Acme.Tool.lock.json", b"")
    assert not nuget.wants("other.lock.json", b"")


@pytest.mark.parametrize("name", ["small", "big"])
def test_has_what_nuget_itself_resolved(name: str) -> None:
    path = FOLDER / f"{name}.lock"
    data = path.read_bytes() if path.exists() else gzip.decompress((FOLDER / "big.lock.gz").read_bytes())
    listed = FOLDER / f"{name}.expected.txt"
    text = (
        listed.read_text()
        if listed.exists()
        else gzip.decompress(listed.with_suffix(".txt.gz").read_bytes()).decode()
    )
    found = records(data)
    packages = [one for one in found if isinstance(one, Package) and one.stated_by == "lock"]
    assert sorted({f"{one.name} {one.version}" for one in packages}) == text.splitlines()
    assert all(isinstance(one.integrity, tuple) and len(one.integrity) == 1 for one in packages)
    assert seen.unread(found) == []


def test_the_big_one_is_big() -> None:
    assert len(gzip.decompress((FOLDER / "big.expected.txt.gz").read_bytes()).splitlines()) >= 1500


def test_packages_of_every_framework() -> None:
    found = seen.packages(records(WHOLE))
    assert {
        place: (one.version, one.origin_kind) for place, one in found.items() if one.stated_by == "lock"
    } == {
        "net8.0/Acme.Left": ("1.0.1", "registry"),
        "net8.0/Acme.Right": ("2.0.0", "registry"),
        "net8.0/acme.own": (UNSTATED, "workspace"),
        "net8.0/Acme.Central": ("3.0.0", "registry"),
        "net8.0/win-x64/Acme.Left": ("1.0.1", "registry"),
    }
    left = found["net8.0/Acme.Left"]
    assert left.integrity == (Digest("sha512", "aa" * 64),)
    assert left.dependencies == ("Acme.Right@2.0.0",)
    assert found["requires/net8.0/Acme.Left"].version == "[1.0.1, )"
    assert found["net8.0/Acme.Central"].integrity == ()


def test_facts_stand_on_their_lines() -> None:
    lines = WHOLE.splitlines()
    for package in seen.packages(records(WHOLE)).values():
        if package.stated_by == "lock":
            assert f'"{package.name}"' in lines[package.at.line - 1]
            if isinstance(package.version, str):
                assert f'"resolved": "{package.version}"' in lines[package.at.part("version") - 1]
            if package.integrity:
                assert "contentHash" in lines[package.at.part("integrity") - 1]


@pytest.mark.parametrize("hash_", ["", "nonsense", "aGFsZg==", 1, []])
def test_what_is_no_hash_is_none(hash_: object) -> None:
    found = seen.packages(records(WHOLE.replace(json.dumps(HASH), json.dumps(hash_), 1)))
    assert found["net8.0/Acme.Left"].integrity == ()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (WHOLE.replace('"version": 2', '"version": 0'), "lock version"),
        (WHOLE.replace('"version": 2', '"version": true'), "lock version"),
        (WHOLE.replace('"Direct"', '"Indirect"', 1), "net8.0.Acme.Left"),
        (WHOLE.replace('"Direct"', "[]", 1), "net8.0.Acme.Left"),
        (WHOLE.replace('"Acme.Right": {', '"Acme.Left": {', 1), "dependencies.net8.0.Acme.Left"),
        ('{"version": 1, "dependencies": {"net8.0": []}}', "net8.0"),
        ('{"version": 1}', ""),
        ("[]", ""),
        ("<<<<<<< HEAD\n{}", ""),
    ],
)
def test_what_is_not_understood_is_unread(text: str, part: str) -> None:
    assert [one[0] for one in seen.unread(records(text))] == [part]


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(nuget, "packages.lock.json", data)


def test_every_place_is_told() -> None:
    assert len([one for one in records(WHOLE) if isinstance(one, Package)]) == 6
