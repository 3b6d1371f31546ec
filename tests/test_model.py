from __future__ import annotations

import pytest

from fimci.compare import compare
from fimci.model import Change, Digest, Place
from tests.rules.stated import file, npm


def test_every_place_equals_every_other() -> None:
    one, other = Place("a", 1), Place("b", 2, "text")
    assert one == other
    assert not one != other  # noqa: SIM202  (`!=` is what is tested)
    assert len({one, other}) == 1
    assert one != "a"


def test_a_part_without_a_line_has_that_of_the_whole() -> None:
    place = Place("a", 7, parts=(("integrity", 9),))
    assert (place.part("version", "integrity"), place.part("version"), place.part()) == (9, 7, 7)


def test_a_change_without_a_side_is_none() -> None:
    with pytest.raises(ValueError, match="at least one side"):
        _ = Change(before=None, after=None).record


@pytest.mark.parametrize("names", ["ba", "aa"])
def test_records_out_of_order_are_refused(names: str) -> None:
    with pytest.raises(ValueError, match="not sorted"):
        list(compare([], [file(name) for name in names]))


def test_hashes_without_an_algorithm_in_common_say_nothing_about_each_other() -> None:
    old, new = (npm("left", integrity=(Digest(name, "00"),)) for name in ("sha1", "sha512"))
    (change,) = compare([old], [new])
    assert (change.differs, change.real) == ((), False)
    assert "integrity" in change.unstated
