"""`.npm-extension.mjs` and `.npm-extension.cjs`: code of the project that npm 12 runs before all else.

What it does is not looked at; that it is there, and whether it is the code that the lockfile was made
with, is. The digest is npm's own, `npmExtensionHash` of a `package-lock.json` of version 4.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.manifests import settings

_NAMES = frozenset({".npm-extension.mjs", ".npm-extension.cjs"})


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether npm would run this. `extension-file` in `.npmrc` may name another file."""
    return path.rpartition("/")[2] in _NAMES and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the digest of the code, as npm makes it: with the kind of module in front."""
    kind = path.rpartition(".")[2]
    digest = hashlib.sha512(f"npm-extension:v1:{kind}\n".encode() + data).digest()
    yield settings.setting(path, "npm-extension.digest", f"sha512-{base64.b64encode(digest).decode()}", 1)
