"""`requirements.txt`, `requirements.in`, constraints and their kin, as pip reads them.

A line that pins (`==`, a hash, a direct address) is a locked package, any other a wanted range;
options are settings. Files of this name that are prose yield nothing: pip refuses the whole of a
file for one line that it cannot parse, so nothing can be installed from them.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Malformed
from fimci.model import UNSTATED, Package, Place, Record, Setting, Unread, Unstated
from fimci.names import canonical
from fimci.printable import plural
from fimci.readers.documents import unparsed
from fimci.readers.locks.pypi import (
    ECOSYSTEM,
    builds,
    placed,
    with_hashes,
)
from fimci.readers.locks.requirement_lines import (
    WITHOUT_VALUE,
    Line,
    Parsed,
    Refused,
    decode,
    logical,
    option_parser,
    parse,
)
from fimci.readers.locks.requirement_origins import Origin, origins
from fimci.readers.locks.requirement_words import Wanted, understand

_FILE = re.compile(
    r"(?:^|/)(?:"
    r"(?:requirements|constraints)[^/]*\.(?:txt|in|lock)"
    r"|[^/]+[-_.](?:requirements|constraints)\.(?:txt|in)"
    r"|requirements/(?:[^/]+/)*[^/]+\.(?:txt|in)"
    r")$",
    re.IGNORECASE,
)
#: A file of another name, included by `-r`, shows itself by its pins.
_PINNED = re.compile(rb"^[A-Za-z0-9][\w.-]*(?:\[[\w.,\s-]*\])?[ \t]*==[ \t]*[\w.!+*-]+", re.MULTILINE)
_PLAUSIBLE = re.compile(
    rb"[ \t]*(?:#.*|-.*|\\|[A-Za-z0-9][\w.-]*(?:\[[\w., -]*\])?[ \t]*(?:[=<>~!;@\\].*)?)?\r?"
)
#: Names that nothing but a requirements file has: that it cannot be read is worth saying.
_CERTAIN = re.compile(r"(?:^|/)(?:requirements|constraints)\.(?:txt|in)$", re.IGNORECASE)
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
#: What no resolver writes: the largest real file has 350,000 bytes, 300 requirements.
_SIZE_LIMIT = 4 * 1024 * 1024
_LINE_LIMIT = 20_000
#: How many lines that cannot be read are told one by one.
_UNREAD_LIMIT = 20

Understood: TypeAlias = tuple[Parsed, Wanted]


def wants(path: str, head: bytes) -> bool:
    """Want the usual names, and other `.txt` and `.in` files whose lines are requirements with pins."""
    named = path.lower()
    if ("requirements" in named or "constraints" in named) and _FILE.search(path):
        return True
    # Prose is passed by before any pattern is tried on it.
    if not path.endswith((".txt", ".in")) or b"==" not in head:
        return False
    lines = head.split(b"\n")
    plausible = all(_PLAUSIBLE.fullmatch(line) for line in lines[: max(len(lines) - 1, 1)])
    return plausible and _PINNED.search(head) is not None


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield a `Package` per requirement, a `Setting` per option and an `Unread` per other line."""
    try:
        text = _text(data)
        lines = _lines(text)
    except Malformed as error:
        yield unparsed(path, error)
        return
    parsed, wanted, refused = _sorted_out(lines)
    prose = [line for line, _ in refused if not _VARIABLE.search(line.text)]
    if len(prose) > len(parsed):
        parsed, wanted = _unmistakable(parsed, wanted)
        if parsed or _CERTAIN.search(path):
            why = f"{plural(len(refused), 'line')} that pip refuses: no requirements"
            yield Unread(path=path, part="lines", why=why, line=prose[0].number)
    else:
        yield from _unread(path, [*refused, *_ignored(parsed)])
    yield from _settings(path, parsed, {parts.line.number: each.name for parts, each in wanted})
    names = {each.name for _, each in wanted}
    found = [origin for origin in origins(text.split("\n")) if canonical(origin.name) in names]
    yield from placed(_packages(path, parsed, wanted, found))
    yield from _copies(path, found)


def _text(data: bytes) -> str:
    """Return the text. Raises `Malformed` beyond a cap, or where it is none."""
    if len(data) > _SIZE_LIMIT:
        raise Malformed(f"larger than {_SIZE_LIMIT:,} bytes")
    return decode(data)


def _lines(text: str) -> list[Line]:
    """Return the logical lines. Raises `Malformed` beyond a cap."""
    lines = list(islice(logical(text), _LINE_LIMIT + 1))
    if len(lines) > _LINE_LIMIT:
        raise Malformed(f"more than {_LINE_LIMIT:,} lines", lines[-1].number)
    return lines


def _sorted_out(lines: list[Line]) -> tuple[list[Parsed], list[Understood], list[tuple[Line, str]]]:
    """Return the lines that parse, the requirements in them, and the rest with the reasons."""
    parser = option_parser()
    parsed: list[Parsed] = []
    wanted: list[Understood] = []
    refused: list[tuple[Line, str]] = []
    for line in lines:
        try:
            parts = parse(line, parser)
            found = [understand(parts.wanted)] if parts.wanted else []
            found.extend(understand(text, editable=True) for text in parts.options.get("editable", ()))
        except Refused as error:
            refused.append((line, str(error)))
            continue
        parsed.append(parts)
        wanted.extend((parts, each) for each in found)
    return parsed, wanted, refused


