"""What a history says: days, waits, rules and gaps, and that each form says it to whoever reads it."""

from __future__ import annotations

import datetime as dt
import json
import re
import statistics
import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci import charts, reports
from fimci.cli import main
from fimci.findings import Report, Severity
from fimci.history import figures, forms, store
from fimci.history.figures import Period
from fimci.past import Past, span
from tests.history import runs
from tests.history.runs import DAY, HOUR
from tests.hostile import LAW, TEXTS
from tests.oracle import commands
from tests.reports import sample


def past(tmp_path: Path, *told: Report, period: Period | None = None) -> Past:
    file = str(tmp_path / "history")
    for report in told:
        store.record(file, report)
    with store.opened(file) as database:
        return figures.past(database, period or Period())


def test_days_have_the_open_findings_of_their_last_run(tmp_path: Path) -> None:
    one, two = runs.finding(1), runs.finding(2, severity=Severity.LOW)
    found = past(
        tmp_path,
        runs.run(0, one, two, changes=3),
        runs.run(HOUR, one, changes=2, unread=1),
        runs.run(2 * DAY, runs.accepted(one), two),
    )
    assert [
        (day.day.isoformat(), day.runs, day.failed, day.incomplete, day.changes) for day in found.days
    ] == [
        ("2026-09-01", 2, 2, 1, 5),
        ("2026-09-03", 1, 0, 0, 0),
    ]
    assert [day.open for day in found.days] == [(("high", 1),), (("low", 1),)]


def test_what_a_watch_tells_is_open_beside_what_its_last_full_look_found(tmp_path: Path) -> None:
    file = str(tmp_path / "history")
    one, two, three = (runs.finding(n) for n in (1, 2, 3))
    store.record(file, runs.run(0, one, three), "watch")
    store.record(file, runs.run(DAY, one), "watch")
    store.record(file, runs.run(DAY + HOUR, two), "watching")
    store.record(file, runs.run(2 * DAY, two), "watching")
    store.record(file, runs.run(3 * DAY), "watch")
    with store.opened(file) as database:
        found = figures.past(database, Period())
        until = figures.past(database, Period(until=(runs.START + dt.timedelta(days=2)).date()))
    assert [day.open for day in found.days] == [(("high", 2),)] * 3 + [()]
    assert {open_.fingerprint for open_ in until.oldest} == {one.fingerprint, two.fingerprint}
    assert found.oldest == ()


def test_the_wait_is_from_first_sight_to_first_acceptance(tmp_path: Path) -> None:
    one, two, three = (runs.finding(n) for n in (1, 2, 3))
    found = past(
        tmp_path,
        runs.run(0, one),
        runs.run(2 * HOUR, runs.accepted(one), two, runs.accepted(three)),
        runs.run(8 * HOUR, runs.accepted(one), runs.accepted(two), runs.accepted(three)),
    )
    assert (found.accepted, found.mean, found.median) == (2, 4 * HOUR, 4 * HOUR)


@LAW
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=1, max_size=8))
def test_the_wait_is_what_statistics_says(
    tmp_path_factory: pytest.TempPathFactory, waits: list[tuple[int, int]]
) -> None:
    steps: dict[int, list[object]] = {}
    for mark, (seen, wait) in enumerate(waits):
        steps.setdefault(seen, []).append(runs.finding(mark))
        steps.setdefault(seen + wait, []).append(runs.accepted(runs.finding(mark)))
    told = [runs.run(at * HOUR, *findings) for at, findings in sorted(steps.items())]  # type: ignore[arg-type]
    found = past(tmp_path_factory.mktemp("waits"), *told)
    assert found.mean == pytest.approx(statistics.fmean(wait for _, wait in waits) * HOUR)
    assert found.median == pytest.approx(statistics.median(wait for _, wait in waits) * HOUR)


def test_the_rules_that_speak_most(tmp_path: Path) -> None:
    noisy = [runs.finding(n, "new-host") for n in range(5)]
    found = past(
        tmp_path, runs.run(0, *noisy, runs.finding(9)), runs.run(1, runs.accepted(noisy[0]), *noisy[1:])
    )
    assert [tuple(rule) for rule in found.rules] == [("new-host", 5, 2, 1), ("origin-changed", 1, 1, 0)]


def test_the_longest_gap_and_the_oldest_finding(tmp_path: Path) -> None:
    one, two = runs.finding(1), runs.finding(2)
    found = past(tmp_path, runs.run(0, one), runs.run(9 * DAY, one, two), runs.run(10 * DAY, two, one))
    assert found.gap == (9 * DAY, runs.START)
    assert [(item.fingerprint, item.since) for item in found.oldest] == [
        (one.fingerprint, runs.START),
        (two.fingerprint, runs.START + dt.timedelta(days=9)),
    ]


