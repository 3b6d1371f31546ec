"""What a change gained: new to the package, in that phase, and not merely somewhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.capabilities import gains as module
from fimci.capabilities.gains import PHASES, Gain, bump, gains, subject_class, surprise
from fimci.capabilities.grading import chain_grade, eased, grade
from fimci.compare import compare
from fimci.findings import Severity
from fimci.model import Capability, CapabilityName, Package, Phase, Place, Record

PURL = "pkg:npm/left"
NAMES: frozenset[CapabilityName] = frozenset(("network", "process", "exfiltration", "module-tampering"))


def can(
    path: str,
    name: CapabilityName = "network",
    subject: str = "*",
    phase: Phase = "import",
    package: str | None = PURL,
) -> Capability:
    return Capability(path=path, name=name, subject=subject, phase=phase, package=package, at=Place(path))


def release(version: str) -> Package:
    return Package(
        ecosystem="npm",
        name="left",
        place="#package.json",
        stated_by="artifact",
        version=version,
        at=Place("package.json"),
    )


def found(before: list[Record], after: list[Record]) -> list[Gain]:
    before, after = sorted(before, key=lambda r: r.key), sorted(after, key=lambda r: r.key)
    return gains(list(compare(before, after)), before, NAMES)


def test_what_was_anywhere_in_the_package_is_not_gained() -> None:
    assert not found([can("a.js")], [can("b.js"), can("c.js")])
    (gain,) = found([can("a.js")], [can("a.js"), can("a.js", "process")])
    assert (gain.now.name, gain.first) == ("process", True)


def test_an_earlier_phase_is_a_gain_and_a_later_one_is_none() -> None:
    (gain,) = found([can("a.js", phase="call")], [can("a.js", phase="install")])
    assert gain.phase == "install"
    assert not found([can("a.js", phase="install")], [can("b.js", phase="call")])


def test_another_subject_is_a_gain_that_is_not_the_first() -> None:
    (gain,) = found([can("a.js", subject="a.example")], [can("a.js", subject="b.example")])
    assert not gain.first


def test_another_package_has_what_it_has_for_itself() -> None:
    (gain,) = found(
        [can("a.js", package="pkg:npm/right")], [can("a.js"), can("a.js", package="pkg:npm/right")]
    )
    assert gain.now.package == PURL


def test_a_package_that_could_do_nothing_was_there_all_the_same() -> None:
    (gain,) = found([release("1.0.0")], [release("1.0.1"), can("a.js")])
    assert gain.known
    assert gain.bump == "patch"
    (gain,) = found([], [release("1.0.1"), can("a.js")])
    assert not gain.known


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("1.0.0", "1.0.1", "patch"),
        ("1.0", "1.0.1", "patch"),
        ("1.9.9", "1.10.0", "minor"),
        ("1.9.9", "2.0.0", "major"),
        ("2.0.0", "1.0.0", "other"),
        ("1.0.0", "1.0.0", "other"),
        ("2024a", "2024b", "other"),
        ("", "1", "other"),
    ],
)
def test_kinds_of_updates(was: str, now: str, kind: str) -> None:
    assert bump(was, now) == kind


#: All that there can be, small enough that hypothesis draws it quickly.
_ALL = [
    can(path, name, subject, phase)
    for path in ("a.js", "b.js", "c.js")
    for name in sorted(NAMES)
    for subject in ("*", "a.example")
    for phase in PHASES
]
_CANS = st.lists(st.sampled_from(_ALL), max_size=8, unique_by=lambda one: one.key)


@given(_CANS, st.permutations(["a.js", "b.js", "c.js"]))
def test_moving_files_gains_nothing(before: list[Capability], names: list[str]) -> None:
    moved = dict(zip(["a.js", "b.js", "c.js"], names, strict=True))
    after = [can(moved[c.path], c.name, c.subject, c.phase) for c in before]
    assert not found([*before], [*after])


@given(_CANS, _CANS)
def test_what_is_gained_is_there_now_and_was_not_before(
    before: list[Capability], after: list[Capability]
) -> None:
    for gain in found([*before], [*after]):
        assert gain.now in after
        rank = PHASES.index(gain.phase)
        old = [c for c in before if (c.name, c.subject) == (gain.now.name, gain.now.subject)]
        assert all(PHASES.index(c.phase) > rank for c in old)


def _gain(now: Capability, kind: module.Bump = "patch", *, first: bool = True) -> Gain:
    (change,) = compare([], [now])
    return Gain(change, now, first, known=True, bump=kind)


def test_installation_weighs_most_and_calls_least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_rates", lambda: ({}, {}))
    for name in ("network", "process", "shell", "credentials"):
        grades = [grade(_gain(can("a.js", name, phase=phase))) or Severity.INFO for phase in PHASES]
        assert grades == sorted(grades, reverse=True)
        assert grades[0] == Severity.HIGH
    assert chain_grade(_gain(can("a.js", "exfiltration", "secret -> *", "install"))) == Severity.CRITICAL


def test_what_real_updates_gain_often_weighs_less(monkeypatch: pytest.MonkeyPatch) -> None:
    gain = _gain(can("a.js", "process"))
    key = f"npm process {subject_class(gain.now)} import patch"
    for gained, expected in ((0, Severity.HIGH), (30, Severity.MEDIUM), (100, Severity.LOW)):
        monkeypatch.setattr(module, "_rates", lambda gained=gained: ({key: gained}, {"npm patch": 1000}))
        assert surprise(gain).updates == 1000
        assert eased(Severity.HIGH, gain) == expected


def test_people_know_what_they_write_themselves() -> None:
    assert grade(_gain(can("a.js", "process", package=None))) is None
    assert grade(_gain(can("a.js", "network", "left.example", package=None))) is None
    assert grade(_gain(can("a.js", "network", "webhook.site", package=None))) == Severity.HIGH
    assert grade(_gain(can("a.js", "credentials", ".npmrc", package=None))) == Severity.HIGH
