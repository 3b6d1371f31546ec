"""What is known while a text is read: the tree, the scopes, values so far, and the steps that are left."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from fimci.capabilities.uses import Flow, Value
from fimci.readers.code.javascript_syntax.parsing import Source, path_to
from fimci.readers.code.javascript_syntax.scopes import Scopes
from fimci.readers.code.pure import Budget

if TYPE_CHECKING:
    from tree_sitter import Node

    from fimci.readers.code.javascript_syntax.defined import Binding
    from fimci.readers.code.javascript_syntax.string_arrays import Words

#: Expressions that are looked at in one file.
STEPS = 90_000
#: Bytes of the file for one more: a bundle holds many files.
BYTES_A_STEP = 12
#: Expressions that are looked at for one: short names of a bundle lead everywhere.
STEPS_AT_ONCE = 3_000
#: Turns of a loop that a path costs, and each node on it.
_A_PATH, _A_NODE = 20, 8
#: Expressions inside each other, through names and calls.
DEEPEST = 40
#: Parentheses around an expression.
_AROUND = 10_000
#: Arguments of a call: more than people write, or tools do.
ARGUMENTS = 1_000
NOTHING = Value()
FUNCTIONS_TEXT = (
    "function_declaration function_expression arrow_function method_definition "
    "generator_function_declaration generator_function"
)
FUNCTIONS = frozenset(FUNCTIONS_TEXT.split())


@dataclasses.dataclass
class Reading:
    """The state of a reading. `frame` holds arguments for parameters while a small function is folded."""

    source: Source
    scopes: Scopes
    #: The grammar: `javascript` or one of TypeScript.
    kind: str
    evaluate: Callable[[Reading, Node, int], Value]
    #: What a function of the file gives back.
    results: Callable[[Reading, Node, int], Value]
    #: The texts that an obfuscator took out of the file.
    words: Words | None = None
    #: Which names mean a private key here (`private_keys.spoken_of`).
    keys: frozenset[str] = frozenset()
    memo: dict[int, Value] = dataclasses.field(default_factory=dict)
    frame: dict[int, tuple[Value, ...]] = dataclasses.field(default_factory=dict)
    paths: dict[int, list[Node]] = dataclasses.field(default_factory=dict)
    #: Names that were put together and are not written as they are.
    spelled: set[str] = dataclasses.field(default_factory=set)
    #: By their names, whether calls only keep what they are given.
    keeping: dict[str, bool] = dataclasses.field(default_factory=dict)
    folded: dict[tuple[int, str], int] = dataclasses.field(default_factory=dict)
    #: What was put into a name of a scope, as far as it was asked for.
    gathered: dict[tuple[bytes, int], Value] = dataclasses.field(default_factory=dict)
    decoded: dict[tuple[int, str, bytes], None] = dataclasses.field(default_factory=dict)
    #: Places that are nested too deep to be looked at.
    deep: list[int] = dataclasses.field(default_factory=list)
    #: What there was more of than is looked at.
    cut: set[str] = dataclasses.field(default_factory=set)
    left: list[int] = dataclasses.field(default_factory=list)
    #: What loops put together in names.
    looped: dict[tuple[bytes, int], Value | None] = dataclasses.field(default_factory=dict)
    #: The members of objects and classes that are written out, by their names.
    tables: dict[int, dict[str, Node]] = dataclasses.field(default_factory=dict)
    #: How names are bound, by where they stand.
    bound: dict[int, Binding | None] = dataclasses.field(default_factory=dict)
    #: Arguments of calls, as far as each goes to one parameter.
    plain: dict[int, list[Node]] = dataclasses.field(default_factory=dict)
    #: Calls of members, by their names and the functions that they call.
    methods: dict[str, dict[int, list[Node]]] = dataclasses.field(default_factory=dict)
    #: What names of a loop are, by what it goes through.
    taken: dict[tuple[int, tuple[str, ...]], Value] = dataclasses.field(default_factory=dict)
    #: Calls that give something to a function that is not what they call: `run.call(…)`.
    shifted: set[int] = dataclasses.field(default_factory=set)
    #: Where functions of the file are given to what calls them later.
    handed: dict[int, list[int]] = dataclasses.field(default_factory=dict)
    #: Whether functions are called by quoted names, once that is asked for.
    quoted: list[bool] = dataclasses.field(default_factory=list)
    #: Where functions of the file are called.
    calls: dict[int, list[Node]] = dataclasses.field(default_factory=dict)
    #: Calls about events, by their methods and the names of the events.
    events: dict[str, dict[str, list[Node]]] = dataclasses.field(default_factory=dict)
    #: What calls of functions of the file give back, where that is an object of the file.
    backs: dict[int, Node | None] = dataclasses.field(default_factory=dict)
    #: The names of what functions give back by its name.
    returning: dict[int, frozenset[bytes]] = dataclasses.field(default_factory=dict)
    #: What is assigned to members, by the first and the last place.
    kept: dict[tuple[int, int], Value] = dataclasses.field(default_factory=dict)
    #: Names, by their scopes, whose places were gone through for what is passed to their members.
    passed: set[tuple[bytes, int]] = dataclasses.field(default_factory=set)
    #: What computing decoders of the file may still cost.
    budget: Budget = dataclasses.field(default_factory=Budget)

    #: Where `left` stands when an expression has had its share; none is looked at before the first.
    share: list[int] = dataclasses.field(default_factory=lambda: [-1])

    def __post_init__(self) -> None:
        """Begin with the steps that a file of this size is worth."""
        if not self.left:
            self.left.append(STEPS + len(self.source.data) // BYTES_A_STEP)

    def spent(self, why: str) -> None:
        """Take note that a part of the reading did all that it may, and give the next one its own."""
        self.cut.add(why)
        self.share[0] = -1
        self.scopes.work.begin()

    def value(self, node: Node | None, depth: int = 0) -> Value:
        """Return what is known of an expression."""
        if node is None:
            return NOTHING
        if self.share[0] >= 0:
            return self.evaluate(self, node, depth)
        self.share[0] = max(0, self.left[0] - STEPS_AT_ONCE)
        found = self.evaluate(self, node, depth)
        self.share[0] = -1
        return found

    def bytes(self, node: Node) -> bytes:
        """Return the text of a node as it is in the file."""
        return self.source.data[node.start_byte : node.end_byte]

    def text(self, node: Node | None) -> str:
        """Return the text of a node, nothing for no node."""
        return "" if node is None else self.bytes(node).decode(errors="replace")

    def path(self, offset: int) -> list[Node]:
        """Return the nodes around an offset, from the root to the leaf."""
        if offset not in self.paths:
            self.left[0] -= 5
            self.paths[offset] = path_to(self.source.tree, offset) if self.left[0] > 0 else []
            self.scopes.work.spend(_A_PATH + _A_NODE * len(self.paths[offset]))
            if not self.paths[offset] and self.left[0] > 0:
                self.deep.append(offset)
        return self.paths[offset]


def flows_of(values: Iterable[Value]) -> frozenset[Flow]:
    """Return where any of these values comes from."""
    found: set[Flow] = set()
    for value in values:
        found |= value.flows
    return frozenset(found)


def arguments_of(call: Node) -> list[Node]:
    """Return the arguments of a call or `new`."""
    inner = call.child_by_field_name("arguments")
    if inner is None:
        return []
    return [inner] if inner.type == "template_string" else listed_in(inner)


def listed_in(node: Node) -> list[Node]:
    """Return what is listed in arguments or an array, as far as it is looked at."""
    return [child for child in node.named_children if child.type != "comment"][:ARGUMENTS]


def bare(node: Node) -> Node:
    """Return an expression without parentheses, assertions of type, and what stands before a comma."""
    for _ in range(_AROUND):
        match node.type:
            case (
                "parenthesized_expression" | "as_expression" | "satisfies_expression" | "non_null_expression"
            ):
                inner = first_of(node)
            case "await_expression":
                inner = first_of(node)
            case "sequence_expression":
                inner = last_of(node)
            case _:
                return node
        if inner is None:
            return node
        node = inner
    return node


def first_of(node: Node) -> Node | None:
    """Return the first named child, `None` where there is none."""
    return node.named_child(0) if node.named_child_count else None


def last_of(node: Node) -> Node | None:
    """Return the last named child, `None` where there is none."""
    return node.named_child(node.named_child_count - 1) if node.named_child_count else None


def first_token(node: Node) -> Node | None:
    """Return the first child of any kind, `None` where there is none."""
    return node.child(0) if node.child_count else None
