"""The report as one page that holds everything it needs: to be kept as an artifact, searched and read.

No address is asked for anything, no script of others runs: a policy in the page itself allows the two
texts below by their hashes, and nothing else. Without scripts everything is there and unfolds all the
same; with them it can be searched and filtered. It follows the reader's choice of light or dark, and the
width of a phone. Untrusted text is printable, and escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence

from fimci import charts
from fimci.findings import Finding, PackageChange, ReleaseChange, Report, Severity
from fimci.model import Place, Unread
from fimci.printable import plural, printable
from fimci.reports import chains
from fimci.reports.html_tree import Branch, tree
from fimci.reports.verdict import cells, counted, looked_at, ranked, reason, verdict

#: Findings, rows of packages, and unread things on one page; the rest is counted.
SHOWN, ROWS, MISSED = 5_000, 5_000, 1_000
#: Findings up to which those that fail are unfolded from the start.
OPEN = 30
_TEXT_LIMIT = 2_000
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2127;--soft:#5b6672;--paper:#fff;--panel:#f5f7f9;--line:#d9dfe5;
--critical:#a8071a;--high:#c4320a;--medium:#8a5a00;--low:#1f5fae;--info:#5b6672;--good:#1a7f37;--mark:#fff1b8}
@media(prefers-color-scheme:dark){:root{
--ink:#e4e9ee;--soft:#9aa7b4;--paper:#12161b;--panel:#1b2128;--line:#313a44;
--critical:#ff7a85;--high:#ff9c6e;--medium:#f0c04a;--low:#7db5ff;--info:#9aa7b4;--good:#56d364;--mark:#5c4a00}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;
overflow-wrap:anywhere}
header,main{max-width:72rem;margin:auto;padding:0 1rem}
header{padding-top:1.5rem}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.1rem;margin:2rem 0 .6rem}
h1::before{content:"";display:inline-block;width:.8rem;height:.8rem;border-radius:50%;margin-right:.6rem;
background:var(--high)}.clean h1::before{background:var(--good)}
p,ul{margin:.3rem 0}.soft,small{color:var(--soft)}
code,pre{font:13px/1.5 ui-monospace,monospace}
nav{position:sticky;top:0;z-index:1;background:var(--paper);padding:.8rem 0;
border-bottom:1px solid var(--line);display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
nav[hidden]{display:none}
input[type=search]{flex:1 1 14rem;min-width:0;font:inherit;padding:.5rem .7rem;border:1px solid var(--line);
border-radius:.4rem;background:var(--panel);color:inherit}
nav label{display:flex;gap:.3rem;align-items:center;padding:.3rem .5rem;border:1px solid var(--line);
border-radius:.4rem}
details{border:1px solid var(--line);border-left:.3rem solid var(--soft);border-radius:.4rem;
margin:.5rem 0;background:var(--panel)}
summary{cursor:pointer;padding:.5rem .8rem}
details>div{padding:0 .8rem .7rem}
b{text-transform:uppercase;font-size:.75rem;letter-spacing:.04em;margin-right:.4rem}
.critical{border-left-color:var(--critical)}.critical b{color:var(--critical)}
.high{border-left-color:var(--high)}.high b{color:var(--high)}
.medium{border-left-color:var(--medium)}.medium b{color:var(--medium)}
.low{border-left-color:var(--low)}.low b{color:var(--low)}
.where{display:block;color:var(--soft)}
pre{margin:.4rem 0;padding:.5rem .7rem;background:var(--paper);border:1px solid var(--line);
border-radius:.3rem;white-space:pre-wrap}
pre i{color:var(--soft);font-style:normal;user-select:none}
dl{margin:.4rem 0;display:grid;grid-template-columns:max-content 1fr;gap:.15rem .8rem}
dt{color:var(--soft)}dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
.words th{white-space:nowrap}.words td{min-width:5.4rem}
th{overflow-wrap:normal}td.ok{color:var(--good)}td.failed{color:var(--critical);font-weight:600}
td.critical{color:var(--critical)}td.high{color:var(--high)}td.medium{color:var(--medium)}
.tree details{border:0;margin:0 0 0 1rem;background:none}.tree summary,.tree p{padding:.1rem .3rem;margin:0}
.tree p{margin-left:2rem}
.tree .critical,.tree .high{font-weight:600}
[hidden]{display:none}
@media(max-width:40rem){th{display:none}td{display:block;border:0;padding:.1rem .4rem}
td[data-head]::before{content:attr(data-head) ": ";color:var(--soft)}
tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}dl{display:block}dd{margin-bottom:.3rem}}
@media print{nav{display:none}details>div{display:block}}
"""
_WITH_PLOTS = _STYLE + charts.STYLE
_SCRIPT = """
"use strict";
const bar=document.querySelector("nav"),field=bar.querySelector("input[type=search]"),
told=bar.querySelector("output"),boxes=[...bar.querySelectorAll("input[type=checkbox]")],
items=[...document.querySelectorAll("[data-grade]")].map(e=>[e,e.textContent.toLowerCase(),e.dataset.grade]);
bar.hidden=false;
function show(){
const words=field.value.toLowerCase().split(/\\s+/).filter(Boolean);
const off=new Set(boxes.filter(b=>!b.checked).map(b=>b.value));
let n=0;
for(const [e,text,grade] of items){
const yes=!off.has(grade)&&words.every(w=>text.includes(w));e.hidden=!yes;n+=yes;
}
told.textContent=n===items.length?"":n+" of "+items.length;
}
let soon;
field.addEventListener("input",()=>{clearTimeout(soon);soon=setTimeout(show,120)});
boxes.forEach(b=>b.addEventListener("change",show));
addEventListener("keydown",e=>{
if(e.key==="/"&&document.activeElement!==field){e.preventDefault();field.focus()}
});
"""


