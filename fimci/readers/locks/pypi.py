"""What the Python lockfiles have in common: hashes, addresses, edges, and a place for each entry.

No reader of its own: the support of `conda_lock`, `pdm`, `pipfile_lock`, `poetry`, `pylock`,
`requirements` and `uv`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Marked, Pointer
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Setting, Unread, Unstated
from fimci.names import canonical

#: For each fact the pointers within an entry that may state it; the first that does counts.
Parts: TypeAlias = Mapping[str, tuple[Pointer, ...]]

ECOSYSTEM = "pypi"
#: What the names of archives that pip can install end with.
ARCHIVES = (
    ".whl",
    ".zip",
    ".tar.gz",
    ".tgz",
    ".tar",
    ".tar.bz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tlz",
    ".tar.lz",
    ".tar.lzma",
)

#: What tells apart two entries of one release.
_DISTINCT = (
    *("source", "extras", "marker", "markers", "resolution-markers", "git", "url", "path"),
    *("vcs", "directory", "archive", "index", "requires-python", "python-versions"),
)
_SHA256 = re.compile(r"sha256:([0-9a-f]{64})")
_DIGEST = re.compile(r"([A-Za-z0-9_-]+):([0-9A-Fa-f]+)")
#: Name, extras, and all before the marker.
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*@?([^;]*)")
_AUTHORITY = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/\s?#]*)")


def _digest(text: object) -> Digest | None:
    if not isinstance(text, str):
        return None
    found = _SHA256.fullmatch(text)
    if found is not None:  # as nearly all are
        return Digest("sha256", found[1])
    found = _DIGEST.fullmatch(text)
    return Digest(found[1].lower(), found[2].lower()) if found is not None else None


def git_origin(url: str, revision: object, commit: object, subdirectory: object = None) -> str:
    """Return the address of a commit in the form of uv: `URL?rev=v1.0#COMMIT`."""
    asked = {"subdirectory": subdirectory, "rev": revision}
    query = "&".join(f"{key}={value}" for key, value in asked.items() if isinstance(value, str) and value)
    joined = url + ("&" if "?" in url else "?") + query if query else url
    return without_credentials(f"{joined}#{commit}" if isinstance(commit, str) else joined)


def builds(kind: OriginKind | Unstated, files: Iterable[str]) -> bool | Unstated:
    """Tell whether installing runs a build: from sources, or from files of which none is a wheel."""
    if kind in {"git", "directory"}:
        return True
    names = list(files)
    return True if names and not any(is_wheel(name) for name in names) else UNSTATED


def is_wheel(address: str) -> bool:
    """Tell whether a file name, path or URL names a wheel."""
    return _bare(address).endswith(".whl")


def is_archive(address: str) -> bool:
    """Tell whether a path or URL names an archive rather than a folder."""
    return _bare(address).endswith(ARCHIVES)


def _bare(address: str) -> str:
    return address.partition("?")[0].partition("#")[0].lower()


def entries(path: str, document: Marked, key: str) -> tuple[list[tuple[int, dict[str, Any]]], list[Unread]]:
    """Return the tables under `key` that have a name, by index, and the rest as unread."""
    value = document.value.get(key, [])
    if not isinstance(value, list):
        return [], [Unread(path=path, part=key, why=f"{key} is no list", line=document.line((key,)))]
    found, unread = [], []
    for index, entry in enumerate(value):
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and entry["name"]:
            found.append((index, entry))
        else:
            line = document.line((key, index))
            unread.append(Unread(path=path, part=f"{key}[{index}]", why="an entry without a name", line=line))
    return found, unread


def each(
    document: Marked, key: str, found: list[tuple[int, dict[str, Any]]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what `entries` found, for the last time: each is let go when the next one is asked for.

    An entry and the record that is made of it take about the same room.
    """
    found.reverse()
    while found:
        index, entry = found.pop()
        yield index, entry
        document.value[key][index] = None
        document.forget(entry)


def repeated_entries(
    path: str, document: Marked, key: str, found: list[tuple[int, dict[str, Any]]]
) -> Iterator[Unread]:
    """Report an entry that says again which package it is: which of the two counts is the client's secret.

    One release may be locked twice for two sources, sets of extras or markers.
    """
    seen_before = set()
    names = [canonical(entry["name"]) for _, entry in found]
    several = {name for name, count in Counter(names).items() if count > 1}
    for name, (index, entry) in zip(names, found, strict=True):
        if name not in several:
            continue
        told = [entry.get(part) for part in ("version", *_DISTINCT)]
        identity = name, repr(told)
        if identity in seen_before:
            line = document.line((key, index))
            yield Unread(path=path, part=f"{key}[{index}]", why=f"{entry['name']} is locked twice", line=line)
        seen_before.add(identity)


def unknown_version(
    path: str, document: Marked, pointer: Pointer, known: tuple[str, ...] | re.Pattern[str]
) -> Iterator[Unread]:
    """Report a lock version that this reader does not know, or that is missing.

    The rest is read all the same: what is seen that way beats nothing, and the run is incomplete.
    """
    value = document.table(*pointer[:-1]).get(str(pointer[-1]))
    fits = str(value) in known if isinstance(known, tuple) else known.fullmatch(str(value))
    if not fits:
        why = "states no lock version" if value is None else f"lock version {str(value)[:40]} is not known"
        yield Unread(path=path, part="lock version", why=why, line=document.line(pointer))


