"""Shared by this room: what `RECORD`, the list of installed files, states of its distribution.

The rows are read by `fimci.installed.python.record`; here is what becomes of them where the list is one
file among many: a digest, the files and folders that are owned, and faults to report.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fimci.installed.python import record
from fimci.installed.python.record import Fault
from fimci.model import Digest, Unread
from fimci.printable import and_more, cut

#: A scheme folder beside the packages (`../../../bin`) is at most this far up.
_UP_LIMIT = 3
#: What an installer copies beside the interpreter.
_COMMAND = re.compile(r"[^/]+\.data/(?:scripts|data/(?:bin|Scripts))/[^/]+", re.DOTALL)


class Rows(NamedTuple):
    """`tree` is the digest of all rows that a wheel states, whoever installed it.

    `owns` are the topmost files and folders of all rows, as paths in the tree that has the `RECORD`,
    `commands` the names of files of a wheel that are copied to where commands are.
    """

    tree: Digest
    owns: tuple[str, ...]
    commands: tuple[str, ...]
    unread: tuple[Unread, ...]


def parse(path: str, data: bytes) -> Rows:
    """Read the `RECORD` at `path`. Its digest does not depend on the order of rows."""
    found = record.parse(data)
    outside = [row for row in found.rows.values() if row.path.split("/").count("..") > _UP_LIMIT]
    faults = [*found.faults, *(Fault(record.OUTSIDE, row.path, row.line) for row in outside)]
    packages = posixpath.dirname(posixpath.dirname(path))
    owned = found.rows.keys() - {row.path for row in outside}
    owns = sorted({_topmost(packages, row) for row in owned})
    commands = sorted(posixpath.basename(row) for row in owned if _COMMAND.fullmatch(row))
    return Rows(found.tree, tuple(owns), tuple(commands), tuple(_unread(path, faults)))


def _topmost(packages: str, row: str) -> str:
    """Return the first folder of a row, or all of it where the folder is everybody's."""
    first, slash, _ = row.partition("/")
    shared = not slash or first in {"..", "__pycache__"}
    return posixpath.normpath(posixpath.join(packages, row if shared else first))


def _unread(path: str, faults: Iterable[Fault]) -> Iterator[Unread]:
    """Yield one record per kind of fault, however many rows have it."""
    kinds: dict[str, list[Fault]] = {}
    for fault in faults:
        kinds.setdefault(fault.why, []).append(fault)
    for why, alike in kinds.items():
        first = alike[0]
        more = and_more(len(alike) - 1)
        yield Unread(path=path, why=f"a row {why}: {cut(first.path, 200)}{more}", part=why, line=first.line)
