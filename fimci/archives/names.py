"""Which names of members are paths below the root, and which lead elsewhere."""

from __future__ import annotations

import re

#: Longer names open nowhere (PATH_MAX of Linux), and cost memory for every folder in them.
LONGEST = 4096

_DRIVE = re.compile("[A-Za-z]:")


def judge(name: str) -> tuple[str, str]:
    """Return the path that a member's name means, and what is wrong with it.

    Empty components and `.` vanish, as they do for every unpacker; the root itself is `""`. A
    name with a fault must not be used as a path: unpackers write it elsewhere, or disagree.
    """
    if "\0" in name:
        return name.replace("\0", "\\0"), "has a NUL in its name: some readers cut it there"
    if len(name) > LONGEST:
        return name[:LONGEST], f"has a name of more than {LONGEST:,} characters"
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/"):
        return name, "has an absolute path"
    if ".." in parts:
        return name, "has a path that leads out of its folder"
    return "/".join(parts), ""


def on_windows(path: str) -> str:
    r"""Tell what is wrong with a path where `\` separates and `C:` is a drive; else nothing."""
    parts = path.split("\\")
    if len(parts) > 1 and (not parts[0] or ".." in path.replace("\\", "/").split("/")):
        return "has a path that leads out of its folder on Windows"
    return "has a drive letter: an absolute path on Windows" if _DRIVE.match(path) else ""
