"""Rights that an application for Android or Apple's systems asks for.

    AndroidManifest.xml     the name of a permission behind its last dot, `debuggable`, `cleartext traffic`
    *.entitlements          the entitlement without `com.apple.security.`; `no app-sandbox`
    Info.plist              `uses NAME` for what its user is asked about, `arbitrary loads`

Sources: the references of Android's manifest and of Apple's entitlements and property lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.marked.document import Malformed
from fimci.marked.xml import Element
from fimci.model import Record
from fimci.readers.documents import unparsed
from fimci.rights.stated import Right, records

_ASKED = ("uses-permission", "uses-permission-sdk-23", "uses-permission-sdk-m")
#: Bound by a service: its permission says what the system lets it do.
_SERVICE = re.compile(
    r"android\.permission\.(BIND_(?:ACCESSIBILITY_SERVICE|DEVICE_ADMIN|NOTIFICATION_LISTENER_SERVICE|VPN_SERVICE))"
)
_FLAGS = (("debuggable", "debuggable"), ("usesCleartextTraffic", "cleartext traffic"))
#: A property list names its grammar, which says nothing more; all other declarations are refused.
_GRAMMAR = re.compile(rb"<!DOCTYPE\s+plist\s+(?:PUBLIC|SYSTEM)\s+[^\[\]<>]{0,200}>")
_FAMILY = "com.apple.security."
_USED = re.compile(r"NS(\w{1,60})UsageDescription")
#: A binary property list is no text.
_BINARY = b"bplist"


def wants(path: str, head: bytes) -> bool:
    """Want these manifests."""
    return path.endswith(("AndroidManifest.xml", "Info.plist", ".entitlements")) and not head.startswith(
        _BINARY
    )


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the rights."""
    from fimci.marked import xml  # noqa: PLC0415  (most repositories hold no such file)

    android = path.endswith("AndroidManifest.xml")
    if not android:
        data = _GRAMMAR.sub(lambda found: b"\n" * found[0].count(b"\n"), data, count=1)
    try:
        root = xml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "XML")
        return
    yield from records(path, data, _android(root) if android else _apple(path, root))


def _android(root: Element) -> Iterator[Right]:
    for kind in _ASKED:
        for asked in root.every(kind):
            name = asked.attributes.get("name", "")
            if asked.attributes.get("node") == "remove":  # what a library asks for is taken out again
                continue
            yield Right("android", name.removeprefix("android.permission."), asked.line, word=name)
    for application in root.every("application"):
        for flag, what in _FLAGS:
            if application.attributes.get(flag) == "true":
                yield Right("android", what, application.line, word=f":{flag}")
        for part in application.children:
            bound = _SERVICE.fullmatch(part.attributes.get("permission", ""))
            if bound is not None:
                yield Right("android", bound[1], part.line, part.attributes.get("name", ""), bound[0])


def _apple(path: str, root: Element) -> Iterator[Right]:
    for table in root.every("dict"):
        for key, value in _pairs(table):
            name = key.text.strip()
            if used := _USED.fullmatch(name):
                yield Right("apple", f"uses {used[1]}", key.line, word=name)
            elif name == "NSAppTransportSecurity":
                loads = (
                    one
                    for one, on in _pairs(value)
                    if one.text.strip() == "NSAllowsArbitraryLoads" and _on(on)
                )
                yield from (Right("apple", "arbitrary loads", one.line) for one in loads)
            elif path.endswith(".entitlements"):
                yield from _entitlement(name, key.line, value)


def _entitlement(name: str, line: int, value: Element) -> Iterator[Right]:
    short = name.removeprefix(_FAMILY).removeprefix("com.apple.")
    if short == "app-sandbox":
        if value.name == "false":
            yield Right("apple", "no app-sandbox", line)
    elif value.name != "false":
        yield Right("apple", short, line)


def _pairs(table: Element) -> Iterator[tuple[Element, Element]]:
    """Yield keys with their values, which stand behind them."""
    for key, value in zip(table.children, table.children[1:], strict=False):
        if key.name == "key":
            yield key, value


def _on(value: Element) -> bool:
    return value.name == "true"
