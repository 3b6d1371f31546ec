"""From the names of the outside world to all that becomes of them: each use on the way is told.

A place is followed outwards, from an expression to the one around it, as long as something is known of it.
Where it gets a name, all places of that name are followed too.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from fimci.capabilities.uses import MARK
from fimci.readers.code.javascript_syntax import spreading
from fimci.readers.code.javascript_syntax.leading import worth
from fimci.readers.code.javascript_syntax.making import Made
from fimci.readers.code.javascript_syntax.merging import TABLE
from fimci.readers.code.javascript_syntax.prefilter import BROWSERIFY, FETCHES, weighty
from fimci.readers.code.javascript_syntax.reading import Reading
from fimci.readers.code.javascript_syntax.seeds import seeds
from fimci.readers.code.javascript_syntax.spreading import NAMES_CUT, Following
from fimci.readers.code.pure import Spent

if TYPE_CHECKING:
    from tree_sitter import Node

    from fimci.capabilities.uses import Value

_RELATIVE = re.compile(rb"require\s*\(\s*([\"'])([^\"'`\\\n]+)\1\s*\)")
_OUTER_TEXT = (
    "parenthesized_expression await_expression as_expression satisfies_expression non_null_expression "
    "sequence_expression ternary_expression spread_element array object pair template_substitution "
    "template_string binary_expression shorthand_property_identifier"
)
_OUTER = frozenset(_OUTER_TEXT.split())
#: What gives a name to a value, or puts it into a member.
_BINDING = frozenset(
    (
        *("variable_declarator", "assignment_expression", "augmented_assignment_expression"),
        *("assignment_pattern", "object_assignment_pattern", "for_in_statement"),
    )
)
#: Operators that give one of their operands, or both together; what others give leads nowhere.
_CHOOSING = frozenset(("||", "&&", "??", "+"))
#: What runs a command whatever it is of, and what shows that there is one.
_RUNNING = re.compile(rb"(?<![\w$])(execSync|exec|shell|system)\s{0,20}\(")
#: A text that is given to what another function gave back.
_GIVEN_BACK = re.compile(rb"\)\s{0,9}\((?=\s{0,9}[\"'`])")
_FETCHES = re.compile(FETCHES.encode())
_MOST_SEEDS, _MOST_LOOKED_AT = 20_000, 200_000
#: Places of a name that is a telling key.
_KEYED = 200
#: Nodes from a piece of a name to the member that it names.
_PIECES = 8


def follow(reading: Reading) -> Made:
    """Return all uses and references of a text."""
    following = Following(reading)
    try:
        _follow(following)
    except Spent:
        reading.spent(NAMES_CUT)
    following.made.sent()
    return following.made


def _follow(following: Following) -> None:
    reading = following.reading
    for statement in reading.scopes.imports:
        _import(following, statement)
    data = reading.source.data
    followed = 0
    for number, at in enumerate(seeds(data)):
        plain = _RELATIVE.match(data, at)
        if plain is None or weighty(plain[2]):
            followed += 1
            following.add(at)
        else:
            following.made.reference(plain[2].decode(errors="replace"), at)
        if followed == _MOST_SEEDS or number == _MOST_LOOKED_AT:
            reading.cut.add(NAMES_CUT)
            break
    while following.work and reading.left[0] > 0:
        place = following.work.popleft()
        if isinstance(place, int):
            _place(following, place)
        else:
            _climb(following, *place)
    _commands(following)


def _commands(following: Following) -> None:
    """Tell commands that fetch something, given to what is not known and called like what runs them."""
    reading = following.reading
    if _FETCHES.search(reading.source.data) is None:
        return
    for count, found in enumerate(_RUNNING.finditer(reading.source.data)):
        if count == _MOST_SEEDS:
            reading.cut.add(NAMES_CUT)
            return
        path = reading.path(found.start(1))
        at = len(path) - (2 if path[1:] and path[-2].type == "member_expression" else 1)
        call = path[at - 1] if at > 0 else None
        if call is not None and call.type == "call_expression" and call.children[0].id == path[at].id:
            following.made.commanded(call)
    for found in itertools.islice(_GIVEN_BACK.finditer(reading.source.data), _MOST_SEEDS):
        path = reading.path(found.end() - 1)
        call = next((node for node in reversed(path) if node.type == "call_expression"), None)
        if call is not None and MARK in reading.value(call.child_by_field_name("function")).name:
            following.made.commanded(call)


def _import(following: Following, statement: Node) -> None:
    source = statement.child_by_field_name("source")
    clause = next((child for child in statement.named_children if child.type.startswith("import_")), None)
    if source is None and clause is not None:
        source = clause.child_by_field_name("source")
    if (
        source is None
        or b"type"
        in following.reading.source.data[statement.start_byte : statement.start_byte + 12]
        .split(b"{")[0]
        .split()[1:2]
    ):
        return
    following.made.module(following.reading.text(source).strip("\"'`"), statement)
    if clause is not None:
        spreading.pattern_of(following, clause)


def _place(following: Following, offset: int) -> None:
    """Follow one place outwards."""
    reading = following.reading
    path = reading.path(offset)
    if not path:
        return
    leaf = path[-1]
    at = len(path) - 1
    if leaf.type == "string_fragment" and at > 1 and path[at - 2].type == "variable_declarator":
        _keyed(following, path[at - 2])
    if leaf.type in {'"', "'"}:
        _spliced(following, path)
        return
    if leaf.type in {"property_identifier", "string_fragment"} and at:
        at -= 1 if leaf.type == "property_identifier" else 2
        if path[at].type not in {"member_expression", "subscript_expression"}:
            return
    elif leaf.type not in {"identifier", "import", "this", "shorthand_property_identifier"}:
        return
    elif leaf.type == "import":
        at = next(number for number in range(at, -1, -1) if path[number].type != "import")
        if path[at].type == "call_expression":
            following.made.call(path[at])
    if at and path[at - 1].type == "call_expression" and BROWSERIFY in reading.source.data:
        at -= not worth(reading.value(path[at])) and worth(reading.value(path[at - 1]))
        following.made.call(path[at])
    _climb(following, path, at)


def _spliced(following: Following, path: list[Node]) -> None:
    """Follow a member whose name is put together where it stands."""
    for node in reversed(path[-_PIECES:]):
        if node.type == "subscript_expression":
            following.expression(path, node.id)
            return


def _keyed(following: Following, declarator: Node) -> None:
    """Follow what a telling key opens that has a name: `const key = "constructor"; [][key]`."""
    reading, name = following.reading, declarator.child_by_field_name("name")
    if name is None or name.type != "identifier":
        return
    word = reading.bytes(name)
    scope = reading.scopes.innermost(name.start_byte)
    for offset in reading.scopes.places(word, scope)[:_KEYED]:
        path = reading.path(offset)
        if path[1:] and path[-2].type == "subscript_expression":
            following.expression(path, path[-2].id)


def _climb(following: Following, path: list[Node], at: int) -> None:
    """Follow an expression outwards; no step is taken twice."""
    while at > 0 and (held := (path[at].id, path[at - 1].id)) not in following.walked:
        following.walked.add(held)
        following.reading.left[0] -= 1
        step = _outwards(following, path, at)
        if step == 0:
            return
        at -= step


def _outwards(  # noqa: C901, PLR0912  (one row a kind of node)
    following: Following, path: list[Node], at: int
) -> int:
    """Look at the expression around a node; return how many nodes to go on, 0 to stop."""
    reading, made = following.reading, following.made
    node, parent = path[at], path[at - 1]
    if node.type == "pair":
        return 1  # what it is, the object has
    value = reading.value(node)
    if not worth(value) and not (path[at - 1].type == "arguments" and value.name):
        made.read(node, value, path[:at])
        return 0
    kind = parent.type
    if kind in {"member_expression", "subscript_expression"}:
        if (parent.child_by_field_name("object") or node).id == node.id:
            if value.name in {"", TABLE} and at > 1:
                spreading.handed_on(following, path[at - 2])  # `[run].forEach(one => …)`
                return 2 if _gives(reading, path[at - 2], parent) else 1
            return 1
        made.read(node, value, path[:at])
        return 1
    if kind in {"call_expression", "new_expression"}:
        made.call(parent)
        spreading.handed_on(following, parent)
        return 1
    if kind not in {"parenthesized_expression", "non_null_expression"}:
        made.read(node, value, path[:at])
    if kind == "arguments" and at > 1:
        spreading.given_to(following, path[at - 2], node)
        return 2
    if kind == "pair" or (kind == "object" and node.type == "shorthand_property_identifier"):
        spreading.member_of(following, parent.child_by_field_name("key") or node)
    if kind == "binary_expression" and reading.text(parent.child_by_field_name("operator")) not in _CHOOSING:
        return 0
    if kind in _OUTER:
        return 1
    if kind in {"field_definition", "public_field_definition"}:
        return spreading.kept(following, parent)
    if kind in _BINDING:
        return _bound(following, node, value, parent)
    if kind in {"return_statement", "yield_expression"} or (
        kind == "arrow_function" and node.type != "identifier"
    ):
        spreading.returned(following, path[:at])
    return 0


def _gives(reading: Reading, call: Node, member: Node) -> bool:
    """Tell whether a method of a list or a table gives something of it: `[run].pop()`, `table.get("run")`."""
    called = call.type == "call_expression" and call.children[0].id == member.id
    return called and not worth(reading.value(member)) and worth(reading.value(call))


def _bound(following: Following, node: Node, value: Value, parent: Node) -> int:
    """Follow what gets a name or is put into a member; return how many nodes to go on."""
    kind, field = parent.type, "name" if parent.type == "variable_declarator" else "left"
    left = parent.child_by_field_name(field)
    if left is None or left.id == node.id:
        if kind == "assignment_expression":
            following.made.write(node, value, parent)
        return 0
    if kind in {"assignment_expression", "augmented_assignment_expression"}:
        spreading.assigned(following, left)
        return int(kind == "assignment_expression")
    spreading.pattern_of(following, left)
    return 0
