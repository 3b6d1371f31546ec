"""How text reaches a person: colour and progress on a terminal, plain text anywhere else."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator

from fimci.errors import FimciError
from fimci.printable import printable
from fimci.snapshot import reason

#: Work shorter than this, in seconds, shows no progress: it would only flicker.
_PATIENCE = 0.7
#: What the text report puts at the beginning of a line, and how it looks. Data cannot get there.
_STYLES = {
    r"(?m)^(critical|high)\b": "bold red",
    r"(?m)^medium\b": "bold yellow",
    r"(?m)^(low|info)\b": "bold cyan",
    r"(?m)^ {6}= fix: ": "green",
}


def show(text: str, *, coloured: bool = False) -> None:
    """Write a whole text to standard output."""
    if coloured and _colours():
        with contextlib.suppress(ImportError):  # it comes with sigstore, which not everybody has installed
            _show_coloured(text)
            return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FimciError(
            f"standard output could not be written: {reason(error)}",
            "free some space, or name a file you may write",
        ) from error


def _show_coloured(text: str) -> None:
    from rich.console import Console  # noqa: PLC0415  (100 ms, and only for eyes)
    from rich.text import Text  # noqa: PLC0415

    shown = Text(text)
    for pattern, style in _STYLES.items():
        shown.highlight_regex(pattern, style)
    Console(soft_wrap=True).print(shown, end="", markup=False, highlight=False)


@contextlib.contextmanager
def progress(verb: str) -> Iterator[Callable[[str], None] | None]:
    """Give a callback that counts entries on standard error, if a person is watching."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    count, shown, started = 0, 0.0, time.monotonic()

    def step(path: str) -> None:
        nonlocal count, shown
        count += 1
        now = time.monotonic()
        if now - started > _PATIENCE and now - shown > 0.1:  # noqa: PLR2004  (ten times a second)
            shown = now
            sys.stderr.write(f"\r\x1b[K{verb} {count:,} {printable(path, 50)}")
            sys.stderr.flush()

    try:
        yield step
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
