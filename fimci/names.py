"""Names of projects as package indexes compare them, of hashes that nobody does, and what no name holds."""

from __future__ import annotations

#: Before the algorithm of a hash that a lockfile keeps though its client no longer checks it.
UNCHECKED = "unchecked-"
#: What makes a path look like another one, or breaks a line: controls, and what turns text around.
UNSEEN = "".join(
    map(chr, (*range(1, 32), 127, 0x200B, 0x2060, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF))
)


def canonical(name: str) -> str:
    """Return a Python project's name as it is compared (PEP 503): lower case, `-` for runs of `-_.`."""
    text = name.lower().replace("_", "-").replace(".", "-")
    while "--" in text:
        text = text.replace("--", "-")
    return text
