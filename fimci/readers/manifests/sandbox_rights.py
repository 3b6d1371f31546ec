"""Rights that a packaged application asks its sandbox for: snaps, Flatpak, Tauri.

    snapcraft.yaml                          `confinement WORD`, `plugs.INTERFACE`
    YAML with `finish-args`                 each argument; so does `*.Devel.json` and `*.flatpak.json`
    src-tauri/capabilities/default.json     each permission; so do the other names that Tauri gives

Sources: the snapcraft.yaml reference, the Flatpak manifest reference, Tauri's security pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.marked.document import Malformed, Marked
from fimci.model import Record
from fimci.readers import commented
from fimci.readers.documents import unparsed
from fimci.rights.stated import Right, records

_TAURI = re.compile(r"(?:.*/)?src-tauri/capabilities/[^/]+\.json", re.DOTALL)
_SNAP = re.compile(r"(?:.*/)?snapcraft\.yaml", re.DOTALL)
_CONFINED = "strict"


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (what makes it one may stand anywhere in it)
    """Want manifests of these three; `read` is silent about what is none of Flatpak."""
    return path.endswith((".json", ".yaml", ".yml"))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the rights."""
    known = _TAURI.fullmatch(path) or _SNAP.fullmatch(path)
    if known is None and b"finish-args" not in data:
        return
    from fimci.marked import yaml  # noqa: PLC0415  (few repositories hold such a file)

    try:
        document = commented.load(data) if path.endswith(".json") else yaml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON" if path.endswith(".json") else "YAML")
        return
    if not isinstance(document.value, dict):
        return
    if _TAURI.fullmatch(path):
        yield from records(path, data, _tauri(document))
    else:
        yield from records(path, data, _snap(document) if _SNAP.fullmatch(path) else _flatpak(document))


def _snap(document: Marked) -> Iterator[Right]:
    word = document.value.get("confinement")
    if isinstance(word, str) and word != _CONFINED:
        yield Right("snap", f"confinement {word}", document.line(("confinement",)))
    for name in document.table("plugs"):
        plug = document.table("plugs", name).get("interface", name)
        yield Right("snap", f"plugs.{plug}", document.line(("plugs", name)))
    for application in document.table("apps"):
        for index, plug in enumerate(document.items("apps", application, "plugs")):
            line = document.line(("apps", application, "plugs", index))
            yield Right("snap", f"plugs.{plug}", line, application)


def _flatpak(document: Marked) -> Iterator[Right]:
    for index, argument in enumerate(document.items("finish-args")):
        yield Right("flatpak", str(argument), document.line(("finish-args", index)), word=str(argument))


def _tauri(document: Marked) -> Iterator[Right]:
    for index, given in enumerate(document.items("permissions")):
        name = given.get("identifier") if isinstance(given, dict) else given
        yield Right("tauri", str(name), document.line(("permissions", index)), word=str(name))
