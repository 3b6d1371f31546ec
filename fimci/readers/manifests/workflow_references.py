"""What a workflow names of others: actions, images and the machines that jobs run on.

Shared by the readers of this room, and no reader itself.
"""

from __future__ import annotations

import re
from typing import Any

from fimci.model import Package, Unread
from fimci.readers.manifests import images
from fimci.readers.manifests.workflow_sheet import Sheet

#: `owner/repo[/path]@ref`; Gitea and Forgejo also take the URL of a repository.
_USES = re.compile(r"((?:https?://)?[^\s/@]+/[^\s@]+)@(\S+)")
_MATRIX = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")


def uses(sheet: Sheet, text: Any, *pointer: str | int) -> Package | Unread:
    """Read `uses`: an action or workflow of a repository, a local one, or an image."""
    if not isinstance(text, str):
        return sheet.unread("`uses` is no text", *pointer)
    if text.startswith("docker://"):
        return image(sheet, text, *pointer)
    found = _USES.fullmatch(text)
    if text.startswith(("./", "$/")):  # in the workspace; in this repository at the running commit
        name, version = text, None
    elif found is not None and "${{" not in text:
        name, version = found[1], found[2]
    else:
        return sheet.unread(
            "`uses` names neither owner/repo@ref nor a path (./, $/) nor docker://image", *pointer
        )
    return Package(
        ecosystem="githubactions",
        name=name,
        version=version,
        place=sheet.occurrence(name),
        stated_by="manifest",
        origin_kind="directory" if version is None else "git",
        at=sheet.place(*pointer),
    )


def image(sheet: Sheet, text: str, *pointer: str | int) -> Package:
    """Read `[docker://][host/]name[:tag][@sha256:…]`; an expression is a name of its own."""
    return images.image(text, sheet.occurrence(images.name(text)), sheet.place(*pointer))


def labels(value: Any, body: dict[str, Any]) -> list[str]:
    """Return the labels of `runs-on`, whichever form it has, and those that a matrix gives it."""
    if isinstance(value, str):
        return resolved(value, body)
    if isinstance(value, list):
        return [label for item in value if isinstance(item, str) for label in resolved(item, body)]
    if isinstance(value, dict):
        group = value.get("group")
        return [*([f"group {group}"] if isinstance(group, str) else []), *labels(value.get("labels"), body)]
    return []


def resolved(text: str, body: dict[str, Any]) -> list[str]:
    """Return the values of `${{ matrix.KEY }}` where the job lists them, else the text itself."""
    found = _MATRIX.fullmatch(text.strip())
    strategy = body.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    if found is None or not isinstance(matrix, dict):
        return [text]
    listed, more = matrix.get(found[1]), matrix.get("include")
    values = list(listed) if isinstance(listed, list) else []
    values += [row.get(found[1]) for row in more if isinstance(row, dict)] if isinstance(more, list) else []
    return sorted({value for value in values if isinstance(value, str) and value}) or [text]
