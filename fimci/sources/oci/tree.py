"""Layers laid over each other: what is there in the end, and which member of which layer gives its content.

As the image specification says: a whiteout (`.wh.x`) takes away what layers below have, an opaque one
(`.wh..wh..opq`) all that they have in its folder, in whatever order they stand in their own layer; a folder
over a folder keeps what is in it, anything else takes the place of all that was there. A hard link is what it
names, in its layer or below. A member below a link is put where the link leads, inside of the root, as
containerd does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fimci.archives import names
from fimci.archives.bounds import Meter
from fimci.archives.member import Member
from fimci.model import Kind, Unread, Unstated

_WHITEOUT, _OPAQUE, _RESERVED = ".wh.", ".wh..wh..opq", ".wh..wh."
#: What an unpacker gives a folder that no layer has a member for.
_UNPACKED = 0o755
#: Links that are followed to where one member goes.
_HOPS = 40


class Said(NamedTuple):
    """What the last layer that speaks of a path says; `origin` is the member with its content."""

    kind: Kind
    mode: int | Unstated | None
    target: str | None = None
    origin: tuple[int, int] | None = None
    #: Owner, group and extended attributes, as the member states them.
    facts: tuple[tuple[str, str | int], ...] = ()
    time: int | None = None


class Node:
    """A path in the tree: what is said of it, and what is below."""

    __slots__ = ("below", "said")

    def __init__(self, said: Said) -> None:
        self.said = said
        self.below: dict[str, Node] = {}


_FOLDER = Said("directory", _UNPACKED)


def root() -> Node:
    """Return an empty tree."""
    return Node(_FOLDER)


class _Layer(NamedTuple):
    """What one layer brings, which paths it takes away, and which folders it empties."""

    brought: list[tuple[list[str], Member, int]]
    taken: list[list[str]]
    emptied: list[list[str]]


def apply(tree: Node, number: int, members: Iterator[Member | Unread], meter: Meter) -> Iterator[Unread]:
    """Lay one layer over a tree; yield what is wrong with it."""
    layer = _Layer([], [], [])
    yield from _sorted(layer, members, meter)
    for parts in layer.emptied:
        if (node := _at(tree, parts)) is not None:
            node.below.clear()
    for *folder, name in layer.taken:
        if (node := _at(tree, folder)) is not None:
            node.below.pop(name, None)
    for parts, member, ordinal in layer.brought:
        yield from _put(tree, parts, member, (number, ordinal))


def _sorted(layer: _Layer, members: Iterator[Member | Unread], meter: Meter) -> Iterator[Unread]:
    """Put members where they belong; yield those that are no paths."""
    for ordinal, member in enumerate(members):
        path, fault = names.judge(member.path if isinstance(member, Unread) else member.name)
        if isinstance(member, Unread):
            yield Unread(path=path, part=member.part, why=member.why)
            continue
        meter.meet(path)
        *folder, name = path.split("/")
        taken = name.removeprefix(_WHITEOUT) if name.startswith(_WHITEOUT) else None
        if fault or taken in {"", ".", ".."}:
            yield Unread(path=path, part="name", why=fault or "is a whiteout of no name")
        elif name == _OPAQUE:
            layer.emptied.append(folder)
        elif name.startswith(_RESERVED):
            continue  # what AUFS kept beside its whiteouts
        elif taken is not None:
            layer.taken.append([*folder, taken])
        elif path:
            layer.brought.append(([*folder, name], member, ordinal))


def walk(tree: Node) -> Iterator[tuple[str, Said]]:
    """Yield every path of a tree with what is said of it."""
    pending = [("", tree)]
    while pending:
        prefix, node = pending.pop()
        for name, one in node.below.items():
            yield prefix + name, one.said
            if one.below:
                pending.append((f"{prefix}{name}/", one))


def _put(tree: Node, parts: list[str], member: Member, origin: tuple[int, int]) -> Iterator[Unread]:
    *folder, name = parts
    place = _at(tree, folder, make=True)
    if place is None:
        yield Unread(path="/".join(parts), part="name", why="is below links that lead round in a circle")
        return
    said = _said(tree, member, origin)
    if said is None:
        yield Unread(path="/".join(parts), why="is a hard link to no file of the image")
        said = Said("file", member.mode)
    old = place.below.get(name)
    if old is not None and said.kind == old.said.kind == "directory":
        old.said = said
    else:
        place.below[name] = Node(said)


def _said(tree: Node, member: Member, origin: tuple[int, int]) -> Said | None:
    if member.kind == "hard link":
        path, fault = names.judge((member.target or "").lstrip("/"))
        *folder, name = path.split("/")
        place = None if fault else _at(tree, folder)
        node = None if place is None else place.below.get(name)
        return None if node is None or node.said.kind == "directory" else node.said
    if member.kind == "link":
        facts = tuple(fact for fact in member.facts if fact[0] != "acl")  # a link has none
        return Said("link", None, member.target, facts=facts)
    origin_ = origin if member.kind == "file" else None
    return Said(member.kind, member.mode, None, origin_, member.facts, member.time)


def _at(tree: Node, parts: list[str], *, make: bool = False) -> Node | None:
    """Return the folder at a path, links on the way followed; `make`: with folders where there are none."""
    left, trail, hops = list(reversed(parts)), [tree], 0
    while left:
        name = left.pop()
        if name in {"", "."}:
            continue
        if name == "..":
            trail = trail[:-1] or [tree]
            continue
        node = trail[-1].below.get(name)
        if node is not None and node.said.kind == "link":
            hops += 1
            if hops > _HOPS or node.said.target is None:
                return None
            if node.said.target.startswith("/"):
                trail = [tree]
            left += reversed(node.said.target.split("/"))
            continue
        if node is None or node.said.kind != "directory":
            if not make:
                return None
            node = trail[-1].below[name] = Node(_FOLDER)
        trail.append(node)
    return trail[-1]
