"""What statements of PowerShell leave behind, by the names that meet in them: tables, and who reads them."""

from __future__ import annotations

import re
from typing import NamedTuple

from fimci.capabilities import sensitive
from fimci.capabilities.commands import places
from fimci.capabilities.commands.call import Call
from fimci.capabilities.commands.powershell import Token
from fimci.capabilities.commands.state import State, Value
from fimci.model import CapabilityName

_PERSISTS = re.compile(
    r"^(?:register-scheduledtask|new-scheduledtask|register-scheduledjob|new-service|set-wmiinstance|register-wmievent"
    r"|register-cimindicationevent)$"
)
_KEY_WRITERS = re.compile(
    r"^(?:set-itemproperty|new-itemproperty|sp|reg|reg\.exe|set-item|new-item)$|(?:::|\.)(?:setvalue|createsubkey)$"
)
_WRITERS = re.compile(
    r"^(?:set-content|add-content|out-file|copy-item|move-item|tee-object|>>?|sc|ac|cp|mv)$"
    r"|createshortcut|(?:::|\.)(?:copy|move|copyto|writeall(?:text|bytes|lines)|savetofile)$"
)
_PARTS: tuple[tuple[str, CapabilityName, str], ...] = (
    ("get-clipboard", "clipboard", "Get-Clipboard"),
    ("[dllimport(", "native-code", "Add-Type"),
    ("amsiutils", "module-tampering", "AMSI"),
    ("amsiinitfailed", "module-tampering", "AMSI"),
    ("amsiscanbuffer", "module-tampering", "AMSI"),
    ("amsicontext", "module-tampering", "AMSI"),
    ("copyfromscreen", "screen", "CopyFromScreen"),
    ("getasynckeystate", "keyboard", "GetAsyncKeyState"),
)
#: Functions of Windows by which bytes become a program in memory; one alone does little.
_MEMORY = re.compile(
    r"\b(VirtualAlloc|VirtualProtect|WriteProcessMemory|RtlMoveMemory|CreateThread|CreateRemoteThread|NtCreateThread"
    r"|QueueUserAPC)",
    re.IGNORECASE,
)
#: No path is shorter.
_SHORT = 3
#: What is asked once only, by words that meet in one statement: all of them, in lower case.
_MEETING: tuple[tuple[tuple[str, ...], CapabilityName, str], ...] = (
    (("new-localuser",), "persistence", "account"),
    (("add-localgroupmember", "administrators"), "persistence", "account"),
    (("getfolderpath", "startup"), "persistence", "Programs/Startup"),
    (("commandlineeventconsumer",), "persistence", "subscription of WMI"),
    (("__eventfilter",), "persistence", "subscription of WMI"),
    (("passwordvault",), "credentials", "PasswordVault"),
    (("protecteddata", "unprotect"), "credentials", "DPAPI"),
    (("promptforcredential",), "credentials", "password dialogue"),
    (("eventprovider", "m_enabled"), "module-tampering", "ETW"),
    (("etwprovider",), "module-tampering", "ETW"),
    (("etweventwrite",), "module-tampering", "ETW"),
    (("clear-history",), "obfuscation", "shell history off"),
    (("historysavepath",), "obfuscation", "shell history off"),
    (("historysavestyle", "savenothing"), "obfuscation", "shell history off"),
    (("new-object", "wscript.shell"), "process", "WScript.Shell"),
    (("diagnostics.process", "::start"), "process", "Diagnostics.Process"),
    (("win32_process", "create"), "process", "Win32_Process"),
    (("gettypefromclsid", "createinstance"), "process", "COM object"),
    (("shellexecute",), "process", "ShellExecute"),
    (("win32_shadowcopy", "delete"), "filesystem-delete", "shadow copies"),
)
#: The same, where a protection of the machine goes by it.
_DEFENCES: tuple[tuple[str, ...], ...] = (
    ("set-netfirewallprofile", "false"),
    ("clear-eventlog",),
    ("remove-eventlog",),
    ("set-mppreference",),
    ("add-mppreference",),
    ("stop-service", "defend"),
    ("set-service", "defend", "disabled"),
    ("uninstall-windowsfeature", "defend"),
    ("disable-windowsoptionalfeature", "defend"),
)
_LISTS = re.compile(r"^(?:get-childitem|gci|ls|dir)$")
_REMOVES = re.compile(r"^(?:remove-item|ri|rm|del|rd|erase)$")
_CONDITIONS = frozenset(("-filter", "-include", "-name", "where-object", "where", "?", "-exclude"))
_EVERYTHING = re.compile(
    r"(?:\$?(?:home|env:userprofile)|[a-z]:[\\/]?(?:users[\\/]?)?)[\\/]?\*?\Z", re.IGNORECASE
)


class Said(NamedTuple):
    """A statement: its tokens, what they are worth, and in lower case; `whole` is where it all comes from."""

    call: Call
    tokens: list[Token]
    values: list[Value]
    words: list[str]
    whole: Value = Value()


def effects(said: Said) -> None:
    """Tell what stays behind, and which defences go."""
    state, words, first = said.call.state, said.words, said.words[0]
    text = " ".join(value.text for value in said.values)
    for word in words:
        if _PERSISTS.match(word):
            state.tell("persistence", "scheduled task" if "sched" in word else word, word)
        elif word == "hidden" and ("-windowstyle" in words or "-w" in words):
            state.tell("process", first[:60], "hidden window")
    if "tcp" in state.sockets and "redirectstandard" in text.lower():
        state.tell("download-and-run", f"{state.sockets['tcp']} -> process", "TcpClient")
    if len({found.lower() for found in _MEMORY.findall(text)}) > 1:
        state.tell("encoded-payload", "machine code -> Add-Type", first)
    _meeting(state, f"{' '.join(words)} {text.lower()}", first)
    if _removes_all(said):
        state.tell("filesystem-delete", "$HOME", first)
    if any(_WRITERS.search(word) for word in words) or ">" in text:
        _written(state, said.tokens, said.values, first)
    if any(_KEY_WRITERS.search(word) for word in words):
        _registered(state, text, first)


def _registered(state: State, text: str, first: str) -> None:
    """Tell what a key of the registry starts from now on, or which protection it switches off."""
    if places.RUN_KEY.search(text):
        state.tell("persistence", "CurrentVersion\\Run", first)
    elif places.DEFENCE_KEY.search(text):
        state.tell("process", first[:60], sensitive.DEFENCE_OFF)


def _written(state: State, tokens: list[Token], values: list[Value], first: str) -> None:
    for token, value in zip(tokens, values, strict=True):
        if token.kind == "variable" and token.text == "profile":
            state.tell("persistence", "$PROFILE", first)
        elif len(value.text) > _SHORT:
            label = places.persistent(value.text)
            if label:
                state.tell("persistence", label, first)


def _meeting(state: State, text: str, first: str) -> None:
    """Tell what words of one statement say, alone or together."""
    for part, name, subject in _PARTS:
        if part in text:
            state.tell(name, subject, first)
    for words, name, subject in _MEETING:
        if all(word in text for word in words):
            state.tell(name, subject, first)
    for words in _DEFENCES:
        if all(word in text for word in words):
            state.tell("process", words[0], sensitive.DEFENCE_OFF)


def _removes_all(said: Said) -> bool:
    """Tell whether all that is in a home or on a disk is listed, and what is listed is removed."""
    words = said.words
    if not any(map(_REMOVES.match, words)) or _CONDITIONS & set(words):
        return False
    named = (value.text for value in said.values)
    return any(map(_LISTS.match, words)) and any(map(_EVERYTHING.match, named))