def test_a_name_passes_the_gate_once(tmp_path: Path) -> None:
    odd = msgspec.structs.replace(runs.finding(1), path="a\x1b[1m\\b", message="has \u202e")
    found = past(tmp_path, runs.run(0, odd))
    assert r"a\x1b[1m\\b: has \u202e" in forms.text(found)
    (told,) = json.loads(forms.json(found))["open"]
    assert (told["path"], told["message"]) == (r"a\x1b[1m\\b", r"has \u202e")


def test_a_period_is_whole_days(tmp_path: Path) -> None:
    told = [runs.run(day * DAY) for day in range(10)]
    period = Period(dt.date(2026, 9, 3), dt.date(2026, 9, 5))
    found = past(tmp_path, *told, period=period)
    assert [day.day.day for day in found.days] == [3, 4, 5]
    assert past(tmp_path, period=Period(dt.date(2030, 1, 1))).runs == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (7_200, "2 hours"),
        (200_000, "2 days"),
    ],
)
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize("days", [1, 2, 59, 60, 61, 400])
def test_plots_are_well_formed_and_stay_in_their_frame(days: int, tmp_path: Path) -> None:
    told = [runs.run(day * DAY, *(runs.finding(n) for n in range(day % 7))) for day in range(0, days, 3)]
    page = forms.page(past(tmp_path, *told))
    for drawing in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        root = ET.fromstring(drawing)  # noqa: S314  (written by this very test)
        width, height = map(float, root.attrib["viewBox"].split()[2:])
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"]
        for shape in root.iter("rect"):
            x, y = float(shape.attrib["x"]), float(shape.attrib["y"])
            assert 0 <= x <= x + float(shape.attrib["width"]) <= width
            assert 0 <= y <= y + float(shape.attrib["height"]) <= height + 0.1
    assert page.count("<table>") >= page.count("<svg")
    assert "<script" not in page
    assert "http" not in page.partition("</head>")[0].replace("http-equiv", "")


@LAW
@given(TEXTS)
def test_a_name_is_only_a_name(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    run = runs.run(0).run
    found = past(tmp_path_factory.mktemp("names"), msgspec.structs.replace(sample.named(name), run=run))
    told = msgspec.structs.replace(sample.CLEAN, past=found)
    for page in (forms.page(found), reports.render("html", told)):
        assert re.findall(r"<(?:script|img|b|a)\b[^>]*>", page.replace("<b>info</b>", "")) in (
            [],
            ["<script>"],
        )
        assert page.count("<h2>History</h2>") == 1
    lines = forms.text(found).split("\n")
    assert commands("\n".join(lines).encode()) == []
    assert json.loads(forms.json(found))["schema"] == forms.SCHEMA


def test_a_report_without_a_history_has_no_plots() -> None:
    assert charts.STYLE not in reports.render("html", sample.REPORT)


def test_check_keeps_and_history_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("a")
    monkeypatch.chdir(tmp_path)
    file = str(tmp_path.parent / f"{tmp_path.name}.history")
    assert main(["baseline"]) == 0
    assert main(["check", "--history", file, "--format", "html=../page.html"]) == 0
    (tmp_path / "a.txt").write_text("b")
    assert main(["check", "--history", file]) == 1
    capsys.readouterr()
    assert main(["history", file]) == 0
    told = capsys.readouterr().out
    assert "2 runs from " in told
    assert "unexpected-change" in told
    assert "<h2>History</h2>" in (tmp_path.parent / "page.html").read_text()
    assert main(["history", file, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == 2
    assert main(["history", file, "--since", "2999-01-01"]) == 0
    assert "no run in this period" in capsys.readouterr().out


@pytest.fixture
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["nowhere"], 2, "there is no history"),
        (["a", "--since", "yesterday"], 2, "there is no history"),
        (["fimci.history", "--since", "yesterday"], 2, "is no date"),
        (["fimci.history", "--since", "2026-02-01", "--until", "2026-01-01"], 2, "is before"),
    ],
)
@pytest.mark.usefixtures("_somewhere")
def test_what_history_refuses(
    words: list[str], code: int, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store.record("fimci.history", runs.run(0))
    assert main(["history", *words]) == code
    assert why in capsys.readouterr().err


def test_a_history_that_cannot_be_written_changes_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("a")
    monkeypatch.chdir(tmp_path)
    assert main(["baseline"]) == 0
    assert main(["check", "--history", "/dev/null/history"]) == 0
    assert "NOT in the history" in capsys.readouterr().out
