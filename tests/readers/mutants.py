"""Genuine files with something wrong: what a reader meets after an accident, or at an attack."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from fimci.model import Unread
from fimci.snapshot import Implementation
from tests import growth, hostile

#: What is put into a file, wherever that hits.
_PIECES = st.sampled_from(
    [b"", b"\0", b"\n", b"}", b'"', b"(", b"<", b"<<<<<<< HEAD\n", b"\xff", b" " * 40]
) | (hostile.TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))


def mutated(genuine: bytes) -> st.SearchStrategy[bytes]:
    """Return files in which a stretch of the genuine one was replaced, doubled or cut out."""
    where = st.integers(0, len(genuine))

    def changed(start: int, length: int, piece: bytes, again: int) -> bytes:
        cut = genuine[start : start + length]
        return genuine[:start] + piece + cut * again + genuine[start + length :]

    return st.builds(changed, where, st.integers(0, 60), _PIECES, st.integers(0, 2))


def edited(genuine: bytes, pieces: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return files of which rows were moved, doubled or left out, or that have a piece more somewhere."""
    rows = genuine.splitlines(keepends=True)
    where = st.integers(0, len(rows) - 1)

    def moved(first: int, count: int, to: int, again: int) -> bytes:
        cut = rows[first : first + count]
        left = rows[:first] + rows[first + count :]
        return b"".join(left[:to] + cut * again + left[to:])

    def put(at: int, gone: int, piece: bytes) -> bytes:
        return genuine[:at] + piece + genuine[at + gone :]

    move = st.builds(moved, where, st.integers(1, 6), where, st.integers(0, 2))
    return move | st.builds(put, st.integers(0, len(genuine)), st.integers(0, 30), st.sampled_from(pieces))


def bear(reader: Implementation, path: str, data: bytes) -> None:
    """Read, and let every record be asked what rules and stores ask of it."""
    for record in reader.read(path, data):
        assert record.key
        assert record.path == path if isinstance(record, Unread) else True


def is_linear(reader: Implementation, path: str, made: Callable[[int], bytes], size: int) -> None:
    """Fail if reading `made(4 * size)` takes far more than four times as long as `made(size)`."""
    growth.is_linear(lambda data: list(reader.read(path, data)), made, size)
