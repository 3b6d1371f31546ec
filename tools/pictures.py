"""Take the pictures of docs/tour.md: the comment as a code host shows it, and the page.

    python tools/pictures.py CHROMIUM

`CHROMIUM` is a headless Chromium. The page is asked for in the dark and on a phone as well; those are put
beside it. What is shown is the change that the tour makes, in a clone of `fixtures/project`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt

from tools import docs

FOLDER = docs.ROOT / "docs" / "pictures"
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1f2328;max-width:56rem;margin:1rem auto;padding:0 1rem}
h2{border-bottom:1px solid #d1d9e0;padding-bottom:.3em}
code{font:85% ui-monospace,monospace;background:#eff1f3;border-radius:6px;padding:.2em .4em}
"""
_OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")


def main(arguments: list[str]) -> int:
    """Write the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fimci-pictures-") as folder:
        page, comment = Path(folder) / "page.html", Path(folder) / "comment.html"
        page.write_text(_report("html"), encoding="utf-8")
        body = MarkdownIt("gfm-like").render(_report("markdown"))
        comment.write_text(
            f"<!DOCTYPE html><meta charset=utf-8><style>{_STYLE}</style>{body}", encoding="utf-8"
        )
        for name, file, size, more in (
            ("comment", comment, "900,360", ()),
            ("page", page, "900,760", ()),
            ("page-dark", page, "900,760", ("--blink-settings=preferredColorScheme=0",)),
            ("page-phone", page, "390,844", ()),
        ):
            picture = f"--screenshot={FOLDER / name}.png"
            words = (arguments[0], *_OPTIONS, *more, f"--window-size={size}", picture, file.as_uri())
            subprocess.run(words, check=True, capture_output=True)
            print(f"written  docs/pictures/{name}.png")
    return 0


def _report(name: str) -> str:
    """Return what the tour's first command prints in a format."""
    steps = [step for step in docs.EXAMPLES["tour-opened"].steps if step != "echo $?"]
    example = docs.Example((*steps[:-1], f"fimci check --format {name}"))
    docs.EXAMPLES["picture"] = example
    try:
        return docs.transcript.__wrapped__("picture").partition("\n")[2]
    finally:
        del docs.EXAMPLES["picture"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
