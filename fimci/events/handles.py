"""File handles of Linux: what names a file beyond its paths, and the way back to a path.

Four system calls that neither Python nor any kept library has (docs/decisions/watch.md).
"""

from __future__ import annotations

import ctypes
import os
from typing import Any

_AT_FDCWD = -100
_HANDLE_LIMIT = 128


class _Handle(ctypes.Structure):
    _fields_ = (
        ("size", ctypes.c_uint),
        ("kind", ctypes.c_int),
        ("data", ctypes.c_char * _HANDLE_LIMIT),
    )


def library() -> Any:
    """Return the C library. Raises `OSError` where it has not what is needed."""
    found = ctypes.CDLL(None, use_errno=True)
    for name in ("fanotify_init", "fanotify_mark", "name_to_handle_at", "open_by_handle_at"):
        if not hasattr(found, name):
            raise OSError(f"the C library has no {name}")
    found.fanotify_mark.argtypes = [
        ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int, ctypes.c_char_p,
    ]  # fmt: skip
    return found


def checked(result: int) -> int:
    """Return what a system call returned. Raises `OSError` where it failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def of(libc: Any, path: str) -> bytes:
    """Return the handle of what a path names, as an event has it. Raises `OSError`."""
    handle, mount = _Handle(size=_HANDLE_LIMIT), ctypes.c_int()
    checked(
        libc.name_to_handle_at(_AT_FDCWD, os.fsencode(path), ctypes.byref(handle), ctypes.byref(mount), 0)
    )
    return bytes(handle)[: 8 + handle.size]


def path_of(libc: Any, mount: int, handle: bytes) -> str | None:
    """Return the path of what a handle names, by which it is reached now; `None` where it is gone."""
    try:
        opened = checked(libc.open_by_handle_at(mount, handle, os.O_PATH | os.O_CLOEXEC))
    except OSError:
        return None
    try:
        path = os.readlink(f"/proc/self/fd/{opened}")
    except OSError:
        return None
    finally:
        os.close(opened)
    return None if path.endswith(" (deleted)") else path


def node_of(libc: Any, mount: int, handle: bytes) -> tuple[int, int] | None:
    """Return device and inode of what a handle names; `None` where it is gone."""
    try:
        opened = checked(libc.open_by_handle_at(mount, handle, os.O_PATH | os.O_CLOEXEC))
    except OSError:
        return None
    try:
        state = os.fstat(opened)
    finally:
        os.close(opened)
    return state.st_dev, state.st_ino
