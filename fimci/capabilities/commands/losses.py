"""Programs that destroy: what is deleted, overwritten, or made unreadable for whoever has no key."""

from __future__ import annotations

import re
from itertools import pairwise

from fimci.capabilities import sensitive
from fimci.capabilities.commands import places
from fimci.capabilities.commands.call import Call, Handler, read_file, write_file
from fimci.capabilities.commands.folding import unknown
from fimci.capabilities.commands.state import Value

#: Folders that nobody empties who means well: root, what is directly in it, homes, everything here.
_DESTROYED = re.compile(
    r"(?:/|/\*|/(?:bin|boot|dev|etc|home|lib|lib64|opt|root|sbin|srv|sys|usr|var|Users|System|Library|Applications)(?:/\*)?"
    r"|(?:~|\$HOME|\$USERPROFILE|\$env:USERPROFILE|\$env:HOME|%USERPROFILE%|\$HOMEPATH|/home/[^/]*|/Users/[^/]*)[\\/]?(?:\*(?:\.\*)?|\.\*|\.\[.*)?"
    r"|\*|\./\*|\.\*|\.\.|\.\./\*|[A-Za-z]:[\\/]?(?:(?:Users|Windows)[\\/]?)?\*?(?:\.\*)?|\$SYSTEMDRIVE\\?\*?)\Z",
    re.IGNORECASE,
)
#: With one of these `find` looks for something, and does not clean out all of it.
_CONDITIONS = frozenset(
    ("-name", "-iname", "-path", "-mtime", "-newer", "-size", "-regex", "-mmin", "-empty", "-user", "-perm")
)
#: Names of files that are private keys, or hold some.
_KEYS = re.compile(
    r"\*\.(?:pem|p12|pfx|kdbx|ovpn|jks|keystore|wallet)\Z|id_(?:rsa|ed25519|ecdsa|\*)", re.IGNORECASE
)
#: What people keep in a home: no script has business there, folder or file.
_OWN = re.compile(
    r"(?:~|\$HOME|/home/[^/]*|/Users/[^/]*|%USERPROFILE%|\$env:USERPROFILE)[\\/]"
    r"(?:Desktop|Documents|Downloads|Pictures|Music|Movies|Videos)(?:[\\/]\*(?:\.\*)?|[\\/])?\Z",
    re.IGNORECASE,
)
#: Programs that wipe a disk or a partition, by the words that make it so; no words: any use.
_WIPES: dict[str, tuple[str, ...]] = {
    "blkdiscard": (),
    "sgdisk": ("-z", "-Z", "--zap-all", "-o", "--clear"),
    "hdparm": ("--security-erase", "--security-erase-enhanced", "--trim-sector-ranges"),
    "diskutil": ("erasedisk", "erasevolume", "zerodisk", "secureerase", "partitiondisk", "reformat"),
    "nvme": ("format", "sanitize"),
    "cryptsetup": ("erase", "lukserase", "luksformat"),
    "cipher": ("/w",),
    "fsutil": ("deletejournal",),
}
#: What leaves nothing of a file that it is given, and the words that it needs for that.
_SPOILS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("rm", "shred", "unlink", "srm", "truncate", "ccrypt", "mcrypt"), ()),
    "gpg": ("-c", "-e", "-r", "--symmetric", "--encrypt", "--recipient"),
    "openssl": ("enc", "-e", "rsautl", "pkeyutl", "smime", "cms"),
    "age": ("-r", "-p", "-e", "--encrypt"),
    **dict.fromkeys(("zip", "7z", "7za"), ("-P", "-e", "-m", "-p", "--encrypt", "-sdel")),
}


def remove(call: Call) -> Value:
    """Judge what is deleted with all that is in it."""
    words = [
        value
        for value in call.arguments
        if not value.text.startswith(("-", "/s", "/q", "/S", "/Q", "/f", "/F"))
    ]
    deep = call.name not in {"rm", "remove-item", "del", "rd", "rmdir"} or any(
        re.fullmatch(r"-[a-zA-Z]*[rR][a-zA-Z]*|--recursive|/[sS]", value.text) for value in call.arguments
    )
    for value in words:
        deleted = _DESTROYED.match(value.text.rstrip("/") or "/") if deep and value.text else None
        if deleted or _OWN.match(value.text):
            call.state.tell("filesystem-delete", value.text, call.name)
        elif places.is_trace(value.text):
            call.state.tell("obfuscation", "traces removed", call.name)
    if any(value.text in {"$0", "%~f0", "%0", "$BASH_SOURCE", "$PSCommandPath"} for value in call.arguments):
        call.state.tell("module-tampering", "removes itself", call.name)
    return Value()


