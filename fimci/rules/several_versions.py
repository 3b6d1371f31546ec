"""A package that was locked in one version is now locked in several.

This is context for the reviewer, hence info and one finding per lockfile. It is how npm, yarn, pnpm, bun and
cargo resolve that two packages require different releases of a third, and so it comes with ordinary updates;
it is also how a second copy is put where only one package finds it (`node_modules/a/node_modules/left`), and
how a patched release leaves the old one in place. Whether something requires the copy is checked by
`lock-edited`; whether its dependent accepts it, by `lock-drift`; whether its source is sound, by the rules
about origins and hashes.

Not reported: new names, names that had several versions before, checksum lists in which every version ever
used remains (`go.sum`, Gradle), and gems and conda archives for several platforms. In 182 real updates of npm
and Python lockfiles there were 53 findings.

Fix: none is needed; to return to one version, use the client's `dedupe`, or update what requires the old one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record
from fimci.packages.bumps import Bump, bumps, versions
from fimci.packages.releases import altered, known
from fimci.packages.versions import ascending
from fimci.printable import listed, plural

SEVERITY = Severity.INFO

#: Their files keep the hashes of all versions that were ever looked at.
_KEEPING = frozenset({"golang", "maven"})
#: Their versions name platforms as well, and one version of a name is all that a client takes.
_BY_PLATFORM = frozenset({"conda", "gem"})
_SHOWN = 5


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Name the packages of each lockfile that multiplied, once."""
    found: dict[str, list[Bump]] = {}
    for bump in bumps(altered(changes), known(before)):
        several = len(versions(bump.after)) > len(versions(bump.before)) == 1
        if several and bump.came and bump.name[0] not in _KEEPING | _BY_PLATFORM:
            found.setdefault(bump.path, []).append(bump)
    for _, alike in sorted(found.items()):
        names = listed([_told(bump) for bump in sorted(alike)], _SHOWN)
        message = f"{plural(len(alike), 'package')} in several versions now: {names}"
        parts = [bump.change_to(min(bump.came)) for bump in alike]
        yield grouped(parts, rule="several-versions", severity=SEVERITY, message=message, part="version")


def _told(bump: Bump) -> str:
    return f"{bump.name[1]} {' and '.join(ascending(bump.name[0], versions(bump.after)))}"
