"""What a registry may do to whoever asks it: each failure ends, in words, and nothing leaks."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from fimci.registries import client
from fimci.registries.client import ATTEMPTS, PATIENCE, Client
from fimci.registries.registry import Secret, UnobtainableError, registry
from tests.loopback import Registry, Said, serving


@pytest.fixture
def server() -> Iterator[Registry]:
    with serving() as one:
        yield one


class Asked:
    """A client of one server, and how long it would have waited."""

    def __init__(self, server: Registry, *secrets: Secret, allowed: frozenset[str] = frozenset()) -> None:
        made = registry(server.url, secrets)
        assert made is not None
        self.registry = made
        self.waits: list[float] = []
        self.client: Client = client.client({}, (made,), allowed)._replace(sleep=self.waits.append)

    def get(self, path: str, limit: int = 1000) -> bytes:
        url = path if "://" in path else self.registry.url[:-1] + path
        return client.get(self.client, self.registry, url, "application/json", limit).body

    def refused(self, path: str, limit: int = 1000) -> str:
        with pytest.raises(UnobtainableError) as caught:
            self.get(path, limit)
        return str(caught.value)


def test_an_answer(server: Registry) -> None:
    server.say("/a", Said(b"here"))
    assert Asked(server).get("/a") == b"here"


def test_what_is_not_there(server: Registry) -> None:
    with pytest.raises(UnobtainableError) as caught:
        Asked(server).get("/a")
    assert caught.value.gone
    assert server.paths() == ["/a"]


def test_too_many_requests_are_repeated_when_the_server_says_so(server: Registry) -> None:
    server.say("/a", Said(status=429, headers={"Retry-After": "7"}), Said(b"here"))
    asked = Asked(server)
    assert asked.get("/a") == b"here"
    assert asked.waits == [7.0]


def test_nobody_waits_for_hours(server: Registry) -> None:
    server.say("/a", Said(status=429, headers={"Retry-After": "3600"}))
    asked = Asked(server)
    assert "asks to wait for 3,600 s" in asked.refused("/a")
    assert (asked.waits, PATIENCE < 3600) == ([], True)


@pytest.mark.parametrize("odd", ["soon", "-1", "Wed, 21 Oct 2015 07:28:00 GMT", "9" * 400])
def test_odd_words_about_waiting(server: Registry, odd: str) -> None:
    server.say("/a", Said(status=503, headers={"Retry-After": odd}), Said(b"here"))
    asked = Asked(server)
    if odd.isdecimal():
        assert "asks to wait" in asked.refused("/a")
    else:
        assert asked.get("/a") == b"here"


def test_errors_of_the_server_are_repeated_but_not_for_ever(server: Registry) -> None:
    server.say("/a", Said(status=502))
    asked = Asked(server)
    assert asked.refused("/a") == f"127.0.0.1 answers 502 ({ATTEMPTS} attempts)"
    assert len(server.seen) == ATTEMPTS
    assert asked.waits == [0.5, 1.0, 2.0]


def test_a_truncated_answer_is_asked_for_again(server: Registry) -> None:
    server.say("/a", Said(b"half", length=8), Said(b"whole"))
    assert Asked(server).get("/a") == b"whole"
    server.say("/b", Said(b"half", length=8))
    assert "was cut" in Asked(server).refused("/b")


def test_a_server_that_is_down() -> None:
    with serving() as one:
        asked = Asked(one)
    assert "cannot be reached" in asked.refused("/a")


def test_a_slow_server(server: Registry) -> None:
    server.say("/a", Said(b"a" * 100, pause=0.05))
    asked = Asked(server)
    asked.client = asked.client._replace(deadline=0.3)
    assert asked.refused("/a") == "127.0.0.1 is too slow"


def test_more_than_was_asked_for(server: Registry) -> None:
    server.say("/a", Said(b"a" * 1001))
    assert "more than 1,000 bytes" in Asked(server).refused("/a")


def test_a_gzip_bomb(server: Registry) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    server.say("/a", Said(bomb, headers={"Content-Encoding": "gzip"}))
    server.say("/b", Said(gzip.compress(b"b" * 400), headers={"Content-Encoding": "gzip"}))
    server.say("/c", Said(bomb, headers={"Content-Encoding": "br"}))
    assert "more than 100,000 bytes" in Asked(server).refused("/a", 100_000)
    assert Asked(server).get("/b") == b"b" * 400
    assert "nobody asked for" in Asked(server).refused("/c", 100_000)


def test_damaged_gzip(server: Registry) -> None:
    server.say("/a", Said(gzip.compress(b"b" * 400)[:-9], headers={"Content-Encoding": "gzip"}))
    server.say("/b", Said(b"no gzip at all", headers={"Content-Encoding": "gzip"}))
    assert "was cut" in Asked(server).refused("/a")
    assert "is damaged" in Asked(server).refused("/b")


def test_redirects_stay_with_the_registry(server: Registry) -> None:
    server.say("/a", Said(status=302, headers={"Location": "/b"}))
    server.say("/b", Said(b"here"))
    assert Asked(server).get("/a") == b"here"
    server.say("/c", Said(status=302, headers={"Location": "/c"}))
    assert "redirects more than" in Asked(server).refused("/c")


def test_redirects_to_another_host_are_refused_and_nothing_is_sent_there(server: Registry) -> None:
    with serving() as other:
        server.say("/a", Said(status=302, headers={"Location": f"{other.url}b"}))
        other.say("/b", Said(b"there"))
        secret = Secret(f"127.0.0.1:{server.port}/", "Bearer hidden")
        assert "without https" in Asked(server, secret).refused("/a")
        assert other.seen == []
    server.say("/c", Said(status=302, headers={"Location": "https://other.invalid/b"}))
    assert Asked(server).refused("/c") == "127.0.0.1 redirects to other.invalid, which nobody allowed"


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest", "https://10.0.0.1/a", "https://[::1]/a", "file:///etc/passwd", "//x/y"],
)
def test_private_addresses_and_other_schemes_are_refused(server: Registry, url: str) -> None:
    assert Asked(server).refused(url if "://" in url else f"http:{url}")
    assert server.seen == []


def test_a_name_that_leads_into_a_private_network(server: Registry) -> None:
    # `localhost` is a name like any other: where it leads is seen once the connection is made.
    asked = Asked(server)
    made = registry(f"http://localhost:{server.port}/")
    assert made is not None
    with pytest.raises(UnobtainableError, match="private network"):
        client.get(asked.client, made, f"{made.url}a", "*/*")
    assert server.seen == []
    allowed = Asked(server, allowed=frozenset({"localhost"}))
    server.say("/a", Said(b"here"))
    assert client.get(allowed.client, made, f"{made.url}a", "*/*").body == b"here"


def test_credentials_go_where_they_are_configured(server: Registry) -> None:
    server.say("/mine/a", Said(b""))
    server.say("/a", Said(b""))
    asked = Asked(server, Secret(f"127.0.0.1:{server.port}/mine/", "Bearer hidden"))
    asked.get("/mine/a")
    asked.get("/a")
    assert [one.authorization for one in server.seen] == ["Bearer hidden", None]


def test_credentials_for_another_host_or_port_are_not_told(server: Registry) -> None:
    server.say("/a", Said(b""))
    port = server.port + 1
    Asked(server, Secret("registry.example:443/", "Bearer a"), Secret(f"127.0.0.1:{port}/", "Bearer b")).get(
        "/a"
    )
    assert [one.authorization for one in server.seen] == [None]


def test_cookies_are_not_kept(server: Registry) -> None:
    server.say("/a", Said(b"", headers={"Set-Cookie": "a=b"}))
    asked = Asked(server)
    asked.get("/a")
    assert not asked.client.session.cookies


@pytest.mark.parametrize(
    ("text", "off"), [("", False), ("0", False), ("no", False), ("1", True), ("yes", True)]
)
def test_offline(text: str, off: bool) -> None:  # noqa: FBT001  (a case)
    assert client.offline({"FIMCI_OFFLINE": text}) is off
