"""Places that a script writes to, and what that means: what starts programs, disks, other packages.

`fimci.capabilities.sensitive` knows the files; here are the folders whose files, whatever their names, start
something, as scripts write them (`/etc/cron.d/x`, `~/.config/systemd/user/x.service`).
"""

from __future__ import annotations

import re

from fimci import persistence
from fimci.capabilities import automatic, sensitive

_FOLDERS = (
    *("/etc/systemd/system", "/lib/systemd/system", "systemd/user", "/etc/cron.d", "/etc/cron.daily"),
    *("/etc/cron.hourly", "/var/spool/cron", "/etc/profile.d", "/etc/init.d", "/etc/sudoers.d"),
    *("/etc/udev/rules.d", "/etc/pam.d", "autostart", "LaunchAgents", "LaunchDaemons", "Programs/Startup"),
    *(
        "/etc/supervisor/conf.d",
        "/etc/supervisord.d",
        "/etc/logrotate.d",
        "dbus-1/services",
        "dbus-1/system-services",
    ),
    *(".config/environment.d", ".config/fish/conf.d", ".git/hooks", ".github/workflows"),
)
_IN_FOLDER = re.compile(
    r"(?:\A|/)(" + "|".join(re.escape(name.strip("/")) for name in _FOLDERS) + r")/[^/]", re.IGNORECASE
)
_START_UP = re.compile(r"(?:site|dist)-packages[^/]*/[^/]+\.pth\Z|(?:\A|/|\))[^/]*\.pth\Z")
_FILES = {"/etc/sudoers": "/etc/sudoers", "/etc/crontab": "/etc/crontab"}
_HOME = re.compile(r"(?:~|\$HOME|\$\{HOME\}|/root|/home/[^/]+|/Users/[^/]+)/")
#: Files of a home that a program reads as commands whenever it starts.
_READ_AS_COMMANDS = frozenset(
    (
        *(".exrc", ".gdbinit", ".lldbinit", ".nvimrc", ".tmux.conf", ".vimrc", ".screenrc", ".inputrc"),
        *(
            ".config/nvim/init.vim",
            ".config/nvim/init.lua",
            ".emacs",
            ".emacs.d/init.el",
            ".Rprofile",
            ".irbrc",
        ),
        *(".config/procps/toprc", ".wgetrc", ".curlrc"),
    )
)
#: A program in a folder of one's own that stands before those of the system.
_SHADOWS = re.compile(
    r"(?:\.local/bin|/usr/local/s?bin|\$HOME/bin|~/bin)/(ssh|sudo|su|git|ls|ps|login|passwd|netstat|ss|lsof|top)\Z"
)
#: What such files hold that starts a program; all else in them is everyday.
_STARTS_BY = {
    ".gitconfig": re.compile(
        r"(?i:sshcommand|fsmonitor|hookspath|templatedir|gpg\W.{0,40}program|smudge|textconv|external)\s*=|=\s*!"
        r"|\[include",
    ),
    ".ssh/config": re.compile(
        r"(?i)\b(?:ProxyCommand|LocalCommand|KnownHostsCommand|Match\s+exec|PKCS11Provider)\b"
    ),
    "core_pattern": re.compile(r"\s*\|"),
}
#: What a machine keeps of what was done on it.
_TRACE = re.compile(
    r"(?:\A|/)\.(?:ba|z|k|a)?sh_history\Z|(?:\A|/)\.history\Z|\A(?:/private)?/var/(?:log|run)/(?:wtmp|btmp|utmp|lastlog"
    r"|auth\.log|secure|audit(?:/audit\.log)?|journal|syslog|messages|system\.log)(?:/\*)?\Z|\A/var/log/audit/",
)
#: Where protections of a machine are configured, and what a container is kept in by.
DEFENCE_FILES = frozenset(
    ("/etc/selinux/config", "/etc/sysconfig/selinux", "/etc/default/ufw", "/etc/apparmor.conf")
)
#: What later steps of a workflow load first, once it is put into their environment.
LOADED = re.compile(
    r"\b(LD_PRELOAD|LD_AUDIT|BASH_ENV|PYTHONSTARTUP|PERL5OPT|RUBYOPT|JAVA_TOOL_OPTIONS|NODE_OPTIONS)="
    r"(?!\S{0,9}--max|\S{0,9}--openssl|\S{0,9}-X)"
)
#: Keys and values of the registry by which something starts, or is loaded into others, from then on.
RUN_KEY = re.compile(
    r"CurrentVersion\\+(?:Run|RunOnce|RunServices|Policies\\+Explorer\\+Run)|Winlogon|Image File Execution"
    r"|(?:ms-settings|mscfile|\w{3,30}file)\\+Shell\\+Open|AppInit_DLLs|AppCertDlls|(?:Inproc|Local)Server32"
    r"|UserInitMprLogonScript|SCRNSAVE\.EXE|Command Processor\b.*AutoRun|Active Setup\\+Installed Components"
    r"|Control\\+Lsa\b.*(?:Packages)|SilentProcessExit|Session Manager\b.*BootExecute|TreatAs\b",
    re.IGNORECASE,
)
#: Keys by which Windows protects itself, and says what was done.
DEFENCE_KEY = re.compile(
    r"Windows Defender\b|DisableAntiSpyware|EnableLUA|ConsentPromptBehavior|ScriptBlockLogging|ModuleLogging"
    r"|EnableSmartScreen|SmartScreenEnabled|EnableFirewall|AmsiEnable\b|fDenyTSConnections|RunAsPPL",
    re.IGNORECASE,
)
#: Programs that Windows offers before anybody has logged in.
_BEFORE_LOGIN = re.compile(
    r"system32/(?:sethc|utilman|osk|narrator|magnify|displayswitch|atbroker)\.exe\Z", re.IGNORECASE
)
#: Kinds of files that editors and agents obey (`fimci.capabilities.automatic`).
_OBEYED = frozenset(
    (
        *("agent-hooks", "agent-plugin", "claude", "codex", "gemini", "git-hook", "instructions"),
        *("kiro-hook", "servers", "vscode-tasks"),
    )
)
_MEDIA = re.compile(
    r"\.(?:png|jpe?g|gif|ico|bmp|webp|woff2?|ttf|otf|mp[34]|wav|pdf|bin|dat)\Z", re.IGNORECASE
)
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
    return _started(path)


