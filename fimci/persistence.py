"""Places of a machine from which something starts by itself, by their paths from its root.

Unix: cron(8), systemd.unit(5), profile files of the shells, ld.so(8), sshd(8), sudoers(5), pam(8), udev(7),
modules-load.d(5), launchd.plist(5), and what Alpine has of OpenRC and BusyBox. Each is a technique of MITRE
ATT&CK: T1053 (scheduled tasks), T1543 (services), T1546 (events: shells, udev, installer packages, Python),
T1547 (boot and logon: kernel modules, desktop), T1037 (init scripts), T1574.006 (preloaded libraries),
T1098.004 (keys of SSH), T1548.003 (sudo), T1556.003 (PAM), T1136 (accounts). Those of the Windows registry
are in the rule `registry-persistence-changed`.
"""

from __future__ import annotations

import functools
import os
import posixpath
import re
from collections.abc import Mapping

#: What a place of policy's own is called.
NAMED = "named by the policy"
#: Where updates of a distribution write, and what administrators change: worth a look, and no more.
USUAL = frozenset({"unit that a package brings", "account"})

_HOME = r"(?:root|var/root|home/[^/]+|Users/[^/]+)"
_PLACES: Mapping[str, str] = {
    "cron table": (
        r"etc/(?:crontab|anacrontab|at\.(?:allow|deny)|cron\.(?:allow|deny)"
        r"|cron\.(?:d|hourly|daily|weekly|monthly|yearly)/.+|crontabs/.+|periodic/.+)"
        r"|var/spool/(?:cron|anacron|at)/.+"
    ),
    "unit of systemd": (
        r"(?:etc|run|usr/local/lib)/systemd/.+|H/\.config/systemd/.+|H/\.local/share/systemd/.+"
    ),
    "unit that a package brings": r"(?:usr/)?lib/systemd/.+|(?:usr/)?lib/udev/rules\.d/.+",
    "init script": (
        r"etc/(?:init\.d|rc[0-6S]?\.d|init|local\.d|runlevels)/.+|etc/(?:rc\.local|rc\.d/rc\.local|inittab)"
    ),
    "start-up file of shells": (
        r"etc/(?:profile|profile\.d/.+|bash\.bashrc|bashrc|zshenv|zshrc|zprofile|zsh/.+|fish/.+"
        r"|csh\.(?:cshrc|login)|environment|environment\.d/.+|skel/.+)"
        r"|H/\.(?:bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin"
        r"|kshrc|cshrc|tcshrc|login|xprofile|xinitrc|xsession|xsessionrc|pam_environment)|H/\.config/fish/.+"
    ),
    "library for every program": r"etc/ld\.so\.(?:preload|conf|conf\.d/.+)",
    "access by ssh": (
        r"H/\.ssh/(?:authorized_keys2?|rc|environment|config)|etc/ssh/(?:sshrc|sshd_config|sshd_config\.d/.+)"
        r"|etc/ssh/authorized_keys(?:\.d)?(?:/.+)?"
    ),
    "rights of other users": r"etc/(?:sudoers|sudoers\.d/.+|sudo\.conf|doas\.conf|polkit-1/.+|dbus-1/.+)",
    "log-in": r"etc/pam\.(?:d/.+|conf)|(?:usr/)?lib(?:64)?/(?:[^/]+/)?security/pam_[^/]+\.so",
    "account": r"etc/(?:passwd|shadow|group|gshadow|subuid|subgid)",
    "kernel module": (
        r"etc/(?:modules|modules-load\.d/.+|modprobe\.d/.+)|(?:usr/)?lib/(?:modules-load|modprobe)\.d/.+"
    ),
    "rule for devices": r"(?:etc|run)/udev/rules\.d/.+",
    "desktop": r"etc/xdg/autostart/.+|H/\.config/autostart/.+|etc/X11/Xsession\.d/.+",
    "hook": (
        r"etc/(?:update-motd\.d|apt/apt\.conf\.d|apt/preferences\.d|dpkg/dpkg\.cfg\.d|yum/pluginconf\.d"
        r"|dnf/plugins|network/if-[a-z-]+\.d|NetworkManager/dispatcher\.d|dhcp/dhclient-[a-z-]+\.d|kernel"
        r"|ppp/ip-[a-z0-9-]+\.d|acpi/events)/.+"
    ),
    "start of Python": (
        r"(?:usr/(?:local/)?)?lib(?:64)?/python[0-9.]+/(?:(?:site|dist)-packages/[^/]+\.pth"
        r"|(?:(?:site|dist)-packages/)?(?:site|user)customize\.py)"
    ),
    "launchd": (
        r"(?:(?:System/)?Library|H/Library)/Launch(?:Agents|Daemons)/.+|etc/(?:launchd\.conf|emond\.d/.+)"
    ),
}


@functools.cache
def _known() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Compile the places, once somebody asks."""
    return tuple(
        (name, re.compile(place.replace("H/", f"{_HOME}/"), re.DOTALL)) for name, place in _PLACES.items()
    )


def root(locator: str) -> str | None:
    """Return where on its machine a source begins, without a `/` in front; `None` where nobody says.

    That is known of folders (`dir:`) and of those of hosts (`ssh:`). What is in an archive, an image or a
    repository is on no machine yet.
    """
    scheme, _, rest = locator.partition(":")
    if scheme == "dir":
        return os.path.realpath(rest).replace(os.sep, "/").strip("/")
    if scheme == "ssh":
        return posixpath.normpath("/" + rest.removeprefix("//").partition("/")[2]).strip("/")
    return None


def place(path: str) -> str:
    """Return what kind of place a path is, from the root of a machine; empty where nothing starts there."""
    return next((name for name, known in _known() if known.fullmatch(path)), "")
