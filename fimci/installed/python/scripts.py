"""Commands: what a script in `bin` imports and calls, against what `entry_points.txt` declares.

Installers write these scripts from a handful of templates. What has another line in it was written by
somebody else, whatever the list of files says of its hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from fimci.installed.python.distribution import Distribution
from fimci.installed.python.layout import Layout
from fimci.model import Capability, File
from fimci.model import Place as At
from fimci.printable import cut

#: Bytes of a script that is read; a larger one is no installer's, or a program for Windows.
LIMIT = 1 << 16
_IMPORT = re.compile(r"from ([\w.]+) import (\w+)(?: as \w+)?|import ([\w.]+)", re.ASCII)
#: The lines of the templates of pip, uv, distlib, `installer`, setuptools and poetry.
_LINES = re.compile(
    r"|#.*|import re|import sys|import os|'''exec' .{0,400}|' '''"
    r"|if __name__ == ['\"]__main__['\"]:"
    r"|sys\.argv\[0\] = re\.sub\(r?['\"]\(-script\\\.pyw\??\|\\\.exe\)\?\$['\"], ['\"]['\"], sys\.argv\[0\]\)"
    r"|(?:el)?if sys\.argv\[0\]\.endswith\(['\"][.\w-]+['\"]\):"
    r"|sys\.argv\[0\] = sys\.argv\[0\]\[:-\d+\]"
    r"|sys\.argv\[0\] = sys\.argv\[0\]\.removesuffix\(['\"][.\w-]+['\"]\)"
    r"|(?:sys\.exit|raise SystemExit)\([\w.]+\(\)\)",
    re.ASCII,
)
_CALL = re.compile(r"(?:sys\.exit|raise SystemExit)\(([\w.]+)\(\)\)", re.ASCII)
_SHEBANG = re.compile(r"#!.*(?:python|pypy)[\w.]*\"?(?: -\w+)*|#! ?/bin/sh|#! ?/usr/bin/env .*", re.ASCII)
_TEXT = 200


def body(data: bytes) -> bytes | None:
    """Return a script without what installers write in the place of `#!python`; `None`: it has none of it."""
    first, _, rest = data.partition(b"\n")
    if not _SHEBANG.fullmatch(first.decode("utf-8", "surrogateescape").rstrip("\r")):
        return None
    if first == b"#!/bin/sh":  # the path was too long for the kernel, or had a blank in it
        second, _, after = rest.partition(b"\n")
        third, _, after = after.partition(b"\n")
        return after if second.startswith(b"'''exec' ") and third == b"' '''" else None
    return rest


def wanted(where: Layout, found: Iterable[Distribution], there: Mapping[str, File]) -> Iterator[str]:
    """Yield the paths of scripts that entry points declare."""
    for path, _, _ in _declared(where, found):
        file = there.get(path)
        if file is not None and file.kind == "file" and isinstance(file.size, int) and file.size <= LIMIT:
            yield path


def mismatches(
    where: Layout, found: Iterable[Distribution], contents: Mapping[str, bytes]
) -> Iterator[Capability]:
    """Yield what a script does that its entry point does not declare."""
    for path, name, target in _declared(where, found):
        if path not in contents:
            continue
        line, what = _odd(contents[path].decode("utf-8", "surrogateescape"), target)
        if what:
            yield Capability(
                path=path,
                name="module-tampering",
                subject=f"command {name}",
                detail=f"{what}; declared is {target}",
                at=At(path, line, cut(what, _TEXT)),
            )


def _declared(where: Layout, found: Iterable[Distribution]) -> Iterator[tuple[str, str, str]]:
    """Yield path, name and target of every command that a distribution declares and owns."""
    for one in found:
        for name, target in one.commands.items():
            for folder in where.commands:
                if folder + name in one.files:
                    yield folder + name, name, target


def _odd(text: str, target: str) -> tuple[int, str]:
    """Return the first line that is in no template, or calls something else; 0: there is none."""
    module, _, function = (part.strip() for part in target.partition(":"))
    imported = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if number == 1 and line.startswith("#!") and not _SHEBANG.fullmatch(line):
            return number, f"runs {line[2:].strip()}"
        call = _CALL.fullmatch(line)
        if call is not None and call[1].rpartition(".")[2] != function.rpartition(".")[2]:
            return number, f"calls {call[1]}"
        if _LINES.fullmatch(line):
            continue
        found = _IMPORT.fullmatch(line)
        if found is None:
            return number, f"has a line that no installer writes: {cut(line, 80)}"
        imported = found[1] or found[3]
        if imported != module or (found[2] and found[2] != function.partition(".")[0]):
            return number, f"imports {line}"
    return (0, "") if imported else (1, "imports nothing")
