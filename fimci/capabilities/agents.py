"""Coding agents that are started so that they ask nobody before they run commands and read files (nx, 2025).

A program that starts several of them has their options in a table: what goes with what, nobody has to follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.choices import texts
from fimci.capabilities.uses import STARTS, Api, Use, Value, roles

AGENTS = frozenset(("claude", "gemini", "codex", "q", "amp", "cursor-agent", "copilot", "opencode"))
#: Options by which they ask nobody.
UNASKED = frozenset(
    (
        *(
            "--dangerously-skip-permissions",
            "--yolo",
            "--trust-all-tools",
            "--full-auto",
            "--allow-all-tools",
        ),
        *("--dangerously-bypass-approvals-and-sandbox", "--dangerously-allow-all"),
    )
)


def unasked(uses: Sequence[tuple[Use, Api]]) -> Iterator[tuple[Use, str]]:
    """Yield agents that a use starts which may be given such an option, whichever of them it is."""
    for use, api in uses:
        if api.name not in STARTS or use.form != "call":
            continue
        given = dict(roles(use, api))
        command, arguments = given.get("command", Value()), given.get("arguments", Value())
        words = command.items or (command,)
        options = {text for value in (*words[1:], *arguments.items) for text in texts(value)}
        if not UNASKED.isdisjoint(options):
            yield from ((use, name) for name in texts(words[0]) if name in AGENTS)
