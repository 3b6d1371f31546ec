"""Read one lockfile as a check does, and tell what it took: seconds, bytes of memory, packages.

    python -c "from benchmarks.lockfiles.reading import main; main(...)" FILE

In a process of its own: what the reader imports is not counted, what it holds at once is.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from fimci.model import Package
from fimci.readers import candidates


def main(path: str) -> None:
    """Print a JSON list: processor seconds, bytes by which memory grew, packages."""
    data = Path(path).read_bytes()
    name = Path(path).name
    wanting = [reader for reader in candidates(name) if reader.wants(name, data[:4096])]
    for reader in wanting:
        list(reader.read(name, b""))  # imports what it needs
    before = _most()
    started = time.process_time()
    packages = sum(isinstance(one, Package) for reader in wanting for one in reader.read(name, data))
    seconds = time.process_time() - started
    print(json.dumps([seconds, _most() - before, packages]))


def _most() -> int:
    """Return the bytes of memory that this process had at most.

    What `getrusage` says on Linux counts the process that this one was forked from.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
