"""Write docs/peers.md from fixtures/peers: behaviours that other tools have rules for, and what fimci says.

python tools/peers.py            rewrite the page
python tools/peers.py --check    exit 1 where that would change it
python tools/peers.py --misses   print what is not told as it should be, and why not

A file of `fixtures/peers` is a group of behaviours. Each has the rules of others that are about it and some
spellings of its own: a path, what must be told (a capability with a pattern of its subject, or `rule NAME`),
how grave that is at least where a patch release of a harmless package brings it (`told`: the capability is
recorded, nothing more), and the text. The text at `postinstall` is that script of a `package.json`.
"""

from __future__ import annotations

import datetime as dt
import functools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import tomli  # noqa: E402  (the line above is what finds the project)

from fimci import inspect, reach, rules  # noqa: E402  (the same)
from fimci.capabilities import addresses  # noqa: E402  (the same)
from fimci.compare import compare  # noqa: E402  (the same)
from fimci.findings import Finding, Severity  # noqa: E402  (the same)
from fimci.look import take  # noqa: E402  (the same)
from fimci.model import Capability, Record  # noqa: E402  (the same)
from fimci.policy import Policy  # noqa: E402  (the same)
from fimci.readers import ALL as READERS  # noqa: E402  (the same)
from fimci.snapshot import Entry, Recipe, Snapshot  # noqa: E402  (the same)
from fimci.verdict import annotated  # noqa: E402  (the same)
from tools import pages  # noqa: E402  (the same)
from tools.pages import ROOT  # noqa: E402  (the same)

FOLDER, PAGE = ROOT / "fixtures" / "peers", ROOT / "docs" / "peers.md"
PACKAGES = ROOT / "docs" / "peers.toml"
#: Whose rules the behaviours are taken from, and what they are called here.
PEERS: Mapping[str, str] = {
    "guarddog": "GuardDog",
    "malcontent": "malcontent",
    "packj": "Packj",
    "analysis": "package-analysis",
    "socket": "Socket",
    "bandit": "bandit",
    "semgrep": "Semgrep",
}
TEST = "../tests/capabilities/test_peers.py"
TOLD = "told"


class Spelling(NamedTuple):
    """One way of writing a behaviour, and what must be said of it."""

    path: str
    told: str
    least: str
    text: str


class Behaviour(NamedTuple):
    """What code does, the rules of others about it, and its spellings. `missed`: why some are not told."""

    group: str
    name: str
    peers: Mapping[str, str]
    spellings: tuple[Spelling, ...]
    missed: Mapping[int, str]


class Said(NamedTuple):
    """What was said of a spelling: what is told of the code, of the update, and of the package alone."""

    told: frozenset[str]
    update: Severity | None
    alone: Severity | None
    rules: frozenset[str]


def main(arguments: list[str]) -> int:
    """Rewrite the page, say that it is stale (`--check`), or print what is missed (`--misses`)."""
    if "--misses" in arguments:
        for line in misses():
            print(line)
        return 0
    return pages.put(PAGE, page(), "fixtures/peers", check="--check" in arguments)


@functools.cache
def behaviours() -> tuple[Behaviour, ...]:
    """Return all behaviours; the spellings of one that stands in several files come one after another."""
    found: dict[str, Behaviour] = {}
    for path in sorted(FOLDER.glob("*.toml"), key=lambda path: (path.stem == "more", path)):
        data = tomli.loads(path.read_text(encoding="utf-8"))
        for one in data["behaviour"]:
            first = found.get(one["name"]) or Behaviour(data["group"], one["name"], one["peers"], (), {})
            begin = len(first.spellings)
            missed = {begin + int(number): why for number, why in one.get("missed", {}).items()}
            found[one["name"]] = first._replace(
                spellings=(*first.spellings, *(Spelling(*row) for row in one["spellings"])),
                missed={**first.missed, **missed},
            )
    return tuple(found.values())


def problem(spelling: Spelling) -> str:
    """Return what is wrong with what is said of a spelling; nothing where all is as it should be."""
    found = said(spelling)
    shown = ", ".join(sorted(found.told | found.rules)) or "nothing"
    name, _, rest = spelling.told.partition(" ")
    if name == "rule":
        told = rest in found.rules
    else:
        told = any(fnmatchcase(one, spelling.told) for one in found.told)
    if not told:
        return f"{spelling.told} is not told, but {shown}"
    if spelling.least != TOLD and (found.update is None or found.update < Severity[spelling.least.upper()]):
        return f"weighs {found.update!s}, not {spelling.least}: {shown}"
    return ""


