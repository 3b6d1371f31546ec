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

from fimci.capabilities.uses import MARK, Given, Value
from fimci.model import CapabilityName, Function

#: Passings that are looked at, of one function and in all.
_OF_ONE, _WORK = 20_000, 1_000_000
#: A file, and a function in it.
Node: TypeAlias = tuple[str, str]
#: A parameter, among the flows of a value; what a function gives back.
GIVEN, BACK = "input", "return"
#: Any parameter of a function, and what stands between its number and the function.
ANY, _AT = "*", "@"
#: Stands for a function of which nobody knows the name: a text that was not parsed.
SOMEWHERE = "?"
#: Items of items of a value.
_DEEP = 4
#: All of a file, which `means` knows of.
_ALL = "*"
_CHAINS: tuple[tuple[CapabilityName, frozenset[str], str], ...] = (
    ("exfiltration", frozenset(("secret", "environment-bulk", "clipboard")), "sends"),
    ("exfiltration", frozenset(("key",)), "posts"),
    ("download-and-run", frozenset(("network",)), "runs"),
    ("encoded-payload", frozenset(("decoded",)), "runs"),
)
_KINDS = frozenset(kind for _, kinds, _ in _CHAINS for kind in kinds)
#: What a function gives, or what it does with which of its parameters; and where that is so in truth.
_Fact: TypeAlias = tuple[str, str]
_Known: TypeAlias = dict[Node, dict[_Fact, Node]]


def parameter(number: int | None) -> Given:
    """Return what flows from a parameter of a function, by its place; `None`: it takes whatever is left."""
    return Given(f"{MARK}{ANY if number is None else number}")


def mattering(flows: Iterable[str]) -> Iterator[str]:
    """Yield the flows that chains are made of: kinds, what other functions give, and parameters."""
    found = set(flows)
    for flow in found:
        if flow in _KINDS or (MARK in flow and (GIVEN in found or not flow.startswith(MARK))):
            yield flow


def of_nobody(value: Value, depth: int = 0) -> Value:
    """Return a value that outlives the function that made it: of whose parameters it is, nobody can tell."""
    flows = frozenset(flow for flow in value.flows if not flow.startswith(MARK))
    if depth < _DEEP and (value.items or value.fields):
        value = value._replace(
            items=tuple(of_nobody(item, depth + 1) for item in value.items),
            fields=tuple((key, of_nobody(member, depth + 1)) for key, member in value.fields),
        )
    return value if flows == value.flows else value._replace(flows=flows)


def given_to(place: int | None, function: Given) -> str:
    """Return the parameter of a function that something is given as; `None`: nobody knows which."""
    return f"{ANY if place is None else place}{_AT}{function}"


