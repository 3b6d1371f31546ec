"""What the settings of package managers do, and which changes of them are worth a word.

One table for all clients: `.npmrc` and `pip.conf` say the same things in other words. Its parts are
what the rules speak of, each of its own: where packages come from and what runs at install
(`registry-configuration-changed`), what protects (`protection-loosened`), hashes (`hash-checking-off`),
the client (`package-manager-changed`), and replacements (`override-added`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from fimci.packages.switches import bots, clients, code, hashes, protections, replacements, sources
from fimci.packages.switches.judges import is_off
from fimci.packages.switches.switch import Switch

__all__ = [
    "HASHING",
    "MANAGING",
    "PLACES",
    "PROTECTING",
    "REPLACING",
    "RUNNING",
    "Switch",
    "is_off",
    "let_in",
    "objecting",
]

#: The first row that fits and objects, speaks: what is said of one host goes before what is said of all.
_SWITCHES = (
    *protections.ROWS,
    *bots.ROWS,
    *hashes.ROWS,
    *sources.ROWS,
    *bots.MORE,
    *clients.ROWS,
    *code.ROWS,
    *replacements.ROWS,
)


#: What options of commands begin with: they do what the setting of the same name does.
COMMANDS = "commands."


def _kinds(rows: Sequence[Switch]) -> frozenset[str]:
    return frozenset(switch.what for switch in rows)


#: Kinds of switch that protect, hold against a hash, decide which package manager runs, and put
#: something in the place of a package.
PROTECTING, HASHING = _kinds((*protections.ROWS, *bots.ROWS)), _kinds(hashes.ROWS)
MANAGING, REPLACING = _kinds(clients.ROWS), _kinds(replacements.ROWS)
#: Kinds of switch that name a place where packages come from.
PLACES = frozenset(
    {
        "an index answers for any name",
        "an additional source of packages",
        "packages come from elsewhere",
        "packages of a command come from elsewhere",
    }
)
#: Kinds of switch that decide which code runs at install or at a build, and not where packages come from.
RUNNING = _kinds(code.ROWS)


@functools.cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Compile the table once there is a setting to look up: 6 ms that most runs need not pay."""
    return tuple(re.compile(switch.pattern, re.DOTALL) for switch in _SWITCHES)


def objecting(name: str, old: str | None, new: str | None) -> Switch | None:
    """Return the first row of the table that objects to a setting's new value (`None`: not there)."""
    name = name.removeprefix(COMMANDS)
    for switch, pattern in zip(_SWITCHES, _patterns(), strict=True):
        if pattern.fullmatch(name) is not None and switch.judge(old, new):
            return switch
    return None


def let_in(name: str) -> tuple[str, str] | None:
    """Return what a setting does and the package or host it lets in, for one of a list.

    The version of a package is left out: a permission for another version is the same permission.
    """
    name = name.removeprefix(COMMANDS)
    for switch, pattern in zip(_SWITCHES, _patterns(), strict=True):
        found = pattern.fullmatch(name)
        element = next(filter(None, found.groupdict().values()), "") if found is not None else ""
        if element:
            return switch.what, element if element.rfind("@") < 1 else element[: element.rfind("@")]
    return None
