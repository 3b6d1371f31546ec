"""Signatures of the npm registry over name, version and hash of a release.

They prove that the registry served this release so, not who made it. The text that is signed is
`name@version:integrity`; the integrity must be that of the archive at hand, and not what a document says of
another one. A key that has ended is right for what was published before its end. `npm view NAME@VERSION
--json` gives the document.
"""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from fimci.attest import dsse, roots
from fimci.attest.refusal import Refusal
from fimci.attest.roots import Key


def verified(document: Any, release: str, sha512: str) -> None:
    """Verify the document of one release for an archive. Raises `Refusal`.

    `release` is `name@version` as the archive states it, `sha512` the hex of its hash.
    """
    try:
        name, version, dist = document["name"], document["version"], document["dist"]
        integrity, signatures = str(dist["integrity"]), list(dist["signatures"])
    except (KeyError, TypeError):
        raise Refusal("form", "is no document of a release with signatures") from None
    if f"{name}@{version}" != release:
        raise Refusal("subject", f"is about {str(name)[:80]}@{str(version)[:40]}")
    own = "sha512-" + base64.b64encode(bytes.fromhex(sha512)).decode()
    if integrity != own:
        raise Refusal("subject", "is about an archive with another hash")
    times = document.get("time")
    published = times.get(version) if isinstance(times, dict) else times
    if not any(_holds(one, f"{name}@{version}:{integrity}", published) for one in signatures):
        raise Refusal("signature", "has no signature of a key that is known and was in use")


def _holds(signature: Any, message: str, published: Any) -> bool:
    if not isinstance(signature, dict):
        return False
    key = roots.NPM_KEYS.get(str(signature.get("keyid")))
    if key is None or not _in_use(key, published):
        return False
    made = dsse.decoded(signature.get("sig"), "a signature")
    return dsse.signed_by(base64.b64decode(key.spki), made, message.encode())


def _in_use(key: Key, published: Any) -> bool:
    if key.end is None:
        return True
    try:
        when = dt.datetime.fromisoformat(str(published).replace("Z", "+00:00"))
    except ValueError:
        return False
    return when.tzinfo is not None and when <= key.end
