"""From bytes to a tree: tree-sitter reads old and new JavaScript and TypeScript, and what is broken as far as it goes.

Nothing is walked here: a position is reached from the root along the nodes around it, so that the work in
Python goes with the number of interesting places and not with the size of the file.
"""

from __future__ import annotations

import bisect
import functools
import importlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Tree

#: Of a longer file, so many bytes of its two ends are parsed: what is added to a bundle stands there.
LARGEST = 2_000_000
#: Nodes around a position; what is nested deeper is not looked at.
DEEPEST = 600


class Source(NamedTuple):
    """A parsed text. `lines` are the offsets where lines begin; `skipped` lines were cut out behind `cut`."""

    data: bytes
    tree: Tree
    lines: list[int]
    cut: int = -1
    skipped: int = 0

    def line(self, offset: int) -> int:
        """Return the number of the line, from 1, at an offset."""
        number = bisect.bisect_right(self.lines, offset)
        return number + self.skipped if 0 <= self.cut < offset else number

    def text(self, node: Node) -> str:
        """Return the text of a node."""
        return self.data[node.start_byte : node.end_byte].decode(errors="replace")

    def excerpt(self, offset: int) -> str:
        """Return the line at an offset, cut to 200 characters around it."""
        start = self.data.rfind(b"\n", max(0, offset - 2000), offset) + 1 or max(0, offset - 2000)
        end = self.data.find(b"\n", offset, offset + 2000)
        line = self.data[start : end if end >= 0 else offset + 2000]
        at = len(line[: offset - start].decode(errors="replace"))
        begin = max(0, at - 60) if len(line) > 200 else 0
        return line.decode(errors="replace")[begin : begin + 200].strip()


@functools.cache
def language(kind: str) -> Language:
    """Return the grammar for `javascript`, `typescript` or `tsx`."""
    from tree_sitter import Language  # noqa: PLC0415  (only where there is something to parse)

    package = importlib.import_module(
        "tree_sitter_javascript" if kind == "javascript" else "tree_sitter_typescript"
    )
    return Language(package.language() if kind == "javascript" else getattr(package, f"language_{kind}")())


def parse(data: bytes, path: str) -> tuple[Source, str]:
    """Return the tree of a text, and the language it was read in; the file's name tells which."""
    data, cut, skipped = _bounded(data)
    kind = _kind(path)
    tree = _tree(data, kind)
    if tree.root_node.has_error:
        other = "typescript" if kind == "tsx" else "tsx"
        second = _tree(data, other)
        if not second.root_node.has_error:
            tree, kind = second, other
    return Source(data, tree, _line_starts(data), cut, skipped), kind


def first_error(tree: Tree) -> int:
    """Return the offset of the first syntax error, -1 for none."""
    node, steps = tree.root_node, 0
    if not node.has_error:
        return -1
    while not (node.is_error or node.is_missing) and steps < DEEPEST:
        inner = next((child for child in node.children if child.has_error), None)
        if inner is None:
            break
        node, steps = inner, steps + 1
    return node.start_byte


def path_to(tree: Tree, offset: int) -> list[Node]:
    """Return the nodes around an offset, from the root to the leaf; nothing where that is too deep."""
    cursor = tree.walk()
    node = cursor.node
    path = [] if node is None else [node]
    while cursor.goto_first_child_for_byte(offset) is not None:
        node = cursor.node
        if node is None or not node.start_byte <= offset < node.end_byte:
            break
        path.append(node)
        if len(path) > DEEPEST:
            return []
    return path


def _tree(data: bytes, kind: str) -> Tree:
    from tree_sitter import Parser  # noqa: PLC0415  (only where there is something to parse)

    return Parser(language(kind)).parse(data)


def _kind(path: str) -> str:
    if path.endswith((".ts", ".mts", ".cts")):
        return "typescript"
    return "tsx" if path.endswith(".tsx") else "javascript"


def _bounded(data: bytes) -> tuple[bytes, int, int]:
    """Return what is parsed of a text, where something was left out, and how many lines that was."""
    if len(data) <= LARGEST:
        return data, -1, 0
    half = LARGEST // 2
    head = data.rfind(b"\n", 0, half) + 1 or half
    tail = data.find(b"\n", len(data) - half) + 1 or len(data) - half
    return data[:head] + b"\n" + data[tail:], head, data.count(b"\n", head, tail) - 1


def _line_starts(data: bytes) -> list[int]:
    starts, at = [0], data.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = data.find(b"\n", at + 1)
    return starts
