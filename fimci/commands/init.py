"""`fimci init`: configuration, workflow and hook, ready to commit. What exists is left alone."""

from __future__ import annotations

import argparse
import os

from fimci import __version__, durable, policy
from fimci.printable import printable

_POLICY = """\
# What fimci may object to, and how loudly. Read from the base of a change, never from the change.
# `fimci explain` lists the rules; docs/formats.md describes every key.

fail-on = "high"

# Files that nobody changes by accident: any change to them is told (gitignore syntax).
critical = []

# Files that are not looked at (gitignore syntax).
ignore = []
"""
_WORKFLOW = f"""\
name: fimci
on:
  pull_request:
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8  # v5.0.0
        with:
          fetch-depth: 2
          persist-credentials: false
      - run: python3 -m venv "$RUNNER_TEMP/fimci"
      - run: '"$RUNNER_TEMP/fimci/bin/pip" install --only-binary :all: fimci=={__version__}'
      - run: '"$RUNNER_TEMP/fimci/bin/fimci" check --format text --format github'
"""
_HOOK = f"""\
repos:
  - repo: local
    hooks:
      - id: fimci
        name: fimci (what changed, and what can it do now?)
        entry: fimci check --staged
        language: python
        additional_dependencies: ["fimci=={__version__}"]
        pass_filenames: false
        always_run: true
        require_serial: true
"""
_FILES = {
    policy.FILE: _POLICY,
    ".github/workflows/fimci.yml": _WORKFLOW,
    ".pre-commit-config.yaml": _HOOK,
}


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `init`."""
    parser.add_argument("path", nargs="?", default=".", help="the repository (default: this folder)")


def run(given: argparse.Namespace) -> int:
    """Write what is not there yet, and say what to do next."""
    for name, text in _FILES.items():
        file = os.path.join(given.path, name)
        if os.path.lexists(file):
            print(f"kept     {printable(file)}")
            continue
        os.makedirs(os.path.dirname(file) or ".", exist_ok=True)
        durable.write(file, [text.encode()])
        print(f"written  {printable(file)}")
    print("\nNext: `fimci check`, then commit these files on the branch that changes are held against.")
    return 0
