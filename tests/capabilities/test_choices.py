"""Texts of which a value is one: which they are, what is made of them, and how many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fimci.capabilities import choices
from fimci.capabilities.uses import Use, Value

_TEXTS = st.lists(st.text(max_size=5), max_size=6).map(lambda found: tuple(dict.fromkeys(found)))
_VALUES = st.builds(
    lambda text, may: Value(text=text, choices=() if text else may), st.none() | st.text(), _TEXTS
)


@given(st.lists(_VALUES, max_size=6))
def test_they_are_all_that_one_of_the_values_may_be(values: list[Value]) -> None:
    expected = {text for value in values for text in choices.texts(value)}
    assert set(choices.of(values)) == expected


@given(st.lists(_VALUES, min_size=1, max_size=4))
def test_what_is_joined_begins_and_ends_like_its_pieces(values: list[Value]) -> None:
    made = choices.joined(values)
    assert len(made) <= choices.MOST
    first, last = choices.texts(values[0]), choices.texts(values[-1])
    assert all(any(map(one.startswith, first)) and any(map(one.endswith, last)) for one in made)


def test_one_that_is_not_known_makes_all_of_it_unknown() -> None:
    assert choices.joined([Value(text="a"), Value(choices=("b", "c"))]) == ("ab", "ac")
    assert not choices.joined([Value(text="a"), Value(), Value(choices=("b", "c"))])
    assert not choices.joined([Value(text="a"), Value(text="b")])


def test_so_many_are_kept_and_one_more_tells_that_there_were_more() -> None:
    values = [Value(text=str(number)) for number in range(1_000)]
    assert len(choices.of(values)) == choices.MOST + 1
    use = Use("os.system", "call", 1, "", (Value(choices=choices.of(values)),))
    told, cut = choices.spread([use])
    assert (len(told), cut) == (choices.MOST + 1, choices.CUT)


def test_a_use_is_told_with_each_text_of_each_argument() -> None:
    both = Value(items=(Value(text="-c"), Value(choices=("a", "b"))))
    use = Use("subprocess.run", "call", 1, "", (both,), {"cwd": Value(choices=("c", "d"))})
    told, cut = choices.spread([use])
    assert not cut
    assert told[0] is use
    assert [one.arguments[0].items[1].text for one in told] == [None, "a", "b", None, None]
    assert [one.keywords["cwd"].text for one in told] == [None, None, None, "c", "d"]


def test_what_is_judged_of_one_file_is_bounded() -> None:
    may = tuple(map(str, range(choices.MOST)))
    uses = [Use("os.system", "call", line, "", (Value(choices=may),)) for line in range(1, 1_000)]
    told, cut = choices.spread(uses)
    assert cut == choices.CUT
    assert [one for one in told if one.arguments[0].text is None] == uses
    assert len(told) < len(uses) + 20_000


def test_a_text_that_is_too_long_hides_none_behind_it_and_is_told() -> None:
    values = [Value(text="x" * 2_000_000), Value(text="a")]
    found = choices.of(values)
    assert found[0] == "a"
    use = Use("os.system", "call", 1, "", (Value(choices=found),))
    assert choices.spread([use])[1] == choices.CUT