def render(report: Report) -> str:
    """Write the page."""
    still_open = sorted((f for f in report.findings if f.accepted is None), key=lambda f: -f.severity)
    accepted = [finding for finding in report.findings if finding.accepted is not None]
    lines = (
        *_head(report),
        *_findings(report, still_open),
        *_missed(report.unread),
        *_tree(report),
        *_releases(report.releases),
        *(line for table in chains.tables(report) for line in _custody(table)),
        *_packages(report.packages),
        *_accepted(accepted),
        *(charts.section(report.past) if report.past is not None else ()),
        "</main>",
        f"<script>{_SCRIPT}</script>",
        "</body></html>",
    )
    return "".join(f"{line}\n" for line in lines)


def page(title: str, parts: Iterable[str]) -> str:
    """Write a page of the same kind that has no script: what is in `parts` is HTML."""
    lines = (
        *_begun(_WITH_PLOTS, ""),
        f"<title>{_text(title)}</title><style>{_WITH_PLOTS}</style></head>",
        f"<body><header class=plain><h1>{_text(title)}</h1></header><main>",
        *parts,
        "</main></body></html>",
    )
    return "".join(f"{line}\n" for line in lines)


def _begun(style: str, script: str) -> Iterator[str]:
    scripts = f" script-src '{_hash(script)}';" if script else ""
    policy = f"default-src 'none'; style-src '{_hash(style)}';{scripts} base-uri 'none'"
    yield '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}; form-action \'none\'">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'


def _head(report: Report) -> Iterator[str]:
    style = _STYLE if report.past is None else _WITH_PLOTS
    yield from _begun(style, _SCRIPT)
    yield f"<title>fimci: {_text(verdict(report))}</title><style>{style}</style></head>"
    yield f"<body><header{'' if report.exit_code else _class('clean')}><h1>{_text(verdict(report))}</h1>"
    yield f'<p class="soft">{_text(looked_at(report))}; {_text(f"{report.left} → {report.right}")}</p><ul>'
    yield from (f"<li>{_text(sentence)}" for sentence in (*report.summary, *report.notes))
    yield "</ul></header><main>"
    yield '<nav hidden><input type="search" placeholder="Search: words, paths, packages ( / )"'
    yield ' aria-label="Search">'
    for severity, number in counted(report).items():
        if number:
            box = f'<input type="checkbox" checked value="{severity}">'
            yield f"<label>{box}{severity} {number:,}</label>"
    yield '<output aria-live="polite"></output></nav>'


