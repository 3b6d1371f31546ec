"""Texts that ask an agent for something and for silence about it: in docstrings of tools, skills, prose.

An agent reads descriptions of tools, comments and documents as it reads its user. Told is what asks it not to
tell its user, and nearby to open a file of secrets, to send something, or to run what it fetches.
Who only tells an agent to keep a secret is not meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.excerpts import excerpt
from fimci.model import Capability, Place
from fimci.readers.code import lexing

_LIMIT = 4 << 20
#: Whom nothing is to be told, and what stands before it in the same sentence.
_WHOM = (b"the user", b"the human", b"the developer")
_SILENCE = re.compile(
    rb"(?:\bdo not|\bdon'?t|\bnever|\bwithout|\bavoid)\b[^.!\n]{0,40}?"
    rb"\b(?:mention|tell|inform|notify|alert)(?:ing)?\b[^.!\n]{0,40}\Z",
    re.IGNORECASE,
)
_BEFORE = 110
#: What is asked for, this near.
_NEAR = 1_500
_ASKED = re.compile(
    rb"(?P<secret>\.ssh/|\bid_(?:rsa|ed25519)\b|\.aws/credentials|\.cursor/mcp\.json|\.netrc\b|\.npmrc\b|\.kube/config)"
    rb"|(?P<sends>\bcurl\b[^\n]{0,200}https?://|\bwget\b[^\n]{0,200}https?://|\|[ \t]{0,9}(?:ba|z)?sh\b)"
)
#: Places that are looked at.
_MOST = 20_000


def wants(path: str, head: bytes) -> bool:
    """Want source code and prose."""
    return b"\0" not in head and lexing.family(path, head) is not None


def read(path: str, data: bytes) -> Iterator[Capability]:
    """Yield the first such text."""
    data = data[:_LIMIT]
    for at in _places(data):
        silence = _SILENCE.search(data, max(0, at - _BEFORE), at)
        if silence is None:
            continue
        asked = _ASKED.search(data, max(0, at - _NEAR), at + _NEAR)
        if asked is not None:
            what = asked[0].decode("utf-8", "replace")
            line = data.count(b"\n", 0, silence.start()) + 1
            text = data[data.rfind(b"\n", 0, silence.start()) + 1 : at + len(_WHOM[0])].decode(
                "utf-8", "replace"
            )
            subject = f"instructions to an agent that its user is not told of, about {excerpt(what)[:60]}"
            at_ = Place(path, line, excerpt(text.strip()))
            yield Capability(path=path, name="hidden-text", subject=subject, detail="", phase="call", at=at_)
            return


def _places(data: bytes) -> Iterator[int]:
    for whom in _WHOM:
        at = data.find(whom)
        for _ in range(_MOST):
            if at < 0:
                break
            yield at
            at = data.find(whom, at + 1)
