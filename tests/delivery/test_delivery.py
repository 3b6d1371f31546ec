"""Delivery: kept, sent in order, acknowledged, forgotten; what is not is told. Receivers are on loopback."""

from __future__ import annotations

import base64
import contextlib
import gc
import hashlib
import hmac
import json
import os
import socket
import sqlite3
import ssl
import stat
import struct
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fimci import delivery
from fimci.cli import main
from fimci.delivery import sending, spool, streams, trust, webhook
from fimci.delivery.messages import messages
from fimci.delivery.refusal import RefusedError
from fimci.destinations import Destination, checked, name, parse
from fimci.errors import ConfigurationError
from fimci.policy import parse as read_policy
from tests import repository
from tests.delivery import certificates
from tests.reports import sample

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
SOON = 5.0


def later(seconds: float = SOON) -> float:
    return time.monotonic() + seconds


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"FIMCI_SPOOL": str(tmp_path / "spool"), "FIMCI_WEBHOOK_SECRET": SECRET}


def waiting(environment: dict[str, str], destination: Destination) -> list[bytes]:
    with spool.opened(environment["FIMCI_SPOOL"]) as kept:
        return [one.message for one in spool.first(kept, destination, 100_000, 1 << 40)]


# Streams


@contextlib.contextmanager
def receiving(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve connections on a free port of loopback, one after another."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        ends = threading.Event()

        def accept() -> None:
            while not ends.is_set():
                with contextlib.suppress(OSError):
                    wire = server.accept()[0]
                    wire.settimeout(SOON)
                    with contextlib.suppress(OSError), wire:
                        serve(wire)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            ends.set()
            thread.join()


def whole(wire: socket.socket) -> bytes:
    return b"".join(iter(lambda: wire.recv(65_536), b""))


def frames(data: bytes) -> list[bytes]:
    """Read octet counting: RFC 6587, 3.4.1."""
    found = []
    while data:
        length, _, data = data.partition(b" ")
        assert length.isdigit()
        assert not length.startswith(b"0")
        found.append(data[: int(length)])
        assert len(found[-1]) == int(length)
        data = data[int(length) :]
    return found


def test_octet_counting() -> None:
    got: list[bytes] = []
    sent = [b"<13>1 - - - - - - a\nb", "é".encode(), b"x" * 8_000]
    with receiving(lambda wire: got.extend(frames(whole(wire)))) as port:
        streams.stream(parse(f"syslog+tcp://127.0.0.1:{port}"), sent, later())
    assert got == sent


def reset(wire: socket.socket) -> None:
    wire.recv(10)
    reset_at_once(wire)


def reset_at_once(wire: socket.socket) -> None:
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    "serve",
    [
        pytest.param(lambda wire: wire.recv(10), id="reads a part and closes"),
        pytest.param(lambda _: None, id="closes at once"),
        pytest.param(lambda _: time.sleep(0.2), id="reads nothing"),
        pytest.param(reset, id="resets"),
    ],
)
def test_what_was_not_read_is_not_acknowledged(serve: Callable[[socket.socket], None]) -> None:
    with receiving(serve) as port, pytest.raises(RefusedError):
        streams.stream(parse(f"syslog+tcp://127.0.0.1:{port}"), [b"x" * 100_000] * 20, later())


def slow(wire: socket.socket) -> None:
    whole(wire)
    time.sleep(0.6)


def test_who_never_ends_the_stream_acknowledges_nothing() -> None:
    with (
        receiving(slow) as port,
        pytest.raises(RefusedError, match="timed out"),
    ):
        streams.stream(parse(f"syslog+tcp://127.0.0.1:{port}"), [b"x"], later(0.3))


@contextlib.contextmanager
def sealed(files: certificates.Files, got: list[bytes], *, notify: bool = True) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)

    def serve(wire: socket.socket) -> None:
        with context.wrap_socket(wire, server_side=True, suppress_ragged_eofs=False) as inside:
            got.extend(frames(whole(inside)))
            if notify:
                inside.unwrap().close()

    with receiving(serve) as port:
        yield port


