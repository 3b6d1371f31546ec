"""References to container images, wherever a file names one.

Shared by the readers of this room, and no reader itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from fimci.model import UNSTATED, Digest, Package, Place

#: `$NAME`, `${NAME}`, `${NAME:-default}` and the other forms of a shell.
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?([-+?])([^{}$]*))?\}|(\w+))")


def image(text: str, place: str, at: Place) -> Package:
    """Read `[docker://][host/]name[:tag][@sha256:…]`; what holds a variable is a name of its own."""
    decided = "$" not in text
    stem, _, pin = text.removeprefix("docker://").partition("@")
    _, colon, tag = stem.rpartition(":")
    tagged = bool(colon) and "/" not in tag
    algorithm, _, digest = pin.partition(":")
    return Package(
        ecosystem="docker",
        name=name(text),
        version=((tag if tagged else "") or None) if decided else UNSTATED,
        place=place,
        stated_by="manifest",
        origin_kind="registry",
        integrity=((Digest(algorithm, digest),) if digest else ()) if decided else UNSTATED,
        at=at,
    )


def name(text: str) -> str:
    """Return the name of an image without tag and digest; all of it where that is computed."""
    if "$" in text:
        return text
    stem = text.removeprefix("docker://").partition("@")[0]
    head, colon, tag = stem.rpartition(":")
    return head if colon and "/" not in tag else stem


def substituted(text: str, values: Mapping[str, str]) -> str:
    """Put values and defaults for the variables of a text; those that have neither stay."""

    def value(found: re.Match[str]) -> str:
        key, operator, default = found[1] or found[4], found[2], found[3]
        known = values.get(key, "")
        if operator == "+":
            return default if known else ""
        return known or (default if operator == "-" and default else found[0])

    return _VARIABLE.sub(value, text)
