"""`gradle/verification-metadata.xml`: the hashes and keys that Gradle holds each artifact against.

The file accumulates: several versions of one component are normal, and each has several files
(`left-1.0.jar`, `left-1.0.pom`), each with hashes of its own. Every file is a `Package`: of the jar
the version is `1.0`, of another file `1.0.pom` or `1.0-sources`, as the file spells it.

    verify-metadata, verify-signatures, key-servers.enabled, …      Setting
    trusted-artifacts.GROUP:NAME:VERSION:FILE                       Setting   exempt from all checks
    trusted-keys.ID, ignored-keys.ID                                Setting

https://docs.gradle.org/current/userguide/dependency_verification.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.excerpts import EXCERPT
from fimci.marked.document import Malformed
from fimci.marked.xml import Element
from fimci.model import Digest, Package, Place, Record, Setting, Unread
from fimci.readers.documents import unparsed

ECOSYSTEM = "maven"

_HASHES = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
#: What is signed by a key: its id, or its fingerprint.
_KEY, _KEYS = "pgp", (8, 16, 40)
_HEX = re.compile(r"[0-9a-fA-F]+")
_SUBJECT = ("group", "name", "version", "file")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the verification metadata that Gradle obeys, and not what a dry run proposed."""
    return path.rpartition("/")[2] == "verification-metadata.xml"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per verified file, and the switches of the verification."""
    from fimci.marked import xml  # noqa: PLC0415  (most repositories hold no such file)

    try:
        root = xml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "XML")
        return
    if root.name != "verification-metadata":
        yield Unread(path=path, why="its root is no <verification-metadata>", line=root.line)
        return
    for configuration in root.every("configuration"):
        yield from _switches(path, configuration)
    taken: set[str] = set()
    for components in root.every("components"):
        listed = list(components.every("component"))
        listed.reverse()
        components.children = ()
        # Each is let go as soon as it is told.
        while listed:
            component = listed.pop()
            for artifact in component.every("artifact"):
                yield from _artifact(path, component, artifact, taken)


def _switches(path: str, configuration: Element) -> Iterator[Setting]:
    for element in configuration.children:
        if element.name in {"trusted-artifacts", "ignored-keys", "trusted-keys"}:
            for child in element.children:
                yield from _listed(path, element.name, child)
        elif element.name == "key-servers" or not element.children:
            value = (
                element.attributes.get("enabled", element.text)
                if element.name == "key-servers"
                else element.text
            )
            name = "key-servers.enabled" if element.name == "key-servers" else element.name
            yield _setting(path, name, value or "true", element.line)


def _listed(path: str, section: str, element: Element) -> Iterator[Setting]:
    """Yield one trusted artifact or key; a key may be trusted for some groups only."""
    subject = ":".join(element.attributes.get(key, "*") for key in _SUBJECT)
    scoped = any(key in element.attributes for key in _SUBJECT)
    key = element.attributes.get("id", "")
    if key and element.children:
        for child in element.children:
            inner = ":".join(child.attributes.get(name, "*") for name in _SUBJECT)
            yield _setting(path, f"{section}.{key}.{inner}", "true", child.line)
    else:
        name = ".".join(part for part in (key, subject if scoped or not key else "") if part)
        value = "regex" if element.attributes.get("regex") == "true" else "true"
        yield _setting(path, f"{section}.{name}", value, element.line)


def _setting(path: str, name: str, value: str, line: int) -> Setting:
    return Setting(path=path, name=name, value=value, at=Place(path, line, f"{name} = {value}"[:EXCERPT]))


def _artifact(
    path: str, component: Element, artifact: Element, taken: set[str]
) -> Iterator[Package | Setting | Unread]:
    group, name, version = (component.attributes.get(key, "") for key in ("group", "name", "version"))
    file = artifact.attributes.get("name", "")
    place = f"{path}#{group}/{name}@{version}/{file}"
    if place in taken or not (group and name and version and file):
        why = "the same file twice" if place in taken else "a file or component without a name"
        yield Unread(
            path=path, part=f"{group}:{name}:{version}:{file}"[:EXCERPT], why=why, line=artifact.line
        )
        return
    taken.add(place)
    for ignored in artifact.every("ignored-keys"):
        for key in ignored.children:
            where = f"{key.attributes.get('id', '')}.{group}:{name}:{version}:{file}"
            yield _setting(path, f"ignored-keys.{where}"[:EXCERPT], "true", key.line)
    lines = sorted(_hashes(artifact))
    first = lines[0][1] if lines else artifact.line
    parts = {digest.label: line for digest, line in lines if line != first}
    yield Package(
        ecosystem=ECOSYSTEM,
        name=f"{group}/{name}",
        place=place,
        stated_by="lock",
        version=_version(name, version, file),
        origin_kind="registry",
        origin=None,
        # A file may be vouched for by a key alone.
        integrity=tuple(sorted({digest for digest, _ in lines})),
        at=Place(
            path,
            artifact.line,
            f"{group}:{name}:{version} {file}"[:EXCERPT],
            tuple(sorted({**parts, "integrity": first}.items())),
        ),
    )


def _version(name: str, version: str, file: str) -> str:
    """Return the version as the file spells it: `1.0` of the jar, `1.0.pom`, `1.0-linux-x86_64`."""
    return (
        file[len(name) + 1 :].removesuffix(".jar")
        if file.startswith(f"{name}-{version}")
        else f"{version}/{file}"
    )


def _hashes(artifact: Element) -> Iterator[tuple[Digest, int]]:
    """Yield the hashes and keys that are accepted for a file, and their lines."""
    for element in artifact.children:
        for stated in (element, *element.every("also-trust")):
            value = stated.attributes.get("value", "")
            length = len(value) in _KEYS if element.name == _KEY else _HASHES.get(element.name) == len(value)
            if length and _HEX.fullmatch(value):
                yield Digest(element.name, value.lower()), stated.line
