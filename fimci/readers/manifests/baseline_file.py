"""A baseline that is kept in the repository: how it was taken, as something that may change.

Of a `fimci-baseline/1` file only the header (the recipe) and the trailer (count and root digest) are
read, from a packed one as well. Whether the rest is whole is for `fimci.store` to say when it loads
the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci import packing, store
from fimci.marked import json
from fimci.marked.document import Malformed, Marked
from fimci.model import Record, Unread
from fimci.readers.manifests import settings

_BEGINNING = b'{"format":"fimci-baseline/'
#: No header or trailer is longer, however many patterns it ignores.
_LINE_LIMIT = 1_000_000


def wants(path: str, head: bytes) -> bool:
    """Tell from the first bytes whether this is a baseline, or may be a packed one."""
    packed = head.startswith(packing.MAGIC) and path.endswith((packing.SUFFIX, packing.EITHER))
    return packed or head.startswith(_BEGINNING)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the recipe, one setting per fact, and what the trailer sums up."""
    if data.startswith(packing.MAGIC):
        try:
            if not next(packing.unpack(data), b"").startswith(_BEGINNING):
                return  # something else that is packed
            data = b"".join(store.ends(data)[:2])
        except packing.PackingError as error:
            yield Unread(path=path, why=f"a packed file that {error}")
            return
    end = data.find(b"\n")
    last = data.rfind(b"\n", 0, len(data) - 1) + 1
    try:
        header = json.load(data[: min(end if end >= 0 else len(data), _LINE_LIMIT)])
        trailer = json.load(data[last : last + _LINE_LIMIT])
    except Malformed as error:
        yield Unread(path=path, why=f"a baseline that is damaged: {error.message}")
        return
    yield settings.setting(path, "baseline.format", settings.plain(header.table()["format"]), 1)
    line = data.count(b"\n", 0, last) + 1
    for key in ("records", "root"):
        if key in trailer.table():
            yield settings.setting(path, f"baseline.{key}", settings.plain(trailer.table()[key]), line)
    yield from _recipe(path, header)


def _recipe(path: str, header: Marked) -> Iterator[Record]:
    for key, value in header.table("recipe").items():
        if key == "readers" and isinstance(value, list):
            for reader in map(settings.plain, value):
                name, _, version = reader.rpartition("/")
                yield settings.setting(path, f"recipe.readers.{name}", version, 1)
        elif key == "paths":
            rules = settings.path_rules(path, header, ("recipe", key), "recipe.paths")
            yield from settings.bounded(path, rules)
        elif value != []:
            yield from settings.flatten(path, header, ("recipe", key), f"recipe.{key}")
