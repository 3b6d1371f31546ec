"""`.pnp.cjs` and its kin: what yarn puts in the place of `node_modules`, loaded by every process.

    .pnp.cjs, .pnp.js   code that answers where a package is, and the state it answers from
    .pnp.data.json      the state, where it is kept apart
    .pnp.loader.mjs     the same for modules of ECMAScript

Of the half megabyte of code nobody reads a line, and it is the same in every project with one version of
yarn; the state is as long as the lockfile. Both are settings, apart: `pnp.code` and `pnp.state`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.manifests import settings

_NAMES = frozenset({".pnp.cjs", ".pnp.js", ".pnp.data.json", ".pnp.loader.mjs"})
#: The state as text in quotation marks (yarn 3 and later): no other sign ends it.
_QUOTED = re.compile(rb"'(\{\\\n[^'\\]*(?:\\[\\'\"n\n][^'\\]*)*)'")
#: What stands before and after the state as a table (yarn 2): JSON, with commas at the ends.
_BEFORE, _AFTER = b"hydrateRuntimeState({\n", b"\n  }, {basePath"
_COMMA = re.compile(rb",(?=\n *[\]}])")
_SHOWN = 16


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Want the files that yarn generates; those of an installed package are nobody's."""
    return path.rpartition("/")[2] in _NAMES and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield digests of code and state; where they cannot be told apart, all of it is code."""
    data = data.replace(b"\r\n", b"\n")
    if path.endswith(".json"):
        yield _digest(path, "pnp.state", data, 1)
        return
    start, end = _state(data)
    if start < end:
        yield _digest(path, "pnp.state", data[start:end], data.count(b"\n", 0, start) + 1)
    yield _digest(path, "pnp.code", data[:start] + data[end:], 1)


def _state(data: bytes) -> tuple[int, int]:
    """Return where the state begins and ends; nowhere, if it could be code."""
    quoted = _QUOTED.search(data)
    if quoted is not None:
        return quoted.span(1)
    start = data.find(_BEFORE) + len(_BEFORE) - 2
    end = data.find(_AFTER, start) + len(b"\n  }")
    return (start, end) if start < end and _is_json(data[start:end]) else (0, 0)


def _digest(path: str, name: str, data: bytes, line: int) -> Record:
    return settings.setting(path, name, f"sha256 {hashlib.sha256(data).hexdigest()[:_SHOWN]}…", line)


def _is_json(text: bytes) -> bool:
    try:
        json.loads(_COMMA.sub(b"", text))
    except (ValueError, RecursionError):
        return False
    return True
