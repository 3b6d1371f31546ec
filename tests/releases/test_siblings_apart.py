"""When the files of a release are worth a closer look, and what is told of them only once."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from fimci.model import Digest
from fimci.policy import Policy
from fimci.releases import completed, siblings
from fimci.releases.siblings import Pair
from fimci.sources.locator import Locator
from tests.reports import sample

_ONE, _TWO = Digest("sha256", "1" * 64), Digest("sha256", "2" * 64)


@pytest.mark.parametrize(("compiled", "apart"), [(True, False), (False, True)])
def test_what_a_build_writes_counts_only_where_nothing_is_compiled(compiled: bool, apart: bool) -> None:  # noqa: FBT001  (a case)
    own = {"left/__init__.py": _ONE, "left/made.c": _TWO}
    other = {"src/left/__init__.py": _ONE}
    assert siblings._apart(own, other, sources=True, compiled=compiled) is apart


def test_modules_that_the_sources_lack_count_in_any_case() -> None:
    assert siblings._apart({"left/a.py": _ONE}, {"left/a.py": _TWO}, sources=True, compiled=True)


def test_what_the_report_says_already_is_not_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    report = sample.REPORT
    told = report.findings[0]
    new = msgspec.structs.replace(told, fingerprint="0" * 20)
    pairs = [Pair("left-1-py3-none-any.whl", "left-1.tar.gz", one) for one in (told, new)]
    monkeypatch.setattr(completed, "_held", lambda *_: ([_Named], 0, []))
    monkeypatch.setattr(completed, "_differences", lambda _: pairs)
    where = Locator("pkg", "pypi/left@1")
    found = completed.completed(report, None, where, Policy(), dt.date(2026, 1, 1))  # type: ignore[arg-type]  # not asked
    assert len(found.findings) == len(report.findings) + 1


class _Named:
    name = "left-1-py3-none-any.whl"
