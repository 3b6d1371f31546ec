"""The usual entries of pnpm's lockfiles of version 9.0, each read by one match.

Nine in ten entries are a name, a version, a sha512 and the names of other releases. Such are taken out of
the text here, each with one match, and what is left is read as any YAML (`pnpm_entries`), on the same
lines. What is not in pnpm's own spelling is left, too, and so is all that bears on it: whether an entry is
read here makes no difference to what is told of it, and nothing at all is read here where it might.

Part of the reader `pnpm`, and no reader itself.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Iterator, Mapping
from sys import intern
from typing import NamedTuple, TypeAlias

from fimci.excerpts import EXCERPT
from fimci.marked import plain_yaml
from fimci.marked.document import Marked
from fimci.model import UNSTATED, Digest, Package, Place
from fimci.readers.locks import pnpm_keys
from fimci.readers.locks.pnpm_keys import Key

_HEAD = b"lockfileVersion: '9.0'\n"
_PACKAGES, _SNAPSHOTS = "\npackages:\n", "\nsnapshots:\n"
_MAJOR = 9
#: What a project asks for before anything is installed: its releases go by names of their own.
_FIRST = frozenset(("configDependencies", "packageManagerDependencies"))
#: Names that lead out of their folder (`pnpm_keys`), and that no release has.
_FORBIDDEN = (b"node_modules", b"favicon.ico")
#: What stands in an entry of its own spelling: nothing that YAML could read in another way.
_BASE = r"[A-Za-z0-9][A-Za-z0-9._~-]{0,199}"
_SCOPED = rf"@[A-Za-z0-9~-][A-Za-z0-9._~-]{{0,99}}/{_BASE}"
_NAME = rf"(?:{_BASE}|'{_SCOPED}')"
_VERSION = r"[0-9]{1,20}\.[0-9]{1,20}\.[0-9]{1,20}(?:[-+][0-9A-Za-z.+-]{0,99})?"
_PEERS = r"(?:\([0-9A-Za-z@/.+()_~=-]{1,400}\))?"
_RANGE = r"(?:[0-9^~a-z][0-9A-Za-z.^~<>=|*+ -]*|'[^'\n]*')"
_ENGINE = r"(?:[0-9^~][0-9A-Za-z.^~<>=|*+-]*(?: [0-9A-Za-z.^~<>=|*+-]+)*|'[^',:\n]*')"
_WORDS = r"\[[a-z0-9_]+(?:, [a-z0-9_]+)*\]"
_REFERENCE = r"[0-9][0-9A-Za-z.+-]*(?:\([0-9A-Za-z@/.+()_~=-]*\))?"
#: What an entry of another spelling is at least: a key and what stands below it, by its indentation alone.
_OTHER = r"  (?:[A-Za-z0-9]|'[^'\n]+':)[^\n]*\n(?:(?: {4,}[^\n]*)?\n)*"
#: Where no entry begins, none is looked for further below: that would take the square of the time.
_NOTHING = r"(?s:.)"
_RELEASE = re.compile(
    rf"  (?:({_BASE}@{_VERSION})|'({_SCOPED}@{_VERSION})'):\n"
    r"    resolution: \{integrity: sha512-([A-Za-z0-9+/]{86}==)\}\n"
    rf"(?:    engines: \{{node: {_ENGINE}(?:, npm: {_ENGINE})?(?:, yarn: {_ENGINE})?\}}\n)?"
    rf"(?:    cpu: {_WORDS}\n)?(?:    os: {_WORDS}\n)?(?:    libc: {_WORDS}\n)?"
    r"(?:    deprecated: (?:[A-Z][A-Za-z0-9 .,()/@_-]*|'[^'\n]*(?:''[^'\n]*)*')\n)?"
    r"(?:    hasBin: true\n)?"
    rf"(?:    peerDependencies:\n((?:      {_NAME}: {_RANGE}\n)+))?"
    rf"(?:    peerDependenciesMeta:\n((?:      {_NAME}:\n        optional: true\n)+))?"
    rf"\n*(?=  \S|\Z)|{_OTHER}|{_NOTHING}"
)
_CONTEXT = re.compile(
    rf"  (?:({_BASE}@{_VERSION}{_PEERS})|'({_SCOPED}@{_VERSION}{_PEERS})'):(?: \{{\}}\n|\n"
    rf"(?:    dependencies:\n((?:      {_NAME}: {_REFERENCE}\n)+))?"
    rf"(?:    optionalDependencies:\n((?:      {_NAME}: {_REFERENCE}\n)+))?"
    rf"(?:    transitivePeerDependencies:\n(?:      - {_NAME}\n)+)?"
    r"(    optional: true\n)?)"
    rf"\n*(?=  \S|\Z)|{_OTHER}|{_NOTHING}"
)
_CALLED = re.compile(r"  (?:'([^'\n]+)'|([^'\n]+?)):(?: |\n)")
#: At the begin of a row: a range in quotation marks may hold anything.
_NAMES = re.compile(r"^      '?([^': \n]+)'?: ", re.MULTILINE)
_TABLES = re.compile(r"^      '?([^': \n]+)'?:\n", re.MULTILINE)

#: A release: its hash, the line of its key, and the peers that it asks for.
_Release: TypeAlias = tuple[str, int, "list[str]"]
#: A context: names of what a release depends on, whether it is optional, the line of `dependencies`.
_Context: TypeAlias = tuple["list[str]", bool, int]
#: A stretch of the text that is one entry: what it says that it is, begin, end, and rows.
_Block: TypeAlias = tuple[str, int, int, int]


class Usual(NamedTuple):
    """The releases of the last document, by key, with their contexts, and all documents without them."""

    releases: dict[str, _Release]
    contexts: dict[str, list[_Context]]
    rest: list[Marked]


class _Unusual(Exception):  # noqa: N818  (it says what the text is; nothing went wrong)
    """The text is none of which a part can be read by itself."""


class _Reading:
    """The state of one reading: what the text has so far, and which releases are not to be read here."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.releases: dict[str, _Release] = {}
        self.contexts: dict[str, list[_Context]] = {}
        self.others: set[str] = set()
        self.blocks: list[_Block] = []
        self.seen: set[str] = set()

    def read(self, pattern: re.Pattern[str], begin: int, end: int, line: int) -> None:
        """Take in the entries of one of the two tables, whose first row is on that line."""
        text, take = self.text, self.release if pattern is _RELEASE else self.context
        blocks, last = self.blocks, begin
        self.seen = set()
        for found in pattern.finditer(text, begin, end):
            first, last = found.span()
            key = found[1] or found[2]
            rows = text.count("\n", first, last)
            if key is None or not take(key, found, line):
                key = self.other(found[0])
            blocks.append((key, first, last, rows))
            line += rows
        if last != end:
            raise _Unusual

    def release(self, key: str, found: re.Match[str], line: int) -> bool:
        """Take in a release, if it is a usual one."""
        peers: list[str] = []
        if found[4] is not None:
            peers = _NAMES.findall(found[4])
            if len({*peers}) != len(peers):
                return False
        if found[5] is not None:
            names = _TABLES.findall(found[5])
            if len({*names}) != len(names):
                return False
        if key in self.releases:
            raise _Unusual
        self.releases[key] = found[3], line, peers
        return True

    def context(self, key: str, found: re.Match[str], line: int) -> bool:
        """Take in a context of a release, if it is a usual one."""
        if key in self.seen:
            raise _Unusual
        self.seen.add(key)
        names: list[str] = []
        for part in (found[3], found[4]):
            if part is not None:
                names += _NAMES.findall(part)
        if len({*names}) != len(names):
            return False
        one = names, found[5] is not None, line + 1 if found[3] is not None else 0
        bare = pnpm_keys.bare(key, _MAJOR)
        if bare in self.releases:
            self.contexts.setdefault(bare, []).append(one)
        return True

    def other(self, block: str) -> str:
        """Note that a release is not to be read here, nor anything that bears on it."""
        found = _CALLED.match(block)
        if found is None:
            raise _Unusual
        key = pnpm_keys.bare(found[1] or found[2].strip(), _MAJOR)
        self.others.add(key)
        return key

    def rest(self) -> str:
        """Return the text without what is read here, on the same lines."""
        for key in self.others:
            self.releases.pop(key, None)
        pieces: list[str] = []
        last = 0
        for key, begin, end, rows in self.blocks:
            if pnpm_keys.bare(key, _MAJOR) in self.releases:
                pieces += (self.text[last:begin], "\n" * rows)
                last = end
        pieces.append(self.text[last:])
        return "".join(pieces)


