"""Configuration of Python's installers: `pip.conf`, `pip.ini`, `uv.toml`, `.pypirc`.

Of `.pypirc` the addresses are kept, everything else is a secret: who may publish is nobody's
business here, only that somebody may.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.marked import toml
from fimci.marked.document import Malformed, text_of
from fimci.model import Record, Setting, Unread
from fimci.readers.manifests import settings

NAME = "pip-conf"
VERSION = 1

_FILES = frozenset({"pip.conf", "pip.ini", "uv.toml", ".pypirc"})
#: Options of pip that take several values, separated by blanks or lines.
_LISTS = frozenset(
    {"constraint", "extra-index-url", "find-links", "no-binary", "only-binary", "requirement", "trusted-host"}
)
_ADDRESSES = frozenset({"repository", "index-servers"})


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether an installer reads this file for its configuration."""
    return path.rpartition("/")[2] in _FILES


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield every option, as `section.option` (pip) or as the dotted name of the table (uv)."""
    name = path.rpartition("/")[2]
    try:
        if name == "uv.toml":
            yield from settings.flatten(path, toml.load(data), (), "")
        else:
            yield from _options(path, text_of(data), published=name == ".pypirc")
    except Malformed as error:
        yield settings.unread(path, "TOML" if name == "uv.toml" else "text", error)


def _options(path: str, text: str, *, published: bool) -> Iterator[Setting | Unread]:
    """Yield the options of an INI file; a list has one record per value, numbered."""
    seen: set[str] = set()
    for section, option, value, line in _pairs(text):
        name = f"{section}.{option}"
        if name in seen:
            yield Unread(
                path=path, why="an option occurs twice: pip refuses the file", part=name[:80], line=line
            )
        elif published and option not in _ADDRESSES:
            yield settings.setting(path, name, settings.SECRET, line)
        elif option in _LISTS:
            for index, item in enumerate(value.split()):
                yield settings.setting(path, f"{name}[{index}]", item, line)
        else:
            yield settings.setting(path, name, value.strip(), line)
        seen.add(name)


def _pairs(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Yield section, option, value and line, in the dialect of Python's `configparser`."""
    section, option, values, start = "", "", list[str](), 0
    for number, raw in enumerate([*settings.lines(text), "[]"], 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if raw[0] in " \t" and option:
            values.append(line)
            continue
        if option:
            yield section, option, "\n".join(values), start
            option = ""
        if line[0] == "[":
            section = line[1:].partition("]")[0].strip()
        else:
            key, _, value = re.sub(r"^([^=:]*)[=:]", r"\1=", line, count=1).partition("=")
            # pip takes `index_url`, `INDEX-URL` and `--index-url` alike.
            option = key.strip().lower().replace("_", "-").lstrip("-")
            values, start = [value.strip()], number
