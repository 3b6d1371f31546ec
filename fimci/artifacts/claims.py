"""What the name of an artifact claims, held against what its metadata says.

Each kind of artifact gives two lists of `Setting` records with the same keys: as the name has it, and
as it is inside. What is missing inside has no record there.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from fimci.artifacts.members import Members
from fimci.artifacts.names import Named, expanded, release
from fimci.installed.node import manifest
from fimci.installed.python import metadata
from fimci.model import File, Place, Setting
from fimci.names import canonical
from fimci.printable import cut, listed

_INFO = re.compile(r"([^/]+)\.dist-info", re.DOTALL)
_SCRIPTS = re.compile(r"[^/]+\.data/scripts/(.+)", re.DOTALL)
_LIBRARIES = re.compile(r"[^/]+\.data/(?:purelib|platlib)/", re.DOTALL)
_MODULE = re.compile(r"([^./]+)(?:\.[\w.-]+)?\.(?:py|so|pyd)|([^./]+)/.+\.(?:py|so|pyd)", re.DOTALL)
_HEADER = re.compile(r"([A-Za-z0-9-]+)[ \t]*:[ \t]?(.*)", re.DOTALL)
_TEXT = 200


class Sides(NamedTuple):
    """What the name states, and what is inside."""

    stated: list[Setting]
    inside: list[Setting]


def sides(named: Named, found: Members) -> Sides:
    """Return both sides for an artifact of whatever kind."""
    if named.kind == "wheel":
        return _wheel(named, found)
    if named.kind == "sdist":
        return _sdist(named, found)
    if named.kind == "npm":
        return _npm(named, found)
    return Sides([], [])


def npm_manifest(found: Members) -> manifest.Manifest | None:
    """Return the manifest of an npm package; `None` where there is none that can be read."""
    tops = [texts[0] for name, texts in found.contents.items() if name.endswith("/package.json")]
    return manifest.parse(tops[0]) if tops else None


def info(named: Named, paths: Iterable[str]) -> str:
    """Return the metadata folder of a wheel: the one that its name asks for, else the first."""
    folders = _folders(paths)
    return next(
        (one for one in folders if _spelt(one) == (named.name, named.version)), next(iter(folders), "")
    )


def headers(data: bytes) -> Iterator[tuple[str, str, int]]:
    """Yield name (lower case), value and line of headers, up to the first line that is none."""
    # Python's own reader ends a line at a lone carriage return, too: a header behind one counts.
    text = data.decode("utf-8-sig", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        found = _HEADER.fullmatch(line)
        if found is not None:
            yield found[1].lower(), found[2].strip(), number
        elif not line or line[0] not in " \t":
            return


def _wheel(named: Named, found: Members) -> Sides:
    folder = info(named, found.files)
    folders = _folders(found.files)
    told = [*(_told(one) for one in folders), *_of_others(named, found.files)]
    inside = [_fact(found.file, "folders", listed(told), found.file)] if told else []
    stated = [_fact(found.file, "folders", f"{named.name}-{named.version}", found.file)]
    base = f"{folder or f'{named.name}-{named.version}.dist-info'}/"
    inside += _release(found, f"{base}METADATA")
    stated += _expected(named, f"{base}METADATA")
    stated += [
        _fact(f"{base}WHEEL", "wheel.tags", _tags(named.tags), found.file),
        _fact(f"{base}WHEEL", "wheel.version", "1", found.file),
    ]
    inside += _platforms(f"{base}WHEEL", found.contents)
    inside += [*_commands(found, f"{base}entry_points.txt"), *_modules(named, found, base)]
    return Sides(stated, inside)


def _sdist(named: Named, found: Members) -> Sides:
    tops = list(dict.fromkeys(path.partition("/")[0] for path in found.files))
    top = next((one for one in tops if _spelt(one) == (named.name, named.version)), tops[0] if tops else "")
    inside = [_fact(found.file, "folders", listed([_told(one) for one in tops]), found.file)]
    stated = [_fact(found.file, "folders", f"{named.name}-{named.version}", found.file)]
    inside += _release(found, f"{top}/PKG-INFO")
    stated += _expected(named, f"{top}/PKG-INFO")
    return Sides(stated, inside)


def _npm(named: Named, found: Members) -> Sides:
    tops = list(dict.fromkeys(path.partition("/")[0] for path in found.files))
    top = next((one for one in tops if f"{one}/package.json" in found.contents), "package")
    path = f"{top}/package.json"
    stated = [
        _fact(found.file, "folders", top, found.file),
        _fact(path, "metadata.name", named.name, found.file),
    ]
    inside = [_fact(found.file, "folders", listed(tops), found.file)]
    texts = found.contents.get(path, [])
    parsed = [one for one in map(manifest.parse, texts) if one is not None]
    names = dict.fromkeys(_npm_name(one, named.name) for one in parsed)
    if names:
        inside.append(
            _fact(path, "metadata.name", listed(list(names)), f"{parsed[0].name}@{parsed[0].version}")
        )
    for text, one in zip(texts, map(manifest.parse, texts), strict=True):
        inside += [_command(path, 1, name, target) for name, target in _npm_commands(text, one, top, found)]
    return Sides(stated, inside)


def _npm_commands(
    text: bytes, one: manifest.Manifest | None, top: str, found: Members
) -> Iterator[tuple[str, str]]:
    """Yield the commands of an npm package, also as they are spelt where a name leads elsewhere."""
    if one is None:
        return
    yield from one.bins.items()
    spelt = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf")).get("bin")
    for name, target in spelt.items() if isinstance(spelt, dict) else ():
        if isinstance(target, str) and (".." in name or name.startswith("/") or "\\" in name):
            yield name, target
    folder = posixpath.normpath(f"{top}/{one.folder_of_bins}") if one.folder_of_bins else ""
    for path in found.files if folder and not one.bins else ():
        if posixpath.dirname(path) == folder:
            yield posixpath.basename(path), path


def _npm_name(one: manifest.Manifest, stem: str) -> str:
    """Return the stem of a file name as `npm pack` writes it, or as the registry does where that is meant."""
    packed = f"{one.name.removeprefix('@').replace('/', '-')}-{one.version}"
    served = f"{one.name.rpartition('/')[2]}-{one.version}"
    return served if stem == served else packed


def _tops(paths: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(path.partition("/")[0] for path in paths))


def _folders(paths: Iterable[str]) -> list[str]:
    return [top for top in _tops(paths) if _INFO.fullmatch(top)]


def _of_others(named: Named, paths: Iterable[str]) -> Iterator[str]:
    """Yield folders by which a wheel installs under the name of another release, or seems to be one."""
    for top in _tops(paths):
        stem, dot, end = top.rpartition(".")
        data = end == "data" and _spelt(stem) != (named.name, named.version)
        if dot and (data or (end == "egg-info" and canonical(stem.partition("-")[0]) != named.name)):
            yield top


def _spelt(folder: str) -> tuple[str, str]:
    """Return name and version of a folder called after them."""
    name, _, version = folder.removesuffix(".dist-info").rpartition("-")
    return canonical(name), release(version)


def _told(folder: str) -> str:
    name, version = _spelt(folder)
    return f"{name}-{version}" if name else folder


def _expected(named: Named, path: str) -> list[Setting]:
    return [
        _fact(path, "metadata.name", named.name, named.file),
        _fact(path, "metadata.version", named.version, named.file),
    ]


def _release(found: Members, path: str) -> Iterator[Setting]:
    """Yield name and version as the metadata states them, all that it states where that is several."""
    rows = [row for text in found.contents.get(path, []) for row in headers(text)]
    for key, form in (("name", canonical), ("version", release)):
        values = {form(value): (value, line) for name, value, line in rows if name == key}
        count = sum(name == key for name, _, _ in rows)
        if values:
            told = list(values) if len(values) > 1 or count == 1 else [*values] * count
            value, line = next(iter(values.values()))
            yield _fact(path, f"metadata.{key}", listed(told), f"{key.title()}: {value}", line)


def _platforms(path: str, contents: Mapping[str, Sequence[bytes]]) -> Iterator[Setting]:
    rows = [row for text in contents.get(path, []) for row in headers(text)]
    tags = [(value, line) for name, value, line in rows if name == "tag"]
    if tags:
        whole = frozenset(tag for value, _ in tags for tag in expanded(value))
        yield _fact(path, "wheel.tags", _tags(whole), f"Tag: {tags[0][0]}", tags[0][1])
    versions = {value.partition(".")[0]: line for name, value, line in rows if name == "wheel-version"}
    if versions:
        line = next(iter(versions.values()))
        yield _fact(
            path, "wheel.version", listed(list(versions)), f"Wheel-Version: {listed(list(versions))}", line
        )


def _tags(tags: Iterable[str]) -> str:
    return " ".join(sorted(tags))


def _commands(found: Members, path: str) -> Iterator[Setting]:
    for text in found.contents.get(path, []):
        lines = text.decode("utf-8", "surrogateescape").split("\n")
        for name, target in metadata.commands(text).items():
            line = next((at for at, line in enumerate(lines, 1) if line.partition("=")[0].strip() == name), 1)
            yield _command(path, line, name, target)
    for member in found.files:
        script = _SCRIPTS.fullmatch(member)
        if script is not None:
            yield _command(member, 1, script[1], "a script")


def _command(path: str, line: int, name: str, target: str) -> Setting:
    at = Place(path, line, cut(f"{name} = {target}", _TEXT))
    return Setting(path=path, name=f"command.{name}", value=target, at=at)


def _modules(named: Named, found: Members, base: str) -> Iterator[Setting]:
    """Yield the modules at the top that `top_level.txt` does not name, the first file of each."""
    told = found.contents.get(f"{base}top_level.txt", [])
    if not told:
        return
    declared = {
        line.strip().split("/")[0] for text in told for line in text.decode("utf-8", "replace").split("\n")
    }
    seen = set[str]()
    for path, file in found.files.items():
        name = _top(path, file)
        if name and name not in declared and name not in seen and canonical(name) != named.name:
            seen.add(name)
            yield Setting(path=path, name=f"module.{name}", value="undeclared", at=Place(path))


def _top(path: str, file: File) -> str:
    inner = _LIBRARIES.sub("", path, count=1)
    match = _MODULE.fullmatch(inner) if file.kind == "file" else None
    return (match[1] or match[2]) if match is not None else ""


def _fact(path: str, name: str, value: str, text: str, line: int = 1) -> Setting:
    return Setting(path=path, name=name, value=value, at=Place(path, line, cut(text, _TEXT)))
