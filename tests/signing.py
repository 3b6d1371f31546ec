"""What the tests of signed states have in common: keys, a job with an identity, and the verbs that sign."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fimci import cli
from tests.artifacts import sigstore_server
from tests.artifacts.sigstore_instance import WORKFLOW, Instance

#: Whoever signs with a key, and the workflow that signs without.
PRINCIPAL = "releases@fimci.example"
IDENTITY = f"{WORKFLOW}@refs/tags/v*"


def run(*words: str | Path) -> int:
    return cli.main([str(word) for word in words])


def tree_in(folder: Path) -> Path:
    """Make a folder with one file, of which a baseline can be taken."""
    tree = folder / "tree"
    tree.mkdir()
    (tree / "a.txt").write_text("a\n")
    return tree


def keys_in(folder: Path) -> Path:
    """Make two keys, and an allowed-signers file for the first."""
    for name in ("good", "evil"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name)]
        subprocess.run(words, check=True)
    (folder / "allowed").write_text(f"{PRINCIPAL} {(folder / 'good.pub').read_text()}")
    return folder


@contextmanager
def job(
    instance: Instance, folder: Path, monkeypatch: pytest.MonkeyPatch, *, second: bool = False
) -> Iterator[Path]:
    """Run an instance, and be a job that has an identity there; yield where its services are named."""
    monkeypatch.setattr("sigstore.oidc.detect_credential", lambda: sigstore_server.token(instance))
    (folder / "root.json").write_bytes(instance.trusted_root())
    with sigstore_server.served(instance, second=second) as config:
        (folder / "sigstore.json").write_bytes(config)
        yield folder / "sigstore.json"


def baseline(tree: Path, *sign: str | Path) -> None:
    assert run("baseline", tree, "--output", tree / "fimci.baseline", *sign) == 0


def check(tree: Path, *demand: str | Path) -> int:
    return run("check", tree, "--baseline", tree / "fimci.baseline", *demand)


def git(tree: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@fimci.example", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *who, *words], cwd=tree, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def two_commits(tree: Path) -> None:
    """Make a repository of two commits."""
    git(tree, "init", "-q")
    for text in ("0\n", "a\n"):
        (tree / "a.txt").write_text(text)
        git(tree, "add", "a.txt")
        git(tree, "commit", "-q", "-m", "a")
