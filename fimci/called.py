"""Calls across files: when functions run that other files call, and which chains that closes.

A function runs when the one that calls it does, at the earliest. Where one function fetches a file and
another one runs something, or one reads a secret and another one sends, and one of them calls the other or a
third calls both, while a package is installed or imported, that is a chain whose middle was not followed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from fimci.capabilities import passing
from fimci.capabilities.gains import PHASES
from fimci.capabilities.uses import RUNS
from fimci.model import Capability, CapabilityName, Function, Half, Phase

#: Functions that are followed, those that one calls, and calls in all.
_LIMIT, _CALLED, _WORK = 200_000, 4_000, 1_000_000
#: Files and functions that only hand on what is called, up to the one that is meant; all of a file.
_HANDED, _ALL = 40, "*"
#: A file, and a function in it.
Node: TypeAlias = tuple[str, str]
#: What two halves make, and by which capabilities the second shows.
_CHAINS: tuple[tuple[CapabilityName, Half, Half, frozenset[str]], ...] = (
    ("download-and-run", "fetched", "runs", RUNS),
    ("exfiltration", "secret", "sends", frozenset(("network",))),
)


#: By what the end of a chain shows.
_SHOWS = {name: names for name, _, _, names in _CHAINS} | {"encoded-payload": RUNS}


#: Objects that somebody stored or sent in letters: what serialisers do when they are called.
_DESERIALISED = "deserialised"


class Chain(NamedTuple):
    """Two functions that make a chain: the first half is in one, the second in the other.

    `through`: where what the one gives is passed to the other, empty where both only run together.
    """

    name: CapabilityName
    first: Node
    second: Node
    phase: Phase
    through: str = ""


class Called(NamedTuple):
    """When what functions do runs, by path, name and subject, and the chains that calls close.

    `stopped`: the file in which a cap was hit, empty where none was.
    """

    phases: Mapping[tuple[str, str, str], Phase]
    chains: tuple[Chain, ...]
    stopped: str = ""


def called(
    functions: Mapping[Node, Function],
    installed: Iterable[str],
    imported: Iterable[str],
    lead: Callable[[str, str], str | None],
) -> Called:
    """Follow calls from what installation and import load. `lead`: which file a path means by a target."""
    phases: dict[tuple[str, str, str], Phase] = {}
    chains: dict[tuple[str, Node, Node], Chain] = {}
    seen: dict[Node, Phase] = {}
    work, stopped = 0, ""
    starts: tuple[tuple[Phase, Iterable[str]], ...] = (("install", installed), ("import", imported))
    for phase, paths in starts:
        waiting = sorted((path, "") for path in paths)
        while waiting:
            at = waiting.pop()
            if at in seen or at not in functions:
                continue
            if len(seen) >= _LIMIT or work > _WORK or len(functions[at].calls) > _CALLED:
                stopped = stopped or at[0]
            if len(seen) >= _LIMIT or work > _WORK:
                break
            seen[at] = phase
            work += len(functions[at].calls)
            for done, subject in functions[at].does:
                phases.setdefault((at[0], done, subject), phase)
            targets = _targets(functions, at, lead)
            for chain in _closed(functions, [at, *targets], phase):
                chains.setdefault((chain.name, chain.first, chain.second), chain)
            waiting += targets
    passed = passing.passed(functions, functools.partial(_means, functions, lead))
    for one in passed.chains:
        chain = Chain(one.name, one.first, one.second, _phase(one, seen), one.within[0])
        chains[one.name, one.first, one.second] = chain
    return Called(phases, tuple(chains.values()), stopped or passed.stopped)


def _phase(chain: passing.Passed, seen: Mapping[Node, Phase]) -> Phase:
    """Return when a chain runs: as who passes on, and where nobody knows who does, if both ends run then."""
    if chain.within[1] != passing.SOMEWHERE:
        return seen.get(chain.within, "call")
    ends = [seen.get(chain.first, "call"), seen.get(chain.second, "call")]
    return max(ends, key=PHASES.index)


def _means(
    functions: Mapping[Node, Function],
    lead: Callable[[str, str], str | None],
    path: str,
    call: tuple[str, str],
) -> Node | None:
    """Return the function that a call means, and not what that one calls."""
    return _led(functions, path, call, lead, through=False)


def _targets(
    functions: Mapping[Node, Function], at: Node, lead: Callable[[str, str], str | None]
) -> list[Node]:
    found = (_led(functions, at[0], call, lead) for call in functions[at].calls[:_CALLED])
    return [node for node in found if node is not None]


def _led(  # noqa: PLR0913  (where it is looked for, and what was)
    functions: Mapping[Node, Function],
    path: str,
    call: tuple[str, str],
    lead: Callable[[str, str], str | None],
    seen: set[Node] | None = None,
    *,
    through: bool = True,
) -> Node | None:
    """Return the function that a call means, through files and (`through`) functions that only hand it on."""
    seen = set() if seen is None else seen
    found = lead(path, call[0])
    if found is None or (found, call[1]) in seen or len(seen) > _HANDED:
        return None
    node = found, call[1]
    seen.add(node)
    function = functions.get(node)
    if function is not None:
        if function.does or function.halves or not through or len(function.calls) != 1:
            return node
        return _led(functions, found, function.calls[0], lead, seen) or node
    every = functions.get((found, _ALL))
    for target, _ in every.calls if every is not None else ():
        led = _led(functions, found, (target, call[1]), lead, seen, through=through)
        if led is not None:
            return led
    return None


def _closed(functions: Mapping[Node, Function], nodes: list[Node], phase: Phase) -> Iterator[Chain]:
    """Yield the chains of functions that run together. One with both halves is told by its reader."""
    for name, one, other, _ in _CHAINS:
        first = [node for node in nodes if one in functions[node].halves]
        second = [node for node in nodes if other in functions[node].halves]
        if first and second and not set(first) & set(second):
            yield Chain(name, first[0], second[0], phase)


def told(found: Called, functions: Mapping[Node, Function], known: Iterable[Capability]) -> list[Capability]:
    """Return the chains as capabilities; the evidence is that of the second half."""
    if not found.chains:
        return []
    ends: dict[str, list[Capability]] = {}
    for capability in known:
        ends.setdefault(capability.path, []).append(capability)
    told_: dict[tuple[str, str, str], Capability] = {}
    for chain in found.chains:
        names = _SHOWS[chain.name]
        path, function = chain.second
        does = functions[chain.second].does
        near = [one for one in ends.get(path, ()) if one.name in names]
        near = [one for one in near if (one.name, one.subject) in does] or (near if not function else [])
        if chain.name == "encoded-payload" and chain.phase == "call":
            near = [one for one in near if one.subject != _DESERIALISED]
        if near:
            subject = f"{chain.first[0].rpartition('/')[2]} -> {near[0].subject}"
            told_[path, chain.name, subject] = Capability(
                path=path,
                name=chain.name,
                subject=subject,
                phase=chain.phase,
                detail=_detail(chain),
                at=near[0].at,
            )
    return list(told_.values())


def _detail(chain: Chain) -> str:
    begins = f"begins in {chain.first[0]}"
    return f"{begins}, passed on in {chain.through}" if chain.through else begins
