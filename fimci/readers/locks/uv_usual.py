"""The usual packages of `uv.lock`, each read by one match: releases of an index, with files and their sha256.

Such are taken out of the text here, and what is left is read as any TOML (`uv`), on the same lines. Whether a
package is read here makes no difference to what is told of it; nothing is where it might.

Part of the reader `uv`, and no reader itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
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
#: Bytes, and releases, that are looked at together: more would take fresh memory each time.
_AT_ONCE, _RELEASES = 1 << 16, 1 << 8
_DIGITS = 64
_TEXT = r'"[^"\n]*"'
# Of a URL and a hash only the end is looked for, which takes half as long. That no row ends inside of one is
# seen by the number of rows (`_release`), and that hashes are such for many together (`_hexadecimal`).
_HASHED = r'", hash = "sha256:([^"]{64})"(?:, size = [1-9][0-9]{0,14})?'
_NEEDED = rf"    \{{ name = {_TEXT}(?:, extra = \[{_TEXT}(?:, {_TEXT})*\])?(?:, marker = {_TEXT})? \}},\n"
_BLOCK = re.compile(
    r'\[\[package\]\]\nname = "([^"\n]+)"\n'
    r'version = "([^"\n]+)"\nsource = \{ registry = "([^"\n]+)" \}\n'
    rf"(?:dependencies = \[(\n(?:{_NEEDED})+)\]\n)?"
    rf'(?:sdist = \{{ url = "([^"]*\.(?:tar\.gz|zip)){_HASHED}(?:, upload-time = {_TEXT})? \}}\n)?'
    r"(?:wheels = \[(\n[^]]*\n)\]\n)?"
    r"(?:\n(?=\[\[package\]\]\n)|\n?\Z)"
)
#: A row of a list of wheels: the URL without its ending, and the hash.
_WHEEL = re.compile(rf'(?<=\n)    \{{ url = "([^"]*)\.whl{_HASHED}(?:, upload-time = "[^"]*")? \}},\n')
_CALLED = re.compile(r'\nname = "([^"\\\n]+)"\n')
_NAMES = re.compile(r'(?<=\n)    \{ name = "([^"\n]*)"')

#: A release: name, version, index, rows of what it depends on, hashes in a row (of the source archive first),
#: whether there is a source archive, and a wheel, and the line of the first row.
_Release: TypeAlias = "tuple[str, str, str, str | None, list[str], bool, bool, int]"
#: A stretch of the text that is one release: begin, end, rows.
_Stretch: TypeAlias = tuple[int, int, int, _Release]
#: The URL of a wheel, without its ending, and its hash.
_Wheel: TypeAlias = tuple[str, str]
#: Where files come from, with the first URL from there and its line.
_Hosts: TypeAlias = dict[str, tuple[str, int]]


class Usual(NamedTuple):
    """The packages that were read, in order, URLs of files (the first from each host), and the rest."""

    releases: list[_Release]
    urls: list[tuple[str, int]]
    rest: Marked


def part(data: bytes) -> Usual | None:
    """Read what is usual in a lockfile; `None` where that cannot be told apart from the rest."""
    doubtful = frozenset[str]()
    if _any(data, _CONTROLS + _DOUBTFUL):
        if _any(data, _CONTROLS):
            return None
        doubtful = frozenset(_DOUBTFUL.decode())
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    begin = text.find("\n" + _HEADER) + 1
    if not begin:
        return None
    hosts: _Hosts = {}
    stretches = list(_stretches(text, begin, doubtful, hosts))
    found = _apart(text, begin, stretches) if _hexadecimal(stretches) else None
    if found is None:
        return None
    releases, left, count = found
    rest = plain_toml.with_gaps(left.encode())
    if rest is None or len(rest.items("package")) != count or (not count and "package" in rest.value):
        return None
    return Usual(releases, list(hosts.values()), rest)


def _any(data: bytes, some: bytes) -> bool:
    """Tell whether there is any of some bytes."""
    for begin in range(0, len(data), _AT_ONCE):
        piece = data[begin : begin + _AT_ONCE]
        if len(piece.translate(None, some)) != len(piece):
            return True
    return False


def _hexadecimal(stretches: list[_Stretch]) -> bool:
    """Tell whether all hashes are made of digits."""
    for begin in range(0, len(stretches), _RELEASES):
        some = stretches[begin : begin + _RELEASES]
        if "".join(["".join(release[4]) for *_, release in some]).encode().translate(None, _HEXADECIMAL):
            return False
    return True


def _stretches(text: str, begin: int, doubtful: frozenset[str], hosts: _Hosts) -> Iterator[_Stretch]:
    """Yield what is usual, one after the other."""
    line, last = text.count("\n", 0, begin) + 1, begin
    for found in _BLOCK.finditer(text, begin):
        first, after = found.span()
        if first != last:
            line += text.count("\n", last, first)
            last = first
        if doubtful and not doubtful.isdisjoint(found[0]):
            continue
        read = _release(found, line, hosts)
        if read is not None:
            rows, release = read
            if text.startswith("\n\n", after - 2):
                rows += 1
            yield first, after, rows, release
            line += rows
            last = after


def _release(found: re.Match[str], line: int, hosts: _Hosts) -> tuple[int, _Release] | None:
    """Return how many rows a stretch of the text takes, and what it says, if it is a usual release."""
    called, version, index, needs, url, hashed, listed = found.groups()
    rows = 4 if needs is None else 5 + needs.count("\n")
    files: list[tuple[str, int]] = []
    hashes: list[str] = []
    if url is not None:
        files.append((url, line + rows))
        hashes.append(hashed)
        rows += 1
    wheels: list[_Wheel] = []
    if listed is not None:
        wheels = _WHEEL.findall(listed)
        rows += len(wheels) + 2
        hashes += [digits for _, digits in wheels]
        if len(wheels) != listed.count("\n") - 1:
            return None
    if not hashes or (url is not None and "\n" in url):
        return None
    name = canonical(called)
    if not _named(url, wheels, f"{name.replace('-', '_')}-{version}", hosts):
        files += [
            (f"{wheel}.whl", row) for row, (wheel, _) in enumerate(wheels, line + rows - len(wheels) - 1)
        ]
        if not _noted(files, name, version, hosts):
            return None
    return rows, (name, version, index, needs, hashes, url is not None, listed is not None, line)


def _named(url: str | None, wheels: list[_Wheel], begin: str, hosts: _Hosts) -> bool:
    """Tell whether all files are named as nearly all are, and from the host that was noted last."""
    host = next(reversed(hosts), "\0")
    if url is not None and not (url.endswith(f"/{begin}.tar.gz") and url.startswith(host)):
        return False
    begin += "-"
    for wheel, _ in wheels:
        if not (wheel.startswith(begin, wheel.rfind("/") + 1) and wheel.startswith(host)):
            return False
    return True


def _noted(files: list[tuple[str, int]], name: str, version: str, hosts: _Hosts) -> bool:
    """Note the hosts of files, if each has one and none is named after another release."""
    new: _Hosts = {}
    for url, line in files:
        scheme = url.find("://")
        slash = url.find("/", scheme + 3)
        if scheme < 1 or slash < 0 or contradicts(file_name(url), name, version):
            return False
        new.setdefault(url[: slash + 1], (url, line))
    for host, first in new.items():
        hosts.setdefault(host, first)
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
    for name, version, index, needs, hashes, source, wheels, line in usual.releases:
        edges: tuple[str, ...] = ()
        row = line + 4
        if needs is not None:
            edges = tuple(sorted({intern(needed) for needed in _NAMES.findall(canonical(needs))}))
            row += needs.count("\n") + 1
        parts: tuple[tuple[str, int], ...] = ("integrity", row), ("origin", line + 3), ("version", line + 2)
        if wheels:
            # Each hash is on a row of its own. The row above the first wheel opens their list.
            labels = [f"sha256:{digits[:16]}" for digits in hashes]
            lines = dict(zip(labels, range(row + 1, row + 1 + len(labels)), strict=True))
            if source and lines[labels[0]] == row + 1:
                lines[labels[0]] = row
            parts = ("integrity", row + source), parts[1], *sorted(lines.items()), parts[2]
        hashes.sort()
        yield Package(
            ecosystem=ECOSYSTEM,
            name=name,
            place=f"{path}#{name}",
            stated_by="lock",
            version=version,
            origin_kind="registry",
            origin=index,
            integrity=tuple([Digest("sha256", digits) for digits in dict.fromkeys(hashes)]),
            install_scripts=UNSTATED if wheels else True,
            dependencies=edges,
            at=Place(
                path,
                line + 1,
                f"{name} {version} {index}"[:EXCERPT],
                parts if needs is None else (("dependencies", line + 4), *parts),
            ),
        )
