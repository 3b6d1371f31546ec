"""Case files: two small trees and what a rule must say about their difference.

    What happens, in a sentence.

    == before
    -- package.json --
    {"name": "left"}
    == after
    -- package.json --
    {"name": "left",
     "scripts": {"postinstall": "node setup.js"}}
    -- bin/run mode=755 --
    #!/bin/sh
    -- passwd -> /etc/passwd --
    == expect
    package.json:2: high: install-script-added: …

A member may carry `mode=755`, `-> target`, or an encoding: `escape` (`\\u202e`, `\\x7f` and `\\n` as in
Python) or `base64`. `critical: PATTERN` before the first `==` makes paths critical, and `sealed`
alone on a line makes the left side a baseline.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.snapshot import Entry

_MEMBER = re.compile(
    r"-- (?P<path>.+?)(?: mode=(?P<mode>[0-7]+))?(?P<coding> escape| base64)?(?: -> (?P<target>.+))? --"
)


class Case(NamedTuple):
    """One parsed case file."""

    critical: tuple[str, ...]
    sealed: bool
    before: list[Entry]
    after: list[Entry]
    expect: list[str]


def parse(text: str) -> Case:
    """Read a case file. Raises `ValueError` where it is none."""
    preamble, *sections = re.split(r"^== (before|after|expect)\n", text, flags=re.MULTILINE)
    named = dict(zip(sections[::2], sections[1::2], strict=True))
    if set(named) != {"before", "after", "expect"} or not preamble.strip():
        message = "a case has a sentence, then == before, == after, == expect"
        raise ValueError(message)
    return Case(
        critical=tuple(re.findall(r"^critical: (.+)$", preamble, re.MULTILINE)),
        sealed=bool(re.search(r"^sealed$", preamble, re.MULTILINE)),
        before=list(_members(named["before"])),
        after=list(_members(named["after"])),
        expect=[line for line in named["expect"].splitlines() if line.strip()],
    )


def entry(path: str, data: bytes, mode: int = 0o644) -> Entry:
    """Make the entry of a regular file whose content is at hand."""
    return Entry(path=path, mode=mode, read=lambda: iter([data] if data else []))


def _members(section: str) -> Iterator[Entry]:
    header: re.Match[str] | None = None
    body: list[str] = []
    for line in [*section.splitlines(keepends=True), "-- end --"]:
        found = _MEMBER.fullmatch(line.rstrip("\n"))
        if found is None:
            body.append(line)
            continue
        if header is not None:
            yield _entry(header, "".join(body))
        header, body = found, []


def _entry(header: re.Match[str], body: str) -> Entry:
    if header["target"] is not None:
        return Entry(path=header["path"], kind="link", target=header["target"])
    data = body.encode()
    if header["coding"] == " escape":
        data = body.rstrip("\n").encode("latin-1", "backslashreplace").decode("unicode_escape").encode()
    elif header["coding"] == " base64":
        data = base64.b64decode(body)
    return entry(header["path"], data, int(header["mode"] or "644", 8))
