"""What a file system says of a file beyond its kind, size and mode.

Only what was asked for is looked up, and what the system cannot tell is left out: it is never
made up. What there is none of (no ACL, no capabilities) is said as an empty text, so that its
coming and going shows. Numbers are the machine's: names of owners belong to `/etc/passwd`.
See xattr(7), acl(5), capabilities(7), ioctl_iflags(2).
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from collections.abc import Callable, Iterator, Mapping

import msgspec

from fimci import opening
from fimci.profiles import DIGESTS
from fimci.snapshot import Entry
from fimci.xattrs import tellers

#: Follow from the members of a folder, which speak for themselves.
OF_MEMBERS = frozenset({"mtime", "ctime", "links", "blocks"})
_BY_XATTR = frozenset({"xattrs", "acl", "capabilities", "selinux"})

#: `FS_IOC_GETFLAGS`: read a long, type `f`, number 1.
_GET_FLAGS = 2 << 30 | struct.calcsize("l") << 16 | ord("f") << 8 | 1
#: The flags that a person sets, with the letters of chattr(1). The kernel's own (`e`, `I`) come and go.
_FLAGS: Mapping[int, str] = {
    0x1: "s", 0x2: "u", 0x4: "c", 0x8: "S", 0x10: "i", 0x20: "a", 0x40: "d", 0x80: "A", 0x400: "m",
    0x800: "E", 0x4000: "j", 0x8000: "t", 0x10000: "D", 0x20000: "T", 0x100000: "V", 0x800000: "C",
    0x2000000: "x", 0x20000000: "P", 0x40000000: "F",
}  # fmt: skip
#: Units of `st_blocks`, whatever the file system's own are (stat(2)).
_BLOCK = 512

_STATED: Mapping[str, Callable[[os.stat_result], int]] = {
    "mtime": lambda state: state.st_mtime_ns,
    "ctime": lambda state: state.st_ctime_ns,
    "inode": lambda state: state.st_ino,
    "links": lambda state: state.st_nlink,
}
#: What Windows has no notion of, and Python fills with zeros there or leaves out.
_STATED_BY_UNIX: Mapping[str, Callable[[os.stat_result], int]] = {
    "owner": lambda state: state.st_uid,
    "group": lambda state: state.st_gid,
    "blocks": lambda state: state.st_blocks * _BLOCK,
}


def described(entry: Entry, file: str, state: os.stat_result, wanted: frozenset[str]) -> Entry:
    """Return an entry with those attributes of `wanted` that can be told, and unread where no hash is."""
    unread = entry.read is not None and wanted.isdisjoint(DIGESTS | {"digest"})
    return msgspec.structs.replace(
        entry,
        attributes=attributes(file, state, wanted),
        read=None if unread else entry.read,
        size=state.st_size if unread else None,
    )


def attributes(file: str, state: os.stat_result, wanted: frozenset[str]) -> tuple[tuple[str, str | int], ...]:
    """Return what is wanted and can be told of a file that is looked at without following it."""
    if stat.S_ISDIR(state.st_mode):
        wanted -= OF_MEMBERS
    told = {name: tell(state) for name, tell in _STATED.items() if name in wanted}
    if hasattr(os, "getuid"):
        told.update({name: tell(state) for name, tell in _STATED_BY_UNIX.items() if name in wanted})
    found: dict[str, str | int] = {**told}
    if "device" in wanted and (device := _device(state)):
        found["device"] = device
    if not wanted.isdisjoint(_BY_XATTR):
        found.update(_extended(file, state, wanted))
    if "flags" in wanted and (stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode)):
        flags = _flags(file, state)
        if flags is not None:
            found["flags"] = flags
    return tuple(sorted(found.items()))


def _device(state: os.stat_result) -> str:
    """Return what kind of node this is, and which device it stands for; empty for what is none."""
    mode = state.st_mode
    if stat.S_ISFIFO(mode):
        return "fifo"
    if stat.S_ISSOCK(mode):
        return "socket"
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        kind = "char" if stat.S_ISCHR(mode) else "block"
        return f"{kind} {os.major(state.st_rdev)}:{os.minor(state.st_rdev)}"
    return ""


def _extended(file: str, state: os.stat_result, wanted: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands in extended attributes; each only if it could be read in full."""
    if not hasattr(os, "listxattr"):
        return
    try:
        names = os.listxattr(file, follow_symlinks=False)
    except OSError:
        return  # a file system without them, or one that does not tell
    link = stat.S_ISLNK(state.st_mode)
    for name, tell in tellers(names, lambda one: os.getxattr(file, one, follow_symlinks=False)).items():
        if name in wanted and not (link and name == "acl"):  # there is no such thing as the ACL of a link
            with contextlib.suppress(OSError):
                yield name, tell()


def _flags(file: str, state: os.stat_result) -> str | None:
    """Return the flags of chattr(1), `None` where the file system has none or does not tell."""
    try:
        import fcntl  # noqa: PLC0415  (not on Windows)
    except ImportError:
        return None
    try:
        handle = os.open(file, opening.READ)
    except OSError:
        return None
    try:
        opened = os.fstat(handle)
        if (opened.st_dev, opened.st_ino) != (state.st_dev, state.st_ino):
            return None  # another file took its place
        buffer = fcntl.ioctl(handle, _GET_FLAGS, bytes(struct.calcsize("l")))
    except OSError:
        return None
    finally:
        os.close(handle)
    value = int.from_bytes(buffer[:4], "little" if struct.pack("=H", 1)[0] else "big")
    return "".join(letter for bit, letter in _FLAGS.items() if value & bit)
