"""What is put somewhere without an assignment to a name: items, members, arguments of methods, patterns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tree_sitter import Node

#: An item of a table, or a member of an object.
ITEM = "[]"
#: All members of an object at once.
EVERY = "**"
#: The variables of the process, and all names of the file; whose members are names of the file.
ENVIRON, _GLOBALS = "<environ>", frozenset((b"globals()", b"locals()", b"vars()"))
_ENVIRONS = frozenset((b"os.environ", b"environ", b"os.environb"))
_OWN_MODULE = frozenset((b"sys.modules[__name__]", b"builtins", b"__builtins__"))
#: Methods whose first argument is a key.
_KEYED = frozenset(("setdefault", "__setitem__", "__setattr__"))
#: Arguments of a call, patterns in one another, and parts of a pattern.
_ARGUMENTS, _DEPTH, _PARTS = 60, 12, 200


class Put(NamedTuple):
    """What is put into what: `owner` is a name or a member of `self`, or "" in `name` for all of the file.

    `how` is the method, `[]`, or empty where only what comes from where is known. `key` is a node or a text.
    """

    owner: Node | None
    how: str
    key: Node | str | None
    value: Node
    name: str = ""


class Captured(NamedTuple):
    """A name that a pattern binds: to what, or to the item or the member of it."""

    name: Node
    subject: Node
    place: int
    key: Node | None


def item(left: Node, value: Node) -> Iterator[Put]:
    """Yield what `left[key] = value` puts."""
    owner, keys = left.child_by_field_name("value"), left.children_by_field_name("subscript")
    if owner is not None and len(keys) == 1:
        yield from _into(owner, ITEM, [(keys[0], value)])


def called(function: Node, given: Sequence[Node]) -> Iterator[Put]:
    """Yield what a method puts into its object, `setattr` into its first argument, `putenv` anywhere."""
    if function.type == "identifier":
        if len(given) > 2:  # noqa: PLR2004  (of what, which, what)
            yield from _into(given[0], ITEM, [(given[1], given[2])], member=True)
        return
    owner, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
    verb = (name.text or b"").decode("utf-8", "replace") if name is not None else ""
    if verb == "putenv" and len(given) > 1:
        yield Put(None, ITEM, given[0], given[1], ENVIRON)
    elif owner is not None:
        yield from _into(owner, verb, _arguments(verb, given[:_ARGUMENTS]))


def _arguments(verb: str, given: Sequence[Node]) -> list[tuple[Node | str | None, Node]]:
    if verb in _KEYED and len(given) > 1:
        return [(given[0], given[1])]
    found: list[tuple[Node | str | None, Node]] = []
    for node in given:
        value = node.child_by_field_name("value") if node.type == "keyword_argument" else None
        name = node.child_by_field_name("name")
        if value is not None and name is not None:
            found.append(((name.text or b"").decode("utf-8", "replace"), value))
        elif node.type not in {"integer", "comment"}:
            found.append((None, node))
    return found


def _into(
    owner: Node, how: str, given: Sequence[tuple[Node | str | None, Node]], *, member: bool = False
) -> Iterator[Put]:
    """Yield what is put into an owner; what is deeper inside is only known to be there."""
    text = owner.text or b""
    how = ITEM if how in _KEYED else how
    everywhere = text in _GLOBALS or (member and text in _OWN_MODULE)
    name = ENVIRON if text in _ENVIRONS and not member else "*" if everywhere else ""
    if not name and through(owner) is not None:
        owner = through(owner) or owner
    elif not name and owner.type not in {"identifier", "attribute"}:
        how = ""
    while not name and (owner.type == "subscript" or (owner.type == "attribute" and not _own(owner))):
        how = ""
        inner = owner.child_by_field_name("value") or owner.child_by_field_name("object")
        if inner is None:
            return
        owner = inner
    for key, value in given:
        named = ITEM if how == "update" and key is not None else how
        yield Put(owner, named, key, value, name)


def through(owner: Node) -> Node | None:
    """Return of what `x.__dict__` and `vars(x)` are the members."""
    if owner.type == "attribute":
        name = owner.child_by_field_name("attribute")
        return owner.child_by_field_name("object") if name is not None and name.text == b"__dict__" else None
    if owner.type == "call" and owner.children[0].text == b"vars":
        given = owner.child_by_field_name("arguments")
        return given.named_children[0] if given is not None and given.named_child_count == 1 else None
    return None


def _own(attribute: Node) -> bool:
    owner = attribute.child_by_field_name("object")
    return owner is not None and owner.text in {b"self", b"cls"}


def captured(match: Node) -> Iterator[Captured]:
    """Yield the names that the patterns of a `match` bind."""
    subjects, body = match.children_by_field_name("subject"), match.child_by_field_name("body")
    for clause in body.named_children if body is not None else ():
        patterns = [child for child in clause.named_children if child.type == "case_pattern"]
        if len(subjects) == len(patterns):
            for subject, pattern in zip(subjects, patterns, strict=True):
                yield from _pattern(pattern, Captured(pattern, subject, -1, None), _DEPTH)
        elif len(subjects) == 1:
            for index, pattern in enumerate(patterns[:_PARTS]):
                yield from _pattern(pattern, Captured(pattern, subjects[0], index, None), _DEPTH)


def _pattern(node: Node, of: Captured, depth: int) -> Iterator[Captured]:
    """Yield what a pattern binds, of the subject or of a part of it; of a part of a part, nothing."""
    whole = of.place < 0 and of.key is None
    if not depth:
        return
    if node.type == "dotted_name" and node.named_child_count == 1:
        yield of._replace(name=node.named_children[0])
    elif node.type == "as_pattern" and node.named_children[-1].type == "identifier":
        yield of._replace(name=node.named_children[-1])
        yield from _pattern(node.named_children[0], of, depth - 1)
    elif node.type in {"case_pattern", "union_pattern"}:
        for child in node.named_children[:_PARTS]:
            yield from _pattern(child, of, depth - 1)
    elif node.type in {"tuple_pattern", "list_pattern"} and whole:
        for index, child in enumerate(node.named_children[:_PARTS]):
            yield from _pattern(child, of._replace(place=index), depth - 1)
    elif node.type == "dict_pattern" and whole:
        for key, child in _entries(node):
            yield from _pattern(child, of._replace(key=key), depth - 1)


def _entries(pattern: Node) -> Iterator[tuple[Node, Node]]:
    """Yield the keys of a pattern with those of what stands under them."""
    key: Node | None = None
    for child in pattern.named_children[:_PARTS]:
        if child.type == "case_pattern" and key is not None:
            yield key, child
        key = child if child.type != "case_pattern" else None
