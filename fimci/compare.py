"""Subtract one snapshot from another. There is no second comparison anywhere.

Both sides are sorted by key, so the subtraction is a merge that holds one record of each.
Laws (tests/test_laws.py): nothing differs from itself; swapping the sides swaps the signs;
applying the changes to the left gives the right; silence means *stated* equality.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import msgspec

from fimci.model import UNSTATED, Change, Digest, File, Record

Key: TypeAlias = tuple[str, ...]


def compare(left: Iterable[Record], right: Iterable[Record]) -> Iterator[Change]:
    """Yield what differs between two sequences of records, each sorted by key."""
    olds, news = iter(left), iter(right)
    old, new = next(olds, None), next(news, None)
    old_key, new_key = _key(old), _key(new)
    while old is not None or new is not None:
        if new is None or (old is not None and old_key < new_key):
            yield Change(before=old, after=None)
            old, old_key = _advance(olds, old_key)
        elif old is None or new_key < old_key:
            yield Change(before=None, after=new)
            new, new_key = _advance(news, new_key)
        else:
            change = difference(old, new)
            if change is not None:
                yield change
            # A check gives the very records of its baseline for what is as it was: no keys needed.
            last = old_key
            old, new = next(olds, None), next(news, None)
            while old is new and old is not None:
                if UNSTATED in msgspec.structs.astuple(old):
                    change = difference(old, old)
                    if change is not None:
                        yield change
                old, new = next(olds, None), next(news, None)
            old_key, new_key = _key(old, last), _key(new, last)


def difference(before: Record, after: Record) -> Change | None:
    """Compare two records of one key, fact by fact. `None`: stated and equal throughout.

    The attributes of a file are facts like its fields, each under its own name.
    """
    values = msgspec.structs.astuple(before)
    if before == after and UNSTATED not in values:
        return None
    names = before.__struct_fields__
    differs: list[str] = []
    unstated: list[str] = []
    for name, one, other in zip(names, values, msgspec.structs.astuple(after), strict=True):
        if one is UNSTATED or other is UNSTATED or _incomparable(one, other):
            unstated.append(name)
        elif one != other:
            differs.append(name)
    if isinstance(before, File) and isinstance(after, File):
        _tell_apart(before, after, differs, unstated)
    if not differs and not unstated:
        return None
    return Change(before=before, after=after, differs=tuple(differs), unstated=tuple(unstated))


def _tell_apart(before: File, after: File, differs: list[str], unstated: list[str]) -> None:
    """Put the single attributes for `attributes`, and what only one side's profile asked for aside."""
    if before.kind == after.kind:
        for name in ("size", "mode", "digest"):
            if name in differs and (getattr(before, name) is None or getattr(after, name) is None):
                differs.remove(name)
                unstated.append(name)
    if "attributes" in differs:
        differs.remove("attributes")
        old, new = dict(before.attributes), dict(after.attributes)
        for name in sorted(old | new):
            if name not in old or name not in new:
                unstated.append(name)
            elif old[name] != new[name]:
                differs.append(name)


def _advance(records: Iterator[Record], last: Key) -> tuple[Record | None, Key]:
    record = next(records, None)
    return record, _key(record, last)


def _key(record: Record | None, last: Key = ()) -> Key:
    """Return the key of a record, which must come after the last one."""
    if record is None:
        return ()
    key = record.key
    if key <= last:
        message = f"records are not sorted, or one occurs twice: {key!r} after {last!r}"
        raise ValueError(message)
    return key


def _incomparable(one: Any, other: Any) -> bool:
    """Tell whether two stated hashes say nothing about each other: no algorithm in common."""
    if isinstance(one, Digest) and isinstance(other, Digest):
        return one.algorithm != other.algorithm
    if isinstance(one, tuple) and isinstance(other, tuple) and one and other and isinstance(one[0], Digest):
        return not {digest.algorithm for digest in one} & {digest.algorithm for digest in other}
    return False
