"""A file of an installed package was modified after installation.

A lockfile vouches for the archive that a package came in. After installation, no client looks at the files
again: edits in `site-packages` or `node_modules` run at the next start, and `pip check` and `npm ls` report
no problem. Whoever can run code once on a machine (a test, an install script, a compromised CI job) can
persist this way.

Where caches hold the archive that the lockfile vouches for, files are also compared with that: it reveals an
edit of both a file and its row in `RECORD`, and another package under the same version.

Critical where the file is code, judging by its name, or was replaced by a link; medium for data. There is one
finding for all such files of a package. Not reported: files without a hash in the list (what an installer
writes itself, bytecode), and permissions, which depend on who installed it. Measured on 45,000 files of ten
environments made by pip, uv and pipenv: none differs from the list. A few releases ship with a wrong list
(sentry-cli 3.8.0, for one metadata file).

Fix: reinstall the package from its locked archive, and find out what changed the file; if you patched it
intentionally, keep the patch where an install applies it.
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
        return f"{len(files):,} files were modified after installation: {paths}"
    before, target = changes[0].before, files[0].target
    leads = f", leads to {target}" if target else ""
    if isinstance(before, File) and before.kind != files[0].kind:
        return f"a {files[0].kind} in place of the {before.kind} that was installed{leads}"
    return f"modified after installation{leads}"
