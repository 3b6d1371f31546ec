"""A member of an artifact has a name that escapes the target folder, misleads, or cannot be written safely.

`../` and absolute paths lead out of the target folder; backslashes and drive letters do so on Windows. A NUL
ends the name for some readers. Control characters, and characters that change the direction of text or have
no width, show a person a different name than the one on disk, and so do letters of another alphabet if the
imitated member is present too. `con` and `aux` open a device on Windows, a space or dot at the end of a name
is dropped there, and whatever follows a colon is hidden.

High for all of these; low for names that are not UTF-8 and for names that are only invalid on Windows. Two
names that denote one file on some systems are reported by `name-collision`. Measured on 256 wheels and 72
source archives of popular projects: nothing above low.

Fix: rename the file at its source and rebuild; do not unpack this artifact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.lookalikes import imitated
from fimci.model import Change, File, Record
from fimci.packages.artifacts import NAME, oddities
from fimci.printable import and_more

SEVERITY = Severity.HIGH
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ufeff\uffa0"
    "\U000e0000-\U000e007f]"
)
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_DEVICE = re.compile(
    r"(?:.*/)?(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.[^/]*)?(?:/.*)?", re.IGNORECASE | re.DOTALL
)
_DROPPED = re.compile(r"[. ](?:/|$)")


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to each way in which names are unsafe."""
    del before  # a name is unsafe by itself
    alike: dict[tuple[Severity, str], list[Change]] = {}
    for oddity in oddities(changes):
        if oddity.part in NAME:
            alike.setdefault((SEVERITY, oddity.why), []).append(oddity.change)
    files = [(one, one.after.path) for one in changes if one.added and isinstance(one.after, File)]
    plain = {path for _, path in files if path.isascii()}
    for change, path in files:
        fault = _fault(path) or _imitation(path, plain)
        if fault is not None:
            alike.setdefault(fault, []).append(change)
    for (grade, what), same in alike.items():
        message = what + and_more(len(same) - 1, "alike")
        yield grouped(same, rule="archive-name-unsafe", severity=grade, message=message)


def _fault(path: str) -> tuple[Severity, str] | None:
    if path.isascii() and path.isprintable() and "\\" not in path:
        return _on_windows(path)
    if _CONTROL.search(path):
        return SEVERITY, "has a control character in its name"
    if _HIDDEN.search(path):
        return SEVERITY, "has a character in its name that hides a part of it, or turns it around"
    if "\\" in path:
        return SEVERITY, "has a backslash in its name: some readers make a folder of it"
    if _NOT_UTF8.search(path):
        return Severity.LOW, "has a name that is not UTF-8"
    return _on_windows(path)


def _imitation(path: str, plain: set[str]) -> tuple[Severity, str] | None:
    other = None if path.isascii() else imitated(path)
    if other is None or other not in plain:
        return None
    return SEVERITY, "has a name that looks like the one of another member, with letters of another alphabet"


def _on_windows(path: str) -> tuple[Severity, str] | None:
    if _DEVICE.fullmatch(path):
        return Severity.LOW, "has the name of a device on Windows"
    if ":" in path:
        return Severity.LOW, "has a colon in its name, behind which Windows hides a second content"
    if _DROPPED.search(path):
        return Severity.LOW, "has a name that ends with a dot or blank, which Windows drops"
    return None
