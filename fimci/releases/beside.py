"""The wheel of a release beside its sources: what is in it must be there, or be what a build makes.

Who takes an account over uploads what they like: a wheel with something in it that nobody finds in the
archive of sources, which is what people read. Wheels for one platform are left out: they are compiled.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile

from fimci import built, verdict
from fimci.artifacts import members, names
from fimci.errors import SourceError
from fimci.findings import Finding
from fimci.model import File, Record
from fimci.packages.owners import runs
from fimci.policy import Policy
from fimci.releases.obtain import Obtained
from fimci.snapshot import Recipe, Snapshot, collected
from fimci.sources.locator import Locator

_PLAIN = Recipe(readers=(), directories=False)


def differences(wheel: Obtained, sources: Obtained) -> tuple[Finding, ...]:
    """Return what the wheel has otherwise than its sources; nothing where either cannot be read."""
    with tempfile.TemporaryDirectory(prefix="fimci-") as folder:
        paths = [os.path.join(folder, os.path.basename(one.name)) for one in (wheel, sources)]
        for path, one in zip(paths, (wheel, sources), strict=True):
            with open(path, "wb") as file:
                file.write(one.data)
        try:
            locator = Locator("archive", paths[1])
            origin = built.source(locator, None)
            found = members.taken(paths[0])
            both = built.against(names.named(found.file, found.files), found, locator, origin, ())
        except SourceError:
            return ()
    left, right = (
        Snapshot(locator=one.name, recipe=_PLAIN, records=collected(r for r in records if _is_code(r)))
        for one, records in ((sources, both.left), (wheel, both.right))
    )
    return verdict.judge(left, right, Policy(), today=dt.date.min, against="source").findings


def _is_code(record: Record) -> bool:
    """Leave out data: manuals and models of interfaces are built, and packed otherwise than they were."""
    return not isinstance(record, File) or runs(record.path)
