"""Bytecode that runs where no source is: which files are such, and where the source would be."""

from __future__ import annotations

from fimci.model import Capability

#: Kinds of programs that a language runs in the place of a source.
_KINDS = frozenset({"pyc", "v8 cache"})


def sourceless(program: Capability) -> bool:
    """Tell bytecode outside of `__pycache__`: Python imports that where there is no source beside it."""
    return program.subject in _KINDS and "/__pycache__/" not in f"/{program.path}"


def sources(path: str) -> tuple[str, ...]:
    """Return the names under which the source would stand beside it."""
    stem = path.rpartition(".")[0]
    return (f"{stem}.js", f"{stem}.cjs") if path.endswith(".jsc") else (f"{stem}.py",)
