"""Commands that take the place of others: told, unless it is the package itself that brings that program."""

from __future__ import annotations

import pytest

from fimci import readers
from fimci.capabilities.shadows import shadowed
from fimci.look import take
from fimci.model import Capability
from fimci.snapshot import Entry, Recipe


@pytest.mark.parametrize(
    ("package", "command", "target", "odd"),
    [
        ("tidy-text", "git", "./cli.js", "command git"),
        ("tidy-text", "NPM", "./cli.js", "command npm"),
        ("tidytext", "pip3", "", "command pip3"),
        ("left", "../../.bashrc", "./cli.js", "command outside of its folder"),
        ("left", "/usr/bin/left", "./cli.js", "command outside of its folder"),
        ("left", "left", "../../x.js", "command outside of its package"),
        ("tidy-text", "tidy", "./cli.js", ""),
        ("@left/tidy", "@left/tidy", "./cli.js", ""),
        ("npm", "npx", "bin/npx-cli.js", ""),
        ("pip", "pip3", "", ""),
        ("awscli", "aws", "", ""),
        ("@yarnpkg/yarn", "yarn", "./cli.js", ""),
        ("corepack", "pnpm", "./cli.js", ""),
    ],
)
def test_what_is_odd_about_a_command(package: str, command: str, target: str, odd: str) -> None:
    assert shadowed(package, command, target) == odd


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "package.json",
            '{"name": "left", "version": "1.0.0", "bin": {"git": "./git.js", "left": "./left.js"}}',
        ),
        ("left-1.0.dist-info/entry_points.txt", "[console_scripts]\ngit = left:main\nleft = left:main\n"),
    ],
)
def test_it_is_told_of_manifests(path: str, text: str) -> None:
    entry = Entry(path=path, read=lambda: iter([text.encode()]))
    found = [r for r in take([entry], Recipe(), readers.with_code(path)) if isinstance(r, Capability)]
    assert [(one.name, one.subject, one.phase) for one in found] == [
        ("persistence", "command git", "install")
    ]
