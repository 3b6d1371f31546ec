"""The command line: find the verb, import it alone, and turn every error into words.

Start-up is felt at each commit, so that a verb's module (and all that it needs) is imported only
once it is known to be asked for.
"""

from __future__ import annotations

import os
import sys

from fimci import __version__

#: As in `typing`, whose import takes as long as the start of Python itself.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    #: What describes the options of a verb, and what runs it.
    _Verb: TypeAlias = tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]

_VERBS = {
    "check": "check a change: pull request, commit, staged files, worktree, or folder",
    "baseline": "write or update the baseline (the known good state) of a folder",
    "compare": "compare any two sources, such as two releases of a package",
    "inspect": "list what the code in a package, tree or artifact can do",
    "verify": "release gate: check an artifact against its name, file list, source and signature",
    "watch": "watch folders in real time, or guard what one command writes",
    "deliver": "send the events that are queued for a SIEM",
    "manifest": "record the contents of a folder by hash, and optionally sign the record",
    "history": "summarize past runs: drift, findings per rule, time until acceptance",
    "report": "produce evidence for a compliance standard from the history",
    "accept": "accept a finding, with a reason and an expiry date",
    "explain": "show the page of a rule, or list all rules",
    "init": "write a policy, a CI workflow and a pre-commit hook, ready to commit",
}
_EPILOG = """\
exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage or configuration,
3 something could not be checked, 70 a bug in fimci, 130 interrupted"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run fimci. `arguments` are those after the program's name; returns the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given == ["--version"]:
        print(f"fimci {__version__}")  # noqa: T201  (answered before anything is imported)
        return 0
    if sys.stdout is None:  # closed by whoever started this: what is told goes nowhere, the exit code counts
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (for as long as the process)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return _dispatch(given)
    except KeyboardInterrupt:
        print("fimci: interrupted", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 141
    except Exception as error:  # noqa: BLE001  (the one handler: a bug must not look like a finding)
        return _failed(error)


def _dispatch(given: list[str]) -> int:
    _load_msgspec()
    import argparse  # noqa: PLC0415  (8 ms that --version need not pay)

    parser = argparse.ArgumentParser(
        prog="fimci",
        description="What changed, and what can it do now?",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"fimci {__version__}")
    parsers = parser.add_subparsers(dest="verb", prog="fimci", required=True, metavar="VERB")
    verbs = {}
    # Each takes a third of a millisecond: where the verb is known, it is alone.
    named = {name: _VERBS[name] for name in given[:1] if name in _VERBS}
    for name, summary in (named or _VERBS).items():
        child = parsers.add_parser(name, help=summary, description=_sentence(summary), allow_abbrev=False)
        if name in given[:1]:
            describe, verbs[name] = _verb(name)
            describe(child)
    command: list[str] = []
    if given[:1] == ["watch"] and "--" in given:
        at = given.index("--")
        given, command = given[:at], given[at + 1 :]
    options = parser.parse_args(given, argparse.Namespace(command=command))
    return verbs[options.verb](options)


def _load_msgspec() -> None:
    """Import msgspec without typing_extensions, which takes longer to load than msgspec itself (25 ms).

    msgspec asks for it first and does with `typing` where it is not installed; fimci uses nothing of it.
    """
    absent = "typing_extensions" not in sys.modules
    if absent:
        sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # (the import system's word for it)
    try:
        import msgspec  # noqa: F401, PLC0415  (after the line above)
    finally:
        if absent:
            del sys.modules["typing_extensions"]


def _verb(name: str) -> _Verb:  # noqa: C901, PLR0912  (a table, whose rows are imports)
    """Import one verb. The names are those of `_VERBS`; nothing else reaches this."""
    # The imports are the point of this function: one of them is made, the others are not.
    match name:
        case "check":
            from fimci.commands import check as module  # noqa: PLC0415
        case "baseline":
            from fimci.commands import baseline as module  # type: ignore[no-redef]  # noqa: PLC0415
        case "compare":
            from fimci.commands import compare as module  # type: ignore[no-redef]  # noqa: PLC0415
        case "inspect":
            from fimci.commands import inspect as module  # type: ignore[no-redef]  # noqa: PLC0415
        case "verify":
            from fimci.commands import verify as module  # type: ignore[no-redef]  # noqa: PLC0415
        case "watch":
            from fimci.commands import watch as module  # type: ignore[no-redef]  # noqa: PLC0415
        case "deliver":
            from fimci.commands import deliver as module  # type: ignore[no-redef]  # noqa: PLC0415
        case "manifest":
            from fimci.commands import manifest as module  # type: ignore[no-redef]  # noqa: PLC0415
        case "history":
            from fimci.commands import history as module  # type: ignore[no-redef]  # noqa: PLC0415
        case "report":
            from fimci.commands import report as module  # type: ignore[no-redef]  # noqa: PLC0415
        case "accept":
            from fimci.commands import accept as module  # type: ignore[no-redef]  # noqa: PLC0415
        case "explain":
            from fimci.commands import explain as module  # type: ignore[no-redef]  # noqa: PLC0415
        case _:
            from fimci.commands import init as module  # type: ignore[no-redef]  # noqa: PLC0415
    return module.describe, module.run


def _failed(error: Exception) -> int:
    from fimci.errors import FimciError  # noqa: PLC0415  (only where something went wrong)
    from fimci.printable import printable  # noqa: PLC0415

    if not isinstance(error, FimciError):
        import traceback  # noqa: PLC0415

        traceback.print_exc()
        print("fimci: this is a bug in fimci; please report it", file=sys.stderr)  # noqa: T201
        return 70
    for line in error.message.split("\n"):
        print(f"fimci: {printable(line)}", file=sys.stderr)  # noqa: T201
    if error.remedy:
        print(f"       {printable(error.remedy)}", file=sys.stderr)  # noqa: T201
    return error.exit_code


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith("?") else ".")
