from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Capability
from fimci.readers.manifests import binding_gyp


def read(text: str, path: str = "binding.gyp") -> list[Capability]:
    records = list(binding_gyp.read(path, text.encode("utf-8", "surrogatepass")))
    assert all(isinstance(record, Capability) for record in records)
    return [record for record in records if isinstance(record, Capability)]


ORDINARY = """{
  # a comment with "quotes" and <!(nothing)
  'targets': [{
    'target_name': 'addon',
    'sources': ['src/addon.cc', "src/more.cc"],
    'include_dirs': ["<!(node -p \\"require('node-addon-api').include_dir\\")"],
    'actions': [{'action_name': 'gen', 'inputs': [], 'action': ['node', 'gen.js', '<(x)']}],
    'conditions': [['OS=="win"', {'defines': ['X=1',]}]],
  }]
}"""


def test_npm_builds_what_has_a_binding_even_where_it_runs_nothing() -> None:
    (found,) = read("{'targets': []}")
    assert (found.name, found.subject, found.phase, found.detail) == (
        "install-script",
        "node-gyp rebuild",
        "install",
        "",
    )


def test_what_runs_beside_the_compiler_is_the_detail() -> None:
    (found,) = read(ORDINARY)
    assert found.detail == "<!(node -p \\\"require('node-addon-api').include_dir\\\"); node gen.js <(x)"
    assert found.at.line == 6


def test_another_source_file_changes_nothing() -> None:
    assert read(ORDINARY)[0].detail == read(ORDINARY.replace("src/more.cc", "src/other.cc"))[0].detail


def test_the_worm_of_157_bytes() -> None:
    (found,) = read(
        "{'targets':[{'target_name':'a','type':'none','sources':['<!(node setup.js > /dev/null)']}]}"
    )
    assert found.detail == "<!(node setup.js > /dev/null)"


def test_strings_side_by_side_are_one() -> None:
    (found,) = read("{'a': ['<' '!(node x.js)'],\n 'act' 'ion': ['sh', '-c' ' x']}")
    assert found.detail == "<!(node x.js); sh -c x"


def test_a_command_is_on_its_own_line_whatever_follows() -> None:
    (found,) = read('{\n  "variables": {\n    "x": "<!(node a.js)"\n  }\n}\n')
    assert found.at.line == 3
    (found,) = read("{\n  'x': '<!(node '\n\n       'a.js)'\n}\n")
    assert found.at.line == 2


def test_an_expression_is_code() -> None:
    (found,) = read("{'a': ().__class__}")
    assert "evaluated as Python: ().__class__" in found.detail


def test_included_files_speak_only_where_they_run_something() -> None:
    assert read("{'variables': {'a%': 1}}", "deps/common.gypi") == []
    assert read("{'variables': {'a': '<!(id)'}}", "deps/common.gypi")[0].detail == "<!(id)"


@pytest.mark.parametrize(
    "hostile", ["[" * 100_000, "'" * 99_999, "'action':[" * 20_000, "<!(" * 50_000, "'<!('" * 50_000]
)
def test_hostile_text_is_read_in_a_moment(hostile: str) -> None:
    assert len(read(hostile)) == 1


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="{}[]:,'\"\\#<!()action \n1a", max_size=200))
def test_nothing_makes_the_reader_raise(text: str) -> None:
    assert len(read(text)) == 1
