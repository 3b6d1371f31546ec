"""Shell scripts as statements. Keywords are heeded as far as they decide what is piped where.

The bodies of branches and loops are read one after the other, as if all of them ran.
"""

from __future__ import annotations

import re

from fimci.capabilities.commands import scanner
from fimci.capabilities.commands.scanner import DEPTH_LIMIT, Scan
from fimci.capabilities.commands.script import (
    Command,
    Group,
    Redirect,
    Stage,
    Statement,
    Text,
    Variable,
    Word,
)

_EVIDENCE = 300
#: Words that a loop goes through, one by one.
_ITEMS = 1_000
_OPENS = frozenset(("if", "while", "until", "for", "select", "case", "{"))
_CLOSES = frozenset(("fi", "done", "esac", "}"))
_SKIPPED = frozenset(("then", "else", "elif", "do", "!", "time", "coproc"))
_DECLARES = frozenset(("export", "declare", "local", "readonly", "typeset"))
_KEYWORD = re.compile(r"(?:[a-z]{2,6}|[{}!])(?=[\s;&|<>()]|\Z)")
_REDIRECT = re.compile(
    r"(?P<number>\d{1,4}|\{\w{1,40}\})?(?P<mark><<<|<<-?|<>|>>|>\||<&|>&|&>>|&>|<(?!\()|>(?!\())"
)
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]{0,200}\])?(\+?)=")
_FUNCTION = re.compile(r"[ \t]*\([ \t]*\)\s*")
_NAMED_FUNCTION = re.compile(r"function[ \t]+([^\s(){};]+)[ \t]*(?:\([ \t]*\))?\s*")
_BETWEEN = re.compile(r"(?:[ \t\r;&]|\\\n|\|\|)+")
_COMMENT = re.compile(r"#[^\n]*")
_END_OF_ITEM = (";;", ";&")
_BLANKS = re.compile(r"(?:\s|\\\n)*")


def parse(text: str) -> tuple[tuple[Statement, ...], bool]:
    """Return the statements of a script, and whether it was read in full."""
    scan = Scan(text, _statements)
    found: list[Statement] = []
    while scan.at < len(text):
        found.extend(_statements(scan, ""))
        if scan.at < len(text):
            scan.at += 1  # a mark that closes nothing
    return tuple(found), scan.whole


def _statements(scan: Scan, end: str) -> tuple[Statement, ...]:
    """Read statements up to `end`, which is stepped over, or up to a keyword that closes (`end` is blank)."""
    found: list[Statement] = []
    while scan.at < len(scan.text):
        _between(scan)
        if scan.here(")"):
            scan.at += end == ")"
            break
        if scan.here(*_END_OF_ITEM):
            if end == " ":
                break
            scan.at += 2
            continue
        keyword = _keyword(scan)
        if keyword in _CLOSES:
            if end == " ":
                scan.at += len(keyword)
                break
            scan.at += len(keyword)
            continue
        before = scan.at
        statement = _pipeline(scan)
        if statement is not None:
            found.append(statement)
        if scan.at == before and not scan.here(")"):
            scan.at += 1
    return tuple(found)


def _between(scan: Scan) -> None:
    """Step over what separates statements, comments and here-documents."""
    while scan.at < len(scan.text):
        if scan.here("\n"):
            scan.at = max(scan.at + 1, scan.jumps.get(scan.at, 0))
        elif scan.here("#"):
            found = _COMMENT.match(scan.text, scan.at)
            scan.at = found.end() if found else scan.at
        elif scan.here(*_END_OF_ITEM) or scan.here("&>"):
            break
        else:
            found = _BETWEEN.match(scan.text, scan.at)
            if found is None:
                break
            cut = found[0].find(";;")
            scan.at = found.end() if cut <= 0 else scan.at + cut


def _keyword(scan: Scan) -> str:
    found = _KEYWORD.match(scan.text, scan.at)
    return found[0] if found else ""


