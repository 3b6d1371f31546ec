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

from fimci.excerpts import EXCERPT, without_credentials
from fimci.marked import plain_toml
from fimci.marked.document import Marked
from fimci.model import Digest, Package, Place
from fimci.names import canonical
from fimci.packages.file_names import contradicts, file_name
from fimci.readers.locks.pypi import ECOSYSTEM, builds

_BEGIN = "[[package]]\n"
#: All but what no text of TOML holds, and the ends of rows of another system.
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n"})
_TEXT = r'"[^"\\\n]*"'
_FILE_OF = r'\{ url = "([^"\\\n@?#%]*)", hash = "sha256:([0-9a-f]{64})"'
_FILE = (
    r'\{ url = "[^"\\\n@?#%]*", hash = "sha256:[0-9a-f]{64}"'
    rf"(?:, size = [1-9][0-9]{{0,14}})?(?:, upload-time = {_TEXT})? \}}"
)
_NEEDED = rf"    \{{ name = {_TEXT}(?:, extra = \[{_TEXT}(?:, {_TEXT})*\])?(?:, marker = {_TEXT})? \}},\n"
_BLOCK = re.compile(
    r'\[\[package\]\]\nname = "([^"\\\n]+)"\n'
    r'(?:version = "([^"\\\n]*)"\nsource = \{ registry = "([^"\\\n@]*)" \}\n'
    rf"(?:dependencies = \[\n((?:{_NEEDED})+)\]\n)?"
    rf"(?:sdist = ({_FILE})\n)?"
    rf"(?:wheels = \[\n((?:    {_FILE},\n)+)\]\n)?"
    r"\n*(?=\[\[package\]\]|\Z)|(?:(?!\[\[package\]\])[^\n]*\n)*)"
)
_FILES = re.compile(_FILE_OF)
_NAMES = re.compile(r'    \{ name = "([^"\\\n]*)"')

#: A stretch of the text: the normalised name of its package, the match, and the line of its first row.
_Block: TypeAlias = "tuple[str, re.Match[str], int]"


class Release(NamedTuple):
    """One package as it stands in the text, and the line of its first row."""

    name: str
    version: str
    origin: str
    needs: str | None
    #: URL and hash of each; the source archive, if there is one, is the first.
    files: list[tuple[str, str]]
    source: bool
    line: int


class Usual(NamedTuple):
    """The packages that were read, in order, and the document without them."""

    releases: list[Release]
    rest: Marked


def part(data: bytes) -> Usual | None:
    """Read what is usual in a lockfile; `None` where that cannot be told apart from the rest."""
    if len(data.translate(None, _CONTROLS)) != len(data):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    begin = text.find("\n" + _BEGIN) + 1
    blocks = _blocks(text, begin) if begin else None
    if blocks is None:
        return None
    releases, left = _taken(text, begin, blocks)
    rest = plain_toml.with_gaps(left.encode())
    if rest is None or len(rest.items("package")) != len(blocks) - len(releases):
        return None
    if len(releases) == len(blocks) and "package" in rest.value:
        return None
    return Usual(releases, rest)


def _blocks(text: str, begin: int) -> list[_Block] | None:
    """Return the packages of a text, one after the other to its end."""
    blocks: list[_Block] = []
    line, last = text.count("\n", 0, begin) + 1, begin
    for found in _BLOCK.finditer(text, begin):
        first, after = found.span()
        if first != last:
            return None
        last = after
        blocks.append((canonical(found[1]), found, line))
        line += text.count("\n", first, after)
    return blocks if last == len(text) else None


def _taken(text: str, begin: int, blocks: list[_Block]) -> tuple[list[Release], str]:
    """Return the usual ones, and the text without them, on the same lines."""
    releases: list[Release] = []
    pieces = [text[:begin]]
    kept = begin
    several = {name for name, count in Counter(name for name, _, _ in blocks).items() if count > 1}
    for name, found, line in blocks:
        _, version, origin, needs, source, wheels = found.groups()
        if version is None or (source or wheels) is None or name in several:
            continue
        files = _FILES.findall(source) if source else []
        if wheels:
            files += _FILES.findall(wheels)
        if not _named(files, name, version):
            continue
        release = Release(name, version, origin, needs, files, source is not None, line)
        releases.append(release)
        first, after = found.span()
        pieces += (text[kept:first], plain_toml.GAP, str(text.count("\n", first, after)), "\n")
        kept = after
    pieces.append(text[kept:])
    return releases, "".join(pieces)


def _named(files: list[tuple[str, str]], name: str, version: str) -> bool:
    """Tell whether no file of a release is named after another one."""
    begin = f"{name.replace('-', '_')}-{version}"
    wheels, source = f"{begin}-", f"{begin}.tar.gz"
    for url, _ in files:
        file = url[url.rfind("/") + 1 :]
        # As nearly all are, and as `misnamed` would tell, too.
        if version and ((file.startswith(wheels) and file.endswith(".whl")) or file == source):
            continue
        if contradicts(file_name(url), name, version):
            return False
    return True


def urls(usual: Usual) -> Iterator[tuple[str, int]]:
    """Yield the URLs of files with their lines: of each package the first one from each host."""
    for release in usual.releases:
        begun = ""
        for (url, _), line in zip(release.files, lines(release), strict=True):
            if not begun or not url.startswith(begun):
                yield url, line
                begun = url[: url.find("/", url.find("://") + 3) + 1]


def lines(release: Release) -> list[int]:
    """Return the line of each file, the source archive first."""
    below = release.line + 4 + (release.needs.count("\n") + 2 if release.needs else 0)
    if not release.source:
        return list(range(below + 1, below + 1 + len(release.files)))
    return [below, *range(below + 2, below + 1 + len(release.files))]


def read(path: str, usual: Usual) -> Iterator[Package]:
    """Yield a package for each release."""
    for release in usual.releases:
        name, line = release.name, release.line
        files = release.files
        edges: tuple[str, ...] = ()
        if release.needs:
            edges = tuple(sorted({intern(canonical(needed)) for needed in _NAMES.findall(release.needs)}))
        yield Package(
            ecosystem=ECOSYSTEM,
            name=name,
            place=f"{path}#{name}",
            stated_by="lock",
            version=release.version,
            origin_kind="registry",
            origin=release.origin,
            integrity=tuple(sorted({Digest("sha256", hashed) for _, hashed in files})),
            install_scripts=builds("registry", (url for url, _ in files)),
            dependencies=edges,
            at=Place(path, line + 1, _excerpt(release), _parts(release)),
        )


def _excerpt(release: Release) -> str:
    words = (release.name, release.version, release.origin)
    return without_credentials(" ".join([word for word in words if word]))[:EXCERPT]


def _parts(release: Release) -> tuple[tuple[str, int], ...]:
    """Return the lines of the facts, and of each hash that is not on that of the first."""
    placed = lines(release)
    # The row above the first wheel opens their list.
    first = int(release.source)
    integrity = placed[first] - 1 if len(placed) > first else placed[0]
    parts = {
        f"sha256:{hashed[:16]}": line
        for (_, hashed), line in zip(release.files, placed, strict=True)
        if line != integrity
    }
    parts |= {"version": release.line + 2, "origin": release.line + 3, "integrity": integrity}
    if release.needs:
        parts["dependencies"] = release.line + 4
    return tuple(sorted(parts.items()))
