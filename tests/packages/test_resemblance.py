"""Which names are like others: every way of an impostor, and what is no likeness."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.packages import popular, resemblance
from tests import growth
from tests.hostile import LAW

KNOWN = resemblance.index(
    [
        *("axios", "cross-env", "dotenv", "esbuild", "jellyfish", "left-pad", "lodash", "moment", "ms"),
        *("python-dateutil", "react-linux-x64", "url-template", "@babel/core", "@types/node", "@corp/core"),
    ]
)
NAMES = st.text("ab01-", max_size=7)


@pytest.mark.parametrize(
    ("name", "other", "how"),
    [
        ("lodahs", "lodash", "one letter"),
        ("loadash", "lodash", "one letter"),
        ("lodas", "lodash", "one letter"),
        ("lodashs", "lodash", "one letter"),
        ("llodash", "lodash", "one letter"),
        ("1odash", "lodash", "looks"),
        ("l0dash", "lodash", "looks"),
        ("Lodash", "lodash", "looks"),
        ("l\u043edash", "lodash", "looks"),
        ("rnoment", "moment", "looks"),
        ("jeIlyfish", "jellyfish", "looks"),
        ("axois", "axios", "one letter"),
        ("crossenv", "cross-env", "separators"),
        ("cross.env", "cross-env", "separators"),
        ("env-cross", "cross-env", "parts"),
        ("dateutil-python", "python-dateutil", "parts"),
        ("py-dateutil", "python-dateutil", "parts"),
        ("dateutil", "python-dateutil", "parts"),
        ("node-dotenv", "dotenv", "parts"),
        ("dotenv-js", "dotenv", "parts"),
        ("template-url", "url-template", "parts"),
        ("types-node", "@types/node", "separators"),
        ("@bable/core", "@babel/core", "scope that looks"),
        ("@babe1/core", "@babel/core", "scope that looks"),
        ("@types-node/fs", "@types/node", "scope that spells"),
        ("@babel-core/x", "@babel/core", "scope that spells"),
    ],
)
def test_an_impostor_is_recognised(name: str, other: str, how: str) -> None:
    found = resemblance.resembles(name, KNOWN)
    assert found is not None
    assert found.name == other
    assert how in found.how


@pytest.mark.parametrize(
    "name",
    [
        "lodash",  # itself
        "mz",  # too short
        "lodash-es",  # a part more
        "react-linux-x32",  # a digit for a digit
        "babel-core",  # what was there before the scope
        "babel",
        "@babel/cor",  # whose scope this is, is known
        "@mine/lodash",  # a fork, as forks are called
        "@bable/unheard-of",
        "@lodash/x",
        "python",
        "",
        "@",
        "/",
        "x" * 5000,
    ],
)
def test_what_is_no_likeness(name: str) -> None:
    assert resemblance.resembles(name, KNOWN) is None


def test_who_owns_a_namespace_owns_the_names_in_it() -> None:
    used = resemblance.index(
        name
        for name in (
            "acme/logging",
            "github.com/acme/queue",
            "gopkg.in/yaml",
            "https://esm.example/left-pad",
            "@corp/core",
        )
    )
    for name in ("acme/loggings", "github.com/acme/queues", "@corp/cor"):
        assert resemblance.resembles(name, used) is None
    for name in (
        "acne/logging",
        "github.com/acne/queue",
        "gopkg.in/yam1",
        "https://esm.example/lefd-pad",
        "@c0rp/core",
    ):
        assert resemblance.resembles(name, used) is not None


def test_packages_of_one_project_come_in_families() -> None:
    assert resemblance.resembles("dotenv-js", KNOWN, parts=False) is None
    assert resemblance.resembles("dotenvs", KNOWN, parts=False) is not None


def edits(name: str) -> set[str]:
    """Return all that one edit makes of a name: the slow and plain way."""
    halves = [(name[:at], name[at:]) for at in range(len(name) + 1)]
    dropped = {a + b[1:] for a, b in halves if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    replaced = {
        a + c + b[1:] for a, b in halves if b for c in "ab01-" if not (c.isdigit() and b[0].isdigit())
    }
    added = {a + c + b for a, b in halves for c in "ab01-"}
    return dropped | swapped | replaced | added


@LAW
@given(NAMES, NAMES)
def test_one_edit_is_what_all_edits_contain(one: str, other: str) -> None:
    assert resemblance.one_edit(one, other) == (one != other and other in edits(one))
    assert resemblance.one_edit(one, other) == resemblance.one_edit(other, one)


@LAW
@given(st.text(max_size=40))
def test_nothing_is_like_itself_and_no_name_is_refused(name: str) -> None:
    assert resemblance.resembles(name, resemblance.index([name])) is None
    resemblance.resembles(name, KNOWN)


@pytest.mark.parametrize("ecosystem", sorted(popular.LISTED))
def test_the_lists_are_whole(ecosystem: str) -> None:
    found = popular.popular(ecosystem)
    assert len(found.imitated) == 3_000
    assert len(found.known) == 10_000
    assert set(found.imitated) <= found.known
    assert list(found.imitated) == sorted(set(found.imitated))


def test_an_ecosystem_without_a_list_has_no_popular_names() -> None:
    assert popular.popular("cargo") == popular.Popular((), frozenset())


def test_a_name_is_looked_up_and_not_compared_with_each_known_one() -> None:
    def made(size: int) -> resemblance.Names:
        return resemblance.index(popular.popular("npm").imitated[:size])

    def judged(known: resemblance.Names) -> None:
        for number in range(len(known.whole)):
            resemblance.resembles(f"package-{number:x}-{number}", known)

    growth.is_linear(judged, made, 700)
