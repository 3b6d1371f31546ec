"""What the code host is told, held against its own description, and what happens when it refuses."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from fimci.findings import Finding, Report, Severity
from fimci.forge import check_run, comment, outputs, review, summary
from fimci.forge.api import PATIENCE, Host, RefusedError
from fimci.forge.job import AUTHOR, job
from fimci.publish import Asked, _blob, places, publish
from tests import repository
from tests.forge.standin import HEAD, TOKEN, Fault, Forge, serving
from tests.hostile import TEXTS
from tests.oracle import commands
from tests.reports import sample

MANY = msgspec.structs.replace(
    sample.REPORT,
    findings=(*sample.many(19_000, Severity.MEDIUM, "file-changed"), *sample.many(1_000)),
)


@pytest.fixture
def forge() -> Iterator[Forge]:
    with serving() as found:
        yield found
        assert found.wrong == []


def host(forge: Forge, **fields: object) -> Host:
    return Host(forge.job(**fields), forge.clock())


def test_a_comment_is_written_once_and_changed_only_when_it_says_something_else(forge: Forge) -> None:
    assert comment.comment(host(forge), sample.REPORT) == "written"
    assert (
        comment.comment(host(forge, head="cd" * 20, page="https://github.com/x"), sample.REPORT)
        == "unchanged"
    )
    moved = msgspec.structs.replace(sample.REPORT, left="git:0000000")
    assert comment.comment(host(forge), moved) == "unchanged"
    assert comment.comment(host(forge), sample.CLEAN) == "updated"
    assert len(forge.wrote()) == 2
    (only,) = forge.comments
    assert "<details><summary>fimci: clean</summary>" in only["body"]


def test_a_clean_change_gets_no_comment_unless_it_is_asked_for(forge: Forge) -> None:
    assert comment.comment(host(forge), sample.CLEAN) == "nothing to say"
    assert forge.wrote() == []
    assert comment.comment(host(forge), sample.CLEAN, always=True) == "written"


def test_a_comment_with_our_marker_by_somebody_else_is_not_ours(forge: Forge) -> None:
    for login in ("mallory", "github-actions", "github-actions[bot]x", ""):
        forge.comment(comment.body(sample.CLEAN, forge.job()), login)
    forge.comment("somebody quotes:\n" + comment.marker(forge.job()))
    assert comment.comment(host(forge), sample.REPORT) == "written"
    assert [one["user"]["login"] for one in forge.comments][-1] == AUTHOR
    assert comment.comment(host(forge), sample.REPORT) == "unchanged"


def test_the_comment_is_found_on_a_later_page_and_that_of_another_job_is_left_alone(forge: Forge) -> None:
    comment.comment(host(forge, key="ffffffffffff"), sample.REPORT)
    for number in range(230):
        forge.comment(str(number), "somebody")
    assert comment.comment(host(forge), sample.REPORT) == "written"
    assert comment.comment(host(forge), sample.CLEAN) == "updated"
    assert "clean" not in forge.comments[0]["body"]


def test_a_comment_without_a_pull_request_asks_nothing(forge: Forge) -> None:
    assert comment.comment(host(forge, number=0), sample.REPORT) == "no pull request"
    assert forge.asked == []


def test_a_check_run_has_all_annotations_in_batches_worst_first(forge: Forge) -> None:
    report = msgspec.structs.replace(
        sample.REPORT, findings=(*sample.many(70, Severity.LOW), *sample.many(51)), unread=()
    )
    assert check_run.check_run(host(forge), report) == "written with 121 annotations"
    (run,) = forge.runs
    assert (run["head_sha"], run["conclusion"]) == (HEAD, "failure")
    assert [one["annotation_level"] for one in run["annotations"]] == ["failure"] * 51 + ["notice"] * 70
    assert forge.asked == ["POST check-runs", "PATCH check-runs/500", "PATCH check-runs/500"]
    assert forge.slept == [1.0, 1.0]


def test_a_clean_check_run_is_a_success_and_one_that_could_not_look_is_none(forge: Forge) -> None:
    check_run.check_run(host(forge), sample.CLEAN)
    blind = msgspec.structs.replace(sample.REPORT, findings=())
    check_run.check_run(host(forge), blind)
    assert [run["conclusion"] for run in forge.runs] == ["success", "failure"]
    assert forge.runs[1]["annotations"][0]["title"] == "could not be looked at"


PATCH = """\
@@ -1,4 +1,5 @@
 on: push
