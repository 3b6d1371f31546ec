"""How a report is written: one module per format, listed here and nowhere else.

A format is a function `render` from `Report` to text, the final newline included and without lone
surrogates. It formats untrusted text only through `fimci.printable`, plus the escaping of its own
sink. What the formats share is in the modules of `SUPPORT`; apart from those they never import each
other. A module is imported once its format is asked for (docs/decisions/readers-on-demand.md).
"""

from __future__ import annotations

import importlib

from fimci.findings import Report

#: Modules that the others of this room may use: chains of custody, a report as events, grades for every sink,
#: paths as bytes, the verdict, and Markdown, which several systems show.
SUPPORT: tuple[str, ...] = ("chains", "events", "grades", "html_tree", "markdown", "paths", "verdict")

#: Formats by the name that `--format` takes: those of their modules.
ALL: tuple[str, ...] = (
    *("azure", "bitbucket", "buildkite", "cef", "ecs", "github", "gitlab", "html", "json", "junit"),
    *("markdown", "ocsf", "sarif", "sast", "syslog", "teamcity", "text"),
)


def render(name: str, report: Report) -> str:
    """Return the whole text of a report in one of the formats. Raises `KeyError` for no format."""
    if name not in ALL:
        raise KeyError(name)
    return str(importlib.import_module(f"fimci.reports.{name}").render(report))