def _pipeline(scan: Scan) -> Statement | None:
    stages: list[Stage] = []
    while scan.at < len(scan.text):
        stage = _stage(scan)
        if stage is not None:
            stages.append(stage)
        scan.blank()
        if not scan.here("|") or scan.here("||"):
            break
        scan.at += 2 if scan.here("|&") else 1
        _newlines(scan)
    return Statement(tuple(stages)) if stages else None


def _newlines(scan: Scan) -> None:
    """Step over line ends and comments behind a pipe."""
    while scan.at < len(scan.text):
        scan.blank()
        if scan.here("\n"):
            scan.at = max(scan.at + 1, scan.jumps.get(scan.at, 0))
        elif scan.here("#"):
            found = _COMMENT.match(scan.text, scan.at)
            scan.at = found.end() if found else scan.at
        else:
            break


def _stage(scan: Scan) -> Stage | None:
    keyword = _keyword(scan)
    while keyword in _SKIPPED:
        scan.at += len(keyword)
        _newlines(scan)
        keyword = _keyword(scan)
    named = _NAMED_FUNCTION.match(scan.text, scan.at) if keyword == "function" else None
    if named is not None:
        scan.at = named.end()
        return _function(scan, named[1])
    if keyword in _CLOSES:
        return None
    if scan.here("(("):
        return _arithmetic(scan)
    if scan.here("(") or keyword in _OPENS:
        return _group(scan, keyword)
    return _command(scan)


def _function(scan: Scan, name: str) -> Stage | None:
    if scan.depth >= DEPTH_LIMIT:
        scan.stop()
        return None
    scan.depth += 1
    inner = _stage(scan)
    scan.depth -= 1
    return Group((Statement((inner,)),) if inner else (), function=name)


def _arithmetic(scan: Scan) -> Stage:
    inside = scanner.nested(scan, 2)
    # What is counted is a word of its own: nothing that runs has a name of it.
    counted = tuple(scanner.outputs(scan, inside))
    words = ((Text(":"),), counted) if counted else ((Text(":"),),)
    return Command(scan.line(scan.at), inside[:_EVIDENCE], words)


def _group(scan: Scan, keyword: str) -> Stage | None:
    if scan.depth >= DEPTH_LIMIT:
        scan.stop()
        return None
    scan.depth += 1
    scan.at += len(keyword) or 1
    first: tuple[Statement, ...] = ()
    if keyword in {"for", "select"}:
        first = (Statement((_loop(scan),)),)
    inner = _items(scan) if keyword == "case" else _statements(scan, " " if keyword else ")")
    scan.depth -= 1
    scan.blank()
    start = scan.at
    redirects = tuple(_redirects(scan))
    return Group(
        (*first, *inner), redirects, line=scan.line(start), text=scan.text[start : scan.at][:_EVIDENCE]
    )


def _redirects(scan: Scan) -> list[Redirect]:
    """Read the redirects behind a group."""
    found: list[Redirect] = []
    scan.blank()
    while (redirect := _redirect(scan)) is not None:
        found.append(redirect)
        scan.blank()
    return found


def _loop(scan: Scan) -> Command:
    """Read `for NAME in WORD …`: a variable that has all these values."""
    start = scan.at
    scan.blank()
    if scan.here("(("):
        return Command(scan.line(start), "", ((Text(":"), *scanner.outputs(scan, scanner.nested(scan, 2))),))
    name = _plain(scanner.word(scan))
    _newlines(scan)
    words: list[Word] = []
    if _keyword(scan) == "in":
        scan.at += 2
        scan.blank()
        while item := scanner.word(scan):
            words.append(item)
            scan.blank()
    joined = tuple(part for item in words for part in (*item, Text(" ", quoted=True)))[:-1]
    each = tuple((name, item) for item in words[:_ITEMS]) if words[1:] else ()
    return Command(scan.line(start), scan.text[start : scan.at][:_EVIDENCE], (), (*each, (name, joined)))


