"""Constant texts that may name a host, a path of a secret, or a payload; comments and patterns are none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.readers.code.javascript_syntax.reading import Reading

_MOST = 400
#: What a text must contain to mean something by itself.
_TELLING = re.compile(
    rb"://[\w\[]|[\"'`/\\~](?:\.(?:npmrc|yarnrc|pypirc|ssh|aws|azure|kube|gnupg|netrc|docker|git-credentials|vault-token"
    rb"|password-store|config/gcloud|electrum|ethereum|claude|codex|gemini|env\b|bash|zsh|profile|cursor|mcp|runner)"
    rb"|id_(?:rsa|dsa|ecdsa|ed25519)|wallet\.dat|etc/(?:passwd|shadow|sudoers|cron|ld\.so)|proc/)"
    rb"|Login Data|Local State|Web Data|Local Extension|Local Storage|keychain|LaunchAgents|LaunchDaemons|logins\.json"
    rb"|key4\.db|cookies\.sqlite|nkbihfbeogaea|bfnaelmomeimh|hnfanknocfeof|exodus|Coinomi|serviceaccount/token"
    rb"|CurrentVersion[\\/]+Run|[\"'`][A-Za-z0-9+/_=-]{400}",
    re.IGNORECASE,
)


def texts(reading: Reading) -> Iterator[tuple[int, str]]:
    """Yield the lines and texts of strings that are written out, then of what was folded."""
    seen: set[int] = set()
    for count, match in enumerate(_TELLING.finditer(reading.source.data)):
        if count >= _MOST:
            break
        path = reading.path(match.end() - 1)
        whole = next((node for node in path[-3:] if node.type in {"string", "template_string"}), None)
        if whole is None or whole.id in seen:
            continue
        seen.add(whole.id)
        value = reading.value(whole)
        line = reading.source.line(whole.start_byte)
        if isinstance(value.text, str):
            yield line, value.text
        else:
            yield from ((line, part) for part in value.parts)
    for line, text in list(reading.folded)[:_MOST]:
        yield line, text
