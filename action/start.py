"""The action: put fimci into an environment of its own, get the base of the change, and check.

Runs under any Python 3.10 or later with nothing but the standard library, in a folder outside of what
is checked. fimci itself comes from the commit of the action (this file's), what it needs from an index,
each file by its hash, and nothing is built. Inputs come as variables and go to fimci as a list of
words; no shell and no other program reads them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
REQUIREMENTS = HOME / "action" / "requirements.txt"
#: Variables that could lead Python, pip or git elsewhere than the job's owner meant.
_STRAY = ("PYTHON", "GIT_CONFIG", "GIT_DIR", "GIT_INDEX", "GIT_OBJECT", "GIT_WORK", "VIRTUAL_ENV", "CONDA_")
_YES, _NO = {"true", "yes", "1", "on"}, {"false", "no", "0", "off", "never", ""}
#: Events with a base of their own. Another one in the workflow of a change would hide the change.
_OWN_BASE = {"pull_request", "pull_request_target", "merge_group", "push"}
#: Files that can be asked for: the input, and the format that is written there.
_FILES = {"SARIF_FILE": "sarif", "REPORT_JSON": "json", "HTML_FILE": "html"}


class FaultError(Exception):
    """What keeps the check from running, in a sentence."""


def main() -> int:
    """Set up and check; return the exit code of fimci, 3 where it could not be started."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(_STRAY)}
    inputs = {
        name.removeprefix("FIMCI_"): text for name, text in os.environ.items() if name.startswith("FIMCI_")
    }
    try:
        workspace = Path(os.environ["GITHUB_WORKSPACE"])
        words = arguments(inputs, workspace, os.environ.get("GITHUB_EVENT_NAME", ""))
        python = str(installed(Path(os.environ["RUNNER_TEMP"]), environment))
        with tempfile.TemporaryDirectory(prefix="fimci-", dir=os.environ["RUNNER_TEMP"]) as empty:
            started(python, str(HOME / "action" / "fetch.py"), folder=empty, environment=environment)
            # A guarded command has the variables of its job, but nothing that was said to fimci alone.
            own = {name: text for name, text in os.environ.items() if not name.startswith("FIMCI_")}
            whole = own if inputs.get("RUN") else environment
            code = started(python, "-m", "fimci", *words, folder=empty, environment=whole)
    except (FaultError, OSError, KeyError, subprocess.SubprocessError) as fault:
        said(str(fault) if isinstance(fault, FaultError) else f"{type(fault).__name__}: {fault}")
        output("verdict", "error")
        return 3
    if code not in (0, 1, 3) and not inputs.get("RUN"):
        output("verdict", "error")
        output("exit-code", str(code))
    return code


def started(python: str, *words: str, folder: str | Path, environment: Mapping[str, str]) -> int:
    """Run the Python of fimci's environment, isolated from the folder and the user's packages."""
    return subprocess.run([python, "-I", *words], cwd=folder, env=dict(environment), check=False).returncode


def arguments(inputs: Mapping[str, str], workspace: Path, event: str = "") -> list[str]:
    """Return the command line of fimci. Relative files are below the working directory."""
    folder = inside(workspace, inputs.get("WORKING_DIRECTORY") or ".")
    verb = "watch" if inputs.get("RUN") else "check"
    words = [verb, str(folder), "--format", "text", "--to", "outputs"]
    if truth(inputs, "ANNOTATIONS"):
        words += ["--format", "github"]
    words += [
        word
        for name in ("SUMMARY", "CHECK_RUN", "REVIEW")
        if truth(inputs, name)
        for word in ("--to", sink(name))
    ]
    comment = inputs.get("COMMENT", "never").strip().lower()
    if comment not in {"on-findings", "always", "never"}:
        raise FaultError(f"the input comment is {comment!r}: say on-findings, always or never")
    if comment != "never":
        words += ["--to", f"comment={comment}"]
    for name, word in _FILES.items():
        if inputs.get(name):
            words += ["--format", f"{word}={target(folder, inputs[name], name)}"]
    words += base(inputs, event)
    if inputs.get("FAIL_ON"):
        words.append(f"--fail-on={inputs['FAIL_ON']}")
    if inputs.get("CONFIG"):
        words.append(f"--config=base:{inputs['CONFIG']}")
    return words + command(inputs)


