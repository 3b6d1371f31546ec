"""Instructions that agents obey (`AGENTS.md`, rules, commands): that they are there, and what is not shown.

    the file                       Setting   `instructions`, its digest without blanks at ends of lines
    a comment of HTML in it        Setting   `comments.DIGEST`, its text

Who looks at such a file as a page sees no comment; an agent reads it like the rest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from fimci.capabilities import automatic
from fimci.model import Record
from fimci.readers.manifests import settings

_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)")
#: Marks of tools (`prettier-ignore`, `BEGIN generated`) have fewer words.
_WORDS = 4
_SHOWN = 300


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want what agents read before anything else."""
    return automatic.kind(path) == "instructions"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the digest, and comments of more than a few words."""
    text = data.decode("utf-8", "replace")
    lines = [line.rstrip() for line in settings.lines(text)]
    yield settings.setting(path, "instructions", _digest("\n".join(lines).rstrip("\n")), 1)
    yield from settings.bounded(path, _comments(path, _shown(lines)))


def _comments(path: str, text: str) -> Iterator[Record]:
    told = set()
    line, counted = 1, 0
    for found in _COMMENT.finditer(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        comment = " ".join(found[1].split())
        name = f"comments.{_digest(comment)}"
        if comment.count(" ") + 1 >= _WORDS and name not in told:
            told.add(name)
            yield settings.setting(path, name, comment[:_SHOWN], line)


def _shown(lines: list[str]) -> str:
    """Return the text with empty lines in the place of blocks of code, in which comments are shown."""
    inside = False
    kept = []
    for line in lines:
        fence = _FENCE.match(line) is not None
        kept.append("" if inside or fence else line)
        inside ^= fence
    return "\n".join(kept)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
