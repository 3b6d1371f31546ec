"""`fimci baseline`: write or refresh the known good state of a folder."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator

from fimci import check, store
from fimci.commands import terminal
from fimci.model import File, Record, Unread
from fimci.printable import plural, printable


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `baseline`."""
    parser.add_argument("path", nargs="?", default=".", help="a folder (default: this one)")
    parser.add_argument("--output", metavar="FILE", help="where to write (default: fimci.baseline)")
    parser.add_argument("--config", metavar="FILE", help="the policy (default: fimci.toml in the folder)")


def run(given: argparse.Namespace) -> int:
    """Take the snapshot, write it in one step, and say what could not be read."""
    files = 0
    lost: list[Unread] = []

    def counted(records: Iterable[Record]) -> Iterator[Record]:
        nonlocal files
        for record in records:
            files += isinstance(record, File)
            if isinstance(record, Unread):
                lost.append(record)
            yield record

    with terminal.progress("reading") as progress:
        file, snapshot = check.seal(given.path, given.output, given.config, progress)
        store.write(file, store.dump(snapshot.recipe, counted(snapshot.records)))
    for record in lost:
        print(f"unread: {printable(record.path)}: {printable(record.why)}")
    print(f"{printable(file)}: {plural(files, 'entry', 'entries')}, {os.path.getsize(file):,} bytes")
    return 3 if lost else 0
