"""Explicit lists of conda: after a line `@EXPLICIT`, a URL for each archive, and its hash behind `#`.

    https://conda.example/channel/linux-64/left-1.0.0-h1_0.conda#900150983cd24fb0d6963f7d28e17f72

`conda list --explicit --md5`, conda-lock and others write them, under any name. The hash is an MD5, or a
SHA-256 of 64 digits.

https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from fimci.excerpts import excerpt, without_credentials
from fimci.model import Digest, Package, Place, Record
from fimci.readers.documents import odd_lines
from fimci.readers.locks import conda_urls
from fimci.readers.manifests import settings

_MARK = "@EXPLICIT"
_ALGORITHMS = {32: "md5", 64: "sha256"}
_HASH = re.compile(r"(?:md5:|sha256:)?([0-9a-f]{32}|[0-9a-f]{64})")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (what is in it decides)
    """Want whatever says in its first lines that it is such a list."""
    return re.search(rb"^@EXPLICIT\s*$", head, re.MULTILINE) is not None


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per archive; a line that names none is unread."""
    yield from settings.of_text(path, data, _facts)


def _facts(path: str, text: str) -> Iterator[Record]:
    taken: Counter[str] = Counter()
    faults: list[tuple[int, str]] = []
    begun = False
    for number, raw in enumerate(settings.lines(text), 1):
        line = raw.strip()
        if not begun or not line or line.startswith("#"):
            begun = begun or line == _MARK
            continue
        url, _, stated = line.partition("#")
        archive = conda_urls.archive(url)
        if archive is None:
            faults.append((number, "no archive of conda"))
            continue
        place = f"conda/{archive.subdir}/{archive.name}"
        taken[place] += 1
        origin = without_credentials(url)
        yield Package(
            ecosystem="conda",
            name=archive.name,
            place=f"{path}#{place}" + (f" ({taken[place]})" if taken[place] > 1 else ""),
            stated_by="lock",
            version=archive.release,
            origin_kind="registry",
            origin=origin,
            integrity=_digests(stated),
            at=Place(path, number, excerpt(origin)),
        )
    yield from odd_lines(path, faults)


def _digests(stated: str) -> tuple[Digest, ...]:
    found = _HASH.fullmatch(stated.strip().lower())
    return (Digest(_ALGORITHMS[len(found[1])], found[1]),) if found is not None else ()
