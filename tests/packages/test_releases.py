from __future__ import annotations

from fimci.compare import compare
from fimci.model import UNSTATED
from fimci.packages.releases import altered, copied, present
from tests.rules.stated import npm, wanted


def test_the_right_side_is_what_changed_and_what_did_not() -> None:
    left = [npm("gone"), npm("stays"), npm("updated")]
    right = [npm("new"), npm("stays"), npm("updated", "2.0.0")]
    found = present(list(compare(left, right)), left)
    assert sorted((package.name, package.version) for package in found) == [
        ("new", "1.0.0"), ("stays", "1.0.0"), ("updated", "2.0.0"),
    ]  # fmt: skip


def test_what_neither_side_states_is_no_change() -> None:
    same = npm("left", install_scripts=UNSTATED)
    assert len(list(compare([same], [same]))) == 1
    assert list(altered(compare([same], [same]))) == []
    assert len(list(altered(compare([same], [npm("left", install_scripts=True)])))) == 1


def test_the_copy_of_a_manifest_is_known_by_its_place() -> None:
    assert copied(wanted("a", path="package-lock.json", place="package-lock.json#requires/dependencies/a"))
    assert copied(wanted("a", path="package-lock.json", place="package-lock.json#ui#requires/dependencies/a"))
    assert not copied(wanted("a", path="odd#requires/package.json"))
