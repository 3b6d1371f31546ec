"""What the metadata of an artifact says that no member shows: dependencies, entry points, version.

The build writes `METADATA` and `entry_points.txt`, so that no line of them is in any source; but what they
say is declared there. A dependency that is put in on the way runs as much as code that is. What `[project]`
of the source's `pyproject.toml` states, and does not call dynamic, is compared with them word by word. Of all
else, what the artifact says must at least be named somewhere in the files that direct a build.
https://packaging.python.org/en/latest/specifications/pyproject-toml/
"""

from __future__ import annotations

import configparser
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement

from fimci.artifacts import claims
from fimci.artifacts.locked import Locked, is_pinned
from fimci.artifacts.members import Members
from fimci.artifacts.names import Named, release
from fimci.model import Place, Setting
from fimci.names import canonical
from fimci.printable import cut

_TEXT = 200
_MOST = 200
#: Files that direct a build of Python, wherever they lie.
_BUILD = re.compile(
    r"(?:.*/)?(?:pyproject\.toml|setup\.(?:py|cfg)|[\w.-]*requirements[\w.-]*(?:\.txt|\.in)?|Pipfile|Cargo\.toml"
    r"|requirements/[\w./-]+\.(?:txt|in)|package\.json)",
    re.DOTALL,
)
_WORD = re.compile(r"[a-z0-9]+(?:[-_.]+[a-z0-9]+)*", re.IGNORECASE)
_GROUPS = {"console_scripts": "scripts", "gui_scripts": "gui-scripts"}
_EXTRA = re.compile(r"^\(*extra\b|\bextra\)*$")


class Source(NamedTuple):
    """What directs the build: `[project]` of the right `pyproject.toml`, and all words of all such files."""

    project: Mapping[str, Any]
    words: frozenset[str]
    bare: str  # all text, without blanks
    version: str = ""  # that maturin takes from `Cargo.toml`


def wanted(paths: Iterable[str]) -> list[str]:
    """Return those of the paths of a source that direct a build, the ones at the top first."""
    found = [path for path in paths if _BUILD.fullmatch(path)]
    return sorted(found, key=lambda path: (path.count("/"), path))[:_MOST]


def sides(
    named: Named, found: Members, texts: Mapping[str, bytes], there: Locked
) -> tuple[list[Setting], list[Setting]]:
    """Return what the source has in the place of each statement, and what the artifact states.

    `texts` are the files of the source that direct its build, `there` is what it has locked. A statement that
    the source lacks is on the right alone.
    """
    source = _source(named, texts)
    left: list[Setting] = []
    right: list[Setting] = []
    for name, value, place in _stated(named, found, there):
        exact, own = _own(source, name, value)
        key = f"{'declared' if exact else 'mentioned'}.{name}"
        right.append(Setting(path=place.path, name=key, value=value, at=place))
        if own is not None:
            left.append(Setting(path=place.path, name=key, value=own, at=Place(place.path)))
    return left, right


def _stated(named: Named, found: Members, there: Locked) -> Iterator[tuple[str, str, Place]]:
    """Yield the statements of the metadata: by name, each with its value and its place."""
    if named.kind == "wheel":
        base = claims.info(named, found.files)
        path, entries = f"{base}/METADATA", f"{base}/entry_points.txt"
    else:
        tops = sorted({name.partition("/")[0] for name in found.files})
        path = next((f"{top}/PKG-INFO" for top in tops if f"{top}/PKG-INFO" in found.contents), "")
        entries = ""
    requires: dict[str, list[str]] = {}
    at: dict[str, int] = {}
    for text in found.contents.get(path, [])[:1]:
        for name, value, line in claims.headers(text):
            if name == "version":
                yield "version", release(value), Place(path, line, cut(f"Version: {value}", _TEXT))
            elif name == "requires-dist" and not is_pinned(value, there):
                key, told = _requirement(value)
                requires.setdefault(key, []).append(told)
                at.setdefault(key, line)
    for key, values in requires.items():
        told = " | ".join(sorted(set(values)))
        yield f"requires.{key}", told, Place(path, at[key], cut(f"Requires-Dist: {key} {told}", _TEXT))
    for text in found.contents.get(entries, [])[:1]:
        for group, name, target in _entry_points(text):
            yield f"entry.{group} {name}", target, Place(entries, 1, cut(f"{name} = {target}", _TEXT))


