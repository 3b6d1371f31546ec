"""The comment: read as a code host reads it, no name is more than a name, and it is never too long."""

from __future__ import annotations

import functools
import html
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from fimci.findings import PackageChange, Report, Severity
from fimci.model import Unread
from fimci.printable import printable
from fimci.reports.markdown import LIMIT, render
from tests.hostile import LAW, TEXTS
from tests.oracle import commands
from tests.reports import goldens, sample
from tests.test_printable import invisible

#: The HTML that the report itself writes.
OURS = {"<br>", "<code>", "</code>", "<details><summary>", "</summary>", "</details>"}
#: What a code host makes more of in running text: mentions, issues, commits, emoji, addresses.
MORE = re.compile(r"@\w|#\d|\bGH-\d|[0-9a-f]{7}|:\w+:|www\.|://|[|`*_~<>\[\]\\]", re.IGNORECASE)

CHROMIUM = shutil.which(
    "chromium", path=os.environ.get("FIMCI_TEST_CLIENTS", "") + os.pathsep + os.environ["PATH"]
)


def parsed(text: str) -> list[Token]:
    return MarkdownIt("gfm-like").parse(text)


def inlines(text: str) -> Iterator[Token]:
    for token in parsed(text):
        yield from token.children or []


def shape(text: str) -> list[str]:
    """Return the blocks, and what stands in them apart from the words."""
    return [token.type for token in parsed(text)]


def code(text: str) -> list[str]:
    """Return every text that is set as code, as a reader sees it."""
    found: list[str] = []
    open_ = False
    for token in inlines(text):
        if token.type == "code_inline":
            found.append(token.content)
        elif token.type == "html_inline" and token.content == "<code>":
            open_ = True
            found.append("")
        elif token.type == "html_inline" and token.content == "</code>":
            open_ = False
        elif open_:
            found[-1] += token.content
    return found


def plain(text: str) -> Iterator[str]:
    """Yield the running text outside of code."""
    open_ = False
    for token in inlines(text):
        if token.type == "html_inline" and token.content in {"<code>", "</code>"}:
            open_ = token.content == "<code>"
        elif token.type in {"text", "text_special"} and not open_:
            yield token.content


@pytest.mark.parametrize(("name", "report"), [("sample", sample.REPORT), ("clean", sample.CLEAN)])
def test_golden(name: str, report: Report) -> None:
    goldens.compare(f"{name}.md", render(report))


def test_what_a_reader_sees() -> None:
    text = render(sample.REPORT)
    assert [t.content for t in parsed(text) if t.type == "inline" and t.content.startswith("fimci: ")]
    assert text.index("### Critical (1)") < text.index("### High (1)") < text.index("### Medium (1)")
    assert "`package-lock.json:412`" in text
    assert "package-lock.json: 1 package updated, 1 added, 1 changed otherwise" in list(plain(text))
    cells = [t for t in parsed(text) if t.type in {"td_open", "th_open"}]
    columns = {5: sample.PACKAGES, 8: sample.RELEASES}
    rows = sum(number * (len(table) + 1) for number, table in columns.items())
    assert len(cells) == rows + 7 * (len(sample.CHAINS) + 1) + 7 * (len(sample.ARTIFACTS) + 1)
    assert "^2.1.3 || ^3" in code(text)
    assert "builds a native module" not in text  # accepted


@functools.cache
def quiet() -> list[str]:
    return shape(render(sample.named("name")))


def check(name: str) -> None:
    text = render(sample.named(name))
    assert len(text.encode()) <= LIMIT
    assert commands(text.encode()) == []
    assert not any(invisible(character) for character in text.replace("\n", ""))
    if name.strip():
        assert shape(text) == quiet()
    for token in inlines(text):
        assert token.type not in {"link_open", "image", "s_open", "em_open"}
        if token.type == "html_inline":
            assert token.content in OURS
    for words in plain(text):
        assert not MORE.search(words), words
    shown = printable(name, 600)
    if name and shown not in set(plain(text)):
        assert shown in code(text)


@LAW
@given(TEXTS)
def test_no_name_is_more_than_a_name(name: str) -> None:
    check(name)


