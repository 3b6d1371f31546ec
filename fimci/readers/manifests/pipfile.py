"""`Pipfile`: what a project wants of pipenv, and the indexes that it names.

Every section that is none of pipenv's own is a category of packages, as `packages` is. A value is
a range or a table; keys of a table that are no words of pipenv are conditions (PEP 508).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.excerpts import without_credentials
from fimci.marked.document import Marked
from fimci.model import Package, Record, Setting, Unread
from fimci.names import canonical
from fimci.readers.documents import toml_table
from fimci.readers.manifests import lock_inputs, requirement, settings
from fimci.readers.manifests.requirement import Wanted

#: Sections that state no packages.
_SETTINGS = ("pipenv", "requires", "scripts")
_OWN = frozenset({*_SETTINGS, "source"})
_REPOSITORIES = ("git", "hg", "svn", "bzr")
#: Keys of PEP 508's environment, which stand beside `markers`.
_CONDITIONS = (
    *("os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_release"),
    *("platform_system", "platform_version", "python_version", "python_full_version"),
    *("implementation_name", "implementation_version"),
)


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether this is the manifest of a project with pipenv."""
    return path.rpartition("/")[2] == "Pipfile" and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield requirements and settings, and what the lock's hash is taken of."""
    document = toml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from settings.bounded(path, _requirements(path, document))
    yield from settings.bounded(path, _settings(path, document))
    hashed = lock_inputs.pipenv(document.value)
    if hashed:
        yield settings.setting(path, "lock-input.pipenv", hashed, 1)


def _settings(path: str, document: Marked) -> Iterator[Setting | Unread]:
    for key in ("source", *_SETTINGS):
        if key in document.value:
            yield from settings.flatten(path, document, (key,), key)


def _requirements(path: str, document: Marked) -> Iterator[Package | Unread]:
    for section, members in document.value.items():
        if section in _OWN:
            continue
        if not isinstance(members, dict):
            line = document.line((section,))
            yield Unread(path=path, part=section[:80], why="no table of packages", line=line)
            continue
        for name, value in members.items():
            line = document.line((section, name))
            if not isinstance(value, str | dict):
                why = "a requirement that is neither text nor table"
                yield Unread(path=path, part=f"{section}.{name}"[:200], why=why, line=line)
                continue
            wanted = _wanted(canonical(name), value if isinstance(value, dict) else {"version": value})
            editable = isinstance(value, dict) and value.get("editable") is True
            yield _package(path, section, wanted, line, editable=editable, text=f"{name} = {value}")


def _wanted(name: str, table: dict[str, Any]) -> Wanted:
    """Return what a table asks for; `*` is any version."""
    version = table.get("version")
    specifier = version.strip() if isinstance(version, str) and version.strip() != "*" else ""
    conditions = [f"{key} {table[key]}" for key in _CONDITIONS if key in table]
    marker = " and ".join([*map(str, filter(None, [table.get("markers")])), *conditions])
    extras = table.get("extras")
    named = tuple(sorted(map(str, extras))) if isinstance(extras, list) else ()
    return _sent_elsewhere(Wanted(name, specifier, extras=named, marker=marker), table)


def _sent_elsewhere(wanted: Wanted, table: dict[str, Any]) -> Wanted:
    """Apply `{git = …, ref = …}`, `{file = …}` and `{path = …}`."""
    for key in _REPOSITORIES:
        if isinstance(url := table.get(key), str):
            ref = table.get("ref")
            origin = f"{url}@{ref}" if isinstance(ref, str) and ref else url
            return wanted._replace(kind="git", origin=without_credentials(origin))
    for key in ("file", "path"):
        if isinstance(target := table.get(key), str):
            found = requirement.at_url(wanted.name, target)
            return wanted._replace(kind=found.kind, origin=found.origin, integrity=found.integrity)
    return wanted


def _package(  # noqa: PLR0913  (each is a fact of the record)
    path: str, section: str, wanted: Wanted, line: int, *, editable: bool, text: str
) -> Package:
    return Package(
        ecosystem="pypi",
        name=wanted.name,
        place=f"{path}#{section}/{wanted.name}",
        stated_by="manifest",
        version=wanted.version,
        origin_kind=wanted.kind,
        origin=wanted.origin,
        integrity=wanted.integrity,
        flags=tuple(flag for flag, on in (("dev", section != "packages"), ("editable", editable)) if on),
        at=settings.place(path, line, without_credentials(text)),
    )
