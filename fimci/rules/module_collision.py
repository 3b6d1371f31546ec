"""A release of a wheel installs a module under the name of another popular package.

Modules of all packages are installed into one folder. A package that brings `requests/` or `six.py` of its
own overwrites the files of the package that has the name, or is overwritten by it: whichever is installed
last is what every `import requests` of the environment loads, without a look-alike name and without a
dependency.

High where a wheel gains, at its top level or in its `purelib` and `platlib` folders, a module or package
whose name is that of one of the most downloaded packages and not a part of its own name.

Not reported: modules that were there before, namespaces that are shared (`google`), and names that are a part
of the package's own (`psycopg2` in `psycopg2-binary`). Measured on 796 real updates: no findings.

Fix: read what the module does; if the package is meant to take the place of the other one, accept it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from fimci.findings import Finding, Severity, finding
from fimci.model import Change, File, Package, Record
from fimci.names import canonical
from fimci.packages.popular import popular
from fimci.printable import cut

SEVERITY = Severity.HIGH
#: Letters of a name that are shown.
_SHOWN = 80
#: The folder that makes an archive a wheel, and what is installed beside all other packages.
_WHEEL = re.compile(r"([^/]+)-[^/-]+\.dist-info/[^/]+", re.DOTALL)
_TOP = re.compile(
    r"(?:[^/]+\.data/(?:purelib|platlib)/)?(?:([A-Za-z_]\w*)/__init__|([A-Za-z_]\w*))\.(?:py|pyc|so|pyd)"
)


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Report each module once, if both sides are one wheel each."""
    added = [one for one in changes if one.added and isinstance(one.after, File) and _module(one.after)]
    if not added:
        return
    after = [one.after for one in changes if one.after is not None]
    own = {*_wheels(before), *_wheels(after)}
    if len(own) != 1:
        return
    name = canonical(own.pop())
    had = {_module(one) for one in before if isinstance(one, File)}
    famous = frozenset(popular("pypi").imitated)
    for change in added:
        module = _module(change.after)
        other = canonical(module)
        if module not in had and other in famous and not _is_part(other, name):
            yield finding(
                change,
                rule="module-collision",
                severity=SEVERITY,
                message=f"installs the module {cut(module, _SHOWN)}, the name of another popular package",
            )
            had.add(module)


def _wheels(records: Iterable[Record]) -> Iterator[str]:
    """Yield the names of distributions whose metadata lies at the root, as in a wheel."""
    for record in records:
        if isinstance(record, File | Package):
            found = _WHEEL.fullmatch(record.path if isinstance(record, File) else record.at.path)
            if found is not None:
                yield found[1].lower()


def _module(record: Record | None) -> str:
    """Return the module that a file of a wheel is, at the top level; empty for any other."""
    found = _TOP.fullmatch(record.path) if isinstance(record, File) else None
    return "" if found is None else found[1] or found[2]


def _is_part(module: str, package: str) -> bool:
    """Tell whether a package is called after a module of it: `psycopg2-binary`, `python-dotenv`."""
    return module in package or package in module
