"""Modules of Terraform, OpenTofu and Terragrunt: no lockfile holds their versions or commits.

    module "x" { source = "owner/name/aws", version = "~> 5.0" }       Package   `terraform`, of a registry
    module "x" { source = "git::https://host.example/o/r?ref=v1" }     Package   `terraform`, of a repository
    terraform { source = "…" }                                         the same, in `terragrunt.hcl`

What a value is put into when it runs (`${…}`) is stated by nobody. Paths of the repository are no sources.

https://developer.hashicorp.com/terraform/language/modules/sources
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Malformed, text_of
from fimci.model import UNSTATED, Package, Place, Record, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import remote_sources, settings

_JSON = (".tf.json", ".tofu.json")
_HCL = (".tf", ".tofu")
_TERRAGRUNT = "terragrunt.hcl"
_KEYS = frozenset({"source", "version"})
#: Stands for what is no plain text: a value that is put together, or spelt with escapes.
_COMPUTED = "${…}"
_TOKEN = re.compile(
    r"(?P<space>\s+|#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<heredoc><<-?(?P<end>[\w-]+)\r?\n)"
    r'|(?P<quote>")|(?P<open>[{\[(])|(?P<close>[}\])])|(?P<equals>=(?![=>]))|(?P<word>[\w-]+)|(?P<other>.)',
    re.DOTALL,
)
#: What matters within a text: its end, and where something is put in.
_INNER = re.compile(r'\\.|[$%]{2}\{|"|[$%]\{|[{}]', re.DOTALL)
#: `owner/name/system`, with or without the host of a registry.
_REGISTRY = re.compile(
    r"(?:(?P<host>[\w.-]+\.[\w-]+(?::\d+)?)/)?(?P<name>[\w-]+/[\w-]+/[\w-]+)(?://.*)?", re.DOTALL
)


class _Call(NamedTuple):
    """A module that is called: under which name, and its source and version with their lines."""

    label: str
    line: int
    values: dict[str, tuple[str, int]]


class _Value(NamedTuple):
    """A value that is being read: its key, its line, and the first two of its tokens."""

    key: str
    line: int
    tokens: list[_Token]


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want configurations in either syntax."""
    return path.endswith((*_HCL, *_JSON)) or path.rpartition("/")[2] == _TERRAGRUNT


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per module that is no path of the repository."""
    if b"source" not in data:
        return
    json = path.endswith(_JSON)
    try:
        if json:
            yield from _of_json(path, data)
            return
        calls = list(_calls(text_of(data)))
    except Malformed as error:
        yield unparsed(path, error, "JSON" if json else "HCL")
        return
    yield from _packages(path, calls)


def _of_json(path: str, data: bytes) -> Iterator[Record]:
    from fimci.marked import json  # noqa: PLC0415  (few modules are written so)

    document = json.loads(text_of(data))
    yield from repeated(path, document, {"module"})
    calls = []
    for label, value in document.table("module").items():
        listed = isinstance(value, list)
        for index, one in enumerate(value if listed else [value]):
            where = ("module", label, index) if listed else ("module", label)
            stated = _KEYS.intersection(one) if isinstance(one, dict) else ()
            said = {
                key: (one[key], document.line((*where, key))) for key in stated if isinstance(one[key], str)
            }
            calls.append(_Call(label, document.line(where), said))
    yield from _packages(path, calls)


def _packages(path: str, calls: list[_Call]) -> Iterator[Record]:
    used: Counter[str] = Counter()
    yield from settings.bounded(path, (one for call in calls for one in _records(path, call, used)))


def _records(path: str, call: _Call, used: Counter[str]) -> Iterator[Record]:
    source, line = call.values.get("source", ("", call.line))
    # Terragrunt puts nearly all of them together. Elsewhere it is odd, and hides where a module comes from.
    if "${" in source.partition("?")[0] and not path.endswith(_TERRAGRUNT):
        part = f"module.{call.label[:80]}"
        yield Unread(path=path, part=part, why="a source that is put together", line=line)
    elif len(source) > remote_sources.LONGEST:
        part = f"module.{call.label[:80]}"
        yield Unread(path=path, part=part, why="an address longer than any use", line=line)
    elif (found := _package(path, call, used)) is not None:
        yield found


def _calls(text: str) -> Iterator[_Call]:
    """Yield the blocks `module "LABEL"` and `terraform` that name a source. Raises `Malformed`."""
    newlines = [found.start() for found in re.finditer("\n", text)]
    depth, before = 0, list[_Token]()
    call: _Call | None = None
    value: _Value | None = None
    for token in _tokens(text, newlines):
        line = bisect_left(newlines, token.at) + 1
        ends = token.kind == "close" and depth == 1
        if value is not None and depth == 1 and (ends or line > value.line):
            _settle(call, value)
            value = None
        if token.kind == "open":
            call = _opened(before, line) if depth == 0 else call
            depth += 1
        elif token.kind == "close":
            depth -= 1
            if depth < 0:
                raise Malformed("a bracket closes what is not open", line)
            if depth == 0 and call is not None and "source" in call.values:
                yield call
        if value is not None:
            value.tokens[:] = [*value.tokens[:1], token]
        elif token.kind == "equals" and depth == 1 and before and before[-1].text in _KEYS:
            value = _Value(before[-1].text, line, [])
        before = [*before[-1:], token]
    if depth:
        raise Malformed("a block without an end", len(newlines) + 1)


def _settle(call: _Call | None, value: _Value) -> None:
    """Take in a value whose end was met: one plain text is what it says."""
    if call is not None:
        only = value.tokens[0] if len(value.tokens) == 1 else None
        plain = only is not None and only.kind == "text" and "\\" not in only.text
        call.values[value.key] = only.text if only is not None and plain else _COMPUTED, value.line


def _opened(before: list[_Token], line: int) -> _Call | None:
    """Return what a block calls that begins here, by the words before it."""
    last = before[-1] if before else None
    if last is not None and last.kind == "word" and last.text == "terraform":
        return _Call("terraform", line, {})
    named = last is not None and last.kind in {"text", "word"} and len(before) > 1
    return _Call(before[-1].text, line, {}) if named and before[-2].text == "module" else None


def _tokens(text: str, newlines: list[int]) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        kind = found.lastgroup if found is not None else None
        if found is None or kind is None:
            return
        if found["heredoc"] is not None:
            end = re.compile(rf"^[ \t]*{re.escape(found['end'])}\r?$", re.MULTILINE).search(text, found.end())
            if end is None:
                raise Malformed("a text without an end", bisect_left(newlines, at) + 1)
            at = end.end()
        elif kind == "quote":
            end_at = _end_of_text(text, at + 1)
            if end_at < 0:
                raise Malformed("a text without an end", bisect_left(newlines, at) + 1)
            yield _Token("text", text[at + 1 : end_at], at)
            at = end_at + 1
        else:
            if kind != "space":
                yield _Token(kind, found[0], at)
            at = found.end()


def _end_of_text(text: str, at: int) -> int:
    """Return where a quoted text ends: what is put into it may hold quoted texts and brackets of its own."""
    inside = ['"']
    for found in _INNER.finditer(text, at):
        what = found[0]
        quoted = inside[-1] == '"'
        if what == '"' and quoted:
            inside.pop()
            if not inside:
                return found.start()
        elif what == '"' or (what in {"${", "%{"} or (what == "{" and not quoted)):
            inside.append('"' if what == '"' else "{")
        elif what == "}" and not quoted:
            inside.pop()
    return -1


def _package(path: str, call: _Call, used: Counter[str]) -> Package | None:
    source, line = call.values.get("source", ("", call.line))
    version, to = call.values.get("version", ("", line))
    place = f"module/{call.label}"
    address, _, query = source.partition("?")
    found = remote_sources.remote(source)
    registered = _REGISTRY.fullmatch(source) if found is None else None
    if found is None and registered is None and "${" not in source:
        return None
    used[place] += 1
    label = place if used[place] == 1 else f"{place}[{used[place]}]"
    if found is not None:
        version, to = (found.version, line) if found.version else (version, to)
        name, kind, origin = found.name.partition("//")[0], found.kind, without_credentials(found.origin)
    else:
        host = registered["host"] if registered is not None else None
        name = registered["name"] if registered is not None else call.label
        kind, origin = "registry", f"https://{host}" if host else ""
    return Package(
        ecosystem="terraform",
        name=call.label if "${" in address else name,
        place=f"{path}#{label}",
        stated_by="manifest",
        version=UNSTATED if "${" in version or "${" in query else version or None,
        origin_kind=UNSTATED if "${" in address else kind,
        origin=UNSTATED if "${" in address else origin or None,
        integrity=(),
        at=Place(
            path, line, excerpt(f"source = {source} {version}".rstrip()), (("origin", line), ("version", to))
        ),
    )
