from __future__ import annotations

from fimci.compare import compare
from fimci.findings import EVIDENCE_LIMIT, Finding, Severity, finding, fingerprint, grouped
from fimci.model import Change
from tests.rules.stated import file, npm


def about(*changes: Change, part: str = "") -> Finding:
    return grouped(changes, rule="r", severity=Severity.LOW, message="m", part=part)


def test_a_finding_about_many_stands_at_the_first_and_binds_to_each_of_them() -> None:
    one, other = compare([], [npm("a"), npm("b")])
    both = about(one, other, part="origin")
    assert (both.path, both.line, both.package) == ("package-lock.json", 3, "pkg:npm/a@1.0.0")
    assert [place.text for place in both.evidence] == ["a 1.0.0", "b 1.0.0"]
    assert fingerprint(both) != fingerprint(about(one))
    assert fingerprint(both) != fingerprint(about(one, *compare([], [npm("b", "2.0.0")])))


def test_the_order_of_many_is_no_part_of_the_fingerprint() -> None:
    first, *rest = compare([], [npm("a"), npm("b"), npm("c")])
    assert fingerprint(about(first, *rest)) == fingerprint(about(first, *reversed(rest)))


def test_one_change_is_the_smallest_group() -> None:
    (change,) = compare([npm("a")], [npm("a", "2.0.0")])
    assert finding(change, rule="r", severity=Severity.LOW, message="m") == about(change)


def test_evidence_is_what_can_be_shown_and_not_all_of_it() -> None:
    assert about(*compare([], [file("a.js")])).evidence == ()
    many = compare([], [npm(f"p{number:02}") for number in range(50)])
    assert len(about(*many).evidence) == EVIDENCE_LIMIT
