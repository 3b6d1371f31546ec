"""A page of the documentation that is made of data: written, or found to be stale."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def put(page: Path, text: str, data: str, *, check: bool) -> int:
    """Write a page, or with `check` say that it is not what `data` says; return the exit code."""
    name = page.relative_to(ROOT).as_posix()
    if page.is_file() and page.read_text(encoding="utf-8") == text:
        return 0
    if check:
        print(f"{name} is not what {data} says: run `make docs`")
        return 1
    page.write_text(text, encoding="utf-8")
    print(f"written  {name}")
    return 0