def test_tls_is_verified(tmp_path: Path) -> None:
    files, got = certificates.issue(tmp_path), list[bytes]()
    with sealed(files, got) as port:
        for ca in (str(files.ca), files.ca.read_text()):
            to = checked(Destination(to=f"syslog+tls://127.0.0.1:{port}", ca=ca))
            streams.stream(to, [b"one", b"two"], later())
        assert got == [b"one", b"two"] * 2
        (tmp_path / "other").mkdir()
        other = certificates.issue(tmp_path / "other")
        for to in (
            checked(Destination(to=f"syslog+tls://127.0.0.1:{port}")),
            checked(Destination(to=f"syslog+tls://127.0.0.1:{port}", ca=str(other.ca))),
            checked(Destination(to=f"syslog+tls://localhost:{port}", ca=str(files.ca))),
        ):
            with pytest.raises(RefusedError, match="certificate does not hold"):
                streams.stream(to, [b"three"], later())
        with pytest.raises(RefusedError, match="cannot be read"):
            streams.stream(parse(f"syslog+tls://127.0.0.1:{port}?ca=/nonesuch.pem"), [b"four"], later())
    assert got == [b"one", b"two"] * 2


@pytest.mark.skipif(sys.platform != "linux", reason="a reset is known before anything is sent")
def test_a_connection_that_is_reset_before_tls_leaves_no_socket_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = socket.create_connection

    def late(*words: Any, **named: Any) -> socket.socket:
        wire = connect(*words, **named)
        time.sleep(0.3)  # the reset is here by then
        return wire

    monkeypatch.setattr(socket, "create_connection", late)
    ca = certificates.issue(tmp_path).ca
    with receiving(reset_at_once) as port, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(RefusedError) as caught:
            streams.stream(parse(f"syslog+tls://127.0.0.1:{port}?ca={ca}"), [b"x"], later())
        assert caught.value.again
        del caught
        gc.collect()
    assert [one for one in told if one.category is ResourceWarning] == []


def test_an_end_without_notice_is_an_arrival_only_where_that_was_said(tmp_path: Path) -> None:
    files, got = certificates.issue(tmp_path), list[bytes]()
    with sealed(files, got, notify=False) as port:
        to = parse(f"syslog+tls://127.0.0.1:{port}?ca={files.ca}")
        with pytest.raises(RefusedError, match="RFC 5425"):
            streams.stream(to, [b"one"], later())
        streams.stream(parse(f"{to.to}?ca={files.ca}&unnotified=yes"), [b"one"], later())
    assert got == [b"one"] * 2


