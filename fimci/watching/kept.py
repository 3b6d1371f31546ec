"""What was told of a folder, kept over a restart: the states that were judged, and when all was looked at.

It only decides what is told *again*. Whoever can write it can make a finding be told once instead of
twice: the first check of each run tells all that differs in any case.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
from collections.abc import Mapping

import msgspec

from fimci import durable, homes, opening
from fimci.errors import FimciError

_LIMIT = 256 << 20
_SURROGATE = re.compile("[\ud800-\udfff]")


class Kept(msgspec.Struct, kw_only=True):
    """The baseline (its root digest) that was held against, and what stood beside it.

    `standing` are the paths that differ, with a hash of the state that was judged last; `said` are
    paths with the fingerprints of what was told of them last. Times in seconds since the epoch.
    """

    baseline: str = ""
    checked: float = 0.0
    standing: dict[str, str] = {}
    said: dict[str, tuple[str, ...]] = {}


def load(root: str, environment: Mapping[str, str]) -> Kept:
    """Return what is kept of a folder; nothing where there is nothing, or others may have written it."""
    try:
        file = _file(root, environment)
        handle = os.open(file, opening.READ)
        with os.fdopen(handle, "rb") as opened:
            if not _ours(os.fstat(handle)):
                return Kept()
            data = opened.read(_LIMIT)
        return _unescaped(msgspec.json.decode(data, type=Kept))
    except (OSError, msgspec.MsgspecError, ValueError):
        return Kept()


def save(root: str, environment: Mapping[str, str], kept: Kept) -> str:
    """Keep it; return why that was not possible, or nothing."""
    try:
        file = _file(root, environment)
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        durable.write(file, [msgspec.json.encode(_escaped(kept))])
    except (OSError, FimciError) as error:
        return f"what was told could not be kept: {error}"
    return ""


def _escaped(kept: Kept) -> Kept:
    """Return it with paths that JSON can hold: a byte that is no UTF-8 follows a NUL, in digits."""
    return msgspec.structs.replace(
        kept,
        standing={_text(path): state for path, state in kept.standing.items()},
        said={_text(path): prints for path, prints in kept.said.items()},
    )


def _unescaped(kept: Kept) -> Kept:
    return msgspec.structs.replace(
        kept,
        standing={_path(text): state for text, state in kept.standing.items()},
        said={_path(text): prints for text, prints in kept.said.items()},
    )


def _text(path: str) -> str:
    return path if path.isascii() else _SURROGATE.sub(lambda found: f"\0{ord(found[0]):04x}", path)


def _path(text: str) -> str:
    head, *parts = text.split("\0")
    return head + "".join(chr(int(part[:4], 16)) + part[4:] for part in parts)


def _file(root: str, environment: Mapping[str, str]) -> str:
    name = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()
    return os.path.join(homes.state(environment), "watch", name + ".json")


def _ours(state: os.stat_result) -> bool:
    if sys.platform == "win32":
        return True  # the profile of a user is nobody else's
    return state.st_uid == os.geteuid() and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
