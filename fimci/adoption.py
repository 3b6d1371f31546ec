"""What a repository needs to adopt fimci: files for what is found in it, pinned and with few rights.

Nothing that is there is changed: where a system keeps everything in one file, the lines to add are told.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from fimci import __version__, policy

_POLICY = """\
# What fimci may object to, and how loudly. Read from the base of a change, never from the change.
# `fimci explain` lists the rules; docs/formats.md describes every key.

fail-on = "high"

# Files that nobody changes by accident: any change to them is told (gitignore syntax).
critical = [{critical}]

# Files that are not looked at (gitignore syntax).
ignore = []
"""
#: Files that say who may approve what: a change to them is always worth a word.
_CRITICAL = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS", "SECURITY.md")
_INSTALL = f"install --only-binary :all: fimci=={__version__}"
_WORKFLOW = f"""\
name: fimci
on:
  pull_request:
  merge_group:
permissions: {{}}
concurrency:
  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}
  cancel-in-progress: true
jobs:
  check:
    name: fimci
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8  # v5.0.0
        with:
          fetch-depth: 2
          persist-credentials: false
      - run: python3 -I -m venv "$RUNNER_TEMP/fimci"
      - run: '"$RUNNER_TEMP/fimci/bin/python" -I -m pip {_INSTALL}'
      - run: '"$RUNNER_TEMP/fimci/bin/fimci" check --format text --format github --to summary'
"""
_GITLAB = f"""\
fimci:
  image: python:3.13-slim
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    GIT_DEPTH: "0"
  script:
    - python3 -I -m venv /opt/fimci
    - /opt/fimci/bin/python -I -m pip {_INSTALL}
    - /opt/fimci/bin/fimci check --format text --format gitlab=gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""
_HOOK = f"""\
repos:
  - repo: local
    hooks:
      - id: fimci
        name: fimci (what changed, and what can it do now?)
        entry: fimci check --staged
        language: python
        additional_dependencies: ["fimci=={__version__}"]
        pass_filenames: false
        always_run: true
        require_serial: true
"""
_HOOKS = ".pre-commit-config.yaml"


class System(NamedTuple):
    """A CI system: what shows that a repository uses it, and what it needs.

    `text` is written to `file`, or nothing if that is empty; `advice` is what a person has to do.
    """

    name: str
    signs: tuple[str, ...]
    file: str = ""
    text: str = ""
    advice: str = ""


_STEP = "add a step: `fimci check --base"
SYSTEMS = (
    System("GitHub Actions", (".github",), ".github/workflows/fimci.yml", _WORKFLOW),
    System(
        "GitLab",
        (".gitlab-ci.yml",),
        ".gitlab/fimci.yml",
        _GITLAB,
        "add to .gitlab-ci.yml: `include: [{local: .gitlab/fimci.yml}]`",
    ),
    System(
        "Azure Pipelines",
        ("azure-pipelines.yml", ".azure-pipelines"),
        advice=f'{_STEP} "origin/$SYSTEM_PULLREQUEST_TARGETBRANCHNAME" --format azure`',
    ),
    System(
        "Bitbucket Pipelines",
        ("bitbucket-pipelines.yml",),
        advice=f'{_STEP} "origin/$BITBUCKET_PR_DESTINATION_BRANCH" --format bitbucket=i.json`',
    ),
    System(
        "Buildkite",
        (".buildkite",),
        advice=f'{_STEP} "origin/$BUILDKITE_PULL_REQUEST_BASE_BRANCH" --format buildkite=r.md`',
    ),
    System(
        "CircleCI",
        (".circleci",),
        advice=f"{_STEP} origin/main --format junit=results/fimci.xml`, and store_test_results",
    ),
    System(
        "TeamCity",
        (".teamcity",),
        advice=f"{_STEP} %vcs.target.branch% --format text --format teamcity`",
    ),
)


class Piece(NamedTuple):
    """A file to write if it is not there, and what to do if it is (or after it is written)."""

    file: str
    text: str
    otherwise: str = ""
    then: str = ""


def pieces(path: str) -> Iterator[Piece]:
    """Yield the files that a repository needs. Without a sign of any system that is GitHub's workflow."""
    yield Piece(policy.FILE, _policy(path))
    found = systems(path) or [SYSTEMS[0]]
    for system in found:
        if system.file:
            yield Piece(system.file, system.text, then=system.advice)
    yield Piece(
        _HOOKS, _HOOK, otherwise=f"add the hook to it: fimci check --staged, with fimci=={__version__}"
    )


def advice(path: str) -> Iterator[str]:
    """Yield what a person has to do for systems that keep everything in one file."""
    for system in systems(path):
        if not system.file:
            yield f"{system.name}: {system.advice}"


def systems(path: str) -> list[System]:
    """Return the CI systems that a repository shows signs of."""
    return [
        system
        for system in SYSTEMS
        if any(os.path.lexists(os.path.join(path, sign)) for sign in system.signs)
    ]


def _policy(path: str) -> str:
    there = [name for name in _CRITICAL if os.path.isfile(os.path.join(path, name))]
    return _POLICY.format(critical=", ".join(f'"/{name}"' for name in there))
