"""Words sought together are found where each is by itself, and an index of words tells what reading does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fimci.capabilities import obfuscation
from fimci.readers.code import sought
from fimci.readers.code.javascript_syntax import parsing, scopes

_WORDS = st.lists(st.text("ab.", min_size=1, max_size=4).map(str.encode), max_size=6)


@given(_WORDS, st.text("ab. ", max_size=40).map(str.encode))
def test_each_word_is_found_wherever_it_begins(words: list[bytes], data: bytes) -> None:
    found = dict(sought.in_order(data, sought.sought(words)))
    assert list(found) == [word for word in dict.fromkeys(words) if word in data]
    for word, places in found.items():
        every = [at for at in range(len(data)) if data.startswith(word, at)]
        assert set(places) <= set(every)
        assert places == sorted(places)
        assert [at for at in every if not any(place < at < place + len(word) for place in places)] == [
            at for at in places if not any(place < at < place + len(word) for place in places)
        ]
    assert sought.any_of(data, sought.sought(words)) == any(word in data for word in words)


def test_an_index_tells_what_reading_does() -> None:
    lines = "run(a.run, é_run, ...run); b.run(1); $run = run;\n".encode() * 2_000
    parsed = parsing.parse(lines, "a.js")
    assert parsed is not None
    read, indexed = scopes.scopes(*parsed), scopes.scopes(*parsed)
    indexed.read[0] = 1 << 40
    for name in (b"run", b"a.run", b"$run", "é_run".encode(), b"a", b"none"):
        assert indexed.places(name, scopes.TOP) == read.places(name, scopes.TOP)
    for text in (b".run(", b".run", b"(1)"):
        assert list(indexed.written(text)) == list(read.written(text))
    assert indexed.indexed
    assert not read.indexed


def test_names_of_lookalike_letters_are_told_from_other_words() -> None:
    names = b" ".join(b"lIlIlIl%bI1" % (b"I" * number) for number in range(1, 12))
    assert [fact.subject for fact in obfuscation.marks(names)] == ["look-alike names"]
    assert not list(obfuscation.marks(names.replace(b" l", b" xl").replace(b"lI", b"xlI", 1)))


def test_a_loop_that_rotates_is_one_of_an_obfuscator_only_beside_its_names() -> None:
    loop = b"while (!![]) { queue.push(queue.shift()); }\nconst name = 'log_0x1f';\n"
    assert not list(obfuscation.marks(loop))
    rotated = b"const _0x1f2a = _0x2b3c, _0x3c4d = _0x1f2a();\n" + loop
    assert [fact.subject for fact in obfuscation.marks(rotated)] == ["string array"]
