"""The evidence as text, Markdown, JSON, and a page. What stands in all of them is said here once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from fimci.charts import escaped
from fimci.compliance.evidence import Dossier, Evidence, Found
from fimci.printable import listed, plural, printable
from fimci.reports import html
from fimci.reports.markdown import code

SCHEMA = "fimci-compliance/1"
DISCLAIMER = (
    "This is evidence of what fimci did in the period. It is no statement that anybody complies with the"
    " standard: requirements are paraphrased, the standard's own text governs, and each has parts that fimci"
    " does not do."
)
_TEXT = 300


def head(told: Dossier) -> Iterator[tuple[str, str]]:
    """Yield what the evidence is of: names and values. Raw."""
    yield "standard", told.mapping.title
    yield "source", told.mapping.source
    yield "period", f"{told.begin:%Y-%m-%d %H:%M} to {told.end:%Y-%m-%d %H:%M} UTC"
    yield "made", f"{told.made:%Y-%m-%d %H:%M} UTC by fimci {told.version}"


def facts(one: Evidence) -> Iterator[tuple[str, str]]:
    """Yield what there is to say of a requirement, in order. Raw."""
    asked = one.requirement
    yield "asks", asked.asks
    yield "served by", asked.serves
    yield "not covered by fimci", asked.missing
    yield "verbs", ", ".join(asked.verbs)
    yield "rules", ", ".join(asked.rules)
    yield "records", ", ".join(asked.records)
    often = f"{plural(asked.every, 'day')} at most between two runs" if asked.every else "at each event"
    yield "schedule", often
    yield "runs", _runs(one)
    for gap in one.gaps[:_GAPS]:
        yield "gap", gap.told
    if len(one.gaps) > _GAPS:
        yield "gap", f"and {len(one.gaps) - _GAPS:,} more"
    yield "findings", f"{one.findings:,} of these rules, {one.open:,} open at the end"


#: Gaps that are told one by one. Facts with words of others in them.
_GAPS, _OTHERS = 12, frozenset({"runs"})


def _runs(one: Evidence) -> str:
    if one.first is None or one.last is None:
        return "none"
    hosts = f", on {listed(one.hosts)}" if one.hosts else ""
    return (
        f"{one.runs:,} from {one.first:%Y-%m-%d %H:%M} to {one.last:%Y-%m-%d %H:%M} UTC{hosts};"
        f" {one.failed:,} failed, {one.incomplete:,} incomplete"
    )


def state(found: Found) -> str:
    """Return what became of a finding. Raw."""
    if found.open:
        return f"open; was accepted by {found.accepted}" if found.accepted else "open"
    return f"accepted by {found.accepted}" if found.accepted else f"gone since {found.last:%Y-%m-%d}"


def plain(text: str) -> str:
    """Return a text of a mapping for forms that know no code. Raw."""
    return text.replace("`", "")


def text(told: Dossier) -> str:
    """Write it for a terminal."""
    lines = [f"{name}: {printable(value)}" for name, value in head(told)]
    lines += ["", DISCLAIMER]
    for one in told.evidence:
        lines += ["", f"{one.requirement.id}: {one.verdict}"]
        lines += [f"  {name}: {printable(plain(value))}" for name, value in facts(one)]
        for found in one.shown:
            what = f"[{found.rule}] {found.path}: {found.message}: {state(found)}"
            lines.append(f"  - {found.severity}{printable(what, 2 * _TEXT)}")
        if one.findings > len(one.shown):
            lines.append(f"  - and {one.findings - len(one.shown):,} more")
    return "".join(f"{line}\n" for line in lines)


def markdown(told: Dossier) -> str:
    """Write it as Markdown."""
    lines = [f"# {told.mapping.title}: evidence", ""]
    lines += [f"- {name}: {value}" for name, value in head(told)]
    lines += ["", f"> {DISCLAIMER}", ""]
    for one in told.evidence:
        lines += [f"## {one.requirement.id}: {one.verdict}", ""]
        lines += [f"- **{name}:** {code(value) if name in _OTHERS else value}" for name, value in facts(one)]
        if one.shown:
            lines += ["", "| grade | rule | where | what | state |", "| --- | --- | --- | --- | --- |"]
        for found in one.shown:
            cells = (found.severity, found.rule, found.path, found.message, state(found))
            lines.append(f"| {' | '.join(code(cell, _TEXT) for cell in cells)} |")
        if one.findings > len(one.shown):
            lines += ["", f"… and {one.findings - len(one.shown):,} more"]
        lines.append("")
    return "\n".join(lines)


def json(told: Dossier) -> str:
    """Write it for programs."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "fimci", "version": told.version},
        "standard": told.mapping.title,
        "source": told.mapping.source,
        "begin": _moment(told.begin),
        "end": _moment(told.end),
        "made": _moment(told.made),
        "disclaimer": DISCLAIMER,
        "requirements": [_requirement(one) for one in told.evidence],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _requirement(one: Evidence) -> dict[str, Any]:
    asked = one.requirement
    return {
        **msgspec.to_builtins(asked),
        "verdict": one.verdict,
        "runs": one.runs,
        "failed": one.failed,
        "incomplete": one.incomplete,
        "hosts": [printable(host, _TEXT) for host in one.hosts],
        "first": _moment(one.first),
        "last": _moment(one.last),
        "gaps": [{"begin": _moment(gap.begin), "end": _moment(gap.end)} for gap in one.gaps],
        "findings": one.findings,
        "open": one.open,
        "shown": [
            {
                "fingerprint": printable(found.fingerprint, _TEXT),
                "rule": printable(found.rule, _TEXT),
                "severity": found.severity,
                "path": printable(found.path, _TEXT),
                "message": printable(found.message, _TEXT),
                "first": _moment(found.first),
                "last": _moment(found.last),
                "open": found.open,
                "accepted": printable(found.accepted, _TEXT) or None,
            }
            for found in one.shown
        ],
    }


