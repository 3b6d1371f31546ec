"""`Podfile` of CocoaPods: its hash, as the lock keeps it, and where descriptions of pods come from.

The file is a program in Ruby, of which nothing is run: the lock says what is asked for. Read are the lines
that are written out.

    lock-input.cocoapods      Setting   the SHA-1 of the file, which CocoaPods holds its lock against
    sources.URL               Setting   one more repository of descriptions
    plugins.NAME              Setting   code that runs at every install

https://guides.cocoapods.org/syntax/podfile.html
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from fimci.excerpts import without_credentials
from fimci.model import Record
from fimci.readers.manifests import settings

_LINE = re.compile(r"""\s*(source|plugin)\b[\s(]{1,20}(?:'([^'\n]{1,500})'|"([^"\n]{1,500})").*""")
_CARRIAGE = re.compile(rb"\r\n?")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `Podfile`."""
    return path.rpartition("/")[2] == "Podfile"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the hash of the file, its sources and plug-ins."""
    hashed = hashlib.sha1(_CARRIAGE.sub(b"\n", data), usedforsecurity=False).hexdigest()
    yield settings.setting(path, "lock-input.cocoapods", hashed, 1)
    yield from settings.bounded(path, _facts(path, data.decode("utf-8", "replace")))


def _facts(path: str, text: str) -> Iterator[Record]:
    taken: set[str] = set()
    for number, line in enumerate(settings.lines(text), 1):
        found = _LINE.fullmatch(line[:2_000])
        if found is None:
            continue
        value = without_credentials(found[2] or found[3])
        name = f"{'sources' if found[1] == 'source' else 'plugins'}.{value}"
        if name not in taken:
            taken.add(name)
            yield settings.setting(path, name, "true", number)