def find(call: Call) -> Value:
    """Judge `find PATH … -delete` and `-exec`; what is looked for may be secrets."""
    texts = call.texts()
    if "-delete" in texts or ("-exec" in texts and {"rm", "shred"} & set(texts)):
        # With a condition (`-name '*.pyc'`) it is a clean-up.
        for text in texts[:1] if not _CONDITIONS & set(texts) else ():
            if _DESTROYED.match(text.rstrip("/") or "/"):
                call.state.tell("filesystem-delete", text, "find -delete")
    origins = everything(call.arguments)
    if any(before == "-name" and _KEYS.match(after) for before, after in pairwise(texts)):
        origins |= {("secret", "private keys")}
    for value in call.arguments:
        spot = sensitive.spot(value.text.strip("*"))
        if spot is not None and spot.name != "persistence":
            call.state.tell(spot.name, spot.label, call.name)
            origins |= {("secret", spot.label)}
    return Value("$()", known=False, origins=origins)


def wipe(call: Call) -> Value:
    """Judge programs that overwrite disks and files."""
    call.state.tell("filesystem-delete", "*", call.name)
    return Value()


def formatted(call: Call) -> Value:
    """Judge `format C:` of Windows."""
    for value in call.arguments[:1]:
        if call.state.dialect != "sh" and re.match(r"[A-Za-z]:\Z", value.text):
            call.state.tell("filesystem-delete", value.text, call.name)
    return Value()


def dd(call: Call) -> Value:
    """Judge `dd if=FILE of=/dev/sda`, and what is cut out of a file by `skip=`."""
    given = {name: value for one in call.texts() for name, _, value in [one.partition("=")]}
    source = read_file(call, Value(given["if"])) if "if" in given else call.stdin
    content = unknown(source)
    if "skip" in given:
        content = content._replace(origins=content.origins | places.part_of(given.get("if", "")))
    if "of" not in given:
        return content
    write_file(call, Value(given["of"]), content)
    return Value()


def everything(values: list[Value]) -> frozenset[tuple[str, str]]:
    """Return the origin of what `find ~ -type f` prints: all files of a home, or of the machine."""
    texts = [value.text for value in values]
    if not texts or _CONDITIONS & set(texts):
        return frozenset()
    found = (text for text in texts[:5] if _DESTROYED.match(text.rstrip("/") or "/") or _OWN.match(text))
    path = next(found, "")
    return frozenset([("everything", path)]) if path not in {"", "*", "./*"} else frozenset()


def spoiled(call: Call) -> None:
    """Tell that all files of a home are given to what deletes or enciphers them, one by one."""
    words = _SPOILS.get(call.name)
    if words is None or (words and not call.has(*words)):
        return
    for value in call.arguments:
        path = value.origin("everything")
        if path or (call.name != "rm" and _OWN.match(value.text)):
            call.state.tell("filesystem-delete", path or value.text, call.name)


def emptied(call: Call, target: Value) -> None:
    """Tell a folder that is made equal to another one, whatever was in it."""
    text = target.text.rstrip("/") or "/"
    if text not in {"*", "./*", ".", ".."} and (_DESTROYED.match(text) or _OWN.match(target.text)):
        call.state.tell("filesystem-delete", target.text, call.name)


def wiped(call: Call) -> Value:
    """Judge tools of disks that empty them, where their words say so."""
    words = _WIPES[call.name]
    given = {text.lower().partition(":")[0] for text in call.texts()} | set(call.texts())
    if not words or given & set(words):
        call.state.tell("filesystem-delete", "*", call.name)
    else:
        call.state.tell("process", call.name, call.name)
    return Value()


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("rm", "rimraf", "rd", "del", "erase", "remove-item", "del-cli", "trash"), remove),
    **dict.fromkeys(("shred", "wipefs", "sdelete", "srm", "diskpart"), wipe),
    **dict.fromkeys(
        ("mkfs", *(f"mkfs.{kind}" for kind in ("ext2", "ext3", "ext4", "xfs", "btrfs", "vfat", "ntfs"))), wipe
    ),
    **dict.fromkeys(_WIPES, wiped),
    "find": find,
    "format": formatted,
    "dd": dd,
}