def test_a_cut_is_no_end_whatever_python_asks_of_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python was built with OpenSSL 3, its contexts take the one for the other."""
    careless = ssl.create_default_context()
    careless.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
    monkeypatch.setattr(ssl, "create_default_context", lambda **_: careless)
    made = trust.context(Destination(to="syslog+tls://127.0.0.1:1"))
    assert not made.options & ssl.OP_IGNORE_UNEXPECTED_EOF


# The spool


def test_what_waits_outlives_the_run_and_keeps_its_order(environment: dict[str, str]) -> None:
    to = parse("syslog+tcp://127.0.0.1:1")
    for _ in range(2):
        (told,) = delivery.deliver(sample.REPORT, [to], environment, 0.1)
        assert "wait: Connection refused" in told
    left = waiting(environment, to)
    assert [b"verdict" in line or b" fimci - run " in line for line in left] == ([False] * 5 + [True]) * 2
    got: list[bytes] = []
    with receiving(lambda wire: got.extend(frames(whole(wire)))) as port:
        there = msgspec.structs.replace(to, to=f"syslog+tcp://127.0.0.1:{port}")
        with spool.opened(environment["FIMCI_SPOOL"]) as kept:
            assert spool.add(kept, there, left, time.time()) == 0
        delivery.flush(environment, SOON, [there])
    assert got == left
    assert waiting(environment, there) == []


def test_nothing_is_forgotten_before_it_is_acknowledged(environment: dict[str, str]) -> None:
    times = [0]

    def serve(wire: socket.socket) -> None:
        times[0] += 1
        if times[0] > 2:
            whole(wire)

    with receiving(serve) as port:
        to = parse(f"syslog+tcp://127.0.0.1:{port}")
        assert delivery.deliver(sample.REPORT, [to], environment, SOON) == ()
    assert times[0] == 3
    assert waiting(environment, to) == []


def test_what_does_not_fit_is_counted(environment: dict[str, str]) -> None:
    lines = messages(sample.REPORT, parse("syslog+tcp://127.0.0.1:1"))
    to = checked(Destination(to="syslog+tcp://127.0.0.1:1", most_bytes=len(lines[0]) + len(lines[1]) + 1))
    full, _ = delivery.deliver(sample.REPORT, [to], environment, 0.1)
    assert full.startswith("syslog+tcp://127.0.0.1:1: 4 messages did not fit into the")
    assert len(waiting(environment, to)) == 2


def test_what_waits_too_long_is_given_up_and_counted(environment: dict[str, str]) -> None:
    to = parse("syslog+tcp://127.0.0.1:1")
    with spool.opened(environment["FIMCI_SPOOL"]) as kept:
        spool.add(kept, to, [b"old"] * 3, time.time() - 8 * 24 * 3600)
        spool.add(kept, to, [b"new"], time.time())
    gone, left = delivery.flush(environment, 0.1)
    assert gone.startswith("syslog+tcp://127.0.0.1:1: 3 messages waited for longer than 7 days")
    assert "1 message wait" in left


def test_a_destination_that_is_down_costs_the_others_nothing(environment: dict[str, str]) -> None:
    got: list[bytes] = []
    with receiving(lambda wire: got.extend(frames(whole(wire)))) as port:
        down, up = parse("syslog+tcp://127.0.0.1:1"), parse(f"syslog+tcp://127.0.0.1:{port}")
        (told,) = delivery.deliver(sample.REPORT, [down, up], environment, 1.0)
    assert told.startswith("syslog+tcp://127.0.0.1:1: ")
    assert len(got) == 6


def test_two_runs_do_not_mix(environment: dict[str, str]) -> None:
    to = parse("syslog+tcp://127.0.0.1:1")
    with spool.opened(environment["FIMCI_SPOOL"]) as kept:
        spool.add(kept, to, [b"one"], time.time())
    with spool.alone(environment["FIMCI_SPOOL"], to, 0.0) as held:
        assert held
        told = sending.send(environment["FIMCI_SPOOL"], to, environment, later(0.1))
    assert told == ["syslog+tcp://127.0.0.1:1: 1 message wait: another run is delivering"]


def test_a_killed_run_loses_nothing_that_it_kept(environment: dict[str, str], tmp_path: Path) -> None:
    program = (
        "import os, time; from fimci.delivery import spool; from fimci.destinations import parse\n"
        "with spool.opened(os.environ['FIMCI_SPOOL']) as kept:\n"
        "    n = 0\n"
        "    while True:\n"
        "        spool.add(kept, parse('syslog+tcp://127.0.0.1:1'), [b'%d' % n], time.time())\n"
        "        os.write(1, b'%d\\n' % n); n += 1\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, **environment}, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        for _ in range(20):
            writer.stdout.readline()
        writer.kill()
        told = 20 + writer.stdout.read().count(b"\n")
    left = waiting(environment, parse("syslog+tcp://127.0.0.1:1"))
    assert left == [b"%d" % n for n in range(len(left))]
    assert told <= len(left) <= told + 1
    assert tmp_path.exists()


def test_the_spool_is_for_its_owner_alone(environment: dict[str, str]) -> None:
    delivery.deliver(sample.CLEAN, [parse("syslog+tcp://127.0.0.1:1")], environment, 0.05)
    folder = Path(environment["FIMCI_SPOOL"])
    assert [stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()] == [0o600] * 2
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_spool_that_is_none_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    to = parse("syslog+tcp://127.0.0.1:1")
    (tmp_path / "spool").write_text("")
    (told,) = delivery.deliver(sample.CLEAN, [to], environment, 0.1)
    assert "nothing was delivered" in told
    (told,) = delivery.flush(environment, 0.1)
    assert "was not delivered" in told
    (tmp_path / "spool").unlink()
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "spool.sqlite").write_bytes(b"x" * 4_096)
    (told,) = delivery.deliver(sample.CLEAN, [to], environment, 0.1)
    assert "not a database" in told


def test_a_full_disk_keeps_nothing_in_part(environment: dict[str, str]) -> None:
    to = parse("syslog+tcp://127.0.0.1:1")
    with spool.opened(environment["FIMCI_SPOOL"]) as kept:
        kept.execute("PRAGMA max_page_count = 10")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            spool.add(kept, to, [b"one"] * 10 + [b"x" * 100_000], 0.0)
        assert spool.waits(kept, to) == 0


def test_no_spool_and_nothing_to_send(environment: dict[str, str]) -> None:
    assert delivery.flush(environment, 0.1) == ()


# Webhooks


class Taken:
    """What a webhook was sent, and what it answers, one after another; then success."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.port = 0


