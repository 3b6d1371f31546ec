"""What the archive of a release says of itself: its manifest, and the repositories that this names."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from email.parser import HeaderParser
from typing import Any

from fimci.errors import SourceError
from fimci.model import Place, Setting, Unread
from fimci.packages.origins import on_code_host, repository
from fimci.releases.obtain import Obtained
from fimci.remembered import remembered
from fimci.snapshot import Recipe
from fimci.sources import archive

#: Bytes of a manifest that are read.
_LIMIT = 1 << 20
#: How it is called what archives say of themselves. No path of a file has a NUL in it.
_ASKED = "manifest of a release\0001\0"
_WWW = re.compile(r"(?<=://)www\.")


def repositories(found: Obtained, how: Recipe | None = None) -> frozenset[str]:
    """Return the repositories that an archive names: `github.com/owner/repo`."""
    npm = found.wanted.ecosystem == "npm"
    return frozenset(_named(manifest(found, how), npm=npm))


def _named(data: bytes, *, npm: bool) -> Iterator[str]:
    for address in _of_npm(data) if npm else _of_python(data):
        if isinstance(address, str) and (npm or on_code_host(_WWW.sub("", address, count=1))):
            named = repository(_WWW.sub("", address, count=1))
            if named.count("/") >= 2:  # noqa: PLR2004  (a host, an owner, and a repository)
                yield "/".join(named.split("/")[:3])


def manifest(found: Obtained, how: Recipe | None = None) -> bytes:
    """Return the `package.json` or `METADATA` of an archive; empty where there is none that can be read.

    Remembered by all bytes of the archive: an index of thousands of members is read for it.
    """
    cache = remembered(how) if how is not None else None
    if cache is None:
        return _manifest(found)
    digest = hashlib.sha256(found.data).hexdigest()
    asked = f"{_ASKED}{found.wanted.ecosystem} {found.name}"
    known = cache.get(asked, digest)
    if known is None:
        text = _manifest(found).decode("latin-1")
        known = [Setting(path="", name="manifest", value=text, at=Place(""))]
        cache.put(asked, digest, known)
        cache.flush()
    return b"".join(one.value.encode("latin-1") for one in known if isinstance(one, Setting))


def _manifest(found: Obtained) -> bytes:
    npm = found.wanted.ecosystem == "npm"
    try:
        for entry in archive.within(found.data, found.name):
            if isinstance(entry, Unread) or entry.read is None:
                continue
            if entry.path == "package.json" if npm else _is_metadata(entry.path):
                return b"".join(entry.read())[:_LIMIT]
    except (OSError, SourceError):
        pass
    return b""


def _is_metadata(path: str) -> bool:
    return path.endswith(".dist-info/METADATA") or (path.endswith("/PKG-INFO") and path.count("/") == 1)


def _of_npm(data: bytes) -> Iterator[Any]:
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError):
        return
    stated = manifest.get("repository") if isinstance(manifest, dict) else None
    yield stated.get("url") if isinstance(stated, dict) else stated


def _of_python(data: bytes) -> Iterator[Any]:
    message = HeaderParser().parsestr(data.decode("utf-8", "replace"))
    yield message.get("Home-page")
    yield from (str(line).partition(",")[2].strip() for line in message.get_all("Project-URL", []))