-  - uses: left/a@1111111111111111111111111111111111111111
+  - uses: left/a@v1
+  - run: x
 end
@@ -9,3 +10,3 @@ jobs:
 a
-  - uses: left/b@2222222222222222222222222222222222222222  # `b`
+  - uses: left/b@v2
 c"""


def pinned(line: int, rule: str = "action-unpinned", path: str = "ci.yml") -> Finding:
    return Finding(
        rule=rule, severity=Severity.HIGH, message="unpinned", path=path, line=line, fingerprint=f"{line:020}"
    )


def test_lines_of_a_diff() -> None:
    found = review.lines(PATCH)
    assert sorted(found) == [1, 2, 3, 4, 10, 11, 12]
    assert found[2] == review.Line(added=True, was=None)  # one line became two: nobody knows which
    assert found[11].was == "  - uses: left/b@2222222222222222222222222222222222222222  # `b`"
    assert review.lines("") == {}
    assert review.lines("@@ nonsense\n+a") == {0: review.Line(added=True, was=None)}


def test_a_review_comments_on_changed_lines_and_suggests_what_stood_there(forge: Forge) -> None:
    forge.files = [
        {"filename": "ci.yml", "sha": "1", "patch": PATCH},
        {"filename": "moved.yml", "sha": "1", "patch": PATCH},
        {"filename": "large.json", "sha": "1"},
    ]
    findings = (
        pinned(2), pinned(11), pinned(50), pinned(12, path="moved.yml"), pinned(1, path="large.json"),
        pinned(3, "install-script-added"),
    )  # fmt: skip
    report = msgspec.structs.replace(sample.REPORT, findings=findings)
    ids = {"ci.yml": "1", "moved.yml": "2", "large.json": "1"}
    assert review.review(host(forge), report, ids.get) == "3 comments written"
    (made,) = forge.reviews
    assert [(one["path"], one["line"]) for one in made["comments"]] == [
        ("ci.yml", 2),
        ("ci.yml", 11),
        ("ci.yml", 3),
    ]
    bodies = [one["body"] for one in made["comments"]]
    assert ["suggestion" in body for body in bodies] == [False, True, False]
    assert bodies[1].endswith(
        "```suggestion\n  - uses: left/b@2222222222222222222222222222222222222222  # `b`\n```"
    )
    assert review.review(host(forge), report, ids.get) == "nothing new to say"
    assert len(forge.reviews) == 1


def test_a_suggestion_stays_in_its_block() -> None:
    for was in ("a ``` b", "`````", "x\u202ey", "a\x1b[2J", "y" * 3_000):
        patch = f"@@ -1 +1 @@\n-{was}\n+new"
        line = review.lines(patch)[1]
        made = "".join(review._suggestion(pinned(1), line))
        if made:
            fence = re.findall(r"^(`+)suggestion$", made, re.MULTILINE)[0]
            assert made.split("\n")[-1] == fence
            assert fence not in was
        else:
            assert "`" not in was


def told(report: Report, forge: Forge, tmp_path: Path, *words: str, **fields: str) -> tuple[list[str], str]:
    """Publish as a job would; return the lines of the log, and the summary."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": HEAD}}}))
    environment = {
        "GITHUB_API_URL": forge.url, "GITHUB_REPOSITORY": "left/left", "GITHUB_EVENT_PATH": str(event),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "GITHUB_OUTPUT": str(tmp_path / "outputs"),
        "FIMCI_TOKEN": TOKEN, **fields,
    }  # fmt: skip
    lines = list(publish(report, Asked(places(words), {}, str(tmp_path)), environment))
    written = tmp_path / "summary"
    return lines, written.read_text() if written.exists() else ""


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_token_that_may_not_is_told_the_permission_and_the_summary_has_the_report(
    forge: Forge, tmp_path: Path, status: int
) -> None:
    forge.faults = [Fault("", status, words="Resource not accessible by integration")]
    lines, written = told(sample.REPORT, forge, tmp_path, "comment", "check-run", "review")
    assert [re.findall(r"needs `(.*?)`", line) for line in lines] == [
        ["pull-requests: write"],
        ["checks: write"],
        ["pull-requests: write"],
    ]
    assert sample.HASH.message[:20] in written
    assert len(forge.asked) == 3
    assert forge.slept == [] or max(forge.slept) <= 1


