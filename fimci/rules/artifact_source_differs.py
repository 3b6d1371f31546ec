"""A file of an artifact is not as the source has it from which the artifact is said to be built.

Who builds from a tag trusts the tag: it was reviewed, and everybody can see it. What is shipped may be
another thing. The back door of xz 5.6.0 (2024) was started by a line in `build-to-host.m4` that was in the
release archive alone, and in no commit; event-stream (2018) differed from its repository in one minified
file.

High for each file that differs, with the first line that does so; one finding where they are many, as with
the wrong tag. Silent for line ends, for what setuptools adds to `setup.cfg`, for version modules that are
nothing but data, and for what the policy or `--generated` declares to be made by the build.

Fix: find out where the difference comes from before anybody installs it; build again from a clean clone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, File, Record, Setting
from fimci.printable import and_more

SEVERITY = Severity.HIGH
#: Beyond this many, what differs is the release and not a file.
_MANY = 10


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to each file that differs, or to all of them at once."""
    del before  # the file of the source is in the change
    places = {
        fact.path: (change, fact)
        for change in changes
        if isinstance(fact := change.after, Setting) and fact.name == "source.path"
    }
    other = [c for c in changes if isinstance(c.before, File) and isinstance(c.after, File) and c.real]
    if len(other) > _MANY:
        message = _message(other[0], places) + and_more(len(other) - 1, "alike")
        yield grouped(other, rule="artifact-source-differs", severity=SEVERITY, message=message)
        return
    for change in other:
        path = _path(change)
        where = places.get(path)
        yield grouped(
            [change, where[0]] if where is not None else [change],
            rule="artifact-source-differs",
            severity=SEVERITY,
            message=_message(change, places),
            line=where[1].at.line if where is not None else 0,
        )


def _message(change: Change, places: dict[str, tuple[Change, Setting]]) -> str:
    place = places.get(_path(change))
    where = place[1].value if place is not None else ""
    kind = change.after.kind if isinstance(change.after, File) and "kind" in change.differs else ""
    what = f"is a {kind} and in the source it is none" if kind else "is not as it is in the source"
    return f"{what} ({where})" if where else what


def _path(change: Change) -> str:
    return change.record.path if isinstance(change.record, File) else ""
