"""Chains of custody as tables: a word for each cell, and why not, told once for all packages alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import LINKS, Chain
from fimci.printable import cut, listed, plural

#: The links of which it matters, too, by whom they are verified.
_TOLD = frozenset({"signer", "builder"})
_WORDS = {"verified": "ok", "failed": "FAILED", "not verified": "-"}
#: Names after a reason, and characters of a reason and of a name.
_NAMES, _WHY, _NAME = 3, 160, 80


def ranked(chains: Sequence[Chain]) -> list[Chain]:
    """Return the chains, those with a link that failed first."""
    return sorted(chains, key=lambda chain: all(cell.state != "failed" for cell in chain.cells))


def name(chain: Chain) -> str:
    """Return what a package is called in a table: `npm/left@1.0.1`."""
    return chain.package.removeprefix("pkg:").replace("/%40", "/@")


def words(chain: Chain) -> tuple[str, ...]:
    """Return a word for each cell."""
    return tuple(_WORDS[cell.state] for cell in chain.cells)


def reasons(chains: Sequence[Chain]) -> Iterator[str]:
    """Tell why cells are not verified, failures first; of signers and builders, also who they are. Raw."""
    found: dict[tuple[bool, int, str, str], list[str]] = {}
    for chain in chains:
        for at, (link, cell) in enumerate(zip(LINKS, chain.cells, strict=True)):
            if cell.state != "verified" or link in _TOLD:
                key = cell.state != "failed", at, cell.state, cut(cell.why, _WHY)
                found.setdefault(key, []).append(cut(name(chain), _NAME))
    for (_, at, state, why), names in sorted(found.items()):
        who = f"{plural(len(names), 'package')}: {listed(names, _NAMES)}"
        yield f"{LINKS[at]} {state}: {why} ({who if len(names) < len(chains) else 'all'})"
