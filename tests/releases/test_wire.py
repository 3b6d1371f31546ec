"""What servers send that no server should: a check of a change ends, in words, and nothing is well."""

from __future__ import annotations

import functools
import gzip
import json
import re
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from fimci.registries import client, npm, pypi
from tests.loopback import Registry, Said, sri, tarball
from tests.releases.projects import LOUD, QUIET, Project, lock
from tests.wire import Answer, Wire, endless, listening, plain, raw

_ARCHIVE, _MANIFEST, _DOCUMENT = "/left/-/left-1.0.1.tgz", "/left/1.0.1", "/left"
_HEAD = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def _packed(version: str, files: Mapping[str, str]) -> bytes:
    return tarball({"package.json": json.dumps({"name": "left", "version": version}), **files})


_OLD, _NEW = _packed("1.0.0", QUIET), _packed("1.0.1", LOUD)
_VERSIONS = {version: {"name": "left", "version": version} for version in ("1.0.0", "1.0.1")}


@pytest.fixture
def wire() -> Iterator[Wire]:
    with listening() as one:
        yield one


def _manifest(wire: Wire, version: str = "1.0.1", **other: Any) -> Answer:
    data = _NEW if version == "1.0.1" else _OLD
    dist = {"tarball": f"{wire.url}left/-/left-{version}.tgz", "integrity": sri(data)}
    return plain(json.dumps({"name": "left", "version": version, "dist": dist, **other}).encode())


def check(
    project: Project, wire: Wire, monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Answer]
) -> tuple[int, dict[str, Any]]:
    """Judge an update of `left` at a registry that answers so; it must end in seconds."""
    monkeypatch.setattr(client, "SILENCE", 1.0)
    monkeypatch.setattr(client, "Client", functools.partial(client.Client, deadline=1.5))
    monkeypatch.setattr(npm, "LIMIT", 10_000_000)
    project.write(".npmrc", f"registry={wire.url}\n")
    project.write("package-lock.json", lock({"left": ("1.0.0", sri(_OLD), {})}))
    project.commit()
    project.write("package-lock.json", lock({"left": ("1.0.1", sri(_NEW), {})}))
    wire.answers.update(
        {
            "/left/1.0.0": _manifest(wire, "1.0.0"),
            "/left/-/left-1.0.0.tgz": plain(_OLD),
            _MANIFEST: _manifest(wire),
            _ARCHIVE: plain(_NEW),
            **answers,
        }
    )
    start = time.monotonic()
    found = project.check()
    assert time.monotonic() - start < 12
    assert not re.search(r"[\x00-\x08\x0e-\x1f\u202e]", json.dumps(found[1], ensure_ascii=False))
    return found


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _moved(place: str) -> Answer:
    return plain(b"", "302 Found", {"Location": place})


