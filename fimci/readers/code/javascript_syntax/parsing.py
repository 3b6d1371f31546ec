"""From bytes to a tree: tree-sitter reads old and new JavaScript and TypeScript, and what is broken too.

Nothing is walked here: a position is reached from the root along the nodes around it, so that the work in
Python goes with the number of interesting places and not with the size of the file.
"""

from __future__ import annotations

import bisect
import functools
import itertools
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Tree

#: Of a longer file, so many bytes of its two ends are parsed: what is added to a bundle stands there.
LARGEST = 12_000_000
#: Nodes around a position; what is nested deeper is not looked at.
DEEPEST = 600
_CHUNK = 4096
_EXCERPT, _BEFORE = 200, 60
#: The parser may read a text so many times before it is told that the text has ended.
_READ_AGAIN = 30
#: Its steps (of about a hundred operations) for no bytes, and bytes for one more: code has 20 to 170.
_FEWEST_STEPS, _BYTES_A_STEP = 1500, 15
#: What is longer is read in one language only.
_TWICE = 300_000
#: Pieces of a broken text.
_PIECES = 5_000


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

    def excerpt(self, offset: int) -> str:
        """Return the line at an offset, cut to 200 characters around it."""
        start = self.data.rfind(b"\n", max(0, offset - 2000), offset) + 1 or max(0, offset - 2000)
        end = self.data.find(b"\n", offset, offset + 2000)
        line = self.data[start : end if end >= 0 else offset + 2000]
        at = len(line[: offset - start].decode(errors="replace"))
        begin = max(0, at - _BEFORE) if len(line) > _EXCERPT else 0
        return line.decode(errors="replace")[begin : begin + _EXCERPT].strip()


@functools.cache
def language(kind: str) -> Language:
    """Return the grammar for `javascript`, `typescript` or `tsx`."""
    from tree_sitter import Language  # noqa: PLC0415  (only where there is something to parse)

    if kind == "javascript":
        import tree_sitter_javascript  # noqa: PLC0415  (only the grammar that is needed)

        return Language(tree_sitter_javascript.language())
    import tree_sitter_typescript  # noqa: PLC0415  (only the grammar that is needed)

    typed = (
        tree_sitter_typescript.language_tsx if kind == "tsx" else tree_sitter_typescript.language_typescript
    )
    return Language(typed())


def parse(data: bytes, path: str) -> tuple[Source, str] | None:
    """Return the tree of a text, and the language it was read in; `None` where it is beyond the parser.

    The file's name tells the language; what is an error in that is tried as the other one.
    """
    data, cut, skipped = _bounded(data)
    kind = _kind(path)
    tree = _tree(data, kind)
    if (tree is None or tree.root_node.has_error) and len(data) <= _TWICE:
        other = "typescript" if kind == "tsx" else "tsx"
        second = _tree(data, other)
        if second is not None and (tree is None or not second.root_node.has_error):
            tree, kind = second, other
    return None if tree is None else (Source(data, tree, _line_starts(data), cut, skipped), kind)


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


def _tree(data: bytes, kind: str) -> Tree | None:
    """Return the tree, `None` where the parser tries again and again: recovery from errors has no end."""
    from tree_sitter import Parser  # noqa: PLC0415  (only where there is something to parse)

    given, asked = (
        [_READ_AGAIN * len(data) + LARGEST],
        [_FEWEST_STEPS + len(data) // _BYTES_A_STEP],
    )

    def read(offset: int, _point: object) -> bytes:
        given[0] -= _CHUNK
        return data[offset : offset + _CHUNK] if given[0] > 0 else b""

    def stop(_offset: int, _error: bool) -> bool:  # noqa: FBT001  (the parser's own signature)
        asked[0] -= 1
        return asked[0] < 0

    try:
        tree = Parser(language(kind)).parse(read, progress_callback=stop)
    except ValueError:
        return None
    return None if given[0] <= 0 or _scattered(tree) else tree


def _scattered(tree: Tree) -> bool:
    """Tell whether what is broken fell into so many pieces that they cannot be searched in good time."""
    root = tree.root_node
    if not root.has_error:
        return False
    if root.type == "ERROR" and root.child_count > _PIECES:
        return True
    return any(child.is_error and child.child_count > _PIECES for child in root.children[:_PIECES])


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
    lengths = (len(line) + 1 for line in data.split(b"\n")[:-1])
    return list(itertools.accumulate(lengths, initial=0))
