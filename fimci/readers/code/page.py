"""Shared by this room: the scripts inside of HTML, SVG and the single-file components of Vue and Svelte.

    <script> ... </script>     with its line; data (`application/json`, templates, shaders) is none
    onload="..."               a handler of an event, of any element
    href="javascript:..."      a URL that is a script, also in `src`, `action`, `formaction`, `xlink:href`
    srcdoc="..."               a page in an attribute, one deep
    src="data:...,..."         a script that stands in its own address

The text is gone through once, from tag to tag, by the states of the HTML standard's tokenizer that matter
(13.2.5); what does not end, ends the reading. The standard library's parser takes minutes for a megabyte
of `<` in versions of Python that are in use (CVE-2025-6069).
"""

from __future__ import annotations

import base64
import binascii
import bisect
import contextlib
import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote

from fimci.model import Unread

#: What browsers take for a script when they see it as a type, with the languages that are compiled to one.
_TYPES = frozenset(
    (
        *(
            "",
            "module",
            "text/javascript",
            "application/javascript",
            "text/ecmascript",
            "application/ecmascript",
        ),
        *("application/x-javascript", "text/jscript", "text/babel", "text/jsx", "text/typescript"),
    )
)
#: Attributes whose value is a URL that is opened.
_URLS = frozenset({"href", "src", "action", "formaction", "xlink:href", "data", "to", "values"})
_SCHEME = "javascript:"
_MiB = 1024 * 1024
SIZE_LIMIT = 16 * _MiB
_SCRIPTS = 2000

#: Without one of these, nothing runs; letters are small. A reference may stand for a letter of the scheme.
_TOKENS = tuple(
    re.compile(form)
    for form in (
        *(rb"<script", rb"srcdoc", rb"script\s*:", rb"on[a-z]{1,60}\s*="),
        rb"&#(?:x0*(?:[46][139a]|[57][02346]|3a|[9ad](?![0-9a-f]))|0*(?:10|13|58|9(?![0-9])|[67][357]|80|8[2346]|97|99|105|106|11[2-8]))",
        rb"&(?:colon|tab|newline)",
    )
)
_TAG = re.compile(r"<(?:!--|(/?)([a-zA-Z][^\s/>]*))", re.ASCII)
#: Many of them in a row, with text between, that hold nothing but text.
_SKIPPED = re.compile(
    r"(?:[^<]*</?(?!(?i:script|style|textarea|title|xmp)[\s/>])[a-zA-Z][^\s/>]*"
    r"(?:\s+[\w:-]+(?:=\"[^\"<>]*\")?)*\s*/?>){1,500}",
    re.ASCII,
)
_GAP = re.compile(r"[\s/]*", re.ASCII)
_NAME = re.compile(r"=?[^\s/>=]*", re.ASCII)
_EQUALS = re.compile(r"\s*=\s*", re.ASCII)
_BARE = re.compile(r"[^\s>]*", re.ASCII)
_HANDLER = re.compile(r"on[a-z]+")
#: Elements whose content is text up to their own end.
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "xmp")
}
_SECTION = re.compile(r"\s*<!\[CDATA\[(.*?)(?:\]\]>\s*)?\Z", re.DOTALL)


class Script(NamedTuple):
    """A script: the line on which it begins, its text, and its language (`js`, `ts`, `jsx`, `tsx`)."""

    line: int
    data: bytes
    language: str = "js"


class Linked(NamedTuple):
    """A script that is loaded from elsewhere: the line, its address, and whether its digest is stated."""

    line: int
    address: str
    pinned: bool


class Page(NamedTuple):
    """What a page runs; `capped` says which cap was hit, empty for none."""

    scripts: tuple[Script, ...]
    linked: tuple[Linked, ...]
    capped: str = ""


class _Tag(NamedTuple):
    """A tag with its attributes, the first of each name, and the content of an element that is text."""

    name: str
    line: int
    attributes: dict[str, str]
    text: str
    text_line: int


def page(data: bytes) -> Page:
    """Find everything that a browser would run. Nothing is run, and nothing is raised."""
    scripts: list[Script] = []
    linked: list[Linked] = []
    capped = f"larger than {SIZE_LIMIT // _MiB} MiB" if len(data) > SIZE_LIMIT else ""
    for found in _found(_octets(data[:SIZE_LIMIT]), nested=True):
        if len(scripts) + len(linked) >= _SCRIPTS:
            capped = f"more than {_SCRIPTS:,} scripts"
            break
        if isinstance(found, Script):
            scripts.append(found)
        else:
            linked.append(found)
    return Page(tuple(scripts), tuple(linked), capped)


