r"""The evidence as PDF, with fpdf2 (the extra `pdf`).

Its own fonts know the letters of Western Europe; any other letter is written as `\u540d`, so that nothing
is left out and nothing is embedded. The same evidence gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fimci.compliance.evidence import Dossier, Evidence
from fimci.compliance.forms import DISCLAIMER, facts, head, plain, state
from fimci.errors import UsageError
from fimci.printable import printable

if TYPE_CHECKING:
    from fpdf import FPDF

_TEXT = 600
#: Millimetres of the column of names, and of a line; sizes of type.
_NAMES, _LINE, _PLAIN, _SMALL, _TITLE, _HEADING = 38, 5, 9, 8, 16, 12
_SEVERITY, _RULE, _STATE, _NUMBER = 16, 44, 58, 22
#: A requirement begins where at least so much of it fits.
_TOGETHER = 60
_OVERVIEW = ("requirement", "evidence", "runs", "open findings")
_COLUMNS = ("grade", "rule", "where and what", "state")


def pdf(told: Dossier) -> bytes:
    """Write it. Raises `UsageError` where fpdf2 is not installed."""
    try:
        import fpdf  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise UsageError("PDF needs fpdf2", "install fimci[pdf], or ask for html") from error

    class Numbered(fpdf.FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font("helvetica", "", _SMALL)
            self.cell(0, _LINE, f"{self.page_no()} / {{nb}}", align="R")

    made = Numbered(format="A4")
    made.set_creation_date(told.made.astimezone(dt.timezone.utc))
    made.set_title(_text(f"{told.mapping.title}: evidence"))
    made.set_lang("en")
    made.set_auto_page_break(auto=True, margin=15)
    made.add_page()
    _heading(made, f"{told.mapping.title}: evidence", _TITLE)
    for name, value in head(told):
        _pair(made, name, value)
    made.ln(2)
    made.set_font("helvetica", "B", _PLAIN)
    made.multi_cell(0, _LINE, _text(DISCLAIMER), align="L", new_x="LMARGIN", new_y="NEXT")
    _overview(made, told)
    for one in told.evidence:
        _requirement(made, one)
    return bytes(made.output())


def _overview(made: FPDF, told: Dossier) -> None:
    made.ln(4)
    _heading(made, "Overview", _HEADING)
    rows = [(one.requirement.id, one.verdict, f"{one.runs:,}", f"{one.open:,}") for one in told.evidence]
    _table(made, (_RULE, made.epw - _RULE - 2 * _NUMBER, _NUMBER, _NUMBER), [_OVERVIEW, *rows])


def _table(made: FPDF, widths: tuple[float, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Write rows, the first of them as a heading that each page repeats; none is cut by the end of a page."""
    made.set_font("helvetica", "", _SMALL)
    with made.table(
        col_widths=widths,
        line_height=4,
        padding=0.8,
        text_align="LEFT",
        v_align="TOP",
        borders_layout="HORIZONTAL_LINES",
    ) as table:
        for cells in rows:
            row = table.row()
            for cell in cells:
                row.cell(_text(cell))


def _requirement(made: FPDF, one: Evidence) -> None:
    if made.will_page_break(_TOGETHER):
        made.add_page()
    made.ln(4)
    _heading(made, f"{one.requirement.id}: {one.verdict}", _HEADING)
    for name, value in facts(one):
        _pair(made, name, plain(value))
    if not one.shown:
        return
    rest = made.epw - _SEVERITY - _RULE - _STATE
    rows = [(item.severity, item.rule, f"{item.path}: {item.message}", state(item)) for item in one.shown]
    _table(made, (_SEVERITY, _RULE, rest, _STATE), [_COLUMNS, *rows])
    if one.findings > len(one.shown):
        made.cell(0, _LINE, f"and {one.findings - len(one.shown):,} more", new_x="LMARGIN", new_y="NEXT")


def _heading(made: FPDF, text: str, size: int) -> None:
    made.set_font("helvetica", "B", size)
    made.multi_cell(0, size * 0.5, _text(text), align="L", new_x="LMARGIN", new_y="NEXT")
    made.ln(1)


def _pair(made: FPDF, name: str, value: str) -> None:
    made.set_font("helvetica", "B", _PLAIN)
    made.cell(_NAMES, _LINE, _text(name))
    made.set_font("helvetica", "", _PLAIN)
    made.multi_cell(0, _LINE, _text(value), align="L", new_x="LMARGIN", new_y="NEXT")


def _text(text: str) -> str:
    """Return printable text in the letters of the font."""
    shown = printable(text, _TEXT).replace("…", "...").replace("→", "->").replace("–", "-").replace("’", "'")
    return shown.encode("latin-1", "backslashreplace").decode("latin-1")
