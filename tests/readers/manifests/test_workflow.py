"""Workflows and actions: what is read of them, on which line, and what cannot be read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Capability, Digest, Package, Record
from fimci.readers.manifests import workflow
from tests.readers.seen import switches, unread

PATH = ".github/workflows/ci.yml"
COMMIT = "11bd71901bbe5b1630ceea73d27597364c9af683"
DIGEST = "9f2c8d1f0f6f9b9b8d4a3a6c0a4f1f5b7e1d2c3b4a5968778695a4b3c2d1e0f1"

CI = f"""\
name: CI
on:
  push:
    branches: [main]
  pull_request:
  workflow_call:
permissions:
  contents: read
  id-token: write
env:
  ACTIONS_ALLOW_UNSECURE_COMMANDS: true
jobs:
  test:
    strategy:
      matrix:
        os: [ubuntu-24.04, macos-15]
        include:
          - os: self-hosted
    runs-on: ${{{{ matrix.os }}}}
    container: ghcr.io/left/build:3@sha256:{DIGEST}
    services:
      database:
        image: registry.example:5000/postgres
    environment:
      name: staging
    permissions: {{}}
    steps:
      - uses: actions/checkout@{COMMIT} # v4.2.2
        with:
          ref: ${{{{ github.head_ref }}}}
      - name: Test
        run: |
          make test

          make report
      - uses: actions/checkout@v4
      - run: echo one
      - run: echo two
      - uses: ./.github/actions/report
      - uses: docker://alpine:3.22
      - uses: actions/github-script@v8
        id: script
        with:
          script: |
            return 1
  call:
    uses: left/shared/.github/workflows/build.yml@main
    secrets: inherit
    permissions: write-all
"""


def read(text: str | bytes, path: str = PATH) -> list[Record]:
    return list(workflow.read(path, text.encode() if isinstance(text, str) else text))


def test_settings_of_a_whole_workflow() -> None:
    assert switches(read(CI)) == {
        "on.push": ('{"branches":["main"]}', 3),
        "on.pull_request": ("", 5),
        "on.workflow_call": ("", 6),
        "permissions": ("map", 7),
        "permissions.contents": ("read", 8),
        "permissions.id-token": ("write", 9),
        "env.ACTIONS_ALLOW_UNSECURE_COMMANDS": ("true", 11),
        "jobs.test.runs-on": ("macos-15, self-hosted, ubuntu-24.04", 19),
        "jobs.test.permissions": ("{}", 26),
        "jobs.test.environment": ("staging", 24),
        "jobs.test.steps.[1].with.ref": ("${{ github.head_ref }}", 30),
        "jobs.call.runs-on": ("", 46),
        "jobs.call.permissions": ("write-all", 49),
        "jobs.call.secrets": ("inherit", 48),
    }


def test_what_a_workflow_uses() -> None:
    uses = [one for one in read(CI) if isinstance(one, Package)]
    assert [(one.ecosystem, one.place.partition("#")[2], one.version, one.at.line) for one in uses] == [
        ("docker", "ghcr.io/left/build[1]", "3", 20),
        ("docker", "registry.example:5000/postgres[1]", None, 23),
        ("githubactions", "actions/checkout[1]", COMMIT, 28),
        ("githubactions", "actions/checkout[2]", "v4", 36),
        ("githubactions", "./.github/actions/report[1]", None, 39),
        ("docker", "alpine[1]", "3.22", 40),
        ("githubactions", "actions/github-script[1]", "v8", 41),
        ("githubactions", "left/shared/.github/workflows/build.yml[1]", "main", 47),
    ]
    assert uses[0].integrity == (Digest("sha256", DIGEST),)
    assert uses[1].integrity == ()
    assert uses[2].at.text == f"- uses: actions/checkout@{COMMIT} # v4.2.2"
    assert [one.origin_kind for one in uses[2:5]] == ["git", "git", "directory"]


def test_scripts_and_the_line_on_which_their_text_begins() -> None:
    scripts = [one for one in read(CI) if isinstance(one, Capability)]
    assert [(one.name, one.subject, one.detail, one.at.line, one.at.part("text")) for one in scripts] == [
        ("shell", "jobs.test.steps.Test", "make test\n\nmake report\n", 32, 33),
        ("shell", "jobs.test.steps.[3]", "echo one", 37, 37),
        ("shell", "jobs.test.steps.[4]", "echo two", 38, 38),
        ("dynamic-code", "jobs.test.steps.script.script", "return 1\n", 44, 45),
    ]


def test_a_step_that_moves_keeps_its_keys() -> None:
    moved = CI.replace("      - uses: ./.github/actions/report\n", "").replace(
        "      - name: Test\n", "      - uses: ./.github/actions/report\n      - name: Test\n"
    )
    keys = [one.key for one in read(CI) if isinstance(one, Package)]
    assert sorted(keys) == sorted(one.key for one in read(moved) if isinstance(one, Package))


@pytest.mark.parametrize(
    ("triggers", "names"),
    [
        ("on: push", ["on.push"]),
        ("on: [push, issue_comment]", ["on.push", "on.issue_comment"]),
        ("'on':\n  push:\n  issues: {types: [opened]}", ["on.push", "on.issues"]),
        ('"on": push', ["on.push"]),
    ],
)
def test_every_form_of_triggers(triggers: str, names: list[str]) -> None:
    assert list(switches(read(f"{triggers}\njobs: {{}}"))) == names


def test_the_conditions_of_the_step_that_runs_fimci_and_of_no_other() -> None:
    text = f"""\
