"""Requests to the API of the code host, and what becomes of those that it does not grant.

The token goes to the host of `GITHUB_API_URL` alone: over TLS (or on loopback), by no redirect to
another host, and in no message. What may be tried again is: a limit that says when, and for questions
and repeatable changes also a server that fails. All waiting together has a bound, after which the sink
gives up. A refusal is no limit: it is not tried again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from fimci import __version__
from fimci.forge.job import Job
from fimci.printable import printable

if TYPE_CHECKING:
    from requests import Response, Session

#: Seconds that one run waits for the host, all retries of all sinks together.
PATIENCE = 90.0
#: Seconds between two requests that write, as the host asks of its clients.
PAUSE = 1.0
#: Seconds to connect and to read, and tries of one request.
_TIMEOUT, _TRIES = (10, 30), 4
_REDIRECTS = 3
#: Pages of a list that are read, of 100 entries each.
PAGES = 30
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_LIMITED = re.compile(r"rate limit|abuse", re.IGNORECASE)
_FAILING = {500, 502, 503, 504}
_WRITES = {"POST", "PATCH", "PUT", "DELETE"}


class RefusedError(Exception):
    """The host did not do what it was asked. `status` is 0 where there was no answer."""

    def __init__(self, status: int, message: str) -> None:
        """Keep the status apart from the host's words."""
        super().__init__(message)
        self.status = status
        self.message = message


class Clock(NamedTuple):
    """What waits, and what tells the time: seconds."""

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time


class Host:
    """A connection to the API for one run. It has state: what is left of the patience."""

    def __init__(self, job: Job, clock: Clock | None = None) -> None:
        """Open no connection yet. Raises `RefusedError` where the token must not be sent."""
        parts = urlsplit(job.api)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise RefusedError(0, "GITHUB_API_URL names no https address")
        if not job.token:
            raise RefusedError(0, "the job has no token")
        if not job.repository:
            raise RefusedError(0, "GITHUB_REPOSITORY names no repository")
        self.job = job
        self.clock = clock or Clock()
        self.left = PATIENCE
        self.wrote = 0.0
        self.session: Session | None = None

    def ask(self, path: str, **query: str | int) -> Any:
        """Return the parsed answer to a question. `path` is below the repository."""
        return _parsed(self._send("GET", self._url(path), None, query))

    def each(self, path: str, **query: str | int) -> Iterator[dict[str, Any]]:
        """Yield the entries of a list, page by page, at most `PAGES` of them."""
        for page in range(1, PAGES + 1):
            answer = self._send("GET", self._url(path), None, {**query, "per_page": 100, "page": page})
            entries = _parsed(answer)
            yield from (entry for entry in entries if isinstance(entry, dict))
            if "next" not in answer.links:
                return

    def tell(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Make a change; return the parsed answer."""
        return _parsed(self._send(method, self._url(path), body, {}))

    def _url(self, path: str) -> str:
        return f"{self.job.api}/repos/{self.job.repository}/{path}"

    def _send(
        self, method: str, url: str, body: Mapping[str, Any] | None, query: Mapping[str, str | int]
    ) -> Response:
        """Send a request until it is answered for good. Raises `RefusedError`."""
        refused = RefusedError(0, "")
        for number in range(_TRIES):
            if method in _WRITES:
                self._pause()
            answer, refused = self._once(method, url, body, query)
            if answer is not None and refused.status == 0:
                return answer
            seconds = _delay(method, refused.status, answer, number, self.clock.now())
            if seconds is None or seconds > self.left or number == _TRIES - 1:
                break
            self.left -= seconds
            self.clock.sleep(seconds)
        raise refused

    def _pause(self) -> None:
        wait = self.wrote + PAUSE - self.clock.now()
        if 0 < wait <= PAUSE:
            self.clock.sleep(wait)
        self.wrote = self.clock.now()

    def _once(
        self, method: str, url: str, body: Mapping[str, Any] | None, query: Mapping[str, str | int]
    ) -> tuple[Response | None, RefusedError]:
        import requests  # noqa: PLC0415  (120 ms, and only where a host is told)

        if self.session is None:
            self.session = requests.Session()
            # Given by hand, so that no ~/.netrc puts another one in its place.
            self.session.auth = _Token(self.job.token)
        try:
            answer = _followed(self.session, method, url, body, query)
        except requests.RequestException as error:
            return None, RefusedError(_UNANSWERED, f"no answer: {type(error).__name__}")
        if answer.status_code < 300:  # noqa: PLR2004  (done)
            return answer, RefusedError(0, "")
        return answer, RefusedError(answer.status_code, _words(answer))


#: A status of our own for a connection that failed or an answer that did not come.
_UNANSWERED = 599
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": f"fimci/{__version__}",
}


def _followed(
    session: Session, method: str, url: str, body: Mapping[str, Any] | None, query: Mapping[str, str | int]
) -> Response:
    """Return the answer to a request, after redirects on the same host."""
    for _ in range(_REDIRECTS):
        answer = session.request(
            method, url, json=body, params=query, headers=_HEADERS, timeout=_TIMEOUT, allow_redirects=False
        )
        if answer.status_code not in {301, 302, 307, 308}:
            return answer
        url, query = _beside(url, answer.headers.get("Location", "")), {}
    raise RefusedError(_UNANSWERED, "the answer leads around in circles")


class _Token:
    """Sets the header of a request that goes to the host."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _beside(url: str, location: str) -> str:
    """Return where a redirect leads, if that is the same host. Raises `RefusedError`."""
    here, there = urlsplit(url), urlsplit(location)
    if (there.scheme, there.netloc) != (here.scheme, here.netloc):
        raise RefusedError(_UNANSWERED, "the answer leads to another host")
    return location


def _delay(method: str, status: int, answer: Response | None, number: int, now: float) -> float | None:
    """Return how long to wait before the next try; `None` where there is to be none.

    A limit has not done what was asked, so that it may be asked again. After a failure nobody knows:
    only what is the same when done twice is tried again.
    """
    if answer is not None and status in {403, 429}:
        headers = answer.headers
        after = headers.get("Retry-After", "")
        if after.isdecimal():
            return float(after)
        if headers.get("X-RateLimit-Remaining") == "0" and headers.get("X-RateLimit-Reset", "").isdecimal():
            return max(1.0, int(headers["X-RateLimit-Reset"]) - now)
        if status == 429 or _LIMITED.search(_words(answer)):  # noqa: PLR2004  (too many requests)
            return float(60 * 2**number)
        return None
    if status in _FAILING | {_UNANSWERED} and method != "POST":
        return float(2**number)
    return None


def _words(answer: Response) -> str:
    """Return the host's own words about a refusal, on one line."""
    try:
        message = answer.json().get("message", "")
    except (ValueError, AttributeError):
        message = ""
    return printable(str(message) or answer.reason or "no reason given", 200)


def _parsed(answer: Response) -> Any:
    try:
        return answer.json() if answer.content else {}
    except ValueError as error:
        raise RefusedError(answer.status_code, "the answer is no JSON") from error
