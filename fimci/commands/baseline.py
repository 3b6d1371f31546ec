"""`fimci baseline`: write or refresh the known good state of a folder."""

from __future__ import annotations

import argparse
import os

from fimci import check, store
from fimci.commands import terminal
from fimci.model import File, Unread
from fimci.printable import plural, printable


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `baseline`."""
    parser.add_argument("path", nargs="?", default=".", help="a folder (default: this one)")
    parser.add_argument("--output", metavar="FILE", help="where to write (default: fimci.baseline)")
    parser.add_argument("--config", metavar="FILE", help="the policy (default: fimci.toml in the folder)")


def run(given: argparse.Namespace) -> int:
    """Take the snapshot, write it in one step, and say what could not be read."""
    with terminal.progress("reading") as progress:
        file, snapshot = check.seal(given.path, given.output, given.config, progress)
    lost = [record for record in snapshot.records if isinstance(record, Unread)]
    for record in lost:
        print(f"unread: {printable(record.path)}: {printable(record.why)}")
    store.write(file, store.dump(snapshot.recipe, snapshot.records))
    files = sum(isinstance(record, File) for record in snapshot.records)
    print(f"{printable(file)}: {plural(files, 'entry', 'entries')}, {os.path.getsize(file):,} bytes")
    return 3 if lost else 0
