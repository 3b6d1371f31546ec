"""Put what was measured into docs/benchmarks.md: each benchmark owns a block, prose is by hand."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.measure import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"


def put(name: str, text: str, page: Path = PAGE) -> None:
    """Replace the block of that name, from `<!-- measured: NAME -->` to `<!-- end -->`."""
    block = re.compile(rf"(<!-- measured: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    before = page.read_text(encoding="utf-8")
    if not block.search(before):
        raise SystemExit(f"{page.name} has no block named {name!r}")
    page.write_text(block.sub(lambda found: f"{found[1]}{text}\n{found[2]}", before), encoding="utf-8")
