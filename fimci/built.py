"""An artifact beside the source that it is said to be built from: both sides, and how that was found out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from fimci import policy as policies
from fimci import rules, sides
from fimci.artifacts import declared, derived, generated, locked, members, sources
from fimci.artifacts.members import Members
from fimci.artifacts.names import Named
from fimci.artifacts.sources import Held, Source
from fimci.contents import contents
from fimci.errors import UsageError
from fimci.look import Progress
from fimci.model import Place, Record, Setting
from fimci.patterns import matcher
from fimci.policy import Policy
from fimci.printable import cut, listed, plural
from fimci.snapshot import Entry, Recipe
from fimci.sources.locator import Locator

#: Of a file of which the first line that differs is shown, in bytes.
_SMALL = 4 << 20
_TEXT = 200
_SHOWN = 5
_KINDS = ("archive", "dir", "git")


class Sides(NamedTuple):
    """What the source has, what the artifact has in its place, and sentences on what was explained."""

    left: list[Record]
    right: list[Record]
    notes: tuple[str, ...]


def source(locator: Locator, progress: Progress | None) -> Source:
    """Read a source whole, by hashes; nothing of it is judged. Raises `UsageError` for what is none."""
    if locator.scheme not in _KINDS:
        raise UsageError(f"{locator} is not a source of an artifact", f"name one of {', '.join(_KINDS)}")
    snapshot = sides.snapshot(locator, Recipe(directories=False, readers=(), ignore=(".git/",)), progress)
    return sources.source(str(locator), snapshot.records)


def policy(locator: Locator) -> Policy:
    """Read the policy that a source has at its root."""
    data = _contents(locator, frozenset(policies.FILES))
    for name in policies.FILES:
        found = policies.parse(data[name], name, rules.pages()) if name in data else None
        if found is not None:
            return found
    return Policy()


def against(  # noqa: PLR0913, PLR0917  (an artifact, a source, and what is known of the build)
    named: Named,
    found: Members,
    locator: Locator,
    origin: Source,
    patterns: Sequence[str],
    compiled: Collection[str] = (),
) -> Sides:
    """Hold the members of an artifact against the source.

    `patterns` are what the build is known to make; `compiled` is bytecode of the sources beside it.
    """
    kept = sources.held(found, named, origin)
    ours = members.contents(found.path, (*kept.unknown, *kept.other), _SMALL)
    originals = derived.candidates(kept, origin)
    theirs = _contents(locator, frozenset(kept.other.values()).union(*originals.values()))
    explained = generated.explained(named, kept.unknown, kept.other, ours.get, theirs.get)
    explained |= {path: "compiled from the source beside it" for path in kept.unknown if path in compiled}
    there = _locked(locator, origin)
    for member, place in kept.other.items():
        pair = (ours.get(member), theirs.get(place))
        if member not in explained and locked.same_but_extras(named, member, pair, there):
            explained[member] = "the same but for extras that are locked"
    rest = [path for path in {**originals, **dict.fromkeys(kept.unknown)} if path not in explained]
    explained |= dict(derived.explained(rest, origin, originals, ours.get, theirs.get))
    matches = matcher(tuple(patterns))
    for member in (*kept.unknown, *kept.other, *kept.moved):
        if member not in explained and matches(member):
            explained[member] = "declared to be generated"
    lines = {
        member: _line(member, ours[member], theirs[place])
        for member, place in kept.other.items()
        if member in ours and place in theirs
    }
    left, right = sources.sides(found, origin, kept, explained, lines)
    stated = _declared(named, found, locator, origin, there)
    left, right = [*left, *stated[0]], [*right, *stated[1]]
    return Sides(left, right, tuple(_story(found, origin, kept, explained)))


def _locked(locator: Locator, origin: Source) -> locked.Locked:
    return locked.locked(_contents(locator, frozenset(locked.wanted(origin.files))).values())


def _declared(
    named: Named, found: Members, locator: Locator, origin: Source, there: locked.Locked
) -> tuple[list[Setting], list[Setting]]:
    """Hold what the metadata states against what directs the build: in the source, or in the sdist itself.

    The files of an sdist that direct its build are held against the source as every other member is.
    """
    if named.kind == "wheel":
        texts = _contents(locator, frozenset(declared.wanted(origin.files)))
        return declared.sides(named, found, texts, there)
    if named.kind == "sdist":
        return declared.sides(
            named, found, members.contents(found.path, declared.wanted(found.files), _SMALL), {}
        )
    return [], []


def _contents(locator: Locator, wanted: frozenset[str]) -> dict[str, bytes]:
    """Return the content of files of a source, the small ones among them."""
    if locator.scheme == "dir":
        return contents(locator.path, sorted(wanted), _SMALL)[0]
    found: dict[str, bytes] = {}
    for entry in sides.entries(locator) if wanted else ():
        if isinstance(entry, Entry) and entry.path in wanted and entry.read is not None:
            data = members.small(entry.read, _SMALL)
            if data is not None:
                found[entry.path] = data
    return found


def _line(path: str, ours: bytes, theirs: bytes) -> Place:
    """Return the first line that differs, as the artifact has it."""
    rows, originals = ours.split(b"\n"), theirs.split(b"\n")
    pairs = enumerate(zip(rows, originals, strict=False))
    number = next((n for n, (one, other) in pairs if one != other), None)
    at = min(len(rows), len(originals)) if number is None else number
    text = rows[min(at, len(rows) - 1)].decode("utf-8", "surrogateescape")
    return Place(path, at + 1, cut(text, _TEXT))


def _story(found: Members, origin: Source, kept: Held, explained: dict[str, str]) -> Iterator[str]:
    """Say how many members were borne out, and why others need not be."""
    borne = len(kept.same) + sum(path not in explained for path in kept.moved)
    total = len(kept.same) + len(kept.other) + len(kept.unknown) + len(kept.moved)
    yield f"{found.file}: {borne:,} of {plural(total, 'file')} are as {origin.name} has them"
    reasons: dict[str, list[str]] = {}
    for path, why in explained.items():
        reasons.setdefault(why, []).append(path.rpartition("/")[2])
    for why, paths in reasons.items():
        yield f"{found.file}: {why}: {listed(sorted(set(paths)), _SHOWN)}"
