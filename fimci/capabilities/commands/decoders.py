"""Programs that change a text on its way: echo, base64, tr, rev. Under caps, and nothing is run."""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import functools
import lzma
import re
import zlib
from collections.abc import Iterator
from itertools import pairwise

from fimci.capabilities.commands import escapes, places
from fimci.capabilities.commands.call import Call, Handler, options, read_file, write_file
from fimci.capabilities.commands.folding import unknown
from fimci.capabilities.commands.state import TEXT_LIMIT, Value, joined

_FORMAT = re.compile(r"%(?:%|-?\d{0,3}(?:\.\d{1,3})?[sbdixXocq])")
_SED = re.compile(r"s(.)([^*.\[\]\\^$]*?)\1([^&\\]*?)\1(g?)\Z", re.DOTALL)
_BEHIND = re.compile(r"(?:-[cn]|--(?:bytes|lines)=)?\+\d+\Z|-c\Z|-c\d+\Z")
_RANGE = re.compile(r"(.)-(.)", re.DOTALL)
_RANGE_LIMIT = 256
#: Before the bytes that something decoded to which is no text, each as a character.
_BYTES = "\ue002"
_MEMORY = 16 << 20
#: Digits of a number that a format shows in another base.
_DIGITS = 10
_OPENSSL_DECRYPTS = re.compile(r"(?:enc|base64|aes|des|bf|camellia|chacha|rc4|smime|cms|rsautl|pkeyutl)")
_CIPHER = re.compile(r"-(?:aes|aria|bf|camellia|cast|chacha|des|rc[245]|seed|sm4)")
_PASSING = """
awk bzip2 cat column cp cut dd dos2unix egrep fgrep fold gawk gpg grep gzip head hexdump iconv install
jq less more mv nl od openssl paste pv rg sed sort split sponge strings tail tar tee tr uniq wc xz yq
zip zstd
"""
#: Programs that pass on what they read, more or less.
PASSING = frozenset(_PASSING.split())


def echo(call: Call) -> Value:
    """Return the words of `echo`; options end at the first word that is none."""
    words, escaped = list(call.arguments), False
    while words and re.fullmatch(r"-[neE]+", words[0].text):
        escaped = escaped or "e" in words[0].text
        words.pop(0)
    whole = joined(words, " ")
    return whole._replace(text=escapes.ansi_c(whole.text)) if escaped and whole.known else whole


def printf(call: Call) -> Value:
    """Return what `printf FORMAT WORD …` prints, where no number is asked for."""
    words = list(call.arguments)
    if words[:1] and words[0].text == "-v":
        call.state.assign(words[1].text if len(words) > 1 else "", printf(call._replace(arguments=words[2:])))
        return Value()
    if words[:1] and words[0].text == "--":
        words = words[1:]
    whole = joined(words)
    if not words or not whole.known:
        return unknown(whole)
    form = escapes.ansi_c(words[0].text)
    values = [value.text for value in words[1:]] or [""]
    if "%b" in form:
        values = [escapes.ansi_c(value) for value in values]
    holes = max(1, len(_FORMAT.findall(form)))
    lines: list[str] = []
    for start in range(0, min(len(values), 1000), holes):
        left = iter(values[start : start + holes])
        lines.append(_FORMAT.sub(functools.partial(_filled, left), form))
    assembled = whole.assembled or "\\x" in words[0].text
    return whole._replace(text="".join(lines)[:TEXT_LIMIT], assembled=assembled)


def _filled(left: Iterator[str], hole: re.Match[str]) -> str:
    """Return what stands for a hole in a format: numbers in another base, a character, the word itself."""
    if hole[0] == "%%":
        return "%"
    word, kind = next(left, ""), hole[0][-1]
    if kind in "oxX" and word.isdecimal() and len(word) < _DIGITS:
        return format(int(word), kind)
    return word[:1] if kind == "c" else word


def base64_program(call: Call) -> Value:
    """Decode or encode; what is read from files is not known."""
    decoding = any(
        name in {"-d", "-D", "-di", "--decode", "-decode"}
        for name, _ in options(call.arguments, {"-w", "-i", "-o"})
    )
    codec = "base32" if "32" in call.name or call.has("--base32") else "base64"
    codec = "hex" if call.has("--base16") else codec
    return decoded(call, codec) if decoding else _encoded(call, unknown(_read(call)))


def _encoded(call: Call, value: Value) -> Value:
    """Tell a secret that is encoded twice, which a log then shows to whoever decodes it twice."""
    secret = value.origin("secret") or value.origin("environment-bulk")
    if secret and value.origin("encoded"):
        call.state.tell("exfiltration", f"{secret} -> log", f"{call.name} twice")
    return value._replace(origins=value.origins | {("encoded", call.name)}) if secret else value


