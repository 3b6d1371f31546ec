"""For all tests: who starts them in the background may have switched Ctrl-C off, which is inherited."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Let Ctrl-C be heard again; a process that is started gets the system's own way with it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
