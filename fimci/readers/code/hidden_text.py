"""Text that a reviewer does not see as the computer does: hidden, reordered or look-alike.

What counts depends on where it stands. Controls that reorder text count anywhere, unless they
are balanced beside natural right-to-left text in a file of data or prose. Hidden tags and runs
of invisible characters count anywhere: they carry payloads. Single invisible characters count
in code and not in strings, comments and prose, where joiners, emoji and soft hyphens belong.
Look-alike letters count in names, and only where the whole name looks like ASCII.

Sources: Trojan Source (CVE-2021-42574, CVE-2021-42694), the GlassWorm incidents of 2025
(payloads in variation selectors), UTS #39 and UTS #55.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from functools import cache

from fimci.model import Capability, Place, Unread
from fimci.readers.code import concealment, lexing

#: Records per file, and how many repetitions are passed over; one more record sums up the rest.
LIMIT = 100
REPETITIONS = 2_000
#: Characters per file that are judged at all: no table of letters or emoji comes near.
SUSPECTS = 200_000
_EXCERPT = 100
#: Bytes of a file with NUL by which it is taken for binary.
_SAMPLE = 1024
_ASCII_NAME = re.compile(r"(?<!\w)[A-Za-z_][0-9A-Za-z_]*(?!\w)")


def wants(path: str, head: bytes) -> bool:
    """Want source code, configuration and prose; nothing that is generated, nothing else."""
    return lexing.family(path, head) is not None and not (b"\0" in head and _binary(head))


def read(path: str, data: bytes) -> Iterator[Capability | Unread]:
    """Yield one `hidden-text` capability for each different thing that is hidden.

    The subject is the kind and the words around, made visible (`bidi in "<U+202E>nimda"`), so
    that text which moved to another line is the same; `detail` is what a hidden run spells.
    """
    family = lexing.family(path, data)
    text = None if family is None or data.isascii() else _decode(data)
    if family is None or text is None:
        return
    seen: set[str] = set()
    repeated = 0
    line, position = 1, 0
    for number, (kind, suspect) in enumerate(_suspects(text, family)):
        if number == SUSPECTS:
            yield Unread(
                path=path, why=f"more than {SUSPECTS:,} unusual characters", part="hidden-text", line=line
            )
            return
        verdict = concealment.judge(kind, suspect)
        if verdict is None:
            continue
        full = len(seen) == LIMIT or repeated == REPETITIONS
        if verdict.subject in seen and not full:
            repeated += 1
            continue
        line, position = line + text.count("\n", position, suspect.start), suspect.start
        at = Place(path, line, concealment.line_around(text, position, _EXCERPT))
        if full:
            verdict = _rest(text, position)
        yield Capability(path=path, name="hidden-text", subject=verdict.subject, detail=verdict.detail, at=at)
        if full:
            return
        seen.add(verdict.subject)


def _rest(text: str, position: int) -> concealment.Verdict:
    """Sum up what is hidden from here on, so that one more character makes a difference."""
    hidden = "".join(concealment.HIDDEN.findall(text, position))
    digest = hashlib.sha256(hidden.encode("utf-8", "replace")).hexdigest()
    return concealment.Verdict("more than is listed", f"sha256:{digest[:16]}")


def _binary(head: bytes) -> bool:
    """Tell from the first bytes that this is no text in any encoding, whatever its name."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    text = head[:_SAMPLE].decode("utf-8", "replace")
    return text.count("\ufffd") * 10 > len(text)


def _decode(data: bytes) -> str | None:
    """Return the text as an interpreter would take it, `None` where it is binary after all."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    # Text in an older encoding has no NUL; a film called `.ts` has, and is nonsense for the most part.
    return None if "\0" in text and text.count("\ufffd") * 10 > len(text) else text


def _suspects(text: str, family: lexing.Family) -> Iterator[tuple[str, concealment.Suspect]]:
    """Yield everything that may count, with its kind, in order. Lexes only if there is any."""
    names = cache(lambda: frozenset(_ASCII_NAME.findall(text)))
    end_of_text = lexing.Span(len(text), len(text), comment=False)
    whole = lexing.Span(0, len(text), comment=False)
    span = whole if family in lexing.WITHOUT_CODE else lexing.Span(0, 0, comment=False)
    spans: Iterator[lexing.Span] | None = None
    pattern = concealment.suspects(python=family == "python")
    for match in pattern.finditer(text):
        if match.lastgroup is None:
            continue
        start, end = match.span()
        while span.end <= start and span is not end_of_text:
            spans = spans if spans is not None else lexing.texts(text, family)
            span = next(spans, end_of_text)
        within = span if span.start <= start < span.end else None
        yield match.lastgroup, concealment.Suspect(text, start, end, family, within, names)
