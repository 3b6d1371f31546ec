"""A real rsyslogd (Debian: `apt-get install rsyslog`), stopped and started while findings come: none is lost."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from fimci import delivery
from fimci.delivery import spool
from fimci.destinations import Destination, parse
from fimci.findings import Finding, Report, Severity
from fimci.printable import cut, printable
from tests.reports import sample

DAEMON = shutil.which("rsyslogd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
pytestmark = [
    pytest.mark.client,
    pytest.mark.skipif(DAEMON is None, reason="needs rsyslogd"),
    # The clocks of a busy machine decide how often it is stopped; what is told does not depend on it.
]
NAMES = (
    "a\nb", "x\"] [evil@1 a=\"b\"] c", "tab\there", "\\", "café 名前", "\udcff", "\u2028", "100 <13>1 - - - - - -",
    "\x00\x1b[2J", "%s%n", "🎉" * 40,
)  # fmt: skip
CONFIGURATION = """
global(workDirectory="{folder}" maxMessageSize="16k")
module(load="imtcp" maxSessions="100")
module(load="imudp")
{modules}
template(name="parsed" type="list" option.jsonf="on") {{
    property(outname="raw" name="rawmsg" format="jsonf")
    property(outname="kind" name="msgid" format="jsonf")
    property(outname="data" name="structured-data" format="jsonf")
    property(outname="app" name="app-name" format="jsonf")
}}
template(name="line" type="string" string="%rawmsg%\\n")
{inputs}
action(type="omfile" file="{folder}/told" template="parsed" asyncWriting="off")
"""


class Receiver:
    """An rsyslogd of our own: its configuration and files are in a folder of the test."""

    def __init__(self, folder: Path, inputs: str, modules: str = "") -> None:
        self.folder = folder
        self.told = folder / "told"
        self.process: subprocess.Popen[bytes] | None = None
        text = CONFIGURATION.format(folder=folder, inputs=inputs, modules=modules)
        (folder / "rsyslog.conf").write_text(text)

    def start(self) -> None:
        assert DAEMON is not None
        files = ["-f", self.folder / "rsyslog.conf", "-i", self.folder / "pid"]
        self.process = subprocess.Popen([DAEMON, "-n", *files], stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.told.read_text().split("\n") if line]


def free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def unsteady(receiver: Receiver, seed: int) -> Iterator[list[int]]:
    """Stop and start a receiver at random; tell how often."""
    ends, times, dice = threading.Event(), [0], random.Random(seed)  # noqa: S311  (the moments of a test)

    def shake() -> None:
        while not ends.wait(dice.uniform(0.05, 0.6)):
            receiver.stop()
            times[0] += 1
            if ends.wait(dice.uniform(0, 0.5)):
                return
            receiver.start()

    thread = threading.Thread(target=shake)
    thread.start()
    try:
        yield times
    finally:
        ends.set()
        thread.join()
        receiver.stop()


def storm(number: int, at: int) -> Report:
    findings = tuple(
        Finding(
            rule="file-changed",
            severity=Severity.MEDIUM,
            message=f"{NAMES[n % len(NAMES)]} changed",
            path=f"{n}/{NAMES[n % len(NAMES)]}",
            fingerprint=f"{n:020}",
        )
        for n in range(at, at + number)
    )
    return msgspec.structs.replace(sample.CLEAN, findings=findings)


def check(receiver: Receiver, number: int) -> int:
    """Hold what was received against what was sent; return how many came twice."""
    seen: list[int] = []
    for line in receiver.lines():
        if line["kind"] == "run":
            continue
        n = int(line["data"].partition('fingerprint="')[2][:20])
        path = printable(f"{n}/{NAMES[n % len(NAMES)]}")
        escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
        assert f' path="{escaped}" ' in line["data"]
        message = cut(f"file-changed: {printable(NAMES[n % len(NAMES)] + ' changed')}", 512)
        assert line["raw"].rstrip("\n").endswith(message)
        assert line["app"] == "fimci"
        seen.append(n)
    assert sorted(set(seen)) == list(range(number))
    assert list(dict.fromkeys(seen)) == list(range(number)), "the order in which they were kept"
    return len(seen) - number


def run(receiver: Receiver, destination: Destination, where: Path, runs: int = 30, each: int = 100) -> None:
    environment = {"FIMCI_SPOOL": str(where / "spool")}
    receiver.start()
    with unsteady(receiver, seed=7) as times:
        for at in range(runs):
            delivery.deliver(storm(each, at * each), [destination], environment, 0.5)
            time.sleep(0.05)
    receiver.start()
    try:
        assert delivery.flush(environment, 60.0) == ()
    finally:
        receiver.stop()
    assert times[0] >= 3
    twice = check(receiver, runs * each)
    print(f"{runs * each} findings, {times[0]} stops, {twice} told twice")
    with spool.opened(environment["FIMCI_SPOOL"]) as kept:
        assert spool.waits(kept, destination) == 0


def test_nothing_is_lost_over_tcp(tmp_path: Path) -> None:
    port = free()
    receiver = Receiver(tmp_path, f'input(type="imtcp" address="127.0.0.1" port="{port}")')
    run(receiver, parse(f"syslog+tcp://127.0.0.1:{port}"), tmp_path)
