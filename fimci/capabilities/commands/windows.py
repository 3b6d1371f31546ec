"""Tools of Windows (and `osascript`) that come with the system and fetch, decode or run for those who know.

Source: the LOLBAS list of such tools, and the payloads of 2021 to 2026 that used them.
"""

from __future__ import annotations

import re
from itertools import pairwise

from fimci.capabilities import foreign_code, sensitive
from fimci.capabilities.commands.call import Call, Handler, fetched, file_of, network, ran, shared, write_file
from fimci.capabilities.commands.folding import unknown
from fimci.capabilities.commands.state import Value

_SCRIPT = re.compile(r"['\"]?(?:vbscript|javascript):", re.IGNORECASE)
_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tiff", ".pdf", "-")
_SUBSCRIBES = re.compile(r"EventConsumer\b|__EventFilter|FilterToConsumerBinding", re.IGNORECASE)
_URL = re.compile(r"\bhttps?://[^\s'\"<>|]+", re.IGNORECASE)


def certutil(call: Call) -> Value:
    """Judge `certutil -urlcache -f URL FILE` and `-decode FROM TO`."""
    words = [value for value in call.arguments if not value.text.startswith(("-", "/"))]
    options = {value.text.lower().lstrip("-/") for value in call.arguments}
    hosts = network(call, [value for value in words if _URL.match(value.text)])
    if hosts and words:
        write_file(call, words[-1], fetched(hosts))
    elif options & {"decode", "decodehex"} and len(words) > 1:
        content = Value("$()", known=False, origins=frozenset([("decoded", "base64")]))
        write_file(call, words[-1], content)
        call.state.tell("process", call.name, "certutil -decode")
    else:
        call.state.tell("process", call.name, call.name)
    return Value("$()", known=False)


def bitsadmin(call: Call) -> Value:
    """Judge `bitsadmin /transfer NAME URL FILE`, and what it is told to start when that is done."""
    if any(value.text.lower() == "/setnotifycmdline" for value in call.arguments):
        call.state.tell("persistence", "BITS", call.name)
    hosts = network(call, [value for value in call.arguments if _URL.match(value.text)])
    if hosts:
        write_file(call, call.arguments[-1], fetched(hosts))
    return Value("$()", known=False)


def loader(call: Call) -> Value:
    """Judge what runs scripts and libraries, also from an address: `mshta`, `regsvr32`, `rundll32`."""
    call.state.tell("process", call.name, call.name)
    if any(_SCRIPT.match(value.text) for value in call.arguments):
        call.state.tell("dynamic-code", "built", f"{call.name} with a script")
        named = _URL.search(call.state.text)
        if named is not None:  # in quotes and brackets, at which batch cuts
            ran(call, fetched(network(call, [Value(named[0])])), call.name)
    for value in call.arguments:
        found = _URL.search(value.text)
        if found is not None:
            hosts = network(call, [value._replace(text=found[0])])
            ran(call, fetched(hosts), call.name)
        known = file_of(call.state, value.text.partition(",")[0])  # `rundll32 FILE,FUNCTION`
        if known is not None:
            ran(call, value._replace(origins=known.origins), call.name)
        for sign, _, _ in foreign_code.signs(known.text) if known is not None and known.known else ():
            call.state.tell(sign.name, sign.subject, call.name)
        if "comsvcs" in value.text.lower():
            call.state.tell("credentials", "LSASS", call.name)
    return unknown(call.stdin)


def osascript(call: Call) -> Value:
    """Judge `osascript -e TEXT`: `do shell script` is a shell, `hidden answer` asks for a password."""
    call.state.tell("process", call.name, call.name)
    text = " ".join(call.texts())
    if "hidden answer" in text:
        call.state.tell("credentials", "password dialogue", call.name)
    if "make login item" in text:
        call.state.tell("persistence", "login item", call.name)
    for command in re.findall(r'do shell script "((?:[^"\\]|\\.){1,2000})"', text):
        call.run(call.state, command.replace('\\"', '"'), Value(), "sh")
    if call.pipe:
        ran(call, call.stdin, call.name)
    return Value("$()", known=False)


def clipboard(call: Call) -> Value:
    """Tell the clipboard."""
    call.state.tell("clipboard", call.name, call.name)
    return Value("$()", known=False, origins=frozenset([("secret", "clipboard")]))


