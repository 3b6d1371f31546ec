"""Code became unreadable by a tool.

Minified code is not meant: its names are short and its lines long, but its words stand there. Obfuscators
leave other marks: names of hexadecimal digits and rotated arrays of texts, small numbers in hex, an alphabet
of somebody's own, letters as escapes, programs of six characters, programs that unpack themselves or are
encrypted, long literals in base64 or hex; and nobody puts the name of what starts programs together of
pieces without a reason. Popular packages have such marks hardly ever, and gain them even less; most attacks
on npm since 2021 had one.

High where a package gains a mark that it had in no file, at installation or import; medium where somebody
has to call the code, for long encoded literals, which are now and then data, and in a repository's own
code; low for a mark of a new kind beside others, and for a log with code in it. What is medium is high
where the same file also gained something that is fetched and run, that is sent, or that stays.

Silent: marks that the package had before in any file, minified code, files of tests and examples.

Measured on 424 real updates of 140 packages that were drawn at random: medium in 1, low in 1.

Fix: ask for the source that it was made of and hold it against that; if it is meant, accept it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.gains import Gain, gains
from fimci.capabilities.grading import DATA, eased, risen, told, uncovered
from fimci.findings import Finding, Severity
from fimci.model import Change, Record

SEVERITY = Severity.HIGH
_RULE = "obfuscation-jump"
#: Logs quote the code that wrote them.
_QUOTES = " named .log"


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to marks that are new to a package."""
    found = [
        (gain, severity)
        for gain in uncovered(changes, before, gains(changes, before, frozenset(("obfuscation",))))
        if (severity := _grade(gain)) is not None
    ]
    yield from told(risen(found, changes, before), _RULE, "")


def _grade(gain: Gain) -> Severity | None:
    if not gain.first:
        return Severity.LOW
    if gain.now.subject in DATA:
        return None if gain.phase == "call" else eased(Severity.MEDIUM, gain)
    if gain.phase == "call" and gain.now.subject.endswith(_QUOTES):
        return Severity.LOW
    severity = Severity.MEDIUM if gain.phase == "call" or gain.now.package is None else SEVERITY
    return eased(severity, gain)
