"""The report as a comment on a pull request, or the summary of a job: GitHub-flavoured Markdown.

Verdict, sums, findings by grade with place and fix, and all changed packages in a folded table.

A text of strangers stays plain where it is made of words that can be nothing else; any other is code,
in which nobody is mentioned, nothing is linked and nothing is fetched. Where backticks cannot carry it
(it has some, or a bar, which divides the cells of a table), it is `<code>` and every character that could
mean something is a number.

A comment has at most `LIMIT` characters. What does not fit is counted, the least urgent first: rows of
the table, then what could not be looked at, then findings, least grade first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from fimci.findings import Finding, PackageChange, ReleaseChange, Report
from fimci.model import Unread
from fimci.printable import cut, plural, printable
from fimci.reports import chains
from fimci.reports.verdict import cells, is_quiet, looked_at, ranked, reason, tally, verdict

#: What GitHub takes for a comment. Counted in UTF-8, which is never less than what it counts.
LIMIT = 65_536
#: Kept for headings, and for what counts the rest.
_RESERVE = 2_000
#: What sentences about the change as a whole may take.
_SENTENCES = 8_000
#: The least that a text may be cut to: heading, sentences, and what counts the rest.
SMALLEST = 20_000
#: Characters of one text.
_TEXT_LIMIT = 600
_CELL_LIMIT, _REASON = 120, 160
#: As many releases of which there is nothing to say are rows like others.
_FEW = 10
#: Text that no flavour of Markdown, and nothing that a code host adds to one, takes for more than it is.
_WORDS = re.compile(
    r"(?!\d+[.)])[A-Za-z0-9]"
    r"(?:[A-Za-z0-9 ,;()'→…]|:(?= )|[.](?:(?![A-Za-z])|(?=(?:json|lock|toml|txt|ya?ml)\b))|[/-](?=[a-z]))*"
)
#: What code hosts link all the same: commits, and issues as `GH-1`.
_LINKED = re.compile(r"[0-9a-f]{7}|\bGH-|www", re.IGNORECASE)
_PLAIN_CODE = re.compile(r"[^`|\\]+")
_MEANT = re.compile(r"[^A-Za-z0-9 ]")


def render(report: Report, limit: int = LIMIT) -> str:
    """Write the whole comment, in at most `limit` bytes of UTF-8, which is at least `SMALLEST`."""
    text = "\n".join(_head(report)) + "\n"
    room = limit - _RESERVE - _size(text)
    for title, blocks, more in _sections(report):
        fitting = list(_fitting(blocks, room - _size(title)))
        room -= _size(title) + sum(map(_size, fitting))
        left = len(blocks) - len(fitting)
        if blocks:
            text += title + "".join(fitting) + (f"- {left:,} {more}\n" if left else "")
    releases = _releases(report.releases, room)
    custody = ""
    for table in chains.tables(report):
        custody += _custody(table, room - _size(releases) - _size(custody))
    return text + releases + custody + _table(report.packages, room - _size(releases) - _size(custody))


def block(finding: Finding, report: Report) -> str:
    """Write one finding, for a comment at its line."""
    lines = [f"**{_said(finding.rule)}** ({finding.severity}): {_said(finding.message)}"]
    fix = _fix(finding, report, set())
    if fix:
        lines.append(f"Fix: {fix}")
    facts = [code(text) for text in (finding.package, finding.fingerprint) if text]
    return "<br>\n".join([*lines, " · ".join(facts)]) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield f"## fimci: {verdict(report)}"
    yield ""
    yield f"Compared {_said(f'{report.left} -> {report.right}')}: {looked_at(report)}."
    if report.findings:
        yield f"Findings: {tally(report)}."
    sentences = [f"- {_said(sentence)}" for sentence in (*report.summary, *report.notes)]
    if sentences:
        yield ""
    fitting = list(_fitting(sentences, _SENTENCES))
    yield from fitting
    if len(sentences) > len(fitting):
        yield f"- {plural(len(sentences) - len(fitting), 'more sentence')}; the JSON report has them all"


def _sections(report: Report) -> Iterator[tuple[str, list[str], str]]:
    """Yield heading, blocks, and what those are called that do not fit."""
    still_open = [finding for finding in report.findings if finding.accepted is None]
    ranked = sorted(still_open, key=lambda finding: (-finding.severity, finding.rule))
    told: set[tuple[str, str]] = set()
    for severity, alike in groupby(ranked, key=lambda finding: finding.severity):
        blocks = [_finding(finding, _fix(finding, report, told)) for finding in alike]
        more = f"more of grade {severity}; the JSON report lists them all"
        yield f"\n### {str(severity).capitalize()} ({len(blocks):,})\n\n", blocks, more
    missed = [_missed(one) for one in report.unread]
    title = f"\n### Not looked at ({len(missed):,})\n\n"
    yield title, missed, "more that could not be looked at; the JSON report lists them all"


def _fix(finding: Finding, report: Report, told: set[tuple[str, str]]) -> str:
    """Return what to do, each remedy of a rule once: a page is our own words, with the Markdown in them."""
    if not finding.fix or (finding.rule, finding.fix) in told:
        return ""
    told.add((finding.rule, finding.fix))
    page = report.pages.get(finding.rule)
    return finding.fix if page is not None and page.fix == finding.fix else _said(finding.fix)


def _finding(finding: Finding, fix: str) -> str:
    where = code(f"{finding.path}:{max(finding.line, 1)}")
    lines = [f"- **{_said(finding.rule)}** at {where}", _said(finding.message)]
    if fix:
        lines.append(f"Fix: {fix}")
    facts = [code(text) for text in (finding.package, finding.fingerprint) if text]
    if facts:
        lines.append(" · ".join(facts))
    return "<br>\n  ".join(lines) + "\n"


def _missed(unread: Unread) -> str:
    return f"- {_said(reason(unread))} at {code(f'{unread.path}:{max(unread.line, 1)}')}\n"


def _releases(releases: Sequence[ReleaseChange], room: int) -> str:
    """Write what was found in each release, those that need a look first; many quiet ones are folded."""
    if not releases:
        return ""
    title = f"\n### {plural(len(releases), 'release')} taken up\n\n"
    quiet = [one for one in releases if is_quiet(one)]
    if len(quiet) <= _FEW:
        return title + _taken(ranked(releases), room - _size(title))
    loud = [one for one in ranked(releases) if not is_quiet(one)]
    text = title + (_taken(loud, room - _size(title)) if loud else "")
    start = f"\n<details><summary>{plural(len(quiet), 'release')} ok, with nothing gained</summary>\n\n"
    end = "\n</details>\n"
    return text + start + _taken(quiet, room - _size(text) - _size(start) - _size(end)) + end


def _taken(releases: Sequence[ReleaseChange], room: int) -> str:
    start = f"| package | from | to | kind | age | gains | provenance | verdict |\n|{' --- |' * 8}\n"
    rows = [_release(one) for one in releases]
    fitting = list(_fitting(rows, room - _size(start)))
    left = len(rows) - len(fitting)
    more = f"\n{plural(left, 'more release')}; the JSON report lists them all.\n" if left else ""
    return f"{start}{''.join(fitting)}{more}"


def _release(one: ReleaseChange) -> str:
    name = code(one.name, _CELL_LIMIT)
    kind, age, provenance, _ = cells(one)
    shown = (
        f"{name} through {code(one.through, _CELL_LIMIT)}" if one.through else name,
        code(one.before, _CELL_LIMIT),
        code(one.after, _CELL_LIMIT),
        kind,
        age,
        code(", ".join(one.gained), _CELL_LIMIT),
        provenance,
        f"{one.verdict}: {code(one.why, _CELL_LIMIT)}" if one.why else one.verdict,
    )
    return f"| {' | '.join(shown)} |\n"


def _custody(table: chains.Table, room: int) -> str:
    """Write what was verified of each row, those that failed first, and why."""
    start = f"\n### {table.title}\n\n| {table.of} | {' | '.join(table.columns)} |\n"
    start += f"|{' --- |' * (len(table.columns) + 1)}\n"
    rows = [f"| {code(row.name, _CELL_LIMIT)} | {' | '.join(chains.words(row))} |\n" for row in table.rows]
    fitting = list(_fitting(rows, (room - _size(start)) // 2))
    left = len(rows) - len(fitting)
    more = f"\n{plural(left, f'more {table.of}')}; the JSON report lists them all.\n" if left else ""
    reasons = [f"- {_said(cut(sentence, _REASON))}\n" for sentence in chains.reasons(table)]
    text = f"{start}{''.join(fitting)}{more}\n"
    return text + "".join(_fitting(reasons, room - _size(text)))


def _table(changed: Sequence[PackageChange], room: int) -> str:
    """Write what became of each package, folded; direct ones first."""
    if not changed:
        return ""
    start = (
        f"\n<details><summary>{plural(len(changed), 'package')} changed</summary>\n\n"
        "| package | | before | after | in |\n| --- | --- | --- | --- | --- |\n"
    )
    rows = [_row(one) for one in sorted(changed, key=lambda one: not one.direct)]
    fitting = list(_fitting(rows, room - _size(start)))
    left = len(rows) - len(fitting)
    more = f"\n{plural(left, 'more package')}; the JSON report lists them all.\n" if left else ""
    return f"{start}{''.join(fitting)}{more}\n</details>\n"


def _row(one: PackageChange) -> str:
    verb = f"{', '.join(one.facts)} changed" if one.verb == "changed" else one.verb
    cells = (
        code(one.name, _CELL_LIMIT),
        f"{verb}, direct" if one.direct else verb,
        code(", ".join(filter(None, one.before)), _CELL_LIMIT),
        code(", ".join(filter(None, one.after)), _CELL_LIMIT),
        code(one.file, _CELL_LIMIT) or "installed",
    )
    return f"| {' | '.join(cells)} |\n"


def _fitting(blocks: Iterable[str], room: int) -> Iterator[str]:
    for block in blocks:
        room -= _size(block)
        if room < 0:
            return
        yield block


def _said(text: str) -> str:
    """Return a sentence as such, or as code where a part of it could mean something."""
    shown = printable(text, _TEXT_LIMIT)
    harmless = _WORDS.fullmatch(shown) is not None and not _LINKED.search(shown)
    return shown if harmless and not shown.endswith(" ") else code(text)


def code(text: str, limit: int = _TEXT_LIMIT) -> str:
    """Return a text as code, in which nothing means anything."""
    shown = printable(text, limit)
    if not shown:
        return ""
    if _PLAIN_CODE.fullmatch(shown) and shown == shown.strip():
        return f"`{shown}`"
    return f"<code>{_MEANT.sub(lambda found: f'&#{ord(found.group())};', shown)}</code>"


def _size(text: str) -> int:
    return len(text.encode("utf-8"))
