"""Reports that are compared to the byte. `UPDATE_GOLDEN=1` writes them anew: read the difference."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def compare(name: str, written: str) -> None:
    path = FOLDER / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(written.encode())
    assert written == path.read_bytes().decode()
