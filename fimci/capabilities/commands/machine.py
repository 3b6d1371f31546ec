"""Tools of a system that let somebody in, start something later, listen, or hide what runs."""

from __future__ import annotations

import re

from fimci.capabilities import sensitive
from fimci.capabilities.commands.call import Call, Handler
from fimci.capabilities.commands.effects import look
from fimci.capabilities.commands.state import Value

_AS_ROOT = re.compile(r"(?:\A|\s)(?:-\w*o\w*u\s*0|-u\s*0\b.*-o|-o\b.*-u\s*0\b|--uid[= ]0)\b")
_OF_MACOS = re.compile(r"-(?:create|append)\s+/(?:Users/|Groups/admin)")
_AT_LOGIN = re.compile(r"Log(?:in|out)Hook|loginitems|AutoLaunched")
_QUARANTINE = re.compile(r"LSQuarantine|GKAutoRearm|com\.apple\.security")


def timed(call: Call) -> Value:
    """Judge `systemd-run --on-calendar=TIME COMMAND`; without a time it runs the command at once."""
    if any(text.startswith(("--on-", "--timer-property")) for text in call.texts()):
        call.state.tell("persistence", call.name, call.name)
    return Value("$()", known=False)


def preferred(call: Call) -> Value:
    """Judge `defaults write` of what macOS starts at log-in, or asks before it starts."""
    words = " ".join(call.texts())
    if call.has("write") and _AT_LOGIN.search(words):
        call.state.tell("persistence", "LoginHook", call.name)
    elif call.has("write") and _QUARANTINE.search(words):
        call.state.tell("process", call.name, sensitive.DEFENCE_OFF)
    else:
        call.state.tell("process", call.name, call.name)
    return Value("$()", known=False)


def key_copied(call: Call) -> Value:
    """Judge `ssh-copy-id`, which lets whoever has the key in."""
    call.state.tell("persistence", "authorized_keys", call.name)
    return Value()


def account(call: Call) -> Value:
    """Judge accounts that are made with the rights of root, and those that macOS is told to make."""
    words = " ".join(call.texts())
    if call.name in sensitive.TOOLS:
        call.state.tell("process", call.name, call.name)
    if _AS_ROOT.search(words) or _OF_MACOS.search(words):
        call.state.tell("persistence", "account", call.name)
    return look(call) if call.name == "dscl" else Value()


def mounted(call: Call) -> Value:
    """Judge a folder that is mounted over that of a process, which then is in no list."""
    words = call.texts()
    if words and "bind" in " ".join(words) and re.match(r"/proc/(?:\$|\d|self)", words[-1]):
        call.state.tell("obfuscation", "a process hidden", call.name)
    return Value()


def typed(call: Call) -> Value:
    """Judge tools that print what is typed."""
    if call.name != "xinput" or any(text.startswith("test") for text in call.texts()):
        call.state.tell("keyboard", call.name, call.name)
    else:
        call.state.tell("process", call.name, call.name)
    return Value("$()", known=False, origins=frozenset([("secret", "keys")]))


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("xinput", "logkeys", "evtest"), typed),
    **dict.fromkeys(("useradd", "usermod", "dscl"), account),
    "systemd-run": timed,
    "defaults": preferred,
    "ssh-copy-id": key_copied,
    "mount": mounted,
}
