"""Documents that are not in their syntax, or in which two clients read different things.

Shared by all readers, and no reader itself: where several read one file, they must complain
about it in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from fimci.excerpts import EXCERPT
from fimci.marked.document import Malformed, Marked
from fimci.model import Unread
from fimci.printable import plural

#: Keys that occur twice are told one by one up to here.
_TOLD = 10


def unparsed(path: str, error: Malformed, syntax: str = "") -> Unread:
    """Say that a file is not in its syntax, if it has one, and why."""
    why = f"not valid {syntax}: {error.message}" if syntax else error.message
    return Unread(path=path, why=why, line=error.line)


def yaml_table(path: str, data: bytes) -> Marked | Unread:
    """Return the table that a YAML file of a client's own holds, or what is wrong with it."""
    from fimci.marked import plain_yaml  # noqa: PLC0415  (few repositories hold such a file)

    try:
        document = plain_yaml.load(data)
    except Malformed as error:
        return unparsed(path, error, "YAML")
    return document if isinstance(document.value, dict) else Unread(path=path, why="no table")


def toml_table(path: str, data: bytes) -> Marked | Unread:
    """Return the table that a TOML file written by people holds, or what is wrong with it."""
    from fimci.marked import toml  # noqa: PLC0415  (many repositories hold no such file)

    return _table_of_toml(path, data, toml.load)


def generated_toml_table(path: str, data: bytes) -> Marked | Unread:
    """Return the table that a TOML file written by a client holds, or what is wrong with it."""
    from fimci.marked import plain_toml  # noqa: PLC0415  (many repositories hold no such file)

    return _table_of_toml(path, data, plain_toml.load)


def _table_of_toml(path: str, data: bytes, load: Callable[[bytes], Marked]) -> Marked | Unread:
    try:
        return load(data)
    except Malformed as error:
        return unparsed(path, error, "TOML")


def odd_lines(path: str, faults: Sequence[tuple[int, str]]) -> Iterator[Unread]:
    """Tell lines that are in no known form, given with what is wrong: the first, and how many more."""
    for line, why in faults[:1]:
        yield Unread(path=path, part=f"line {line}", why=why, line=line)
    if len(faults) > 1:
        why = f"{plural(len(faults) - 1, 'more line')} in no known form"
        yield Unread(path=path, part="lines", why=why, line=faults[1][0])


def repeated(path: str, document: Marked, sections: Collection[str] | None = None) -> Iterator[Unread]:
    """Tell the keys that occur twice, in these sections or in all: of two clients, one may take the first."""
    found = [
        (pointer, line)
        for pointer, line in document.duplicates
        if sections is None or str(pointer[0]) in sections
    ]
    told = set()
    for pointer, line in found[:_TOLD]:
        part = ".".join(str(step)[:EXCERPT] for step in pointer)[:EXCERPT]
        if part not in told:
            why = "a key occurs twice, and clients disagree which counts"
            yield Unread(path=path, why=why, part=part, line=line)
        told.add(part)
    if len(found) > _TOLD:
        why = f"{plural(len(found) - _TOLD, 'more key')} that occur twice"
        yield Unread(path=path, why=why, part="duplicate keys", line=found[_TOLD][1])
