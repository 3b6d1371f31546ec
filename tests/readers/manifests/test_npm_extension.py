"""Code and patches that npm 12 applies: their digests are those that the lockfile pins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fimci.model import Setting
from fimci.readers.manifests import npm_extension, patch_file
from tests.readers import seen

GENUINE = Path(__file__).parents[3] / "fixtures" / "locks" / "npm12-v4"


def test_the_digest_is_that_of_a_genuine_lock() -> None:
    lock = json.loads((GENUINE / "package-lock.json").read_bytes())
    found = npm_extension.read(".npm-extension.mjs", (GENUINE / ".npm-extension.mjs").read_bytes())
    assert seen.switches(found)["npm-extension.digest"][0] == lock["packages"][""]["npmExtensionHash"]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (".npm-extension.mjs", True),
        ("a/.npm-extension.cjs", True),
        (".npm-extension.js", False),
        ("node_modules/a/.npm-extension.mjs", False),
    ],
)
def test_wants_what_npm_runs(path: str, wanted: bool) -> None:  # noqa: FBT001  (a column of the table)
    assert npm_extension.wants(path, b"") is wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("patches/is-odd@3.0.1.patch", True),
        ("patches/@scope/left+1.0.0.patch", True),
        ("a/patches/@scope+left+1.0.0.patch", True),
        ("debian/patches/fix-build.patch", False),
        ("patches/is-odd@3.0.1.txt", False),
        ("left@1.0.0.patch", False),
        ("node_modules/a/patches/left@1.0.0.patch", False),
    ],
)
def test_wants_patches_of_packages(path: str, wanted: bool) -> None:  # noqa: FBT001  (a column of the table)
    assert patch_file.wants(path, b"") is wanted


def test_another_patch_is_another_digest() -> None:
    (one,), (other,) = (list(patch_file.read("patches/a@1.patch", data)) for data in (b"", b"\0"))
    assert isinstance(one, Setting)
    assert isinstance(other, Setting)
    assert one.name == other.name == "patch.digest"
    assert one.value != other.value
