r"""`gradle-wrapper.properties` and `maven-wrapper.properties`: the build tool that a project downloads.

Whoever builds runs what `distributionUrl` serves; `distributionSha256Sum` is all that holds it to one
content, and `validateDistributionUrl` only asks whether something is there. The file is a Java properties
file, in which `https\://` is how Gradle writes a URL.

https://docs.gradle.org/current/userguide/gradle_wrapper.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.excerpts import without_credentials
from fimci.model import Digest, Package, Place, Record
from fimci.readers.manifests import properties, settings

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_VERSION = re.compile(r"[-/]([0-9][0-9A-Za-z.+-]*?)(?:-(?:bin|all))?\.(?:jar|zip|tar\.gz)$")
#: Characters of the name of a distribution.
_LONGEST = 200
#: Each tool that is fetched: its URL, its hash.
_FETCHED = {
    "distribution": ("distributionUrl", "distributionSha256Sum"),
    "wrapper": ("wrapperUrl", "wrapperSha256Sum"),
}


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the properties of either wrapper."""
    return path.rpartition("/")[2] in {"gradle-wrapper.properties", "maven-wrapper.properties"}


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the wrapper fetches, and its other properties."""
    found = properties.read(data.decode("latin-1"))
    tool = path.rpartition("/")[2].partition("-")[0]
    stated = {key for keys in _FETCHED.values() for key in keys}
    for part, (url, hash_) in _FETCHED.items():
        if url in found:
            yield _fetched(
                path, tool if part == "distribution" else f"{tool}-{part}", found[url], found.get(hash_)
            )
    rest = (
        settings.private(path, name, value, line)
        for name, (value, line) in found.items()
        if name not in stated
    )
    yield from settings.bounded(path, rest)


def _fetched(path: str, name: str, url: tuple[str, int], stated: tuple[str, int] | None) -> Package:
    address, line = without_credentials(url[0]), url[1]
    version = _VERSION.search(address[-_LONGEST:])
    hashed = stated is not None and _SHA256.fullmatch(stated[0]) is not None
    at = settings.place(path, line, f"{name} {address}")
    parts = (("integrity", stated[1]),) if stated is not None else ()
    return Package(
        ecosystem="generic",
        name=name,
        place=f"{path}#{name}",
        stated_by="lock",
        version=version[1] if version is not None else None,
        origin_kind="registry",
        origin=address,
        integrity=(Digest("sha256", stated[0].lower()),) if hashed and stated is not None else (),
        at=Place(at.path, at.line, at.text, parts),
    )
