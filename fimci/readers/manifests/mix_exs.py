"""`mix.exs` of Elixir: what a project asks for, by its words alone.

The file is a program, of which nothing is run. Read are tuples that are written out, wherever they stand, and
look like a dependency: `{:left, "~> 1.0"}`, `{:left, github: "acme/left", tag: "v1.0.0", override: true}`.

    {:name, …}              Package   `manifest`
    overrides.NAME          Setting   whoever asks for another version gets this one

The reference is the documentation of Mix (`Mix.Tasks.Deps`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Malformed, text_of
from fimci.model import OriginKind, Package, Record, Unread
from fimci.readers import elixir_terms
from fimci.readers.documents import unparsed
from fimci.readers.manifests import settings

_TUPLE = re.compile(r"\{\s*:[a-z]\w*\s*,")
#: What is no code: comments, and texts of several lines; other texts stay.
_ASIDE = re.compile(r'(?P<kept>"(?!"")(?:[^"\\]|\\.)*")|"""(?:[^"]|"(?!""))*(?:""")?|\#[^\n]*', re.DOTALL)
_REQUIREMENT = re.compile(r"(?:~>|[<>!=]=|[<>])?\s*\d[\w.+-]*(?:\s+(?:and|or)\s+.*)?", re.DOTALL)
#: Keys by which a tuple shows that it is a dependency.
_TELLING = frozenset({"git", "github", "path", "in_umbrella", "override", "organization", "repo", "hex"})
_REVISIONS = ("ref", "tag", "branch")
#: Tuples of one file that are looked at, and letters of one.
_MOST, _LONGEST = 1_000, 2_000


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every `mix.exs`."""
    return path.rpartition("/")[2] == "mix.exs"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the project asks for and overrides."""
    try:
        text = _ASIDE.sub(_blank, text_of(data))
    except Malformed as error:
        yield unparsed(path, error)
        return
    yield from settings.bounded(path, _facts(path, text))


def _blank(found: re.Match[str]) -> str:
    """Return a text as it is; of what is no code, its lines alone."""
    return found["kept"] or "\n" * found[0].count("\n")


def _facts(path: str, text: str) -> Iterator[Record]:
    taken: set[str] = set()
    line, seen = 1, 0
    for count, found in enumerate(_TUPLE.finditer(text)):
        line += text.count("\n", seen, found.start())
        seen = found.start()
        if count >= _MOST:
            yield Unread(path=path, part="the rest", why=f"more than {_MOST:,} tuples", line=line)
            return
        try:
            term = elixir_terms.term(text[seen : seen + _LONGEST])
        except Malformed:
            continue  # computed, or no tuple of values: the lock says what became of it
        options = {one[0]: one[1] for one in _options(term)}
        name = str(term[0])
        if name not in taken and _is_dependency(term, options):
            taken.add(name)
            yield _package(path, term, options, line)
            if options.get("override") == "true":
                yield settings.setting(path, f"overrides.{name}", "true", line)


def _options(term: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    for one in (*term[1:], *(pair for part in term[1:] if isinstance(part, list) for pair in part)):
        if isinstance(one, tuple) and len(one) == 2 and all(isinstance(part, str) for part in one):  # noqa: PLR2004  (a pair)
            yield one


def _is_dependency(term: tuple[Any, ...], options: dict[str, str]) -> bool:
    version = term[1] if len(term) > 1 else None
    asked = isinstance(version, str) and _REQUIREMENT.fullmatch(version.strip()) is not None
    return asked or bool(_TELLING & options.keys())


def _package(path: str, term: tuple[Any, ...], options: dict[str, str], line: int) -> Package:
    version = term[1] if isinstance(term[1], str) else None
    kind, origin = _origin(options)
    name = options.get("hex") or str(term[0])
    return Package(
        ecosystem="hex",
        name=name,
        place=f"{path}#deps/{term[0]}",
        stated_by="manifest",
        version=version,
        origin_kind=kind,
        origin=origin,
        alias=str(term[0]) if name != term[0] else None,
        at=settings.place(path, line, excerpt(f"{term[0]} {version or ''} {origin or ''}".rstrip())),
    )


def _origin(options: dict[str, str]) -> tuple[OriginKind, str | None]:
    url = options.get("git") or (
        f"https://github.com/{options['github']}.git" if options.get("github") else ""
    )
    if url:
        revision = next((options[key] for key in _REVISIONS if options.get(key)), "")
        return "git", without_credentials(f"{url}#{revision}" if revision else url)
    if "path" in options:
        return "directory", options["path"]
    if options.get("in_umbrella") == "true":
        return "workspace", None
    if options.get("organization"):
        return "registry", f"hex://{options['organization']}.hexpm"
    return "registry", f"hex://{options['repo']}" if options.get("repo") else None
