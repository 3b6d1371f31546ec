"""For all tests: Ctrl-C is heard, and no law fails because the machine was busy.

Who starts tests in the background may have switched Ctrl-C off, which is inherited.
"""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# How long an example takes says nothing about the law; where a test has a limit of time, it states it.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_configure() -> None:
    """Let Ctrl-C be heard again; a process that is started gets the system's own way with it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