@pytest.fixture
def hook() -> Iterator[Taken]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status = taken.answers.pop(0) if taken.answers else 204
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    taken = Taken()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    taken.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield taken
    server.shutdown()
    server.server_close()
    thread.join()


def verified(headers: dict[str, str], body: bytes, secret: str) -> Any:
    """Verify as the specification of Standard Webhooks tells a receiver to."""
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    told = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    assert any(hmac.compare_digest(f"v1,{mark}", one) for one in headers["webhook-signature"].split(" "))
    return json.loads(body)


def test_a_webhook_is_signed(hook: Taken, environment: dict[str, str]) -> None:
    to = parse(f"webhook+http://127.0.0.1:{hook.port}/hooks/7?tenant=1")
    assert delivery.deliver(sample.REPORT, [to], environment, SOON) == ()
    ((headers, body),) = hook.requests
    told = verified(headers, body, SECRET)
    assert told["type"] == "fimci.events"
    assert [one["event"]["dataset"] for one in told["data"]["events"]][-2:] == ["fimci.unread", "fimci.run"]


def test_the_example_of_the_specification() -> None:
    """The values are those of the reference libraries' tests."""
    keys = webhook.secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "X")
    headers = webhook.signed(b'{"test": 2432232314}', keys, 1614265330)
    told = f"{headers['webhook-id']}.1614265330.".encode() + b'{"test": 2432232314}'
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    mark = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mark}"


def test_secrets_are_exchanged_without_a_gap(hook: Taken, environment: dict[str, str]) -> None:
    new = "whsec_" + base64.b64encode(b"n" * 24).decode()
    environment["FIMCI_WEBHOOK_SECRET"] = f"{SECRET} {new}"
    to = parse(f"webhook+http://127.0.0.1:{hook.port}/")
    assert delivery.deliver(sample.REPORT, [to], environment, SOON) == ()
    for secret in (SECRET, new):
        verified(*hook.requests[0], secret)


def test_a_webhook_that_fails_gets_the_same_again(hook: Taken, environment: dict[str, str]) -> None:
    hook.answers = [500, 429]
    findings = sample.many(250)
    report = msgspec.structs.replace(sample.CLEAN, findings=findings)
    to = parse(f"webhook+http://127.0.0.1:{hook.port}/")
    assert delivery.deliver(report, [to], environment, SOON) == ()
    identities = [headers["webhook-id"] for headers, _ in hook.requests]
    assert len(identities) == 5
    assert len(set(identities[:3])) == 1
    assert len(set(identities)) == 3
    told = [json.loads(body)["data"]["events"] for _, body in hook.requests[2:]]
    assert [len(one) for one in told] == [100, 100, 51]
    prints = [event["fimci"].get("fingerprint") for batch in told for event in batch]
    assert prints[:-1] == [finding.fingerprint for finding in findings]