def _started(path: str) -> str:
    """Return the name of a place that is known by its whole path."""
    if _BEFORE_LOGIN.search(path):
        return "in place of a program of the log-in"
    if path.endswith(".pth") and _START_UP.search(path):
        return "start-up file"
    shadowed = _SHADOWS.search(path)
    if shadowed is not None:
        return f"in place of {shadowed[1]}"
    home = _HOME.match(path)
    rest = path[home.end() :] if home is not None else ""
    if rest in _READ_AS_COMMANDS:
        return rest
    root = f"root/{rest}" if rest else path[path.find("/etc/") + 1 :] if "/etc/" in path else path.strip("/")
    kind = persistence.place(root) if home is not None or path.startswith(("/", "$")) else ""
    if kind and rest != ".ssh/config" and (kind != "account" or path.startswith("/etc/")):
        return rest or f"/{root if root.count('/') == 1 else root.rpartition('/')[0]}"
    return path if automatic.kind(path) in _OBEYED else ""


def starts_by(path: str, text: str) -> str:
    """Return the name of a file that starts a program by what is written into it, empty for any other."""
    for name, form in _STARTS_BY.items():
        if path.endswith(name) and form.search(text):
            return name
    return ""


def commands(label: str, text: str) -> str:
    """Return the commands of a text for such a place: the lines of a schedule without their times."""
    if "cron" in label:
        return _SCHEDULE.sub("", text)
    return text if label.startswith((".", "/etc/profile", "/etc/init")) and "hub" not in label else ""


def is_trace(path: str) -> bool:
    """Tell whether a file keeps what was done on a machine, and by whom."""
    return _TRACE.search(path) is not None


def part_of(path: str) -> frozenset[tuple[str, str]]:
    """Return the origin of a part that is cut out of a picture or the like, empty for other files."""
    return (
        frozenset([("decoded", f"part of {path.rpartition('/')[2]}")]) if _MEDIA.search(path) else frozenset()
    )


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
