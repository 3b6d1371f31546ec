"""A real rsyslogd (`make clients` has one), stopped and started in a storm: nothing is lost.

A batch that was not acknowledged is sent again as a whole. What a receiver that stops makes of the first try
is its own affair: rsyslog 8.2302 with OpenSSL loses the beginning of what it has read, even within a line.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
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
from tests.delivery import certificates
from tests.reports import sample

DAEMON = shutil.which(
    "rsyslogd",
    path=f"{os.environ.get('FIMCI_TEST_CLIENTS', '')}:{os.environ.get('PATH', '')}:/usr/sbin:/sbin",
)
pytestmark = [
    pytest.mark.client,
    pytest.mark.skipif(DAEMON is None, reason="needs rsyslogd"),
]
NAMES = (
    "a\nb", 'x"] [evil@1 a="b"] c', "tab\there", "\\", "café 名前", "\udcff", "\u2028",
    "100 <13>1 - - - - - -", "\x00\x1b[2J", "%s%n", "🎉" * 40,
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
main_queue(queue.timeoutShutdown="20000" queue.timeoutActionCompletion="20000")
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
        words = [DAEMON, "-n", "-f", f"{self.folder}/rsyslog.conf", "-i", f"{self.folder}/pid"]
        self.process = subprocess.Popen(words, stderr=subprocess.DEVNULL)

    def stop(self, frozen: float = 0.0) -> None:
        """Stop it; while it is frozen before, the system accepts for it what it will never read."""
        if self.process is not None:
            if frozen:
                self.process.send_signal(signal.SIGSTOP)
                time.sleep(frozen)
            self.process.terminate()
            self.process.send_signal(signal.SIGCONT)
            self.process.wait(30)
            self.process = None

    def lines(self) -> Iterator[dict[str, str]]:
        """Yield what it wrote, without lines of which it lost the beginning: they come whole afterwards."""
        whole = self.told.read_text().split("\n")
        for at, line in enumerate(whole):
            if line.startswith("{"):
                yield json.loads(line)
            elif line:
                assert any(told.endswith(line) and told.startswith("{") for told in whole[at + 1 :]), line


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
            receiver.stop(dice.choice((0.0, 0.1, 0.3)))
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
    last = list(dict.fromkeys(reversed(seen)))[::-1]
    assert last == list(range(number)), "the order in which they were kept, where each came last"
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
    assert times[0] >= 1
    twice = check(receiver, runs * each)
    sys.stderr.write(f"{runs * each} findings, {times[0]} stops, {twice} told twice\n")
    with spool.opened(environment["FIMCI_SPOOL"]) as kept:
        assert spool.waits(kept, destination) == 0


def test_nothing_is_lost_over_tcp(tmp_path: Path) -> None:
    port = free()
    receiver = Receiver(tmp_path, f'input(type="imtcp" address="127.0.0.1" port="{port}")')
    run(receiver, parse(f"syslog+tcp://127.0.0.1:{port}"), tmp_path)


TLS = """
global(defaultNetstreamDriver="{driver}" defaultNetstreamDriverCAFile="{ca}"
       defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{key}")
"""


@pytest.mark.parametrize("driver", ["gtls", "ossl"])
def test_nothing_is_lost_over_tls(tmp_path: Path, driver: str) -> None:
    assert DAEMON is not None
    beside = Path(DAEMON).resolve().parent.parent
    if not [*beside.rglob(f"lmnsd_{driver}.so"), *Path("/usr/lib").glob(f"*/rsyslog/lmnsd_{driver}.so")]:
        pytest.skip(f"needs rsyslog-{'gnutls' if driver == 'gtls' else 'openssl'}")
    files, port = certificates.issue(tmp_path), free()
    inputs = (
        f'input(type="imtcp" address="127.0.0.1" port="{port}" streamDriver.name="{driver}"'
        ' streamDriver.mode="1" streamDriver.authMode="anon")'
    )
    receiver = Receiver(tmp_path, inputs, TLS.format(driver=driver, **files._asdict()))
    end = "&unnotified=yes" if driver == "gtls" else ""
    run(receiver, parse(f"syslog+tls://127.0.0.1:{port}?ca={files.ca}{end}"), tmp_path, runs=15)


def test_datagrams_arrive_where_somebody_listens(tmp_path: Path) -> None:
    port = free()
    receiver = Receiver(tmp_path, f'input(type="imudp" address="127.0.0.1" port="{port}")')
    destination = parse(f"syslog://127.0.0.1:{port}")
    environment = {"FIMCI_SPOOL": str(tmp_path / "spool")}
    (waits,) = delivery.deliver(storm(100, 0), [destination], environment, 0.3)
    assert "101 messages wait: Connection refused" in waits
    receiver.start()
    try:
        assert delivery.flush(environment, 30.0) == ()
        time.sleep(0.5)
    finally:
        receiver.stop()
    check(receiver, 100)
