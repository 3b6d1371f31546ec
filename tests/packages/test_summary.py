"""What a change does to packages, summed up by file."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fimci.compare import compare
from fimci.findings import PackageChange
from fimci.model import Record
from fimci.packages.summary import SHOWN, package_changes, sentences
from tests.rules.stated import TWO, npm, pypi, wanted


def changed(before: Sequence[Record], after: Sequence[Record], *unread: str) -> tuple[PackageChange, ...]:
    left, right = (sorted(side, key=lambda record: record.key) for side in (before, after))
    return package_changes(list(compare(left, right)), left, right, frozenset(unread))


def told(before: Sequence[Record], after: Sequence[Record]) -> list[str]:
    return list(sentences(changed(before, after)))


def test_a_file_is_one_sentence() -> None:
    before = [npm("a"), npm("b"), npm("gone"), npm("same"), pypi("z")]
    after = [
        npm("a", "1.0.1"),
        npm("b", "2.0.0"),
        npm("new"),
        npm("same", integrity=(TWO,)),
        pypi("z", "2.0"),
    ]
    assert told(before, after) == [
        "package-lock.json: 2 packages updated, 1 added, 1 removed, 1 changed otherwise",
        "uv.lock: 1 package updated",
    ]


def test_entries_of_one_name_count_once() -> None:
    nested = {"place": "package-lock.json#node_modules/b/node_modules/a"}
    before = [npm("a"), npm("a", "2.0.0", **nested)]
    (found,) = changed(before, [npm("a", "3.0.0"), npm("a", "2.0.0", **nested)])
    assert (found.verb, found.before, found.after) == ("updated", ("1.0.0", "2.0.0"), ("2.0.0", "3.0.0"))


def test_an_entry_that_only_moves_is_nothing() -> None:
    assert changed([npm("a")], [npm("a", place="package-lock.json#node_modules/b/node_modules/a")]) == ()


def test_a_copy_of_the_manifest_is_left_out() -> None:
    copies = {"path": "package-lock.json", "place": "package-lock.json#requires/dependencies/a"}
    assert changed([wanted("a", "^1.0.0", **copies)], [wanted("a", "^2.0.0", **copies)]) == ()


def test_requirements_are_called_so_and_make_a_package_direct() -> None:
    before = [wanted("a", "^1.0.0"), npm("a"), npm("b")]
    after = [wanted("a", "^2.0.0"), npm("a", "2.0.0"), npm("b", "2.0.0")]
    assert told(before, after) == [
        "package-lock.json: 2 packages updated",
        "package.json: 1 requirement updated",
    ]
    assert [found.direct for found in changed(before, after)] == [True, False, True]


def test_what_cannot_be_read_has_neither_come_nor_gone() -> None:
    assert changed([npm("a"), npm("b")], [], "package-lock.json") == ()


def test_what_is_installed_is_of_no_file() -> None:
    def installed(version: str) -> list[Record]:
        found = npm("a", version, path="node_modules/a/package.json")
        return [msgspec.structs.replace(found, stated_by="disk")]

    assert told(installed("1.0.0"), installed("1.0.1")) == ["installed: 1 package updated"]


def test_many_files_are_added_up() -> None:
    paths = [f"{number}/package-lock.json" for number in range(SHOWN + 2)]
    said = told([npm("a", path=path) for path in paths], [npm("a", "2.0.0", path=path) for path in paths])
    assert len(said) == SHOWN + 1
    assert said[-1] == "2 more files: 2 packages updated"
