"""What a CI job runs, on whose word and with which rights: workflows and actions.

Read are the workflows that a code host runs (`.github/workflows/`, `.gitea/workflows/`,
`.forgejo/workflows/`, at the root and not below) and `action.yml` wherever it stands.

    on.EVENT                              Setting     its filters as compact JSON
    permissions, jobs.JOB.permissions     Setting     `write-all`, `read-all`, `{}` or `map`
    …permissions.SCOPE                    Setting     `read`, `write`, `none`
    jobs.JOB.runs-on, .environment, .secrets          Setting
    …steps.STEP.with.ref, .repository, …  Setting     of `actions/checkout` alone
    …if, .continue-on-error, .with.INPUT  Setting     of the step that runs fimci, and of its job
    …steps.STEP                           Capability  `shell`: the text of `run`
    …steps.STEP.script                    Capability  `dynamic-code`: the script of `actions/github-script`
    secrets                               Capability  `credentials`: all secrets taken at once
    uses, container, services, image      Package     `githubactions`, `docker`

STEP is the step's id, else its name, else `[n]`. Keys are those of
https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import EXCERPT
from fimci.marked.document import Malformed, Pointer
from fimci.model import Capability, CapabilityName, Place, Record, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import workflow_references as references
from fimci.readers.manifests.workflow_sheet import Sheet

#: Bytes of a file, characters in its records, records: more than anybody writes by hand.
SIZE_LIMIT = 2 * 1024 * 1024
TEXT_LIMIT = 4 * 1024 * 1024
RECORD_LIMIT = 20_000

_WORKFLOW = re.compile(r"\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml")
_ACTION = ("action.yml", "action.yaml")
_ALL_SECRETS = re.compile(r"\btojson\(\s{0,9}secrets\s{0,9}\)", re.IGNORECASE)
_COMMENT = re.compile(r"(?:^|\s)#")
_CHECKER = re.compile(r"(?:^|[\s/])fimci\b")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what libyaml counts as the end of a line
_CHECKOUT_INPUTS = ("ref", "repository", "allow-unsafe-pr-checkout")
_UNSECURE = "ACTIONS_ALLOW_UNSECURE_COMMANDS"


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Tell whether a code host would take this file for a workflow or an action."""
    return _is_workflow(path) or path.rpartition("/")[2] in _ACTION


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the records of one workflow or action; wrong types and broken YAML become `Unread`."""
    if not _is_workflow(path) and b"runs" not in data:
        return  # an action.yml of some other program
    if len(data) > SIZE_LIMIT:
        yield Unread(path=path, why=f"larger than {SIZE_LIMIT:,} bytes: no workflow that people write")
        return
    from fimci.marked import yaml  # noqa: PLC0415  (22 ms, where there is a workflow)

    try:
        document = yaml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "YAML")
        return
    sheet = Sheet(path, document, _BREAK.split(data.decode("utf-8-sig")), Counter())
    yield from repeated(path, document)
    yield from _capped(path, _workflow(sheet) if _is_workflow(path) else _action(sheet))


def _is_workflow(path: str) -> bool:
    return _WORKFLOW.fullmatch(path) is not None


def _capped(path: str, records: Iterator[Record]) -> Iterator[Record]:
    """Pass records on until aliases have made more of them than anybody writes."""
    size = 0
    for number, record in enumerate(records):
        size += len(record.detail) if isinstance(record, Capability) else 0
        if number >= RECORD_LIMIT or size > TEXT_LIMIT:
            yield Unread(
                path=path, why="has more steps than people write; the rest was not read", part="limit"
            )
            return
        yield record


def _workflow(sheet: Sheet) -> Iterator[Record]:
    if sheet.document.value == "":
        return
    if not isinstance(sheet.document.value, dict):
        yield sheet.unread("is no mapping")
        return
    if not {"on", "jobs"} & sheet.document.value.keys():
        return  # a file that went astray (dependabot.yml): no code host runs it
    yield from _triggers(sheet)
    yield from _permissions(sheet, "permissions")
    yield from _secrets(sheet)
    yield from _environment(sheet, "env")
    if not isinstance(sheet.document.value.get("jobs"), dict):
        yield sheet.unread("jobs are no mapping", "jobs")
    for job, body in sheet.document.table("jobs").items():
        if isinstance(body, dict):
            yield from _job(sheet, job, body)
        else:
            yield sheet.unread("the job is no mapping", "jobs", job)


def _action(sheet: Sheet) -> Iterator[Record]:
    runs = sheet.document.table("runs")
    image = runs.get("image")
    if isinstance(image, str) and image.startswith("docker://"):
        yield references.image(sheet, image, "runs", "image")
    if runs:
        yield from _secrets(sheet)
    yield from _steps(sheet, "runs", runs)


def _triggers(sheet: Sheet) -> Iterator[Record]:
    events = sheet.document.value.get("on")
    if isinstance(events, str) and events:
        yield sheet.setting(f"on.{events}", "", "on")
    elif isinstance(events, list) and all(isinstance(event, str) for event in events):
        for number, event in enumerate(events):
            yield sheet.setting(f"on.{event}", "", "on", number)
    elif isinstance(events, dict):
        for event, filters in events.items():
            yield sheet.setting(f"on.{event}", _compact(filters), "on", event)
    else:
        yield sheet.unread("its triggers are neither a name, a list nor a mapping", "on")


def _permissions(sheet: Sheet, *pointer: str) -> Iterator[Record]:
    """Yield the block at `pointer`, and each of its scopes."""
    table = sheet.document.table(*pointer[:-1])
    if "permissions" not in table:
        return
    name, value = ".".join(pointer), table["permissions"]
    if isinstance(value, str):
        yield sheet.setting(name, value, *pointer)
    elif isinstance(value, dict):
        yield sheet.setting(name, "map" if value else "{}", *pointer)
        for scope, level in value.items():
            yield sheet.setting(f"{name}.{scope}", level if isinstance(level, str) else "?", *pointer, scope)
    else:
        yield sheet.unread("permissions are neither a word nor a mapping", *pointer)


def _job(sheet: Sheet, job: str, body: dict[str, Any]) -> Iterator[Record]:
    here = ("jobs", job)
    name = f"jobs.{job}"
    labels = ", ".join(references.labels(body.get("runs-on", ""), body))
    yield sheet.setting(f"{name}.runs-on", labels, *here, "runs-on")
    yield from _permissions(sheet, *here, "permissions")
    yield from _environment(sheet, *here, "env")
    environment = body.get("environment")
    environment = environment.get("name") if isinstance(environment, dict) else environment
    if isinstance(environment, str) and environment:
        yield sheet.setting(f"{name}.environment", environment, *here, "environment")
    if body.get("secrets") == "inherit":
        yield sheet.setting(f"{name}.secrets", "inherit", *here, "secrets")
    if "uses" in body:
        yield references.uses(sheet, body["uses"], *here, "uses")
    yield from _containers(sheet, job, body)
    steps = sheet.document.items(*here, "steps")
    if any(_runs_checker(step) for step in steps):
        yield from _conditions(sheet, name, body, *here)
    yield from _steps(sheet, name, body, *here)


def _containers(sheet: Sheet, job: str, body: dict[str, Any]) -> Iterator[Record]:
    """Yield the images that a job runs in or beside."""
    found: list[tuple[Any, Pointer]] = [(body.get("container"), ("container",))]
    services = body.get("services")
    if isinstance(services, dict):
        found += [(service, ("services", name)) for name, service in services.items()]
    for value, pointer in found:
        where = ("jobs", job, *pointer)
        if isinstance(value, dict):
            value, where = value.get("image"), (*where, "image")  # noqa: PLW2901  (both forms mean the image)
        if isinstance(value, str) and value:
            for image in references.resolved(value, body):
                yield references.image(sheet, image, *where)


def _steps(sheet: Sheet, name: str, body: dict[str, Any], *pointer: str) -> Iterator[Record]:
    pointer = pointer or ("runs",)
    steps = body.get("steps", [])
    if not isinstance(steps, list):
        yield sheet.unread("its steps are no list", *pointer, "steps")
        return
    names: Counter[str] = Counter()
    for number, step in enumerate(steps):
        if not isinstance(step, dict):
            yield sheet.unread("the step is no mapping", *pointer, "steps", number)
            continue
        label = next((step[key] for key in ("id", "name") if isinstance(step.get(key), str)), "")[:200]
        names[label] += 1
        if not label or names[label] > 1:
            label = f"{label}[{names[label]}]"
        yield from _step(sheet, f"{name}.steps.{label}", step, *pointer, "steps", number)


def _step(sheet: Sheet, name: str, step: dict[str, Any], *pointer: str | int) -> Iterator[Record]:
    run, uses = step.get("run"), step.get("uses")
    if isinstance(run, str):
        yield _code(sheet, "shell", name, run, *pointer, "run")
    if "uses" in step:
        yield references.uses(sheet, uses, *pointer, "uses")
    inputs = step.get("with")
    if isinstance(uses, str) and isinstance(inputs, dict):
        action = uses.partition("@")[0].lower()
        script = inputs.get("script")
        if action == "actions/github-script" and isinstance(script, str):
            yield _code(sheet, "dynamic-code", f"{name}.script", script, *pointer, "with", "script")
        for key in _CHECKOUT_INPUTS if action == "actions/checkout" else ():
            if isinstance(inputs.get(key), str):
                yield sheet.setting(f"{name}.with.{key}", inputs[key], *pointer, "with", key)
    yield from _environment(sheet, *pointer, "env")
    if _runs_checker(step):
        yield from _conditions(sheet, name, step, *pointer)


def _code(sheet: Sheet, kind: CapabilityName, subject: str, text: str, *pointer: str | int) -> Capability:
    at = sheet.place(*pointer, block=True)
    return Capability(path=sheet.path, name=kind, subject=subject, phase="install", detail=text, at=at)


def _conditions(sheet: Sheet, name: str, body: dict[str, Any], *pointer: str | int) -> Iterator[Record]:
    """Yield what decides whether and how the checker runs, and whether its word counts."""
    for key in ("if", "continue-on-error"):
        if isinstance(body.get(key), str):
            yield sheet.setting(f"{name}.{key}", body[key], *pointer, key)
    for key, value in sheet.document.table(*pointer, "with").items():
        if isinstance(value, str):
            yield sheet.setting(f"{name}.with.{key}", value, *pointer, "with", key)


def _environment(sheet: Sheet, *pointer: str | int) -> Iterator[Record]:
    """Yield the one variable that lets every line of output set variables (CVE-2020-15228)."""
    value = sheet.document.table(*pointer).get(_UNSECURE)
    if isinstance(value, str):
        name = ".".join(str(part) for part in (*pointer, _UNSECURE))
        yield sheet.setting(name, value, *pointer, _UNSECURE)


def _secrets(sheet: Sheet) -> Iterator[Record]:
    """Yield the first line that takes all secrets at once, wherever in the file."""
    for number, line in enumerate(sheet.lines, 1):
        if _ALL_SECRETS.search(_COMMENT.split(line, maxsplit=1)[0]):
            at = Place(sheet.path, number, line.strip()[:EXCERPT])
            yield Capability(
                path=sheet.path, name="credentials", subject="all secrets", phase="install", at=at
            )
            return


def _runs_checker(step: Any) -> bool:
    if not isinstance(step, dict):
        return False
    texts = [text for key in ("uses", "run") if isinstance(text := step.get(key), str) and "fimci" in text]
    return any(_CHECKER.search(text) for text in texts)


def _compact(value: Any) -> str:
    """Return filters as canonical JSON; where they have none, nothing."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")) if value else ""