@functools.cache
def said(spelling: Spelling) -> Said:
    """Judge a spelling as a patch release of a harmless package, and alone."""
    before, after = _records(*_tree(spelling.path, None)), _records(*_tree(spelling.path, spelling.text))
    found = list(rules.run(annotated(compare(before, after), ()), before))
    loud = [finding for finding in found if finding.severity > Severity.INFO]
    old = {(one.name, one.subject) for one in before if isinstance(one, Capability)}
    new = {(one.name, one.subject) for one in after if isinstance(one, Capability)}
    return Said(
        told=frozenset(f"{name} {subject}" for name, subject in new - old),
        update=_worst(found),
        alone=_alone(after),
        rules=frozenset(finding.rule for finding in loud),
    )


def _alone(records: list[Record]) -> Severity | None:
    taken = Snapshot(locator="package", recipe=Recipe(), records=tuple(records))
    return _worst(inspect.risks(taken, Policy(), dt.date(2026, 1, 1)).findings)


def _worst(found: Sequence[Finding]) -> Severity | None:
    return max((finding.severity for finding in found), default=None)


def _records(*files: tuple[str, str]) -> list[Record]:
    entries = [_entry(path, text.encode()) for path, text in sorted(files)]
    return sorted(reach.settled(take(entries, Recipe(), READERS), project=False), key=lambda one: one.key)


def _entry(path: str, data: bytes) -> Entry:
    return Entry(path=path, mode=0o644, read=lambda: iter([data] if data else []))


#: The ends of files that node loads, and what starts the others at installation.
_NODE = (".js", ".cjs", ".mjs", ".jsx", ".ts")
_STARTED = {".sh": "sh ", ".ps1": "powershell -File ", ".bat": "", ".cmd": ""}
_LIBRARY = "def total(lines):\n    return sum(float(line) for line in lines)\n"
_MODULE = "function total(lines) { return lines.reduce((sum, line) => sum + Number(line), 0); }\n"


def _tree(path: str, text: str | None) -> Iterator[tuple[str, str]]:
    """Yield the files of a package with that text, or of the release before it."""
    version = "1.0.0" if text is None else "1.0.1"
    added = "" if text is None else text
    suffix = path[path.rfind(".") :] if "." in path else ""
    if path in {"setup.py", "left.pth"} or suffix in {".py", ".pyw", ".pth"}:
        yield "PKG-INFO", f"Metadata-Version: 2.1\nName: left\nVersion: {version}\nRequires-Python: >=3.8\n"
        module = suffix == ".py" and path != "setup.py"
        yield "left/__init__.py", _LIBRARY + (f"from . import {path[:-3]}\n" if module and added else "")
        if added:
            yield f"left/{path}" if module else path, added
        elif path == "setup.py":
            yield path, "from setuptools import setup\nsetup(name='left')\n"
        return
    scripts = '"test": "node test.js"'
    if added and (path in {"preinstall", "postinstall"} or suffix in _STARTED):
        command = added if path in {"preinstall", "postinstall"} else f"{_STARTED[suffix]}{path}"
        scripts += f', "{path if not suffix else "postinstall"}": {_quoted(command)}'
    yield (
        "package.json",
        (f'{{"name": "left", "version": "{version}", "main": "index.js",\n "scripts": {{{scripts}}}}}\n'),
    )
    loads = added and suffix in _NODE
    yield "index.js", _MODULE + (f"require('./{path}');\n" if loads else "") + "module.exports = { total };\n"
    if added and suffix:
        yield path, added


def _quoted(text: str) -> str:
    import json  # noqa: PLC0415  (here alone)

    return json.dumps(text.strip())


def misses() -> Iterator[str]:
    """Yield what is not told as it should be, and the share that is."""
    right = total = 0
    for one in behaviours():
        for number, spelling in enumerate(one.spellings):
            wrong = problem(spelling)
            total += 1
            right += not wrong
            if wrong:
                yield f"{one.group}: {one.name} #{number} {spelling.path}: {wrong}"
    yield f"{right} of {total}"
    for peer in PEERS:
        rows = [problem(spelling) for one in behaviours() if peer in one.peers for spelling in one.spellings]
        yield f"{peer}: {rows.count('')} of {len(rows)}"


