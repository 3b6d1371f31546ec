"""Which install scripts are routine: those that only set up git hooks for whoever develops."""

from __future__ import annotations

from fimci.model import Capability

#: Whole commands, nothing in front of or behind them: one more word could be another program.
_HOOK_MANAGERS = frozenset(
    {
        "husky",
        "husky install",
        "lefthook install",
        "simple-git-hooks",
        "is-ci || husky",
        "is-ci || husky install",
    }
)
_TOLERANT = (" || true", " || exit 0", " || :")


def starts_hook_manager(script: Capability) -> bool:
    """Tell whether a script does nothing but start a well-known manager of git hooks."""
    command = script.detail.strip()
    for suffix in _TOLERANT:
        command = command.removesuffix(suffix)
    return command in _HOOK_MANAGERS