def _items(scan: Scan) -> tuple[Statement, ...]:
    """Read `case WORD in PATTERN) … ;; … esac`."""
    scan.blank()
    subject = scanner.word(scan)
    found = [Statement((Command(scan.line(scan.at), "case", ((Text(":"), *subject),)),))]
    _newlines(scan)
    if _keyword(scan) == "in":
        scan.at += 2
    while scan.at < len(scan.text):
        _newlines(scan)
        if _keyword(scan) == "esac":
            scan.at += len("esac")
            break
        _pattern(scan)
        found.extend(_statements(scan, " "))
        if not scan.here(*_END_OF_ITEM):
            break  # `esac` without a mark before it
        while scan.here(";", "&"):
            scan.at += 1
    return tuple(found)


def _pattern(scan: Scan) -> None:
    """Step over the pattern of an item, up to its bracket."""
    scan.at += scan.here("(")
    while scan.at < len(scan.text) and not scan.here(")"):
        before = scan.at
        scanner.word(scan)
        scan.at += scan.at == before
    scan.at += 1


def _command(scan: Scan) -> Stage | None:
    start = scan.at
    words: list[Word] = []
    assigned: list[tuple[str, Word]] = []
    redirects: list[Redirect] = []
    declares = False
    while scan.at < len(scan.text):
        scan.blank()
        redirect = _redirect(scan)
        if redirect is not None:
            redirects.append(redirect)
            continue
        name = _ASSIGNED.match(scan.text, scan.at) if declares or not words else None
        item = scanner.word(scan) if not scan.here("#") else ()
        if not item:
            break
        if name is not None:
            assigned.append((name[1], _value(item, name)))
            continue
        words.append(item)
        if len(words) == 1:
            function = _FUNCTION.match(scan.text, scan.at) if not assigned else None
            if function is not None and _plain(item):
                scan.at = function.end()
                return _function(scan, _plain(item))
            declares = _plain(item) in _DECLARES
            if _plain(item) == "[[":
                words.extend(_condition(scan))
    if declares and assigned:
        words = []
    text = scan.text[start : min(scan.at, start + _EVIDENCE)].strip()
    if not (words or assigned or redirects):
        return None
    return Command(scan.line(start), text, tuple(words), tuple(assigned), tuple(redirects))


def _value(item: Word, name: re.Match[str]) -> Word:
    """Return what is assigned: the word without `NAME=`; `NAME+=` adds to what is there."""
    first = item[0]
    width = len(name[0])
    rest: Word = item
    if isinstance(first, Text):
        rest = (*([first._replace(text=first.text[width:])] if len(first.text) > width else []), *item[1:])
    return (Variable(name[1], quoted=True), *rest) if name[2] else rest


def _condition(scan: Scan) -> list[Word]:
    """Read up to `]]`, where `&&`, `<` and brackets are no marks of the shell."""
    words: list[Word] = []
    while scan.at < len(scan.text):
        _newlines(scan)
        if scan.here("]]"):
            scan.at += 2
            break
        item = scanner.word(scan)
        words += [item] if item else []
        scan.at += not item
    return words


def _redirect(scan: Scan) -> Redirect | None:
    found = _REDIRECT.match(scan.text, scan.at)
    if found is None:
        return None
    scan.at = found.end()
    scan.blank()
    mark, number = found["mark"], found["number"] or ""
    item = scanner.word(scan)
    if mark == "<<<":
        return Redirect("text", item)
    if mark.startswith("<<"):
        literal = any(isinstance(part, Text) and part.quoted for part in item)
        delimiter = "".join(part.text for part in item if isinstance(part, Text))
        return Redirect(
            "text", scanner.body(scan, literal=literal, strips=mark == "<<-", delimiter=delimiter)
        )
    return Redirect("in" if mark.startswith("<") else "add" if ">>" in mark else "out", item, number)


def _plain(item: Word) -> str:
    """Return a word that is written as it is."""
    return item[0].text if len(item) == 1 and isinstance(item[0], Text) and not item[0].quoted else ""
