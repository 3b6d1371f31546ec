"""Requests and writes by which a program spreads, or changes what is not its own.

Registries are asked who owns a token and what else its owner maintains before packages are published
(Shai-Hulud, 2025); repositories and workflows are made in the name of a stolen token.
"""

from __future__ import annotations

import re

from fimci.capabilities.uses import Use, known

_ASKED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"/-/(?:npm/v1/)?(?:whoami|user|tokens)\b"), "asks who owns a token"),
    (re.compile(r"\bmaintainer:"), "searches packages of a maintainer"),
    (re.compile(r"/contents/\.github/workflows/"), "writes workflows"),
    (re.compile(r"/actions/runners/registration-token"), "registers runners"),
)
#: Told only where something is made of it.
_MADE = re.compile(r"(?:^|api\.[\w.-]+(?::\d+)?|POST )/user/repos\b")
_CALLS = {".createForAuthenticatedUser": "creates repositories"}
_OTHERS = re.compile(r"(?:^|/)node_modules/((?:@[\w.-]+/)?[\w-][\w.-]*)/")


def asked(use: Use) -> str:
    """Return what a request does to spread, as far as its address tells; nothing for all others."""
    for ending, what in _CALLS.items():
        if use.name.endswith(ending):
            return what
    texts = [known(value)[:2000] for value in (*use.arguments[:2], *use.keywords.values())]
    for text in texts:
        for pattern, what in _ASKED:
            if pattern.search(text):
                return what
        if _MADE.search(text) and (text.startswith("POST") or "POST" in texts):
            return "creates repositories"
    return ""


def patched(path: str) -> str:
    """Return what a file that is written belongs to: another package, an application; else nothing."""
    path = path.replace("\\", "/")
    found = _OTHERS.search(path)
    if found is not None:
        return f"node_modules/{found[1]}"
    return "app.asar" if path.endswith("/app.asar") else ""
