"""A file gained text that a reviewer sees differently than the computer does.

Characters that reorder a line show code as a comment or the other way round (Trojan Source, CVE-2021-42574);
invisible characters make two different names look equal, or hide a payload in what looks empty (the GlassWorm
incidents of 2025 stored whole programs in variation selectors); look-alike letters create a second function
with the name of the first (CVE-2021-42694). No review catches them. Text that asks an agent to conceal from
its user that it reads secrets or runs downloads is of the same kind, and so is a file name that reorders its
own letters (`photo<U+202E>gpj.js` ends in `sj.jpg`) or contains a line break.

Not reported: such characters where they belong (joiners, emoji, right-to-left strings and data, formulas,
names and prose in any alphabet), text that was there before, and moved files. Low in a long line of minified
code, which contains character tables and is not read by anybody; low in test data, which no program runs and
which parsers are tested with, and for a look-alike name in type declarations. Measured: 12 of 80,600 real
source files of packages and repositories contain such text, 11 of them tests of parsers; of 10,000 commits of
nine repositories, 2 had a finding (a name in a list of authors that begins with U+202E).

Fix: retype the line, or write the character as an escape; if it is intended (a test of a parser), accept it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Capability, Change, Digest, File, Record
from fimci.names import UNSEEN
from fimci.printable import and_more, cut

SEVERITY = Severity.HIGH
_SPELT = 60
#: Characters, some of them named as readers name them, and the names of those that reorder text.
_CHARACTERS = re.compile(r"<U\+[0-9A-F]{4,6}>|.")
#: What tests are fed with, and nothing runs.
_TEST_DATA = re.compile(
    r"(?:^|/)(?:tests?|testing|testdata|__tests__|specs?|fixtures)/(?:[^/]+/)*[^/]+\.(?:csv|json|tsv|txt|xml|ya?ml)$"
)
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts", ".pyi")
#: How macOS calls the picture of a folder.
_ICON = "Icon\r"
_UNSEEN = re.compile(f"[{re.escape(UNSEEN)}]")
_CONTROLS = frozenset(f"<U+{code:04X}>" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to each file with new hidden text, at the first line that has it."""
    del before  # what was there before is in the changes only where it went away
    gone = [change.before for change in changes if change.removed]
    moved = {_what(record) for record in gone}
    controls = frozenset(one for record in gone for one in _controls(record))
    files: dict[str, list[tuple[Capability, Change]]] = {}
    for change in changes:
        text = change.after
        if not isinstance(text, Capability) or text.name != "hidden-text" or _what(text) in moved:
            continue
        if change.added and (there := _controls(text)) and controls.issuperset(there):
            continue  # a bundle was made anew, under another name
        if change.added or "detail" in change.differs:
            files.setdefault(text.path, []).append((text, change))
    for group in files.values():
        yield _finding(group)
    yield from _names(changes)


def _names(changes: Sequence[Change]) -> Iterator[Finding]:
    """Object once to each new name that is not what it looks like; that of what moved was there before."""
    odd = [change.before for change in changes if change.removed and _odd_parts(change.before)]
    gone = {part for record in odd for part in _odd_parts(record)}
    moved = {_content(record) for record in odd} - {None}
    named: dict[str, list[Change]] = {}
    for change in changes:
        if not change.added or _content(change.after) in moved:
            continue
        for part in _odd_parts(change.after):
            if part not in gone:
                named.setdefault(part, []).append(change)
    for part, group in named.items():
        found = _UNSEEN.findall(part)
        message = f"hidden text: U+{ord(found[0]):04X} in the name of a file or folder"
        yield grouped(group, rule="hidden-text", severity=SEVERITY, message=message)


def _content(record: Record | None) -> tuple[str, Digest] | None:
    """Return what a file holds, with the letters of its path that nobody sees; `None` where unknown."""
    if not isinstance(record, File) or not isinstance(record.digest, Digest):
        return None
    return "".join(_UNSEEN.findall(record.path)), record.digest


def _odd_parts(record: Record | None) -> list[str]:
    """Return the names along a path that hold what nobody sees."""
    if not isinstance(record, File) or _UNSEEN.search(record.path) is None:
        return []
    return [part for part in record.path.split("/") if _UNSEEN.search(part) and part != _ICON]


def _what(record: Record | None) -> tuple[str, str] | None:
    return (record.subject, record.detail) if isinstance(record, Capability) else None


def _controls(record: Record | None) -> list[tuple[str, str, str]]:
    """Return the controls that reorder text, each between its neighbours: words around may be minified."""
    if not isinstance(record, Capability) or record.name != "hidden-text":
        return []
    _, _, shown = record.subject.partition("bidi in ")
    characters = _CHARACTERS.findall(shown[:-1])  # without the quotation mark
    threes = zip(characters, characters[1:], characters[2:], strict=False)
    return [three for three in threes if three[1] in _CONTROLS]


def _finding(group: list[tuple[Capability, Change]]) -> Finding:
    group = sorted(group, key=lambda item: (-_severity(item[0]), item[0].at.line))
    worst, _ = group[0]
    message = f"hidden text: {worst.subject}"
    if worst.detail:
        message += f', which spells "{cut(worst.detail, _SPELT)}"'
    return grouped(
        [change for _, change in group],
        rule="hidden-text",
        severity=_severity(worst),
        message=message + and_more(len(group) - 1, "in this file"),
    )


def _severity(text: Capability) -> Severity:
    """Grade what reorders code as critical: nobody writes that by accident.

    But tables of characters in minified code have it, where nobody reads the line in any order, and data that
    parsers are tried on. Declarations of types name parameters, and run nothing (`@types/jquery`).
    """
    kind, _, _ = text.subject.partition(" in ")
    declared = kind.startswith("look-alike") and text.path.endswith(_DECLARATIONS)
    if declared or _TEST_DATA.search(text.path):
        return Severity.LOW
    return {"bidi": Severity.CRITICAL, "dense bidi": Severity.LOW}.get(kind, SEVERITY)
