"""The summary of a job: the report as Markdown, within what the runner uploads.

A step may write 1 MiB; of more, nothing is shown at all. The report is cut at a row, and says what is
left out.
"""

from __future__ import annotations

from fimci.findings import Report
from fimci.reports import markdown

#: Bytes that a step may write. Some are left for what other tools in the same step wrote before.
LIMIT = 1024 * 1024 - 1024


def summary(report: Report, already: int = 0) -> str:
    """Return the text to append to a summary that has `already` so many bytes; empty where nothing fits."""
    room = LIMIT - already
    return markdown.render(report, room) if room > markdown.SMALLEST else ""
