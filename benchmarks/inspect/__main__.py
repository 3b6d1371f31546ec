"""`python benchmarks/inspect`: see `program`."""

from __future__ import annotations

import sys
from pathlib import Path

# As a folder it is started with itself on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

from benchmarks.inspect.program import main  # noqa: E402  (the line above is what finds it)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
