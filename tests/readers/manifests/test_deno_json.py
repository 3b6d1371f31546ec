"""`deno.json` and import maps: imports are requirements, and the switches are settings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import Package, Record
from fimci.readers.manifests import deno_json
from tests import hostile
from tests.readers import seen


def records(data: str | dict[str, Any], path: str = "deno.json") -> list[Record]:
    return list(deno_json.read(path, (data if isinstance(data, str) else json.dumps(data)).encode()))


def packages(**table: Any) -> dict[str, Package]:
    return seen.packages(records(table))


@pytest.mark.parametrize(
    ("target", "ecosystem", "name", "version"),
    [
        ("npm:left@^1.0.0", "npm", "left", "^1.0.0"),
        ("npm:left", "npm", "left", ""),
        ("npm:/left@1/sub/path.js", "npm", "left", "1"),
        ("npm:@scope/left@1.0.0", "npm", "@scope/left", "1.0.0"),
        ("jsr:@std/fs@^1", "jsr", "@std/fs", "^1"),
        ("jsr:/@std/fs@^1/", "jsr", "@std/fs", "^1"),
    ],
)
def test_an_import_of_a_package(target: str, ecosystem: str, name: str, version: str) -> None:
    one = packages(imports={"key/": target})["imports/key/"]
    assert (one.ecosystem, one.name, one.version, one.alias) == (ecosystem, name, version, "key")
    assert (one.origin_kind, one.stated_by) == ("registry", "manifest")
    assert packages(imports={name: target})[f"imports/{name}"].alias is None


def test_an_import_of_a_module_keeps_no_password() -> None:
    one = packages(imports={"tool": "https://user:secret@files.example/tool.ts"})["imports/tool"]
    assert (one.origin_kind, one.origin, one.ecosystem) == (
        "remote",
        "https://***@files.example/tool.ts",
        "generic",
    )
    assert one.name == one.origin


def test_what_leads_to_a_file_is_no_requirement_and_scopes_are_read() -> None:
    found = packages(
        imports={"a": "./a.ts", "b": "/b.ts", "c": "node:fs"},
        scopes={"./vendor/": {"left": "npm:left@2"}},
    )
    assert list(found) == ["scopes/./vendor//left"]


def test_settings() -> None:
    text = """{
  // what may run
  "allowScripts": {"allow": ["npm:esbuild"], "deny": ["npm:left"]},
  "lock": {"frozen": true},
  "tasks": {"setup": "deno install --no-lock", "x": {"command": "deno run a.ts"}},
  "minimumDependencyAge": {"age": "P3D", "exclude": ["npm:right"]}, /* days */
  "links": ["../left"],
  "fmt": {"lineWidth": 100},
}"""
    assert seen.switches(records(text, "deno.jsonc")) == {
        "allowScripts.npm:esbuild": ("true", 3),
        "denyScripts.npm:left": ("true", 3),
        "lock.frozen": ("true", 4),
        "tasks.setup": ("deno install --no-lock", 5),
        "tasks.x.command": ("deno run a.ts", 5),
        "minimumDependencyAge.age": ("P3D", 6),
        "minimumDependencyAge.exclude.npm:right": ("true", 6),
        "links.../left": ("true", 7),
    }


@pytest.mark.parametrize(
    ("stated", "name"),
    [(True, "allowScripts"), (["npm:a"], "allowScripts.npm:a"), ({"allow": True}, "allowScripts")],
)
def test_ways_to_let_scripts_run(stated: Any, name: str) -> None:
    assert seen.switches(records({"allowScripts": stated})) == {name: ("true", 1)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("", 1)]),
        ("[]", [("", 1)]),
        ("{\n,}", [("", 2)]),
        ('{"imports": {\n"a": 1}}', [("imports.a", 2)]),
        ('{"imports": {"a": "npm:a",\n"a": "npm:b"}}', [("imports.a", 2)]),
    ],
)
def test_what_is_no_configuration_is_unread(text: str, expected: list[tuple[str, int]]) -> None:
    assert seen.unread(records(text)) == expected


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("deno.json", True),
        ("a/deno.jsonc", True),
        ("import_map.json", True),
        ("node_modules/a/deno.json", False),
        ("xdeno.json", False),
    ],
)
def test_wants_by_name(path: str, wanted: bool) -> None:  # noqa: FBT001  (a column of the table)
    assert deno_json.wants(path, b"") is wanted


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | hostile.TEXTS | st.sampled_from(["npm:a@1", "https://a/"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(deno_json._READ)), JSONS))
@hostile.LAW
def test_any_shape_is_borne(table: dict[str, Any]) -> None:
    text = json.dumps(table)
    assert all(record.key for record in deno_json.read("deno.json", text.encode("utf-8", "surrogatepass")))
