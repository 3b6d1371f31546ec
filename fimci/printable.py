"""The one gate for untrusted text.

Names of files and packages, code, and messages of parsers come from whoever wrote what is under
audit. No report, terminal or log gets such text except through this module; each sink has its
own further escaping on top (`fimci.reports`).
"""

from __future__ import annotations

import re

#: What must never reach a reader raw: controls, surrogates, line and paragraph separators,
#: invisible and direction-changing characters, tags, variation selectors, private use.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\ue000-\uf8ff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str, limit: int = 0) -> str:
    r"""Return text on one line in which every character can be seen.

    Controls and invisible characters become `\n`, `\x1b`, `\u202e`; a byte that was not UTF-8
    becomes `\xff` (it arrives as a surrogate escape); a backslash is doubled, so that the
    result can be told from text that looked like it. `limit` cuts, with an ellipsis.
    """
    shown = _UNPRINTABLE.sub(_escape, text.replace("\\", "\\\\"))
    if limit and len(shown) > limit:
        return shown[: limit - 1] + "…"
    return shown


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: the byte itself  # noqa: PLR2004
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:  # noqa: PLR2004
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Return `1 file`, `4,175 files`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"