def test_no_token_an_address_without_tls_and_no_repository(forge: Forge, tmp_path: Path) -> None:
    for fields in (
        {"FIMCI_TOKEN": ""},
        {"GITHUB_API_URL": "http://api.host.example"},
        {"GITHUB_API_URL": ""},
        {"GITHUB_REPOSITORY": "left/left/../x"},
    ):
        lines, written = told(sample.REPORT, forge, tmp_path, "comment", **fields)
        assert len(lines) == 1
        assert "not written" in lines[0]
        assert "fimci" in written
    assert forge.asked == []


def test_a_limit_that_says_when_is_waited_for(forge: Forge) -> None:
    forge.faults = [
        Fault("POST", 429, 1, Retry_After="7"),
        Fault("POST", 403, 1, "secondary rate limit", Retry_After="3"),
    ]
    assert comment.comment(host(forge), sample.REPORT) == "written"
    assert [seconds for seconds in forge.slept if seconds > 1] == [7, 3]
    reset = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "1000030"}
    forge.faults = [Fault("GET", 403, 1, "API rate limit exceeded", **reset)]
    forge.time = 1_000_000.0
    assert comment.comment(host(forge), sample.REPORT) == "unchanged"
    assert forge.slept[-1] == 30


@pytest.mark.parametrize(
    "fault",
    [
        Fault("", 429, Retry_After="3600"),
        Fault("", 403, words="You have exceeded a secondary rate limit"),
        Fault("", 429, Retry_After="Wed, 21 Oct 2099 07:28:00 GMT"),
        Fault("", 429, Retry_After="20"),
        Fault("", 503),
        Fault("", 500, Retry_After="1"),
        Fault("", 0),
    ],
)
def test_whatever_the_outage_waiting_has_an_end_and_the_report_is_in_the_summary(
    forge: Forge, tmp_path: Path, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fimci.forge.api.Clock", forge.clock)
    forge.faults = [fault]
    lines, written = told(sample.REPORT, forge, tmp_path, "comment", "check-run")
    assert sum(forge.slept) <= PATIENCE + 10
    assert all("not written" in line and "summary has the report" in line for line in lines)
    assert "could not be looked at" in written


def test_what_may_have_been_done_is_not_done_twice(forge: Forge) -> None:
    forge.faults = [Fault("POST", 502)]
    with pytest.raises(RefusedError, match=r"no reason|Bad Gateway"):
        comment.comment(host(forge), sample.REPORT)
    assert forge.wrote() == ["POST issues/7/comments"]


def test_a_validation_error_is_not_tried_again(forge: Forge) -> None:
    forge.faults = [Fault("POST", 422, words="Validation Failed")]
    with pytest.raises(RefusedError, match="Validation Failed"):
        check_run.check_run(host(forge), sample.REPORT)
    assert forge.asked == ["POST check-runs"]


def test_the_token_follows_no_redirect_to_another_host(forge: Forge) -> None:
    with serving() as other:
        forge.faults = [Fault("", 307, Location=f"{other.url}/repos/left/left/issues/7/comments")]
        with pytest.raises(RefusedError, match="another host"):
            comment.comment(host(forge), sample.REPORT)
        assert other.asked == []
    forge.faults = [Fault("GET issues", 301, 1, Location=f"{forge.url}/repos/left/left/issues/7/comments")]
    assert comment.comment(host(forge), sample.REPORT) == "written"
    forge.faults = [Fault("GET", 302, Location=f"{forge.url}/repos/left/left/issues/7/comments")]
    with pytest.raises(RefusedError, match="circles"):
        comment.comment(host(forge), sample.REPORT)


def test_no_netrc_puts_another_token_in_its_place(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "netrc"
    file.write_text("default login mallory password x\n")
    monkeypatch.setenv("NETRC", str(file))
    assert comment.comment(host(forge), sample.REPORT) == "written"


def test_the_token_is_in_no_message(forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fimci.forge.api.Clock", forge.clock)
    for status in (401, 403, 422, 500):
        forge.faults = [Fault("", status, words=f"Bad {TOKEN[:3]}")]
        lines, written = told(sample.REPORT, forge, tmp_path, "comment", "check-run", "review")
        assert TOKEN not in "".join(lines) + written


def test_twenty_thousand_findings_stay_within_every_limit(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fimci.forge.api.Clock", forge.clock)
    lines, written = told(MANY, forge, tmp_path, "summary", "comment", "check-run", "outputs")
    assert lines == ["comment: written", "check-run: written with 500 annotations, 19,501 more in the report"]
    assert len(written.encode()) <= 1024 * 1024
    shown = written.count("- **")
    left = sum(
        int(n.replace(",", "")) for n in re.findall(r"^- ([\d,]+) more of grade", written, re.MULTILINE)
    )
    assert shown + left == 20_000
    assert all(one["annotation_level"] == "failure" for one in forge.runs[0]["annotations"])
    assert "\nfail\n" in (tmp_path / "outputs").read_text()


def test_a_summary_that_others_have_filled_is_not_overfilled() -> None:
    assert summary.summary(sample.REPORT, summary.LIMIT) == ""
    text = summary.summary(MANY, summary.LIMIT - 30_000)
    assert 10_000 < len(text.encode()) <= 30_000


def test_outputs_are_read_as_they_were_meant() -> None:
    hostile = "a\nverdict=pass\nfimci_00\nx<<y"
    text = outputs.written(outputs.outputs(sample.REPORT, {"sarif": hostile, "text": "no output"}))
    read: dict[str, str] = {}
    rest = text.split("\n")
    while rest and rest[0]:
        name, _, mark = rest[0].partition("<<")
        end = rest.index(mark, 1)
        read[name] = "\n".join(rest[1:end])
        rest = rest[end + 1 :]
    assert read == {
        "verdict": "fail",
        "exit-code": "1",
        "findings": "3",
        "failing": "2",
        "sarif-file": hostile,
    }


def test_places_that_are_none() -> None:
    assert places(["comment=always", "summary"]) == {"comment": "always", "summary": ""}
    for word in ("nowhere", "comment=sometimes", "summary=always", "=", ""):
        with pytest.raises(ValueError, match=f"^{re.escape(word)}$"):
            places([word])


@pytest.mark.parametrize(
    "event", [b"", b"[", b'{"pull_request": 7}', b'{"pull_request": {"number": "7", "head": 3}}']
)
def test_a_job_of_which_nothing_is_known(event: bytes) -> None:
    found = job({"GITHUB_EVENT_PATH": "x", "GITHUB_SHA": "main; rm"}, lambda _: event)
    assert (found.number, found.head, found.repository) == (0, "", "")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_no_name_breaks_a_request_or_speaks_to_the_runner(name: str) -> None:
    report = sample.named(name)
    with serving() as forge:
        here = host(forge)
        lines = [
            comment.comment(here, report),
            check_run.check_run(here, report),
            review.review(here, report, lambda _: "1"),
        ]
        assert forge.wrong == []
        assert commands("\n".join(f"fimci: {line}" for line in lines).encode()) == []
        for one in forge.comments:
            assert one["body"].startswith(comment.marker(forge.job()))


def test_the_summary_file_that_cannot_be_written_is_told(forge: Forge, tmp_path: Path) -> None:
    lines, _ = told(
        sample.REPORT, forge, tmp_path, "summary", GITHUB_STEP_SUMMARY=str(tmp_path / "no" / "file")
    )
    assert lines == [f"summary: {tmp_path / 'no' / 'file'} cannot be written: {os.strerror(2)}"]


def test_the_blob_of_a_file_is_that_of_the_jobs_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.seal(monkeypatch)
    where = repository.create(tmp_path / "here", {"a": "1", "sub/b": "2"})
    blob = functools.partial(_blob, str(where))
    assert blob("sub/b") == repository.git(where, "rev-parse", "HEAD:sub/b").strip()
    assert (blob("none"), blob("sub")) == (None, None)
    assert _blob(str(tmp_path / "nowhere"), "a") is None
    head = repository.git(where, "rev-parse", "HEAD").strip()
    repository.write(where, {"a": "other"})
    repository.commit(where)
    repository.git(where, "update-ref", "refs/fimci/merge", head)
    assert blob("a") == repository.git(where, "rev-parse", f"{head}:a").strip()
