"""Both sides of a workflow: the same whatever else changes, renamed or new, under hostile records."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.compare import compare
from fimci.findings import Finding, fingerprint
from fimci.look import take
from fimci.model import Change, Record
from fimci.readers import ALL as READERS
from fimci.rules import (
    action_unpinned,
    checker_disabled,
    workflow_injection,
    workflow_privileges_widened,
    workflow_trigger_privileged,
)
from fimci.snapshot import Recipe
from fimci.workflows.sides import touched
from tests import cases, growth
from tests.rules.stated import WholeRule

PATH = ".github/workflows/ci.yml"
JUDGES = (
    action_unpinned,
    checker_disabled,
    workflow_injection,
    workflow_privileges_widened,
    workflow_trigger_privileged,
)
WORKFLOW = """\
on: [issue_comment, pull_request_target]
permissions: write-all
jobs:
  a:
    runs-on: self-hosted
    secrets: inherit
    steps:
      - uses: left/right@main
      - run: fimci check; echo ${{ github.head_ref }}
"""


def records(**files: str) -> list[Record]:
    paths = {"ci": PATH, "other": ".github/workflows/other.yml"}
    return take([cases.entry(paths[name], text.encode()) for name, text in files.items()], Recipe(), READERS)


def said(before: list[Record], after: list[Record]) -> list[Finding]:
    changes = list(compare(before, after))
    return [found for judge in JUDGES for found in judge.check_all(changes, before)]


def _some_lines(keep: list[bool]) -> str:
    lines = WORKFLOW.splitlines(keepends=True)
    return "".join(line for line, kept in zip(lines, keep, strict=True) if kept)


LINES = st.lists(st.booleans(), min_size=WORKFLOW.count("\n"), max_size=WORKFLOW.count("\n"))


@settings(max_examples=80, deadline=None)
@given(LINES, LINES)
def test_any_part_of_a_workflow_may_come_or_go(left: list[bool], right: list[bool]) -> None:
    before, after = records(ci=_some_lines(left)), records(ci=_some_lines(right))
    for found in said(before, after):
        assert found.path == PATH
        assert 1 <= found.line <= WORKFLOW.count("\n")
        assert found.message
    assert said(after, after) == []


def test_a_new_file_is_added_and_a_renamed_one_is_not() -> None:
    nothing, ci, other = records(), records(ci=WORKFLOW), records(other=WORKFLOW)
    (new,) = touched(list(compare(nothing, ci)), nothing)
    assert new.fresh
    assert new.added
    old, renamed = sorted(touched(list(compare(ci, other)), ci))
    assert (old.fresh, renamed.fresh, renamed.added) == (False, True, False)
    assert len(renamed.before) == len(renamed.after)


def test_nothing_is_said_about_no_change_nor_about_a_renamed_file() -> None:
    assert said(records(ci=WORKFLOW), records(ci=WORKFLOW)) == []
    assert said(records(ci=WORKFLOW), records(other=WORKFLOW)) == []


def test_a_bad_workflow_is_one_finding_a_rule() -> None:
    found = said(records(), records(ci=WORKFLOW))
    assert [(one.rule, str(one.severity)) for one in found] == [
        ("action-unpinned", "medium"),
        ("workflow-injection", "critical"),
        ("workflow-privileges-widened", "critical"),
        ("workflow-trigger-privileged", "high"),
    ]


@pytest.mark.parametrize("after", [{}, {"ci": "on: [broken"}, {"ci": "on: push\njobs: {}\n"}])
def test_fimci_is_missed_however_its_workflow_went(after: dict[str, str]) -> None:
    before = records(ci=WORKFLOW)
    found = list(checker_disabled.check_all(list(compare(before, records(**after))), before))
    assert [(one.message, one.line) for one in found] == [("no longer runs fimci", 9)]


def test_a_grouped_finding_is_bound_to_each_of_its_places() -> None:
    one = "on: push\njobs: {a: {steps: [{uses: l/r@v1}]}}"
    two = "on: push\njobs: {a: {steps: [{uses: l/r@v1}, {uses: l/r@v1}]}}"
    (first,) = action_unpinned.check_all(list(compare([], records(ci=one))), [])
    (second,) = action_unpinned.check_all(list(compare([], records(ci=two))), [])
    assert fingerprint(first) != fingerprint(second)


@pytest.mark.parametrize("judge", JUDGES)
def test_many_jobs_are_judged_in_linear_time(judge: WholeRule) -> None:
    steps = "[{{uses: l/r{0}@v1, run: 'fimci ${{{{ inputs.i{0} }}}}'}}]"
    job = "  j{0}: {{runs-on: m{0}, permissions: {{s{0}: write}}, steps: " + steps + "}}\n"
    before = records(ci="on: push\npermissions: {}\njobs:\n  a: {runs-on: m, steps: [{run: fimci}]}\n")

    def made(size: int) -> list[Change]:
        jobs = "".join(job.format(number) for number in range(size))
        return list(compare(before, records(ci="on: push\npermissions: {}\njobs:\n" + jobs)))

    growth.is_linear(lambda changes: list(judge.check_all(changes, before)), made, 100)
