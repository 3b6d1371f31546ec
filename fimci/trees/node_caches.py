"""Where clients keep the archives that they installed from. Nothing of a client runs to find out.

A place may be named by anybody: what is found there vouches for nothing before its hash is that of the
lockfile (`node_artifacts`).
"""

from __future__ import annotations

import bisect
import configparser
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fimci.model import Digest, Package
from fimci.registries.kept import Kept, kept
from fimci.trees.published import whole

_YAML = re.compile(r"^(cacheFolder|globalFolder): *[\"']?([^\"'#\r\n]+?)[\"']? *$", re.MULTILINE)
#: Bytes of a configuration file that are read.
_LIMIT = 1 << 20
_ALGORITHMS = ("sha512", "sha384", "sha256", "sha1")
_ZIP = "sha512-zip-"


class Listed(NamedTuple):
    """A folder and the names in it, sorted."""

    folder: str
    names: list[str]

    def starting(self, start: str) -> Iterator[str]:
        """Yield the names that start so."""
        for at in range(bisect.bisect_left(self.names, start), len(self.names)):
            if not self.names[at].startswith(start):
                return
            yield self.names[at]


class Caches(NamedTuple):
    """Folders of npm, of yarn 1, of later versions of yarn, of pnpm, and what fimci keeps itself."""

    npm: tuple[str, ...]
    classic: tuple[Listed, ...]
    zips: tuple[Listed, ...]
    pnpm: tuple[str, ...]
    kept: Kept = Kept(None, b"")


class Candidate(NamedTuple):
    """A file that may be the archive of a package, and the hash that it must have."""

    path: str
    digest: Digest


def caches(project: str, environment: Mapping[str, str]) -> Caches:
    """Return the folders that environment and configuration name, else the defaults of the clients."""
    home = environment.get("HOME") or environment.get("USERPROFILE") or os.path.expanduser("~")
    yarn = environment.get("YARN_CACHE_FOLDER", "")
    settings = dict(_YAML.findall(_text(f"{project}/.yarnrc.yml")))
    shared = environment.get("YARN_GLOBAL_FOLDER") or settings.get("globalFolder") or f"{home}/.yarn/berry"
    zips = [
        yarn,
        _from(project, settings.get("cacheFolder", "")),
        f"{project}/.yarn/cache",
        f"{shared}/cache",
    ]
    data = environment.get("XDG_DATA_HOME") or f"{home}/.local/share"
    classic = [yarn, f"{home}/.cache/yarn", f"{home}/Library/Caches/Yarn"]
    return Caches(
        (f"{_npm(project, home, environment)}/_cacache",),
        tuple(_listed(f"{folder}/v6") for folder in classic if folder),
        tuple(_listed(folder) for folder in dict.fromkeys(zips) if folder),
        tuple(f"{folder}/pnpm/store" for folder in (data, f"{home}/Library") if folder),
        kept(environment),
    )


def candidates(entry: Package, places: Caches) -> Iterator[Candidate]:
    """Yield files that may be the archive that an entry of a lockfile vouches for."""
    digest = strongest(entry)
    if digest is None:
        return
    if digest.algorithm.startswith(_ZIP):
        for path in zips(entry, places.zips, digest):
            yield Candidate(path, digest)
        return
    first, second, rest = digest.hex[:2], digest.hex[2:4], digest.hex[4:]
    for cache in places.npm:
        yield Candidate(f"{cache}/content-v2/{digest.algorithm}/{first}/{second}/{rest}", digest)
    for path in _classic(entry, places):
        yield Candidate(path, digest)
    own = places.kept.path(digest)
    if own is not None:
        yield Candidate(own, digest)


def indexes(entry: Package, places: Caches) -> Iterator[str]:
    """Yield where pnpm's store says which files a package has: of versions 10, and 9 and earlier."""
    digest = strongest(entry)
    if digest is not None and digest.algorithm == "sha512":
        name = entry.name.replace("/", "+")
        for store in places.pnpm:
            yield f"{store}/v10/index/{digest.hex[:2]}/{digest.hex[2:64]}-{name}@{entry.version}.json"
            yield f"{store}/v3/files/{digest.hex[:2]}/{digest.hex[2:]}-index.json"


def strongest(entry: Package) -> Digest | None:
    """Return the hash of an entry that is hardest to forge."""
    stated = entry.integrity if isinstance(entry.integrity, tuple) else ()
    ranked = [digest for name in _ALGORITHMS for digest in stated if digest.algorithm == name]
    zipped = [digest for digest in stated if digest.algorithm.startswith(_ZIP)]
    return next(iter(ranked + zipped), None)


def _npm(project: str, home: str, environment: Mapping[str, str]) -> str:
    for name in ("npm_config_cache", "NPM_CONFIG_CACHE"):
        if environment.get(name):
            return environment[name]
    for file in (f"{project}/.npmrc", environment.get("NPM_CONFIG_USERCONFIG") or f"{home}/.npmrc"):
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True, delimiters=("=",))
        try:
            parser.read_string("[npm]\n" + _text(file))
        except configparser.Error:
            continue
        named = parser.get("npm", "cache", fallback=None)
        if named:
            return _from(project, named.strip().replace("${HOME}", home).replace("~/", f"{home}/", 1))
    return f"{environment['LOCALAPPDATA']}/npm-cache" if environment.get("LOCALAPPDATA") else f"{home}/.npm"


def zips(entry: Package, places: Iterable[Listed], digest: Digest) -> Iterator[str]:
    """Yield zips by their names: the package's, where it comes from, two hashes, and `.zip`."""
    slug = entry.name.replace("/", "-")
    start = f"{slug}-patch-" if entry.origin_kind == "patch" else f"{slug}-npm-{entry.version}-"
    ends = (f"-{digest.hex[:10]}.zip", f"-{digest.algorithm[len(_ZIP) :]}.zip")
    for listed in places:
        for name in listed.starting(start):
            if name.endswith(ends):
                yield f"{listed.folder}/{name}"


def _classic(entry: Package, places: Caches) -> Iterator[str]:
    """Yield what yarn 1 keeps beside each unpacked package."""
    slug = entry.name.replace("/", "-")
    for listed in places.classic:
        for name in listed.starting(f"npm-{slug}-{entry.version}-"):
            yield f"{listed.folder}/{name}/node_modules/{entry.name}/.yarn-tarball.tgz"


def _listed(folder: str) -> Listed:
    try:
        return Listed(folder, sorted(os.listdir(folder)))
    except OSError:
        return Listed(folder, [])


def _from(project: str, path: str) -> str:
    return os.path.join(project, path) if path else ""


def _text(file: str) -> str:
    return (whole(file, _LIMIT) or b"").decode("utf-8", "replace")
