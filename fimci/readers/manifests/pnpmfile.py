"""`.pnpmfile.cjs` and its kin: code of the repository that pnpm runs whenever it resolves or installs.

It may rewrite every manifest (`readPackage`), put other packages in their place, resolve and fetch on
its own, and it runs although scripts are switched off. What is in it is for whoever reviews; that it is
there, and that it changed, is a setting: `pnpmfile.digest`. `lock-input.pnpm` is what the lockfile has as
its checksum, and `lock-input.pnpm-config` tells that it may change the configuration.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.manifests import settings

#: `pnpmfile.js` until pnpm 5, `.mjs` since pnpm 11.
_NAMES = frozenset({".pnpmfile.cjs", ".pnpmfile.mjs", "pnpmfile.js"})
_SHOWN = 16
#: The hook that changes the configuration.
_CONFIGURES = b"updateConfig"


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether pnpm runs a file of this name; of installed packages it does not."""
    return path.rpartition("/")[2] in _NAMES and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the file hashes to; line endings make no difference to that, as they make none to pnpm."""
    digest = hashlib.sha256(data.replace(b"\r\n", b"\n"))
    yield settings.setting(path, "pnpmfile.digest", f"sha256 {digest.hexdigest()[:_SHOWN]}…", 1)
    checksum = base64.b64encode(digest.digest()).decode()
    yield settings.setting(path, "lock-input.pnpm", f"sha256-{checksum}", 1)
    if _CONFIGURES in data:
        yield settings.setting(path, "lock-input.pnpm-config", "true", 1)
