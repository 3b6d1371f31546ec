"""`nuget.config`: where packages come from, which source may serve which name, and what is trusted.

Sections are tables of `<add key="…" value="…"/>`; `<clear/>` drops what other files said, and without it the
sources of the machine are asked as well. Names of sections and keys are compared without case.

    packageSources.NAME                   Setting   the URL, or a folder
    packageSourceMapping.NAME.PATTERN     Setting
    SECTION.clear, SECTION.KEY            Setting   `disabledPackageSources`, `config`, `trustedSigners`, …

https://learn.microsoft.com/nuget/reference/nuget-config-file
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.marked.document import Malformed
from fimci.marked.xml import Element
from fimci.model import Record, Setting, Unread
from fimci.readers.documents import unparsed
from fimci.readers.manifests import settings

#: As they are documented; any other spelling is brought into this one.
_SECTIONS = {
    name.lower(): name
    for name in (
        "packageSources", "packageSourceMapping", "packageSourceCredentials", "disabledPackageSources",
        "apikeys", "config", "trustedSigners", "fallbackPackageFolders", "packageManagement",
        "packageRestore", "auditSources", "clientCertificates",
    )
}  # fmt: skip
#: Attributes that name an element and that hold its value, in lower case.
_KEYS = ("key", "name", "pattern", "fingerprint")
_VALUES = ("value", "hashalgorithm")
_SECRET = frozenset({"packageSourceCredentials", "apikeys", "clientCertificates"})


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether NuGet obeys this file."""
    return path.rpartition("/")[2].lower() == "nuget.config"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield every switch of the file."""
    from fimci.marked import xml  # noqa: PLC0415  (most repositories hold no such file)

    try:
        root = xml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "XML")
        return
    if root.name.lower() != "configuration":
        yield Unread(path=path, why="its root is no <configuration>", line=root.line)
        return
    yield from settings.bounded(path, _facts(path, root))


def _facts(path: str, root: Element) -> Iterator[Setting]:
    for section in root.children:
        name = _SECTIONS.get(section.name.lower(), section.name)
        for element in section.children:
            yield from _element(path, name, element, secret=name in _SECRET)


def _element(path: str, name: str, element: Element, *, secret: bool) -> Iterator[Setting]:
    """Yield what one element of a section says, and what those in it say."""
    attributes = {key.lower(): value for key, value in element.attributes.items()}
    key = next((attributes[one] for one in _KEYS if attributes.get(one)), None)
    kind = element.name.lower()
    if kind == "clear":
        yield settings.setting(path, f"{name}.clear", "true", element.line)
    elif kind in {"add", "package", "certificate"} and key is not None:
        value = (
            settings.SECRET
            if secret
            else next((attributes[one] for one in _VALUES if one in attributes), "true")
        )
        yield settings.private(path, f"{name}.{key}", value, element.line)
        if attributes.get("allowinsecureconnections", "").lower() == "true":
            yield settings.setting(path, f"{name}.{key}.allowInsecureConnections", "true", element.line)
    else:
        inner = f"{name}.{key or element.name}"
        if "serviceindex" in attributes:
            yield settings.setting(path, inner, attributes["serviceindex"], element.line)
        for child in element.children:
            yield from _element(path, inner, child, secret=secret)
