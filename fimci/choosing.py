"""Who may want a file: the table of readers, arranged so that a name or a first byte tells.

Of most files in a tree no reader has anything to say, and to find that out is a part of every loop.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from fimci.snapshot import Reader

#: Names of files that are remembered.
_NAMES = 4096


class _Ending(NamedTuple):
    """What a name may end with, from its last dot: who wants all such names, and which some readers want."""

    readers: tuple[Reader, ...]
    longer: tuple[str, ...]


class Table(NamedTuple):
    """Readers, and what tells apart in a microsecond the files that none of them may want."""

    readers: tuple[Reader, ...]
    by_content: tuple[Reader, ...]
    names: frozenset[str]
    endings: Mapping[str, _Ending]
    #: How a content of ASCII alone begins that one `by_content` may want, and how such files are named.
    opening: re.Pattern[bytes]
    or_named: frozenset[str]


def table(rows: tuple[Reader, ...]) -> Table:
    """Return the table of some readers."""
    by_content = tuple(reader for reader in rows if not reader.names and not reader.suffixes)
    suffixes = {suffix for reader in rows for suffix in reader.suffixes}
    endings = {
        ending: _Ending(
            tuple(reader for reader in rows if reader in by_content or ending in reader.suffixes)
            if any(ending in reader.suffixes for reader in rows)
            else by_content,
            tuple(suffix for suffix in suffixes if suffix.endswith(ending) and suffix != ending),
        )
        for ending in {suffix[suffix.rindex(".") :] for suffix in suffixes}
    }
    ascii_too = [reader for reader in by_content if not reader.beyond_ascii]
    openings = [  # what states neither is asked about every content: "" is how each begins
        reader.opening or b"|".join(map(re.escape, reader.begins)) for reader in ascii_too
    ]
    return Table(
        rows,
        by_content,
        frozenset(name for reader in rows for name in reader.names),
        endings,
        re.compile(b"|".join(openings) if openings else b"(?!)", re.DOTALL),
        frozenset(suffix for reader in ascii_too for suffix in reader.or_named),
    )


def candidates_of(among: Table, path: str) -> tuple[Reader, ...]:
    """Return those that may want a path, by its name."""
    name = path[path.rfind("/") + 1 :]
    near = among.endings.get(name[name.rfind(".") :])
    if name in among.names or (near is not None and near.longer and name.endswith(near.longer)):
        return tuple(reader for reader in among.readers if reader.may_want(name))
    return among.by_content if near is None else near.readers


def silence(among: Table) -> Callable[[str, bytes], bool]:
    """Return what tells of a name and a content that no reader has anything to say: never where one has.

    A part of the hot loop of every baseline: of most files it takes half a microsecond. Names in a tree are
    few, and come again in every folder.
    """
    is_wanted = functools.lru_cache(_NAMES)(functools.partial(_is_wanted, among))
    begins = among.opening.match

    def silent(name: str, data: bytes) -> bool:
        return not is_wanted(name) and data.isascii() and begins(data) is None

    return silent


def _is_wanted(among: Table, name: str) -> bool:
    """Tell whether some reader wants files of a name, whatever is in them."""
    ending = name[name.rfind(".") :]
    near = among.endings.get(ending)
    if near is not None and (near.readers is not among.by_content or name.endswith(near.longer)):
        return True
    return name in among.names or ending in among.or_named
