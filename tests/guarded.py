"""Read files with every reader where nothing but reading is allowed; run by `tests/test_never_runs.py`.

    python -m tests.guarded WARM FOLDER...

reads the cases in `WARM` first, so that all that readers import is imported, then the folders, under an audit
hook. It prints a line for each event that reading has no need of, then `read N files`.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fimci import readers
from fimci.look import take
from fimci.snapshot import Recipe
from tests import cases

#: Beginnings of the audit events (the table in Python's documentation) of all but reading.
FORBIDDEN = (
    *("import", "exec", "marshal.", "pickle.", "code.__new__", "cpython.", "ctypes.", "sys.set", "sys.add"),
    *(
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.system",
        "os.putenv",
        "os.kill",
    ),
    *("os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"),
    *("os.truncate", "os.utime", "os.chdir", "pty.", "subprocess.", "shutil.", "tempfile.", "sqlite3."),
    *("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "imaplib.", "webbrowser.", "winreg.", "syslog."),
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
#: Files of a folder that are read, in the order of their names.
_MOST = 400
#: What readers import when the first file needs it.
_LATE = ("tree_sitter", "tree_sitter_javascript", "tree_sitter_python", "tree_sitter_typescript")
_CODECS = ("utf_16_le", "utf_16_be", "utf_16", "latin_1", "ascii", "unicode_escape", "idna", "punycode")


def main(warm: str, *folders: str) -> None:
    """Read `warm`, then the folders; print what was done beside reading them."""
    for name in (*_LATE, *(f"encodings.{codec}" for codec in _CODECS), *(r.module for r in readers.ALL)):
        importlib.import_module(name)
    for path, data in files(Path(warm)):
        read(path, data)
    corpus = [file for folder in folders for file in files(Path(folder))]
    told = watched()
    for path, data in corpus:
        read(path, data)
    for line in list(told):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"read {len(corpus)} files\n")


def watched() -> dict[str, None]:
    """Return what is forbidden and is done from now on, as lines in the order of the events."""
    told: dict[str, None] = {}

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if _forbidden(event, arguments):
            told[f"{event} {arguments!r}"[:200]] = None

    sys.addaudithook(hook)
    return told


def read(path: str, data: bytes) -> None:
    """Let all readers look at one file, as a snapshot does."""
    take([cases.entry(path, data)], Recipe(), readers.ALL)


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield files of a folder; of a case file those of its right side."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file())[:_MOST]:
        if path.suffix == ".txt" and folder.parent.name == "fixtures":
            for entry in cases.parse(path.read_text()).after:
                yield entry.path, b"".join(entry.read()) if entry.read is not None else b""
        else:
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _forbidden(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        return not isinstance(arguments[2], int) or bool(arguments[2] & _WRITES)
    return event.startswith(FORBIDDEN)


if __name__ == "__main__":
    main(*sys.argv[1:])
