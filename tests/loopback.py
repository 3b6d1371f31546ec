"""A small server on loopback that speaks both protocols, says what it is told to, and tells what it saw."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import io
import json
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Said(NamedTuple):
    """One answer. `length` is stated instead of the true one, `pause` is waited between bytes."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = {}
    length: int | None = None
    pause: float = 0.0


class Seen(NamedTuple):
    """What the server was asked."""

    path: str
    authorization: str | None


class Registry:
    """What a test holds of a server: its address, its answers by path (the last one stays), what it saw."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/"
        self.answers: dict[str, list[Said]] = {}
        self.seen: list[Seen] = []

    def say(self, path: str, *answers: Said) -> None:
        """Answer so at a path."""
        self.answers[path] = list(answers)

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [one.path for one in self.seen]

    def npm(self, name: str, version: str, files: Mapping[str, str], *, integrity: str = "") -> bytes:
        """Publish a package of npm; return its archive."""
        data = tarball({"package.json": json.dumps({"name": name, "version": version}), **files})
        path = f"/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
        dist = {"tarball": self.url[:-1] + path, "integrity": integrity or sri(data)}
        manifest = {"name": name, "version": version, "dist": dist}
        self.say(f"/{name.replace('/', '%2F')}/{version}", Said(json.dumps(manifest).encode()))
        self.say(path, Said(data))
        return data

    def pypi(self, name: str, files: Mapping[str, bytes], *, html: bool = False) -> None:
        """Publish files of a Python project at `/simple/NAME/`."""
        for file, data in files.items():
            self.say(f"/files/{file}", Said(data))
        sums = {file: hashlib.sha256(data).hexdigest() for file, data in files.items()}
        if html:
            links = "".join(f'<a href="/files/{f}#sha256={s}">{f}</a><br>' for f, s in sums.items())
            self.say(f"/simple/{name}/", Said(links.encode(), headers={"Content-Type": "text/html"}))
            return
        listed = [
            {"filename": f, "url": f"../../files/{f}", "hashes": {"sha256": s}} for f, s in sums.items()
        ]
        page: dict[str, Any] = {"meta": {"api-version": "1.1"}, "name": name, "files": listed}
        kind = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
        self.say(f"/simple/{name}/", Said(json.dumps(page).encode(), headers=kind))


def sri(data: bytes) -> str:
    """Return Subresource Integrity of bytes."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def tarball(files: Mapping[str, str], top: str = "package") -> bytes:
    """Pack files as npm does."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


def wheel(name: str, version: str, files: Mapping[str, str]) -> bytes:
    """Pack files as a wheel for every platform."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        info = f"{name}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        about = {f"{info}/METADATA": metadata, f"{info}/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n"}
        for path, text in {**files, **about}.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return packed.getvalue()


@contextlib.contextmanager
def serving() -> Iterator[Registry]:
    """Serve on a free port of loopback for as long as it is held."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            registry.seen.append(Seen(self.path, self.headers.get("Authorization")))
            said = registry.answers.get(self.path, [Said(status=404)])
            one = said.pop(0) if len(said) > 1 else said[0]
            self.send_response(one.status)
            for name, value in one.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(one.body) if one.length is None else one.length))
            self.end_headers()
            with contextlib.suppress(OSError):
                if one.pause:
                    for at in range(len(one.body)):
                        self.wfile.write(one.body[at : at + 1])
                        time.sleep(one.pause)
                else:
                    self.wfile.write(one.body)
            self.close_connection = one.length is not None

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    registry = Registry(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
