"""The inspection for programs: `fimci-inspection/1`, described by `docs/schema/fimci-inspection-1.json`."""

from __future__ import annotations

import msgspec

import fimci
from fimci.inspection import Inspected, Inspection, Row
from fimci.printable import printable

SCHEMA = "fimci-inspection/1"


class Seen(msgspec.Struct, frozen=True):
    """One capability at one place."""

    path: str
    line: int
    subject: str
    detail: str
    text: str


class Can(msgspec.Struct, frozen=True):
    """A capability of a package in one phase; `weight`: how much it would weigh if a release gained it."""

    name: str
    phase: str
    weight: str
    subjects: tuple[str, ...]
    evidence: tuple[Seen, ...]


class PackageCan(msgspec.Struct, frozen=True):
    """A package: its package URL, empty for code that belongs to none, and what it can do."""

    package: str
    version: str
    files: int
    needs: tuple[str, ...]
    capabilities: tuple[Can, ...]


class Missed(msgspec.Struct, frozen=True):
    """What could not be looked at; `part` is empty where that is the whole of it."""

    path: str
    line: int
    part: str
    why: str


class Tool(msgspec.Struct, frozen=True):
    """Who wrote it."""

    name: str
    version: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The whole inspection."""

    schema: str = SCHEMA
    tool: Tool
    subject: str
    complete: bool
    files: int
    packages: tuple[PackageCan, ...]
    unread: tuple[Missed, ...]


def render(inspection: Inspection) -> str:
    """Write the inspection as JSON, indented by two. All text is printable."""
    document = Document(
        tool=Tool("fimci", fimci.__version__),
        subject=printable(inspection.subject),
        complete=not inspection.unread,
        files=inspection.files,
        packages=tuple(_package(one) for one in inspection.packages),
        unread=tuple(
            Missed(printable(one.path), one.line, printable(one.part), printable(one.why))
            for one in inspection.unread
        ),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _package(one: Inspected) -> PackageCan:
    return PackageCan(
        printable(one.url),
        printable(one.version),
        one.files,
        tuple(printable(name) for name in one.needs),
        tuple(_row(row) for row in one.rows),
    )


def _row(row: Row) -> Can:
    seen = tuple(
        Seen(
            printable(one.path),
            one.at.line,
            printable(one.subject),
            printable(one.detail),
            printable(one.at.text),
        )
        for one in row.seen
    )
    return Can(row.name, row.phase, str(row.weight), tuple(printable(s) for s in row.subjects), seen)
