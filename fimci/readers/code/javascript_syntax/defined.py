"""How a name is defined."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node


class Binding(NamedTuple):
    """How a name is bound: `kind`, to which node, and by which members of it (`("exec",)`).

    `default` is what it is if nothing is given.
    """

    kind: str
    node: Node
    keys: tuple[str, ...] = ()
    position: int = 0
    path: tuple[Node, ...] = ()
    default: Node | None = None
