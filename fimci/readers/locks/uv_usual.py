"""The usual packages of `uv.lock`, each read by one match: releases of an index, with files and their sha256.

Such are taken out of the text here, and what is left is read as any TOML (`uv`), on the same lines. Whether a
package is read here makes no difference to what is told of it; nothing is where it might.

Part of the reader `uv`, and no reader itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from sys import intern
from typing import NamedTuple, TypeAlias

from fimci.excerpts import EXCERPT
from fimci.marked import plain_toml
from fimci.marked.document import Marked
from fimci.model import UNSTATED, Digest, Package, Place
from fimci.names import canonical
from fimci.packages.file_names import contradicts, file_name
from fimci.readers.locks.pypi import ECOSYSTEM

_HEADER = "[[package]]\n"
#: All but what no text of TOML holds, and the ends of rows of another system.
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n"})
#: Credentials, what is not of a file's name in a URL, and escapes: a package with one is none for here.
_DOUBTFUL = b"@?#%\\"
_HEXADECIMAL = b"0123456789abcdef"
_TEXT = r'"[^"\n]*"'
# Of what files have only the ends are looked for, which takes half as long. That no row ends inside is seen by the
# number of rows (`_release`), and that hashes are such for all of them at once (`part`).
_URL = r'url = "([^"]*'
_REST = r'", hash = "sha256:([^"]{64})"(?:, size = [1-9][0-9]{0,14})?(?:, upload-time = "[^"]*")? \}'
_NEEDED = rf"    \{{ name = {_TEXT}(?:, extra = \[{_TEXT}(?:, {_TEXT})*\])?(?:, marker = {_TEXT})? \}},\n"
_BLOCK = re.compile(
    r'\[\[package\]\]\nname = "([^"\n]+)"\n'
    r'version = "([^"\n]+)"\nsource = \{ registry = "([^"\n]+)" \}\n'
    rf"(?:dependencies = \[\n((?:{_NEEDED})+)\]\n)?"
    rf"(?:sdist = (\{{ {_URL}){_REST})\n)?"
    r"(?:wheels = \[(\n[^]]*\n)\]\n)?"
    r"(?:\n(?=\[\[package\]\]\n)|\n?\Z)"
)
#: A row of a list of wheels: the URL without its ending, and the hash.
_WHEEL = re.compile(rf'(?<=\n)    \{{ {_URL})\.whl{_REST},\n')
_CALLED = re.compile(r'\nname = "([^"\\\n]+)"\n')
_NAMES = re.compile(r'    \{ name = "([^"\n]*)"')

#: A release: name, version, index, names of what it needs, lines of its hashes by their labels, hashes, line of
#: its first row and of its first hash, whether there is a wheel.
_Release: TypeAlias = tuple[str, str, str, Sequence[str], dict[str, int], list[str], int, int, bool]
#: A stretch of the text that is one release: begin, end, rows.
_Stretch: TypeAlias = tuple[int, int, int, _Release]
#: The URL of a file, and its hash.
_File: TypeAlias = tuple[str, str]
#: Where files come from, with the first URL from there and its line.
_Hosts: TypeAlias = dict[str, tuple[str, int]]


class Usual(NamedTuple):
    """The packages that were read, in order, URLs of files (the first from each host), and the rest."""

    releases: list[_Release]
    urls: list[tuple[str, int]]
    rest: Marked


def part(data: bytes) -> Usual | None:
    """Read what is usual in a lockfile; `None` where that cannot be told apart from the rest."""
    doubtful = ""
    if len(data.translate(None, _CONTROLS + _DOUBTFUL)) != len(data):
        if len(data.translate(None, _CONTROLS)) != len(data):
            return None
        doubtful = _DOUBTFUL.decode()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    begin = text.find("\n" + _HEADER) + 1
    if not begin:
        return None
    hosts: _Hosts = {}
    stretches = list(_stretches(text, begin, doubtful, hosts))
    hashes = "".join(["".join(release[5]) for *_, release in stretches])
    if hashes.encode().translate(None, _HEXADECIMAL):
        return None
    found = _apart(text, begin, stretches)
    if found is None:
        return None
    releases, left, count = found
    rest = plain_toml.with_gaps(left.encode())
    if rest is None or len(rest.items("package")) != count or (not count and "package" in rest.value):
        return None
    return Usual(releases, list(hosts.values()), rest)


def _stretches(text: str, begin: int, doubtful: str, hosts: _Hosts) -> Iterator[_Stretch]:
    """Yield what is usual, one after the other."""
    line, last = text.count("\n", 0, begin) + 1, begin
    for found in _BLOCK.finditer(text, begin):
        first, after = found.span()
        if first != last:
            line += text.count("\n", last, first)
            last = first
        # What only seems to begin, inside of a row, and what may mean something else is for others.
        if text[first - 1] != "\n" or (doubtful and not {*doubtful}.isdisjoint(found[0])):
            continue
        read = _release(found, line, hosts)
        if read is not None:
            release, rows = read
            rows += text.startswith("\n\n", after - 2)
            yield first, after, rows, release
            line += rows
            last = after


def _release(found: re.Match[str], line: int, hosts: _Hosts) -> tuple[_Release, int] | None:
    """Return what a stretch of the text says, if it is a usual release, and how many rows that takes."""
    called, version, origin, needs, source, url, hashed, listed = found.groups()
    needed: list[str] = []
    row = line + 4
    if needs is not None:
        needed = _NAMES.findall(canonical(needs))
        if len(needed) != needs.count("\n"):
            return None
        row += len(needed) + 2
    lines: dict[str, int] = {}
    hashes: list[str] = []
    if source is not None:
        if "\n" in source:
            return None
        lines[f"sha256:{hashed[:16]}"] = row
        hashes.append(hashed)
    integrity, above = row, row + len(hashes)
    wheels: list[_File] = []
    if listed is not None:
        wheels = _WHEEL.findall(listed)
        if len(wheels) != listed.count("\n") - 1:
            return None
        # The row above the first one opens their list.
        integrity = row = above
        for _, digits in wheels:
            row += 1
            lines[f"sha256:{digits[:16]}"] = row
            hashes.append(digits)
        above += len(wheels) + 2
    name = canonical(called)
    if not hashes or len(lines) != len(hashes):
        return None
    if not _named(wheels, url, f"{name.replace('-', '_')}-{version}", hosts):
        files = [*([] if url is None else [url]), *[f"{one}.whl" for one, _ in wheels]]
        if not _noted(zip(files, lines.values(), strict=True), name, version, hosts):
            return None
    return (name, version, origin, needed, lines, hashes, line, integrity, bool(wheels)), above - line


def _named(wheels: list[_File], source: str | None, begin: str, hosts: _Hosts) -> bool:
    """Tell whether all files are named as nearly all are, and from the host that was noted last."""
    host = next(reversed(hosts), "\0")
    if source is not None and not (source.endswith(f"/{begin}.tar.gz") and source.startswith(host)):
        return False
    begin += "-"
    for url, _ in wheels:  # noqa: SIM110  (a generator takes twice the time)
        if not (url.startswith(begin, url.rfind("/") + 1) and url.startswith(host)):
            return False
    return True


def _noted(files: Iterable[tuple[str, int]], name: str, version: str, hosts: _Hosts) -> bool:
    """Note the hosts of files, if each has one and none is named after another release."""
    for url, line in files:
        host = url[: url.find("/", url.find("://") + 3) + 1]
        if not host or contradicts(file_name(url), name, version):
            return False
        hosts.setdefault(host, (url, line))
    return True


def _apart(text: str, begin: int, stretches: list[_Stretch]) -> tuple[list[_Release], str, int] | None:
    """Return the releases, the text without them, on the same lines, and the number of packages in that."""
    names = [release[0] for *_, release in stretches]
    others, last = 0, begin
    for first, after in [*[stretch[:2] for stretch in stretches], (len(text), 0)]:
        if first != last:
            called = _between(text[last:first])
            if called is None:
                return None
            others += len(called)
            names += called
        last = after
    several = {name for name, count in Counter(names).items() if count > 1}
    releases: list[_Release] = []
    pieces = [text[:begin]]
    last, gap = begin, 0
    for first, after, rows, release in stretches:
        if release[0] in several:
            others += 1
            continue
        releases.append(release)
        if first != last:
            pieces += (f"{plain_toml.GAP}{gap}\n" if gap else "", text[last:first])
            gap = 0
        gap += rows
        last = after
    pieces += (f"{plain_toml.GAP}{gap}\n" if gap else "", text[last:])
    return releases, "".join(pieces), others


def _between(text: str) -> list[str] | None:
    """Return the names of the packages in a stretch of the text, if it is made of such."""
    before, *blocks = f"\n{text}".split("\n" + _HEADER.rstrip())
    names = [canonical(called[1]) for called in map(_CALLED.match, blocks) if called is not None]
    return names if not before and len(names) == len(blocks) and text[-1] == "\n" else None


def read(path: str, usual: Usual) -> Iterator[Package]:
    """Yield a package for each release."""
    for name, version, origin, needed, lines, hashes, line, integrity, wheels in usual.releases:
        hashes.sort()
        parts = ("integrity", integrity), ("origin", line + 3), *(sorted(lines.items()) if wheels else ()), ("version", line + 2)
        yield Package(
            ecosystem=ECOSYSTEM,
            name=name,
            place=f"{path}#{name}",
            stated_by="lock",
            version=version,
            origin_kind="registry",
            origin=origin,
            integrity=tuple([Digest("sha256", hashed) for hashed in hashes]),
            install_scripts=UNSTATED if wheels else True,
            dependencies=tuple(sorted({intern(name) for name in needed})) if needed else (),
            at=Place(
                path,
                line + 1,
                f"{name} {version} {origin}"[:EXCERPT],
                (("dependencies", line + 4), *parts) if needed else parts,
            ),
        )
