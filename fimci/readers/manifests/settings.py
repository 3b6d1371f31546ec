"""Shared by this room: tables of a configuration become `Setting` records, without their secrets.

Names are dotted paths. A list of plain values becomes one record per value, named after it
(`trustedDependencies.esbuild`), as clients write the same thing as a table (`allowBuilds: {esbuild:
true}`); a list of tables is named by its items' `name` where each has one (`tool.uv.index.internal.url`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from fimci.excerpts import EXCERPT, without_credentials
from fimci.marked.document import Malformed, Marked, Pointer, text_of
from fimci.model import Place, Record, Setting, Unread
from fimci.readers.documents import unparsed

#: What stands for a value that must not be written down.
SECRET = "(secret)"  # noqa: S105  (this is the word for one, not one)

#: `setting` or `private`.
_Make: TypeAlias = Callable[[str, str, str, int], Setting]

_NAME_LIMIT = 500
_DEPTH_LIMIT = 12
#: No file states more facts than this.
COUNT_LIMIT = 10_000
_SECRET_NAME = re.compile(
    r"(?:^|[.:])(?:_?auth|(?:_|npm)?auth(?:token|ident)|_?password|passwd|token|secret|otp|key)$",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"(?:\$\{[^{}]{1,200}\}|\$[A-Za-z_][A-Za-z0-9_]*|:)+")
_NEWLINE = re.compile(r"\r\n|\r|\n")


def setting(path: str, name: str, value: str, line: int) -> Setting:
    """Return one switch; credentials in the URLs of its value are replaced."""
    kept = without_credentials(value)
    return Setting(path=path, name=name, value=kept, at=place(path, line, f"{name} = {kept}"))


def private(path: str, name: str, value: str, line: int) -> Setting:
    """Return one switch of a file in which tokens and passwords stand: their values are not kept.

    A reference to the environment (`${NPM_TOKEN}`) stays: it is no secret, and one that becomes
    a literal is worth seeing.
    """
    secret = value and _SECRET_NAME.search(name) and not _REFERENCE.fullmatch(value)
    return setting(path, name, SECRET if secret else value, line)


def place(path: str, line: int, text: str) -> Place:
    """Return a place whose evidence is cut to what a person reads."""
    return Place(path, line, text[:EXCERPT])


def lines(text: str) -> list[str]:
    """Split as the clients do: at line feeds and returns, not at every separator of Unicode."""
    return _NEWLINE.split(text)


def obeyed(path: str) -> bool:
    """Tell whether a client would read a file there: inside installed packages none does."""
    return not {"node_modules", "site-packages"} & set(path.split("/"))


def bounded(path: str, records: Iterable[Record]) -> Iterator[Record]:
    """Pass records on up to a number that no file needs; beyond it, the rest is unread."""
    for count, record in enumerate(records):
        if count >= COUNT_LIMIT:
            yield Unread(path=path, why=f"states more than {COUNT_LIMIT:,} facts", part="the rest")
            return
        if isinstance(record, Setting) and len(record.name) > _NAME_LIMIT:
            line = record.at.line
            yield Unread(path=path, why="a name longer than any use", part=record.name[:80], line=line)
        else:
            yield record


def of_text(path: str, data: bytes, facts: Callable[[str, str], Iterable[Record]]) -> Iterator[Record]:
    """Yield what a text states, up to a number that no file needs; bytes that are no text are unread."""
    try:
        text = text_of(data)
    except Malformed as error:
        yield unparsed(path, error)
        return
    yield from bounded(path, facts(path, text))


def flatten(
    path: str, document: Marked, pointer: Pointer, name: str, make: _Make = setting
) -> Iterator[Setting | Unread]:
    """Yield a record for every plain value at or below `pointer`, named from `name` on.

    What is nested, long or numerous beyond any use is reported, not followed.
    """
    here: Any = document.value
    for part in pointer:
        here = here[part]
    open_: list[tuple[Pointer, str, Any]] = [(pointer, name, here)]
    count = 0
    while open_:
        pointer, name, value = open_.pop()
        line = document.line(pointer)
        count += 1
        if count > COUNT_LIMIT:
            yield Unread(path=path, why=f"more than {COUNT_LIMIT:,} settings", part="settings", line=line)
            return
        if len(name) > _NAME_LIMIT or len(pointer) > _DEPTH_LIMIT:
            yield Unread(path=path, why="a setting nested or named beyond any use", part=name[:80], line=line)
        elif isinstance(value, dict) and value:
            open_.extend(((*pointer, key), _joined(name, key), item) for key, item in value.items())
        elif isinstance(value, list) and value:
            open_.extend(_items(pointer, name, value))
        else:
            yield make(path, name, plain(value), line)


def path_rules(path: str, document: Marked, pointer: Pointer, name: str) -> Iterator[Record]:
    """Yield what is recorded of which paths: a setting per pattern, and their order, which decides.

    Of a pattern that stands there twice, the first decides, and only that is taken down.
    """
    taken: dict[str, str] = {}
    for index, rule in enumerate(document.items(*pointer)):
        if not isinstance(rule, dict) or not isinstance(rule.get("pattern"), str):
            continue  # faults are told where the file is obeyed
        pattern = rule["pattern"]
        if pattern not in taken:
            taken[pattern] = plain(rule.get("profile"))
            yield setting(
                path, f"{name}.{pattern}", taken[pattern], document.line((*pointer, index, "pattern"))
            )
    if len(taken) > 1:
        yield setting(path, f"{name}-order", "\n".join(taken), document.line(pointer))


def plain(value: Any) -> str:
    """Return a plain value in the words of its configuration file."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:#x}" if value.bit_length() > 64 else str(value)  # noqa: PLR2004  (Python refuses to print giants)
    return str(value)


def _joined(name: str, key: str) -> str:
    return f"{name}.{key}" if name else str(key)


def _items(pointer: Pointer, name: str, items: list[Any]) -> Iterator[tuple[Pointer, str, Any]]:
    labels = [item.get("name") if isinstance(item, dict) else None for item in items]
    named = all(isinstance(label, str) for label in labels) and len(set(labels)) == len(labels)
    for index, item in enumerate(items):
        where = (*pointer, index)
        if not isinstance(item, dict | list):
            yield where, _joined(name, plain(item)), True
        else:
            yield where, _joined(name, str(labels[index])) if named else f"{name}[{index}]", item
