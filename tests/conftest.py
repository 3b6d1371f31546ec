"""For all tests: Ctrl-C is heard, no law fails because a machine is busy, and what takes long begins first.

Who starts tests in the background may have switched Ctrl-C off, which is inherited.
"""

from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says nothing about the law; where a test has a limit of time, it states it.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_configure() -> None:
    """Let Ctrl-C be heard again; a process that is started gets the system's own way with it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first: at the end, one of several processes would wait for it."""
    items.sort(key=lambda item: item.get_closest_marker("no_cover") is None)
