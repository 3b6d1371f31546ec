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
from typing import Any, NamedTuple

from fimci.marked import yaml
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import UNSTATED, Capability, CapabilityName, Digest, Package, Place, Record, Setting, Unread

NAME = "workflow"
VERSION = 1
NAMES: frozenset[str] = frozenset()
SUFFIXES = (".yml", ".yaml")

#: Bytes of a file, characters in its records, records: more than anybody writes by hand.
SIZE_LIMIT = 2 * 1024 * 1024
TEXT_LIMIT = 4 * 1024 * 1024
RECORD_LIMIT = 20_000

_WORKFLOW = re.compile(r"\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml")
_ACTION = ("action.yml", "action.yaml")
#: `owner/repo[/path]@ref`; Gitea and Forgejo also take the URL of a repository.
_USES = re.compile(r"((?:https?://)?[^\s/@]+/[^\s@]+)@(\S+)")
_BLOCK = re.compile(r"(?::|&[\w-]+)\s+\|[-+1-9]{0,2}\s*(?:#.*)?$")
_MATRIX = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")
_ALL_SECRETS = re.compile(r"\btojson\(\s{0,9}secrets\s{0,9}\)", re.IGNORECASE)
_COMMENT = re.compile(r"(?:^|\s)#")
_CHECKER = re.compile(r"(?:^|[\s/])fimci\b")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what libyaml counts as the end of a line
_CHECKOUT_INPUTS = ("ref", "repository", "allow-unsafe-pr-checkout")
_UNSECURE = "ACTIONS_ALLOW_UNSECURE_COMMANDS"


class _Sheet(NamedTuple):
    """One file while it is read: its document, its lines, and how often each name was used."""

    path: str
    document: Marked
    lines: list[str]
    used: Counter[str]

    def place(self, *pointer: str | int, block: bool = False) -> Place:
        """Return where `pointer` stands; `block`: and on which line its literal text begins."""
        line = self.document.line(pointer)
        text = self.lines[line - 1].strip() if line <= len(self.lines) else ""
        parts = (("text", line + 1),) if block and _BLOCK.search(text) else ()
        return Place(self.path, line, text[:200], parts)

    def setting(self, name: str, value: str, *pointer: str | int) -> Setting:
        return Setting(path=self.path, name=name, value=value, at=self.place(*pointer))

    def unread(self, why: str, *pointer: str | int) -> Unread:
        part = ".".join(str(part) for part in pointer)[:200]
        return Unread(path=self.path, why=why, part=part, line=self.document.line(pointer))


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
    try:
        document = yaml.load(data)
    except Malformed as error:
        yield Unread(path=path, why=f"cannot be parsed: {error.message}", line=error.line)
        return
    sheet = _Sheet(path, document, _BREAK.split(data.decode("utf-8-sig")), Counter())
    if document.duplicates:
        pointer, line = document.duplicates[0]
        yield Unread(
            path=path, why=f"the key {str(pointer[-1])[:80]!r} occurs twice", part="duplicate keys", line=line
        )
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


def _workflow(sheet: _Sheet) -> Iterator[Record]:
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


def _action(sheet: _Sheet) -> Iterator[Record]:
    runs = sheet.document.table("runs")
    image = runs.get("image")
    if isinstance(image, str) and image.startswith("docker://"):
        yield _image(sheet, image, "runs", "image")
    if runs:
        yield from _secrets(sheet)
    yield from _steps(sheet, "runs", runs)


def _triggers(sheet: _Sheet) -> Iterator[Record]:
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


def _permissions(sheet: _Sheet, *pointer: str) -> Iterator[Record]:
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


def _job(sheet: _Sheet, job: str, body: dict[str, Any]) -> Iterator[Record]:
    here = ("jobs", job)
    name = f"jobs.{job}"
    labels = ", ".join(_labels(body.get("runs-on", ""), body))
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
        yield _uses(sheet, body["uses"], *here, "uses")
    yield from _containers(sheet, job, body)
    steps = sheet.document.items(*here, "steps")
    if any(_runs_checker(step) for step in steps):
        yield from _conditions(sheet, name, body, *here)
    yield from _steps(sheet, name, body, *here)


def _containers(sheet: _Sheet, job: str, body: dict[str, Any]) -> Iterator[Record]:
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
            for image in _resolved(value, body):
                yield _image(sheet, image, *where)


def _steps(sheet: _Sheet, name: str, body: dict[str, Any], *pointer: str) -> Iterator[Record]:
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