def part(data: bytes) -> Usual | None:
    """Read what is usual in a lockfile; `None` where that cannot be told apart from the rest."""
    if _HEAD not in data or b"\r" in data or any(word in data.lower() for word in _FORBIDDEN):
        return None
    text = plain_yaml.characters(data)
    reading = _Reading(text or "")
    try:
        _tables(reading)
    except _Unusual:
        return None
    rest = plain_yaml.plain(reading.rest().encode())
    if rest is None or not _apart(rest, reading.releases):
        return None
    return Usual(reading.releases, reading.contexts, rest)


def _tables(reading: _Reading) -> None:
    """Read both tables of the last document."""
    text = reading.text
    document = text.rfind("\n---\n") + 1
    packages, snapshots = (text.find(mark, document) + 1 for mark in (_PACKAGES, _SNAPSHOTS))
    if (
        not 0 < packages < snapshots
        or text.find(_PACKAGES, packages) > 0
        or text.find(_SNAPSHOTS, snapshots) > 0
    ):
        raise _Unusual
    for mark, begin, end, pattern in (
        (_PACKAGES, packages, snapshots, _RELEASE),
        (_SNAPSHOTS, snapshots, len(text), _CONTEXT),
    ):
        first = begin + len(mark) - 1
        while text.startswith("\n", first):
            first += 1
        reading.read(pattern, first, end, text.count("\n", 0, first) + 1)


