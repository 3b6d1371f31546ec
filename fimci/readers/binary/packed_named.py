"""Archives that are known by their names alone: a tar begins with the name of its first member.

What is in them is told as of all others (`packed`).
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.archives import magic
from fimci.model import Capability
from fimci.readers.binary import packed

_BEGINS = (b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


def wants(path: str, head: bytes) -> bool:
    """Want what is an archive, and does not show it in its first bytes."""
    return not head.startswith(_BEGINS) and packed.wants(path, head) and bool(head)


def read(path: str, data: bytes) -> Iterator[Capability]:
    """Yield what its members can do."""
    if magic.kind(data[: magic.BLOCK]) or b"PK\x05\x06" in data[-66_000:]:
        yield from packed.read(path, data)
