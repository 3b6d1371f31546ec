"""Places that a script writes to, and what that means: what starts programs, disks, other packages.

`fimci.capabilities.sensitive` knows the files; here are the folders whose files, whatever their names, start
something, as scripts write them (`/etc/cron.d/x`, `~/.config/systemd/user/x.service`).
"""

from __future__ import annotations

import re

from fimci.capabilities import sensitive

_FOLDERS = (
    *("/etc/systemd/system", "/lib/systemd/system", "systemd/user", "/etc/cron.d", "/etc/cron.daily"),
    *("/etc/cron.hourly", "/var/spool/cron", "/etc/profile.d", "/etc/init.d", "/etc/sudoers.d"),
    *("/etc/udev/rules.d", "/etc/pam.d", "autostart", "LaunchAgents", "LaunchDaemons", "Programs/Startup"),
    *(".git/hooks", ".github/workflows"),
)
_IN_FOLDER = re.compile(
    r"(?:\A|/)(" + "|".join(re.escape(name.strip("/")) for name in _FOLDERS) + r")/[^/]", re.IGNORECASE
)
_START_UP = re.compile(r"(?:site|dist)-packages[^/]*/[^/]+\.pth\Z|(?:\A|/|\))[^/]*\.pth\Z")
_FILES = {"/etc/sudoers": "/etc/sudoers", "/etc/crontab": "/etc/crontab"}
_DISK = re.compile(r"/dev/(?:sd[a-z]|hd[a-z]|nvme\d|vd[a-z]|mmcblk\d|disk\d|mem)\w*\Z")
_OTHER = re.compile(r"(?:\A|/)node_modules/((?:@[\w.-]+/)?[\w.-]+)/.*\.(?:[cm]?js|json|node)\Z")
_SCHEDULE = re.compile(
    r"(?m)^[ \t]*(?:@\w+|(?:[\d*/,A-Za-z-]{1,20}[ \t]+){5})[ \t]*(?:root[ \t]+)?", re.ASCII
)
_LABELS = {name.strip("/").lower(): name for name in _FOLDERS}


def persistent(path: str) -> str:
    """Return the name of the place where what is written starts by itself, empty for any other."""
    spot = sensitive.spot(path)
    if spot is not None and spot.name == "persistence":
        return spot.label
    path = path.strip("\"'").replace("\\", "/")
    if path in _FILES:
        return _FILES[path]
    found = _IN_FOLDER.search(path)
    if found is not None:
        return _LABELS[found[1].lower()]
    place = sensitive.started(path)
    if place is not None:
        return place.label
    return "start-up file" if path.endswith(".pth") and _START_UP.search(path) else ""


def commands(label: str, text: str) -> str:
    """Return the commands of a text for such a place: the lines of a schedule without their times."""
    if "cron" in label:
        return _SCHEDULE.sub("", text)
    return text if label.startswith((".", "/etc/profile", "/etc/init")) and "hub" not in label else ""


def is_disk(path: str) -> bool:
    """Tell whether writing there destroys a disk."""
    return _DISK.match(path) is not None


def is_other_package(path: str) -> bool:
    """Tell whether a path is code of an installed package."""
    return "node_modules/" in path and _OTHER.search(path) is not None


def other_package(path: str) -> str:
    """Return the name of the installed package that a path is in."""
    found = _OTHER.search(path)
    return found[1] if found else path