def _apart(rest: list[Marked], releases: Mapping[str, _Release]) -> bool:
    """Tell whether nothing in the rest of a document bears on what was taken out of it."""
    last = rest[-1]
    root = last.table("importers", ".")
    if last.duplicates or last.table().get("lockfileVersion") != "9.0" or not _FIRST.isdisjoint(root):
        return False
    for table in ("packages", "snapshots"):
        for key, facts in last.table(table).items():
            name, _, version = pnpm_keys.bare(key, _MAJOR).rpartition("@")
            stated = facts if isinstance(facts, dict) else {}
            called = f"{stated.get('name') or name}@{stated.get('version') or version}"
            if called in releases or f"{name}@{version}" in releases:
                return False
    return True


def read(path: str, usual: Usual, aliases: Mapping[Key, str]) -> Iterator[Package]:
    """Yield a package for each release; `aliases` are the other names it is asked for by."""
    called = {f"{key.name}@{key.version}": name for key, name in aliases.items() if not key.source}
    for key, (hashed, line, peers) in usual.releases.items():
        contexts = usual.contexts.get(key, ())
        lines = ("origin", line + 1), ("integrity", line + 1)
        edges = {name for names, _, _ in contexts for name in names}
        if peers:
            edges.difference_update(peers)
        below = contexts[0][2] if contexts else 0
        optional = bool(contexts) and all(context[1] for context in contexts)
        name, _, version = key.rpartition("@")
        yield Package(
            ecosystem="npm",
            name=name,
            place=f"{path}#{key}",
            stated_by="lock",
            version=version,
            origin_kind="registry",
            origin=None,
            integrity=(Digest("sha512", a2b_base64(hashed).hex()),),
            install_scripts=UNSTATED,
            alias=called.get(key),
            flags=("optional",) if optional else (),
            dependencies=tuple(sorted(map(intern, edges))),
            at=Place(path, line, key[:EXCERPT], (*lines, ("dependencies", below)) if below else lines),
        )
