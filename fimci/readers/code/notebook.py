"""Notebooks of Jupyter: what their cells can do, at the lines of the JSON where the code stands.

    code cells                        as the reader of Python (or JavaScript) tells; they share their names
    `!cmd`, `%sx`, `%pip`, `%%bash`   as commands (`fimci.readers.code.magics`)
    `%%javascript`, `%%html`          as scripts
    outputs in HTML and JavaScript    scripts that run when the notebook is opened and trusted

All of it runs when somebody asks for it (`call`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from fimci.capabilities.judge import judge
from fimci.marked import json
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Record, Unread
from fimci.readers.code import told
from fimci.readers.code.magics import Cell, cell
from fimci.readers.code.merging import distinct, moved, when_called
from fimci.readers.code.page import Script, page
from fimci.readers.code.scripts import judged
from fimci.readers.documents import unparsed

#: Cells that are looked at, and outputs of one.
_CELLS, _OUTPUTS = 5000, 100
_HTML = ("text/html", "image/svg+xml")
_SCRIPTS = ("application/javascript", "text/javascript")
#: Languages of kernels, as the readers call them; of others nothing is told, as of their files.
_LANGUAGES = {
    **dict.fromkeys(("python", "python2", "python3", "ipython", "sage"), "python"),
    **dict.fromkeys(("javascript", "node"), "js"),
    **dict.fromkeys(("typescript", "deno"), "ts"),
    **dict.fromkeys(("bash", "sh", "zsh"), "sh"),
    **dict.fromkeys(("powershell", "pwsh"), "powershell"),
}


_ROW = re.compile(r"[^\n]*\n|[^\n]+")


class _Text(NamedTuple):
    """A text in the notebook, and the line of the file on which each of its own stands."""

    text: str
    lines: tuple[int, ...]

    def line(self, number: int) -> int:
        """Return the line of the file for a line of the text, from 1."""
        return self.lines[min(max(number, 1), len(self.lines)) - 1]


class _Read(NamedTuple):
    """A cell that was taken apart."""

    source: _Text
    cell: Cell


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether it is a notebook."""
    return True


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the cells can do. What is no JSON is `Unread`."""
    try:
        document = json.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    cells = _code_cells(document)
    yield from distinct(when_called(_records(path, document, cells[:_CELLS])))
    if len(cells) > _CELLS:
        line = document.line(cells[_CELLS])
        yield Unread(path=path, why=f"has more than {_CELLS:,} cells", part="cells", line=line)


def _code_cells(document: Marked) -> list[Pointer]:
    """Return where code cells are: at the top, or in the worksheets that were until 2015."""
    found: list[Pointer] = [("cells", number) for number in range(len(document.items("cells")))]
    for sheet in range(len(document.items("worksheets"))):
        cells = document.items("worksheets", sheet, "cells")
        found.extend(("worksheets", sheet, "cells", number) for number in range(len(cells)))
    return [one for one in found if document.table(*one).get("cell_type") == "code"]


def _records(path: str, document: Marked, cells: list[Pointer]) -> Iterator[Record]:
    language = _language(document)
    parts: list[_Read] = []
    scripts: list[Script] = []
    for one in cells:
        source = _text(document, (*one, "source" if "source" in document.table(*one) else "input"))
        parts.append(_Read(source, cell(source.text, language)))
        scripts.extend(_outputs(document, one))
    yield from _python(path, [part for part in parts if part.cell.language == "python"])
    yield from told.records(path, _commands(parts))
    for source, found in parts:
        if found.language in {"js", "ts"}:
            scripts.extend(_moved([Script(1, found.code.encode("utf-8", "replace"), found.language)], source))
        elif found.language == "html":
            scripts.extend(_moved(page(found.code.encode("utf-8", "replace")).scripts, source))
    yield from judged(path, scripts)


def _language(document: Marked) -> str:
    metadata = document.table("metadata")
    for table, key in (("language_info", "name"), ("kernelspec", "language"), ("kernelspec", "name")):
        value = metadata.get(table)
        if isinstance(value, dict) and isinstance(value.get(key), str):
            return _LANGUAGES.get(value[key].lower(), "")
    return "python"


def _text(document: Marked, pointer: Pointer) -> _Text:
    """Return the text at a place: one, or a list of its lines."""
    value: Any = document.table(*pointer[:-1]).get(str(pointer[-1]))
    if isinstance(value, str):
        return _Text(value, (document.line(pointer),))
    texts: list[str] = []
    lines: list[int] = []
    fresh = True
    for number, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, str):
            texts.append(item)
            for row in _ROW.findall(item):
                if fresh:
                    lines.append(document.line((*pointer, number)))
                fresh = row.endswith("\n")
    return _Text("".join(texts), tuple(lines) or (document.line(pointer),))


def _python(path: str, parts: list[_Read]) -> Iterator[Record]:
    """Judge the cells together, as they share their names.

    The kernel runs none that is not in the syntax; such a cell stands last, where it cannot hide another.
    """
    from fimci.readers.code.python_syntax import prefilter  # noqa: PLC0415  (where there is a notebook)

    if not prefilter.tells(_joined(parts)[0]):
        return
    from fimci.capabilities.python_names import NAMES  # noqa: PLC0415  (as above)
    from fimci.readers.code.python_syntax.program import program  # noqa: PLC0415  (loads the parser)

    code, lines = _joined(parts)
    found = program(code, path)
    if found.broken:
        code, lines = _joined(sorted(parts, key=_broken))
        found = program(code, path)
    yield from judge(path, moved(found, lambda line: lines[min(line, len(lines)) - 1]), NAMES)


def _broken(part: _Read) -> bool:
    from fimci.readers.code.python_syntax.parsing import parse  # noqa: PLC0415  (as above)

    return bool(parse(part.cell.code.encode("utf-8", "replace")).broken)


def _joined(parts: list[_Read]) -> tuple[bytes, list[int]]:
    """Return the cells as one text, and the line of the file for each of its lines."""
    rows: list[str] = []
    lines: list[int] = []
    for source, found in parts:
        for number, row in enumerate(found.code.split("\n"), 1):
            rows.append(row)
            lines.append(source.line(number))
    return "\n".join(rows).encode("utf-8", "replace"), lines or [1]


def _commands(parts: list[_Read]) -> Iterator[told.Text]:
    for source, found in parts:
        for command in found.commands:
            line, more = source.line(command.line + 1), command.text.count("\n")
            folded = source.line(command.line + 1 + more) != line + more
            yield told.Text(command.text, line, dialect=command.dialect, folded=folded)


def _outputs(document: Marked, pointer: Pointer) -> Iterator[Script]:
    """Yield scripts that are in what a cell has shown."""
    for number in range(min(len(document.items(*pointer, "outputs")), _OUTPUTS)):
        where = (*pointer, "outputs", number, "data")
        for kind in document.table(*where):
            if kind in _HTML or kind in _SCRIPTS:
                shown = _text(document, (*where, kind))
                data = shown.text.encode("utf-8", "replace")
                yield from _moved(page(data).scripts if kind in _HTML else [Script(1, data)], shown)


def _moved(scripts: Iterable[Script], source: _Text) -> Iterator[Script]:
    """Yield scripts at the line of the file; texts with one line each are as they stand there."""
    for script in scripts:
        yield script._replace(line=source.line(script.line))