def handed_on(calls: Mapping[str, Iterable[tuple[str, str]]]) -> dict[str, frozenset[tuple[str, str]]]:
    """Return what is passed by functions that a file only has from others: all that they give and get."""
    return {
        name: frozenset(
            edge
            for target, member in those
            for edge in (
                (f"{target}{MARK}{member}", BACK),
                (f"{MARK}{ANY}", f"{ANY}{_AT}{target}{MARK}{member}"),
            )
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
    if not _may_close(functions.values()):
        return Passing(())
    found = _Passings(functions, means)
    gives, takes = found.gives(), found.takes()
    closed: dict[tuple[str, Node, Node], Passed] = {}
    for node, edges in found.edges.items():
        for edge in edges:
            if edge.giver is None and edge.taker is None:
                continue  # told by its reader
            kinds = {edge.source: node} if edge.giver is None else _kinds(gives.get(edge.giver, {}))
            sinks = {edge.sink: node} if edge.taker is None else _sinks(takes.get(edge.taker, {}), edge.place)
            for one in _closed(kinds, sinks, node):
                closed.setdefault((one.name, one.first, one.second), one)
    return Passing(tuple(closed.values()), found.stopped)


def _may_close(functions: Iterable[Function]) -> bool:
    """Tell whether anything begins a chain and anything ends it: most packages lack one of them."""
    sources, sinks = set[str](), set[str]()
    for function in functions:
        for source, sink in function.passes:
            sources.add(source)
            sinks.add(sink)
    return any(not begins.isdisjoint(sources) and end in sinks for _, begins, end in _CHAINS)


def _kinds(facts: Mapping[_Fact, Node]) -> dict[str, Node]:
    return {kind: node for (kind, _), node in facts.items()}


def _sinks(facts: Mapping[_Fact, Node], place: str) -> dict[str, Node]:
    return {sink: node for (sink, at), node in facts.items() if ANY in {at, place} or at == place}


def _closed(kinds: Mapping[str, Node], sinks: Mapping[str, Node], node: Node) -> Iterator[Passed]:
    for name, begins, end in _CHAINS:
        first = next((kinds[kind] for kind in sorted(begins) if kind in kinds), None)
        second = sinks.get(end)
        if first is not None and second is not None:
            yield Passed(name, first, second, node)


class _Edge(NamedTuple):
    """A value that goes somewhere in a function: from `giver` or what `source` is, to `taker` or a `sink`.

    `place` is the parameter of the taker. A parameter of the function itself is a source `#1`.
    """

    source: str
    giver: Node | None
    sink: str
    taker: Node | None
    place: str


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
        calls, goes = MARK in source[1:], _AT in sink and MARK in sink
        place, _, call = sink.partition(_AT) if goes else (ANY, "", "")
        giver = self._function(path, source) if calls else None
        taker = self._function(path, call) if goes else None
        if (calls and giver is None) or (goes and taker is None):
            return None
        return _Edge(source, giver, sink, taker, place)

    def _function(self, path: str, call: str) -> Node | None:
        if (path, call) not in self.meant:
            target, _, name = call.rpartition(MARK)
            self.meant[path, call] = self.means(path, (target, name))
        return self.meant[path, call]

    def gives(self) -> _Known:
        """Return what functions give back: secrets, what was fetched, what was decoded."""
        known: _Known = {}
        behind: dict[Node, list[tuple[Node, _Edge]]] = {}
        for node, edges in self.edges.items():
            for edge in edges:
                if edge.sink == BACK and edge.giver is not None:
                    behind.setdefault(edge.giver, []).append((node, edge))
                elif edge.sink == BACK and not edge.source.startswith(MARK):
                    known.setdefault(node, {}).setdefault((edge.source, ""), node)
        return self._spread(known, behind, lambda _edge, fact: fact)

    def takes(self) -> _Known:
        """Return what functions do with which of their parameters: send it, run it."""
        known: _Known = {}
        behind: dict[Node, list[tuple[Node, _Edge]]] = {}
        for node, edges in self.edges.items():
            for edge in edges:
                if not edge.source.startswith(MARK):
                    continue
                if edge.taker is not None:
                    behind.setdefault(edge.taker, []).append((node, edge))
                elif edge.sink != BACK:
                    known.setdefault(node, {}).setdefault((edge.sink, edge.source[1:]), node)
        return self._spread(known, behind, _as_given)

    def _spread(
        self,
        known: _Known,
        behind: Mapping[Node, list[tuple[Node, _Edge]]],
        told: Callable[[_Edge, _Fact], _Fact | None],
    ) -> _Known:
        """Tell each function what is known of those behind which it stands, until nothing is new."""
        waiting = deque(sorted(known))
        while waiting and self.work < _WORK:
            node = waiting.popleft()
            for other, edge in behind.get(node, ()):
                self.work += 1
                held = known.setdefault(other, {})
                facts = {fact: at for one, at in known[node].items() if (fact := told(edge, one)) is not None}
                new = {fact: at for fact, at in facts.items() if fact not in held}
                if new:
                    held.update(new)
                    waiting.append(other)
        if waiting:
            self.stopped = self.stopped or waiting[0][0]
        return known


def _as_given(edge: _Edge, fact: _Fact) -> _Fact | None:
    """Return which parameter of a function becomes that of another one, which does something with it."""
    sink, at = fact
    if ANY not in {at, edge.place} and at != edge.place:
        return None
    own = edge.source[1:]
    return sink, at if own == ANY else own
