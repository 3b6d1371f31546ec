"""What a function is called with by whom it is handed to: a thread, a pool, a scheduler, `map`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fimci.capabilities import choices
from fimci.capabilities.uses import Value

#: By their last names: what calls it with each item, what is given all arguments as one list, and with the
#: items of each item.
_EACH = frozenset(("map", "filter", "imap", "imap_unordered", "map_async", "filterfalse", "takewhile"))
_LISTED = frozenset(
    (
        *("Timer", "Thread", "Process", "apply", "apply_async", "start_new_thread", "enter", "enterabs"),
        *("spawn_later", "Greenlet"),
    )
)
_STARRED = frozenset(("starmap", "starmap_async"))
#: Names under which all arguments are given as a list, and named ones as a table.
_LISTS, _TABLES = ("args", "argument"), ("kwargs", "kwds")


class Given(NamedTuple):
    """What a function is called with."""

    arguments: tuple[Value, ...]
    keywords: Mapping[str, Value]


def given(call: str, after: Sequence[Value], named: Mapping[str, Value]) -> Given:
    """Return what `call(function, *after, **named)` calls the function with."""
    name = call.rpartition(".")[2]
    arguments = tuple(after)
    keywords: dict[str, Value] = {}
    listed = next((named[key] for key in _LISTS if key in named), None)
    if name in _EACH:
        arguments = tuple(choices.held(value) if value.items else value for value in after)
    elif name in _STARRED and after:
        arguments = choices.held(after[0]).items
    elif listed is not None:
        arguments = listed.items
    elif name in _LISTED:
        place = 0 if not after or after[0].items else 1  # behind `group` of an old thread, or a name
        arguments = after[place].items if place < len(after) else ()
        keywords.update(after[place + 1].fields if place + 1 < len(after) else ())
    else:
        keywords.update(named)
    for key in _TABLES:
        keywords.update(named[key].fields if key in named else ())
    return Given(arguments, keywords)
