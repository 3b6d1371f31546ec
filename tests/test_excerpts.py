from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.excerpts import EXCERPT, excerpt, without_credentials
from fimci.packages.origins import address
from tests.hostile import LAW


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:hunter2@index.example/simple", "https://***@index.example/simple"),
        ("git+https://token@host.example/o/r.git#abc", "git+https://***@host.example/o/r.git#abc"),
        ("https://a@b:c@host.example/", "https://***@host.example/"),
        ("one https://a:b@x.example/ two://c@y.example", "one https://***@x.example/ two://***@y.example"),
        ("ssh://git@host.example/o/r", "ssh://git@host.example/o/r"),
        ("https://${USER}:${PASS}@host.example/", "https://${USER}:${PASS}@host.example/"),
        ("https://${USER}:hunter2@host.example/", "https://***@host.example/"),
        ("https://registry.example/@scope/name", "https://registry.example/@scope/name"),
        ("https://registry.example?to=me@host.example", "https://registry.example?to=me@host.example"),
    ],
)
def test_user_and_password_of_a_url_are_replaced(text: str, shown: str) -> None:
    assert without_credentials(text) == shown


def test_a_host_before_a_backslash_is_no_user() -> None:
    origin = "https://evil.example\\@registry.example/left.tgz"
    assert address(without_credentials(origin)).host == "evil.example"


WORDS = st.text(alphabet="abc:@$%{}", max_size=8)


@LAW
@given(WORDS, st.sampled_from(["registry.example", "x.example:8080"]), st.text(alphabet="/ab@", max_size=5))
def test_what_is_left_leads_to_the_same_host_without_a_password(user: str, host: str, rest: str) -> None:
    shown = without_credentials(f"https://{user}@{host}/{rest}")
    parts = urlsplit(shown)
    assert parts.netloc.rpartition("@")[2] == host
    assert not (parts.password or "").replace(":", "") or "${" in shown


def test_evidence_is_short_and_cut_after_the_password_is_gone() -> None:
    text = "x" * (EXCERPT - 12) + " https://me:" + "p" * 500 + "@host.example/"
    assert excerpt(text) == ("x" * (EXCERPT - 12) + " https://***@host.example/")[:EXCERPT]
