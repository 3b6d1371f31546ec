"""A file may have any name that git can store: no CI system obeys it, in no format and on no stream."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fimci import reports
from fimci.cli import main
from tests import repository
from tests.hostile import FRAGMENTS
from tests.oracle import commands

pytestmark = pytest.mark.client
#: Commands that a format is there to give; all others give none.
MEANT = {
    "azure": {"##vso"},
    "github": {"error", "warning", "notice"},
    "teamcity": {"##teamcity"},
}
_BYTES = (b"\xff", b"\x80", b"\xc3\x28", b"\xe2\x80\xa8", b"\xed\xa0\x80")
NAMES = (
    st.lists(
        st.sampled_from([text.encode("utf-8", "surrogatepass") for text in FRAGMENTS if len(text) < 100])
        | st.sampled_from(_BYTES)
        | st.binary(max_size=4),
        min_size=1,
        max_size=6,
    )
    .map(b"".join)
    .map(lambda name: re.sub(rb"[/\0]", b"_", name)[:200])
    .filter(lambda name: name not in {b"", b".", b"..", b".git"} and not name.lower().startswith(b".git"))
)


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository to stage things in."""
    return repository.create(tmp_path_factory.mktemp("here"), {"README": "1"})


def stage(where: Path, name: bytes) -> None:
    """Stage a script that runs at install, and an unreadable lockfile, in a folder of this name."""
    repository.git(where, "read-tree", "HEAD")
    entries = b""
    for file, text in ((b"package.json", '{"scripts": {"postinstall": "x"}}'), (b"package-lock.json", "{")):
        done = subprocess.run(
            ["git", "hash-object", "-w", "--stdin"],
            cwd=where,
            input=text.encode(),
            check=True,
            capture_output=True,
        )
        entries += b"100644 " + done.stdout.strip() + b"\t" + name + b"/" + file + b"\0"
    subprocess.run(["git", "update-index", "-z", "--index-info"], cwd=where, input=entries, check=True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES)
def test_no_name_of_a_file_gives_a_command(
    where: Path, capsysbinary: pytest.CaptureFixture[bytes], name: bytes
) -> None:
    stage(where, name)
    for format_ in reports.ALL:
        capsysbinary.readouterr()
        assert main(["check", str(where), "--staged", "--format", format_]) == 1
        out, err = capsysbinary.readouterr()
        assert {one.name for one in commands(out)} <= MEANT.get(format_, set()), format_
        assert commands(err) == []
        for one in commands(out):
            assert one.properties.keys() <= {"file", "line", "title"}
        if format_ == "json":
            assert json.loads(out)["exit_code"] == 1


@pytest.mark.parametrize(
    "name", ["\n::error::x", "##[error]x", "a\r::set-output name=verdict::pass", "\x1b[31m"]
)
def test_errors_on_the_other_stream_are_words(where: Path, name: str) -> None:
    program = "import sys; from fimci.cli import main; sys.exit(main(sys.argv[1:]))"
    for words in (
        ["check", name],
        ["check", "--base", name],
        ["check", "--format", name],
        ["compare", name, name],
    ):
        done = subprocess.run(
            [sys.executable, "-c", program, *words],
            cwd=where,
            env={"PYTHONPATH": str(Path(__file__).parent.parent), "PATH": ""},
            capture_output=True,
            check=False,
        )
        assert done.returncode in {2, 3}
        assert commands(done.stdout) == commands(done.stderr) == []
        assert b"\x1b" not in done.stdout + done.stderr
