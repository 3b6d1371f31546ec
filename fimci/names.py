"""Names of projects as package indexes compare them, and of hashes that nobody does."""

from __future__ import annotations

#: Before the algorithm of a hash that a lockfile keeps though its client no longer checks it.
UNCHECKED = "unchecked-"


def canonical(name: str) -> str:
    """Return a Python project's name as it is compared (PEP 503): lower case, `-` for runs of `-_.`."""
    text = name.lower().replace("_", "-").replace(".", "-")
    while "--" in text:
        text = text.replace("--", "-")
    return text
