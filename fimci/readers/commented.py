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
    return json.load(_STRING_OR_COMMA.sub(_without_comma, text).encode("utf-8"))


def _without_comment(found: re.Match[str]) -> str:
    return found[0] if found[0][0] == '"' else _INK.sub(" ", found[0])


def _without_comma(found: re.Match[str]) -> str:
    return found[0] if found[0][0] == '"' else " "
