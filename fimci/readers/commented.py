"""JSON with comments and with commas before an end, as bun and deno write it and read it.

Shared by several readers, and no reader itself. What JSON does not have becomes blanks, so that
every line stays where it is and the parser of JSON proper does the rest.
"""

from __future__ import annotations

import re

from fimci.marked import json
from fimci.marked.document import Marked, text_of

#: A string as it is, or a comment. Both may lack their end, so that nothing is looked at twice.
_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\r\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/)?')
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*"?|,(?=[ \t\r\n]*[}\]])')
_INK = re.compile(r"[^\r\n]+")


def load(data: bytes) -> Marked:
    """Parse JSON text in which comments and trailing commas may stand. Raises `Malformed`."""
    text = text_of(data)
    if "/" in text:
        text = _STRING_OR_COMMENT.sub(_without_comment, text)
    text = _STRING_OR_COMMA.sub(_without_comma, text)
    return json.loads(text)


def _without_comment(found: re.Match[str]) -> str:
    """Blank a comment; one without an end stays, for the parser to refuse."""
    whole = found[0][:2] == "//" or (found[0][:2] == "/*" and found[0][2:].endswith("*/"))
    return _INK.sub(" ", found[0]) if whole else found[0]


def _without_comma(found: re.Match[str]) -> str:
    """Drop a comma after a member; one after nothing stays, for the parser to refuse."""
    text, before = found.string, found.start() - 1
    while before >= 0 and text[before] in " \t\r\n":
        before -= 1
    return found[0] if found[0][0] == '"' or text[before] in "[{," else " "
