"""Names of projects as package indexes compare them."""

from __future__ import annotations


def canonical(name: str) -> str:
    """Return a Python project's name as it is compared (PEP 503): lower case, `-` for runs of `-_.`."""
    text = name.lower().replace("_", "-").replace(".", "-")
    while "--" in text:
        text = text.replace("--", "-")
    return text
