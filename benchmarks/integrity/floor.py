"""The floor: hash every file of a tree in two processes (or one, or more), and do nothing else.

    python floor.py FOLDER [PROCESSES]

No attributes, no order, no store, no comparison, no care for what changes meanwhile: what is left
is what Python, `open`, `read` and OpenSSL take. A monitor that hashes every file cannot be faster.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
from collections.abc import Iterator

_PIECE = 1 << 16


def files(folder: str) -> Iterator[str]:
    """Yield the regular files below a folder."""
    with os.scandir(folder) as members:
        for member in members:
            if member.is_dir(follow_symlinks=False):
                yield from files(member.path)
            elif member.is_file(follow_symlinks=False):
                yield member.path


def digest(path: str) -> str:
    """Return the sha256 of a file."""
    state = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            state.update(piece)
            if len(piece) < _PIECE:
                break
    return state.hexdigest()


def main(arguments: list[str]) -> int:
    """Hash all, print how many."""
    paths = list(files(arguments[0]))
    processes = int(arguments[1]) if len(arguments) > 1 else 2
    if processes == 1:
        print(len([digest(path) for path in paths]))
        return 0
    many = len(paths) // (processes * 8)
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        digests = list(pool.imap_unordered(digest, paths, chunksize=max(1, min(many, 512))))
    print(len(digests))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