def _unmistakable(parsed: list[Parsed], wanted: list[Understood]) -> tuple[list[Parsed], list[Understood]]:
    """Return the lines of a text that no prose contains by accident: pins and options."""
    pins = [(parts, each) for parts, each in wanted if _pins(parts, each)]
    lines = {parts.line.number for parts, _ in pins}
    return [parts for parts in parsed if parts.options or parts.line.number in lines], pins


def _ignored(parsed: list[Parsed]) -> Iterator[tuple[Line, str]]:
    """Yield what pip passes over without a word."""
    for parts in parsed:
        if parts.ignored:
            yield parts.line, f"pip ignores {' '.join(parts.ignored)[:80]} after the options"
        elif "hash" in parts.options and not parts.wanted:
            yield parts.line, "a hash without a requirement"


def _unread(path: str, lines: Sequence[tuple[Line, str]]) -> Iterator[Unread]:
    """Report lines by their text, so that a moved one is no new one."""
    seen: Counter[str] = Counter()
    for line, why in lines[:_UNREAD_LIMIT]:
        text = excerpt(line.text)
        seen[text] += 1
        part = f"line {text}" + (f" [{seen[text]}]" if seen[text] > 1 else "")
        yield Unread(path=path, part=part, why=excerpt(why), line=line.number)
    if len(lines) > _UNREAD_LIMIT:
        rest = len(lines) - _UNREAD_LIMIT
        first = lines[_UNREAD_LIMIT][0].number
        yield Unread(path=path, part="more lines", why=f"{rest} more lines cannot be read", line=first)


def _copies(path: str, found: list[Origin]) -> Iterator[Package]:
    """Yield what a compiled file says that its source wants, as locks have copies of their manifest."""
    told: set[tuple[str, str]] = set()
    for origin in found:
        name = canonical(origin.name)
        if origin.file and (origin.file, name) not in told:
            told.add((origin.file, name))
            yield Package(
                ecosystem=ECOSYSTEM,
                name=name,
                place=f"{path}#requires/{origin.file}/{name}",
                stated_by="manifest",
                version="",
                at=Place(path, origin.line, excerpt(f"{name} via {origin.file}")),
            )


def _packages(
    path: str, parsed: list[Parsed], wanted: list[Understood], found: list[Origin]
) -> Iterator[Package]:
    edges: dict[str, set[str]] = {}
    for origin in found:
        edges.setdefault(canonical(origin.package), set()).add(canonical(origin.name))
    hashed = any("hash" in parts.options or "require-hashes" in parts.options for parts in parsed)
    built = _built(parsed)
    for parts, each in wanted:
        line = parts.line
        pinned = _pins(parts, each)
        hashes = [*parts.options.get("hash", ()), *each.hashes]
        places = {"version": line.number, "origin": line.number, "integrity": line.where("--hash")}
        at = Place(path, line.number, excerpt(line.text), tuple(sorted(places.items())))
        digests, at = with_hashes(at, [(text, line.where(text)) for text in hashes])
        # None of the hashes is unstated only where no line has any.
        yield Package(
            ecosystem=ECOSYSTEM,
            name=each.name,
            place=f"{path}#{each.name}",
            stated_by="lock" if pinned else "manifest",
            version=UNSTATED if pinned and not each.version else each.version,
            origin_kind=each.origin_kind,
            origin=each.origin,
            integrity=digests if hashes or hashed else UNSTATED,
            install_scripts=_builds(each, built),
            flags=("editable",) if each.editable else (),
            dependencies=tuple(sorted(edges.get(each.name, ()))),
            at=at,
        )


def _pins(parts: Parsed, each: Wanted) -> bool:
    return each.exact or "hash" in parts.options


def _built(parsed: list[Parsed]) -> frozenset[str]:
    """Return the names for which `--no-binary` forbids wheels; `:all:` is one of them."""
    names = (
        name for parts in parsed for value in parts.options.get("no-binary", ()) for name in value.split(",")
    )
    return frozenset(name if name == ":all:" else canonical(name) for name in names)


def _builds(each: Wanted, built: frozenset[str]) -> bool | Unstated:
    if each.origin_kind == "registry":
        return True if each.name in built or ":all:" in built else UNSTATED
    return builds(each.origin_kind, [each.origin] if each.origin else [])


def _settings(path: str, parsed: list[Parsed], names: Mapping[int, str]) -> Iterator[Record]:
    """Yield every option; what `-r` or `-c` brings in from elsewhere cannot be read.

    `names` are the packages by line: `config-settings` belong to one of them.
    """
    counts: Counter[str] = Counter()
    for parts in parsed:
        for option, values in parts.options.items():
            if option in {"hash", "editable"}:
                continue
            for value in values:
                package = names.get(parts.line.number, "") if option == "config-settings" else ""
                name = _numbered(f"{option}.{package}" if package else option, counts)
                place = Place(path, parts.line.where(value), excerpt(parts.line.text))
                yield Setting(path=path, name=name, value=without_credentials(value), at=place)
                if option in {"requirement", "constraint"} and _elsewhere(path, value):
                    why = f"{excerpt(value)} is no file of the repository"
                    yield Unread(path=path, part=name, why=why, line=place.line)


def _numbered(option: str, counts: Counter[str]) -> str:
    """Name an option: a switch once, the first `index-url` plainly, the others by ordinal."""
    number = counts[option]
    counts[option] += 1
    if option in WITHOUT_VALUE or (option == "index-url" and number == 0):
        return option
    return f"{option}[{number}]"


def _elsewhere(path: str, target: str) -> bool:
    """Tell whether an included file is outside of the repository, or named by a variable."""
    if _REMOTE.match(target) or _VARIABLE.search(target):
        return True
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return joined.startswith(("../", "/")) or joined == ".."
