"""Where the packages of pnpm's lockfiles come from: the `resolution` of an entry.

    {integrity}                    the registry that configuration or the key names
    {integrity, tarball}           a URL, a `file:`, the archive that a code host makes of a commit
    {type: git, repo, commit}      a repository
    {type: directory, directory}   a folder
    {type: binary, url, integrity}, {type: variations, variants}   a runtime, one archive per system

Of a registry there is no URL unless it is an unusual one. Part of the reader `pnpm`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from fimci.excerpts import without_credentials
from fimci.model import UNSTATED, Digest, OriginKind, Unstated
from fimci.readers.locks import node
from fimci.readers.locks.pnpm_keys import Key

_GIT_ARCHIVE = re.compile(
    r"https://(?:codeload\.github\.com/[^/]+/[^/]+/(?:legacy\.)?tar\.gz/|bitbucket\.org/[^/]+/[^/]+/get/"
    r"|gitlab\.com/(?:api/v4/projects/[^/]+/repository/archive\.tar\.gz|.+/-/archive/))"
)
#: A commit, or the name of a branch or tag, which is no commit but can be read (`revision-unpinned`).
_REVISION = re.compile(r"[0-9A-Za-z][\w./-]{0,254}", re.ASCII)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Fault(NamedTuple):
    """What entries have that no client writes: a word for it, and the sentence about them."""

    part: str
    why: str


UNHASHED = Fault("integrity", "with a hash not in the form of Subresource Integrity")
CUSTOM = Fault("custom resolutions", "that only the code of a pnpmfile can fetch")
COMMIT = Fault("commits", "of git without a repository or a commit")
ARCHIVES = Fault("runtimes", "of a runtime of which not every archive has a hash")
NOWHERE = Fault("origins", "without a version and an origin")


class Source(NamedTuple):
    """Kind and URL or path of an origin, the hashes that vouch for it, and what is wrong with it."""

    kind: OriginKind | Unstated
    origin: str | Unstated | None = None
    integrity: tuple[Digest, ...] = ()
    fault: Fault | None = None


def source(key: Key, facts: Mapping[str, Any]) -> Source:
    """Return where an entry comes from."""
    resolution = facts.get("resolution")
    if not isinstance(resolution, dict):
        resolution = {}
    stated = node.text(resolution, "integrity") or node.text(facts, "integrity")
    hashes = node.digests(stated)
    kind = node.text(resolution, "type")
    if kind == "git":
        return _git(resolution)
    if kind == "directory":
        return Source("directory", node.text(resolution, "directory") or None)
    if kind in ("binary", "variations"):
        return _archives(resolution)
    fault = UNHASHED if stated and not hashes else None
    if kind:
        return Source(UNSTATED, UNSTATED, hashes, CUSTOM)
    url = node.text(resolution, "tarball") or (key.source if _SCHEME.match(key.source) else "")
    if url.startswith("file:") and not (hashes or resolution):
        return Source("directory", url.removeprefix("file:"))
    if url and not url.startswith("runtime:"):
        return _tarball(key, url, resolution, hashes)._replace(fault=fault)
    if not key.version and not hashes:
        fault = NOWHERE
    return Source("registry", _registry(key, resolution), hashes, fault)


def _git(resolution: Mapping[str, Any]) -> Source:
    repository, commit = node.text(resolution, "repo"), node.text(resolution, "commit")
    path = node.text(resolution, "path")
    origin = f"{repository}#{commit}" + (f"&path:{path}" if path else "")
    plain = repository.isprintable() and repository[:1] not in ("", "-")
    fault = None if plain and _REVISION.fullmatch(commit) else COMMIT
    return Source("git", without_credentials(origin), (), fault)


def _archives(resolution: Mapping[str, Any]) -> Source:
    """Read a runtime: of its archives, one is installed, and any of them may be."""
    variants = resolution.get("variants")
    found = (
        [variant.get("resolution") for variant in variants if isinstance(variant, dict)]
        if isinstance(variants, list)
        else [resolution]
    )
    archives = [archive for archive in found if isinstance(archive, dict)]
    urls = sorted({node.text(archive, "url") or node.text(archive, "tarball") for archive in archives} - {""})
    hashes = [node.digests(node.text(archive, "integrity")) for archive in archives]
    fault = None if all(hashes) and hashes else ARCHIVES
    every = tuple(sorted({digest for one in hashes for digest in one}))
    return Source("tarball", without_credentials(urls[0]) if urls else None, every, fault)


def _tarball(key: Key, url: str, resolution: Mapping[str, Any], hashes: tuple[Digest, ...]) -> Source:
    if url.startswith("file:"):
        return Source("file", url, hashes)
    origin = without_credentials(url)
    if _GIT_ARCHIVE.match(url) or resolution.get("gitHosted") in ("true", True):
        return Source("git", origin, hashes)
    if not _SCHEME.match(url):
        return Source("registry", f"{node.text(resolution, 'registry')}{origin}", hashes)
    if key.source:
        return Source("tarball", origin, hashes)
    return Source(node.kind_of(url, key.name, key.version, hashed=True) or UNSTATED, origin, hashes)


def _registry(key: Key, resolution: Mapping[str, Any]) -> str | None:
    """Return what an entry says about its registry; mostly that is nothing."""
    stated = node.text(resolution, "registry")
    if stated:
        return without_credentials(stated)
    return key.registry or None