on: push
jobs:
  check:
    if: github.ref == 'refs/heads/main'
    steps:
      - uses: left/fimci@{COMMIT}
        continue-on-error: true
        with: {{fail-on: critical}}
      - run: make test
        if: always()
  other:
    if: always()
    steps:
      - run: make fimcify
"""
    found = {name for name in switches(read(text)) if "runs-on" not in name}
    assert found == {
        "on.push",
        "jobs.check.if",
        "jobs.check.steps.[1].continue-on-error",
        "jobs.check.steps.[1].with.fail-on",
    }


def test_a_composite_action_wherever_it_stands() -> None:
    text = f"""\
name: tool
runs:
  using: composite
  steps:
    - uses: actions/cache@{COMMIT}
    - run: echo "${{{{ inputs.name }}}}"
      shell: bash
"""
    use, script = read(text, "tools/setup/action.yaml")
    assert isinstance(use, Package)
    assert use.place == "tools/setup/action.yaml#actions/cache[1]"
    assert isinstance(script, Capability)
    assert (script.subject, script.at.line) == ("runs.steps.[2]", 6)


def test_an_action_yml_of_another_program_says_nothing() -> None:
    assert read("- broken: [", "roles/action.yml") == []
    assert read("type: action\nid: 7\n", "schema/action.yml") == []


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (".github/workflows/ci.yml", True),
        (".github/workflows/ci.yaml", True),
        (".gitea/workflows/ci.yml", True),
        (".forgejo/workflows/ci.yml", True),
        ("action.yml", True),
        (".github/actions/a/action.yaml", True),
        (".github/workflows/deep/ci.yml", False),
        ("template/.github/workflows/ci.yml", False),
        (".github/dependabot.yml", False),
        (".github/workflows/ci.yml\n", False),
        ("reaction.yml", False),
    ],
)
def test_what_a_code_host_runs_is_wanted(path: str, *, wanted: bool) -> None:
    assert workflow.wants(path, b"") is wanted


def test_all_secrets_taken_at_once() -> None:
    text = """\
on: push
jobs:
  a:
    env:
      # toJSON(secrets)
      X: ${{ ToJson( secrets ) }}
    steps: []
"""
    found = [one for one in read(text) if isinstance(one, Capability)]
    assert [(one.name, one.subject, one.at.line) for one in found] == [("credentials", "all secrets", 6)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("on: push\njobs: [", [("", 2)]),
        ("on: push\njobs: {}\n---\non: push\n", [("", 1)]),
        ("- on: push\n", [("", 1)]),
        ("on: 7: 8\n", [("", 1)]),
        ("on: push\njobs:\n  a: []\n", [("jobs.a", 3)]),
        ("on: push\njobs:\n  a:\n    steps: x\n", [("jobs.a.steps", 4)]),
        ("on: push\njobs:\n  a:\n    steps: [x]\n", [("jobs.a.steps.0", 4)]),
        ("on: [[push]]\njobs: {}\n", [("on", 1)]),
        ("jobs: {}\n", [("on", 1)]),
        ("on: push\npermissions: [write]\njobs: {}\n", [("permissions", 2)]),
        ("on: push\npermissions: read-all\npermissions: write-all\njobs: {}\n", [("permissions", 3)]),
        ("on: push\njobs: {a: {steps: [{uses: '${{ matrix.x }}'}]}}\n", [("jobs.a.steps.0.uses", 2)]),
        ("on: push\njobs: {a: {steps: [{uses: [a]}]}}\n", [("jobs.a.steps.0.uses", 2)]),
        (b"on: \xff\n", [("", 1)]),
        ("on: push\n\x00", [("", 1)]),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str | bytes, found: list[tuple[str, int]]) -> None:
    records = read(text)
    assert [part for part, _ in unread(records)] == [part for part, _ in found]
    assert [line for _, line in unread(records)] == [line for _, line in found]


def test_an_empty_workflow_is_none() -> None:
    assert read("") == []
    assert read("# nothing yet\n") == []
    assert read("version: 2\nupdates: []\n") == []


def test_aliases_that_multiply_steps_are_cut_off() -> None:
    steps = ", ".join(["*step"] * 300)
    jobs = "\n".join(f"  j{number}:\n    steps: *steps" for number in range(1000))
    text = f"on: push\nx: &step {{run: {'a' * 1000}}}\ny: &steps [{steps}]\njobs:\n{jobs}\n"
    records = read(text)
    assert unread(records)[-1][0] == "limit"
    assert sum(len(one.detail) for one in records if isinstance(one, Capability)) <= workflow.TEXT_LIMIT


def test_a_file_beyond_any_workflow_is_not_read() -> None:
    assert unread(read("#" * (workflow.SIZE_LIMIT + 1))) == [("", 1)]


_SCALARS = st.sampled_from(
    [
        "",
        "push",
        "write-all",
        "inherit",
        "a/b@v1",
        "./x",
        "docker://a:1@sha256:b",
        "@",
        ":",
        "${{ matrix.a }}",
        "fimci",
    ]
)
_KEYS = st.sampled_from(
    """on jobs runs steps uses run with env permissions container services image runs-on strategy matrix
    include a secrets environment name id script if group""".split()  # noqa: SIM905  (a list a word a line is no list to read)
)
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries({"on": _TREES, "permissions": _TREES, "jobs": st.dictionaries(_KEYS, _TREES)}),
    _TREES,
)
def test_no_type_in_no_place_raises(document: object, runs: object) -> None:
    for path, value in ((PATH, document), ("action.yml", {"runs": runs})):
        for record in read(json.dumps(value), path):
            assert record.key
