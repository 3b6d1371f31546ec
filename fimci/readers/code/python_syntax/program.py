"""A Python file as what it uses: the way in to this package."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from tree_sitter import Node

from fimci.capabilities import choices, constants, passing
from fimci.capabilities.catalogue import find
from fimci.capabilities.python_names import NAMES
from fimci.capabilities.uses import Constant, Program, Reference, Use, Value, quoted
from fimci.readers.code import sought
from fimci.readers.code.nesting import Nested
from fimci.readers.code.pure import LISTED_CUT, Spent, Work
from fimci.readers.code.python_syntax import folding, linking, loading, passes, prefilter, reexports
from fimci.readers.code.python_syntax.literals import literal
from fimci.readers.code.python_syntax.parsing import Descent, Parsed, parse
from fimci.readers.code.python_syntax.phases import Phases
from fimci.readers.code.python_syntax.scopes import Scopes, collect
from fimci.readers.code.python_syntax.uses import TOO_LARGE, Finder
from fimci.readers.code.python_syntax.words import long_lines
from fimci.readers.code.unwritten import Unwritten

#: Code in code in code is read to here, and texts and imports told up to here.
_NESTED, _MOST = 3, 10_000
_TOO_MANY = "more texts or imports than are looked at in one file"
_Edges: TypeAlias = Mapping[str, frozenset[tuple[str, str]]]
_ADDRESSES = re.compile(rb"://")


def program(data: bytes, path: str, depth: int = 0) -> Program:
    """Return what a file uses. Code that it runs from a constant is read, too, as if it stood there."""
    parsed = parse(data)
    try:
        scopes = collect(parsed.root, parsed.data)
        finder = Finder(parsed, scopes)
    except Spent:
        return Program(broken=parsed.broken, capped=TOO_LARGE)
    finder.values.naming.path = path
    seen = finder.uses()
    unwritten = Unwritten(data, NAMES)
    whole = tuple(unwritten.decoded(use) for use in seen)
    uses, many = choices.spread(whole)
    made = [use for use, was in zip(whole, seen, strict=True) if use is not was]
    nested = Nested(lambda code: _nested(code, path, depth + 1), len(data), depth)
    inner = [found for use in uses for found in _inside(use, nested)] if depth < _NESTED else []
    cut: set[str] = set()
    texts = dict.fromkeys(
        (
            *_texts(parsed, finder.phases, cut),
            *_arguments(uses),
            *(text for one in inner for text in one.texts),
        )
    )
    links, handed = linking.Linked({}, {}, {}), dict[str, frozenset[tuple[str, str]]]()
    if not depth:
        imports = reexports.imports(path, data)
        handed = {name: frozenset(those) for name, those in reexports.handed_on(path, imports).items()}
        passed = passes.Passes(parsed.data, parsed.root, finder.values)
        links = linking.linked(path, finder.phases, (*uses, *constants.saying(texts)), passed)
    references = dict.fromkeys((*_references(finder, scopes), *loading.references(uses)))
    if len(texts) > _MOST or len(references) > _MOST:
        cut.add(_TOO_MANY)
    return Program(
        uses=(*uses, *(use for one in inner for use in one.uses)),
        references=tuple(references)[:_MOST],
        texts=tuple(texts)[:_MOST],
        decoded=(
            *dict.fromkeys((*finder.values.calling.decoded, *finder.values.calling.decoders.decoded)),
            *(item for one in inner for item in one.decoded),
            *((use.line, "characters", unwritten.code(use)) for use in made),
        ),
        entries=links.entries,
        calls=_merged(handed, links.calls),
        passes=_merged(passing.handed_on(handed), links.passes),
        by_roles=True,
        broken=parsed.broken,
        capped=parsed.capped
        or finder.capped
        or ("more scopes than are looked at" if scopes.capped else "")
        or unwritten.capped
        or nested.capped
        or many
        or min(cut, default=LISTED_CUT if scopes.work.cut else "")
        or links.capped,
    )


def tied(silent: Program, data: bytes, path: str) -> Program:
    """Return a file that uses nothing of the outside world with whom it calls at once, and what it loads.

    Its values are not evaluated: what goes from whom to whom is known from its bytes.
    """
    parsed = parse(data)
    try:
        scopes = collect(parsed.root, parsed.data)
        finder = Finder(parsed, scopes)
        links = linking.linked(path, finder.phases)
    except Spent:
        return silent._replace(broken=parsed.broken, capped=TOO_LARGE)
    return silent._replace(
        references=tuple(_references(finder, scopes))[:_MOST],
        calls=_merged(silent.calls, links.calls),
        broken=parsed.broken,
        capped=parsed.capped or silent.capped or links.capped,
    )


def _nested(data: bytes, path: str, depth: int) -> Program:
    return program(data, path, depth) if prefilter.tells(data) else Program()


def _merged(one: _Edges, other: _Edges) -> _Edges:
    """Return what is told of functions by their names, from both."""
    return {name: one.get(name, frozenset()) | other.get(name, frozenset()) for name in {**one, **other}}


def _inside(use: Use, nested: Nested) -> Iterator[Program]:
    """Yield the program that a use runs, where its code is known: its lines are those of the use."""
    api = find(NAMES, use.name)
    if api is None or not (api.evaluates or use.name == "compile") or not use.arguments:
        return
    code = use.arguments[0].text
    if not code:
        return
    found = nested.program(code.encode("utf-8", "replace") if isinstance(code, str) else code)
    if found is not None:
        yield quoted(found, use)


def _references(finder: Finder, scopes: Scopes) -> Iterator[Reference]:
    seen = set()
    for node, module, member, _local in scopes.imports:
        for target in reexports.means(module, member) if module else (module,):
            if target not in seen and not finder.phases.never(node.start_byte):
                seen.add(target)
                yield Reference(target, node.start_point.row + 1, finder.phases.at(node.start_byte))


def _arguments(uses: tuple[Use, ...]) -> Iterator[Constant]:
    """Yield the texts that were put together before they were used."""
    for use in uses:
        for value in (*use.arguments, *use.keywords.values()):
            if (
                isinstance(value.text, str)
                and not value.literal
                and value.text
                and len(value.text) < folding.LARGEST
            ):
                yield Constant(use.line, value.text, use.phase, use.function)


def _texts(parsed: Parsed, phases: Phases, cut: set[str]) -> Iterator[Constant]:
    """Yield the literals outside of docstrings that name an address or a place of secrets, and long ones.

    Where there are more than are looked at, `cut` says so.
    """
    descent = Descent(parsed.root, Work(len(parsed.data)))
    phases.scopes.work.begin()
    seen = set()
    for count, position in enumerate(_candidates(parsed.data)):
        if count > _MOST:
            cut.add(_TOO_MANY)
            return
        try:
            path = descent.to(position)
            phase, function = phases.at(position), _function(phases.scopes, position)
        except Spent:
            cut.add(_TOO_MANY)
            return
        index = next(
            (index for index, node in enumerate(path) if node.type in {"string", "concatenated_string"}), 0
        )
        if (
            not index
            or path[index - 1].type in {"expression_statement", "module", "block"}
            or path[index].id in seen
        ):
            continue
        seen.add(path[index].id)
        value = literal(path[index], _nothing)
        text = value.text.decode("latin-1") if isinstance(value.text, bytes) else value.text
        for piece in filter(None, (text,) if text is not None else value.parts):
            yield Constant(path[index].start_point.row + 1, piece, phase, function)


def _function(scopes: Scopes, position: int) -> int:
    """Return the number of the function around a place, as uses have it."""
    number = scopes.at(position)
    while number and scopes.scopes[number].kind == "class":
        number = scopes.scopes[number].parent
    return number


def _nothing(_node: Node) -> Value:
    return folding.UNKNOWN


def _candidates(data: bytes) -> Iterator[int]:
    yield from (found.start() for found in _ADDRESSES.finditer(data))
    for _, found in sought.in_order(data, prefilter.SOUGHT_PLACES):
        yield from found
    for start, end in long_lines(data, prefilter.LONG_LINE):
        encoded = prefilter.ENCODED.search(data, start, end)
        if encoded is not None:
            yield encoded.start()