def page(told: Dossier) -> str:
    """Write it as a page."""
    return html.page(f"{told.mapping.title}: evidence", _page(told))


def _page(told: Dossier) -> Iterator[str]:
    yield f"<dl>{''.join(f'<dt>{name}<dd>{escaped(value)}' for name, value in head(told))}</dl>"
    yield f"<p><strong>{escaped(DISCLAIMER)}</strong></p>"
    yield "<h2>Overview</h2><table class=words><tr><th>requirement<th>evidence<th>runs<th>open findings"
    for one in told.evidence:
        cells = (escaped(one.requirement.id), escaped(one.verdict), f"{one.runs:,}", f"{one.open:,}")
        yield f"<tr>{''.join(f'<td>{cell}' for cell in cells)}"
    yield "</table>"
    for one in told.evidence:
        yield f"<h2>{escaped(one.requirement.id)}</h2><p>{escaped(one.verdict)}</p>"
        yield f"<dl>{''.join(f'<dt>{name}<dd>{escaped(plain(value))}' for name, value in facts(one))}</dl>"
        if one.shown:
            yield "<table class=words><tr><th>grade<th>rule<th>where<th>what<th>state"
        for found in one.shown:
            cells_of = (found.severity, found.rule, found.path, found.message, state(found))
            yield f"<tr>{''.join(f'<td>{escaped(cell)}' for cell in cells_of)}"
        if one.shown:
            yield "</table>"
        if one.findings > len(one.shown):
            yield f'<p class="soft">and {one.findings - len(one.shown):,} more</p>'


def _moment(moment: Any) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


#: The forms that are text, by the name that `--format` takes; `pdf` is beside them.
FORMS: Mapping[str, Callable[[Dossier], str]] = {
    "html": page, "json": json, "markdown": markdown, "text": text,
}  # fmt: skip