_MANIFESTS: Mapping[str, tuple[Answer, str]] = {
    "login": (plain(b"<html><form action=login>", headers={"Content-Type": "text/html"}), "no document"),
    "endless": (endless(_HEAD + b"\r\n", b"x" * 65536), "more than 10,000,000 bytes"),
    "drip of the status": (endless(b"HTTP", b"/", 0.1), "is too slow"),
    "drip of a header": (endless(_HEAD + b"X: ", b"y", 0.1), "is too slow"),
    "drip of headers": (endless(_HEAD, b"X: y\r\n", 0.1), "is too slow"),
    "drip of the size of a chunk": (endless(_CHUNKED, b"0", 0.1), "is too slow"),
    "drip of the body": (endless(_HEAD + b"Content-Length: 999\r\n\r\n", b"x", 0.1), "is too slow"),
    "continue": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "is too slow"),
    "trailers": (endless(_CHUNKED + b"0\r\n", b"X: y\r\n" * 100), "is too slow"),
    "chunks of nothing": (endless(_CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"),
                                  _chunk(gzip.compress(b""))), "is too slow"),
    "a header without end": (endless(_HEAD + b"X: ", b"y" * 65536), "cannot be reached"),
    "headers without end": (endless(_HEAD, b"X: y\r\n" * 1000), "cannot be reached"),
    "the size of a chunk without end": (endless(_CHUNKED, b"1" * 65536), "was cut"),
    "silence": (lambda _: time.sleep(1.5), "does not answer in time"),
    "silence in the middle": (endless(_HEAD + b"Content-Length: 9\r\n\r\n", b"", 0.5), "was cut"),
    "no number": (plain(b'{"name": "left", "version": NaN}'), "another package (left@nan)"),
    "a huge number": (plain(b'{"name": "left", "version": ' + b"1" * 10_000 + b"}"), "no document"),
    "depth": (plain(b'{"a":' * 100_000), "no document"),
    "bomb": (plain(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"}), "more than"),
    "other packing": (plain(b"x", headers={"Content-Encoding": "gzip, gzip"}), "nobody asked for"),
    "other letters": (plain(b'{"name": "Left", "version": "1.0.1"}'), "another package (Left@1.0.1)"),
    "escapes": (plain(b'{"name": "left", "version": "1.0.1\\u001b[31m\\u202e"}'), "another package"),
}  # fmt: skip


@pytest.mark.parametrize("name", _MANIFESTS)
def test_manifests(name: str, project: Project, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, why = _MANIFESTS[name]
    code, report = check(project, wire, monkeypatch, {_MANIFEST: answer})
    assert (code, [row["verdict"] for row in report["releases"]]) == (3, ["not looked at"])
    assert why in report["unread"][0]["why"]


_DISTS: Mapping[str, tuple[Any, str]] = {
    "other algorithm": ({"tarball": "{url}left.tgz", "integrity": "md5-1B2M2Y8AsgTpgAmY7PhCfg=="}, "no hash"),
    "no algorithm": ({"tarball": "{url}left.tgz", "integrity": "sha3-512-AAAA", "shasum": "abc"}, "no hash"),
    "a list": ([1], "names no archive"),
    "a number": ({"tarball": 7}, "names no archive"),
    "another port": ({"tarball": "http://127.0.0.1:1/left.tgz", "shasum": "0" * 40}, "without https"),
    "a private address": ({"tarball": "https://10.0.0.1/left.tgz", "shasum": "0" * 40}, "private network"),
    "in another spelling": ({"tarball": "https://[::ffff:169.254.169.254]/x", "shasum": "0" * 40}, "private"),
    "a file": ({"tarball": "file:///left.tgz", "shasum": "0" * 40}, "without https"),
    "two lines": ({"tarball": "{url}a\r\nHost: other", "shasum": "0" * 40}, "without a host"),
}


@pytest.mark.parametrize("name", _DISTS)
def test_where_manifests_say_that_archives_are(
    name: str, project: Project, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    dist, why = _DISTS[name]
    if isinstance(dist, dict) and isinstance(dist["tarball"], str):
        dist = {**dist, "tarball": dist["tarball"].replace("{url}", wire.url)}
    code, report = check(project, wire, monkeypatch, {_MANIFEST: _manifest(wire, dist=dist)})
    assert (code, [row["verdict"] for row in report["releases"]]) == (3, ["not looked at"])
    assert why in report["unread"][0]["why"]
    assert not any(b"/left-1.0.1.tgz" in request for request in wire.read)


_MOVED: Mapping[str, str] = {
    "file:///etc/passwd": "without https",
    "http://169.254.169.254/latest": "without https",
    "//169.254.169.254/x": "without https",
    "https://169.254.169.254/x": "nobody allowed",
    "http://localhost/x": "without https",
    "https://localhost/x": "nobody allowed",
    "http://[::ffff:127.0.0.1]/x": "without https",
    "https://[::1]/x": "nobody allowed",
    "https://[fe80::1%25lo]/x": "nobody allowed",
    "https://0x7f.1/x": "nobody allowed",
    "http://2130706433/x": "without https",
    "https://127.0.0.1@other.invalid/x": "redirects to other.invalid, which nobody allowed",
    "https://registry.example@127.0.0.1/x": "nobody allowed",
    "http://127.0.0.1:99999/x": "without a host",
    "https://[/x": "cannot be asked",
    "gopher://other.invalid/x": "without https",
    "": "answers with 302",
}


@pytest.mark.parametrize("place", _MOVED)
def test_redirects(place: str, project: Project, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    code, report = check(project, wire, monkeypatch, {_ARCHIVE: _moved(place)})
    assert (code, [row["verdict"] for row in report["releases"]]) == (3, ["not looked at"])
    assert _MOVED[place] in report["unread"][0]["why"]


def test_two_redirects_to_each_other(project: Project, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    code, report = check(project, wire, monkeypatch, {_ARCHIVE: _moved("/b"), "/b": _moved(_ARCHIVE)})
    assert (code, "redirects more than 5 times" in report["unread"][0]["why"]) == (3, True)


_ARCHIVES: Mapping[str, tuple[Answer, str]] = {
    "login": (plain(b"<html><form action=login>"), "something that is no archive"),
    "nothing": (plain(b""), "nothing at all"),
    "no answer": (raw(b""), "cannot be reached"),
    "reset": (_reset, "cannot be reached"),
    "another protocol": (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "cannot be reached"),
    "no head": (raw(_NEW), "cannot be reached"),
    "less than said": (raw(_HEAD + b"Content-Length: 999999\r\n\r\n" + _NEW), "was cut"),
    "more than said": (raw(_HEAD + b"Content-Length: 30\r\n\r\n" + _NEW), "an archive that was cut"),
    "two lengths": (
        raw(_HEAD + b"Content-Length: 5\r\nContent-Length: 99\r\n\r\n" + _NEW),
        "cannot be asked",
    ),
    "a cut chunk": (raw(_CHUNKED + b"ffff\r\n" + _NEW), "was cut"),
    "a size that is none": (raw(_CHUNKED + b"-5\r\n" + _NEW), "was cut"),
    "an old protocol, cut": (raw(b"HTTP/1.0 200 OK\r\n\r\n" + _NEW[:-9]), "an archive that was cut"),
    "a part": (plain(_NEW, "206 Partial Content"), "answers with 206"),
    "unmodified": (plain(_NEW, "304 Not Modified"), "answers with 304"),
    "no status": (plain(_NEW, "000 None"), "cannot be reached"),
    "a proxy": (plain(_NEW, "407 Proxy Authentication Required"), "answers with 407"),
}


@pytest.mark.parametrize("name", _ARCHIVES)
def test_archives(name: str, project: Project, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, why = _ARCHIVES[name]
    code, report = check(project, wire, monkeypatch, {_ARCHIVE: answer})
    assert (code, [row["verdict"] for row in report["releases"]]) == (3, ["not looked at"])
    assert (why in report["unread"][0]["why"], report["findings"]) == (True, [])


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"HTTP/1.0 200 OK\r\n\r\n" + _NEW),
        raw(_HEAD + b"Content-Length: none\r\nConnection: close\r\n\r\n" + _NEW),
        raw(_CHUNKED + _chunk(_NEW[:50]) + _chunk(_NEW[50:]) + b"0\r\n\r\n"),
        plain(_NEW, headers={"Content-Encoding": "gzip"}),
        plain(gzip.compress(_NEW), headers={"Content-Encoding": "gzip"}),
        plain(_NEW, headers={"Content-Type": "text/html"}),
    ],
)
def test_odd_servers_of_the_archive_that_is_locked(
    answer: Answer, project: Project, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, report = check(project, wire, monkeypatch, {_ARCHIVE: answer})
    assert (code, [row["verdict"] for row in report["releases"]]) == (0, ["medium"])
    assert [found["rule"] for found in report["findings"]] == ["capability-gained"]


@pytest.mark.parametrize(
    "other",
    [
        {"time": {"created": "2020-01-01T00:00:00Z", "1.0.1": "0001-01-01T00:00:00+23:59"}},
        {"time": {"created": "2020-01-01T00:00:00Z", "1.0.1": "9999-12-31T23:59:59-23:59"}},
        {"time": {"created": 1e308, "1.0.1": -1e308}},
        {"time": [], "versions": {"1.0.1": {"name": [1], "scripts": [], "dependencies": 7, "dist": []}}},
        {"versions": {**_VERSIONS, "9" * 4000 + ".0.0": {}, "\x1b[31m": 7, "1.0.0": 7}},
        {
            "versions": {
                "1.0.0": _VERSIONS["1.0.0"],
                "1.0.1": {**_VERSIONS["1.0.1"], "deprecated": "\x1b\x07\u202e", "_npmUser": {"name": "\x1b"}},
            }
        },
    ],
)  # fmt: skip
def test_facts_that_are_none(
    other: dict[str, Any], project: Project, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"name": "left", "versions": _VERSIONS, "time": {}, **other}
    answers = {_DOCUMENT: plain(json.dumps(document).encode())}
    code, report = check(project, wire, monkeypatch, answers)
    assert (code, "capability-gained" in {found["rule"] for found in report["findings"]}) == (0, True)
    assert "release-young" not in {found["rule"] for found in report["findings"]}


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "https://169.254.169.254/left.whl", "https://[::ffff:10.0.0.1]/left.whl"),
        *("http://other.invalid/left.whl", "javascript:1", "data:text/plain,x", "https://[/x"),
        *("https://user:word@10.0.0.1/left.whl", "https://\x1b[31m.invalid/x"),
    ],
)
def test_where_indexes_say_that_files_are(
    url: str, project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}simple")
    digest = "0" * 64
    for version in ("1.0", "1.1"):
        project.write("requirements.txt", f"left=={version} --hash=sha256:{digest}\n")
        if version == "1.0":
            project.commit()
    listed = [{"filename": "left-1.1-py3-none-any.whl", "url": url, "hashes": {"sha256": digest}}]
    page = json.dumps({"meta": {"api-version": "1.1"}, "name": "left", "files": listed}).encode()
    with listening() as wire:
        monkeypatch.setenv("PIP_INDEX_URL", f"{wire.url}simple")
        kind = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
        wire.answers["/simple/left/"] = plain(page, headers=kind)
        code, report = project.check()
        assert {request.split(b" ")[1] for request in wire.read} == {b"/simple/left/"}
    assert (code, [row["verdict"] for row in report["releases"]]) == (3, ["not looked at"])
    assert "word" not in json.dumps(report)
    assert server.seen == []


@pytest.mark.parametrize(
    "page",
    ["<![<![", "<!", "<a", "<a href='x", "<a " * 300_000, "<a x=\"'" * 200_000, "<a" + " x=y" * 500_000],
)
def test_pages_that_are_none(
    page: str, project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}simple")
    for version in ("1.0", "1.1"):
        project.write("requirements.txt", f"left=={version} --hash=sha256:{'0' * 64}\n")
        if version == "1.0":
            project.commit()
    server.say("/simple/left/", Said(page.encode(), headers={"Content-Type": "text/html"}))
    code, report = project.check()
    assert (code, [row["verdict"] for row in report["releases"]]) == (3, ["not looked at"])


def test_links_of_a_page(server: Registry) -> None:
    page = (
        '<a href="../../files/left-1.1.tar.gz#sha256=' + "0" * 64 + '" data-requires-python=">=3.6">a</a>'
        "<A\n data-yanked HREF='/files/left-1.1-py3-none-any.whl?a=1&amp;b=2'>b</A><abbr href=left-1.1.zip>"
    )
    found = pypi.release(
        client.Answer(page.encode(), "text/html"), f"{server.url}simple/left/", "left", "1.1"
    )
    assert [(one.name, one.url, one.yanked, len(one.digests)) for one in found] == [
        ("left-1.1-py3-none-any.whl", f"{server.url}files/left-1.1-py3-none-any.whl?a=1&b=2", True, 0),
        ("left-1.1.tar.gz", f"{server.url}files/left-1.1.tar.gz", False, 1),
    ]