def content_hash(path: str, document: Marked, pointer: Pointer) -> Iterator[Setting]:
    """Yield what a lock says that its manifest hashes to, for `fimci.drift` to hold against it."""
    value = document.table(*pointer[:-1]).get(str(pointer[-1]))
    if isinstance(value, str) and value:
        at = Place(path, document.line(pointer), excerpt(f"{pointer[-1]} {value}"))
        yield Setting(path=path, name="content-hash", value=value.removeprefix("sha256:"), at=at)


def seen(path: str, document: Marked, pointer: Pointer, words: Iterable[object], parts: Parts) -> Place:
    """Return where an entry stands, with the lines of its facts and its words as evidence.

    That is the line of its `name` or, where the name is the key of the entry, of that.
    """
    text = " ".join([word for word in words if isinstance(word, str) and word])
    found = []
    entry = document.table(*pointer)
    lines = document.lines(entry)
    for fact, pointers in parts.items():
        for stated in pointers:
            if stated[0] in entry:
                line = lines.get(stated[0]) if len(stated) == 1 else None
                found.append((fact, line or document.line((*pointer, *stated))))
                break
    line = lines.get("name") or document.line((*pointer, "name"))
    return Place(path, line, excerpt(text), tuple(sorted(found)))


def with_hashes(at: Place, hashes: Iterable[tuple[object, int]]) -> tuple[tuple[Digest, ...], Place]:
    """Return the digests of `algorithm:hex` texts, one for each file of an entry, sorted, and the place.

    None as soon as one is missing or no hash: an installer may pick just that file, so an entry is only as
    good as its weakest. To the place is added the line of each that stands elsewhere than the first.
    """
    first, lines = at.part("integrity"), {}
    digests, whole = set(), True
    for text, line in hashes:
        digest = _digest(text)
        if digest is None:
            whole = False
            continue
        digests.add(digest)
        if line != first:
            lines[digest.label] = line
    if lines:
        lines.update(at.parts)
        at = Place(at.path, at.line, at.text, tuple(sorted(lines.items())))
    return tuple(sorted(digests)) if whole else (), at


def placed(packages: Iterable[Package]) -> Iterator[Package]:
    """Complete the place of each entry (so far: `file#name`), so that no two share one.

    With the version where one name is locked more than once; with an ordinal where even that is
    not enough.
    """
    found = list(packages)
    found.reverse()
    twice = {place for place, count in Counter(package.place for package in found).items() if count > 1}
    taken: set[str] = set()
    again: Counter[str] = Counter()
    # Each is let go as soon as it is told.
    while found:
        package = found.pop()
        place = package.place
        if place in twice and isinstance(package.version, str) and package.version:
            place = f"{place}@{package.version}"
        if place in taken:
            again[place] += 1
            place = f"{place}[{again[place] + 1}]"
        else:
            taken.add(place)
        yield package if place == package.place else msgspec.structs.replace(package, place=place)


def edges(items: Iterable[object]) -> tuple[str, ...]:
    """Return `name@version` for each table of `name` and, where that is ambiguous, `version`."""
    wanted = set()
    for item in items:
        if isinstance(item, dict) and isinstance(stated := item.get("name"), str):
            version, name = item.get("version"), canonical(stated)
            wanted.add(f"{name}@{version}" if isinstance(version, str) else name)
    return tuple(sorted(wanted))


def requirement_edges(items: Iterable[object]) -> tuple[str, ...]:
    """Return `name@range` for each requirement in text (PEP 508), with `;` where a marker decides."""
    wanted = set()
    for item in items:
        found = _REQUIREMENT.match(item) if isinstance(item, str) else None
        if found is not None:
            at_times = " ;" if found.string[found.end() :] else ""
            name, asked = canonical(found[1]), found[2].strip() + at_times
            wanted.add(f"{name}@{without_credentials(asked)}" if asked else name)
    return tuple(sorted(wanted))


def file_hosts(path: str, document: Marked, urls: Iterable[tuple[str, Pointer | int]]) -> Iterator[Setting]:
    """Name each host from which files come, once: `file-host.files.index.example` is `https`.

    The index of an entry says where it was looked up; the bytes come from these URLs, and a
    tampered one leaves the index as it was. Where a URL has credentials: `file-credentials.` With each
    URL comes its line, or where in the document it stands.
    """

    def place(url: str, where: Pointer | int) -> Place:
        return Place(path, where if isinstance(where, int) else document.line(where), excerpt(url))

    schemes: dict[str, set[str]] = {}
    first: dict[str, Place] = {}
    secret: dict[str, Place] = {}
    #: Up to the slash behind the host: thousands of files come from a few.
    known: set[str] = set()
    for url, pointer in urls:
        slash = url.find("/", url.find("://") + len("://"))
        begin = url[:slash] if slash > 0 else url
        if begin in known:
            continue
        known.add(begin)
        found = _AUTHORITY.match(url)
        if found is None:
            continue
        host = found[2].rpartition("@")[2].lower() or "(none)"
        schemes.setdefault(host, set()).add(found[1].lower())
        if host not in first:
            first[host] = place(url, pointer)
        if without_credentials(begin) != begin and host not in secret:
            secret[host] = place(url, pointer)
    for host in sorted(schemes):
        value = " ".join(sorted(schemes[host]))
        yield Setting(path=path, name=f"file-host.{host}", value=value, at=first[host])
    for host in sorted(secret):
        yield Setting(path=path, name=f"file-credentials.{host}", value="***", at=secret[host])