def _requirement(text: str) -> tuple[str, str]:
    """Return the name of a requirement, and the rest in one form, without the extra that asks for it."""
    try:
        found = Requirement(text)
    except InvalidRequirement:
        return cut(text, _TEXT), text
    extras = ",".join(sorted(canonical(extra) for extra in found.extras))
    # maturin writes the one for the other, which is the same for whole versions.
    marker = str(found.marker or "").replace("python_full_version", "python_version")
    atoms = sorted(
        {one.strip("() ") for one in re.split(r" and | or ", marker) if not _EXTRA.search(one)} - {""}
    )
    rest = f"[{extras}]" if extras else ""
    rest += f"@{found.url}" if found.url else str(found.specifier)
    return canonical(found.name), f"{rest}; {' & '.join(atoms)}" if atoms else rest


def _entry_points(data: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield group, name and target of all entry points."""
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False)
    parser.optionxform = lambda optionstr: optionstr  # type: ignore[method-assign]  # names keep their case
    try:
        parser.read_string(data.decode("utf-8", "surrogateescape"))
    except configparser.Error:
        yield "broken", "entry_points.txt", "cannot be read"
        return
    for group in parser.sections():
        for name, target in parser.items(group):
            yield group, name, "".join(str(target).split())


def _source(named: Named, texts: Mapping[str, bytes]) -> Source:
    text = "\n".join(data.decode("utf-8", "replace") for data in texts.values())
    words = frozenset(canonical(word) for word in _WORD.findall(text))
    bare = re.sub(r"[\s\"']+", "", text)
    for path, data in texts.items():
        project = _table(data, "project")
        if (
            path.rpartition("/")[2] == "pyproject.toml"
            and canonical(str(project.get("name", ""))) == named.name
        ):
            return Source(project, words, bare, _of_cargo(path, data, texts))
    return Source({}, words, bare)


def _table(data: bytes, name: str) -> Mapping[str, Any]:
    import tomli  # noqa: PLC0415  (few sources are held against artifacts)

    try:
        value = tomli.loads(data.decode()).get(name)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _of_cargo(path: str, data: bytes, texts: Mapping[str, bytes]) -> str:
    """Return the version of the crate that maturin builds; empty for other backends, and without one."""
    if _table(data, "build-system").get("build-backend") != "maturin":
        return ""
    tool = _table(data, "tool").get("maturin")
    inner = str(tool.get("manifest-path", "Cargo.toml")) if isinstance(tool, dict) else "Cargo.toml"
    crate = posixpath.normpath(posixpath.join(posixpath.dirname(path), inner))
    version = _table(texts.get(crate, b""), "package").get("version")
    return version if isinstance(version, str) else ""


def _own(source: Source, name: str, value: str) -> tuple[bool, str | None]:
    """Return whether the source states a thing exactly, and what it has in its place, if anything."""
    dynamic = source.project.get("dynamic", ())
    dynamic = dynamic if isinstance(dynamic, list) else ()
    kind, _, rest = name.partition(".")
    if kind == "version":
        stated = source.project.get("version")
        exact = isinstance(stated, str) and "version" not in dynamic
        stated = stated if exact else source.version
        return bool(stated), release(str(stated)) if stated else value
    if kind == "requires":
        exact = bool(source.project) and not {"dependencies", "optional-dependencies"} & set(dynamic)
        if exact:
            return True, _dependencies(source.project).get(rest)
        return False, value if rest in source.words else None
    group, _, entry = rest.partition(" ")
    exact = bool(source.project) and not {"entry-points", _GROUPS.get(group, "entry-points")} & set(dynamic)
    if exact:
        return True, _entries(source.project, group).get(entry)
    # A name may be put together (`demo3` of `demo`); what is called is not.
    return False, value if value.partition("[")[0] in source.bare else None


def _dependencies(project: Mapping[str, Any]) -> dict[str, str]:
    """Return all dependencies that a project declares, those of its extras among them, by name."""
    listed = project.get("dependencies", [])
    found: dict[str, set[str]] = {}
    optional = project.get("optional-dependencies", {})
    more = list(optional.values()) if isinstance(optional, dict) else []
    for texts in [listed, *more]:
        for text in texts if isinstance(texts, list) else ():
            key, told = _requirement(str(text))
            found.setdefault(key, set()).add(told)
    return {key: " | ".join(sorted(values)) for key, values in found.items()}


def _entries(project: Mapping[str, Any], group: str) -> dict[str, str]:
    """Return the entry points that a project declares for a group."""
    tables = project.get("entry-points")
    table = project.get(_GROUPS[group]) if group in _GROUPS else None
    if table is None and isinstance(tables, dict):
        table = tables.get(group)
    if not isinstance(table, dict):
        return {}
    return {str(name): "".join(str(target).split()) for name, target in table.items()}
