"""fimci's own policy, `fimci.toml` or `[tool.fimci]` of `pyproject.toml`, as something that may change.

Only those at the root are obeyed, so only those are read. What they say is judged by `fimci.policy`;
here it is merely taken down, faults included. `policy` itself is a setting, because a file that is
there hides the table that would count otherwise, even when it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.marked.document import Marked, Pointer
from fimci.model import Record, Unread
from fimci.readers.documents import toml_table
from fimci.readers.manifests import settings

_FILE = "fimci.toml"
_TABLE_FILE = "pyproject.toml"


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether policy may come from this file."""
    return path in {_FILE, _TABLE_FILE}


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the policy says, one setting per decision."""
    document = toml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    prefix: Pointer = () if path == _FILE else ("tool", "fimci")
    if path == _TABLE_FILE and "fimci" not in document.table("tool"):
        return
    yield settings.setting(path, "policy", _FILE if path == _FILE else "[tool.fimci]", document.line(prefix))
    for key in document.table(*prefix):
        if key == "accept":
            yield from _acceptances(path, document, (*prefix, key))
        elif key == "rules":
            yield from _grades(path, document, (*prefix, key))
        elif key == "remote":
            yield from _remotes(path, document, (*prefix, key))
        elif key == "paths":
            rules = settings.path_rules(path, document, (*prefix, key), "policy.paths")
            yield from settings.bounded(path, rules)
        else:
            yield from settings.flatten(path, document, (*prefix, key), f"policy.{key}")
            yield from _order(path, document, (*prefix, key), f"policy.{key}-order")


def _order(path: str, document: Marked, pointer: Pointer, name: str) -> Iterator[Record]:
    """Yield the patterns in their order where it matters: where one takes back what another said."""
    patterns = [item for item in document.items(*pointer) if isinstance(item, str)]
    if any(pattern.startswith("!") for pattern in patterns):
        yield settings.setting(path, name, "\n".join(patterns), document.line(pointer))


def _remotes(path: str, document: Marked, pointer: Pointer) -> Iterator[Record]:
    """Yield what is checked elsewhere, by its name."""
    for index, entry in enumerate(document.items(*pointer)):
        line = document.line((*pointer, index))
        value = f"{_text(entry, 'at')} against {_text(entry, 'baseline')}"
        yield settings.setting(path, f"policy.remote.{_text(entry, 'name')}", value, line)


def _grades(path: str, document: Marked, pointer: Pointer) -> Iterator[Record]:
    for rule, options in document.table(*pointer).items():
        severity = options.get("severity") if isinstance(options, dict) else options
        line = document.line((*pointer, rule, "severity"))
        yield settings.setting(path, f"policy.rules.{rule}", settings.plain(severity), line)


def _acceptances(path: str, document: Marked, pointer: Pointer) -> Iterator[Record]:
    for index, entry in enumerate(document.items(*pointer)):
        line = document.line((*pointer, index))
        fingerprint = _text(entry, "fingerprint")
        if not fingerprint:
            yield Unread(
                path=path, why="an acceptance without a fingerprint", part=f"accept[{index}]", line=line
            )
            continue
        value = f"until {_text(entry, 'expires')}: {_text(entry, 'reason')}"
        yield settings.setting(path, f"policy.accept.{fingerprint}", value, line)


def _text(entry: Any, key: str) -> str:
    return settings.plain(entry[key]) if isinstance(entry, dict) and key in entry else ""