@pytest.mark.parametrize(
    "name",
    [
        "@everyone", "#1", "GH-1", "org/repo#1", "0123abc", "https://host.example", "www.host.example",
        "a@host.example", "![x](https://host.example/x.png)", "<img src=//host.example>", "</details>",
        "a | b", "a \\| b", "`", "``", "a`b``c", "`a", "a`", "\\`", "&lt;b&gt;", "&#64;x", ":tada:",
        "- [ ] x", "1. x", "1) x", "# x", "***", "---", "| --- |", "~~x~~", "*x*", "_x_", "[x]: y", "$x$",
        " x", "x ",
        "Fix: x", "\x1b[31m", "\u202ex", "x\n\n# y", "-->", "<!--", "]]>", "a" * 10_000, "|" * 10_000,
    ],
)  # fmt: skip
def test_what_markup_is_made_of(name: str) -> None:
    check(name)


def test_fixes_are_told_once_for_each_rule() -> None:
    report = msgspec.structs.replace(sample.CLEAN, findings=sample.many(3))
    assert render(report).count("Fix: ") == 1


def test_a_fix_that_is_not_of_the_page_is_untrusted() -> None:
    finding = msgspec.structs.replace(sample.HASH, fix="ask @everyone")
    assert "Fix: `ask @everyone`" in render(msgspec.structs.replace(sample.CLEAN, findings=(finding,)))


@pytest.mark.parametrize("name", ["left", "|" * 700, "名" * 700])
def test_a_comment_is_never_too_long_and_says_what_is_missing(name: str) -> None:
    packages = tuple(
        PackageChange(
            name, "npm", f"{name}{n}", "updated", (name,), (name,), (), wanted=False, direct=n == 4_999
        )
        for n in range(5_000)
    )
    findings = tuple(
        msgspec.structs.replace(finding, message=name, path=name, package=name)
        for severity in Severity
        for finding in sample.many(600, severity)
    )
    report = msgspec.structs.replace(
        sample.REPORT,
        findings=findings,
        packages=packages,
        releases=(),
        chains=(),
        artifacts=(),
        unread=tuple(Unread(path=f"{name}{n}", why=name) for n in range(900)),
        summary=(name,) * 500,
    )
    text = render(report)
    assert len(text.encode()) <= LIMIT
    assert text.endswith("\n</details>\n")
    shown = text.count(" at `") + text.count(" at <code>")
    counted = sum(
        int(number.replace(",", ""))
        for number in re.findall(r"^- ([\d,]+) more (?:of grade|that could not)", text, re.MULTILINE)
    )
    assert shown + counted == len(findings) + 900
    rows = len(re.findall(r"^\| [`<](?!-)", text, re.MULTILINE))
    (left,) = re.findall(r"^([\d,]+) more packages; the JSON report lists them all\.$", text, re.MULTILINE)
    assert rows + int(left.replace(",", "")) == len(packages)


def test_direct_packages_come_first_in_the_table() -> None:
    text = render(sample.REPORT)
    assert text.index("| `left` |") < text.index("| `@scope/right` |")


def test_the_entities_read_as_the_text() -> None:
    (shown,) = re.findall(
        r"<code>(.*?)</code>", render(msgspec.structs.replace(sample.CLEAN, summary=("a|b`",)))
    )
    assert html.unescape(shown) == "a|b`"


_HOSTILE = (
    '</code></pre><script>document.title="run"</script><img src=x onerror=document.title="run">"`|[x](y)'
)


@pytest.mark.client
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium")
def test_a_browser_shows_names_as_text_and_runs_nothing(tmp_path: Path) -> None:
    """Rendered without any sanitiser of a code host behind it."""
    body = MarkdownIt("gfm-like").render(render(sample.named(_HOSTILE)))
    page = tmp_path / "page.html"
    page.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><title>kept</title><body>{body}</body>", encoding="utf-8"
    )
    words = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000"]
    shown = subprocess.run([*words, "--dump-dom", page.as_uri()], check=True, capture_output=True, text=True)
    assert "<title>kept</title>" in shown.stdout
    assert "<script" not in shown.stdout
    assert "<img" not in shown.stdout
    assert "document.title=" in html.unescape(shown.stdout)
