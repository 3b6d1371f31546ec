"""Genuine files with something wrong: what a reader meets after an accident, or at an attack."""

from __future__ import annotations

from collections.abc import Callable

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


def bear(reader: Implementation, path: str, data: bytes) -> None:
    """Read, and let every record be asked what rules and stores ask of it."""
    for record in reader.read(path, data):
        assert record.key
        assert record.path == path if isinstance(record, Unread) else True


def is_linear(reader: Implementation, path: str, made: Callable[[int], bytes], size: int) -> None:
    """Fail if reading `made(4 * size)` takes far more than four times as long as `made(size)`."""
    growth.is_linear(lambda data: list(reader.read(path, data)), made, size)
