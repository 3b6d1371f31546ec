"""Code was made unreadable by a tool.

This does not mean minified code: its names are short and its lines long, but its words are still there.
Obfuscators leave other traces: hexadecimal names and rotated string arrays, small numbers in hex, custom
alphabets, escaped letters, programs of six characters, programs that unpack themselves or are encrypted, long
base64 or hex literals; and nobody assembles the name of a function that starts programs from pieces without a
reason. Popular packages hardly ever have such traces, and gain them even less often; most attacks on npm
since 2021 had one.

High where a package gains a trace that none of its files had, at installation or import; medium where the
code has to be called, for long encoded literals, which are sometimes data, and in a repository's own code;
low for a trace of a new kind next to others, and for a log file with code in it. Medium becomes high where
the same file also gained something that is downloaded and run, sent, or persistent.

Not reported: traces that the package had before in any file, minified code, and files of tests and examples.

Measured on 424 real updates of 140 randomly selected packages: medium in 1, low in 1.

Fix: ask for the source it was made from and compare; if it is intended, accept it.
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
