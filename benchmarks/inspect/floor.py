"""What parsing alone takes: the floor of whoever reads syntax."""

from __future__ import annotations

import tarfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from fimci.readers.code.javascript_syntax import parsing as javascript
from fimci.readers.code.javascript_syntax import prefilter as gates
from fimci.readers.code.python_syntax import parsing as python
from fimci.readers.code.python_syntax import prefilter

_SCRIPTS = (".js", ".mjs", ".cjs", ".ts")
#: Larger files are read in part.
_LARGEST = 1_000_000


def parsed(archives: Iterable[Path]) -> float:
    """Return the processor time of parsing those files of archives that can have something to tell."""
    took = 0.0
    for path, data in (one for archive in archives for one in _members(archive)):
        if path.endswith(".py") and prefilter.tells(data):
            begun = time.process_time()
            python.parse(data)
            took += time.process_time() - begun
        elif path.endswith(_SCRIPTS) and gates.look(data).parse:
            begun = time.process_time()
            javascript.parse(data, path)
            took += time.process_time() - begun
    return took


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for name in packed.namelist():
                if name.endswith((".py", *_SCRIPTS)):
                    yield name, packed.read(name)[:_LARGEST]
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tarred:
            for member in tarred:
                file = tarred.extractfile(member) if member.name.endswith((".py", *_SCRIPTS)) else None
                if file is not None:
                    yield member.name, file.read(_LARGEST)
