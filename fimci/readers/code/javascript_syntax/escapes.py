"""What a string literal says (ECMA-262, 12.9.4)."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|([0-7]{1,3})|(\r\n|[\s\S]))"
)
_PLAIN = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\n": "",
    "\r\n": "",
    "\u2028": "",
}
_CODE_POINTS = 0x110000


def unescaped(text: str) -> str:
    """Return what a string literal says, from what stands between its quotes (ECMA-262, 12.9.4)."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code < _CODE_POINTS else ""
    if match[4]:
        return chr(int(match[4], 8))
    return _PLAIN.get(match[5], match[5])
