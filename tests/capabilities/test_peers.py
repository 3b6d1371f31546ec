"""What other tools have rules for (`fixtures/peers`): each spelling is told, as gravely as it must be."""

from __future__ import annotations

import re

import pytest

from tools import pages, peers
from tools.peers import Behaviour, Spelling

EVERY = [(one, number) for one in peers.behaviours() for number in range(len(one.spellings))]
TOLD = [(one, number) for one, number in EVERY if number not in one.missed]
MISSED = [(one, number) for one, number in EVERY if number in one.missed]


def named(value: object) -> str:
    return value.name if isinstance(value, Behaviour) else str(value)


@pytest.mark.parametrize(("behaviour", "number"), TOLD, ids=named)
def test_a_behaviour_is_told(behaviour: Behaviour, number: int) -> None:
    assert not peers.problem(behaviour.spellings[number])


@pytest.mark.parametrize(("behaviour", "number"), MISSED, ids=named)
def test_what_is_missed_is_still_missed(behaviour: Behaviour, number: int) -> None:
    assert peers.problem(behaviour.spellings[number]), "it is told now: take it out of `missed`"


def test_nothing_is_told_of_the_harmless_release() -> None:
    """Or what is told of the spellings would be told of anything."""
    for path in ("a.py", "a.js", "setup.py", "postinstall"):
        assert peers.said(
            Spelling(path, "", "told", "pass\n" if path.endswith(".py") else "true;\n")
        ).told <= {"install-script postinstall"}


def test_the_page_is_up_to_date() -> None:
    assert peers.PAGE.read_text(encoding="utf-8") == peers.page(), "run `make docs`"


def test_rules_about_packages_are_there_and_have_a_case_that_speaks() -> None:
    for rule in (rule for row in peers.packages() for rule in row["rules"]):
        cases = sorted((pages.ROOT / "fixtures" / "rules").glob(f"{rule}*.txt"))
        assert any(f": {rule}: " in case.read_text(encoding="utf-8") for case in cases), rule


def test_spellings_are_inert() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(peers.FOLDER.glob("*.toml")))
    hosts = set(re.findall(r"(?:https?|wss?|stratum\+tcp)://(?:\w+@)?([a-z0-9.-]+)", text.lower()))
    unknown = {host for host in hosts if not host.endswith(RESERVED) and not host.startswith(KNOWN)}
    assert not unknown


#: Names that nobody can own (RFC 2606, RFC 5737), and numbers of such.
RESERVED = (".example", ".invalid", "203.0.113.5", "3405803781", "0xcb007105")
#: What is known by its name is named: messengers, pastes, tunnels, pools, those who tell an address.
KNOWN = ("api.github.com", "www.googletagmanager.com", *peers.named_hosts())