@pytest.mark.parametrize(
    ("status", "why"), [(302, "answers 302"), (400, "answers 400"), (410, "answers 410")]
)
def test_a_refusal_is_told_and_kept(hook: Taken, environment: dict[str, str], status: int, why: str) -> None:
    hook.answers = [status]
    to = parse(f"webhook+http://127.0.0.1:{hook.port}/secret-path")
    (told,) = delivery.deliver(sample.REPORT, [to], environment, SOON)
    assert told == f"webhook+http://127.0.0.1:{hook.port}: 1 message wait: it {why}"
    assert len(hook.requests) == len(waiting(environment, to)) == 1


@pytest.mark.parametrize("secret", ["", "plain", "whsec_short", "whsec_" + "A" * 200, "whsec_é"])
def test_no_secret_no_request(hook: Taken, environment: dict[str, str], secret: str) -> None:
    environment["FIMCI_WEBHOOK_SECRET"] = secret
    (told,) = delivery.deliver(
        sample.REPORT, [parse(f"webhook+http://127.0.0.1:{hook.port}/")], environment, 0.5
    )
    assert "FIMCI_WEBHOOK_SECRET holds no secret" in told
    assert hook.requests == []
    assert secret == "" or secret not in told


@pytest.mark.parametrize("kind", ["drips", "says nothing", "pours", "cuts", "continues"])
def test_a_webhook_that_answers_without_an_end_is_waited_for_no_longer_than_anybody(
    kind: str, environment: dict[str, str]
) -> None:
    ends = threading.Event()

    def serve(wire: socket.socket) -> None:
        wire.recv(65_536)
        if kind == "drips":
            wire.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
            while not ends.wait(0.1):
                wire.sendall(b"a")
        elif kind == "pours":
            wire.sendall(b"HTTP/1.1 200 OK\r\n")
            while not ends.is_set():
                wire.sendall(b"X-A: " + b"a" * 60_000 + b"\r\n")
        elif kind == "continues":
            while not ends.wait(0.01):
                wire.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        elif kind == "says nothing":
            ends.wait(SOON)
        else:
            wire.sendall(b"HTTP/1.1 20")

    begun = time.monotonic()
    with receiving(serve) as port:
        to = parse(f"webhook+http://127.0.0.1:{port}/")
        (told,) = delivery.deliver(sample.REPORT, [to], environment, 1.0)
        took = time.monotonic() - begun
        ends.set()
    assert "1 message wait: " in told
    assert took < 3
    assert len(waiting(environment, to)) == 1


def test_nobody_answers(environment: dict[str, str]) -> None:
    (told,) = delivery.deliver(sample.REPORT, [parse("webhook+http://127.0.0.1:1/")], environment, 0.3)
    assert "refused" in told


# What is sent


@pytest.mark.parametrize("format_", ["cef", "ecs", "ocsf"])
def test_other_formats_go_behind_a_header_of_syslog(format_: str) -> None:
    for line in messages(sample.REPORT, parse(f"syslog://127.0.0.1?format={format_}")):
        head, _, rest = line.decode().partition(" fimci - ")
        assert head.startswith("<1")
        body = rest.split(" ", 2)[2].removeprefix("\ufeff")
        assert body.startswith("CEF:0|") if format_ == "cef" else json.loads(body)