def _findings(report: Report, still_open: Sequence[Finding]) -> Iterator[str]:
    if not still_open:
        yield "<h2>No findings</h2>"
        return
    yield f"<h2>{plural(len(still_open), 'finding')}</h2>"
    failing = {id(finding) for finding in report.failing}
    for finding in still_open[:SHOWN]:
        yield from _finding(finding, opened=id(finding) in failing and len(still_open) <= OPEN)
    yield from _more(len(still_open) - SHOWN)


def _finding(finding: Finding, *, opened: bool) -> Iterator[str]:
    grade = str(finding.severity)
    yield f'<details class="{grade}" data-grade="{grade}"{" open" if opened else ""}>'
    where = f"{finding.path}:{max(finding.line, 1)}"
    yield f"<summary><b>{grade}</b>{_text(finding.message)}"
    yield f"<code class=where>{_text(where)}</code></summary><div>"
    yield from _evidence(finding)
    facts = (
        ("rule", finding.rule),
        ("package", finding.package),
        ("fix", finding.fix),
        ("fingerprint", finding.fingerprint),
    )
    terms = (f"<dt>{name}<dd>{_text(text)}" for name, text in facts if text)
    yield f"<dl>{''.join(terms)}</dl></div></details>"


def _evidence(finding: Finding) -> Iterator[str]:
    path = finding.path
    for place in finding.evidence:
        if place.path != path:
            path = place.path
            yield f"<small><code>{_text(path)}</code></small>"
        if place.text:
            yield _excerpt(place)


def _excerpt(place: Place) -> str:
    return f"<pre><i>{place.line:>5} </i>{_text(place.text)}</pre>"


def _missed(unread: Sequence[Unread]) -> Iterator[str]:
    if unread:
        yield f"<h2>Could not be looked at: {len(unread):,}</h2>"
    for one in unread[:MISSED]:
        where = f"{one.path}:{max(one.line, 1)}"
        yield f'<details class="high" data-grade="unread"><summary>{_text(reason(one))}'
        yield f"<code class=where>{_text(where)}</code></summary></details>"
    yield from _more(len(unread) - MISSED)


def _tree(report: Report) -> Iterator[str]:
    branches, left = tree(report)
    if not branches:
        return
    yield '<h2>Where</h2><div class="tree">'
    for branch in branches:
        yield from _branch(branch)
    yield "</div>"
    yield from _more(left)


def _branch(branch: Branch) -> Iterator[str]:
    name, mark = branch.name, branch.mark
    while len(branch.below) == 1:
        branch = branch.below[0]
        name = f"{name}/{branch.name}"
    numbers = [
        plural(number, noun)
        for number, noun in ((mark.findings, "finding"), (mark.packages, "package change"))
        if number
    ]
    grade = _class(str(Severity(mark.worst))) if mark.worst >= 0 else ""
    label = (
        f"<code{grade}>{_text(name)}{'/' if branch.below else ''}</code> <small>{', '.join(numbers)}</small>"
    )
    if not branch.below:
        yield f"<p>{label}</p>"
        return
    yield f"<details open><summary>{label}</summary>"
    for inner in branch.below:
        yield from _branch(inner)
    yield "</details>"


