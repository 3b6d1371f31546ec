r"""The one gate for untrusted text.

Names of files and packages, code, and messages of parsers come from whoever wrote what is under
audit. No report, terminal or log gets such text except through this module; each sink has its
own further escaping on top (`fimci.reports`).

The form is one line that a person can read and a program can undo: whatever stands behind a
backslash was written here. One rule holds in every sink, so a backslash of the text itself is
always doubled: the file `a\b` shows as `a\\b`, and `\n` is a newline, never those two letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

#: What must never reach a reader raw: controls, surrogates, line and paragraph separators, blanks
#: other than the space, invisible and direction-changing characters, tags, variation selectors,
#: private use, noncharacters. Covers Cc, Cf, Zl, Zp, Co, Cs and Default_Ignorable_Code_Point.
_UNPRINTABLE = (
    "\x00-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
    "\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164"
    "\ud800-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 14))
    + "\U000e0000-\U0010ffff"
)
#: What CI systems take for a command: `##[…]`, `##vso[…]` and `##teamcity[…]` anywhere in a line,
#: and `::` where a line begins.
_MID_LINE = r"(?<=#)#(?=\w{0,20}\[)"
_AT_START = r"\A *:(?=:)"
#: Characters after one that decide how it is written (at most).
_AHEAD = 32
_ESCAPED = re.compile(rf"[\\{_UNPRINTABLE}]|{_MID_LINE}|{_AT_START}")
_WRITTEN = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U(0010[0-9a-f]{4}|000[0-9a-f]{5})|([nrt\\#:]))")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


def printable(text: str, limit: int = 0) -> str:
    r"""Return text on one line in which every character can be seen and none gives a command.

    Controls and invisible characters become `\n`, `\x1b`, `\u202e`; a byte that was not UTF-8
    becomes `\xff` (it arrives as a surrogate escape); a backslash is doubled. What a CI system
    would obey is broken by a backslash: `#\#[error]`, `\::error::`. Two different texts never
    become the same, unless `limit` cuts them: to that many characters, an ellipsis the last.
    """
    if not limit or len(text) < limit // 10:
        return _ESCAPED.sub(_escape, text)
    shown = _ESCAPED.sub(_escape, text[: limit + _AHEAD])
    if len(shown) <= limit:
        return shown
    return _whole(shown[: limit - 1]) + "…"


def raw(shown: str) -> str:
    r"""Return the text that `printable` was given, of what it gave: what is kept so is shown by it again.

    What has no such form stays as it is.
    """
    return _WRITTEN.sub(_undone, shown)


def uncommanding(line: str) -> str:
    r"""Return a line that was cut out of printable text with a leading `::` broken: `\::`.

    Wrapping may bring to the front what stood in the middle; nothing else can become a command.
    """
    return re.sub(r"\A *(?=::)", r"\g<0>\\", line)


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Return `1 file`, `4,175 files`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def cut(text: str, limit: int) -> str:
    """Return raw text of at most `limit` characters, an ellipsis the last where it was longer."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def listed(words: Sequence[str], most: int = 8, separator: str = ",") -> str:
    """Return `a, b, c and 1,997 more`; clauses, whose separator is `;`, as `a; b; and 2 more`."""
    shown = f"{separator} ".join(words[:most])
    return shown + (";" if separator == ";" and len(words) > most else "") + and_more(len(words) - most)


def and_more(number: int, where: str = "") -> str:
    """Return ` and 7 more` or `, and 7 more in this folder`; nothing where there are no more."""
    if number <= 0:
        return ""
    return f", and {number:,} more {where}" if where else f" and {number:,} more"


def _escape(match: re.Match[str]) -> str:
    found = match.group()
    character = found[-1]
    if character in _NAMED:
        return _NAMED[character]
    if character in "#:":
        return f"{found[:-1]}\\{character}"
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004  (surrogateescape: the byte itself)
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0x7F:  # noqa: PLR2004  (\x80 and above are bytes, the characters are \u0080)
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def _undone(match: re.Match[str]) -> str:
    byte, short, long, letter = match.groups()
    if letter is not None:
        return {"n": "\n", "r": "\r", "t": "\t"}.get(letter, letter)
    code = int(byte or short or long, 16)
    return chr(code + 0xDC00 if byte is not None and code >= 0x80 else code)  # noqa: PLR2004  (surrogateescape)


def _whole(shown: str) -> str:
    """Drop an escape that a cut has left without its end."""
    kept = re.match(r"(?:[^\\]|\\(?:x..|u.{4}|U.{8}|[^xuU]))*", shown)
    return kept.group() if kept else shown
