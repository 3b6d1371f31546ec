"""JSON with comments and with commas before an end, as bun and deno write it and read it.

Shared by several readers, and no reader itself.
"""

from __future__ import annotations

from fimci.marked import json
from fimci.marked.document import Marked, text_of


def load(data: bytes) -> Marked:
    """Parse JSON text in which comments and trailing commas may stand. Raises `Malformed`."""
    return json.loads(text_of(data), relaxed=True)
