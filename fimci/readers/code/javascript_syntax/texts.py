"""Constant texts that may name a host, a path of a secret, or a payload; comments and patterns are none."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from fimci.readers.code import sought
from fimci.readers.code.javascript_syntax.reading import Reading

_MOST = 4000
#: How it is said that there are more.
TEXTS_CUT = "more texts than are looked at in one file"
#: What a text must contain to mean something by itself.
_TELLING = tuple(
    word.encode()
    for word in (
        *(
            "://",
            ".npmrc",
            ".yarnrc",
            ".pypirc",
            ".ssh",
            ".aws",
            ".azure",
            ".kube",
            ".gnupg",
            ".netrc",
            ".docker",
        ),
        *(
            ".git-credentials",
            ".vault-token",
            ".password-store",
            "gcloud",
            ".electrum",
            "thereum/keystore",
            ".claude",
        ),
        *(
            ".codex",
            ".gemini",
            ".env",
            ".bash",
            ".zsh",
            ".cursor",
            ".mcp.json",
            "_history",
            "id_rsa",
            "id_ed25519",
        ),
        *(
            "wallet",
            "/etc/passwd",
            "/etc/shadow",
            "/etc/sudoers",
            "/proc/",
            "Login Data",
            "Local State",
            "Web Data",
        ),
        *(
            "Local Extension",
            "Local Storage",
            "eychain",
            "LaunchAgents",
            "LaunchDaemons",
            "logins.json",
            "key4.db",
        ),
        *("cookies.sqlite", "nkbihfbeogaea", "bfnaelmomeimh", "hnfanknocfeof", "exodus", "Exodus", "Coinomi"),
        *("serviceaccount", "CurrentVersion", "discord"),
    )
)
_SOUGHT = sought.sought(_TELLING)
_ENCODED = re.compile(rb"[\"'`][A-Za-z0-9+/_=-]{400}")


def _places(data: bytes) -> Iterator[int]:
    groups = [iter(found) for _, found in sought.in_order(data, _SOUGHT)]
    groups.append(match.end() - 1 for match in _ENCODED.finditer(data))
    return sought.in_turn(groups)


def texts(reading: Reading) -> Iterator[tuple[int, str]]:
    """Yield the places and texts of strings that are written out, then of what was folded."""
    seen: set[int] = set()
    for number, at in enumerate(_places(reading.source.data)):
        if number == _MOST:
            reading.cut.add(TEXTS_CUT)
            break
        path = reading.path(at)
        whole = next((node for node in path[-3:] if node.type in {"string", "template_string"}), None)
        if whole is None or whole.id in seen:
            continue
        seen.add(whole.id)
        value = reading.value(whole)
        if isinstance(value.text, str):
            yield whole.start_byte, value.text
        else:
            yield from ((whole.start_byte, part) for part in value.parts)
    if len(reading.folded) > _MOST:
        reading.cut.add(TEXTS_CUT)
    folded = itertools.islice(reading.folded.items(), _MOST)
    yield from ((at, text) for (_, text), at in folded)