def xxd(call: Call) -> Value:
    """Read hex (`xxd -r`) or pass on."""
    reverse = any("r" in value.text for value in call.arguments if value.text.startswith("-"))
    return decoded(call, "hex") if reverse else unknown(_read(call))


def openssl(call: Call) -> Value:
    """Tell decryption and base64 of `openssl`, of its input or of what `-in` names."""
    content = _openssl(call)
    target = next((after for before, after in pairwise(call.arguments) if before.text == "-out"), None)
    if target is None:
        return content
    write_file(call, target, content)
    return Value()


def _openssl(call: Call) -> Value:
    verb = call.arguments[0].text.lstrip("-") if call.arguments else ""
    named = [after for before, after in pairwise(call.arguments) if before.text == "-in"]
    source = _read(call._replace(name="cat", arguments=named))
    if not _OPENSSL_DECRYPTS.match(verb) or not call.has("-d", "-decrypt"):
        return unknown(source)
    if verb == "base64" or (verb == "enc" and call.has("-base64", "-a") and not _CIPHER.search(_words(call))):
        return _plain(source, "base64")
    return _marked(source, "cipher")


def _words(call: Call) -> str:
    return " ".join(call.texts()[1:]).lower()


def gpg(call: Call) -> Value:
    """Tell what `gpg -d` deciphers, and keys that are taken out."""
    if call.has("--export-secret-keys", "--export-secret-subkeys"):
        call.state.tell("credentials", ".gnupg", call.name)
        return Value("$()", known=False, origins=frozenset([("secret", ".gnupg")]))
    if call.has("-d", "--decrypt", "-qd", "-dq"):
        return _marked(_read(call), "cipher")
    return unknown(_read(call))


def unpack(call: Call) -> Value:
    """Mark what `gunzip` and its like print."""
    unpacks = call.name in {
        "gunzip",
        "zcat",
        "bunzip2",
        "unxz",
        "xzcat",
        "bzcat",
        "unlzma",
        "zlib-flate",
        "uudecode",
    }
    packed = any(
        value.text.startswith("-") and "d" in value.text and value.text != "--rsyncable"
        for value in call.arguments
    )
    source = _read(call)
    if not unpacks and not packed:
        return unknown(source)
    text = _unpacked(source.text) if source.text.startswith(_BYTES) else None
    whole = _marked(source, call.name)
    return whole if text is None else whole._replace(text=text, known=True)


def _unpacked(text: str) -> str | None:
    """Return the text that packed bytes hold, as much of it as is looked at; `None` where it is none."""
    data = text.removeprefix(_BYTES).encode("latin-1", "replace")
    try:
        if data.startswith(b"\x1f\x8b"):
            return text_of(zlib.decompressobj(31).decompress(data, TEXT_LIMIT))
        if data.startswith(b"BZh"):
            return text_of(bz2.BZ2Decompressor().decompress(data, TEXT_LIMIT))
        return text_of(lzma.LZMADecompressor(memlimit=_MEMORY).decompress(data, TEXT_LIMIT))
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
        return None


def reverse(call: Call) -> Value:
    """Turn the lines of a known text around."""
    source = _read(call)
    if not source.known:
        return unknown(source)
    return source._replace(text="\n".join(line[::-1] for line in source.text.split("\n")), assembled=True)


def translate(call: Call) -> Value:
    """Replace characters: rot13 and its like; `-d` leaves some out."""
    source = _read(call._replace(arguments=[]))
    sets = [escapes.ansi_c(value.text) for value in call.arguments if not value.text.startswith("-")]
    if not source.known or not sets:
        return unknown(source)
    first = _characters(sets[0])
    if call.has("-d"):
        return source._replace(text=source.text.translate({ord(one): None for one in first}), assembled=True)
    if len(sets) < 2:  # noqa: PLR2004  (from, to)
        return unknown(source)
    second = _characters(sets[1])
    second += second[-1:] * (len(first) - len(second))
    table = {ord(one): other for one, other in zip(first, second, strict=False)}
    plain = sets[0] in {"a-z", "A-Z", "\n", "[:upper:]", "[:lower:]"} and sets[1] in {"A-Z", "a-z", " "}
    return source._replace(text=source.text.translate(table), assembled=source.assembled or not plain)


