"""`fimci init`: configuration, workflow and hook, ready to commit. What exists is left alone."""

from __future__ import annotations

import argparse
import os

from fimci import adoption, durable
from fimci.errors import UsageError
from fimci.printable import printable

_ALWAYS = (
    "look at these files, run `fimci check`, and commit them on the branch that changes are compared with",
    "require the check by a ruleset: whoever may change the workflow may remove the check",
)


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `init`."""
    parser.add_argument("path", nargs="?", default=".", help="the repository (default: the current folder)")


def run(given: argparse.Namespace) -> int:
    """Write what is not there yet, and say what to do next."""
    if not os.path.isdir(given.path):
        raise UsageError(f"{given.path} is not a folder", "name the folder of a repository")
    steps: list[str] = []
    for piece in adoption.pieces(given.path):
        file = os.path.join(given.path, piece.file)
        if os.path.lexists(file):
            print(f"kept     {printable(file)}")
            steps += [f"{piece.file}: {piece.otherwise}"] if piece.otherwise else []
            continue
        _made(given.path, os.path.dirname(piece.file))
        durable.write(file, [piece.text.encode()])
        print(f"written  {printable(file)}")
        steps += [piece.then] if piece.then else []
    steps += adoption.advice(given.path)
    print("\nNext:")
    for step in (*steps, *_ALWAYS):
        print(f"- {step}")
    return 0


def _made(path: str, folders: str) -> None:
    """Make the folders of a file. Raises `UsageError` where a link would lead out of the repository."""
    here = path
    for name in filter(None, folders.split("/")):
        here = os.path.join(here, name)
        if os.path.islink(here):
            raise UsageError(f"{here} is a link", "make it a folder")
        os.makedirs(here, exist_ok=True)
