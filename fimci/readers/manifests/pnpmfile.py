"""`.pnpmfile.cjs` and its kin: code of the repository that pnpm runs whenever it resolves or installs.

It may rewrite every manifest (`readPackage`), put other packages in their place, resolve and fetch on
its own, and it runs although scripts are switched off. What is in it is for whoever reviews; that it is
there, and that it changed, is a setting: `pnpmfile.digest`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.manifests import settings

#: `pnpmfile.js` until pnpm 5, `.mjs` since pnpm 11.
_NAMES = frozenset({".pnpmfile.cjs", ".pnpmfile.mjs", "pnpmfile.js"})
_SHOWN = 16


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether pnpm runs a file of this name; of installed packages it does not."""
    return path.rpartition("/")[2] in _NAMES and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the one setting; line endings make no difference to it, as they make none to pnpm."""
    digest = hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()
    yield settings.setting(path, "pnpmfile.digest", f"sha256 {digest[:_SHOWN]}…", 1)
