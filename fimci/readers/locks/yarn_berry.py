"""yarn's lockfile since yarn 2: `yarn.lock` with `__metadata`, of every version that a client wrote.

    4, 5   yarn 2, 3.0 and 3.1     6, 7   yarn 3.2 to 4 before its release     8 to 10   yarn 4

The regular part of YAML. A key lists what asks for an entry, `resolution` says what it gets. The
`checksum` is of an archive that yarn itself packs, not of the one that a registry has: it goes by the
name of the cache that made it (`sha512-zip-10c0`), so that it is held against nothing else, and as
`unchecked-…` where the lockfile is of another cache by now. Platform packages have none where another
platform locked them.

Settings are `lockfileVersion`, `locked.cacheKey` and, as `file-name.`, keys that name another release than
their resolution. Yarn's first lockfile, which has the same name, is another format (`yarn_classic`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.excerpts import EXCERPT
from fimci.marked import plain_yaml
from fimci.marked.document import Malformed, Marked
from fimci.model import Place, Record, Setting, Unread
from fimci.printable import plural
from fimci.readers.documents import repeated, unparsed
from fimci.readers.locks import node, yarn_entries

_BERRY = re.compile(rb"^[\"']?__metadata[\"']?\s*:", re.MULTILINE)
_CONFLICT = re.compile(rb"^(?:<{7}|={7}\r?$|>{7}|\|{7})", re.MULTILINE)
_KNOWN = frozenset(map(str, range(4, 11)))
_METADATA = "__metadata"


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the whole content decides)
    """Want every `yarn.lock` but those that a package brought along."""
    parts = path.split("/")
    return parts[-1] == "yarn.lock" and "node_modules" not in parts


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield a package per entry, the lock's copies of the manifests, and what is doubtful."""
    if not _BERRY.search(data):
        return
    try:
        conflict = _CONFLICT.search(data)
        if conflict is not None:
            line = data.count(b"\n", 0, conflict.start()) + 1
            raise Malformed("has markers of a merge conflict", line)  # noqa: TRY301  (as the parser would)
        document = plain_yaml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "YAML")
        return
    yield from repeated(path, document)
    version = node.text(document.table(_METADATA), "version")
    if version not in _KNOWN:
        why = "not of a version that is known (4 to 10)"
        yield Unread(path=path, why=why, line=document.line((_METADATA, "version")))
        return
    yield _setting(path, document, "lockfileVersion", "version")
    if node.text(document.table(_METADATA), "cacheKey"):
        yield _setting(path, document, "locked.cacheKey", "cacheKey")
    else:
        why = "without the cacheKey by which its checksums go"
        yield Unread(path=path, why=why, part="cacheKey", line=document.line((_METADATA,)))
    faults: dict[str, list[int]] = {}
    yield from yarn_entries.read(path, document, faults)
    for fault, found in faults.items():
        why = f"{plural(len(found), 'entry', 'entries')} {fault}"
        yield Unread(path=path, why=why, part=f"entries {fault}", line=min(found))


def _setting(path: str, document: Marked, name: str, key: str) -> Setting:
    value = node.text(document.table(_METADATA), key)
    at = Place(path, document.line((_METADATA, key)), f"{key}: {value}"[:EXCERPT])
    return Setting(path=path, name=name, value=value, at=at)