def page() -> str:
    """Return the page: each behaviour with the rules about it, what is said of it, and the test."""
    rows = behaviours()
    parts = [_INTRODUCTION.format(**_counts(rows))]
    for group in dict.fromkeys(one.group for one in rows):
        parts.append(f"\n## {group}\n\n| behaviour | rules of others | spellings | in an update | alone |\n")
        parts.append("| --- | --- | --- | --- | --- |\n")
        parts.extend(_row(one) for one in rows if one.group == group)
    parts.append("\n## What is no code\n\n| what | rules of others | fimci |\n| --- | --- | --- |\n")
    parts.extend(f"| {row['what']} | {row['peers']} | {_named_rules(row)} |\n" for row in packages())
    missed = [(one, number) for one in rows for number in sorted(one.missed)]
    parts.append("\n## What is missed\n\n")
    parts.extend(
        f"- {one.name} (`{one.spellings[number].path}`): {one.missed[number]}\n" for one, number in missed
    )
    return "".join(parts)


def packages() -> list[dict[str, Any]]:
    """Return what others look at of a package that is not its code."""
    rows: list[dict[str, Any]] = tomli.loads(PACKAGES.read_text(encoding="utf-8"))["row"]
    return rows


def _named_rules(row: dict[str, Any]) -> str:
    return ", ".join(f"[{rule}](rules/{rule}.md)" for rule in row["rules"]) or str(row["why"])


def _counts(rows: Sequence[Behaviour]) -> dict[str, str]:
    spellings = [(one, number) for one in rows for number in range(len(one.spellings))]
    told = [(one, number) for one, number in spellings if number not in one.missed]
    shares = []
    for peer, name in PEERS.items():
        of = [(one, number) for one, number in spellings if peer in one.peers]
        shares.append(
            f"| {name} | {len({id(one) for one, _ in of})} | {len(of)} | "
            f"{sum(number not in one.missed for one, number in of)} |"
        )
    return {
        "behaviours": str(len(rows)),
        "spellings": str(len(spellings)),
        "told": str(len(told)),
        "shares": "\n".join(shares),
    }


def _row(one: Behaviour) -> str:
    found = [said(spelling) for number, spelling in enumerate(one.spellings) if number not in one.missed]
    rules_of = "; ".join(f"{PEERS[peer]}: {names}" for peer, names in one.peers.items())
    told = len(found)
    shown = f"[{told} of {len(one.spellings)}]({TEST})"
    grades = f"{_range(one.update for one in found)} | {_range(one.alone for one in found)}"
    return f"| {one.name} | {rules_of} | {shown} | {grades} |\n"


def _range(found: Iterable[Severity | None]) -> str:
    """Show the least and the gravest of some grades."""
    grades = sorted(-1 if one is None else int(one) for one in found)
    ends = [
        "recorded" if grade < 0 else str(Severity(grade)) for grade in dict.fromkeys((grades[0], grades[-1]))
    ]
    return " to ".join(ends)


def named_hosts() -> Iterator[str]:
    """Yield the hosts in the spellings that are known by their names."""
    for one in behaviours():
        for spelling in one.spellings:
            for host in addresses.hosts(spelling.text):
                if host.kind not in {"", "address"}:
                    yield host.name.partition(":")[0]


_INTRODUCTION = """\
<!-- Written by tools/peers.py from fixtures/peers and docs/peers.toml; edit those, then `make docs`. -->

# What other tools have rules for, and what fimci says

The rules of other tools were read (not their tests or samples), and each behaviour that they are about was
spelt anew in the languages that have it: {behaviours} behaviours in {spellings} spellings, all of them
harmless. {told} are told. Left out is what is no behaviour: licences, popularity, known vulnerabilities,
and words in comments. Code in Ruby, Go, PHP, Perl and compiled languages is told as `unanalyzed`; what stands
in one statement of it is judged, and nothing is followed.

“In an update” is how grave the finding is where a patch release of a harmless package brings the code, from
the least to the gravest of its spellings; “alone” the same for the package without a predecessor, as
`fimci inspect --rules` judges it, where the bar is higher. “Recorded” says that `fimci inspect` shows it and
no rule speaks of it. The tests are named after the behaviours.

Of the first 511 spellings 395 were told before anything was mended for them; of 84 others that were written
after that, 76 at first sight, and of 53 longer ones after those, 42. What follows is how it is now.

| peer | behaviours | spellings | told |
| --- | --: | --: | --: |
{shares}

Read were the rules of GuardDog of June 2026 and of its release 2.9, of malcontent of August 2026, of bandit,
Packj, OSSF package-analysis and the public Semgrep rules at their newest, and what Socket says of its alerts.
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
