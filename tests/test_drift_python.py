"""Drift of Python's lockfiles: genuine ones agree with their manifests, each contradiction is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fimci.drift import derive
from fimci.model import File, Record
from fimci.readers.locks import pdm, pipfile_lock, poetry, requirements, uv
from fimci.readers.manifests import pipfile, pyproject

LOCKS = Path(__file__).parent.parent / "fixtures" / "locks"
READERS = {
    "Pipfile": pipfile,
    "Pipfile.lock": pipfile_lock,
    "pdm.lock": pdm,
    "poetry.lock": poetry,
    "pyproject.toml": pyproject,
    "uv.lock": uv,
}
#: What the client itself makes of the manifest: `content-hash` once hosts were rewritten.
HASHES = {
    "poetry/1.0": "a9cc0743c17e926c223e1511ee15c984ea89b18f408c2233fb2455697cb01afd",
    "poetry/2.1": "85569598b04c9c456205a9e45b8fb99ebc2b6a28202e5b10c0e261bf1fcac185",
    "pipenv/Pipfile": "a30a8905e1a7024a8a853c0ec49beb06bd45eca11ea39d880218e541ee0e8bf7",
}
STATED = {
    "poetry/1.0": "",
    "poetry/2.1": "",
    "pipenv/Pipfile": "187bce68e9c8f5312990637c831744916ba7fc71e9c352f93acdae0a02111340",
}

Told = list[tuple[str, str | None, str | None]]


def said(files: dict[str, str]) -> list[Record]:
    found: list[Record] = []
    for path, text in files.items():
        reader = READERS.get(path.rpartition("/")[2], requirements)
        found.extend([File(path=path), *reader.read(path, text.encode())])
    return found


def told(files: dict[str, str]) -> Told:
    return [(drift.name, drift.wanted, drift.locked) for drift in derive(said(files))]


def genuine(folder: str, manifest: str, lock: str, name: str) -> dict[str, str]:
    texts = (LOCKS / folder / manifest).read_text(), (LOCKS / folder / lock).read_text()
    return {("Pipfile" if folder == "pipenv" else "pyproject.toml"): texts[0], name: texts[1]}


PAIRS = {
    "pdm/3.1": genuine("pdm", "3.1.toml", "3.1.lock", "pdm.lock"),
    "pdm/4.4": genuine("pdm", "4.4.toml", "4.4.lock", "pdm.lock"),
    "pdm/4.4.1": genuine("pdm", "4.4.toml", "4.4.1.lock", "pdm.lock"),
    "poetry/1.0": genuine("poetry", "1.0.toml", "1.0.lock", "poetry.lock"),
    "poetry/2.1": genuine("poetry", "2.1.toml", "2.1.lock", "poetry.lock"),
    "pipenv/Pipfile": genuine("pipenv", "Pipfile", "Pipfile.lock", "Pipfile.lock"),
    "uv/fork": genuine("uv", "fork.toml", "fork.lock", "uv.lock"),
}


def sealed(name: str) -> dict[str, str]:
    """Return a pair whose lock states the hash that its client makes of the rewritten manifest."""
    manifest, lock = PAIRS[name]
    files = dict(PAIRS[name])
    if name in HASHES:
        marker = '"content-hash' if name.startswith("pipenv") else "content-hash"
        lines = files[lock].splitlines(keepends=True)
        index = next(i for i, line in enumerate(lines) if line.startswith(marker) or '"sha256": "' in line)
        old = lines[index].split('"')[-2]
        files[lock] = files[lock].replace(old, HASHES[name])
    return {manifest: files[manifest], lock: files[lock]}


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_genuine_locks_agree_with_their_manifests(name: str) -> None:
    assert told(sealed(name)) == []


@pytest.mark.parametrize("name", sorted(HASHES))
def test_a_hash_of_another_manifest_is_told_at_its_line(name: str) -> None:
    (drift,) = derive(said(PAIRS[name]))  # hosts were rewritten, and the clients hash them too
    manifest, lock = PAIRS[name]
    assert (drift.path, drift.name, drift.wanted, drift.locked) == (
        lock,
        "content-hash",
        f"of {manifest}",
        None,
    )
    assert '"' in PAIRS[name][lock].splitlines()[drift.at.line - 1]


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("pdm/4.4", '"click"', '"click<8"', ("click", "<8", "8.5.1")),
        ("pdm/4.4", '"click"', '"click", "left"', ("left", "", None)),
        ("pdm/4.4", '["iniconfig"]', '["iniconfig", "right>1"]', ("right", ">1", None)),
        ("pdm/4.4", '">=3.10"', '">=3.11"', ("content-hash", "of pyproject.toml", None)),
        ("poetry/2.1", ">=2.28", ">=3", ("requests", "[socks]>=3", "2.32.5")),
        ("poetry/2.1", 'iniconfig = "*"', 'iniconfig = ">=2"', ("content-hash", "of pyproject.toml", None)),
        ("pipenv/Pipfile", 'cryptography = "*"', 'cryptography = "<50"', ("cryptography", "<50", "50.0.2")),
        ("pipenv/Pipfile", 'pytest = "*"', 'pytest = "*"\nleft = ">1"', ("left", ">1", None)),
        ("uv/fork", '["click>=8"]', '["click>=8,<9"]', ("click", "<9,>=8", ">=8")),
        ("uv/fork", '["click>=8"]', "[]", ("click", None, ">=8")),
        ("uv/fork", '"cryptography", ', '"cryptography>1", ', ("cryptography", ">1", "")),
    ],
)
def test_contradictions(name: str, old: str, new: str, expected: tuple[str, str | None, str | None]) -> None:
    files = sealed(name)
    manifest = next(iter(files))
    assert old in files[manifest]
    assert told({**files, manifest: files[manifest].replace(old, new, 1)}) == [expected]


def test_ranges_that_say_the_same_are_no_contradiction() -> None:
    files = sealed("uv/fork")
    text = files["pyproject.toml"].replace('"click>=8"', '"click >= 8.0"')
    assert told({**files, "pyproject.toml": text}) == []


def test_what_setuptools_computes_is_not_judged() -> None:
    files = sealed("uv/fork")
    lines = [line for line in files["pyproject.toml"].splitlines() if not line.startswith("dependencies")]
    text = "\n".join(lines).replace("[project]", '[project]\ndynamic = ["dependencies"]')
    assert told({**files, "pyproject.toml": text}) == []


COMPILED = """\
#
# This file is autogenerated by pip-compile with Python 3.11
#
certifi==2026.10.18
    # via requests
