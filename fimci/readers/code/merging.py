"""Shared by this room: programs that stand in one file with others, at lines of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import structs

from fimci.capabilities.uses import Program
from fimci.model import Capability, Record


def moved(program: Program, line: Callable[[int], int]) -> Program:
    """Return a program at the lines of the file around it."""
    return program._replace(
        uses=tuple(use._replace(line=line(use.line)) for use in program.uses),
        references=tuple(one._replace(line=line(one.line)) for one in program.references),
        texts=tuple(one._replace(line=line(one.line)) for one in program.texts),
        decoded=tuple((line(at), how, data) for at, how, data in program.decoded),
        broken=line(program.broken) if program.broken else 0,
    )


def merged(programs: Iterable[Program]) -> Program:
    """Return several programs as one. Their functions stay apart; what is outside of all is shared."""
    parts: list[Program] = []
    functions = 0
    for one in programs:
        uses = tuple(
            use._replace(function=use.function + functions) if use.function else use for use in one.uses
        )
        texts = tuple(
            text._replace(function=text.function + functions) if text.function else text for text in one.texts
        )
        functions += max(0, 0, *(use.function for use in one.uses), *(text.function for text in one.texts))
        parts.append(one._replace(uses=uses, texts=texts))
    return Program(
        uses=tuple(use for one in parts for use in one.uses),
        references=tuple(reference for one in parts for reference in one.references),
        texts=tuple(text for one in parts for text in one.texts),
        decoded=tuple(payload for one in parts for payload in one.decoded),
        broken=next((one.broken for one in parts if one.broken), 0),
        capped=next((one.capped for one in parts if one.capped), ""),
    )


def when_called(records: Iterable[Record]) -> Iterator[Record]:
    """Yield records of what nobody loads: it runs when somebody opens it."""
    for record in records:
        yield structs.replace(record, phase="call") if isinstance(record, Capability) else record


def distinct(records: Iterable[Record]) -> Iterator[Record]:
    """Yield the first record of each key: of what two languages in one file can both do."""
    seen: set[tuple[str, ...]] = set()
    for record in records:
        if record.key not in seen:
            seen.add(record.key)
            yield record
