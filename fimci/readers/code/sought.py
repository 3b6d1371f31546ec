"""Many words sought in bytes at once.

To seek each by itself means to read a text as often as there are words. Those that begin with one letter are
sought together instead, by a pattern that begins with that letter: `re` skips to it as fast as `bytes.find`
does, and reads on only there. (One pattern of all words would be tried at every letter, which is slower than
either.)
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

#: Of a word that stands everywhere, so many places are looked at.
MOST_HITS = 250_000
#: Places of one word that are looked at before those of the next.
_AT_ONCE = 400

Place = TypeVar("Place")


class Sought(NamedTuple):
    """Words as they were given, and by their first letter: one alone as it is, several together as a pattern.

    `within` are the words that others begin with: where `globalThis` stands, `global` does.
    """

    words: tuple[bytes, ...]
    alone: tuple[bytes, ...]
    together: tuple[re.Pattern[bytes], ...]
    within: dict[bytes, tuple[bytes, ...]]


def sought(words: Iterable[bytes]) -> Sought:
    """Prepare to seek these words."""
    by_letter: dict[bytes, list[bytes]] = {}
    given = tuple(dict.fromkeys(words))
    for word in sorted(given, key=lambda word: (-len(word), word)):
        by_letter.setdefault(word[:1], []).append(word)
    within = {
        word: tuple(other for other in group if word != other and word.startswith(other))
        for group in by_letter.values()
        for word in group
    }
    return Sought(
        given,
        tuple(group[0] for group in by_letter.values() if not group[1:]),
        tuple(_pattern(letter, group) for letter, group in by_letter.items() if group[1:]),
        {word: others for word, others in within.items() if others},
    )


def _pattern(letter: bytes, group: list[bytes]) -> re.Pattern[bytes]:
    """Take the first letter and look at the rest, longer words first, so that words may overlap."""
    rest = b"|".join(re.escape(word[1:]) for word in group)
    return re.compile(b"%b(?=(%b))" % (re.escape(letter), rest))


def places(data: bytes, words: Sought) -> Iterator[tuple[bytes, int]]:
    """Yield each word that occurs and where, in the order of the text for each word, as it is found."""
    for word in words.alone:
        at, count = data.find(word), 0
        while at >= 0 and count < MOST_HITS:
            yield word, at
            at, count = data.find(word, at + len(word)), count + 1
    for pattern in words.together:
        for found in pattern.finditer(data):
            word, at = found[0] + found[1], found.start()
            yield word, at
            for inner in words.within.get(word, ()):
                yield inner, at


def in_order(data: bytes, words: Sought) -> Iterator[tuple[bytes, list[int]]]:
    """Yield all places of each word that occurs, in the order in which the words were given."""
    found: dict[bytes, list[int]] = {}
    for word, at in places(data, words):
        held = found.setdefault(word, [])
        if len(held) < MOST_HITS:
            held.append(at)
    return ((word, found[word]) for word in words.words if word in found)


def in_turn(groups: Iterable[Iterator[Place]]) -> Iterator[Place]:
    """Yield some of each group, then some more of each that has more, until none has any."""
    waiting = deque(groups)
    while waiting:
        group = waiting.popleft()
        some = list(itertools.islice(group, _AT_ONCE))
        yield from some
        if len(some) == _AT_ONCE:
            waiting.append(group)


def any_of(data: bytes, words: Sought) -> bool:
    """Tell whether one of the words occurs."""
    return any(word in data for word in words.alone) or any(
        pattern.search(data) is not None for pattern in words.together
    )
