"""The report as an annotation of Buildkite: Markdown for `buildkite-agent annotate --context fimci`.

The agent takes at most 1 MiB.
"""

from __future__ import annotations

from fimci.findings import Report
from fimci.reports import markdown

#: Bytes of one annotation.
LIMIT = 1024 * 1024


def render(report: Report) -> str:
    """Write the annotation."""
    return markdown.render(report, LIMIT)
