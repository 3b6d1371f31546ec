"""`fimci manifest`: write down what a folder holds, by hash, and sign it."""

from __future__ import annotations

import argparse
import os

from fimci import durable, sides, store
from fimci.commands import options, terminal
from fimci.errors import SourceError
from fimci.model import File, Unread
from fimci.printable import plural, printable
from fimci.snapshot import Recipe
from fimci.sources.locator import Locator

_SUFFIX = ".manifest"


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `manifest`."""
    parser.add_argument("path", help="a folder, such as dist/")
    parser.add_argument(
        "--output", metavar="FILE", help="the file to write (default: the folder's name with .manifest added)"
    )
    options.describe_signing(parser)


def run(given: argparse.Namespace) -> int:
    """Write the manifest beside the folder; nothing in it is left out."""
    if not os.path.isdir(given.path):
        raise SourceError(
            f"{given.path} is not a folder", "name the folder that holds what is to be published"
        )
    file = given.output or os.path.normpath(given.path) + _SUFFIX
    how = Recipe(readers=())
    with terminal.progress("reading") as progress:
        records = list(sides.snapshot(Locator("dir", given.path), how, progress).records)
    ours = {os.path.abspath(name) for name in (file, f"{file}.dsse")}
    records = [
        one
        for one in records
        if os.path.abspath(os.path.join(given.path, getattr(one, "path", ""))) not in ours
    ]
    with durable.draft(file) as new:
        durable.fill(new, store.dump(how, records))
        options.commit(new, given, os.path.dirname(os.path.abspath(given.path)))
    unread = [one for one in records if isinstance(one, Unread)]
    for one in unread:
        print(f"unread: {printable(one.path)}: {printable(one.why)}")
    number = sum(isinstance(one, File) and one.kind == "file" for one in records)
    print(f"{printable(file)}: {plural(number, 'file')}")
    return 3 if unread else 0
