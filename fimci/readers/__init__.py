"""What is in a file: one module per format, listed here and nowhere else.

A reader is a pure function from a path and bytes to records. It opens nothing, runs nothing,
and reports what it cannot parse as `Unread`. What all readers share is in `documents` (files that
are not in their syntax), `excerpts` (evidence without passwords) and `names`.
"""

from __future__ import annotations

from fimci.readers.binary import magic
from fimci.readers.code import hidden_text
from fimci.readers.locks import npm, poetry, pylock, requirements, uv
from fimci.readers.manifests import (
    baseline_file,
    binding_gyp,
    dist_info,
    npmrc,
    package_json,
    pip_conf,
    policy_file,
    pyproject,
    workflow,
)
from fimci.snapshot import Reader

ALL: tuple[Reader, ...] = (
    baseline_file,
    binding_gyp,
    dist_info,
    hidden_text,
    magic,
    npm,
    npmrc,
    package_json,
    pip_conf,
    poetry,
    policy_file,
    pylock,
    pyproject,
    requirements,
    uv,
    workflow,
)

#: What a recipe says of the readers: each by name and version.
VERSIONS = tuple(f"{reader.NAME}/{reader.VERSION}" for reader in ALL)
_NAMES = frozenset(name for reader in ALL for name in reader.NAMES)
_SUFFIXES = tuple(suffix for reader in ALL for suffix in reader.SUFFIXES)
_BY_CONTENT = tuple(reader for reader in ALL if not reader.NAMES and not reader.SUFFIXES)


def candidates(path: str) -> tuple[Reader, ...]:
    """Return the readers that may want a path. Most files are told apart here, in a microsecond."""
    if path.rpartition("/")[2] in _NAMES or path.endswith(_SUFFIXES):
        return ALL
    return _BY_CONTENT
