"""A file among the installed packages belongs to none of them.

Any file in `site-packages` or `node_modules` can be imported, whoever put it there. No client lists or
removes it: it survives updates of everything around it. A file inside the folder of a package is imported as
a part of that package.

High where one of the files is code, judging by its name; low for data. There is one finding per package
folder, and one for each folder that belongs to no package. Not reported: what installers and runtimes write
themselves: `pyvenv.cfg`, `activate`, bytecode of an owned module, `.package-lock.json`, `.bin`. Measured on
45,000 files of ten environments made by pip, uv and pipenv: none is unowned.

Fix: find out what put it there, and remove it; a module of your own belongs in a package that is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fimci.findings import Finding, Severity
from fimci.model import Capability, Change, File, Package, Record
from fimci.packages.owners import about, owner, owners, runs, stories, told
from fimci.printable import listed

SEVERITY = Severity.HIGH
_SHOWN = 3


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to files that are on the disk alone, once for each place."""
    # What runs at a start has a rule of its own, which shows the line.
    hooks = {
        one.path for c in changes if isinstance(one := c.after, Capability) and one.name == "persistence"
    }
    extra = [c for c in changes if c.added and isinstance(c.after, File) and c.after.path not in hooks]
    if not extra:
        return
    known = owners(before)
    ways = _ways(known)
    groups: dict[str, list[Change]] = {}
    for change in extra:
        groups.setdefault(_place(_path(change), known, ways), []).append(change)
    for place, alike in groups.items():
        files = sorted(alike, key=lambda change: not runs(_path(change)))
        severity = SEVERITY if runs(_path(files[0])) else Severity.LOW
        story, said = stories(changes, files)
        yield about(
            known.get(place),
            [*files, *said],
            rule="installed-file-unowned",
            severity=severity,
            message=_what(files, known.get(place)) + story,
        )


def _path(change: Change) -> str:
    return change.after.path if isinstance(change.after, File) else ""


def _ways(known: Mapping[str, Package]) -> frozenset[str]:
    """Return all folders on the way to what is owned."""
    found: set[str] = set()
    for path in known:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(found)


def _place(path: str, known: Mapping[str, Package], ways: frozenset[str]) -> str:
    """Return the folder of the package that a file is in, else the topmost folder that is nobody's."""
    package = owner(path, known)
    if package is not None:
        return next(owned for owned in package.owns if path.startswith(owned + "/") or path == owned)
    parts = path.split("/")
    for number in range(1, len(parts)):
        above = "/".join(parts[:number])
        if above not in ways:
            return above
    return path


def _what(changes: Sequence[Change], package: Package | None) -> str:
    paths = [change.after.path for change in changes if isinstance(change.after, File)]
    many = len(paths) > 1
    what = f"{len(paths):,} files" if many else "a file"
    owner = (
        f"not part of {told(package)}, but in its folder"
        if package is not None
        else "of no installed package"
    )
    return f"{what} {owner}{': ' + listed(paths, _SHOWN) if many else ''}"