def _step(sheet: _Sheet, name: str, step: dict[str, Any], *pointer: str | int) -> Iterator[Record]:
    run, uses = step.get("run"), step.get("uses")
    if isinstance(run, str):
        yield _code(sheet, "shell", name, run, *pointer, "run")
    if "uses" in step:
        yield _uses(sheet, uses, *pointer, "uses")
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


def _code(sheet: _Sheet, kind: CapabilityName, subject: str, text: str, *pointer: str | int) -> Capability:
    at = sheet.place(*pointer, block=True)
    return Capability(path=sheet.path, name=kind, subject=subject, phase="install", detail=text, at=at)


def _conditions(sheet: _Sheet, name: str, body: dict[str, Any], *pointer: str | int) -> Iterator[Record]:
    """Yield what decides whether and how the checker runs, and whether its word counts."""
    for key in ("if", "continue-on-error"):
        if isinstance(body.get(key), str):
            yield sheet.setting(f"{name}.{key}", body[key], *pointer, key)
    for key, value in sheet.document.table(*pointer, "with").items():
        if isinstance(value, str):
            yield sheet.setting(f"{name}.with.{key}", value, *pointer, "with", key)


def _environment(sheet: _Sheet, *pointer: str | int) -> Iterator[Record]:
    """Yield the one variable that lets every line of output set variables (CVE-2020-15228)."""
    value = sheet.document.table(*pointer).get(_UNSECURE)
    if isinstance(value, str):
        name = ".".join(str(part) for part in (*pointer, _UNSECURE))
        yield sheet.setting(name, value, *pointer, _UNSECURE)


def _secrets(sheet: _Sheet) -> Iterator[Record]:
    """Yield the first line that takes all secrets at once, wherever in the file."""
    for number, line in enumerate(sheet.lines, 1):
        if _ALL_SECRETS.search(_COMMENT.split(line, maxsplit=1)[0]):
            at = Place(sheet.path, number, line.strip()[:200])
            yield Capability(
                path=sheet.path, name="credentials", subject="all secrets", phase="install", at=at
            )
            return


def _uses(sheet: _Sheet, text: Any, *pointer: str | int) -> Package | Unread:
    if not isinstance(text, str):
        return sheet.unread("`uses` is no text", *pointer)
    if text.startswith("docker://"):
        return _image(sheet, text, *pointer)
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
        place=_occurrence(sheet, name),
        stated_by="manifest",
        origin_kind="directory" if version is None else "git",
        at=sheet.place(*pointer),
    )


def _image(sheet: _Sheet, text: str, *pointer: str | int) -> Package:
    """Read `[docker://][host/]name[:tag][@sha256:…]`; an expression is a name of its own."""
    name, _, pin = text.removeprefix("docker://").partition("@")
    head, colon, tag = name.rpartition(":")
    if colon and "/" not in tag:
        name = head
    else:
        tag = ""
    algorithm, _, digest = pin.partition(":")
    decided = "${{" not in text
    return Package(
        ecosystem="docker",
        name=name if decided else text,
        version=(tag or None) if decided else UNSTATED,
        place=_occurrence(sheet, name if decided else text),
        stated_by="manifest",
        origin_kind="registry",
        integrity=((Digest(algorithm, digest),) if digest else ()) if decided else UNSTATED,
        at=sheet.place(*pointer),
    )


def _occurrence(sheet: _Sheet, name: str) -> str:
    sheet.used[name] += 1
    return f"{sheet.path}#{name}[{sheet.used[name]}]"


def _labels(value: Any, body: dict[str, Any]) -> list[str]:
    """Return the labels of `runs-on`, whichever form it has, and those that a matrix gives it."""
    if isinstance(value, str):
        return _resolved(value, body)
    if isinstance(value, list):
        return [label for item in value if isinstance(item, str) for label in _resolved(item, body)]
    if isinstance(value, dict):
        group = value.get("group")
        return [*([f"group {group}"] if isinstance(group, str) else []), *_labels(value.get("labels"), body)]
    return []


def _resolved(text: str, body: dict[str, Any]) -> list[str]:
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


def _runs_checker(step: Any) -> bool:
    if not isinstance(step, dict):
        return False
    texts = [text for key in ("uses", "run") if isinstance(text := step.get(key), str) and "fimci" in text]
    return any(_CHECKER.search(text) for text in texts)


def _compact(value: Any) -> str:
    """Return filters as canonical JSON; where they have none, nothing."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")) if value else ""
