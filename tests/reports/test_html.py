"""The page: read as a browser reads it, every name is text, and nothing is fetched or run but our own."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from hypothesis import given

from fimci.findings import Cell, Chain, Report, Severity
from fimci.model import Unread
from fimci.printable import printable
from fimci.reports import html, html_tree
from tests.hostile import LAW, TEXTS
from tests.oracle import commands
from tests.reports import goldens, sample

CHROMIUM = shutil.which(
    "chromium", path=os.environ.get("FIMCI_TEST_CLIENTS", "") + os.pathsep + os.environ["PATH"]
)


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def tags(report: Report) -> list[tuple[str, dict[str, str | None]]]:
    return Page(html.render(report)).found


@pytest.mark.parametrize(("name", "report"), [("sample", sample.REPORT), ("clean", sample.CLEAN)])
def test_golden(name: str, report: Report) -> None:
    goldens.compare(f"{name}.html", html.render(report))


def test_nothing_is_fetched_and_only_our_own_script_runs() -> None:
    text = html.render(sample.REPORT)
    policy = next(a["content"] or "" for tag, a in Page(text).found if "http-equiv" in a)
    assert policy.startswith("default-src 'none';")
    for kind in ("style", "script"):
        (body,) = re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        mark = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{mark}'" in policy
    for tag, attributes in Page(text).found:
        assert tag not in {"a", "img", "link", "iframe", "object", "form", "base"}
        assert not {"src", "href", "style", "srcset"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]


def test_it_fits_a_phone_and_the_dark() -> None:
    text = html.render(sample.CLEAN)
    assert 'name="viewport" content="width=device-width' in text
    assert "prefers-color-scheme:dark" in text
    assert "max-width:40rem" in text


def test_what_fails_is_unfolded_and_the_rest_is_folded() -> None:
    opened = [
        "open" in a for tag, a in tags(sample.REPORT) if a.get("data-grade") in {"critical", "high", "medium"}
    ]
    assert opened == [True, True, False]


def test_many_are_counted_and_the_worst_are_there() -> None:
    report = msgspec.structs.replace(
        sample.REPORT,
        findings=(*sample.many(20_000, Severity.LOW), sample.HASH),
        packages=sample.PACKAGES * 2_000,
        unread=tuple(Unread(path=f"{n}/{n}.lock", why="is binary") for n in range(3_000)),
    )
    text = html.render(report)
    assert len(text) < 8_000_000
    assert text.index(sample.HASH.fingerprint) < text.index("new postinstall script")
    for left in ("15,001 more", "3,000 more", "2,000 more"):
        assert f"{left}; the JSON report lists them all" in text


def test_deep_paths_end_somewhere() -> None:
    deep = msgspec.structs.replace(sample.HASH, path="a/" * 5_000 + "b")
    other = msgspec.structs.replace(sample.HASH, path="a/" * 5_000 + "c")
    report = msgspec.structs.replace(sample.CLEAN, findings=(deep, other))
    branches, left = html_tree.tree(report)
    assert left == 0
    depth = 0
    while branches:
        depth, branches = depth + 1, branches[0].below
    assert depth <= html_tree.DEPTH + 1
    assert "2 findings" in html.render(report)


def test_chains_say_once_what_is_the_same_of_all_and_failures_stand_out() -> None:
    fine, failed = Cell("verified", "sha512"), Cell("failed", "installed-file-changed")
    open_ = Cell("not verified", "no source was named")
    found = tuple(
        Chain(f"pkg:npm/{name}@1.0.0", name, (fine, fine, cell, open_, open_, open_))
        for name, cell in (("left", fine), ("right", failed), ("up", fine))
    )
    text = html.render(msgspec.structs.replace(sample.CLEAN, chains=found))
    assert text.count("no source was named") == 3
    assert "source not verified: no source was named (all)" in text
    cell = '<td data-head="installed" class="failed">FAILED <small>installed-file-changed</small>'
    assert text.count(cell) == 1
    assert text.index("right@1.0.0") < text.index("left@1.0.0")


@LAW
@given(TEXTS)
def test_every_name_is_text(name: str) -> None:
    report = sample.named(name)
    ours = {tag for tag, _ in tags(sample.named("name"))}
    assert {tag for tag, _ in tags(report)} <= ours | {"output"}
    assert [tag for tag, _ in tags(report)].count("script") == 1
    known = {"class", "data-grade", "data-head", "open", "hidden", "type", "placeholder", "aria-label",
             "checked", "value", "aria-live", "lang", "charset", "http-equiv", "content", "name"}  # fmt: skip
    for _, attributes in tags(report):
        assert attributes.keys() <= known
    text = html.render(report)
    assert commands(text.encode()) == []
    shown = "".join(Page(text).words)
    assert printable(name, 2_000)[:100] in shown


@pytest.mark.client
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium")
def test_a_browser_runs_our_script_and_no_other(tmp_path: Path) -> None:
    """The policy lets ours through, and keeps a second one out; without it the second one can search."""
    second = (
        '<script>field.value="NODE Scope";show();boxes[0].click();'
        'document.title=items.filter(i=>!i[0].hidden).length+" "+told.textContent</script></body>'
    )
    text = html.render(sample.REPORT).replace("</body>", second)
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    for name, page, title in (("kept", text, "fimci: 2 findings"), ("free", free, "1 1 of ")):
        file = tmp_path / f"{name}.html"
        file.write_text(page, encoding="utf-8")
        words = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", file.as_uri()]
        shown = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        assert f"<title>{title}" in shown
        assert '<nav hidden=""' not in shown
