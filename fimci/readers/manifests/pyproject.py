"""`pyproject.toml`: requirements, the build that runs before an install, and where packages come from.

Requirements of `[project]`, its extras, `[dependency-groups]` (PEP 735) and `[build-system]`, of
poetry, pdm and uv. Where `[tool.uv.sources]` sends a requirement elsewhere, its record says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.excerpts import EXCERPT, without_credentials
from fimci.marked.document import Marked, Pointer
from fimci.model import Package, Place, Record, Unread
from fimci.names import canonical
from fimci.readers.documents import toml_table
from fimci.readers.manifests import lock_inputs, requirement, settings
from fimci.readers.manifests.requirement import Wanted

#: Tables that decide what runs or where it comes from, kept whole.
_SETTINGS: tuple[Pointer, ...] = (
    ("build-system", "build-backend"),
    ("build-system", "backend-path"),
    ("project", "dynamic"),
    ("project", "scripts"),
    ("project", "gui-scripts"),
    ("tool", "cibuildwheel"),
    ("tool", "hatch", "build", "hooks"),
    ("tool", "hatch", "env"),
    ("tool", "hatch", "envs"),
    ("tool", "hatch", "metadata", "hooks"),
    ("tool", "hatch", "version"),
    ("tool", "pdm", "build"),
    ("tool", "pdm", "plugins"),
    ("tool", "pdm", "scripts"),
    ("tool", "pdm", "source"),
    ("tool", "pdm", "resolution"),
    ("tool", "pip"),
    ("tool", "poetry", "build"),
    ("tool", "poetry", "plugins"),
    ("tool", "poetry", "requires-plugins"),
    ("tool", "poetry", "scripts"),
    ("tool", "poetry", "source"),
    ("tool", "setuptools", "cmdclass"),
    ("tool", "setuptools", "dynamic"),
    ("tool", "setuptools", "ext-modules"),
)
#: Of `[tool.uv]` everything is configuration but these, which are requirements.
_UV_REQUIREMENTS = frozenset({"dev-dependencies"})


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether this is the manifest of a Python project."""
    return path.rpartition("/")[2] == "pyproject.toml" and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield requirements and settings."""
    document = toml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from settings.bounded(path, _requirements(path, document))
    yield from settings.bounded(path, _poetry(path, document))
    yield from settings.bounded(path, _settings(path, document))
    yield from _hashed(path, document)


def _hashed(path: str, document: Marked) -> Iterator[Record]:
    """Yield what poetry and pdm hash of the file, where it is theirs, for `fimci.drift`."""
    backend = str(document.table("build-system").get("build-backend", ""))
    for client, recipe in (("poetry", lock_inputs.poetry), ("pdm", lock_inputs.pdm)):
        if client in document.table("tool") or backend.startswith(client):
            yield settings.setting(path, f"lock-input.{client}", recipe(document.value), 1)


def _settings(path: str, document: Marked) -> Iterator[Record]:
    for pointer in _SETTINGS:
        if pointer[-1] in document.table(*pointer[:-1]):
            yield from settings.flatten(path, document, pointer, ".".join(map(str, pointer)))
    for key in document.table("tool", "uv"):
        if key not in _UV_REQUIREMENTS:
            yield from settings.flatten(path, document, ("tool", "uv", key), f"tool.uv.{key}")
    for group in document.table("project", "entry-points"):
        pointer = ("project", "entry-points", group)
        yield from settings.flatten(path, document, pointer, f"entry-point.{group}")


def _lists(document: Marked) -> Iterator[tuple[Pointer, str, tuple[str, ...]]]:
    """Yield where lists of PEP 508 requirements stand, what their places are called, and their flags."""
    yield ("project", "dependencies"), "project", ()
    yield ("build-system", "requires"), "build-system", ("dev",)
    yield ("tool", "uv", "dev-dependencies"), "uv-dev", ("dev",)
    for extra in document.table("project", "optional-dependencies"):
        yield ("project", "optional-dependencies", extra), f"optional/{extra}", ("optional",)
    for group in document.table("dependency-groups"):
        yield ("dependency-groups", group), f"group/{group}", ("dev",)
    for group in document.table("tool", "pdm", "dev-dependencies"):
        yield ("tool", "pdm", "dev-dependencies", group), f"pdm-dev/{group}", ("dev",)


def _requirements(path: str, document: Marked) -> Iterator[Package | Unread]:
    sources = _sources(document)
    for pointer, section, flags in _lists(document):
        value = document.table(*pointer[:-1]).get(str(pointer[-1]), [])
        if not isinstance(value, list):
            yield _strange(path, document, pointer, "not a list of requirements")
            continue
        counts: dict[str, int] = {}
        for index, text in enumerate(value):
            where = (*pointer, index)
            if isinstance(text, dict) and set(text) == {"include-group"}:
                continue
            try:
                wanted, editable = _parsed(text)
            except requirement.Malformed as error:
                yield _strange(path, document, where, f"not a requirement: {error}")
                continue
            if wanted.name in sources:
                wanted = _sent_elsewhere(wanted, sources[wanted.name])
            at = _place(path, document, where, text)
            yield requirement.package(path, section, wanted, counts, flags=(*flags, *editable), at=at)


def _parsed(text: Any) -> tuple[Wanted, tuple[str, ...]]:
    """Read one requirement and its flags; pdm also writes `-e file:///${PROJECT_ROOT}/x#egg=name`."""
    if not isinstance(text, str):
        raise requirement.Malformed("it is no text")
    if not text.startswith("-e "):
        return requirement.parse(text), ()
    url, _, name = text[3:].strip().partition("#egg=")
    if not name:
        raise requirement.Malformed("an editable one without a name")
    return requirement.at_url(name.partition("[")[0], url), ("editable",)


def _sources(document: Marked) -> dict[str, dict[str, Any]]:
    """Return `[tool.uv.sources]`: what stands in place of the index, by name. Of several the first counts."""
    sources: dict[str, dict[str, Any]] = {}
    for name, source in document.table("tool", "uv", "sources").items():
        first = source[0] if isinstance(source, list) and source else source
        if isinstance(first, dict):
            sources[canonical(name)] = first
    return sources


def _poetry(path: str, document: Marked) -> Iterator[Package | Unread]:
    sections: list[tuple[Pointer, str, tuple[str, ...]]] = [
        (("tool", "poetry", "dependencies"), "poetry", ()),
        (("tool", "poetry", "dev-dependencies"), "poetry-dev", ("dev",)),
    ]
    for group in document.table("tool", "poetry", "group"):
        members = ("tool", "poetry", "group", group, "dependencies")
        sections.append((members, f"poetry-group/{group}", ("dev",)))
    for pointer, section, flags in sections:
        counts: dict[str, int] = {}
        for name, value in document.table(*pointer).items():
            for item in value if isinstance(value, list) else [value]:
                where = (*pointer, name)
                if isinstance(item, (str, dict)) and name != "python":
                    table = {"version": item} if isinstance(item, str) else item
                    wanted = _of_poetry(canonical(name), table)
                    more = (*flags, "optional") if table.get("optional") is True else flags
                    at = _place(path, document, where, f"{name} = {item}")
                    yield requirement.package(path, section, wanted, counts, flags=more, at=at)
                elif name != "python":
                    yield _strange(path, document, where, "a requirement that is neither text nor table")


def _of_poetry(name: str, table: dict[str, Any]) -> Wanted:
    """Return what a table of poetry asks for; `python` and `platform` are conditions like `markers`."""
    conditions = [f"{key} {table[key]}" for key in ("python", "platform") if key in table]
    marker = " and ".join([*map(str, filter(None, [table.get("markers")])), *conditions])
    extras = table.get("extras")
    named = tuple(sorted(map(str, extras))) if isinstance(extras, list) else ()
    wanted = Wanted(name, str(table.get("version", "")), extras=named, marker=marker)
    return _sent_elsewhere(wanted, table)


def _sent_elsewhere(wanted: Wanted, table: dict[str, Any]) -> Wanted:
    """Apply a source of poetry or uv, `{git = …}`, `{url = …}`, `{path = …}`, to what is wanted."""
    if isinstance(git := table.get("git"), str):
        ref = next((str(table[key]) for key in ("rev", "tag", "branch") if key in table), "")
        origin = without_credentials(f"{git}@{ref}" if ref else git)
        return wanted._replace(kind="git", origin=origin)
    for key in ("url", "path", "file"):
        if isinstance(target := table.get(key), str):
            found = requirement.at_url(wanted.name, target)
            return wanted._replace(kind=found.kind, origin=found.origin, integrity=found.integrity)
    return wanted._replace(kind="workspace") if table.get("workspace") is True else wanted


def _place(path: str, document: Marked, pointer: Pointer, text: str) -> Place:
    return settings.place(path, document.line(pointer), without_credentials(text))


def _strange(path: str, document: Marked, pointer: Pointer, why: str) -> Unread:
    part = ".".join(map(str, pointer))[:EXCERPT]
    return Unread(path=path, why=why, part=part, line=document.line(pointer))