def base(inputs: Mapping[str, str], event: str) -> list[str]:
    """Return what a change is to be held against, where an event brings none of its own."""
    if not inputs.get("BASE"):
        return []
    if inputs.get("RUN"):
        raise FaultError("the inputs base and run exclude each other: a command is compared with itself")
    if event in _OWN_BASE:
        raise FaultError(f"the input base is for events that bring no change; a {event} has its own base")
    return [f"--base={inputs['BASE']}"]


def command(inputs: Mapping[str, str]) -> list[str]:
    """Return what follows for a command that is guarded: what it may write, and itself, for bash to read."""
    if not inputs.get("RUN"):
        return []
    patterns = (line.strip() for line in inputs.get("MAY_WRITE", "").splitlines())
    shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", inputs["RUN"])
    return [*(f"--may-write={pattern}" for pattern in patterns if pattern), "--", *shell]


def inside(workspace: Path, name: str) -> Path:
    """Return a folder of the workspace. Raises `FaultError` for one that leads out of it."""
    folder = (workspace / name).resolve()
    if not folder.is_relative_to(workspace.resolve()) or not folder.is_dir():
        raise FaultError(f"the input working-directory is {name!r}, which is no folder of the workspace")
    return folder


def target(folder: Path, name: str, asked: str) -> Path:
    """Return where a report is written. Raises `FaultError` where a link of the change would lead it on."""
    file = folder / name
    if file.is_symlink() or (
        not Path(name).is_absolute() and not file.parent.resolve().is_relative_to(folder)
    ):
        raise FaultError(f"the input {sink(asked)} is {name!r}, which leads out of the working directory")
    return file


def truth(inputs: Mapping[str, str], name: str) -> bool:
    """Return what an input says that can be true or false. Raises `FaultError` for anything else."""
    text = inputs.get(name, "").strip().lower()
    if text not in _YES | _NO:
        raise FaultError(f"the input {sink(name)} is {text!r}: say true or false")
    return text in _YES


def sink(name: str) -> str:
    """Return the name of an input as the workflow writes it."""
    return name.lower().replace("_", "-")


def installed(temporary: Path, environment: Mapping[str, str]) -> Path:
    """Return the Python of an environment with fimci of this commit and what it needs, by hash."""
    where = Path(tempfile.mkdtemp(prefix="fimci-", dir=temporary))
    venv.create(where, with_pip=True, symlinks=os.name != "nt")
    python = where / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    strict = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile"]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    with grouped("fimci: what it needs, each file by its hash"):
        words = ("-m", "pip", "install", *quiet, *strict, "--requirement", str(REQUIREMENTS))
        without = {name: text for name, text in environment.items() if not name.startswith("FIMCI_")}
        failed = started(str(python), *words, folder=where, environment=without)
    if failed:
        raise FaultError("pip could not install what fimci needs; its words are above")
    library = subprocess.run(
        [str(python), "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    shutil.copytree(HOME / "fimci", Path(library) / "fimci", ignore=shutil.ignore_patterns("__pycache__"))
    return python


@contextlib.contextmanager
def grouped(title: str) -> Iterator[None]:
    """Fold the lines of a step in the log."""
    print(f"::group::{title}", flush=True)
    try:
        yield
    finally:
        print("::endgroup::", flush=True)


def said(text: str) -> None:
    """Give an error as an annotation."""
    shown = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace("##[", "## [")
    print(f"::error title=fimci::{shown}", flush=True)


def output(name: str, text: str) -> None:
    """Set an output to words of our own."""
    file = os.environ.get("GITHUB_OUTPUT")
    if file:
        with open(file, "a", encoding="utf-8", newline="\n") as opened:
            opened.write(f"{name}={text}\n")


if __name__ == "__main__":
    sys.exit(main())
