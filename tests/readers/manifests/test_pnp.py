"""`.pnp.cjs` and its kin: code and state apart, unless something pretends to be state."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.readers.manifests import pnp
from tests import growth
from tests.readers import seen

QUOTED = 'const RAW_RUNTIME_STATE =\n\'{\\\n  "a": "%s"\\\n}\';\n\nrun();\n'
TABLE = (
    "function $$SETUP_STATE(hydrateRuntimeState, basePath) {\n  return hydrateRuntimeState({\n"
    '    "a": "%s",\n  }, {basePath: basePath || __dirname});\n}\nrun();\n'
)


def said(text: str, path: str = ".pnp.cjs") -> dict[str, tuple[str, int]]:
    return seen.switches(seen.records(pnp, path, text))


@pytest.mark.parametrize("text", [QUOTED, TABLE])
def test_code_and_state_are_apart(text: str) -> None:
    one, other = said(text % "x"), said(text % "y")
    assert one["pnp.code"] == other["pnp.code"]
    assert one["pnp.state"] != other["pnp.state"]
    assert one["pnp.state"][1] == 2
    assert said((text % "x").replace("\n", "\r\n")) == one
    assert said((text % "x").replace("run()", "evil()"))["pnp.state"] == one["pnp.state"]
    assert said((text % "x").replace("run()", "evil()"))["pnp.code"] != one["pnp.code"]


@pytest.mark.parametrize(
    ("text", "inserted"),
    [
        (QUOTED, "';evil();'"),
        (QUOTED, "\\u0027;evil();"),
        (QUOTED, "\\\\';evil();'"),
        (TABLE, '", "b": evil(), "c": "'),
        (TABLE, '"}, evil(), {"c": "'),
    ],
)
def test_code_in_the_state_is_code(text: str, inserted: str) -> None:
    assert said(text % inserted)["pnp.code"] != said(text % "x")["pnp.code"]


def test_a_quotation_mark_that_is_escaped_is_state() -> None:
    assert said(QUOTED % r"it\'s")["pnp.code"] == said(QUOTED % "x")["pnp.code"]


def test_the_other_files() -> None:
    assert set(said("{}", ".pnp.data.json")) == {"pnp.state"}
    assert set(said("import fs", "web/.pnp.loader.mjs")) == {"pnp.code"}
    assert pnp.wants("web/.pnp.cjs", b"")
    assert not pnp.wants("node_modules/left/.pnp.cjs", b"")
    assert not pnp.wants("pnp.cjs", b"")


@given(st.text(alphabet="'{}\\\n\"ax, ", max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_raises_nothing_and_any_change_is_seen(text: str) -> None:
    for form in (QUOTED, TABLE):
        assert text == "x" or said(form % text) != said(form % "x")


@pytest.mark.parametrize(
    ("start", "piece"),
    [("", "'{\\\n"), ("", "hydrateRuntimeState({\n"), ("'{\\\n", "a"), ("'{\\\n", "\\n")],
)
def test_many_beginnings_take_linear_time(start: str, piece: str) -> None:
    growth.is_linear(said, lambda size: start + piece * size, 20_000)
