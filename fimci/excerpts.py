"""What is quoted of a file: short, and without the passwords in it."""

from __future__ import annotations

import re

#: Characters of evidence.
EXCERPT = 200

#: User and password of a URL. A backslash ends the host as a slash does, for clients of either
#: language: in `https://evil.example\@registry.example/` nothing is a user.
_USER = re.compile(r"://([^/\\?#\s]*)@")
#: No secret: what every clone over SSH says, and variables that stand for one.
_HARMLESS = re.compile(r"git|(?:\$\{[^{}]{1,200}\}|:)+")


def without_credentials(text: str) -> str:
    """Replace `user:password@` in every URL of a text by `***@`; `git@` and `${VARIABLE}@` stay."""
    if "@" not in text:
        return text
    return _USER.sub(lambda found: found[0] if _HARMLESS.fullmatch(found[1]) else "://***@", text)


def excerpt(text: str) -> str:
    """Return text as evidence: short, and without credentials."""
    return without_credentials(text)[:EXCERPT]