def test_datagrams(environment: dict[str, str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(SOON)
        to = parse(f"syslog://127.0.0.1:{server.getsockname()[1]}")
        assert delivery.deliver(sample.REPORT, [to], environment, SOON) == ()
        got = [server.recv(65_536) for _ in range(6)]
    assert [b" fimci - run " in one for one in got] == [False] * 5 + [True]


# Where it goes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("syslog://siem.example", "syslog://siem.example:514"),
        ("syslog+tls://siem.example?format=cef", "syslog+tls://siem.example:6514"),
        ("syslog+tcp://[::1]:601/", "syslog+tcp://[::1]:601"),
        ("webhook+https://hooks.example/secret?key=1", "webhook+https://hooks.example:443"),
    ],
)
def test_a_destination_is_shown_without_secrets(text: str, shown: str) -> None:
    assert name(parse(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "http://siem.example", "syslog://", "syslog+tls://me:pass@siem.example", "syslog://siem.example/path",
        "webhook+http://hooks.example/", "syslog://siem.example:99999", "syslog://siem.example?ca=relative.pem",
        "syslog://siem.example?format=html", "syslog://siem.example?unnotified=no", "syslog://siem.example?x=1",
        "syslog://bücher.example", "syslog://[::1",
    ],
)  # fmt: skip
def test_what_is_no_destination(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)
    assert main(["compare", f"dir:{tmp_path}", f"dir:{tmp_path}", "--to", text]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_policy_names_destinations() -> None:
    text = (
        '[[deliver]]\nto = "syslog+tls://siem.example:6514"\nformat = "cef"\nca = "/etc/siem.pem"\n'
        '[[deliver]]\nto = "webhook+https://hooks.example/x"\nsecret = "HOOK"\nmost-bytes = 1000\ndays = 2\n'
    )
    policy = read_policy(text.encode(), "fimci.toml", ())
    assert policy is not None
    assert [one.format for one in policy.deliver] == ["cef", "ecs"]
    assert policy.deliver[1].most_bytes == 1000


@pytest.mark.parametrize(
    "text",
    [
        "deliver = 1", 'deliver = ["syslog://x"]', "[[deliver]]\nto = 1", '[[deliver]]\nto = "x"',
        '[[deliver]]\nto = "syslog://x"\nother = 1', '[[deliver]]\nto = "syslog://x"\ndays = 0',
        '[[deliver]]\nto = "syslog://x"\nca = "ca.pem"',
        '[[deliver]]\nto = "webhook+https://x"\nsecret = "a b"', "[[deliver]]\nformat = 'cef'",
    ],
)  # fmt: skip
def test_faults_of_policy(text: str) -> None:
    with pytest.raises(ConfigurationError, match="deliver"):
        read_policy(text.encode(), "fimci.toml", ())


# The commands


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> Path:
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr(delivery, "PATIENCE", 0.2)
    policy = '[[deliver]]\nto = "syslog+tcp://127.0.0.1:1"\n'
    return repository.create(tmp_path / "here", {"fimci.toml": policy, "package.json": '{"name": "a"}\n'})


def test_a_clean_run_whose_events_wait_is_not_all_right(
    where: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(where)]) == 3
    out, err = capsys.readouterr()
    assert "1 message wait: Connection refused" in err
    assert "wait" not in out
    assert main(["deliver", "--wait", "0.1"]) == 3


def test_a_commit_waits_for_nobody(where: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--staged", str(where)]) == 0
    assert "wait" not in capsys.readouterr().err


def test_findings_keep_their_code(where: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (where / "package.json").write_text('{"name": "a", "scripts": {"postinstall": "node x.js"}}\n')
    assert main(["check", str(where)]) == 1
    assert "wait" in capsys.readouterr().err


def test_the_side_under_judgement_names_no_destination(where: Path) -> None:
    got: list[bytes] = []
    with receiving(lambda wire: got.extend(frames(whole(wire)))) as port:
        (where / "fimci.toml").write_text(f'[[deliver]]\nto = "syslog+tcp://127.0.0.1:{port}"\n')
        main(["check", str(where)])
    assert got == []


def test_deliver_sends_what_waits(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIMCI_SPOOL", environment["FIMCI_SPOOL"])
    got: list[bytes] = []
    with receiving(lambda wire: got.extend(frames(whole(wire)))) as port:
        to = parse(f"syslog+tcp://127.0.0.1:{port}")
        with spool.opened(environment["FIMCI_SPOOL"]) as kept:
            spool.add(kept, to, [b"one", b"two"], time.time())
        assert main(["deliver"]) == 0
    assert got == [b"one", b"two"]


def test_compare_tells_it_too(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIMCI_SPOOL", environment["FIMCI_SPOOL"])
    (tmp_path / "left").mkdir()
    got: list[bytes] = []
    with receiving(lambda wire: got.extend(frames(whole(wire)))) as port:
        words = ["compare", f"dir:{tmp_path}/left", f"dir:{tmp_path}/left"]
        assert main([*words, "--to", f"syslog+tcp://127.0.0.1:{port}"]) == 0
    assert len(got) == 1
