"""Project files of MSBuild: what they ask NuGet for, and what they tell it of sources, locks and checks.

Properties of `Directory.Build.props` hold for every project below, and come before any `nuget.config`. Where
one is set several times, under conditions or not, each value counts.

    msbuild.RestoreSources.URL, msbuild.RestoreAdditionalProjectSources.URL    Setting
    msbuild.NAME                                                               Setting   other properties
    msbuild.sdk.NAME, msbuild.floating.NAME                                    Setting
    PackageReference, PackageVersion and their kin                             Package   `manifest`

https://learn.microsoft.com/nuget/reference/msbuild-targets
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from fimci.marked.document import Malformed
from fimci.marked.xml import Element
from fimci.model import Record, Setting
from fimci.readers.documents import unparsed
from fimci.readers.manifests import msbuild_items, settings

_SUFFIXES = (".csproj", ".fsproj", ".vbproj", ".props", ".targets")
#: All that is told has one of these in its name: other files need not be parsed.
_MARKS = (b"restore", b"nuget", b"package", b"sdk", b"clitool")
#: Properties that list places, and that switch something, in lower case.
_LISTS = {
    name.lower(): name
    for name in (
        "RestoreSources",
        "RestoreAdditionalProjectSources",
        "RestoreAdditionalProjectFallbackFolders",
    )
}
_SWITCHES = {
    name.lower(): name
    for name in (
        *("NuGetAudit", "RestoreConfigFile", "RestoreLockedMode", "RestorePackagesWithLockFile"),
        "NuGetLockFilePath",
    )
}
_BEFORE = b"\xef\xbb\xbf \t\r\n"
_PART = re.compile(r"[^;\s][^;]*")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether MSBuild reads a file of this name."""
    return path.endswith(_SUFFIXES)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the properties that NuGet obeys."""
    lower = data.lower()
    if not lower.lstrip(_BEFORE).startswith(b"<") or not any(mark in lower for mark in _MARKS):
        return
    from fimci.marked import xml  # noqa: PLC0415  (most repositories hold no such file)

    try:
        root = xml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "XML")
        return
    if root.name.lower() == "project":
        yield from settings.bounded(path, (*_facts(path, root), *msbuild_items.facts(path, root)))


def _facts(path: str, root: Element) -> Iterator[Setting]:
    taken: Counter[str] = Counter()
    for group in root.children:
        for element in group.children if group.name.lower() == "propertygroup" else ():
            for name, value in _told(element):
                taken[name] += 1
                number = f" ({taken[name]})" if taken[name] > 1 else ""
                yield settings.setting(path, f"msbuild.{name}{number}", value, element.line)


def _told(element: Element) -> Iterator[tuple[str, str]]:
    key, text = element.name.lower(), element.text.strip()
    if key in _LISTS:
        # What goes before is what other files say: `$(RestoreSources);…`.
        parts = (part.strip() for part in _PART.findall(text))
        yield from ((f"{_LISTS[key]}.{part}", "true") for part in parts if not part.startswith("$("))
    elif key in _SWITCHES:
        yield _SWITCHES[key], text
