"""Shell scripts without a name that says so: what begins with `#!/bin/sh`, and git hooks among them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.code import told

_FIRST = re.compile(rb"#!\s{0,9}\S{0,200}?(?:\benv\s+(?:-\S+\s+){0,5})?\b(?:ba|z|da|k|mk|a)?sh\b")
#: Named after their language, they are read as that (`fimci.readers.code.shell`).
_NAMED = (".sh", ".bash", ".zsh", ".ksh", ".command", ".py", ".js", ".mjs", ".cjs", ".pl", ".rb")

#: Written by autoconf, half a megabyte each: what they were written from is what people read.
_GENERATED = frozenset(("configure", "config.status", "libtool"))


def wants(path: str, head: bytes) -> bool:
    """Tell whether the first line names a shell."""
    name = path.rpartition("/")[2]
    return _FIRST.match(head) is not None and not name.endswith(_NAMED) and name not in _GENERATED


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do. What follows a NUL is a payload and no command."""
    yield from told.records(
        path, iter([told.Text(told.decoded(data.partition(b"\0")[0]), released=told.releases(path))])
    )
