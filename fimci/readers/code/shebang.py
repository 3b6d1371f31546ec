"""Shell scripts without a name that says so: what begins with `#!/bin/sh`, and git hooks among them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.code import told

_FIRST = re.compile(rb"#!\s{0,9}\S{0,200}?(?:\benv\s+(?:-\S+\s+){0,5})?\b(?:ba|z|da|k|mk|a)?sh\b")
#: Named after their language, they are read as that (`fimci.readers.code.shell`).
_NAMED = (".sh", ".bash", ".zsh", ".ksh", ".command", ".py", ".js", ".mjs", ".cjs", ".pl", ".rb")

#: Written by autoconf, half a megabyte each: of these only lines are read that unpack something and run it.
_GENERATED = frozenset(("configure", "config.status", "libtool"))
_UNPACKS = re.compile(
    r"\b(?:curl|wget|ncat|netcat|fetch|xz(?:cat|dec)?|unxz|lzma|unlzma|lzcat|gzip|gunzip|zcat|bzip2|bunzip2|bzcat|zstd|base64|openssl|uudecode|xxd)\b|/dev/tcp/"
)
_RUNS = re.compile(
    r"\beval\b|\|\s{0,9}(?:/\S{0,40}/)?(?:ba|da|k|z)?sh\b|\|\s{0,9}[\"']?\$\{?(?:CONFIG_)?SHELL\b"
)
_LINE_LIMIT = 4_000
_LINES_LIMIT = 200


def wants(path: str, head: bytes) -> bool:
    """Tell whether the first line names a shell."""
    name = path.rpartition("/")[2]
    return _FIRST.match(head) is not None and not name.endswith(_NAMED)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do. What follows a NUL is a payload and no command."""
    text = told.decoded(data.partition(b"\0")[0])
    if path.rpartition("/")[2] in _GENERATED:
        yield from told.records(path, _unpacking(text))
    else:
        yield from told.records(path, iter([told.Text(text, released=told.releases(path))]))


def _unpacking(text: str) -> Iterator[told.Text]:
    """Yield the lines that unpack something and run it, as nothing that autoconf writes does."""
    at = line = 0
    for _ in range(_LINES_LIMIT):
        found = _UNPACKS.search(text, at)
        if found is None:
            return
        start = text.rfind("\n", 0, found.start()) + 1
        end = text.find("\n", found.end())
        end = len(text) if end < 0 else end
        line += text.count("\n", at, start)
        written = text[start : min(end, start + _LINE_LIMIT)]
        if _RUNS.search(written):
            yield told.Text(written, line + 1)
        at = end
