"""Several installed trees as one source: the folder that they are in, and patterns that leave out all else.

`python:.venv node:.` is the folder here, of which everything is ignored but `.venv` and `node_modules`. The
patterns stand in the recipe of a baseline, so that whoever checks against it takes the same alike.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from fimci.errors import SourceError, UsageError

#: Where a baseline of trees is written if nobody says otherwise: that of the folder has another name.
BASELINE = "installed.baseline"
#: What a tree of Node is in: the folder of a project, or one of these.
_NODE = ("node_modules", ".yarn/cache", ".yarn/unplugged")
_SPECIAL = re.compile(r"([\\*?\[\]!# ])")
_TREES = ("python:", "node:")


def is_meant(names: Sequence[str]) -> bool:
    """Tell whether trees are named rather than a folder."""
    return len(names) > 1 or (names[0].startswith(_TREES) and not os.path.exists(names[0]))


def patterns(names: Sequence[str]) -> tuple[str, ...]:
    """Return patterns that ignore everything in this folder but the trees. Raises `FimciError`."""
    kept: dict[str, None] = {}
    for name in names:
        for place in _folders(name):
            path = os.path.relpath(place).replace(os.sep, "/")
            if path.split("/")[0] == ".." or os.path.isabs(path):
                raise UsageError(
                    f"{name} is not below this folder", "run fimci in a folder above all of them"
                )
            kept[path] = None
    if "." in kept:
        raise UsageError("this whole folder is named beside others", "write `fimci baseline` for the folder")
    found: dict[str, None] = {"/*": None}
    whole = tuple(f"{path}/" for path in kept)
    for path in (one for one in kept if not one.startswith(whole)):  # a tree in a tree is in it already
        parts = [_SPECIAL.sub(r"\\\1", part) for part in path.split("/")]
        for number in range(1, len(parts)):
            above = "/".join(parts[:number])
            found[f"!/{above}/"] = found[f"/{above}/*"] = None
        found[f"!/{'/'.join(parts)}/"] = None
    return tuple(sorted(found, key=lambda pattern: (pattern.lstrip("!").count("/"), pattern[:1] == "!")))


def _folders(name: str) -> Iterator[str]:
    """Yield the folders that a name means. Raises `SourceError` where there is none."""
    scheme, colon, rest = name.partition(":")
    if not colon or scheme not in {"python", "node", "dir"} or os.path.exists(name):
        scheme, rest = "dir", name
    if scheme == "node" and os.path.basename(os.path.abspath(rest)) != _NODE[0]:
        found = [os.path.join(rest, folder) for folder in _NODE if os.path.isdir(os.path.join(rest, folder))]
    else:
        found = [rest] if os.path.isdir(rest) else []
    if not found:
        raise SourceError(
            f"{name} is not a tree that can be listed", "name the folder of one, or install first"
        )
    yield from found
