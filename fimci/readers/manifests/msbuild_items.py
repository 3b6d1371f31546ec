"""Shared by this room: the packages that a project file of MSBuild asks for, and the SDKs that build it.

Properties of the same file are put in (`$(Version)`); what other files set stays as it is written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from fimci.marked.xml import Element
from fimci.model import Package, Record
from fimci.readers.manifests import settings

ECOSYSTEM = "nuget"
#: Items that ask for a package, in lower case, and the section that each stands in here.
_ITEMS = {
    "packagereference": "packages",
    "packageversion": "versions",
    "globalpackagereference": "packages",
    "packagedownload": "packages",
    "dotnetclitoolreference": "tools",
}
#: Where a version may stand, the one that counts first, and where a name does.
_VERSIONS = ("versionoverride", "version")
_NAMES = ("include", "update")
_PROPERTY = re.compile(r"\$\(([\w.-]{1,200})\)")
#: Properties in properties, and letters of what comes out.
_ROUNDS, _MOST = 3, 400
_PLAIN = re.compile(r"[A-Za-z0-9_][\w.-]{0,199}", re.ASCII)
#: A version that is another one tomorrow. Of a range NuGet takes the least.
_FLOATING = "*"


class Asked(NamedTuple):
    """A package that is asked for, in which section, and the line of it."""

    section: str
    name: str
    version: str
    line: int


def facts(path: str, root: Element) -> Iterator[Record]:
    """Yield packages, versions that float, and the SDKs that NuGet fetches."""
    properties = {
        one.name.lower(): one.text.strip()[:_MOST]
        for group in root.children
        if group.name.lower() == "propertygroup"
        for one in group.children
    }
    taken: Counter[str] = Counter()
    for group in _groups(root):
        for item in group.children:
            section = _ITEMS.get(item.name.lower())
            if section is not None:
                yield from _item(path, item, section, properties, taken)
    yield from _sdks(path, root)


def _groups(root: Element) -> Iterator[Element]:
    """Yield the groups of items, those under conditions as well."""
    for child in root.children:
        name = child.name.lower()
        if name == "itemgroup":
            yield child
        elif name == "choose":
            yield from (group for branch in child.children for group in branch.children)


def _item(
    path: str, item: Element, section: str, properties: dict[str, str], taken: Counter[str]
) -> Iterator[Record]:
    said = {key.lower(): value for key, value in item.attributes.items()}
    said |= {child.name.lower(): child.text.strip() for child in item.children}
    version = _filled(next((said[key] for key in _VERSIONS if said.get(key)), ""), properties)
    listed = next((said[key] for key in _NAMES if said.get(key)), "")
    for name in _filled(listed, properties).split(";"):
        yield from package(path, Asked(section, name.strip(), version, item.line), taken)


def package(path: str, asked: Asked, taken: Counter[str]) -> Iterator[Record]:
    """Yield what is asked for under a name, and that it floats."""
    name, version = asked.name, asked.version
    if not _PLAIN.fullmatch(name):
        return  # computed: no name is known
    key = f"{asked.section}/{name}"
    taken[key.lower()] += 1
    number = f" ({taken[key.lower()]})" if taken[key.lower()] > 1 else ""
    yield Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{path}#{key}{number}",
        stated_by="manifest",
        version=version or None,
        origin_kind="registry",
        origin=None,
        at=settings.place(path, asked.line, f"{name} {version}".rstrip()),
    )
    if _FLOATING in version:
        yield settings.setting(path, f"msbuild.floating.{name}{number}", version, asked.line)


def _sdks(path: str, root: Element) -> Iterator[Record]:
    """Yield the SDKs that NuGet fetches before anything else: their targets run in every build."""
    for one in (root, *root.children):
        said = {key.lower(): value for key, value in one.attributes.items()}
        if one is not root and one.name.lower() not in {"sdk", "import"}:
            continue
        names = said.get("name" if one.name.lower() == "sdk" else "sdk", "")
        for text in names.split(";"):
            name, _, version = text.strip().partition("/")
            version = version or said.get("version", "")
            if version and name:
                yield settings.setting(path, f"msbuild.sdk.{name}", version, one.line)


def _filled(text: str, properties: dict[str, str]) -> str:
    for _ in range(_ROUNDS):
        found = _PROPERTY.sub(lambda one: properties.get(one[1].lower(), one[0]), text)
        if found == text or len(found) > _MOST:
            break
        text = found
    return text
