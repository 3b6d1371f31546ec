"""The trees that are measured: the same bytes in every run, shaped like installed packages.

A package has ten folders' worth of files in a few sizes: mostly source text of a few thousand
bytes, some documentation, some compiled data, and a manifest. Growing a tree adds packages and
changes none, so that a tree of 30,000 files holds that of 10,000.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

#: Files of a package, and its folders: about 9,700 folders for 100,000 files.
PACKAGE = 103
_FOLDERS = ("", "lib", "lib/core", "lib/util", "src", "src/parts", "src/parts/more", "docs", "test", "dist")
#: Suffixes and how often each occurs; the last is no text.
_SUFFIXES = (".js", ".js", ".js", ".ts", ".d.ts", ".py", ".json", ".md", ".map", ".bin")
#: Mean of the sizes is 6,500 bytes: many small ones, a few of a hundred thousand.
_TYPICAL, _SPREAD, _LARGEST = 2_600, 1.36, 400_000
_WORDS = ("const", "value", "return", "function", "import", "export", "class", "this", "length", "index")


class Tree(NamedTuple):
    """A tree on disk, and what is in it."""

    root: Path
    files: int
    size: int
    folders: int


def small(root: Path, files: int, begin: int = 0) -> Tree:
    """Build a tree of many small files; those before `begin` are there already."""
    text, noise = _text(), random.Random(1).randbytes(1 << 20)
    for package in range(begin // PACKAGE, -(-files // PACKAGE)):
        folder = root / f"scope-{package // 40:03}" / f"package-{package:05}"
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        first = package * PACKAGE
        for number in range(max(first, begin), min(first + PACKAGE, files)):
            name, content = _file(number, text, noise)
            (folder / name).write_bytes(content)
    return measured(root)


def big(root: Path, files: int, size: int) -> Tree:
    """Build a tree of a few large files."""
    piece = random.Random(2).randbytes(1 << 20)
    root.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        with (root / f"image-{number}.bin").open("wb") as file:
            for at in range(0, size, len(piece)):
                head = f"{number} {at}\n".encode()
                file.write((head + piece[len(head) :])[: size - at])
    return measured(root)


def touch(tree: Tree, share: float) -> int:
    """Change the given share of the files, evenly spread: one byte more each. Return how many."""
    every = round(1 / share)
    chosen = [path for number, path in enumerate(_regular(tree.root)) if number % every == 0]
    for path in chosen:
        with path.open("ab") as file:
            file.write(b"!")
    return len(chosen)


def measured(root: Path) -> Tree:
    """Count what is there."""
    paths = list(_regular(root))
    folders = sum(1 for path in root.rglob("*") if path.is_dir())
    return Tree(root, len(paths), sum(path.stat().st_size for path in paths), folders)


def _regular(root: Path) -> Iterator[Path]:
    """Yield the files of a tree in order, without those of git."""
    return (path for path in sorted(root.rglob("*")) if path.is_file() and ".git" not in path.parts)


def _file(number: int, text: bytes, noise: bytes) -> tuple[str, bytes]:
    """Return the name in its package and the content of the file of that number."""
    chance = random.Random(number)
    if number % PACKAGE == 0:
        manifest = {"name": f"package-{number // PACKAGE:05}", "version": "1.0.0", "license": "MIT"}
        return "package.json", json.dumps(manifest, indent=2).encode()
    suffix = _SUFFIXES[number % len(_SUFFIXES)]
    folder = _FOLDERS[chance.randrange(len(_FOLDERS))]
    size = min(int(chance.lognormvariate(0, _SPREAD) * _TYPICAL), _LARGEST)
    source = noise if suffix == ".bin" else text
    at = chance.randrange(len(source) - size)
    name = f"part-{number % PACKAGE:03}{suffix}"
    return (f"{folder}/{name}" if folder else name), f"// {number}\n".encode() + source[at : at + size]


def _text() -> bytes:
    """Return a million bytes that look like source."""
    chance = random.Random(0)
    lines = (" ".join(chance.choices(_WORDS, k=chance.randrange(1, 12))) + ";" for _ in range(30_000))
    return "\n".join(lines).encode()[: 1 << 20]
