"""Evidence: gaps are told, findings are those of the rules, and no form says more than there is."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.cli import main
from fimci.compliance import evidence, forms, mapping, pdf
from fimci.compliance.evidence import Dossier, Evidence
from fimci.findings import Report, Severity
from fimci.history import store
from fimci.history.figures import Period
from tests.history import runs
from tests.history.runs import DAY
from tests.hostile import LAW, TEXTS
from tests.oracle import commands
from tests.reports import sample

MADE = runs.START + dt.timedelta(days=30)


def dossier(folder: Path, *told: Report, period: Period | None = None, standard: str = "pci-dss") -> Dossier:
    file = str(folder / "history")
    for report in told or (runs.run(0),):
        store.record(file, report)
    with store.opened(file) as database:
        return evidence.dossier(database, mapping.load(standard), period or Period(), MADE, "1.0")


def weekly(told: Dossier) -> Evidence:
    return next(one for one in told.evidence if one.requirement.id == "11.5.2")


def test_a_run_a_week_leaves_no_gap(tmp_path: Path) -> None:
    one = weekly(dossier(tmp_path, *(runs.run(day * DAY) for day in range(0, 30, 6))))
    assert (one.runs, one.gaps, one.verdict) == (5, (), "evidence, without a gap")


@pytest.mark.parametrize(
    ("days", "gaps"),
    [
        ((0, 7, 14, 21, 28), []),
        ((0, 7, 15, 22, 29), [(7, 15)]),
        ((0, 1, 2), [(2, 30)]),
        ((20, 25), []),
        ((0, 10, 20), [(0, 10), (10, 20), (20, 30)]),
    ],
)
def test_every_gap_is_told(days: tuple[int, ...], gaps: list[tuple[int, int]], tmp_path: Path) -> None:
    one = weekly(dossier(tmp_path, *(runs.run(day * DAY) for day in days)))
    told = [((gap.begin - runs.START).days, (gap.end - runs.START).days) for gap in one.gaps]
    assert told == gaps
    assert ("in the schedule" in one.verdict) == bool(gaps)


def test_the_ends_of_a_period_are_gaps_too(tmp_path: Path) -> None:
    period = Period(dt.date(2026, 9, 1), dt.date(2026, 9, 25))
    one = weekly(dossier(tmp_path, runs.run(12 * DAY), period=period))
    assert len(one.gaps) == 2
    assert one.verdict == "2 gaps in the schedule"


def test_a_period_without_a_run_is_no_evidence(tmp_path: Path) -> None:
    period = Period(dt.date(2026, 9, 10), dt.date(2026, 9, 25))
    for one in dossier(tmp_path, runs.run(0), period=period).evidence:
        what = "was compared with a baseline" if one.requirement.baseline else "ran"
        assert one.verdict.endswith(f"no evidence: nothing {what} in this period")
        assert one.runs == 0


def test_a_check_in_git_holds_no_critical_file_against_a_baseline(tmp_path: Path) -> None:
    told = dossier(tmp_path, runs.run(0, left="git:1234567"), runs.run(DAY, left="baselines"))
    assert weekly(told).runs == 1
    last = next(one for one in told.evidence if one.requirement.id == "11.6.1")
    assert last.runs == 2


def test_what_is_served_in_part_is_never_told_as_the_whole(tmp_path: Path) -> None:
    for standard in mapping.NAMES:
        folder = tmp_path / standard
        folder.mkdir()
        for one in dossier(folder, *(runs.run(day * DAY) for day in range(30)), standard=standard).evidence:
            partly = one.verdict.startswith("a part of what is asked: ")
            assert partly == (one.requirement.partly and bool(one.runs))


@LAW
@given(st.sets(st.integers(0, 29), min_size=1, max_size=12))
def test_gaps_cover_exactly_the_days_that_no_run_covers(
    tmp_path_factory: pytest.TempPathFactory, days: set[int]
) -> None:
    one = weekly(dossier(tmp_path_factory.mktemp("days"), *(runs.run(day * DAY) for day in sorted(days))))
    marks = [*sorted(days), 30]
    expected = sum(b - a > 7 for a, b in itertools.pairwise(marks))
    assert len(one.gaps) == expected


def test_what_takes_the_place_of_an_unexpected_change_is_evidence_like_one(tmp_path: Path) -> None:
    grave, light = runs.finding(1, "install-script-added"), runs.finding(2, "downgrade", Severity.MEDIUM)
    folder = tmp_path / "baseline"
    folder.mkdir()
    assert [one.rule for one in weekly(dossier(folder, runs.run(0, grave, light))).shown] == [grave.rule]
    folder = tmp_path / "git"
    folder.mkdir()
    told = dossier(folder, runs.run(0, grave, left="git:1234567"), standard="sox")
    change = next(one for one in told.evidence if "unexpected-change" in one.requirement.rules)
    assert grave.rule not in change.requirement.rules
    assert change.shown == ()


def test_findings_are_those_of_the_rules_open_first(tmp_path: Path) -> None:
    ours = runs.finding(1, "unexpected-change")
    other = runs.finding(2, "origin-changed", Severity.MEDIUM)
    gone = runs.finding(3, "unread", Severity.CRITICAL)
    said = runs.finding(4, "link-escapes", Severity.LOW)
    one = weekly(
        dossier(
            tmp_path, runs.run(0, ours, other, gone, said), runs.run(DAY, ours, other, runs.accepted(said))
        )
    )
    assert [(found.fingerprint, forms.state(found)) for found in one.shown] == [
        (ours.fingerprint, "open"),
        (gone.fingerprint, "gone since 2026-09-01"),
        (said.fingerprint, "accepted by Ada: read (until 2027-01-31)"),
    ]
    assert (one.findings, one.open) == (3, 1)


def test_an_acceptance_that_ended_leaves_a_finding_open(tmp_path: Path) -> None:
    found = runs.finding(1, "unexpected-change")
    one = weekly(dossier(tmp_path, runs.run(0, runs.accepted(found)), runs.run(DAY, found)))
    assert forms.state(one.shown[0]).startswith("open; was accepted by Ada")


def test_incomplete_runs_are_told(tmp_path: Path) -> None:
    one = weekly(dossier(tmp_path, *(runs.run(day * DAY, unread=day == 6) for day in range(0, 30, 6))))
    assert one.verdict == "1 run could not look at everything"


def test_full_checks_of_a_watch_are_runs_of_the_schedule_and_its_findings_count(tmp_path: Path) -> None:
    file = str(tmp_path / "history")
    old, new = runs.finding(1, "unexpected-change"), runs.finding(2, "unexpected-change")
    store.record(file, runs.run(0, old), "watch")
    for day in (6, 12, 18, 24):
        store.record(file, runs.run(day * DAY), "watched")
    store.record(file, runs.run(25 * DAY, new), "watching")

    def told() -> Evidence:
        with store.opened(file) as database:
            return weekly(evidence.dossier(database, mapping.load("pci-dss"), Period(), MADE, "1.0"))

    one = told()
    assert (one.runs, one.gaps, one.findings, one.open) == (5, (), 2, 2)
    store.record(file, runs.run(26 * DAY, new), "watch")
    assert [(one.fingerprint, one.open) for one in told().shown] == [
        (new.fingerprint, True),
        (old.fingerprint, False),
    ]


def test_what_a_watch_tells_in_between_is_no_run_of_the_schedule(tmp_path: Path) -> None:
    file = str(tmp_path / "history")
    store.record(file, runs.run(0), "watch")
    for day in range(1, 30):
        store.record(file, runs.run(day * DAY, runs.finding(day)), "watching")
    with store.opened(file) as database:
        one = weekly(evidence.dossier(database, mapping.load("pci-dss"), Period(), MADE, "1.0"))
    assert (one.runs, len(one.gaps)) == (1, 1)


def test_runs_of_other_verbs_are_no_evidence(tmp_path: Path) -> None:
    file = str(tmp_path / "history")
    store.record(file, runs.run(0), "check")
    store.record(file, runs.run(1), "verify")
    with store.opened(file) as database:
        told = evidence.dossier(database, mapping.load("slsa"), Period(), MADE, "1.0")
    assert [one.runs for one in told.evidence] == [1, 1, 2, 2]


@pytest.mark.parametrize("name", mapping.NAMES)
@pytest.mark.parametrize("form", forms.FORMS)
def test_every_form_says_the_same(name: str, form: str, tmp_path: Path) -> None:
    told = dossier(tmp_path, runs.run(0, runs.finding(1, "unexpected-change")), standard=name)
    text = forms.FORMS[form](told)
    assert "no statement that anybody complies" in text
    for one in told.evidence:
        assert one.requirement.id in text
        assert one.verdict in text


def test_no_form_says_that_anybody_complies(tmp_path: Path) -> None:
    told = dossier(tmp_path, *(runs.run(day * DAY) for day in range(30)))
    for form in forms.FORMS.values():
        assert not re.search(
            r"\b(?:compliant|passed|certified|fulfil)", form(told).partition("</style>")[2] or form(told)
        )


@settings(LAW, max_examples=40)
@given(TEXTS)
def test_a_name_is_only_a_name(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    findings = tuple(
        msgspec.structs.replace(one, rule="unexpected-change", fingerprint=f"{n:020}")
        for n, one in enumerate(sample.named(name).findings)
    )
    run = runs.run(0).run
    assert run is not None
    report = msgspec.structs.replace(sample.named(name), findings=findings, run=run._replace(host=name))
    told = dossier(tmp_path_factory.mktemp("names"), report)
    for form in ("text", "markdown"):
        assert commands(forms.FORMS[form](told).encode()) == []
    page = forms.page(told)
    assert not re.search(r"<(?:script|img|a|iframe)\b", page)
    table = [line for line in forms.markdown(told).split("\n") if line.startswith("| ") and "---" not in line]
    assert all(line.count("|") == 6 for line in table), table
    assert json.loads(forms.json(told))["schema"] == forms.SCHEMA


def text_of(data: bytes) -> str:
    pypdf = pytest.importorskip("pypdf", reason="needs the package pypdf")
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def test_a_pdf_holds_what_the_page_holds(tmp_path: Path) -> None:
    pytest.importorskip("fpdf", reason="needs the extra pdf")
    told = dossier(tmp_path, runs.run(0, runs.finding(1, "unexpected-change"), runs.finding(2, "名前")))
    data = pdf.pdf(told)
    text = " ".join(text_of(data).split())
    for one in told.evidence:
        assert one.requirement.id in text
        assert one.verdict in text
    assert "no statement that anybody complies" in text
    assert "src/1.py: finding 1" in text
    assert pdf.pdf(told) == data, "the same evidence gives the same bytes"


def test_pages_of_a_pdf_are_numbered_and_no_heading_stands_alone_at_the_end_of_one(tmp_path: Path) -> None:
    pytest.importorskip("fpdf", reason="needs the extra pdf")
    pypdf = pytest.importorskip("pypdf", reason="needs the package pypdf")
    found = [
        msgspec.structs.replace(runs.finding(mark, "unexpected-change"), path="long/" * (mark + 20))
        for mark in range(40)
    ]
    told = dossier(tmp_path, runs.run(0, *found), standard="nist-800-53")
    pages = [
        [line for line in page.extract_text().splitlines() if line.strip()]
        for page in pypdf.PdfReader(io.BytesIO(pdf.pdf(told))).pages
    ]
    assert len(pages) > 3
    assert [lines[-1] for lines in pages] == [f"{at} / {len(pages)}" for at in range(1, len(pages) + 1)]
    for one in told.evidence:
        (behind,) = [
            len(lines) - at
            for lines in pages
            for at, line in enumerate(lines)
            if line.startswith(f"{one.requirement.id}: ")
        ]
        assert behind > 6, one.requirement.id


@settings(LAW, max_examples=25)
@given(TEXTS)
def test_any_name_can_be_in_a_pdf(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    pytest.importorskip("fpdf", reason="needs the extra pdf")
    finding = msgspec.structs.replace(runs.finding(1, "unexpected-change"), path=name, message=name)
    data = pdf.pdf(dossier(tmp_path_factory.mktemp("names"), runs.run(0, finding)))
    assert data.startswith(b"%PDF-")
    for word in (b"/JavaScript", b"/JS", b"/OpenAction /", b"/Launch", b"/URI"):
        assert word not in data


def test_the_verb_writes_every_form_and_its_code_tells_of_gaps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("fpdf", reason="needs the extra pdf")
    monkeypatch.chdir(tmp_path)
    for day in (0, 5):
        store.record("history", runs.run(day * DAY))
    words = ["report", "--compliance", "pci-dss", "history", "--since", "2026-09-01"]
    assert main([*words, "--until", "2026-09-07", "--format", "text", "--format", "pdf=a.pdf"]) == 0
    assert "PCI DSS 4.0.1" in capsys.readouterr().out
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    assert main([*words, "--until", "2026-10-01"]) == 3
    assert "days without a run" in capsys.readouterr().out
    assert main([*words, "--format", "pdf"]) == 2
    assert main([*words, "--format", "xml"]) == 2
    with pytest.raises(SystemExit):
        main(["report", "--compliance", "iso-9001", "history"])
