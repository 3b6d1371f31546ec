"""Which tools there are on another machine: GNU, BusyBox, those of a BSD, or too few."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fimci.errors import RemoteError
from fimci.sources.ssh import client
from fimci.sources.ssh.client import Session

#: What hashes, by algorithm: the first of them that is there. Each prints a hash, a mark of the kind, a name.
_HASHERS: Mapping[str, tuple[str, ...]] = {
    "sha256": ("sha256sum", "shasum -a 256", "sha256 -r", "openssl dgst -sha256 -r"),
    "sha512": ("sha512sum", "shasum -a 512", "sha512 -r", "openssl dgst -sha512 -r"),
    "blake2b": ("b2sum",),
}
_STATS = {
    # Raw mode in hex, size, owner, group, inode, hard links, and the name in the rest of the line.
    "c": 'stat -c "%f %s %u %g %i %h %n"',
    "f": 'stat -f "%Xp %z %u %g %i %l %N"',
}
MOST_LANES = 4

_PROBE = r"""
say() { printf '%s\n' "$1"; }
[ "$(find . -prune -printf %y 2>/dev/null)" = d ] && say printf
find . -prune -print0 >/dev/null 2>&1 && say print0
printf '.\0' | xargs -0 ls -d >/dev/null 2>&1 && say xargs0
stat -c %f . >/dev/null 2>&1 && say stat-c
stat -f %Xp . >/dev/null 2>&1 && say stat-f
HASHER -z </dev/null >/dev/null 2>&1 && say "hash0 HASHER"
HASHER </dev/null >/dev/null 2>&1 && say "hash HASHER"
n=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1); say "cores $n"
"""


class Userland(NamedTuple):
    """What is there: how files are described and hashed, and how many processes hash side by side.

    `printing`: `find` describes what it finds. `ending`: a hash ends with NUL and no name is escaped.
    """

    printing: bool
    stat: str
    hasher: str
    ending: bool
    lanes: int


def probe(session: Session, algorithm: str) -> Userland:
    """Find out. Raises `RemoteError` where something that is needed is missing."""
    head, tail = _PROBE.split("HASHER -z", 1)
    tail = "HASHER -z" + tail
    tries, rest = tail.split("n=$(nproc", 1)
    tested = "".join(tries.replace("HASHER", hasher) for hasher in _HASHERS[algorithm])
    asked = f"{head}{tested}n=$(nproc{rest}"
    told = client.run(client.hurried(session), asked).output.decode("ascii", "replace").split("\n")
    ending = [line.removeprefix("hash0 ") for line in told if line.startswith("hash0 ")]
    hashing = [line.removeprefix("hash ") for line in told if line.startswith("hash ")]
    hashers = [one for one in _HASHERS[algorithm] if one in hashing]
    stats = [text for name, text in _STATS.items() if f"stat-{name}" in told]
    missing = [
        what
        for what, there in (
            ("find -print0", "print0" in told),
            ("xargs -0", "xargs0" in told),
            ("stat", bool(stats) or "printf" in told),
            (_HASHERS[algorithm][0], bool(hashers)),
        )
        if not there
    ]
    if missing:
        raise RemoteError(
            f"lacks what it must be asked with: {', '.join(missing)}", "install coreutils or BusyBox there"
        )
    return Userland(
        printing="printf" in told,
        stat=stats[0] if stats else "",
        hasher=hashers[0],
        ending=hashers[0] in ending,
        lanes=min(_cores(told), MOST_LANES),
    )


def _cores(told: list[str]) -> int:
    numbers = [line.removeprefix("cores ") for line in told if line.startswith("cores ")]
    return max(int(numbers[0]), 1) if numbers and numbers[0].isdecimal() else 1
