"""How the rows of a catalogue are written: one `Api` for many names."""

from __future__ import annotations

from collections.abc import Iterator

from fimci.capabilities.uses import Api
from fimci.model import CapabilityName


def rows(names: str, api: Api) -> Iterator[tuple[str, Api]]:
    """Give one row to each of these names; `a.{b,c}` stands for `a.b` and `a.c`."""
    yield from ((spelt, api) for name in names.split() for spelt in _spelt(name))


def _spelt(name: str) -> Iterator[str]:
    head, brace, rest = name.partition("{")
    middle, _, tail = rest.partition("}")
    for choice in middle.split(",") if brace else ("",):
        yield from (head + choice + end for end in (_spelt(tail) if tail else ("",)))


def plain(capability: CapabilityName, names: str) -> Iterator[tuple[str, Api]]:
    """Give these names a capability and nothing else."""
    return rows(names, Api(capability))
