"""Words that mean something: what is one, and what merely looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.capabilities import addresses, sensitive
from tests import hostile


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("~/.aws/credentials", ".aws/credentials"),
        ("/home/anybody/.ssh/id_rsa", ".ssh/id_rsa"),
        ("C:\\Users\\x\\AppData\\Local\\Google\\Chrome\\User Data\\Default\\Login Data", "Login Data"),
        ("x/.ssh/config", ".ssh"),
        (".npmrc", ".npmrc"),
        ("id_ed25519", "id_ed25519"),
        ("/etc/passwd", "/etc/passwd"),
        ("/proc/123/environ", "/proc/PID/environ"),
        ("~/Library/LaunchAgents/any.plist", "LaunchAgents"),
        ("repository/.git/hooks/pre-commit", ".git/hooks"),
    ],
)
def test_a_place_is_known_by_its_end(text: str, label: str) -> None:
    found = sensitive.spot(text)
    assert found is not None
    assert found.label == label


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "Cookies",
        "Armory",
        "see .npmrc there",
        "etc/passwd",
        "a\n.npmrc",
        "x.npmrc",
        "credentials",
        "ssh",
    ],
)
def test_ordinary_words_are_no_places(text: str) -> None:
    assert sensitive.spot(text) is None


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        *(
            ("NPM_TOKEN", True),
            ("AWS_SECRET_ACCESS_KEY", True),
            ("GITHUB_TOKEN", True),
            ("DB_PASSWORD", True),
        ),
        *(("openai_api_key", True), ("SSH_AUTH_SOCK", True), ("TF_TOKEN_host", True)),
        *(("PATH", False), ("HOME", False), ("NODE_ENV", False), ("TOKENIZERS_PARALLELISM", False)),
        *(("AUTHOR", False), ("KEYBOARD", False)),
    ],
)
def test_variables_of_secrets_are_told_by_their_names(name: str, is_secret: bool) -> None:  # noqa: FBT001  (a table)
    assert sensitive.secret(name) is is_secret


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("https://api.telegram.org/bot1/sendMessage", "api.telegram.org", "messenger"),
        ("https://discord.com/developers", "discord.com", ""),
        ("https://discord.com/api/webhooks/1/x", "discord.com", "messenger"),
        ("http://198.51.100.7:8080/x", "198.51.100.7:8080", "address"),
        ("http://3325256711/x", "3325256711", "address"),
        ("198.51.100.7", "198.51.100.7", "address"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254", "metadata"),
        ("https://a.b.oastify.com", "a.b.oastify.com", "out-of-band"),
        ("abc.webhook.site", "abc.webhook.site", "out-of-band"),
        ("https://Collect.EXAMPLE/x?y", "collect.example", ""),
        ("wss://collect.example:8443", "collect.example:8443", ""),
        ("http://anything.onion/", "anything.onion", "onion"),
    ],
)
def test_hosts_are_named_with_what_they_are(text: str, name: str, kind: str) -> None:
    assert addresses.host(text) == addresses.Host(name, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["", "example", "a.b", "http://", "http://localhost/", "http://127.0.0.1:1/", "http://[::1/", "x y.z"],
)
def test_what_names_no_host(text: str) -> None:
    assert addresses.host(text) is None


def test_all_hosts_of_a_text() -> None:
    text = "see https://one.example/a and (http://two.example)."
    assert [host.name for host in addresses.hosts(text)] == ["one.example", "two.example"]


@hostile.LAW
@given(hostile.TEXTS | st.text())
def test_any_text_is_borne(text: str) -> None:
    sensitive.spot(text)
    sensitive.secret(text)
    addresses.host(text)
    list(addresses.hosts(f"https://{text}"))


def test_the_half_of_a_key_that_is_for_everybody_is_no_secret() -> None:
    assert sensitive.spot("~/.ssh/id_rsa.pub") is None
    assert sensitive.spot("~/.ssh/id_rsa") is not None


def test_what_a_process_has_loaded_itself_is_no_secret() -> None:
    assert sensitive.spot("/proc/self/maps") is None
    for text in ("/proc/123/maps", "/proc/self/mem", "/proc/self/environ"):
        assert sensitive.spot(text) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/var/run/docker.sock", "docker.sock"),
        ("unix:///run/docker.sock", "docker.sock"),
        ("http+unix://%2Fvar%2Frun%2Fdocker.sock/containers/json", "docker.sock"),
        ("http://unix:/var/run/docker.sock:/info", "docker.sock"),
        ("UNIX-CONNECT:/run/containerd/containerd.sock", "containerd.sock"),
        ("/run/podman/podman.sock", "podman.sock"),
        ("/run/mydocker.sock", ""),
        ("/run/docker.sock.bak", ""),
        ("/srv/left.sock", ""),
        ("", ""),
    ],
)
def test_sockets_of_engines_of_containers(text: str, expected: str) -> None:
    assert sensitive.engine(text) == expected


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/etc/cron.d/left", "/etc/cron.d"),
        ("/etc/cron.daily/left", "/etc/cron.daily"),
        ("/etc/init.d/left", "/etc/init.d"),
        ("/etc/systemd/system/left.service", "/etc/systemd/system"),
        ("/usr/lib/systemd/system/left.service", "/usr/lib/systemd/system"),
        ("/etc/udev/rules.d/99-left.rules", "/etc/udev/rules.d"),
        ("/var/spool/cron/crontabs/root", "/var/spool/cron/crontabs"),
        ("/Library/LaunchDaemons/left.plist", "/Library/LaunchDaemons"),
        ("/etc/left.conf", ""),
        ("/etc/passwd", ""),
        ("etc/cron.d/left", ""),
        ("/home/left/etc/cron.d/left", ""),
    ],
)
def test_folders_whose_files_start_by_themselves(path: str, label: str) -> None:
    found = sensitive.started(path)
    assert (found.label if found is not None else "") == label
