"""Configuration of the clients of the npm family: where packages come from, and what may run.

`.npmrc` (npm and pnpm), `.yarnrc` (yarn 1), `.yarnrc.yml` (yarn 2 and later), `pnpm-workspace.yaml`
and `bunfig.toml`. Every switch becomes a record; which of them matter is for rules to say. Those
inside `node_modules` are obeyed by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from fimci.marked.document import Malformed, Marked, text_of
from fimci.model import Record, Setting, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import settings

_DOCUMENTS = {".yarnrc.yml": "YAML", "pnpm-workspace.yaml": "YAML", "bunfig.toml": "TOML"}
#: Lists of packages in `.npmrc`, in one line with commas or in several: one record for each package.
_LISTS = frozenset({"allow-scripts", "min-release-age-exclude"})
#: A word of `.yarnrc`: quoted, or up to the next blank.
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether a client reads this file for its configuration."""
    name = path.rpartition("/")[2]
    return (name in _DOCUMENTS or name in {".npmrc", ".yarnrc"}) and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield every switch of the file."""
    name = path.rpartition("/")[2]
    try:
        if name in _DOCUMENTS:
            yield from _document(path, _loaded(_DOCUMENTS[name], data))
        elif name == ".npmrc":
            yield from settings.bounded(path, _npmrc(path, text_of(data)))
        else:
            yield from settings.bounded(path, _yarnrc(path, text_of(data)))
    except Malformed as error:
        yield unparsed(path, error, _DOCUMENTS.get(name, ""))


def _loaded(syntax: str, data: bytes) -> Marked:
    from fimci.marked import toml, yaml  # noqa: PLC0415  (most repositories hold no such file)

    return toml.load(data) if syntax == "TOML" else yaml.load(data)


def _document(path: str, document: Marked) -> Iterator[Record]:
    yield from repeated(path, document, frozenset(map(str, document.table())))
    # A workspace file lists packages, and one of them may be called `token`.
    make = settings.setting if path.endswith("pnpm-workspace.yaml") else settings.private
    if document.table():
        yield from settings.flatten(path, document, (), "", make)
    elif document.value not in ("", {}):
        yield Unread(path=path, why="not a table of settings")


def _npmrc(path: str, text: str) -> Iterator[Setting | Unread]:
    """Read the INI dialect of npm's `ini`: the last of a repeated key counts, `key[]` collects."""
    found: dict[str, Setting] = {}
    counts: dict[str, int] = {}
    section = ""
    for number, raw in enumerate(settings.lines(text), 1):
        line = raw.strip()
        if not line or line[0] in ";#":
            continue
        if line[0] == "[" and line[-1] == "]":
            section = line[1:-1].strip() + "."
            continue
        key, equals, value = line.partition("=")
        key, value = _unquoted(key), _unquoted(value) if equals else "true"
        if key.removesuffix("[]") in _LISTS:
            for item in filter(None, map(str.strip, value.split(","))):
                name = f"{section}{key.removesuffix('[]')}.{item}"
                found[name] = settings.private(path, name, "true", number)
            continue
        if key.endswith("[]"):
            counts[key] = counts.get(key, -1) + 1
            key = f"{key[:-2]}[{counts[key]}]"
        found[key] = settings.private(path, section + key, value, number)
    yield from found.values()


def _yarnrc(path: str, text: str) -> Iterator[Setting]:
    """Read `key value` lines; flags of single commands (`--install.ignore-scripts true`) too."""
    found: dict[str, Setting] = {}
    for number, line in enumerate(settings.lines(text), 1):
        found_words = ((quoted or bare, bare) for quoted, bare in _WORD.findall(line))
        words = [word for word, _ in takewhile(lambda one: not one[1].startswith("#"), found_words)]
        if words:
            key = words[0].removesuffix(":")
            found[key] = settings.private(path, key, " ".join(words[1:]) or "true", number)
    yield from found.values()


def _unquoted(text: str) -> str:
    """Strip quotes or, where there are none, a comment (npm: from an unescaped `;` or `#` on)."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return re.split(r"(?<!\\)[;#]", text, maxsplit=1)[0].strip()
