"""Configuration of Python's installers: pip, uv, poetry, pdm, and the addresses of `.pypirc`.

Of `.pypirc` the addresses are kept, everything else is a secret: who may publish is nobody's
business here, only that somebody may.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.marked.document import Malformed, text_of
from fimci.model import Record, Setting, Unread
from fimci.readers.documents import unparsed
from fimci.readers.manifests import ini, settings

_FILES = frozenset({".pdm.toml", ".pypirc", "pdm.toml", "pip.conf", "pip.ini", "poetry.toml", "uv.toml"})
#: Options of pip that take several values, separated by blanks or lines.
_LISTS = frozenset(
    {"constraint", "extra-index-url", "find-links", "no-binary", "only-binary", "requirement", "trusted-host"}
)
_SECRETS = frozenset({"username", "password"})
_ADDRESSES = frozenset({"repository", "index-servers"})


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether an installer reads this file for its configuration."""
    return path.rpartition("/")[2] in _FILES and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield every option, as `section.option` (pip) or as the dotted name of the table (the others)."""
    from fimci.marked import toml  # noqa: PLC0415  (many repositories hold no such file)

    name = path.rpartition("/")[2]
    try:
        if name.endswith(".toml"):
            make = settings.setting if name == "uv.toml" else _private
            yield from settings.flatten(path, toml.load(data), (), "", make)
        else:
            yield from settings.bounded(path, _options(path, text_of(data), published=name == ".pypirc"))
    except Malformed as error:
        yield unparsed(path, error, "TOML" if name.endswith(".toml") else "")


def _private(path: str, name: str, value: str, line: int) -> Setting:
    """Return one switch of poetry or pdm, whose tables may hold users and passwords."""
    if name.rpartition(".")[2] in _SECRETS or name.startswith("http-basic."):
        return settings.setting(path, name, settings.SECRET, line)
    return settings.private(path, name, value, line)


def _options(path: str, text: str, *, published: bool) -> Iterator[Setting | Unread]:
    """Yield the options of an INI file; a list has one record per value, numbered."""
    seen: set[str] = set()
    for option in ini.options(text):
        # pip takes `index_url`, `INDEX-URL` and `--index-url` alike.
        key = option.name.replace("_", "-").lstrip("-")
        name = f"{option.section}.{key}"
        if name in seen:
            why = "an option occurs twice, and pip refuses the file"
            yield Unread(path=path, why=why, part=name[:80], line=option.line)
        elif published and key not in _ADDRESSES:
            yield settings.setting(path, name, settings.SECRET, option.line)
        elif key in _LISTS:
            items = [(item, number) for value, number in option.values for item in value.split()]
            for index, (item, number) in enumerate(items):
                yield settings.setting(path, f"{name}[{index}]", item, number)
        else:
            yield settings.setting(path, name, option.text, option.line)
        seen.add(name)
