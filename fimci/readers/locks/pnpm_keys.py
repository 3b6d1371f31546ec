"""How pnpm's lockfiles call a package: the key of an entry, and what a dependency refers to.

    5.x   /name/1.0.0_peer@1        registry.example/name/1.0.0     github.com/owner/repo/<commit>
    6.x   /name@1.0.0(peer@1)       registry.example/name@1.0.0     file:vendor/name.tgz
    9, 13 name@1.0.0(peer@1)        name@work:1.0.0, name@runtime:24.0.0, name@<URL>, name@file:path

Part of the reader `pnpm`, and no reader itself. See https://pnpm.io/lockfile-format.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]*)?")
_QUALIFIED = re.compile(r"([A-Za-z][\w.-]*):(.*)", re.ASCII | re.DOTALL)
#: No names of registries: what they stand before is a path or an address.
_RESERVED = frozenset(
    [
        "bitbucket",
        "catalog",
        "custom",
        "file",
        "git",
        "github",
        "gitlab",
        "http",
        "https",
        "jsr",
        "link",
        "npm",
        "runtime",
        "ssh",
        "workspace",
    ]
)
_RUNTIME = "runtime:"
_NAME = re.compile(r"(?:@[^@/\\:\s]{1,214}/)?[^@/\\:\s][^/\\:\s]{0,213}")
#: Names that lead out of `node_modules`, or into what is not a package there.
_FORBIDDEN = frozenset({"node_modules", "favicon.ico"})


class Key(NamedTuple):
    """A package as a key calls it: one without a version goes by where it comes from.

    `registry` is the address of a host (5.x, 6.x) or a name that the configuration explains (`work:`).
    """

    name: str
    version: str = ""
    source: str = ""
    registry: str = ""


def parse(key: str, major: int) -> Key:
    """Take the key of an entry apart; what cannot be told is empty."""
    key = bare(key, major)
    if major >= 9:  # noqa: PLR2004  (the version since which a key begins with the name)
        name, _, rest = _halves(key)
        return _source(name, rest)
    found = _older(key, major)
    return found if _VERSION.fullmatch(found.version) else Key("", source=key)


def target(name: str, reference: str, major: int) -> Key:
    """Return the package that `name: reference` among dependencies means."""
    if reference.startswith(("link:", "file:")):
        return Key(name, source=reference)
    if major < 9:  # noqa: PLR2004  (the same)
        text = bare(reference, major)
        return Key(name, version=text) if _VERSION.fullmatch(text) else parse(reference, major)
    real, separator, _ = _halves(bare(reference, major))
    # `string-width@4.2.3` is another package, `git+ssh://git@host/path` is none.
    if separator and (reference.startswith("@") or not set(real) & set(":(")):
        return parse(reference, major)
    return parse(f"{name}@{reference}", major)


def bare(key: str, major: int) -> str:
    """Cut off what a key says of peers and patches: `(peer@1)(patch_hash=…)`, in 5.x `_peer@1`."""
    if major < 6:  # noqa: PLR2004  (the version that introduced the parentheses)
        folder, slash, last = key.rpartition("/")
        version, _, _ = last.partition("_")
        return f"{folder}{slash}{version}" if _VERSION.fullmatch(version) else key
    if not key.endswith((")", "(")):
        return key
    end, depth = len(key), 0
    for index in range(len(key) - 1, -1, -1):
        if key[index] == ")":
            depth += 1
        elif key[index] == "(":
            depth -= 1
        if depth <= 0 and key[index] != "(":
            break
        if depth == 0:
            end = index
    return key[:end]


def harmful(name: str) -> bool:
    """Tell whether a name would make a client write somewhere else than into a folder of that name."""
    parts = name.split("/")
    return (
        _NAME.fullmatch(name) is None
        or any(part.startswith(".") for part in parts)
        or parts[-1].lower() in _FORBIDDEN
        or not name.isprintable()
    )


def climbs(version: str) -> bool:
    """Tell whether a version is a path upwards: it becomes a part of a folder's name."""
    return ".." in re.split(r"[/\\]", version) and not version.startswith(("file:", "link:"))


def _halves(key: str) -> tuple[str, str, str]:
    """Part a key at the `@` between name and version."""
    at = key.find("@", 1)
    return (key[:at], "@", key[at + 1 :]) if at > 0 else (key, "", "")


def _source(name: str, rest: str) -> Key:
    if _VERSION.fullmatch(rest):
        return Key(name, rest)
    if rest.startswith(_RUNTIME):
        return Key(name, rest[len(_RUNTIME) :], rest)
    qualified = _QUALIFIED.fullmatch(rest)
    if qualified and qualified[1] not in _RESERVED and _VERSION.fullmatch(qualified[2]):
        return Key(name, qualified[2], registry=f"{qualified[1]}:")
    return Key(name, source=rest)


def _older(key: str, major: int) -> Key:
    """Read `/name/version`, `/name@version` or the same with the host of a registry in front."""
    separator = "/" if major < 6 else "@"  # noqa: PLR2004  (the same)
    path, _, version = key.rpartition(separator)
    host, slash, name = path.partition("/")
    if not slash:
        return Key("")
    return Key(name, version, registry=f"https://{host}/" if host else "")
