"""`fimci explain`: a rule's page, the list of all rules, or what is recorded of a path and why."""

from __future__ import annotations

import argparse
import difflib
import os
import textwrap

from fimci import rules
from fimci.commands import terminal
from fimci.errors import UsageError


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `explain`."""
    parser.add_argument(
        "rule", nargs="?", metavar="RULE|PATH", help="the name of a rule, as shown in reports, or a path"
    )
    parser.add_argument(
        "--config", metavar="FILE", help="the policy (default: the nearest one above the path)"
    )


def run(given: argparse.Namespace) -> int:
    """Print one page, a line for each rule, or what happens to a path."""
    pages = rules.pages()
    if given.rule is None:
        width = max(map(len, pages))
        for page in pages.values():
            print(f"{page.rule:{width}}  {page.severity!s:8}  {page.summary}")
        return 0
    if given.rule in pages:
        page = pages[given.rule]
        fix = textwrap.fill(f"Fix: {page.fix}", 80)
        terminal.show(f"{page.rule} ({page.severity})\n\n{page.summary}\n\n{page.text}\n\n{fix}\n")
        return 0
    if _is_path(given.rule):
        from fimci import recorded  # noqa: PLC0415  (git, and what reads policies: not for a page)

        terminal.show(recorded.told(given.rule, given.config))
        return 0
    near = difflib.get_close_matches(given.rule, pages, 1)
    hint = f"did you mean {near[0]}?" if near else "`fimci explain` lists them; a path has a / or exists"
    raise UsageError(f"there is no rule {given.rule!r}", hint)


def _is_path(word: str) -> bool:
    return "/" in word or "." in word or os.path.lexists(word)