def screen(call: Call) -> Value:
    """Tell pictures of the screen."""
    if call.name == "import" and not call.has("-window"):
        return Value("$()", known=False)
    call.state.tell("screen", call.name, call.name)
    taken = Value("$()", known=False, origins=frozenset([("secret", "screen")]))
    for value in call.arguments:
        if value.text.endswith(_PICTURES):
            write_file(call, value, taken)
    return taken


def wmic(call: Call) -> Value:
    """Judge `wmic process call create TEXT`."""
    call.state.tell("process", call.name, call.name)
    texts = call.texts()
    for found in filter(None, (_URL.search(text) for text in texts)):
        ran(call, fetched(network(call, [Value(found[0])])), call.name)
    lowered = [text.lower() for text in texts]
    if _SUBSCRIBES.search(" ".join(texts)):
        call.state.tell("persistence", "subscription of WMI", call.name)
    if "create" in lowered:
        call.run(call.state, " ".join(texts[lowered.index("create") + 1 :]).strip("\"'"), Value(), "batch")
    if "shadowcopy" in lowered and "delete" in lowered:
        call.state.tell("filesystem-delete", "shadow copies", call.name)
    return Value("$()", known=False)


def shadows(call: Call) -> Value:
    """Judge `vssadmin delete shadows`."""
    call.state.tell("process", call.name, call.name)
    if any(text.lower() == "delete" for text in call.texts()):
        call.state.tell("filesystem-delete", "shadow copies", call.name)
    return Value("$()", known=False)


def setx(call: Call) -> Value:
    """Judge `setx NAME VALUE`, which stays; `PATH` is everyday."""
    name = call.arguments[0].text if call.arguments else ""
    if sensitive.secret(name):
        call.state.tell("environment", name, call.name)
    return Value()


def fetcher(call: Call) -> Value:
    """Judge programs that copy, unpack or update, and take an address or a share for that."""
    hosts = []
    for value in call.arguments:
        found = _URL.search(value.text)
        if found is not None:
            hosts += network(call, [value._replace(text=found[0])])
        elif (share := shared(call.state, value.text)) is not None:
            hosts.append(share.origin("network"))
    if not hosts:
        if call.name not in {"expand", "makecab"}:
            call.state.tell("process", call.name, call.name)
        return Value("$()", known=False)
    pairs = list(pairwise(call.arguments))
    named = [after for before, after in pairs if before.text.lower() in {"/d", "-path", "-o", "/o", "-out"}]
    for target in named or call.arguments[-1:]:
        write_file(call, target, fetched(hosts))
    call.state.fetched = hosts[0]
    return Value("$()", known=False)


def associated(call: Call) -> Value:
    """Judge `ftype KIND=COMMAND`, which opens files of a kind by a program from then on."""
    if any("=" in value.text for value in call.arguments):
        call.state.tell("persistence", "program for a kind of files", call.name)
    return Value()


def directory(call: Call) -> Value:
    """Judge `ntdsutil`, which copies the accounts of a domain."""
    call.state.tell("credentials", "NTDS", call.name)
    return Value()


def editor(call: Call) -> Value:
    """Judge `code --install-extension FILE`: an extension is a program, which that runs."""
    call.state.tell("process", call.name, call.name)
    for value in call.arguments if "--install-extension" in call.texts() else ():
        known = file_of(call.state, value.text)
        if known is not None:
            ran(call, value._replace(origins=known.origins), call.name)
    return unknown(call.stdin)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("code", "code-insiders", "codium", "cursor", "windsurf"), editor),
    **dict.fromkeys(("esentutl", "expand", "extrac32", "makecab", "mpcmdrun", "replace", "print"), fetcher),
    **dict.fromkeys(("desktopimgdownldr", "certoc", "configsecuritypolicy", "imewdbld"), fetcher),
    **dict.fromkeys(("ftype", "assoc"), associated),
    "ntdsutil": directory,
    "certutil": certutil,
    "bitsadmin": bitsadmin,
    **dict.fromkeys(
        ("mshta", "regsvr32", "rundll32", "msiexec", "wscript", "cscript", "installutil", "regasm"), loader
    ),
    **dict.fromkeys(
        ("msxsl", "odbcconf", "forfiles", "pcalua", "hh", "ieexec", "presentationhost", "winget"), loader
    ),
    "osascript": osascript,
    **dict.fromkeys(("pbpaste", "xclip", "xsel", "wl-paste", "get-clipboard"), clipboard),
    **dict.fromkeys(("screencapture", "scrot", "import", "grim", "maim", "spectacle"), screen),
    "wmic": wmic,
    **dict.fromkeys(("vssadmin", "wbadmin"), shadows),
    "setx": setx,
}
