"""Shared by this room: the list of installed files, `RECORD` (csv of path, hash, size).

Read raw, because each deviation is a lie or an accident that installers let pass (pypa/pip#11762 counts
4,399 wheels): padded or wrongly alphabetised base64, paths with a leading slash, repeated lines.
Those are read for what they mean. A row that cannot be held against a file is reported.
"""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.model import Digest, Unread
from fimci.printable import and_more, cut
from fimci.readers.manifests import settings

#: A scheme folder beside the packages (`../../../bin`) is at most this far up.
_UP_LIMIT = 3
_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64, "sha224": 28}
#: Files that an installer writes or adapts: they differ between two installations of one wheel.
_INSTALLERS = re.compile(
    r"[^/]+\.dist-info/(?:INSTALLER|REQUESTED|RECORD(?:\.jws|\.p7s)?|direct_url\.json)"
    r"|(?:.*/)?__pycache__/[^/]+\.pyc"
    r"|(?:\.\./)+(?:bin|Scripts)/[^/]+",
    re.DOTALL,
)


class Rows(NamedTuple):
    """`tree` is the digest of all rows that a wheel states, whoever installed it.

    `owns` are the topmost files and folders of all rows, as paths in the tree that has the `RECORD`.
    """

    tree: Digest
    owns: tuple[str, ...]
    unread: tuple[Unread, ...]


class _Row(NamedTuple):
    path: str
    digest: str
    size: str


def parse(path: str, text: str) -> Rows:
    """Read the rows of the `RECORD` at `path`. Its digest does not depend on their order."""
    rows: dict[str, _Row] = {}
    faults: dict[str, list[tuple[str, int]]] = {}
    reader = csv.reader(settings.lines(text))
    try:
        for fields in reader:
            if fields:
                row, why = _row(fields)
                if not why and rows.setdefault(row.path, row) != row:
                    why = "states one file twice, differently"
                if why:
                    faults.setdefault(why, []).append((fields[0], reader.line_num))
    except csv.Error as error:
        faults.setdefault(f"not CSV: {error}", []).append(("", reader.line_num))
    state = hashlib.sha256()
    for row in sorted(rows.values()):
        if not _INSTALLERS.fullmatch(row.path):
            state.update("\0".join(row).encode("utf-8", "surrogateescape") + b"\n")
    packages = posixpath.dirname(posixpath.dirname(path))
    owns = sorted({_topmost(packages, row) for row in rows})
    return Rows(Digest("sha256", state.hexdigest()), tuple(owns), tuple(_unread(path, faults)))


def _topmost(packages: str, row: str) -> str:
    """Return the first folder of a row, or all of it where the folder is everybody's."""
    first, slash, _ = row.partition("/")
    shared = not slash or first in {"..", "__pycache__"}
    return posixpath.normpath(posixpath.join(packages, row if shared else first))


def _row(fields: list[str]) -> tuple[_Row, str]:
    """Return the row in canonical form, and what is wrong with it, if anything."""
    path = fields[0].replace("\\", "/").removeprefix("/")
    if len(fields) != 3:  # noqa: PLR2004  (path, hash, size)
        return _Row(path, "", ""), "has not three fields"
    if re.match(r"/|[A-Za-z]:/", path) or path.split("/").count("..") > _UP_LIMIT:
        return _Row(path, "", ""), "names a file outside the installation"
    if fields[2] and not re.fullmatch(r"[0-9]{1,18}", fields[2]):
        return _Row(path, "", ""), "states a size that is no number"
    if not fields[1]:
        why = "" if _INSTALLERS.fullmatch(path) else "states no hash"
        return _Row(path, "", fields[2]), why
    algorithm, _, value = fields[1].partition("=")
    digest = _hex(algorithm.lower(), value)
    why = "" if digest else "states a hash that is weak, or none"
    return _Row(path, f"{algorithm.lower()}:{digest}", fields[2]), why


def _hex(algorithm: str, value: str) -> str:
    """Decode base64, padded or not, in either alphabet, to lower-case hex; empty if it is none."""
    bare = value.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        decoded = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return ""
    return decoded.hex() if len(decoded) == _SIZES.get(algorithm) else ""


def _unread(path: str, faults: dict[str, list[tuple[str, int]]]) -> Iterator[Unread]:
    """Yield one record per kind of fault, however many rows have it."""
    for why, rows in faults.items():
        first, line = rows[0]
        yield Unread(
            path=path, why=f"a row {why}: {cut(first, 200)}{and_more(len(rows) - 1)}", part=why, line=line
        )
