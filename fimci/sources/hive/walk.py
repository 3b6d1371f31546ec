"""The registry as records: each key a file whose digest is that of its values, each value a setting.

A key's path is that from the root of the hive, its parts separated by `/`; where a name holds one, or a per
cent sign, that stands as `%2F` and `%25`. What cannot be followed is unread, and all else is read on.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from fimci.errors import SourceError
from fimci.model import Digest, File, Place, Setting, Unread
from fimci.sources.hive import live, regf, values
from fimci.sources.hive.regf import Broken, Hive, Key, Value

#: Keys that deep, so many of them, and so many bytes are a hive at most.
_DEEPEST, _MOST_KEYS, _LARGEST = live.DEEPEST, live.MOST_KEYS, 2 << 30
_EVIDENCE = 200

#: What a key says.
Said: TypeAlias = File | Setting | Unread


def records(path: str) -> Iterator[Said]:
    """Yield what is in a hive or, of `HKLM/…`, in the registry of this machine. Raises `SourceError`."""
    if live.is_key(path) and not os.path.exists(path):
        for name, found in live.walk(path):
            yield from _of_key(name, found)
        return
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}", "name a hive, like SOFTWARE") from None
    if len(data) > _LARGEST:
        raise SourceError(f"{path} is larger than {_LARGEST:,} bytes", "name a hive")
    try:
        hive, faults = regf.opened(data)
    except Broken as fault:
        raise SourceError(f"{path} {fault}", "name a hive, like SOFTWARE or NTUSER.DAT") from None
    yield from (Unread(path="", part=f"hive {number}", why=why) for number, why in enumerate(faults))
    yield from _walked(hive)


def _walked(hive: Hive) -> Iterator[Said]:
    pending = [("", hive.root, 0)]
    met: set[int] = set()
    while pending:
        above, offset, depth = pending.pop()
        if offset in met or depth > _DEEPEST or len(met) > _MOST_KEYS:
            why = "leads to a key that was met already, or to more than a hive may hold"
            yield Unread(path=above, part=f"key at {offset:#x}", why=why)
            continue
        met.add(offset)
        try:
            key = regf.key(hive, offset)
        except Broken as fault:
            yield Unread(path=above, part=f"key at {offset:#x}", why=f"{fault}")
            continue
        path = f"{above}/{_part(key.name)}".lstrip("/") if depth else ""
        yield from _of_key(path, _values(hive, key))
        below: list[int] = []
        try:
            below.extend(regf.subkeys(hive, key))
        except Broken as fault:
            yield Unread(path=path, part="members", why=f"{fault}")
        pending += [(path, one, depth + 1) for one in below]


def _values(hive: Hive, key: Key) -> Iterator[Value | Broken]:
    try:
        yield from regf.values(hive, key)
    except Broken as fault:
        yield fault


def _of_key(path: str, found: Iterable[Value | Broken]) -> Iterator[Said]:
    """Yield a key and its values. The digest binds names, types and bytes, in the order of the names."""
    listed: list[Value] = []
    faults = 0
    for one in found:
        if isinstance(one, Value):
            listed.append(one)
        else:
            faults += 1
            yield Unread(path=path, part=f"value {faults}", why=str(one))
    state = hashlib.sha256()
    for value in sorted(listed):
        name = value.name.encode("utf-8", "backslashreplace")
        state.update(
            struct.pack("<III", len(name), value.type & 0xFFFFFFFF, len(value.data)) + name + value.data
        )
        yield from _setting(path, value)
    if not path:
        return  # the root has no name under which it could be told
    size = sum(len(value.data) for value in listed)
    if not listed:
        yield File(path=path, kind="directory", size=None, mode=None, digest=None)
    else:
        yield File(path=path, size=size, mode=None, digest=Digest("sha256", state.hexdigest()))


def _setting(path: str, value: Value) -> Iterator[Said]:
    name = values.visible(value.name) or "(Default)"
    if value.fault:
        yield Unread(path=path, part=name, why=value.fault)
        return
    text = values.told(value.type, value.data)
    yield Setting(path=path, name=name, value=text, at=Place(path, 1, f"{name} = {text}"[:_EVIDENCE]))


def _part(name: str) -> str:
    return values.visible(name.replace("%", "%25").replace("/", "%2F")) or "%00"
