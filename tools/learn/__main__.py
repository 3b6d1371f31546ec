"""Learn from real releases how often each signal appears in benign updates.

    python -m tools.learn fetch FOLDER     download the releases of packages.toml (some GB; resumable)
    python -m tools.learn read FOLDER      take each one with all readers (an hour or two; resumable)
    python -m tools.learn rates FOLDER     count; write fimci/capabilities/rates.json
    python -m tools.learn told FOLDER      print the chains and credentials that updates gained

`fetch` needs npm and, from the package index, pypi-simple. Packages are asked for by name at whatever
registries the user's npm and pip are configured for. Nothing of a package is ever run or unpacked.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Start one of the steps."""
    parser = argparse.ArgumentParser(prog="tools.learn", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("step", choices=["fetch", "read", "rates", "told"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--use", default="", help="read one use alone (learning, held-out, newest, drawn)")
    given = parser.parse_args(arguments)
    # Each step imports what it needs: fetching needs a package that nothing else does.
    if given.step == "fetch":
        from tools.learn.fetch import fetch  # noqa: PLC0415  (see above)

        return 1 if fetch(given.folder) else 0
    if given.step == "read":
        from tools.learn.read import read_all  # noqa: PLC0415  (see above)

        read_all(given.folder, given.use)
    elif given.step == "rates":
        from tools.learn import rates  # noqa: PLC0415  (see above)

        rates.write(given.folder, dt.datetime.now(dt.timezone.utc).date().isoformat())
    else:
        from tools.learn import told  # noqa: PLC0415  (see above)

        told.show(given.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