requests==2.34.2
    # via
    #   -r requirements.in
    #   right
right==1.0 # via -r requirements.in
"""
WANTED = "requests>=2\nright\ncolorama; sys_platform == 'win32'\n"


def compiled(wanted: str, text: str = COMPILED, folder: str = "") -> Told:
    return told({f"{folder}requirements.in": wanted, f"{folder}requirements.txt": text})


@pytest.mark.parametrize("folder", ["", "deep/er/"])
def test_compiled_requirements(folder: str) -> None:
    assert compiled(WANTED, folder=folder) == []
    assert compiled(WANTED + "left\n", folder=folder) == [("left", "", None)]
    assert compiled(WANTED.replace(">=2", "<2"), folder=folder) == [("requests", "<2", "2.34.2")]
    assert compiled(WANTED.replace("right\n", ""), folder=folder) == [("right", None, "1.0")]


def test_a_file_that_nobody_compiled_is_not_held_against_another() -> None:
    text = "\n".join(line.partition("#")[0] for line in COMPILED.splitlines())
    assert compiled("left\n", text) == []


def test_genuine_compiled_requirements_agree() -> None:
    folder = LOCKS / "requirements"
    wanted = (folder / "wanted.in").read_text()
    for name in ("hashes.txt", "plain.txt"):
        assert told({"requirements.in": wanted, name: (folder / name).read_text()}) == []
