"""A stand-in for GitHub on loopback: comments, check runs and reviews with state, and faults on demand.

Every request is compared with GitHub's own description (`fixtures/forge/github.json`), and against the
limits that the description leaves out. What breaks one of them is answered with 422 and remembered, so
that a test can say that nothing did.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema

from fimci.forge.api import Clock
from fimci.forge.job import AUTHOR, Job

DESCRIPTION = json.loads((Path(__file__).parents[2] / "fixtures" / "forge" / "github.json").read_text())
TOKEN = "the-token-of-the-job"
HEAD = "ab" * 20


class Fault:
    """What happens to the next `times` requests whose line matches."""

    def __init__(self, line: str, status: int, times: int = 99, words: str = "", **headers: str) -> None:
        self.line, self.status, self.times, self.words = re.compile(line), status, times, words
        self.headers = {name.replace("_", "-"): text for name, text in headers.items()}


class Forge:
    """The state of the stand-in."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []
        self.reviews: list[dict[str, Any]] = []
        self.remarks: list[dict[str, Any]] = []
        self.files: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        self.wrong: list[str] = []
        self.slept: list[float] = []
        self.time = 1_000_000.0
        self.url = ""

    def job(self, **fields: Any) -> Job:
        return Job(
            api=self.url, token=TOKEN, repository="left/left", number=7, head=HEAD, key="0123456789ab",
            page="https://github.com/left/left/actions/runs/1",
        )._replace(**fields)  # fmt: skip

    def clock(self) -> Clock:
        def sleep(seconds: float) -> None:
            self.slept.append(seconds)
            self.time += seconds

        return Clock(sleep, lambda: self.time)

    def wrote(self) -> list[str]:
        return [line for line in self.asked if not line.startswith("GET")]

    def comment(self, body: str, login: str = AUTHOR) -> None:
        self.comments.append({"id": 100 + len(self.comments), "body": body, "user": {"login": login}})

    def answer(
        self, method: str, path: str, query: dict[str, str], body: Any
    ) -> tuple[int, Any, dict[str, str]]:
        match method, path.split("/"):
            case "GET", ["issues", "7", "comments"]:
                return self._page(self.comments, path, query)
            case "GET", ["pulls", "7", "files"]:
                return self._page(self.files, path, query)
            case "GET", ["pulls", "7", "comments"]:
                return self._page(self.remarks, path, query)
            case "POST", ["issues", "7", "comments"]:
                self.comment(body["body"])
                return 201, self.comments[-1], {}
            case "PATCH", ["issues", "comments", number]:
                found = next((one for one in self.comments if str(one["id"]) == number), None)
                if found is None or found["user"]["login"] != AUTHOR:
                    return 403, {"message": "Resource not accessible by integration"}, {}
                found["body"] = body["body"]
                return 200, found, {}
            case "POST", ["check-runs"]:
                self.runs.append({**body, "id": 500 + len(self.runs), "annotations": list(_noted(body))})
                return 201, self.runs[-1], {}
            case "PATCH", ["check-runs", number]:
                run = next(one for one in self.runs if str(one["id"]) == number)
                run["annotations"] += _noted(body)
                return 200, run, {}
            case "POST", ["pulls", "7", "reviews"]:
                self.reviews.append(body)
                self.remarks += [{**one, "user": {"login": AUTHOR}} for one in body["comments"]]
                return 200, {"id": 1}, {}
        return 404, {"message": "Not Found"}, {}

    def _page(self, entries: list[Any], path: str, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        size, page = int(query.get("per_page", "30")), int(query.get("page", "1"))
        shown = entries[(page - 1) * size : page * size]
        more = {"Link": f'<{self.url}/repos/left/left/{path}?page={page + 1}>; rel="next"'}
        return 200, shown, more if len(entries) > page * size else {}


def _noted(body: Any) -> list[Any]:
    found: list[Any] = body.get("output", {}).get("annotations", [])
    return found


def violations(method: str, path: str, query: dict[str, str], body: Any) -> Iterator[str]:
    """Yield what is wrong with a request."""
    shape = re.sub(r"/\d+", "/{}", "/" + path)
    known = {re.sub(r"\{\w+\}", "{}", name): asked for name, asked in DESCRIPTION["operations"].items()}
    asked = known.get(f"{method} {shape}")
    if asked is None:
        yield f"{method} {shape} is no operation that is described"
        return
    for name, text in query.items():
        schema = asked["query"].get(name)
        if schema is None:
            yield f"{name} is no parameter of {method} {shape}"
        elif schema["type"] == "integer" and not text.isdecimal():
            yield f"{name} is no number"
    if asked["body"]:
        for error in jsonschema.Draft7Validator(asked["body"]).iter_errors(body):
            yield f"{method} {shape}: {error.json_path}: {error.message[:200]}"
        yield from _beyond(body)


def _beyond(body: Any) -> Iterator[str]:
    """Yield the limits that are broken which the description does not state."""
    if len(body.get("body", "")) > 65_536:
        yield "a comment is too long"
    if len(body.get("comments", [])) > 30:
        yield "a review has too many comments"
    for one in _noted(body):
        if one["start_line"] < 1 or one["end_line"] < one["start_line"]:
            yield "an annotation has no line"
        if len(one.get("title", "")) > 255 or len(one["message"].encode()) > 64 * 1024 or not one["message"]:
            yield "an annotation has a title or a message that is too long or empty"


class _Server(ThreadingHTTPServer):
    forge: Forge


class _Handler(BaseHTTPRequestHandler):
    """Answers for the forge of its server."""

    server: _Server

    def log_message(self, format: str, *words: object) -> None:  # noqa: A002  (its signature)
        del format, words

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = parts.path.removeprefix("/repos/left/left/")
        self.server.forge.asked.append(f"{self.command} {path}")
        body = json.loads(data) if data else None
        self._reply(*self._answered(path, query, body))

    def _answered(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any, dict[str, str]]:
        line = f"{self.command} {path}"
        for fault in self.server.forge.faults:
            if fault.times and fault.line.search(line):
                fault.times -= 1
                return fault.status, {"message": fault.words}, fault.headers
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}, {}
        wrong = list(violations(self.command, path, query, body))
        if self.headers.get("Accept") != "application/vnd.github+json":
            wrong.append("Accept is not as documented")
        self.server.forge.wrong += wrong
        return (
            (422, {"message": wrong[0]}, {})
            if wrong
            else self.server.forge.answer(self.command, path, query, body)
        )

    def _reply(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        if status == 0:  # an outage in the middle of an answer
            self.close_connection = True
            self.connection.close()
            return
        data = json.dumps(answer).encode()
        self.send_response(status)
        for name, text in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = _handle  # noqa: N815  (the names that the server calls)


@contextlib.contextmanager
def serving() -> Iterator[Forge]:
    """Serve a stand-in on loopback until the test is over."""
    forge = Forge()

    server = _Server(("127.0.0.1", 0), _Handler)
    server.forge = forge
    forge.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield forge
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
