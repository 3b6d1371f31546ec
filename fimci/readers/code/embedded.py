"""Commands inside other files: what they can do (`fimci.capabilities.commands`), at their own lines.

    package.json        every script; `install` those that run when the package is installed
    workflows, actions  `run` of every step, by its shell; `install`
    Dockerfile          `RUN`; `install`
    Makefile, *.mk      recipes and `$(shell …)`; `call`
    binding.gyp         command expansions; `install`

The readers of these files tell what they are told to run (`fimci.readers.manifests`), in words of their own.
Publishing is no news in a workflow or script that is named for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.capabilities.commands.state import Dialect
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Record
from fimci.readers.code import told
from fimci.readers.code.told import Text

_WORKFLOW = re.compile(r"(?:.*/)?(?:\.(?:github|gitea|forgejo)/workflows/[^/]+|action)\.ya?ml")
_MAKEFILE = re.compile(
    r"(?:.*/)?(?:(?:GNUm|m|M)akefile(?:\.(?!PL$|toml$|py$|js$)[^/]+)?|[^/]+\.mk|debian/rules)"
)
_DOCKERFILE = re.compile(
    r"(?:.*/)?(?:(?:Dock|Contain)erfile[^/]*|Earthfile|[^/]+\.(?:[Dd]ockerfile|Containerfile))"
)
_SIZE_LIMIT = 2 << 20
#: Run at installation; the second row in one's own project alone, which is what a repository is.
_AT_INSTALL = frozenset(
    (
        *("preinstall", "install", "postinstall"),
        *("prepublish", "preprepare", "prepare", "postprepare", "dependencies", "pnpm:devPreinstall"),
    )
)
_SCRIPT_LIMIT = 20_000
#: `npm run NAME`, `yarn NAME`, `run-s NAME NAME`.
_RUNS_SCRIPT = re.compile(
    r"\b(?:npm|pnpm|yarn|bun)(?:\s+-\S{1,40}){0,4}\s+(?:run(?:-script)?\s+)?(?:-\S{1,40}\s+){0,4}([\w:.@/-]{1,80})"
    r"|\b(?:run-[sp]|npm-run-all2?)((?:\s+[\w:.@/*-]{1,80}){1,20})"
)
_SHELLS: dict[str, Dialect] = {"pwsh": "powershell", "powershell": "powershell", "cmd": "batch"}
_OTHER_SHELLS = re.compile(r"python|perl|node|ruby")
#: Variables by which something is loaded before anything else runs.
_LOADS = frozenset(("BASH_ENV", "LD_AUDIT", "LD_PRELOAD", "PROMPT_COMMAND"))
_SECRET = re.compile(r"\$\{\{[^}]{0,200}?\b(?:secrets\b(?:\s*\.\s*(\w+))?|github\.token)")
_BLOCK = re.compile(r"(?::|&[\w-]+)\s+([|>])[-+1-9]{0,2}\s*(?:#.*)?$")
_BREAK = re.compile("\r\n|[\n\r]")
_RUN = re.compile(r"\s*(?:ONBUILD\s+)?(RUN)\s+((?:--[a-z]+(?:=\S+)?\s+)*)(.*)", re.IGNORECASE | re.DOTALL)
_ADD = re.compile(r"\s*ADD\s+(?:--\S+\s+)*(https?://\S+)\s+(\S+)\s*\Z", re.IGNORECASE)
_CMD = re.compile(
    r"\s*(?:(?:ONBUILD\s+)?(?:CMD|ENTRYPOINT)|HEALTHCHECK\s.{0,200}?\bCMD)\s+(.*)", re.IGNORECASE | re.DOTALL
)
_POWERSHELL = re.compile(r"\s*SHELL\s*\[\s*[\"'](?:powershell|pwsh)", re.IGNORECASE)
_HEREDOC = re.compile(r"(?<!<)<<-?([\"']?)([A-Za-z_]\w*)\1")
_LISTED = re.compile(r"\s*\[(.*)\]\s*\Z", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
#: The command of an action or a rule of GYP, as a list of words.
_ACTION = re.compile(r"[\"']action[+=?!]?[\"']\s{0,40}:\s{0,40}\[([^\]\[]{1,4000})\]")
_WORD = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'")
_EXPANSION = re.compile(r"[<>]\|?!@?\(")
_NAME = re.compile(r"[A-Za-z_]\w*")
_TARGET = re.compile(r"[^\s:=#][^:=#]{0,200}::?(?!=)")
#: A variable of a Makefile, as many as are kept, and one in a recipe that was written for a shell.
_VARIABLE = re.compile(
    r"(?:export[ \t]+|override[ \t]+)?([A-Za-z_]\w{0,60})[ \t]*(?:[:?+]|::)?=[ \t]*([^\n]{1,500})"
)
_VARIABLES = 2_000
_USED = re.compile(r"\$\{([A-Za-z_]\w{0,60})\}")
_MAKE_SHELL = re.compile(r"\$\(shell\s+([^\n]{1,4000})\)|!=\s*([^\n]{1,4000})")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether a file of this name holds commands."""
    if path.endswith((".gyp", ".gypi")) or path.rpartition("/")[2] == "package.json":
        return True
    return any(form.fullmatch(path) is not None for form in (_WORKFLOW, _MAKEFILE, _DOCKERFILE))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do. Files that are no such thing are told by their own readers."""
    if len(data) > _SIZE_LIMIT:
        yield told.left_out(path, 1)
        return
    yield from told.records(path, _texts(path, data))


def _texts(path: str, data: bytes) -> Iterator[Text]:
    if path.endswith("package.json"):
        return _scripts(path, data)
    if _WORKFLOW.fullmatch(path):
        return _steps(path, data)
    text = data.decode("utf-8-sig", "replace")
    if _MAKEFILE.fullmatch(path):
        return _recipes(text)
    return _expansions(text) if path.endswith((".gyp", ".gypi")) else _runs(text)


def _scripts(path: str, data: bytes) -> Iterator[Text]:
    from fimci.marked import json  # noqa: PLC0415  (where there is a manifest)

    if b'"scripts"' not in data:
        return
    try:
        document = json.load(data)
    except Malformed:
        return
    installed = "node_modules/" in path
    scripts = {
        name: command
        for name, command in document.table("scripts").items()
        if isinstance(command, str) and command.strip()
    }
    at_install = _started_at_install(scripts)
    for name, command in scripts.items():
        if not (installed and name not in at_install):
            yield Text(
                command,
                document.line(("scripts", name)),
                phase="install" if name in at_install else "call",
                folded=True,
                released=told.releases(name),
                unasked=name in at_install,
            )


def _started_at_install(scripts: dict[str, str]) -> set[str]:
    """Return the scripts that run at installation, also by the word of another (`npm run build`)."""
    found: set[str] = set()
    waiting = [name for name in scripts if name in _AT_INSTALL]
    while waiting:
        name = waiting.pop()
        if name in found or name not in scripts:
            continue
        found.add(name)
        for match in _RUNS_SCRIPT.finditer(scripts[name][:_SCRIPT_LIMIT]):
            for word in (match[1] or match[2] or "").split():
                waiting += [word, f"pre{word}", f"post{word}"]
    return found


class _Around(NamedTuple):
    """What holds for the steps of a job: its name, variables that hold secrets, and the shell."""

    name: str
    secrets: dict[str, str]
    shell: str


def _steps(path: str, data: bytes) -> Iterator[Text]:
    if b"run" not in data and b"script" not in data:
        return
    from fimci.marked import yaml  # noqa: PLC0415  (22 ms, where there is a workflow)

    try:
        document = yaml.load(data)
    except Malformed:
        return
    if not isinstance(document.value, dict):
        return
    lines = _BREAK.split(data.decode("utf-8-sig", "replace"))
    shared = _secret_names(document.table("env"))
    jobs: list[tuple[Pointer, Any]] = [(("jobs", job), body) for job, body in document.table("jobs").items()]
    for pointer, body in [*jobs, (("runs",), document.table("runs"))]:
        steps = body.get("steps") if isinstance(body, dict) else None
        if not isinstance(steps, list):
            continue
        name = f"{path.rpartition('/')[2]} {pointer[-1]}"
        around = _Around(name, shared | _secret_names(body.get("env")), _default(document, body))
        for number, step in enumerate(steps):
            if isinstance(step, dict):
                yield from _commands(document, (*pointer, "steps", number), lines, around)


def _commands(document: Marked, pointer: Pointer, lines: list[str], around: _Around) -> Iterator[Text]:
    """Yield what a step runs: commands, the shell for them, and a script that it gives to an action."""
    step = document.table(*pointer)
    if isinstance(step.get("run"), str):
        line = document.line((*pointer, "run"))
        yield _step(step, line, lines[line - 1] if line <= len(lines) else "", around)
        shell = step.get("shell")
        if isinstance(shell, str) and " -c " in shell:
            yield Text(
                shell.replace("{0}", ""), document.line((*pointer, "shell")), phase="install", folded=True
            )
    for name, value in document.table(*pointer, "env").items():
        if name in _LOADS and isinstance(value, str):
            line = document.line((*pointer, "env", name))
            yield Text(f"{name}={_as_word(value)} true", line, phase="install", folded=True)
    given = step.get("with")
    script = given.get("script") if isinstance(given, dict) else None
    if isinstance(script, str) and str(step.get("uses", "")).startswith("actions/github-script"):
        line = document.line((*pointer, "with", "script"))
        block = _BLOCK.search(lines[line - 1] if line <= len(lines) else "")
        yield Text(
            f"node -e {_as_word(f'(async () => {{{script}}})()')}",
            line + 1 if block else line,
            phase="install",
            folded=block is None or block[1] == ">",
            secrets=around.secrets | _secret_names(step.get("env")),
        )


def _step(step: dict[str, Any], line: int, written: str, around: _Around) -> Text:
    shell = str(step.get("shell", around.shell)).partition(" ")[0]
    block = _BLOCK.search(written)
    return Text(
        step["run"] if not _OTHER_SHELLS.match(shell) else f"{shell} -c {_as_word(step['run'])}",
        line + 1 if block else line,
        dialect=_SHELLS.get(shell, "sh"),
        phase="install",
        folded=block is None or block[1] == ">",
        released=told.releases(f"{around.name} {step.get('name', '')}"),
        secrets=around.secrets | _secret_names(step.get("env")),
    )


def _default(document: Marked, job: dict[str, Any]) -> str:
    """Return the shell that steps run in where they name none."""
    for table in (job.get("defaults"), document.table("defaults")):
        run = table.get("run") if isinstance(table, dict) else None
        if isinstance(run, dict) and isinstance(run.get("shell"), str):
            return str(run["shell"])
    return "pwsh" if "windows" in str(job.get("runs-on", "")).lower() else "bash"


def _secret_names(table: Any) -> dict[str, str]:
    """Return the variables that are set to a secret, and its name; all of them are those of the code host."""
    return {
        name: found[1] or "GITHUB_TOKEN"
        for name, value in (table.items() if isinstance(table, dict) else ())
        if isinstance(value, str) and (found := _SECRET.search(value))
    }


def _as_word(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _runs(text: str) -> Iterator[Text]:
    """Yield what a builder runs, as one script, and what a container does when it starts."""
    lines = _BREAK.split(text)
    script = [""] * (len(lines) + 1)
    powershell = False
    at = 0
    while at < len(lines):
        start, held = at, [lines[at]]
        while held[-1].rstrip().endswith("\\") and at + 1 < len(lines):
            at += 1
            held.append(lines[at] if not lines[at].lstrip().startswith("#") else "\\")
        at += 1
        found = _RUN.match("\n".join(held))
        if found is None:
            powershell = _POWERSHELL.match(held[0]) is not None or powershell
            yield from _started(held, start, script)
            continue
        body, rest = found[3], _HEREDOC.search(found[3])
        while rest is not None and at < len(lines):
            body += "\n" + lines[at]
            at += 1
            if lines[at - 1].strip() == rest[2]:
                break
        if rest is not None and not body.partition("<<")[0].strip():
            body = "\n" + body.partition("\n")[2].rpartition("\n")[0]
        if powershell:
            yield Text(_joined(body), start + 1, dialect="powershell", phase="install")
        else:
            taken = _joined(body).split("\n")[: at + 1 - start]
            script[start : start + len(taken)] = taken
    yield Text("\n".join(script), phase="install")


def _started(held: list[str], start: int, script: list[str]) -> Iterator[Text]:
    """Yield what a container runs when it starts; what `ADD` fetches is put into the script."""
    added = _ADD.match(held[0])
    if added is not None:
        script[start] = f"curl -o {_as_word(added[2])} {_as_word(added[1])}"
    command = _CMD.match("\n".join(held))
    if command is not None:
        yield Text(_joined(command[1]), start + 1)


def _joined(body: str) -> str:
    """Return a list of words as a command; a line that was only a comment stays empty."""
    listed = _LISTED.match(body)
    if listed is not None and '"' in body:
        return " ".join(_as_word(word) for word in _QUOTED.findall(listed[1]))
    return body


def _recipes(text: str) -> Iterator[Text]:
    """Yield the recipes of a Makefile: what is behind tabs, without `@` and `-`, and what is defined."""
    lines = _BREAK.split(text)
    held: list[str] = []
    set_: dict[str, str] = {}
    target, defined, start = "", False, 0
    for at, line in enumerate(lines):
        goes_on = bool(held) and held[-1].endswith("\\")
        if defined or line.startswith("\t") or goes_on:
            start = start if held else at
            defined = defined and not line.startswith("endef")
            held.append(line.removeprefix("\t") if goes_on else line.lstrip("\t @-+"))
            continue
        if held and line.strip() and not line.startswith("#"):
            yield Text(_made(held, set_), start + 1, released=told.releases(target))
            held = []
        elif held:
            held.append("")
        target = line.partition(":")[0] if _TARGET.match(line) else target
        defined = line.startswith("define ")
        variable = _VARIABLE.match(line) if len(set_) < _VARIABLES else None
        if variable is not None:
            set_[variable[1]] = variable[2].rstrip()
        for found in _MAKE_SHELL.finditer(line):
            yield Text(_made([found[1] or found[2]], set_), at + 1)
    if held:
        yield Text(_made(held, set_), start + 1, released=told.releases(target))


def _made(lines: list[str], set_: dict[str, str]) -> str:
    """Return the lines of a recipe as those of a shell, with the variables that they name set before them."""
    text = _unmade("\n".join(lines))
    names = dict.fromkeys(name for name in _USED.findall(text) if name in set_)
    before = [f"{name}={_as_word(_unmade(set_[name]))}; " for name in names]
    return "".join(before) + text


def _unmade(text: str) -> str:
    """Write variables of make as those of a shell: `$(CC)` is `${CC}`, `$$HOME` is `$HOME`.

    What its functions return is not known: `$(patsubst …)` is a variable as well.
    """
    pieces: list[str] = []
    at = 0
    while at < len(text):
        start = text.find("$", at)
        if start < 0 or start + 1 >= len(text):
            break
        pieces.append(text[at:start])
        mark = text[start + 1]
        if mark == "$":
            pieces.append("$")
            at = start + 2
        elif mark in "({":
            at = _closed(text, start + 2, mark)
            name = text[start + 2 : at - 1]
            pieces.append("${" + (name if _NAME.fullmatch(name) else "MAKE") + "}")
        else:
            pieces.append("${MAKE}")
            at = start + 2
    return "".join(pieces) + text[at:]


def _closed(text: str, at: int, mark: str) -> int:
    """Return where a bracket is closed, in the next 4,000 characters."""
    end, depth, last = at, 1, min(len(text), at + 4000)
    other = {"(": ")", "{": "}"}[mark]
    while end < last and depth:
        depth += (text[end] == mark) - (text[end] == other)
        end += 1
    return end


def _expansions(text: str) -> Iterator[Text]:
    """Yield what `<!(…)` and `<!@(…)` run."""
    for found in _EXPANSION.finditer(text):
        end = _closed(text, found.end(), "(")
        command = text[found.end() : end - 1].replace('\\"', '"').replace("\\'", "'")
        yield Text(
            command, text.count("\n", 0, found.start()) + 1, phase="install", folded=True, unasked=True
        )
    for found in _ACTION.finditer(text):
        words = [one[1] if one[1] is not None else one[2] for one in _WORD.finditer(found[1])]
        line = text.count("\n", 0, found.start()) + 1
        yield Text(" ".join(map(_as_word, words)), line, phase="install", folded=True, unasked=True)
