"""`pubspec.yaml` of Dart and Flutter, and `pubspec_overrides.yaml`: what a project asks for.

    dependencies, dev_dependencies      Package   `manifest`
    overrides.NAME                      Setting   what takes the place of a package, whoever asks for it

https://dart.dev/tools/pub/pubspec
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Malformed, Marked
from fimci.model import UNSTATED, OriginKind, Package, Record, Setting, Unread, Unstated
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import settings

_NAMES = ("pubspec.yaml", "pubspec_overrides.yaml")
_SECTIONS = ("dependencies", "dev_dependencies")
_OVERRIDES = "dependency_overrides"


class _Wanted(NamedTuple):
    kind: OriginKind | Unstated
    origin: str | None
    version: str | None


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want projects of Dart, and what overrides their dependencies."""
    return path.rpartition("/")[2] in _NAMES


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the file asks for and overrides."""
    from fimci.marked import plain_yaml  # noqa: PLC0415  (few repositories hold such a file)

    try:
        document = plain_yaml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "YAML")
        return
    if isinstance(document.value, dict):
        yield from repeated(path, document, (*_SECTIONS, _OVERRIDES))
        yield from settings.bounded(path, _facts(path, document))


def _facts(path: str, document: Marked) -> Iterator[Record]:
    for section in _SECTIONS:
        for name, value in document.table(section).items():
            yield _asked(path, name, section, value, document.line((section, name)))
    for name, value in document.table(_OVERRIDES).items():
        yield from _override(path, name, value, document.line((_OVERRIDES, name)))


def _asked(path: str, name: str, section: str, value: Any, line: int) -> Package | Unread:
    wanted = _wanted(value)
    if wanted is None:
        return Unread(
            path=path, part=f"{section}.{name}"[:200], why="a requirement in no known form", line=line
        )
    shown = excerpt(f"{name} {wanted.version or ''} {wanted.origin or ''}".rstrip())
    return Package(
        ecosystem="pub",
        name=name,
        place=f"{path}#{section}/{name}",
        stated_by="manifest",
        version=wanted.version,
        origin_kind=wanted.kind,
        origin=wanted.origin,
        at=settings.place(path, line, shown),
    )


def _override(path: str, name: str, value: Any, line: int) -> Iterator[Setting | Unread]:
    wanted = _wanted(value)
    if wanted is None:
        part = f"{_OVERRIDES}.{name}"[:200]
        yield Unread(path=path, part=part, why="a requirement in no known form", line=line)
    else:
        yield settings.setting(
            path, f"overrides.{name}", wanted.origin or wanted.version or "any version", line
        )


def _wanted(value: Any) -> _Wanted | None:
    """Take a requirement apart: a range, or a table that says where the package comes from."""
    if isinstance(value, str):
        return _Wanted("registry", None, value or "any")
    if not isinstance(value, dict):
        return None
    version = value["version"] if isinstance(value.get("version"), str) else None
    if "git" in value:
        return _of_git(value["git"])
    if "path" in value:
        return _Wanted("directory", value["path"], None) if isinstance(value["path"], str) else None
    if "sdk" in value:
        return _Wanted(UNSTATED, None, version)
    hosted = value.get("hosted")
    if isinstance(hosted, dict):
        hosted = hosted.get("url")
    url = without_credentials(hosted) if isinstance(hosted, str) and "://" in hosted else None
    return _Wanted("registry", url, version or "any")


def _of_git(value: Any) -> _Wanted | None:
    facts = value if isinstance(value, dict) else {"url": value}
    url, ref = facts.get("url"), facts.get("ref")
    if not isinstance(url, str):
        return None
    return _Wanted("git", without_credentials(f"{url}#{ref}" if isinstance(ref, str) and ref else url), None)
