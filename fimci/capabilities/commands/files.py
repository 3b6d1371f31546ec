"""Programs that make, move, pack and change files: what is known of one goes over into the other."""

from __future__ import annotations

import re

from fimci.capabilities.commands import decoders, losses
from fimci.capabilities.commands.call import Call, Handler, file_of, normal, options, read_file, write_file
from fimci.capabilities.commands.folding import unknown
from fimci.capabilities.commands.state import Value, joined

_PACKED = re.compile(r"(?:\.(?:tar(?:\.\w{1,4})?|t[gbx]z2?|zip|7z|gz|xz|bz2|zst))+\Z")
_SET_ID = re.compile(r"(?:[ugo]*\+[rwx]*s|[2467]\d{3})\Z")


#: Options that name a folder which is filled, and archives that are remembered.
_FOLDERS = frozenset(("-C", "--directory", "-d", "-o"))
_ARCHIVES = 50
#: A file of the own package, by a path that leads to nowhere else.
_OWN = re.compile(r"(?![/~-])[\w@][\w.@/-]{1,200}\Z")
_EXTRACTS = re.compile(r"-[a-zA-Z]{0,8}x[a-zA-Z]{0,8}\Z")
#: How a script names itself.
_ITSELF = frozenset(("$0", "$BASH_SOURCE"))


def folder(call: Call) -> Value:
    """Return what `dirname` prints: the folder of the script itself is where its own files lie."""
    words = [value.text for value in call.arguments if value.text != "--"]
    if len(words) == 1 and words[0] in _ITSELF:
        return Value(".")
    return Value("$()", known=False)


def copied(call: Call) -> Value:
    """Judge `cp`, `mv`, `install`, `ln`: read is all but the last word, written is that."""
    words = [value for name, value in options(call.arguments, {"-m", "-o", "-g", "-t", "-S"}) if not name]
    if call.state.dialect == "batch":
        words = [value for value in words if not re.match(r"/[-a-zA-Z]{1,2}\Z", value.text)]
    for value in words[:-1]:
        content = read_file(call, value) if value.text != "/dev/null" else Value()
        if words[-1].text == "/dev/null":
            losses.emptied(call, value)
        if _OWN.match(value.text) and not content.origins and not content.text.strip("$()"):
            content = content._replace(origins=frozenset([("own", value.text)]))
        base = value.text.replace("\\", "/").rpartition("/")[2]
        write_file(call, words[-1], content)
        if content.origins or content.text not in {"", "$()"}:
            inside = words[-1].text.rstrip("/") + "/" + base
            write_file(call, words[-1]._replace(text=inside), content)
        folder = call.state.folders.get(normal(value.text))
        if folder:
            call.state.folders[normal(words[-1].text)] = folder
    return Value()


def tee(call: Call) -> Value:
    """Judge `tee FILE`."""
    adds = call.has("-a", "--append")
    for value in call.arguments:
        if not value.text.startswith("-"):
            write_file(call, value, call.stdin, adds=adds)
    return call.stdin


def packed(call: Call) -> Value:
    """Judge `tar`, `zip`, `7z`: what is packed is in the archive, what is unpacked comes from it."""
    letters = call.arguments[0].text.lstrip("-") if call.arguments else ""
    own = {"-o"} if call.name != "unzip" else set()  # which overwrites, and names no folder
    given = list(options(call.arguments, {"-f", "-C", "--file", "--directory", "-d", *own}))
    words = [value for name, value in given if not name]
    archive = next((value for name, value in given if name in {"-f", "--file"}), None)
    if call.name in {"tar", "bsdtar", "gtar"}:
        if call.arguments and not call.arguments[0].text.startswith("-"):  # `tar xzf FILE`
            words = words[1:]
            if "f" in letters:
                archive, words = (words[0] if words else None), words[1:]
        unpacks = "x" in letters or call.has("--extract", "--get") or any(map(_EXTRACTS.match, call.texts()))
    else:
        unpacks = call.name in {"unzip", "gunzip"} or letters in {"x", "e"}
        archive = next((word for word in words if _PACKED.search(word.text)), words[0] if words else None)
        words = [word for word in words if word is not archive and word.text not in {"a", "x", "e"}]
    if unpacks:
        return _unpacked(call, archive, given)
    content = unknown(joined([read_file(call, value) for value in words]))
    if archive is None or archive.text == "-":
        return content
    write_file(call, archive, content)
    return Value()


