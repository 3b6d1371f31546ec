"""What stands before a member's own header: pax records (POSIX.1-2001) and GNU's long names.

They replace facts of the header that follows. A record that says what the header could have said
itself, and says it differently, serves to show two readers two archives.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fimci.archives.member import text
from fimci.printable import printable

#: Records that decide where a member lies and where the next one starts.
_DECISIVE = (b"path", b"linkpath", b"size", b"hdrcharset", b"GNU.sparse.name")
#: UTF-8, and names that are not: their bytes are kept as they are.
_CHARSETS = (b"BINARY", b"ISO-IR 10646 2000 UTF-8")
_HEADER_NAME = 100
_HEADER_SIZE = 8**11


#: Numbers of owner and group, time, and extended attributes (as star, GNU tar and so builders write them).
_OWNERS, _XATTR = (b"uid", b"gid", b"mtime"), b"SCHILY.xattr."


class Said(NamedTuple):
    """Decisive pax records by keyword, and `L` and `K` for GNU's long names; faults are (part, why).

    `facts` are the records that say what a member is beyond its name and content.
    """

    records: dict[str, bytes]
    faults: tuple[tuple[str, str], ...] = ()
    facts: dict[str, bytes] = {}  # noqa: RUF012  (nobody writes to it)

    @property
    def xattrs(self) -> Iterator[tuple[str, bytes]]:
        """Yield the extended attributes by their names."""
        for key, value in self.facts.items():
            if key.startswith(_XATTR.decode()):
                yield key[len(_XATTR) :], value


NOTHING = Said({})


def extended(said: Said, kind: bytes, data: bytes) -> Said:
    """Add one extended header, of type `L`, `K` (GNU), `x`, `X` (pax) or `g` (pax, for all)."""
    found = []
    facts: dict[str, bytes] = {}
    if kind in b"LK":
        records = {kind.decode(): data.partition(b"\0")[0]}
        if data.partition(b"\0")[2].strip(b"\0"):
            found.append(("header", "has a NUL in its long name: some readers cut it there"))
        if said.records.keys() - {"L", "K"}:
            found.append(
                ("header order", "has a pax header before a GNU one: readers apply them differently")
            )
    else:
        records, facts, whole = _records(data)
        if not whole:
            found.append(("header", "has a pax header with broken records"))
    if kind == b"g" and records:
        found.append(("global header", "has a header that renames or resizes all members: not applied"))
        records = {}
    if kind == b"g":
        facts = {}
    if records.keys() & said.records.keys():
        found.append(("second header", "has two extended headers that say the same thing"))
    return Said(said.records | records, tuple(dict.fromkeys((*said.faults, *found))), said.facts | facts)


def _records(data: bytes) -> tuple[dict[str, bytes], dict[str, bytes], bool]:
    r"""Read `LENGTH KEYWORD=VALUE\n`, repeated. `False`: broken, or a keyword occurs twice."""
    records: dict[str, bytes] = {}
    facts: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        length, blank, _ = data[at : at + 20].partition(b" ")
        end = at + int(length) if blank and length.isdigit() else 0
        keyword, equals, value = data[at + len(length) + 1 : end].partition(b"=")
        if not equals or not value.endswith(b"\n") or end > len(data):
            return records, facts, False
        at = end
        if keyword.startswith(b"GNU.sparse.") and keyword != b"GNU.sparse.name":
            records["GNU.sparse."] = b""
        elif keyword in _DECISIVE:
            if keyword.decode() in records:
                return records, facts, False
            records[keyword.decode()] = value[:-1]
        elif keyword in _OWNERS or keyword.startswith(_XATTR):
            facts[text(keyword)] = value[:-1]
    return records, facts, True


def faults(said: Said, name: bytes, target: bytes, size: int) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with all that was said, held against the header that it is about."""
    yield from said.faults
    for key, own in (("path", name), ("linkpath", target)):
        other = said.records.get(key, own)
        if other.rstrip(b"/") != own.rstrip(b"/") and len(other) <= _HEADER_NAME and other.isascii():
            yield f"pax {key}", f"has a second {key} in its header: {printable(text(own), 80)}"
    stated = said.records.get("size", b"")
    if stated and (not stated.isdigit() or len(stated) > 18):  # noqa: PLR2004
        yield "pax size", "has a size that is no number"
    elif stated and int(stated) < _HEADER_SIZE and int(stated) != size:
        yield "pax size", "has two sizes: readers disagree where the next member starts"
    if said.records.get("hdrcharset", _CHARSETS[0]) not in _CHARSETS:
        yield "pax hdrcharset", "has a name in a character set of its own"