def scripts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the line and the text of every script."""
    for script in page(data).scripts:
        yield script.line, script.data


def unread(path: str, found: Page) -> Iterator[Unread]:
    """Say what of a page was not looked at."""
    if found.capped:
        yield Unread(path=path, why=found.capped, part="scripts")


def _octets(data: bytes) -> bytes:
    """Return a page in UTF-8; browsers obey the mark of UTF-16."""
    return data.decode("utf-16", "replace").encode() if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else data


def _found(data: bytes, *, nested: bool) -> Iterator[Script | Linked]:
    small = data.lower()
    tokens = sorted(found.start() for token in _TOKENS for found in token.finditer(small))
    for tag in _tags(data.decode("latin-1"), tokens):  # a letter for each byte, whatever they mean
        for name, value in tag.attributes.items():
            if name == "srcdoc" and nested:
                for inner in _found(value.encode("utf-8", "surrogatepass"), nested=False):
                    yield inner._replace(line=tag.line)
            else:
                yield from _script(tag.line, _attribute(name, value))
        if tag.name == "script":
            yield from _element(tag)


def _attribute(name: str, value: str) -> str:
    """Return what an attribute runs, empty for nothing."""
    if _HANDLER.fullmatch(name):
        return value
    if name in _URLS and "".join(value[:200].split()).lower().startswith(_SCHEME):
        return value.partition(":")[2]
    return ""


def _element(tag: _Tag) -> Iterator[Script | Linked]:
    stated = tag.attributes
    address = stated.get("src") or stated.get("href") or stated.get("xlink:href") or ""
    if address[:5].lower() == "data:":
        yield from _script(tag.line, _held(address))
    elif address and not _attribute("src", address):
        yield Linked(tag.line, address, bool(stated.get("integrity")))
    kind = stated.get("type", "").partition(";")[0].strip().lower()
    language = stated.get("lang", stated.get("language", "")).lower()
    if kind in _TYPES:
        typed = language in {"ts", "tsx", "typescript"} or kind == "text/typescript"
        plain = "jsx" if language == "jsx" else "js"
        section = _SECTION.match(tag.text)
        text = section[1] if section is not None else tag.text
        spoken = ("tsx" if language == "tsx" else "ts") if typed else plain
        if text.strip():
            yield Script(tag.text_line, text.encode("latin-1"), spoken)


def _held(address: str) -> str:
    """Return the script that an address holds itself: `data:text/javascript;base64,…`."""
    head, _, body = address.partition(",")
    if not head.lower().rstrip().endswith(";base64"):
        return unquote(body)
    packed = "".join(unquote(body).split())
    with contextlib.suppress(binascii.Error, ValueError):
        return base64.b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-8", "replace")
    return ""


def _script(line: int, text: str) -> Iterator[Script]:
    if text.strip():
        yield Script(line, text.encode("utf-8", "surrogatepass"))


def _tags(text: str, tokens: list[int]) -> Iterator[_Tag]:
    """Yield the elements that may run something. Every step goes on from where the last one ended."""
    at, line, counted, next_ = 0, 1, 0, 0
    xml = text.removeprefix("\xef\xbb\xbf").lstrip().startswith(("<?xml", "<svg"))  # `/>` ends an element
    while True:
        next_ = bisect.bisect_left(tokens, at, next_)
        if next_ == len(tokens):
            return
        skipped = _SKIPPED.match(text, at, tokens[next_])
        if skipped is not None:
            at = skipped.end()
            continue
        found = _TAG.search(text, at)
        if found is None:
            return
        begin = found.start()
        if found[2] is None:
            at = text.find("-->", found.end())
            if at < 0:
                return
            continue
        name = found[2].lower()
        attributes: dict[str, str] = {}
        at = _attributes(text, found.end(), attributes)
        if at < 0:
            return  # a tag that does not end is dropped, and all behind it
        if not found[1]:
            last = at
            if name in _RAW and not (xml and text[at - 2] == "/"):
                end = _RAW[name].search(text, at)
                last = end.start() if end is not None else len(text)
            line += text.count("\n", counted, begin)
            counted = begin
            yield _Tag(name, line, attributes, text[at:last], line + text.count("\n", begin, at))
            at = last


def _attributes(text: str, at: int, into: dict[str, str]) -> int:
    """Read attributes up to the end of their tag; return where that is, -1 where the text ends first."""
    while True:
        at = _end(_GAP, text, at)
        if at >= len(text):
            return -1
        if text[at] == ">":
            return at + 1
        after = _end(_NAME, text, at)
        name = text[at:after].lower()
        equals = _EQUALS.match(text, after)
        value, at = "", after
        if equals is not None:
            at = equals.end()
            quote = text[at : at + 1]
            if quote and quote in "\"'":
                end = text.find(quote, at + 1)
                if end < 0:
                    return -1
                value, at = text[at + 1 : end], end + 1
            else:
                end = _end(_BARE, text, at)
                value, at = text[at:end], end
        if name not in into:
            into[name] = _meant(value)


def _meant(value: str) -> str:
    """Return the value of an attribute as it is meant, of the bytes that stand there."""
    if not value.isascii():
        value = value.encode("latin-1").decode("utf-8", "replace")
    return unescape(value) if "&" in value else value


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where a pattern ends that matches anywhere."""
    found = pattern.match(text, at)
    return found.end() if found is not None else at
