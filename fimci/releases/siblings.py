"""The files of one release of a Python project beside each other: wheels for other systems, and the sources.

Whoever can upload a file can add one to a release, or put something into the wheel for one platform alone:
people who look at another one see nothing of it. Programs in wheels differ by their nature, and are judged
where they are installed; code that is shipped as text is the same in all of them, or nearly so. What it can
do that the code of another file of the same release cannot is told by the rules that judge releases. That it
differs at all is told (`release-files-differ`) between wheels of the same system, and beside the sources.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from fimci import sides, verdict
from fimci.archives.bounds import LIMITS
from fimci.artifacts import generated, names
from fimci.findings import Finding
from fimci.model import Capability, Digest, File, Record, Release, Unread
from fimci.packages.owners import runs
from fimci.policy import Policy
from fimci.registries import pypi
from fimci.registries.registry import Offered
from fimci.releases import beside, take
from fimci.releases.obtain import Obtained
from fimci.remembered import remembered
from fimci.snapshot import Entry, Recipe, Snapshot, collected
from fimci.sources import archive

#: Code that is shipped as text, and what decides which code runs.
_TEXT = re.compile(
    r".*\.(?:py|pyw|pth|start|sh|bat|cmd|ps1|js|mjs|cjs)|[^/]+\.dist-info/entry_points\.txt"
    r"|[^/]+\.data/scripts/[^/]+",
    re.DOTALL,
)
#: What is known to be text by its name; of the rest it is looked whether it is a program.
_SCRIPT = re.compile(r"[^/]+\.data/scripts/[^/.]+", re.DOTALL)
#: Programs and libraries, which no source has.
_NATIVE = re.compile(r".*\.(?:so|pyd|dll|dylib|exe)(?:\.[\d.]+)?", re.DOTALL)
#: Bytes of one file that are held; what is larger counts with all its bytes as they are.
_SMALL = 4 << 20
#: Bytes of a file that is obtained for no other reason than to be held against another one.
LARGE = 64 << 20
_SYSTEMS = ("musllinux", "linux", "macosx", "win", "android", "ios", "any")

#: What runs because it is in a wheel. Scripts and tools beside the code are in few sources as they are.
_LOADED = (".py", ".pyw", ".pth", ".start")
_DIFFER = "release-files-differ"

#: How it is called what archives have by hash. No path of a file has a NUL in it.
_ASKED = "code of a release\0001"

#: Of each file of code its content, or the hash of it, by path.
_Code: TypeAlias = Mapping[str, bytes]
_Hashes: TypeAlias = Mapping[str, Digest]


class Pair(NamedTuple):
    """What a file of a release has beside another one: the names of both, and a finding."""

    name: str
    beside: str
    found: Finding


def others(offered: Sequence[Offered], chosen: Offered, most: int) -> list[Offered]:
    """Choose what is held against a wheel: up to so many others, and the sources; none where it is too large.

    One wheel of each other system first, then in turns; of each system those for the same Python first.
    Sources that are chosen themselves are held against nothing.
    """
    if pypi.kind(chosen.name) == "sources":
        return []
    offered = [one for one in offered if one.size <= LARGE]
    groups: dict[str, list[Offered]] = {}
    same = _python(chosen.name)
    for one in sorted(offered, key=lambda one: (_python(one.name) != same, one.name)):
        if one.name.endswith(".whl") and one.name != chosen.name:
            groups.setdefault(system(one.name), []).append(one)
    ordered = sorted(groups.items(), key=lambda group: (group[0] == system(chosen.name), group[0]))
    turns = itertools.zip_longest(*(group for _, group in ordered))
    wheels = [one for turn in turns for one in turn if one is not None][:most]
    return wheels + [one for one in offered if pypi.kind(one.name) == "sources"][:1]


def system(file: str) -> str:
    """Return for which system a wheel is, by its name: `any`, `linux`, `win`, or the tag that it has."""
    tag = file.removesuffix(".whl").rpartition("-")[2]
    return next((name for name in _SYSTEMS if name in tag), tag)


def short(file: str) -> str:
    """Return what tells a file from the others of its release: `cp312-cp312-win_amd64`, or `sources`."""
    if pypi.kind(file) == "sources":
        return "its sources"
    python, _, platform = file.removesuffix(".whl").split("-")[-3:]
    return f"{python}-{platform.partition('.')[0]}"


def differences(
    mine: Obtained, records: Sequence[Record], those: Iterable[Obtained], how: Recipe
) -> Iterator[Pair]:
    """Yield what the files of a release have beyond each other; `records` are those of `mine`.

    What is told of a file is not told again of the next one. Raises `SourceError` and `OSError` for what
    cannot be read.
    """
    told: set[tuple[str, str]] = set()
    hashed = hashes(mine, how)
    compiled = any(_NATIVE.fullmatch(path) for path in hashed)
    texts: dict[str, bytes] = {}
    for one in those:
        if not _apart(hashed, hashes(one, how), sources=pypi.kind(one.name) == "sources", compiled=compiled):
            continue
        texts = texts or code(mine)
        if pypi.kind(one.name) != "sources":
            both = compiled and any(_NATIVE.fullmatch(path) for path in hashes(one, how))
            pairs = _alike(mine, records, one, texts, how, compiled=both)
        elif pypi.kind(mine.name) == "pure" and not compiled:
            pairs = (Pair(mine.name, one.name, found) for found in beside.differences(mine, one))
        else:
            pairs = _sourced(mine, one, texts, how)
        for pair in pairs:
            key = (pair.found.rule, pair.found.content)
            if key not in told:
                told.add(key)
                yield pair


def _apart(own: _Hashes, other: _Hashes, *, sources: bool, compiled: bool) -> bool:
    """Tell by hashes whether there can be anything to say: most files of a release are alike."""
    if not sources:
        paths = (path for path in {*own, *other} if own.get(path) != other.get(path))
        return any(_is_text(path) for path in paths)
    known = {(path.rpartition("/")[2], digest) for path, digest in other.items()}
    names = [path for path in own if ".dist-info/" not in path and (path.endswith(_LOADED) or not compiled)]
    return any((path.rpartition("/")[2], own[path]) not in known for path in names)


def hashes(found: Obtained, how: Recipe) -> _Hashes:
    """Return the hash of each file of code, of text with line ends as on Unix; remembered by all bytes.

    Of programs there is no more than their names.
    """
    cache = remembered(how)
    digest = hashlib.sha256(found.data).hexdigest()
    known = cache.get(_ASKED, digest) if cache is not None else None
    if known is None:
        known = list(_hashed(found))
        if cache is not None:
            cache.put(_ASKED, digest, known)
            cache.flush()
    return {one.path: one.digest for one in known if isinstance(one, File) and isinstance(one.digest, Digest)}


def _hashed(found: Obtained) -> Iterator[Record]:
    for entry in _entries(found):
        if entry.read is None or not (_TEXT.fullmatch(entry.path) or runs(entry.path)):
            continue
        text = b"" if _NATIVE.fullmatch(entry.path) else _text(entry.read())[0]
        yield from _files({entry.path: text}, [entry.path])


def code(found: Obtained) -> dict[str, bytes]:
    """Return the code of an archive that is text, with line ends as on Unix, by path."""
    texts: dict[str, bytes] = {}
    for entry in _entries(found):
        if entry.read is None or not _is_text(entry.path):
            continue
        text, is_program = _text(entry.read())
        if not is_program or not _SCRIPT.fullmatch(entry.path):
            texts[entry.path] = text
    return texts


def _alike(  # noqa: PLR0913  (two wheels, and what is known of one of them)
    mine: Obtained, records: Sequence[Record], one: Obtained, own: _Code, how: Recipe, *, compiled: bool
) -> Iterator[Pair]:
    """Yield what each of two wheels has beyond the other.

    Of two that have programs (`compiled`) each loads its own in the way of its system.
    """
    other = code(one)
    apart = {path for path in {*own, *other} if own.get(path) != other.get(path)}
    apart = {path for path in apart if not all(map(generated.is_data, _both(path, own, other)))}
    if not apart:
        return
    here = [*_plain(records, own), *_files(own, apart)]
    there = [*_plain(take.snapshot(one, one.name, how).records, other), *_files(other, apart)]
    same = system(mine.name) == system(one.name)
    if compiled and not same:
        here, there = (list(filter(_is_told, side)) for side in (here, there))
    gone = apart - {*other}
    for found in _judged(here, there, how):
        if same or found.rule != _DIFFER:
            yield Pair(one.name, mine.name, found)
    for found in _judged(there, here, how):
        if found.rule != _DIFFER:
            yield Pair(mine.name, one.name, found)
    if same and gone:
        for found in _judged([], list(_files(own, gone)), how):
            yield Pair(mine.name, one.name, found)


def _is_told(record: Record) -> bool:
    return not isinstance(record, Capability) or record.name != "native-code"


def _sourced(mine: Obtained, source: Obtained, own: _Code, how: Recipe) -> Iterator[Pair]:
    """Yield what a wheel has beyond the sources: modules that they do not have, or have otherwise.

    It is held against itself without these modules, with those of the same name that the sources have.
    """
    other = code(source)
    known = set(other.values())
    apart = {path for path, text in own.items() if text not in known and path.endswith(_LOADED)}
    places = {path: place for path in apart if (place := _named(path, other)) is not None}
    unknown = tuple(sorted(apart - places.keys()))
    apart -= generated.explained(names.named(mine.name, ()), unknown, places, own.get, other.get).keys()
    apart = {path for path in apart if not generated.is_data(own[path])}
    if not apart:
        return
    named = {path: other[place] for path, place in places.items() if path in apart}
    borne = [entry for entry in _entries(mine) if entry.path not in apart]
    left, right = (
        sides.settled(sides.taken(name, entries, how), project=False, released=True, wheel=True).records
        for name, entries in (
            (source.name, [*borne, *(_entry(path, text) for path, text in named.items())]),
            (mine.name, [*borne, *(_entry(path, own[path]) for path in apart)]),
        )
    )
    before = [*_plain(left, own), *_files(named, apart)]
    for found in _judged(before, [*_plain(right, own), *_files(own, apart)], how):
        yield Pair(mine.name, source.name, found)


def _judged(left: list[Record], right: list[Record], how: Recipe) -> tuple[Finding, ...]:
    before, after = (
        Snapshot(locator=name, recipe=how, records=collected(records))
        for name, records in (("before", left), ("after", right))
    )
    return verdict.judge(before, after, Policy(), today=dt.date.min, against="sibling").findings


def _plain(records: Iterable[Record], texts: _Code) -> list[Record]:
    """Leave out files, which are compared as text, and what programs are said to do."""
    kept = (r for r in records if not isinstance(r, File | Release | Unread))
    return [r for r in kept if not isinstance(r, Capability) or r.path in texts]


def _files(texts: _Code, wanted: Iterable[str]) -> Iterator[File]:
    for path in wanted:
        if path in texts:
            digest = Digest("sha256", hashlib.sha256(texts[path]).hexdigest())
            yield File(path=path, size=len(texts[path]), mode=None, digest=digest)


def _both(path: str, *sides: _Code) -> list[bytes]:
    """Return the texts that there are at a path."""
    return [texts[path] for texts in sides if path in texts]


def _named(path: str, other: _Code) -> str | None:
    """Return where the sources have a module of this name, below whatever folder."""
    found = (place for place in other if f"/{place}".endswith(f"/{path}"))
    return min(found, key=lambda place: (len(place), place), default=None)


def _is_text(path: str) -> bool:
    return _TEXT.fullmatch(path) is not None and _NATIVE.fullmatch(path) is None


def _entries(found: Obtained) -> Iterator[Entry]:
    inside = archive.within(found.data, found.name, LIMITS._replace(depth=0))
    return (entry for entry in inside if isinstance(entry, Entry))


def _entry(path: str, text: bytes) -> Entry:
    return Entry(path=path, mode=None, read=lambda: iter((text,)))


def _text(chunks: Iterable[bytes]) -> tuple[bytes, bool]:
    """Return a text with line ends as on Unix (of a long one a hash), and whether it is none in truth."""
    pieces: list[bytes] = []
    size, digest, is_program = 0, hashlib.sha256(), False
    for chunk in chunks:
        is_program = is_program or (size == 0 and b"\0" in chunk[:1024])
        size += len(chunk)
        digest.update(chunk)
        if size <= _SMALL:
            pieces.append(chunk)
    whole = b"".join(pieces).replace(b"\r\n", b"\n") if size <= _SMALL else digest.digest()
    return whole, is_program


def _python(file: str) -> str:
    """Return the Python for which a wheel is: `cp312`."""
    return "".join(file.split("-")[-3:-2])
