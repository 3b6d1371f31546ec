"""Patches of installed packages, `patches/left@1.0.1.patch`, as npm, pnpm, bun and patch-package apply them.

They change what a package does after every check of its hash. What they change is not looked at here;
that one is there, and that it is another one now, is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.manifests import settings

_PATH = re.compile(r"(?:.*/)?patches/(?:[^/]+/)?[^/]+[@+][0-9][^/]*\.patch", re.DOTALL)


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether a path is that of a patch which names a package and its version."""
    return _PATH.fullmatch(path) is not None and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the digest of the patch."""
    yield settings.setting(path, "patch.digest", f"sha256:{hashlib.sha256(data).hexdigest()}", 1)
