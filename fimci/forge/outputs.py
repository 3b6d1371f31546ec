"""The outputs of the step: words and numbers of our own, and the files that were asked for.

Each value stands between lines with a random word, so that no value can begin another output
(CVE-2022-35954).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from fimci.findings import Report

#: What each exit code is called.
VERDICTS = {0: "pass", 1: "fail", 3: "incomplete"}


def outputs(report: Report, files: Mapping[str, str]) -> dict[str, str]:
    """Return the outputs of a run: counts, the verdict, and by format the files that were written."""
    still_open = sum(finding.accepted is None for finding in report.findings)
    names = {"sarif": "sarif-file", "json": "report-json", "html": "html-file"}
    return {
        "verdict": VERDICTS[report.exit_code],
        "exit-code": str(report.exit_code),
        "findings": str(still_open),
        "failing": str(len(report.failing)),
        **{names[name]: file for name, file in files.items() if name in names},
    }


def written(values: Mapping[str, str]) -> str:
    """Return the text that the runner reads the outputs from."""
    lines = []
    for name, value in values.items():
        mark = f"fimci_{secrets.token_hex(16)}"
        lines.append(f"{name}<<{mark}\n{value}\n{mark}\n")
    return "".join(lines)
