from __future__ import annotations

from fimci.marked import toml
from fimci.readers.locks.misnamed import misnamed

LOCK = b"""
[[package]]
name = "Left_Pad"
version = "1.0"
wheels = [
    "left_pad-1.0-py3-none-any.whl",
    "right_pad-1.0-py3-none-any.whl",
]
"""


def test_only_what_has_another_name_is_told_once_for_each_release() -> None:
    document = toml.load(LOCK)
    (entry,) = document.value["package"]
    files = [(file, ("package", 0, "wheels", n)) for n, file in enumerate(entry["wheels"])]
    (told,) = misnamed("uv.lock", document, [(entry, files), (entry, files)])
    assert told.name == "file-name.left-pad@1.0"
    assert told.value == "right_pad-1.0-py3-none-any.whl"
    assert told.at.line == 7


def test_a_thousand_names_are_cut() -> None:
    document = toml.load(LOCK)
    entry = {"name": "left"}
    (told,) = misnamed("uv.lock", document, [(entry, [(f"x{n}-1.0.zip", ("package",)) for n in range(1000)])])
    assert len(told.value.split()) == 20
