"""Values across files: what functions give, and what becomes of what they are given.

A function may give a secret, what it fetched, what it decoded; another one may send what it is given, or run
it. A third passes what the first gives to the second, or to its own sink: that is a chain, whichever files
they are in. What each gives and does with what it is given is found out first, over all files, and then every
passing is looked at; cycles end, since a function only learns so many things.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from fimci.capabilities.uses import MARK
from fimci.model import CapabilityName, Function

#: Passings that are looked at, of one function and in all.
_OF_ONE, _WORK = 1_000, 1_000_000
#: A file, and a function in it; a call as it is written.
Node: TypeAlias = tuple[str, str]
#: What a parameter is called, and what a function gives back.
GIVEN, BACK = "input", "return"
_CHAINS: tuple[tuple[CapabilityName, frozenset[str], str], ...] = (
    ("exfiltration", frozenset(("secret", "environment-bulk", "clipboard")), "sends"),
    ("download-and-run", frozenset(("network",)), "runs"),
    ("encoded-payload", frozenset(("decoded",)), "runs"),
)
_MATTER = frozenset((GIVEN, *(kind for _, kinds, _ in _CHAINS for kind in kinds)))
#: All of a file, which `means` knows of.
_ALL = "*"
#: What is known of a function: kinds that it gives, or sinks that it has, and where each is in truth.
_Known: TypeAlias = dict[Node, dict[str, Node]]


def mattering(flows: Iterable[str]) -> Iterator[str]:
    """Yield the flows that chains are made of, and what other functions give."""
    return (flow for flow in flows if flow in _MATTER or MARK in flow)


def handed_on(calls: Mapping[str, Iterable[tuple[str, str]]]) -> dict[str, frozenset[tuple[str, str]]]:
    """Return what is passed by functions that a file only has from others: all that they give and get."""
    return {
        name: frozenset(
            edge
            for target, member in those
            for edge in ((f"{target}{MARK}{member}", BACK), (GIVEN, f"{target}{MARK}{member}"))
        )
        for name, those in calls.items()
        if name != _ALL
    }


class Passed(NamedTuple):
    """A chain: the function that gives the first half, that which has the second, and who passes it on."""

    name: CapabilityName
    first: Node
    second: Node
    within: Node


class Passing(NamedTuple):
    """The chains that are closed by what is passed on; `stopped` is the file in which a cap was hit."""

    chains: tuple[Passed, ...]
    stopped: str = ""


def passed(
    functions: Mapping[Node, Function], means: Callable[[str, tuple[str, str]], Node | None]
) -> Passing:
    """Return the chains of values that go across files. `means`: the function that a call in a file means."""
    found = _Passings(functions, means)
    gives = found.spread(_own(found.edges, BACK, 1), found.behind(BACK, 1))
    takes = found.spread(_own(found.edges, GIVEN, 0), found.behind(GIVEN, 0))
    chains: dict[tuple[str, Node, Node], Passed] = {}
    for node, edges in found.edges.items():
        for source, sink in edges:
            if isinstance(source, str) and isinstance(sink, str):
                continue  # told by its reader
            kinds = {source: node} if isinstance(source, str) else gives.get(source, {})
            sinks = {sink: node} if isinstance(sink, str) else takes.get(sink, {})
            for one in _closed(kinds, sinks, node):
                chains.setdefault((one.name, one.first, one.second), one)
    return Passing(tuple(chains.values()), found.stopped)


def _closed(kinds: Mapping[str, Node], sinks: Mapping[str, Node], node: Node) -> Iterator[Passed]:
    for name, begins, end in _CHAINS:
        first = next((kinds[kind] for kind in sorted(begins) if kind in kinds), None)
        second = sinks.get(end)
        if first is not None and second is not None:
            yield Passed(name, first, second, node)


_End: TypeAlias = str | Node
_Edge: TypeAlias = tuple[_End, _End]


def _own(edges: Mapping[Node, list[_Edge]], end: str, at: int) -> _Known:
    """Return what functions give, or do with what they are given, by themselves."""
    found: _Known = {}
    for node, those in edges.items():
        for edge in those:
            other = edge[1 - at]
            if edge[at] == end and isinstance(other, str) and other not in {GIVEN, BACK}:
                found.setdefault(node, {}).setdefault(other, node)
    return found


class _Passings:
    """What is passed where, with calls resolved to the functions that they mean."""

    def __init__(
        self, functions: Mapping[Node, Function], means: Callable[[str, tuple[str, str]], Node | None]
    ) -> None:
        self.means, self.stopped, self.work = means, "", 0
        self.meant: dict[tuple[str, str], Node | None] = {}
        self.edges: dict[Node, list[_Edge]] = {}
        for node, function in functions.items():
            if len(function.passes) > _OF_ONE:
                self.stopped = self.stopped or node[0]
            edges = [self._edge(node[0], *one) for one in function.passes[:_OF_ONE]]
            self.edges[node] = [edge for edge in edges if edge is not None]

    def _edge(self, path: str, source: str, sink: str) -> _Edge | None:
        one, other = self._end(path, source), self._end(path, sink)
        return None if one is None or other is None else (one, other)

    def _end(self, path: str, end: str) -> _End | None:
        if MARK not in end:
            return end
        if (path, end) not in self.meant:
            target, _, name = end.rpartition(MARK)
            self.meant[path, end] = self.means(path, (target, name))
        return self.meant[path, end]

    def behind(self, end: str, at: int) -> dict[Node, list[Node]]:
        """Return, for each function, those that give back what it gives, or hand on to it what they get."""
        found: dict[Node, list[Node]] = {}
        for node, edges in self.edges.items():
            for edge in edges:
                other = edge[1 - at]
                if edge[at] == end and not isinstance(other, str):
                    found.setdefault(other, []).append(node)
        return found

    def spread(self, known: _Known, behind: Mapping[Node, list[Node]]) -> _Known:
        """Tell each function what is known of those behind which it stands, until nothing is new."""
        waiting = deque(sorted(known))
        while waiting and self.work < _WORK:
            node = waiting.popleft()
            for other in behind.get(node, ()):
                self.work += 1
                held = known.setdefault(other, {})
                new = {name: at for name, at in known[node].items() if name not in held}
                if new:
                    held.update(new)
                    waiting.append(other)
        if waiting:
            self.stopped = self.stopped or waiting[0][0]
        return known
