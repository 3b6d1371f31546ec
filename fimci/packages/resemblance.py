"""Which known name another name could be mistaken for.

The ways are those of impostors that were found in registries: a letter added, dropped, replaced or
swapped with its neighbour (`crossenv`, `colourama`), letters and digits that look alike (`jeIlyfish`),
separators, the order of parts, a `python-`, `node-` or `-js` more or less, and npm scopes that spell
another one. Names shorter than five letters have too many neighbours to say anything.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from fimci.lookalikes import imitated
from fimci.packages.popular import popular

#: Known names by a form in which a name and its impostor are the same.
Forms: TypeAlias = dict[str, list[str]]

#: Letters that a name must have for one more or less to be a mistake.
SHORTEST = 5
#: The longest name that registries allow (npm).
_LONGEST = 214
#: Of what a name begins or ends with, this says nothing about whose it is.
_AFFIXES = frozenset({"js", "node", "nodejs", "py", "py3", "python", "python3"})
_SEPARATORS = re.compile(r"[-._]+")
#: Letters and digits that are read as one another in common fonts.
_DRAWN_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "3": "e", "4": "a"})
_SAME_PARTS = "has the same parts as"
_PAIRS_ALIKE = (("rn", "m"), ("vv", "w"), ("cl", "d"))


class Likeness(NamedTuple):
    """A known name, and what another one has in common with it: `is one letter away from`."""

    name: str
    how: str


class Names(NamedTuple):
    """Known names, by each of the forms that impostors share with them."""

    whole: frozenset[str]
    drawn: Forms
    joined: Forms
    parts: Forms
    shorter: Forms
    #: Scopes of npm, by themselves; the names in them are whole only.
    scopes: frozenset[str]
    #: Vendors, groups and owners: what other ecosystems write before a name.
    owners: frozenset[str]


def index(names: Iterable[str]) -> Names:
    """Index known names: 40 ms for 3,000 of them."""
    found = Names(frozenset(names), {}, {}, {}, {}, frozenset(), frozenset())
    found = found._replace(
        scopes=frozenset(filter(None, map(scope, found.whole))),
        owners=frozenset(filter(None, map(owner, found.whole))),
    )
    for name in sorted(found.whole):
        _put(found.joined, joined(name), name)
        _put(found.parts, "" if scope(name) else _parts(name), name)
    for name in sorted(found.scopes | {name for name in found.whole if not scope(name)}):
        _put(found.drawn, drawn(name), name)
        if len(name) >= SHORTEST:
            for shorter in {name.lower(), *_without_one(name.lower())}:
                _put(found.shorter, shorter, name)
    return found


@functools.cache
def famous(ecosystem: str) -> Names:
    """Index the popular names of an ecosystem that are worth imitating, once somebody asks."""
    return index(popular(ecosystem).imitated)


def resembles(name: str, known: Names, *, parts: bool = True) -> Likeness | None:
    """Return the known name that a new one could be mistaken for, `None` where there is none.

    `parts`: also one with the same parts. Not between the packages of one project, which come in
    families (`qunit`, `node-qunit`).
    """
    # Who owns a namespace owns all names in it.
    if name in known.whole or len(name) > _LONGEST or owner(name) in known.owners:
        return None
    found = _scoped(name, known) if scope(name) else _plain(name, known)
    return next((likeness for likeness in found if parts or likeness.how != _SAME_PARTS), None)


def scope(name: str) -> str:
    """Return `@scope` of a name of npm, nothing where it has none."""
    return name.partition("/")[0] if name.startswith("@") and "/" in name else ""


def owner(name: str) -> str:
    """Return what stands before the last part of `symfony/console`, `org.example/left`, `example.org/x/text`.

    Nothing where anybody may put a name: gopkg.in, which stands for all of a code host, and URLs (deno),
    whose host may serve everybody's modules.
    """
    found = "" if name.startswith("@") or "://" in name else name.rpartition("/")[0]
    return "" if found == "gopkg.in" else found


def joined(name: str) -> str:
    """Return a name without what separates its parts."""
    return re.sub(r"[-._@/]+", "", name.lower())


def drawn(name: str) -> str:
    """Return a form that is the same for names that look the same."""
    text = (imitated(name) or name).lower()
    for pair, letter in _PAIRS_ALIKE:
        text = text.replace(pair, letter)
    return text.translate(_DRAWN_ALIKE)


def one_edit(one: str, other: str) -> bool:
    """Tell whether a letter more, less or different, or two neighbours swapped, are all that differs.

    A digit in place of a digit is another version or platform (`x32`, `x64`), and no mistake.
    """
    if len(one) > len(other):
        one, other = other, one
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    rest, longer = one[start:], other[start:]
    if len(one) != len(other):
        return rest == longer[1:]
    if rest[1:] == longer[1:]:
        return bool(rest) and not (rest[0].isdigit() and longer[0].isdigit())
    return rest[:2] == longer[1::-1] and rest[2:] == longer[2:]


def _plain(name: str, known: Names) -> Iterator[Likeness]:
    for one in _same(known.drawn, drawn(name), "looks like"):
        if len(one.name) >= SHORTEST or len(one.name) == len(name):  # `cliff` is a word, and no `diff`
            yield one
    for other in known.joined.get(joined(name), ()):
        # Many packages moved to a scope (`babel-core`); those of `@types` were never elsewhere.
        if scope(other) in {"", "@types"}:
            yield Likeness(other, "is, but for separators,")
    for other in _neighbours(name, known):
        if not other.startswith("@"):
            yield Likeness(other, "is one letter away from")
    yield from _same(known.parts, _parts(name), _SAME_PARTS)


def _scoped(name: str, known: Names) -> Iterator[Likeness]:
    """Yield what a name imitates whose scope is no known one: who owns a scope owns its names."""
    mine = scope(name)
    if mine in known.scopes:
        return
    base = name[len(mine) :]
    for other in (*known.drawn.get(drawn(mine), ()), *_neighbours(mine, known)):
        if other + base in known.whole:
            yield Likeness(other + base, "has a scope that looks like that of")
    for other in known.joined.get(joined(mine), ()):
        if scope(other):
            yield Likeness(other, "has a scope that spells")


def _neighbours(name: str, known: Names) -> Iterator[str]:
    lower = name.lower()
    if len(lower) < SHORTEST:
        return
    seen = set[str]()
    for shorter in (lower, *_without_one(lower)):
        for other in known.shorter.get(shorter, ()):
            if other not in seen and one_edit(lower, other.lower()):
                yield other
            seen.add(other)


def _same(forms: Forms, form: str, how: str) -> Iterator[Likeness]:
    yield from (Likeness(other, how) for other in forms.get(form, ()) if form)


def _parts(name: str) -> str:
    """Return the parts of a name in order of the alphabet, without those that say nothing."""
    parts = sorted(part for part in _SEPARATORS.split(name.lower()) if part not in _AFFIXES)
    return "-".join(parts) if len("".join(parts)) >= SHORTEST - 1 else ""


def _without_one(name: str) -> Iterator[str]:
    return (name[:at] + name[at + 1 :] for at in range(len(name)))


def _put(forms: Forms, form: str, name: str) -> None:
    if form:
        forms.setdefault(form, []).append(name)
