"""Names of projects as package indexes compare them."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[-_.]+")


def canonical(name: str) -> str:
    """Return a Python project's name as it is compared (PEP 503): lower case, `-` for runs of `-_.`."""
    return _SEPARATORS.sub("-", name).lower()
