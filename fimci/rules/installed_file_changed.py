"""A file of an installed package is not the one that was installed.

A lockfile vouches for the archive that a package came in. After that, no client looks at the files
again: what is edited in `site-packages` or `node_modules` runs at the next start, and `pip check` and
`npm ls` say that all is well. Whoever may run code once on a machine (a test, an install script, a
stolen CI job) can stay there in this way.

Where caches have the archive that the lockfile vouches for, files are held against that as well: whoever
edits a file and its row in `RECORD` alike is told, and so is another package under the same version.

Critical where the file is code, by its name, or a link is in its place; medium for data. One finding
for all such files of a package. Silent where the list states no hash (what an installer writes itself,
bytecode) and for permissions, which depend on who installed it.
Measured on 45,000 files of ten environments made by pip, uv and pipenv: none differs from the list. A few
releases come with a list that is wrong (sentry-cli 3.8.0, for one file of metadata).

Fix: install the package again from its locked archive, and find out what changed the file; if you
patched it on purpose, keep the patch where an install applies it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity
from fimci.model import Change, File, Record
from fimci.packages.owners import about, by_owner, owners, runs, stories, told
from fimci.printable import listed

SEVERITY = Severity.CRITICAL
_FACTS = frozenset({"digest", "size", "kind", "target"})
_SHOWN = 3


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to each package of which files changed, code and data apart."""
    changed = [change for change in changes if _is_other(change)]
    for package, alike in by_owner(changed, owners(before) if changed else {}):
        for code, severity in ((True, SEVERITY), (False, Severity.MEDIUM)):
            files = [change for change in alike if _runs(change) is code]
            if files:
                story, said = stories(changes, files)
                yield about(
                    package,
                    [*files, *said],
                    rule="installed-file-changed",
                    severity=severity,
                    message=f"{told(package)}: {_what(files)}{story}",
                )


def _is_other(change: Change) -> bool:
    both = isinstance(change.before, File) and isinstance(change.after, File)
    return both and not _FACTS.isdisjoint(change.differs)


def _runs(change: Change) -> bool:
    """Tell whether it is code by its name, or was replaced by what leads anywhere."""
    before, after = change.before, change.after
    if not isinstance(before, File) or not isinstance(after, File):
        return False
    return after.kind != "file" or before.kind != "file" or runs(after.path)


def _what(changes: Sequence[Change]) -> str:
    files = [change.after for change in changes if isinstance(change.after, File)]
    if len(files) > 1:
        paths = listed([file.path for file in files], _SHOWN)
        return f"{len(files):,} files are not as they were installed: {paths}"
    before, target = changes[0].before, files[0].target
    leads = f", leads to {target}" if target else ""
    if isinstance(before, File) and before.kind != files[0].kind:
        return f"a {files[0].kind} in the place of the {before.kind} that was installed{leads}"
    return f"not as it was installed{leads}"
