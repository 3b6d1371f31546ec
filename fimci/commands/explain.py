"""`fimci explain`: a rule's page, or the list of all rules."""

from __future__ import annotations

import argparse
import difflib
import textwrap

from fimci import rules
from fimci.commands import terminal
from fimci.errors import UsageError


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `explain`."""
    parser.add_argument("rule", nargs="?", help="the rule's name, as reports give it")


def run(given: argparse.Namespace) -> int:
    """Print one page, or a line for each rule."""
    pages = rules.pages()
    if given.rule is None:
        width = max(map(len, pages))
        for page in pages.values():
            print(f"{page.rule:{width}}  {page.severity!s:8}  {page.summary}")
        return 0
    if given.rule not in pages:
        near = difflib.get_close_matches(given.rule, pages, 1)
        hint = f"did you mean {near[0]}?" if near else "`fimci explain` lists them"
        raise UsageError(f"there is no rule {given.rule!r}", hint)
    page = pages[given.rule]
    fix = textwrap.fill(f"Fix: {page.fix}", 80)
    terminal.show(f"{page.rule} ({page.severity})\n\n{page.summary}\n\n{page.text}\n\n{fix}\n")
    return 0
