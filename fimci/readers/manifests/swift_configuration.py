"""`.swiftpm/configuration/`: mirrors and registries that SwiftPM takes packages from instead.

    swift.mirrors.ADDRESS       Setting   the address that is asked in its place
    swift.registries.SCOPE      Setting   the registry of a scope, or of all (`[default]`)

https://docs.swift.org/swiftpm/documentation/packagemanagerdocs
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.excerpts import without_credentials
from fimci.marked import json
from fimci.marked.document import Malformed, Marked
from fimci.model import Record, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import settings

_FOLDER = ".swiftpm/configuration"
_MIRRORS, _REGISTRIES = "mirrors.json", "registries.json"


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Want what SwiftPM obeys in a package."""
    folder, _, name = path.rpartition("/")
    return name in (_MIRRORS, _REGISTRIES) and f"/{folder}".endswith(f"/{_FOLDER}")


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield a setting for each place that takes the place of another one."""
    try:
        document = json.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    yield from repeated(path, document)
    facts = _mirrors if path.endswith(_MIRRORS) else _registries
    yield from settings.bounded(path, facts(path, document))


def _mirrors(path: str, document: Marked) -> Iterator[Record]:
    """Read a list of pairs: `original` and `mirror`."""
    for index, one in enumerate(document.items("object")):
        line = document.line(("object", index))
        original, mirror = (
            (one.get(key) for key in ("original", "mirror")) if isinstance(one, dict) else ("", "")
        )
        if isinstance(original, str) and isinstance(mirror, str) and original and mirror:
            name = f"swift.mirrors.{without_credentials(original)}"
            yield settings.setting(path, name, mirror, line)
        else:
            yield Unread(path=path, part=f"object[{index}]", why="not a mirror of an address", line=line)


def _registries(path: str, document: Marked) -> Iterator[Record]:
    for scope, one in document.table("registries").items():
        line = document.line(("registries", scope))
        url = one.get("url") if isinstance(one, dict) else None
        if isinstance(url, str):
            yield settings.setting(path, f"swift.registries.{scope}", url, line)
        else:
            yield Unread(path=path, part=f"registries.{scope}"[:200], why="not a registry", line=line)
