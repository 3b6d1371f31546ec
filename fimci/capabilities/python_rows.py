"""How the rows of a catalogue are written: one `Api` for many names."""

from __future__ import annotations

from collections.abc import Iterator

from fimci.capabilities.uses import Api
from fimci.model import CapabilityName


def rows(names: str, api: Api) -> Iterator[tuple[str, Api]]:
    """Give one row to each of these names; `a.{b,c}` stands for `a.b` and `a.c`."""
    for name in names.split():
        head, brace, rest = name.partition("{")
        middle, _, tail = rest.partition("}")
        for choice in middle.split(",") if brace else ("",):
            yield (head + choice + tail, api)


def plain(capability: CapabilityName, names: str) -> Iterator[tuple[str, Api]]:
    """Give these names a capability and nothing else."""
    return rows(names, Api(capability))
