"""Patterns in gitignore syntax: which paths they take, and which of them decides."""

from __future__ import annotations

import re
from collections.abc import Callable

#: The commonest pattern, which needs no library: a folder of this name, anywhere (`.git/`).
_FOLDER_NAME = re.compile(r"[\w.-]+/", re.ASCII)


def matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Return a predicate for paths, from patterns in gitignore syntax (a folder ends with `/`)."""
    if not patterns:
        return lambda _: False
    if folders_alone(patterns):
        named = re.compile("|".join(re.escape(f"/{pattern}") for pattern in patterns)).search
        return lambda path: named(f"/{path}") is not None
    import pathspec  # noqa: PLC0415  (50 ms that a run without patterns need not pay)

    return pathspec.GitIgnoreSpec.from_lines(patterns).match_file


def folders_alone(patterns: tuple[str, ...]) -> bool:
    """Tell whether patterns match nothing but folders of some plain names, and what is below."""
    return all(_FOLDER_NAME.fullmatch(pattern) for pattern in patterns)


def deciding(patterns: tuple[str, ...], path: str) -> int | None:
    """Return which of the patterns has the last word on a path, `None` where none matches."""
    import pathspec  # noqa: PLC0415  (as above)

    return pathspec.GitIgnoreSpec.from_lines(patterns).check_file(path).index


def malformed(pattern: str) -> bool:
    """Tell whether a text is no pattern."""
    try:
        matcher((pattern,))("a")
    except ValueError:
        return True
    return False
