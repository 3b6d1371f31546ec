"""`fimci deliver`: send what waits for a SIEM."""

from __future__ import annotations

import argparse
import os
import sys

from fimci import delivery

_PATIENCE = 60.0
_WAITS = 3


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `deliver`."""
    parser.add_argument(
        "--wait",
        type=float,
        default=_PATIENCE,
        metavar="SECONDS",
        help=f"stop after this time and keep the remaining events (default: {_PATIENCE:.0f})",
    )


def run(given: argparse.Namespace) -> int:
    """Send; return 3 where something still waits or was given up."""
    notes = delivery.flush(os.environ, given.wait)
    for note in notes:
        print(f"fimci: {note}", file=sys.stderr)
    if not notes:
        print("nothing waits")
    return _WAITS if notes else 0
