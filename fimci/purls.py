"""Package URLs of releases: `pkg:npm/%40scope/name@1.0.1`, `pkg:pypi/name@1.0?file=FILE` or `…#FILE`.

A release is one version, of the registry that is configured. What leaves open which version is meant, or
names another place to get it from, is refused: something else would be looked at than was named.
https://github.com/package-url/purl-spec
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from fimci.errors import UsageError
from fimci.model import Digest

_FORM = "write pkg:npm/NAME@VERSION or pkg:pypi/NAME@VERSION"
_ECOSYSTEMS = ("npm", "pypi")
_NPM = re.compile(r"(?:0|[1-9]\d{0,15})(?:\.(?:0|[1-9]\d{0,15})){2}(?:[-+][\w.+-]{1,200})?", re.ASCII)
_PYPI = re.compile(r"v?(?:\d{1,9}!)?\d{1,18}(?:\.\d{1,18}){0,40}[\w.+-]{0,80}", re.ASCII | re.IGNORECASE)
#: What stands for more than one version, wherever it stands.
_OPEN = re.compile(r"[<>=^~*|,\s]|(?:^|\.)[xX](?:\.|$)")
_ELSEWHERE = re.compile(r"[a-z+]{2,12}:", re.IGNORECASE)
#: Digits of each algorithm that vouches for an archive.
_DIGITS = {"sha512": 128, "sha384": 96, "sha256": 64, "sha1": 40}
_KNOWN = frozenset({"file", "file_name", "checksum", "vcs_url"})
_REGISTRIES = {"npm": ".npmrc", "pypi": "pip.conf or PIP_INDEX_URL"}


class Named(NamedTuple):
    """`npm/@scope/name@1.0.1`, a file of the release (or empty), and the hashes that must hold of it."""

    path: str
    file: str = ""
    digests: tuple[Digest, ...] = ()


def release(text: str) -> Named:
    """Read a package URL of one release. Raises `UsageError`."""
    from packageurl import PackageURL  # noqa: PLC0415  (35 ms, where a release is named)

    try:
        purl = PackageURL.from_string(text)
    except ValueError:
        raise _no_release(text) from None
    if purl.type not in _ECOSYSTEMS:
        raise _no_release(text)
    name = f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name
    if purl.type == "npm":
        name = _spelt(text, name)
        if purl.namespace and not purl.namespace.startswith("@"):
            raise UsageError(f"{text!r} has a scope without its @", f"write pkg:npm/@{name}@VERSION")
    if "@" in name[1:]:
        raise _no_release(text)
    if "[" in name:
        raise UsageError(f"{text!r} names extras, which no release has", "leave out what is in brackets")
    version = _version(text, purl.type, name, purl.version or "")
    qualifiers = {str(key): str(value) for key, value in dict(purl.qualifiers).items()}
    return Named(f"{purl.type}/{name}@{version}", _file(text, purl.type, purl.subpath, qualifiers),
                 _digests(text, qualifiers))  # fmt: skip


def _spelt(text: str, name: str) -> str:
    """Return a name in the letters in which it was written: old packages of npm differ by nothing else."""
    raw = unquote(text)
    at = raw.lower().find(name.lower())
    return raw[at : at + len(name)] if at >= 0 else name


def _version(text: str, ecosystem: str, name: str, version: str) -> str:
    """Return the one version that is named. Raises `UsageError` for everything that is none."""
    exact = f"name one version, as a lockfile does: pkg:{ecosystem}/{name}@1.2.3"
    if not version:
        raise UsageError(f"{text!r} names no version", exact)
    if _ELSEWHERE.match(version):
        raise UsageError(f"{text!r} names another source instead of a version", exact)
    if _OPEN.search(version):
        raise UsageError(f"{text!r} is a requirement, which many versions may satisfy", exact)
    if ecosystem == "npm" and not _NPM.fullmatch(version):
        raise UsageError(
            f"{text!r} names no version of npm: a tag moves, and numbers have three parts", exact
        )
    if ecosystem == "pypi" and not _PYPI.fullmatch(version):
        raise UsageError(f"{text!r} names no version of Python", exact)
    return version


def _file(text: str, ecosystem: str, subpath: str | None, qualifiers: dict[str, str]) -> str:
    """Return the file of a release that is meant; empty for whichever says most."""
    unknown = sorted(qualifiers.keys() - _KNOWN)
    if "repository_url" in unknown or "download_url" in unknown:
        raise UsageError(
            f"{text!r} says where to ask, and a name decides nothing about that",
            f"leave that out: the registry that is configured is asked ({_REGISTRIES[ecosystem]})",
        )
    if unknown:
        raise UsageError(f"{text!r} has a qualifier that is not known: {unknown[0]}", _FORM)
    file = subpath or qualifiers.get("file") or qualifiers.get("file_name") or ""
    if file and ecosystem == "npm":
        raise UsageError(f"{text!r} names a part of a release, but releases are checked as a whole", _FORM)
    return file


def _digests(text: str, qualifiers: dict[str, str]) -> tuple[Digest, ...]:
    """Read `checksum=sha256:HEX,sha512:HEX`."""
    found = []
    for one in filter(None, qualifiers.get("checksum", "").lower().split(",")):
        algorithm, _, digits = one.partition(":")
        if len(digits) != _DIGITS.get(algorithm) or not re.fullmatch(r"[0-9a-f]+", digits):
            raise UsageError(
                f"{text!r} has a checksum that cannot be used",
                f"known are {', '.join(_DIGITS)}, as hexadecimal",
            )
        found.append(Digest(algorithm, digits))
    return tuple(found)


def _no_release(text: str) -> UsageError:
    return UsageError(f"{text!r} names no release of a registry", _FORM)
