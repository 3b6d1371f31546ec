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
Python) or `base64`. `critical: PATTERN` before the first `==` makes paths critical, `persistence: PATTERN`
such that something starts from them, `root: /` (or `/etc`) puts both sides there on a machine, and `sealed`
alone on a line makes the left side a baseline.

`against: record` (or `artifact`, `lock`) makes it a case about an installed tree, `against: name` (or `list`,
`source`) one about an artifact, `against: release` (or `sibling`) one about releases, `against: before` one
about records that are derived. Its sides are no trees of files but records, one JSON value a line, as
`fimci.model` encodes them:

    against: record

    == before
    {"type": "file", "path": "left/__init__.py", "size": 9, "digest": ["sha256", "aa"]}
    == after
    {"type": "file", "path": "left/__init__.py", "size": 9, "digest": ["sha256", "bb"]}
    == expect
    left/__init__.py:1: critical: installed-file-changed: …

`records` alone on a line makes the sides of an ordinary case records too, where no file of text gives them.

A `size` or `digest` that is left out is not stated; of a `mode`, neither side knows. `at` may be left out.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import NamedTuple, cast

import msgspec

from fimci.model import Record
from fimci.rules import Against
from fimci.snapshot import Entry

_MEMBER = re.compile(
    r"-- (?P<path>.+?)(?: mode=(?P<mode>[0-7]+))?(?P<coding> escape| base64)?(?: -> (?P<target>.+))? --"
)

_AGAINST = re.compile(
    r"^against: (before|record|artifact|lock|release|sibling|name|list|source|signer|manifest)$", re.MULTILINE
)


class Case(NamedTuple):
    """One parsed case file; `records` are the sides of one that is not about two trees of files."""

    critical: tuple[str, ...]
    sealed: bool
    before: list[Entry]
    after: list[Entry]
    expect: list[str]
    against: Against = "before"
    records: tuple[list[Record], list[Record]] = ([], [])
    persistence: tuple[str, ...] = ()
    root: str | None = None


def parse(text: str) -> Case:
    """Read a case file. Raises `ValueError` where it is none."""
    preamble, *sections = re.split(r"^== (before|after|expect)\n", text, flags=re.MULTILINE)
    named = dict(zip(sections[::2], sections[1::2], strict=True))
    if set(named) != {"before", "after", "expect"} or not preamble.strip():
        message = "a case has a sentence, then == before, == after, == expect"
        raise ValueError(message)
    expect = [line for line in named["expect"].splitlines() if line.strip()]
    sealed = bool(re.search(r"^sealed$", preamble, re.MULTILINE))
    against = re.search(
        r"^against: (before|record|artifact|lock|release|sibling|name|list|source|signer|manifest|watched)$",
        preamble,
        re.MULTILINE,
    )
    if against is not None:
        sides = _records(named["before"]), _records(named["after"])
        return Case((), sealed, [], [], expect, cast("Against", against[1]), sides)
    persistence = tuple(re.findall(r"^persistence: (.+)$", preamble, re.MULTILINE))
    if re.search(r"^records$", preamble, re.MULTILINE):
        sides = _records(named["before"]), _records(named["after"])
        return Case((), sealed, [], [], expect, "before", sides, persistence)
    root = re.search(r"^root: /(.*)$", preamble, re.MULTILINE)
    return Case(
        critical=tuple(re.findall(r"^critical: (.+)$", preamble, re.MULTILINE)),
        sealed=sealed,
        before=list(_members(named["before"])),
        after=list(_members(named["after"])),
        expect=expect,
        persistence=persistence,
        root=None if root is None else root[1],
    )


def entry(path: str, data: bytes, mode: int = 0o644) -> Entry:
    """Make the entry of a regular file whose content is at hand."""
    return Entry(path=path, mode=mode, read=lambda: iter([data] if data else []))


def _records(section: str) -> list[Record]:
    """Read records, sorted; `at` may be left out, and neither side knows of modes."""
    return sorted((_record(line) for line in section.splitlines() if line), key=lambda record: record.key)


def _record(line: str) -> Record:
    stated = msgspec.json.decode(line)
    if stated["type"] == "file":
        stated.setdefault("mode", None)
    elif stated["type"] not in {"advisory", "unread", "release"}:
        stated.setdefault("at", {"path": stated.get("path") or stated["place"].partition("#")[0]})
    return cast("Record", msgspec.convert(stated, Record))


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
