from __future__ import annotations

import pytest

from fimci.model import Place, Record, Setting
from fimci.rules import insecure_origin as rule
from fimci.rules import registry_configuration_changed as registry
from tests.rules.stated import npm, pypi, said, wanted

PLAIN = "http://registry.example/left/-/left-1.0.0.tgz"
SECRET = "https://***@registry.example/left/-/left-1.0.0.tgz"


def test_a_package_that_comes_in_the_open() -> None:
    before, after = [npm("left")], [npm("left", origin=PLAIN)]
    assert said(rule, before, after) == [
        "package-lock.json:3: high: left@1.0.0: now comes over http (registry.example)"
    ]
    assert said(rule, after, before) == []
    assert said(rule, after, after) == []


@pytest.mark.parametrize(
    ("origin", "scheme"),
    [
        ("git://github.com/us/left.git#11", "git"),
        ("git+http://github.com/us/left.git#11", "http"),
        ("ftp://github.com/us/left.tgz", "ftp"),
        ("HTTP://github.com/us/left.tgz", "http"),
        ("http:\\\\github.com\\us\\left.tgz", "http"),
    ],
)
def test_every_way_to_ask_in_the_open(origin: str, scheme: str) -> None:
    before = npm("left", origin_kind="git", origin="git+ssh://git@github.com/us/left.git#11")
    (told,) = said(rule, [before], [npm("left", origin_kind="git", origin=origin)])
    assert told.endswith(f"now comes over {scheme} (github.com)")


@pytest.mark.parametrize(
    "host", ["localhost:4873", "127.0.0.1:8080", "[::1]:4873", "npm.localhost", "LOCALHOST"]
)
def test_this_machine(host: str) -> None:
    after = npm("left", "1.0.1", origin=f"http://{host}/left/-/left-1.0.1.tgz")
    assert said(rule, [npm("left", origin="https://localhost/left/-/left-1.0.0.tgz")], [after]) == []


def test_a_host_whose_name_begins_like_this_machine() -> None:
    after = npm("left", origin=PLAIN.replace("registry.example", "127.0.0.1.evil.example"))
    assert len(said(rule, [npm("other", origin=None)], [npm("other", origin=None), after])) == 1


def test_where_the_host_is_new_other_rules_speak() -> None:
    elsewhere = npm("left", origin=PLAIN.replace("registry", "evil"))
    assert said(rule, [npm("left")], [elsewhere]) == []
    assert said(rule, [npm("other")], [npm("other"), elsewhere]) == []
    assert len(said(rule, [npm("other")], [npm("other"), npm("left", origin=PLAIN)])) == 1


def test_a_host_that_others_were_asked_of_in_the_open() -> None:
    before = [npm("other", origin="http://registry.example/other/-/other-1.0.0.tgz"), npm("left")]
    assert said(rule, before, [before[0], npm("left", origin=PLAIN)]) == []


def test_all_at_once_and_the_lockfile_before_the_manifest() -> None:
    names = [f"left-{n}" for n in range(9)]
    after: list[Record] = [
        npm(name, origin=f"http://registry.example/{name}/-/{name}-1.0.0.tgz") for name in names
    ]
    asked = wanted("left-1", origin_kind="tarball", origin="http://registry.example/left-1.tgz")
    (told,) = said(rule, [npm(name) for name in names], [*after, asked])
    assert ": high: 9 packages: now come over http (registry.example): left-0@1.0.0, " in told


def test_credentials() -> None:
    before, after = [npm("left")], [npm("left", origin=SECRET)]
    assert said(rule, before, after) == [
        "package-lock.json:3: high: left@1.0.0: its URL has credentials in it (registry.example)"
    ]
    assert said(rule, after, [npm("left", "1.0.1", origin=SECRET.replace("0.0.tgz", "0.1.tgz"))]) == []
    assert said(rule, after, before) == []


@pytest.mark.parametrize(
    "origin",
    [
        "git+ssh://***@github.com/us/left.git#11",
        "https://git@github.com/us/left.git",
        "https://${TOKEN}@a.example/x",
    ],
)
def test_what_is_no_secret(origin: str) -> None:
    assert said(rule, [wanted("left")], [wanted("left", origin_kind="git", origin=origin)]) == []


def test_the_files_of_an_index() -> None:
    def serving(schemes: str, host: str = "files.index.example") -> Setting:
        return Setting(path="uv.lock", name=f"file-host.{host}", value=schemes, at=Place("uv.lock", 9))

    before: list[Record] = [pypi("left"), serving("https")]
    after: list[Record] = [pypi("left"), serving("http https")]
    assert said(rule, before, after) == ["uv.lock:9: high: files now come over http: files.index.example"]
    assert said(rule, after, before) == []
    assert said(rule, before, [*before, serving("http", "other.example")]) == []


def place(name: str, value: str, line: int = 5) -> Setting:
    return Setting(path="pom.xml", name=name, value=value, at=Place("pom.xml", line, value))


ONE = "maven.repositories.one"


def test_a_place_that_was_asked_over_https() -> None:
    before, after = [place(ONE, "https://a.example/m")], [place(ONE, "http://a.example/m/")]
    assert said(rule, before, after) == [f"pom.xml:5: high: packages now come over http (a.example): {ONE}"]
    assert said(registry, before, after) == []
    assert said(rule, after, before) == said(registry, after, before) == []


def test_a_list_of_places_has_them_in_its_names() -> None:
    name = "gradle.repositories."
    before = [place(f"{name}https://a.example/m", "true")]
    (told,) = said(rule, before, [place(f"{name}http://a.example/m", "true")])
    assert told.endswith(f"packages now come over http (a.example): {name}http://a.example/m")


@pytest.mark.parametrize(
    "url",
    ["http://b.example/m", "http://a.example/other", "http://a.example/m?x", "http://localhost/m", "file:m"],
)
def test_another_place_is_told_as_one(url: str) -> None:
    before, after = [place(ONE, "https://a.example/m")], [place(ONE, url)]
    assert said(rule, before, after) == []
    assert len(said(registry, before, after)) == (0 if url.startswith("file:") else 1)


def test_the_password_of_a_place() -> None:
    before, after = [place(ONE, "https://a.example/m")], [place(ONE, "https://***@a.example/m")]
    assert said(rule, before, after) == [f"pom.xml:5: high: a URL has credentials in it (a.example): {ONE}"]
    assert said(rule, after, [place("maven.repositories.two", "https://***@a.example/m")]) == []
    assert said(rule, [], [place("maven.publish.repository", "https://***@a.example/m")]) == []
