"""Which package of a `node_modules` a file belongs to, told from its path.

Packages stand right below a `node_modules`, and further ones right below that of another package; a
`node_modules` anywhere deeper is content (the fixtures of `resolve` are full of them). pnpm, bun and
yarn keep the packages themselves in a virtual store, a folder for each, and link to them.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

_STORES = frozenset({".pnpm", ".bun", ".store"})
_MODULES = "node_modules"


class Where(NamedTuple):
    """Whose file it is: `folder` is that of the package or, of a command, the `node_modules` around it.

    `inner` is the rest of the path: empty where the path is the package's own.
    """

    kind: Literal["package", "command", "tool"]
    folder: str
    inner: str


def where(path: str, start: str) -> Where:
    """Tell whose file a path below the `node_modules` at `start` is."""
    parts = path[len(start) + 1 :].split("/")
    at = 0
    while at < len(parts):
        word = parts[at]
        if word in _STORES:
            below = _below_store(parts, at)
            if below is None:
                break
            if parts[below - 1] == "package":
                return _package(start, parts, below)
            at = below
            continue
        if word == ".bin" and len(parts) == at + 2:
            return Where("command", _joined(start, parts[:at]), parts[at + 1])
        if word.startswith("."):
            break
        end = at + (2 if word.startswith("@") else 1)
        if parts[end : end + 1] != [_MODULES] or len(parts) == end + 1:
            return _package(start, parts, end) if end <= len(parts) else Where("tool", start, path)
        at = end + 1
    return Where("tool", start, path)


def name_of(folder: str) -> str:
    """Return the name by which the package in a folder is required."""
    above, _, name = folder.rpartition("/")
    scope = above.rpartition("/")[2]
    return f"{scope}/{name}" if scope.startswith("@") else name


def place_of(folder: str) -> str:
    """Return the place of a package in records: the `node_modules` around it, `#`, and its name there."""
    name = name_of(folder)
    return f"{folder[: -len(name) - 1]}#{name}"


def above(folder: str, project: str) -> list[str]:
    """Return the folders in which Node looks for what a package requires, nearest first."""
    found = []
    while folder.startswith(project) or not project:
        if folder.rpartition("/")[2] != _MODULES:
            found.append(f"{folder}/{_MODULES}" if folder else _MODULES)
        if not folder or folder == project:
            break
        folder = folder.rpartition("/")[0]
    return found


def parent(folder: str) -> str:
    """Return the package in whose own `node_modules` this one is; empty where there is none."""
    outer = folder[: -len(name_of(folder)) - 1]
    inside = outer.removesuffix(f"/{_MODULES}")
    if inside == outer or "/" not in inside:
        return ""
    around = inside[: -len(name_of(inside)) - 1]
    return inside if around.rpartition("/")[2] == _MODULES else ""


def _below_store(parts: list[str], at: int) -> int | None:
    """Return where the packages of a store's folder begin, or the package itself ends."""
    if parts[at + 1 : at + 2] == [_MODULES]:
        return at + 2
    if parts[at + 2 : at + 3] == [_MODULES]:
        return at + 3
    if parts[at] == ".store" and parts[at + 2 : at + 3] == ["package"]:
        return at + 3
    return None


def _package(start: str, parts: list[str], end: int) -> Where:
    return Where("package", _joined(start, parts[:end]), "/".join(parts[end:]))


def _joined(start: str, parts: list[str]) -> str:
    return "/".join((start, *parts))
