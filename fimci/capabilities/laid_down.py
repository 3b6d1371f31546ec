"""Programs that a program writes into files: read in their language, for the chains that are in them alone.

Generators of projects write programs all day long; what those can do is no concern of whoever looks at the
generator. One that fetches and runs something, or sends what is secret, was not written for a project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fimci.capabilities import decoding
from fimci.capabilities.uses import Api, Use, Value, known, roles
from fimci.model import CapabilityName

#: Letters of a text that is worth a look, and of one that is looked at.
_SHORT, _LONG = 20, 100_000
_LANGUAGES = {
    **dict.fromkeys((".py", ".pyw"), "python"),
    **dict.fromkeys((".js", ".cjs", ".mjs"), "javascript"),
    **dict.fromkeys((".sh", ".bash", ".command"), "shell"),
    **dict.fromkeys((".bat", ".cmd"), "batch"),
    ".ps1": "powershell",
    **dict.fromkeys((".vbs", ".vbe"), "VBScript"),
    **dict.fromkeys((".applescript", ".scpt"), "AppleScript"),
}
#: How scripts begin, or what they have in them, whose file has no ending.
_WORDS = (
    (re.compile(rb"\bdo shell script\b"), "AppleScript"),
    (re.compile(rb"\bCreateObject\s*\(", re.IGNORECASE), "VBScript"),
    (re.compile(rb"\A\s*@echo off\b", re.IGNORECASE), "batch"),
)
#: What of a program that is written is told.
TOLD: frozenset[CapabilityName] = frozenset(
    ("download-and-run", "exfiltration", "encoded-payload", "self-propagation")
)


def programs(uses: Sequence[tuple[Use, Api]]) -> Iterator[tuple[Use, str, bytes]]:
    """Yield programs that are written, with their language."""
    for use, api in uses:
        if api.name != "filesystem-write" or use.form != "call":
            continue
        given = dict(roles(use, api))
        data = _content(given.get("data", Value()))
        if _SHORT <= len(data) <= _LONG:
            language = _language(given.get("path", Value()), data)
            if language:
                yield use, language, data


def _content(value: Value) -> bytes:
    return value.text.encode("utf-8", "replace") if isinstance(value.text, str) else value.text or b""


def _language(path: Value, data: bytes) -> str:
    """Return the language by the name of the file, else by what is in it."""
    name = known(path)
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    if ending:
        return _LANGUAGES.get(ending, "")
    worded = next((language for words, language in _WORDS if words.search(data)), "")
    if worded:
        return worded
    kind = decoding.kind(data)
    return kind if kind in {"python", "javascript", "shell"} else ""
