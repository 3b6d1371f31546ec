"""Records as the readers of lockfiles make them, and what a rule says about two lists of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from fimci.compare import compare
from fimci.findings import Finding
from fimci.model import Capability, Change, Digest, File, Package, Place, Record, Setting


class Rule(Protocol):
    """A module in `fimci.rules` that looks at one change."""

    def check(self, change: Change) -> Iterator[Finding]: ...


class WholeRule(Protocol):
    """A module in `fimci.rules` that looks at all changes together."""

    def check_all(self, changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]: ...


LINES = (("install_scripts", 5), ("integrity", 4), ("origin", 3), ("version", 2))
ONE, TWO = Digest("sha512", "11" * 64), Digest("sha512", "22" * 64)


def npm(name: str, version: str = "1.0.0", **facts: Any) -> Package:
    """An entry of `package-lock.json`; hash and URL follow from name and version."""
    base = name.rpartition("/")[2]
    path = facts.pop("path", "package-lock.json")
    stated = {
        "place": f"{path}#node_modules/{name}",
        "origin_kind": "registry",
        "origin": f"https://registry.example/{name}/-/{base}-{version}.tgz",
        "integrity": (Digest("sha512", f"{name}{version}".encode().hex()),),
    }
    return Package(
        ecosystem="npm",
        name=name,
        version=version,
        stated_by="lock",
        at=Place(path, 1, f"{name} {version}", LINES),
        **{**stated, **facts},
    )


def pypi(name: str, version: str = "1.0", **facts: Any) -> Package:
    """An entry of `uv.lock` with a source distribution and a wheel."""
    path = facts.pop("path", "uv.lock")
    stated = {
        "place": f"{path}#{name}",
        "origin_kind": "registry",
        "origin": "https://index.example/simple",
        "integrity": hashes("aa", "bb"),
    }
    return Package(
        ecosystem="pypi",
        name=name,
        version=version,
        stated_by="lock",
        at=Place(path, 1, f"{name} {version}", LINES),
        **{**stated, **facts},
    )


def wanted(name: str, version: str = "^1.0.0", **facts: Any) -> Package:
    """A requirement of `package.json`."""
    path = facts.pop("path", "package.json")
    stated = {"place": f"{path}#dependencies/{name}", "origin_kind": "registry", "origin": None}
    return Package(
        ecosystem="npm",
        name=name,
        version=version,
        stated_by="manifest",
        at=Place(path, 7, name, ()),
        **{**stated, **facts},
    )


def script(command: str, subject: str = "postinstall", path: str = "package.json") -> Capability:
    """A script of a `package.json` that runs at install time."""
    at = Place(path, 3, command)
    return Capability(
        path=path, name="install-script", subject=subject, phase="install", detail=command, at=at
    )


def file(path: str) -> File:
    """A file, whatever is in it."""
    return File(path=path, size=1, mode=0o644, digest=Digest("sha256", "00" * 32))


def hashes(*starts: str) -> tuple[Digest, ...]:
    """Return sha256 digests that begin with these digits."""
    return tuple(sorted(Digest("sha256", start + "0" * (64 - len(start))) for start in starts))


def settings(values: Mapping[str, str], path: str = ".npmrc") -> list[Record]:
    """Switches of one file."""
    return [Setting(path=path, name=name, value=value, at=Place(path)) for name, value in values.items()]


def found(rule: Rule | WholeRule, before: Sequence[Record], after: Sequence[Record]) -> list[Finding]:
    """Return what a rule objects to."""
    left, right = (sorted(side, key=lambda record: record.key) for side in (before, after))
    changes = list(compare(left, right))
    if hasattr(rule, "check_all"):
        return list(rule.check_all(changes, left))
    return [one for change in changes for one in rule.check(change)]


def said(rule: Rule | WholeRule, before: Sequence[Record], after: Sequence[Record]) -> list[str]:
    """Return what a rule says, as case files write it down, without the rule's name."""
    return [f"{one.path}:{one.line}: {one.severity}: {one.message}" for one in found(rule, before, after)]