def sed(call: Call) -> Value:
    """Replace what `sed s/A/B/g` names in a known text, where it is no pattern."""
    source = _read(call._replace(arguments=call.arguments[1:]))
    found = _SED.match(call.arguments[0].text) if len(call.arguments) == 1 and source.known else None
    if found is None or not found[2]:
        return unknown(source)
    text = source.text.replace(found[2], found[3], -1 if found[4] else 1)
    return source._replace(text=text[:TEXT_LIMIT], assembled=True)


def shown(call: Call) -> Value:
    """Return what `type` prints: a file on Windows, and where a program is (`type -p NAME`) elsewhere."""
    if call.state.dialect == "sh" and call.has("-p", "-P") and call.arguments[-1].known:
        return call.arguments[-1]
    return _read(call)


def cat(call: Call) -> Value:
    """Return what is read: the input where no file is named."""
    return _read(call)


def passed(call: Call) -> Value:
    """Return something that comes from what is read."""
    return unknown(_read(call))


def decoded(call: Call, codec: str) -> Value:
    """Return the text that was encoded, where it stands there; else say only that it was decoded."""
    return _plain(_read(call), codec)


def _plain(source: Value, codec: str) -> Value:
    data = decoded_bytes(source.text, codec) if source.known else None
    text = text_of(data) if data is not None else None
    whole = _marked(source, codec)
    if text is not None:
        return whole._replace(text=text, known=True)
    return whole if data is None else whole._replace(text=_BYTES + data.decode("latin-1"))


def decode(text: str, codec: str) -> str | None:
    """Decode base64, hex or rot13; `None` where it is not that, or not text."""
    if codec == "rot13":
        return codecs.decode(text[:TEXT_LIMIT], "rot13")
    data = decoded_bytes(text, codec)
    return None if data is None else text_of(data)


def decoded_bytes(text: str, codec: str) -> bytes | None:
    """Decode base64, base32 or hex; `None` where it is not that."""
    packed = "".join(text.split())[:TEXT_LIMIT]
    try:
        if codec == "base64":
            return base64.b64decode(packed + "=" * (-len(packed) % 4))
        if codec == "base32":
            return base64.b32decode(packed + "=" * (-len(packed) % 8))
        return bytes.fromhex(packed.replace("\\x", ""))
    except (binascii.Error, ValueError):
        return None


def text_of(data: bytes) -> str | None:
    """Return bytes as text: UTF-16 where every second one is zero, as PowerShell has it, else UTF-8."""
    if data[1:40:2].count(0) > len(data[1:40:2]) // 2:
        return data.decode("utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _marked(source: Value, codec: str) -> Value:
    return unknown(source)._replace(origins=source.origins | {("decoded", codec)})


def _read(call: Call) -> Value:
    """Return what a filter reads: the files it names, or its input."""
    files = [value for value in call.arguments if not value.text.startswith("-") or value.text == "<()"]
    if call.name in {"grep", "egrep", "fgrep", "rg", "awk", "gawk", "sed", "jq", "yq"}:
        files = files[1:]
    read = [read_file(call, value) for value in files]
    if not read:
        return call.stdin
    whole = joined(read)
    return whole._replace(origins=whole.origins | call.stdin.origins)


def _characters(text: str) -> str:
    """Return the characters of a set: `a-z` is all of them."""
    for name, members in (("[:lower:]", "a-z"), ("[:upper:]", "A-Z"), ("[:digit:]", "0-9")):
        text = text.replace(name, members)

    def between(found: re.Match[str]) -> str:
        first, last = ord(found[1]), ord(found[2])
        return "".join(map(chr, range(first, min(last, first + _RANGE_LIMIT) + 1)))

    return _RANGE.sub(between, text[:1000])


def tail(call: Call) -> Value:
    """Return what stands behind a part that is left out: of a picture, nothing that one looks at."""
    content = passed(call)
    if any(_BEHIND.match(text) for text in call.texts()):
        parts = (places.part_of(value.text) for value in call.arguments)
        return content._replace(origins=content.origins.union(*parts))
    return content


HANDLERS: dict[str, Handler] = {
    "tail": tail,
    "echo": echo,
    "printf": printf,
    "print": echo,
    "base64": base64_program,
    "gbase64": base64_program,
    "base32": base64_program,
    "basenc": base64_program,
    "xxd": xxd,
    "openssl": openssl,
    "rev": reverse,
    **dict.fromkeys(("gpg", "gpg2", "age"), gpg),
    "tr": translate,
    "cat": cat,
    "type": shown,
    **dict.fromkeys(
        ("gunzip", "zcat", "bunzip2", "unxz", "xzcat", "bzcat", "unlzma", "uudecode", "zlib-flate"), unpack
    ),
    **dict.fromkeys(("gzip", "xz", "bzip2", "zstd", "lzma", "brotli"), unpack),
}
