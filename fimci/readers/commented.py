"""JSON with comments and with commas before an end, as bun and deno write it and read it.

Shared by several readers, and no reader itself.
"""

from __future__ import annotations

from fimci.marked import json
from fimci.marked.document import Malformed, Marked, text_of
from fimci.model import Unread
from fimci.readers.documents import unparsed


def load(data: bytes) -> Marked:
    """Parse JSON text in which comments and trailing commas may stand. Raises `Malformed`."""
    return json.loads(text_of(data), relaxed=True)


def table(path: str, data: bytes) -> Marked | Unread:
    """Return a document that is a table of settings, or say what else it is."""
    try:
        document = load(data)
    except Malformed as error:
        return unparsed(path, error, "JSON")
    return document if isinstance(document.value, dict) else Unread(path=path, why="not a table of settings")