def _packages(changes: Sequence[PackageChange]) -> Iterator[str]:
    if not changes:
        return
    yield f"<h2>{plural(len(changes), 'package')} changed</h2>"
    yield "<table><tr><th>package<th><th>before<th>after<th>in"
    for one in sorted(changes, key=lambda change: not change.direct)[:ROWS]:
        verb = f"{', '.join(one.facts)} changed" if one.verb == "changed" else one.verb
        versions = [", ".join(filter(None, some)) for some in (one.before, one.after)]
        name = f"<code>{_text(f'{one.ecosystem} {one.name}')}</code>"
        cells = (
            name,
            _text(f"{verb}, direct" if one.direct else verb),
            *map(_text, versions),
            _text(one.file or "installed"),
        )
        yield f'<tr data-grade="package">{"".join(f"<td>{cell}" for cell in cells)}'
    yield "</table>"
    yield from _more(len(changes) - ROWS)


def _releases(releases: Sequence[ReleaseChange]) -> Iterator[str]:
    """Write what was found in each release, those that need a look first."""
    if not releases:
        return
    yield f"<h2>{plural(len(releases), 'release')} taken up</h2>"
    heads = ("package", "from", "to", "kind", "age", "provenance", "gains", "verdict")
    yield f"<table><tr>{''.join(f'<th>{head}' for head in heads)}"
    for one in ranked(releases)[:ROWS]:
        kind, age, provenance, told = cells(one)
        through = f" <small>through {_text(one.through)}</small>" if one.through else ""
        versions = (
            f"<code>{_text(version)}</code>" if version else "" for version in (one.before, one.after)
        )
        name = f"<code>{_text(one.name)}</code>{through}"
        rest = map(_text, (kind, age, provenance, ", ".join(one.gained)))
        row = "".join(
            f'<td data-head="{head}">{cell}'
            for head, cell in zip(heads, (name, *versions, *rest), strict=False)
        )
        grade = one.verdict.partition(" ")[0]
        yield f'<tr data-grade="package">{row}<td data-head="verdict" class="{grade}">{_text(told)}'
    yield "</table>"
    yield from _more(len(releases) - ROWS)


def _custody(table: chains.Table) -> Iterator[str]:
    yield f"<h2>{table.title}</h2>"
    heads, rows = table.columns, table.rows
    alike = {at for at in range(len(heads)) if len(rows) > 1 and len({row.cells[at] for row in rows}) == 1}
    told = [one for one in chains.reasons(table) if one.endswith("(all)")]
    yield f"<ul>{''.join(f'<li>{_text(one)}' for one in told)}</ul>" if told else ""
    yield f"<table><tr><th>{table.of}{''.join(f'<th>{head}' for head in heads)}"
    for row in rows[:ROWS]:
        line = f'<tr data-grade="package"><td><code>{_text(row.name)}</code>'
        for at, (word, cell) in enumerate(zip(chains.words(row), row.cells, strict=True)):
            kind = {"verified": "ok", "failed": "failed"}.get(cell.state, "soft")
            # Why is told once where it is the same of all.
            why = "" if at in alike and cell.state != "failed" else _text(cell.why)
            line += f'<td data-head="{heads[at]}" class="{kind}">{word} <small>{why}</small>'
        yield line
    yield "</table>"
    yield from _more(len(table.rows) - ROWS)


def _accepted(accepted: Sequence[Finding]) -> Iterator[str]:
    if accepted:
        yield f"<h2>Accepted: {len(accepted):,}</h2>"
    for finding in accepted[:ROWS]:
        said = finding.accepted
        by = f" ({said.by})" if said is not None and said.by else ""
        until = f"until {said.expires}: {said.reason}{by}" if said is not None else ""
        yield f'<details data-grade="accepted"><summary><b>{finding.severity}</b>{_text(finding.message)}'
        where = f"{finding.path}:{max(finding.line, 1)}"
        yield f"<code class=where>{_text(where)}</code></summary><div>{_text(until)}</div></details>"
    yield from _more(len(accepted) - ROWS)


def _more(number: int) -> Iterator[str]:
    if number > 0:
        yield f'<p class="soft">{number:,} more; the JSON report lists them all.</p>'


def _class(name: str) -> str:
    return f' class="{name}"'


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(text: str) -> str:
    return printable(text, _TEXT_LIMIT).translate(_ESCAPES)
