"""Configuration of Python's installers: `pip.conf`, `pip.ini`, `uv.toml`, `.pypirc`.

Of `.pypirc` the addresses are kept, everything else is a secret: who may publish is nobody's
business here, only that somebody may.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.marked.document import Malformed, text_of
from fimci.model import Record, Setting, Unread
from fimci.readers.documents import unparsed
from fimci.readers.manifests import settings

_FILES = frozenset({"pip.conf", "pip.ini", "uv.toml", ".pypirc"})
#: Options of pip that take several values, separated by blanks or lines.
_LISTS = frozenset(
    {"constraint", "extra-index-url", "find-links", "no-binary", "only-binary", "requirement", "trusted-host"}
)
_ADDRESSES = frozenset({"repository", "index-servers"})


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether an installer reads this file for its configuration."""
    return path.rpartition("/")[2] in _FILES and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield every option, as `section.option` (pip) or as the dotted name of the table (uv)."""
    from fimci.marked import toml  # noqa: PLC0415  (many repositories hold no such file)

    name = path.rpartition("/")[2]
    try:
        if name == "uv.toml":
            yield from settings.flatten(path, toml.load(data), (), "")
        else:
            options = _options(path, text_of(data), published=name == ".pypirc")
            yield from settings.bounded(path, options)
    except Malformed as error:
        yield unparsed(path, error, "TOML" if name == "uv.toml" else "")


def _options(path: str, text: str, *, published: bool) -> Iterator[Setting | Unread]:
    """Yield the options of an INI file; a list has one record per value, numbered."""
    seen: set[str] = set()
    for name, option, values in _pairs(text):
        line = values[0][1]
        if name in seen:
            why = "an option occurs twice, and pip refuses the file"
            yield Unread(path=path, why=why, part=name[:80], line=line)
        elif published and option not in _ADDRESSES:
            yield settings.setting(path, name, settings.SECRET, line)
        elif option in _LISTS:
            items = [(item, number) for value, number in values for item in value.split()]
            for index, (item, number) in enumerate(items):
                yield settings.setting(path, f"{name}[{index}]", item, number)
        else:
            yield settings.setting(path, name, "\n".join(value for value, _ in values).strip(), line)
        seen.add(name)


def _pairs(text: str) -> Iterator[tuple[str, str, list[tuple[str, int]]]]:
    """Yield `section.option`, option, and the lines of its value, as Python's `configparser` reads them."""
    section, option, values = "", "", list[tuple[str, int]]()
    for number, raw in enumerate([*settings.lines(text), "[]"], 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if raw[0] in " \t" and option:
            values.append((line, number))
            continue
        if option:
            yield f"{section}.{option}", option, values
            option = ""
        if line[0] == "[":
            section = line[1:].partition("]")[0].strip()
            continue
        key, value = [*re.split("[=:]", line, maxsplit=1), ""][:2]
        # pip takes `index_url`, `INDEX-URL` and `--index-url` alike.
        option = key.strip().lower().replace("_", "-").lstrip("-")
        values = [(value.strip(), number)]
