"""`packages.config`, `.config/dotnet-tools.json` and `global.json` of .NET: packages, tools and SDKs.

    packages, tools               Package   `manifest`
    msbuild.sdk.NAME              Setting   code that is loaded into every build
    msbuild.floating.NAME         Setting   a version that is another one tomorrow

https://learn.microsoft.com/nuget/reference/packages-config
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fimci.marked.document import Malformed, Marked
from fimci.model import Record
from fimci.readers import commented
from fimci.readers.documents import unparsed
from fimci.readers.manifests import settings
from fimci.readers.manifests.msbuild_items import Asked, package

_CONFIG, _TOOLS, _GLOBAL = "packages.config", "dotnet-tools.json", "global.json"


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Want lists of packages and of tools, and what chooses the SDK."""
    return path.rpartition("/")[2] in (_CONFIG, _TOOLS, _GLOBAL)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the file asks for."""
    found = _config(path, data) if path.endswith(_CONFIG) else _json(path, data)
    yield from settings.bounded(path, found)


def _config(path: str, data: bytes) -> Iterator[Record]:
    from fimci.marked import xml  # noqa: PLC0415  (most repositories hold no such file)

    try:
        root = xml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "XML")
        return
    taken: Counter[str] = Counter()
    for one in root.children if root.name.lower() == "packages" else ():
        name, version = one.attributes.get("id", ""), one.attributes.get("version", "")
        yield from package(path, Asked("packages", name, version, one.line), taken)


def _json(path: str, data: bytes) -> Iterator[Record]:
    try:
        document = commented.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    yield from _tools(path, document) if path.endswith(_TOOLS) else _sdks(path, document)


def _tools(path: str, document: Marked) -> Iterator[Record]:
    taken: Counter[str] = Counter()
    for name, one in document.table("tools").items():
        version = one.get("version") if isinstance(one, dict) else None
        line = document.line(("tools", name))
        yield from package(path, Asked("tools", name, str(version or ""), line), taken)


def _sdks(path: str, document: Marked) -> Iterator[Record]:
    for name, version in document.table("msbuild-sdks").items():
        if isinstance(version, str):
            yield settings.setting(
                path, f"msbuild.sdk.{name}", version, document.line(("msbuild-sdks", name))
            )
