"""Write `fixtures/forge/github.json`: what GitHub's own description asks of the requests that fimci makes.

    python tools/openapi.py DESCRIPTION

`DESCRIPTION` is `generated/api.github.com.json` of the package `@octokit/openapi`, which carries the
description that GitHub publishes (MIT licence). Kept are the bodies and query parameters of the
operations below, as JSON schemas with every reference resolved.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "fixtures" / "forge" / "github.json"
_REPOSITORY = "/repos/{owner}/{repo}"
OPERATIONS = (
    ("get", "/issues/{issue_number}/comments"),
    ("post", "/issues/{issue_number}/comments"),
    ("patch", "/issues/comments/{comment_id}"),
    ("post", "/check-runs"),
    ("patch", "/check-runs/{check_run_id}"),
    ("get", "/pulls/{pull_number}/files"),
    ("get", "/pulls/{pull_number}/comments"),
    ("post", "/pulls/{pull_number}/reviews"),
)
#: Words for people, which make up most of the text.
_PROSE = {"description", "example", "examples", "externalDocs", "title", "x-github"}


def main(arguments: list[str]) -> int:
    """Write the schemas."""
    whole = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    kept = {f"{verb.upper()} {path}": _operation(whole, verb, path) for verb, path in OPERATIONS}
    FILE.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"version": whole["info"]["version"], "operations": kept}, indent=1, sort_keys=True)
    FILE.write_text(text + "\n", encoding="utf-8")
    print(f"written  {FILE.relative_to(ROOT).as_posix()}")
    return 0


def _operation(whole: dict[str, Any], verb: str, path: str) -> dict[str, Any]:
    found = whole["paths"][_REPOSITORY + path][verb]
    parameters = [_resolved(whole, one) for one in found.get("parameters", [])]
    query = {one["name"]: one["schema"] for one in parameters if one["in"] == "query"}
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return {"query": query, "body": _resolved(whole, body) if body else None}


def _resolved(whole: dict[str, Any], value: Any) -> Any:
    """Return a part of the description as JSON Schema: references resolved, `nullable` as a type."""
    if isinstance(value, list):
        return [_resolved(whole, item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        target: Any = whole
        for step in value["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        return _resolved(whole, target)
    kept = {
        key: _resolved(whole, item)
        for key, item in value.items()
        if not (key in _PROSE and not isinstance(item, dict)) and key not in {"nullable", "x-github"}
    }
    if value.get("nullable") and isinstance(kept.get("type"), str):
        kept["type"] = [kept["type"], "null"]
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