def _unpacked(call: Call, archive: Value | None, given: list[tuple[str, Value]]) -> Value:
    """Note the folders that an archive fills: the one that is named, and the one named after it."""
    source = call.stdin if archive is None or archive.text == "-" else read_file(call, archive)
    origins = frozenset(origin for origin in source.origins if origin[0] in {"network", "decoded"})
    file = archive.text if archive is not None and archive.known else ""
    folders = [
        normal(value.text)
        for name, value in given
        if name in _FOLDERS and value.known and value.text not in {".", "/"}
    ]
    for origin in (archive.text if archive is not None else "", call.state.fetched if origins else ""):
        stem = _PACKED.sub("", origin.rpartition("/")[2].partition("?")[0])
        if stem and "$" not in stem:
            folders.append(stem)
    if origins:
        call.state.folders.update(dict.fromkeys(folders, origins))
    elif file and len(call.state.unpacked) < _ARCHIVES:
        call.state.unpacked[normal(file)] = tuple(folders)
    return unknown(source)


def piped(call: Call) -> Value:
    """Note named pipes: `mkfifo NAME`, `mknod NAME p`."""
    words = [value for value in call.arguments if not value.text.startswith("-")]
    for value in words[:1] if call.name == "mknod" else words:
        call.state.pipes.setdefault(normal(value.text), "")
    return Value()


def replaced(call: Call) -> Value:
    """Judge `sed -i`, which changes files in their places, and `sed` on the way."""
    if any(re.match(r"-[a-zE]*i|--in-place", text) for text in call.texts()):
        words = [value for name, value in options(call.arguments, {"-e", "-f"}) if not name]
        for value in words if call.has("-e", "-f") else words[1:]:
            write_file(call, value, file_of(call.state, value.text) or Value())
        return Value()
    return decoders.sed(call)


def executable(call: Call) -> Value:
    """Judge `chmod +x FILE` of a file that was fetched or decoded, and bits that lend an identity."""
    words = [value for value in call.arguments if not value.text.startswith("-")]
    if words and _SET_ID.match(words[0].text) and call.state.dialect == "sh":
        call.state.tell("process", "chmod", "lends the identity of the owner")
    if not words or not re.search(r"x|[157]", words[0].text):
        return Value()
    for value in words[1:]:
        known = file_of(call.state, value.text)
        for kind, name in sorted(known.origins) if known is not None else ():
            if kind == "network":
                call.state.tell("download-and-run", f"{name} -> executable", call.name)
            elif kind == "decoded":
                call.state.tell("encoded-payload", f"{name} -> executable", call.name)
    return Value()


def found(call: Call) -> Value:
    """Return the program that `which NAME` and `command -v NAME` find."""
    words = [value for value in call.arguments if not value.text.startswith("-")]
    return words[0] if words and words[0].known else Value("$()", known=False)


def hashed(call: Call) -> Value:
    """Keep another name that `hash -p PATH NAME` makes for a program."""
    if call.has("-p") and len(call.arguments) > 2:  # noqa: PLR2004  (-p PATH NAME)
        call.state.aliases[call.arguments[-1].text] = call.arguments[-2].text
    return Value()


def temporary(call: Call) -> Value:
    """Return a place that `mktemp` makes: nobody else names it."""
    return Value(f"/mktemp/{call.state.steps}")


def entered(call: Call) -> Value:
    """Note where `cd` goes: what is started by a plain name then comes from there."""
    if call.arguments:
        call.state.inside = call.state.folders.get(normal(call.arguments[-1].text), frozenset())
    return Value()


HANDLERS: dict[str, Handler] = {
    "mktemp": temporary,
    "hash": hashed,
    **dict.fromkeys(("cd", "pushd"), entered),
    "dirname": folder,
    **dict.fromkeys(("cp", "mv", "install", "ln", "copy", "move", "xcopy", "ditto"), copied),
    **dict.fromkeys(("tar", "bsdtar", "gtar", "zip", "unzip", "7z", "7za", "7zz"), packed),
    **dict.fromkeys(("mkfifo", "mknod"), piped),
    **dict.fromkeys(("which", "command", "whence", "where"), found),
    **dict.fromkeys(("sed", "gsed"), replaced),
    "tee": tee,
    "chmod": executable,
}
