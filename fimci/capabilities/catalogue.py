"""How a name is looked up in the catalogue of a language."""

from __future__ import annotations

from collections.abc import Mapping

from fimci.capabilities.uses import Api

#: Members that hand on the function in front of them: `exec.call(…)`, `print.bind(…)`.
_TRANSPARENT = (".call", ".apply", ".bind", ".promises", ".default", ".value")


def find(names: Mapping[str, Api], name: str) -> Api | None:
    """Return what a dotted name means.

    `socket.*` in a catalogue stands for every member of `socket`, however deep, that has no row of
    its own; the longest one counts.
    """
    row = names.get(name)
    if row is None and name.endswith(_TRANSPARENT):
        for ending in _TRANSPARENT:
            name = name.removesuffix(ending)
        row = names.get(name)
    while row is None and "." in name:
        name = name.rpartition(".")[0]
        row = names.get(f"{name}.*")
    return row
