"""What a change gained: capabilities that a package did not have, in so early a phase, anywhere in it.

A package counts as a whole: code that moves from one of its files to another gains nothing. Code that
belongs to no package (a repository's own) counts file by file, for the files that a change leaves alone are
not read there.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from fimci.capabilities import addresses, sensitive
from fimci.model import Capability, CapabilityName, Change, File, Package, Phase, Record

#: From the one that weighs most.
PHASES: tuple[Phase, ...] = ("install", "import", "call")
#: Chains of several uses, each with a rule of its own, and what other rules speak of.
CHAINS: frozenset[CapabilityName] = frozenset(
    ("exfiltration", "download-and-run", "encoded-payload", "self-propagation", "module-tampering")
)
#: What a page keeps for its own code, which half of all libraries for browsers use.
_PAGE = ("localStorage", "sessionStorage", "cookieStore", "document.cookie")
#: A path of a secret that only stands in a text: nothing shows that it is read.
NAMED = "named in a text"
#: A whole disk or home.
_EVERYTHING = re.compile(
    r"/\*?|~/?\*?|\$HOME/?\*?|%USERPROFILE%\\?\*?|[A-Za-z]:\\?\*?|/(?:home|root|Users|etc|usr)/?\*?"
    r"|(?:~|\$HOME|%USERPROFILE%|/(?:home|Users)/[^/]{1,99})?[/\\](?:Desktop|Documents|Downloads"
    r"|Pictures|Music|Movies|Videos)[/\\]?\*?"
    r"|shadow copies|\\\\[.?]\\PhysicalDrive\d+"
    r"|/dev/(?:[hsv]d[a-z]\d*|xvd[a-z]\d*|nvme\d\w*|mmcblk\d\w*|r?disk\d\w*)"
)
#: Said of what overwrites the files of a folder (`chains.destroyed`).
_FOUND = "what it finds"
Bump: TypeAlias = Literal["patch", "minor", "major", "other"]


class Gain(NamedTuple):
    """A capability that is new, or that runs earlier than it did.

    `first`: the package had none of this name in this phase or an earlier one. `known` tells whether the
    package (or the file) was there before at all.
    """

    change: Change
    now: Capability
    first: bool
    known: bool
    bump: Bump

    @property
    def phase(self) -> Phase:
        """Return the phase in which it runs."""
        return self.now.phase


class Surprise(NamedTuple):
    """How many of so many real updates of the same kind gained the same."""

    gained: int
    updates: int

    @property
    def share(self) -> float:
        """Return the share, 0 where nothing was measured."""
        return self.gained / self.updates if self.updates else 0.0


def gains(
    changes: Sequence[Change], before: Iterable[Record], names: frozenset[CapabilityName]
) -> list[Gain]:
    """Return what was gained of these names, in the order of the changes."""
    came = [(change, change.after) for change in changes if _came(change, names)]
    if not came:
        return []
    kept = list(before)
    old: dict[tuple[str, str], int] = {}
    for record in kept:
        if isinstance(record, Capability) and record.name in names:
            rank = PHASES.index(record.phase)
            for key in (
                (_group(record), f"{record.name} {record.subject}"),
                (_group(record), record.name),
            ):
                old[key] = min(old.get(key, rank), rank)
    steps = bumps(changes, kept)
    there = {_group(r) for r in kept if isinstance(r, Capability)} | set(steps)
    there.update(url(r) for r in kept if isinstance(r, Package) and r.stated_by in {"artifact", "disk"})
    files = {c.record.path for c in changes if isinstance(c.record, File) and not c.added}
    found: list[Gain] = []
    for change, now in came:
        assert isinstance(now, Capability)  # noqa: S101  (for the type checker: `_came` has looked)
        rank = PHASES.index(now.phase)
        if old.get((_group(now), f"{now.name} {now.subject}"), len(PHASES)) <= rank:
            continue
        first = old.get((_group(now), now.name), len(PHASES)) > rank
        known = (now.package in there) if now.package else now.path in files
        found.append(Gain(change, now, first, known, steps.get(now.package or "", "other")))
    return found


def _came(change: Change, names: frozenset[CapabilityName]) -> bool:
    now = change.after
    if not isinstance(now, Capability) or now.name not in names:
        return False
    if change.added:
        return True
    was = change.before
    return isinstance(was, Capability) and PHASES.index(now.phase) < PHASES.index(was.phase)


def _group(record: Capability) -> str:
    return record.package or f"file:{record.path}"


def bumps(changes: Iterable[Change], before: Iterable[Record]) -> dict[str, Bump]:
    """Return the kind of update of each package that states its version on both sides, by package URL."""
    old = {
        url(r): r.version for r in before if isinstance(r, Package) and r.stated_by in {"artifact", "disk"}
    }
    found: dict[str, Bump] = {}
    for change in changes:
        now = change.after
        if isinstance(now, Package) and now.stated_by in {"artifact", "disk"}:
            was = old.get(url(now))
            if isinstance(was, str) and isinstance(now.version, str) and was != now.version:
                found[url(now)] = bump(was, now.version)
    return found


def bump(was: str, now: str) -> Bump:
    """Return which of the first three numbers of a version moved first."""
    one, other = _numbers(was), _numbers(now)
    if one is None or other is None or other <= one:
        return "other"
    return ("major", "minor", "patch")[next(n for n in range(3) if one[n] != other[n])]


def _numbers(version: str) -> tuple[int, ...] | None:
    parts = version.partition("-")[0].partition("+")[0].split(".")[:3]
    if not all(part.isdecimal() for part in parts):
        return None
    return tuple(int(part) for part in [*parts, "0", "0"][:3])


def url(package: Package) -> str:
    """Return the package URL of a package without its version."""
    return f"pkg:{package.ecosystem}/{package.name.replace('@', '%40')}"


def subject_class(capability: Capability) -> str:
    """Return the coarse kind of a subject, by which real updates are counted."""
    subject = capability.subject
    match capability.name:
        case "network":
            host = addresses.host(f"https://{subject}") if subject != "*" else None
            if host is None:
                return "*"
            return host.kind or addresses.named(subject, capability.at.text) or "host"
        case "environment":
            return "secret" if sensitive.secret(subject) else "variable"
        case "credentials":
            return "page" if subject.startswith(_PAGE) else "named"
        case "filesystem-delete":
            return (
                "everything"
                if _EVERYTHING.fullmatch(subject) or subject == _FOUND
                else "*"
                if subject == "*"
                else "named"
            )
        case "dynamic-code" | "obfuscation":
            return subject
        case "process" | "shell" if capability.detail.endswith(sensitive.DEFENCE_OFF):
            return "defence"
        case "process" | "shell" if subject in sensitive.TOOLS or subject in sensitive.ENGINES:
            return "tool"
        case "process" if subject.endswith(sensitive.INSTALLS):
            return "installer"
        case _:
            return "*" if subject == "*" else "named"


#: Kinds that were told apart after the updates had been counted, by the wider one that they counted as, and
#: those of which nothing was counted.
_COUNTED_AS = {"dynamic-code deserialised": "built"}
_UNCOUNTED = frozenset(("process installer",))


def surprise(gain: Gain) -> Surprise:
    """Return how often real updates of this kind gained this (docs/decisions/learned-rates.md)."""
    rates, updates = _rates()
    ecosystem = "npm" if (gain.now.package or "").startswith("pkg:npm/") else "pypi"
    kinds = [gain.bump] if gain.bump != "other" else ["patch", "minor", "major"]
    subject = f"{gain.now.name} {subject_class(gain.now)}"
    if subject in _UNCOUNTED:
        return Surprise(0, 0)
    subject = f"{gain.now.name} {_COUNTED_AS[subject]}" if subject in _COUNTED_AS else subject
    keys = [f"{ecosystem} {subject} {gain.phase} {kind}" for kind in kinds]
    total = sum(updates.get(f"{ecosystem} {kind}", 0) for kind in kinds)
    return Surprise(sum(rates.get(key, 0) for key in keys), total)


@functools.cache
def _rates() -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Load the table that tools/learn wrote; an empty one says that nothing was measured."""
    file = os.path.join(os.path.dirname(__file__), "rates.json")
    if not os.path.exists(file):
        return {}, {}
    with open(file, encoding="ascii") as opened:
        table = json.load(opened)
    return table["gained"], table["updates"]
