"""What stands in extended attributes, of files of this machine and of members of archives alike.

What there is none of (no ACL, no capabilities) is said as an empty text, so that its coming and going shows.
See xattr(7), acl(5), capabilities(7).
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable, Iterator, Mapping

#: Extended attributes that are recorded under names of their own.
_CAPABILITY, _SELINUX = "security.capability", "security.selinux"
_ACLS = ("system.posix_acl_access", "system.posix_acl_default", "system.nfs4_acl")
_NAMED = frozenset({_CAPABILITY, _SELINUX})
_SPACES = ("user.", "trusted.", "security.")


def stated(values: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield what stands in extended attributes that an archive states, as it would be told of a file."""
    for name, tell in tellers(list(values), values.__getitem__).items():
        yield name, tell()


def tellers(names: list[str], get: Callable[[str], bytes]) -> dict[str, Callable[[], str]]:
    """Return what tells each kind of extended attribute, by the names that there are."""

    def value(name: str) -> bytes:
        return get(name) if name in names else b""

    return {
        "xattrs": lambda: _digest(names, get),
        "capabilities": lambda: value(_CAPABILITY).hex(),
        "selinux": lambda: value(_SELINUX).rstrip(b"\0").decode("utf-8", "backslashreplace"),
        "acl": lambda: ";".join(_acl(name, get(name)) for name in _ACLS if name in names),
    }


def _digest(names: list[str], get: Callable[[str], bytes]) -> str:
    """Return a digest over names and values, empty where there are none."""
    chosen = sorted(name for name in names if name.startswith(_SPACES) and name not in _NAMED)
    if not chosen:
        return ""
    state = hashlib.sha256()
    for name in chosen:
        value = get(name)
        state.update(b"%s\0%d\0%s" % (os.fsencode(name), len(value), value))
    return state.hexdigest()


_TAGS = {0x01: "user:", 0x02: "user:{}", 0x04: "group:", 0x08: "group:{}", 0x10: "mask:", 0x20: "other:"}


def _acl(name: str, value: bytes) -> str:
    """Return an ACL in the short text form of acl(5) with numeric ids, or its bytes in hex."""
    if name == _ACLS[2] or len(value) % 8 != 4 or value[:4] != b"\x02\0\0\0":  # noqa: PLR2004  (header, entries)
        return f"{name}={value.hex()}"
    entries = []
    for tag, permissions, number in struct.iter_unpack("<HHI", value[4:]):
        letters = "".join(
            letter if permissions & bit else "-" for letter, bit in zip("rwx", (4, 2, 1), strict=True)
        )
        entries.append(f"{_TAGS.get(tag, f'{tag:#x}:{{}}').format(number)}:{letters}")
    return ("default " if name == _ACLS[1] else "") + ",".join(entries)
