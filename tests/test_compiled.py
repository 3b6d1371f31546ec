"""Bytecode in an artifact: what its source compiles to is told as that, and everything else as what it is."""

from __future__ import annotations

import datetime as dt
import importlib.util
import io
import marshal
import sys
import zipfile
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.trees import bytecode, code_form
from fimci.verify import Request, verify
from tests.artifacts import battery

TODAY = dt.date(2026, 11, 26)
SOURCE = b'''"""A module."""

NAMES = {"a", "b"}


def run(left, /, *rest):
    return [left + 1 for _ in rest]
'''
TAG = sys.implementation.cache_tag
PATH = f"demo/__pycache__/own.{TAG}.pyc"


def compiled(source: bytes = SOURCE, level: int = 0) -> CodeType:
    code = compile(source, "/somewhere/else.py", "exec", dont_inherit=True, optimize=level)
    assert isinstance(code, CodeType)
    return code


def pyc(
    source: bytes = SOURCE, *, magic: bytes = importlib.util.MAGIC_NUMBER, flags: int = 0, level: int = 0
) -> bytes:
    return magic + flags.to_bytes(4, "little") + bytes(8) + marshal.dumps(compiled(source, level))


def said(folder: Path, members: dict[str, bytes]) -> list[tuple[str, str]]:
    (folder / battery.WHEEL).write_bytes(battery.wheel({"demo/own.py": SOURCE, **members}))
    report = verify(Request(artifacts=(str(folder / battery.WHEEL),), today=TODAY))
    return [(str(one.severity), one.message) for one in report.findings]


def test_what_the_source_compiles_to_is_no_more_than_that(tmp_path: Path) -> None:
    told = said(tmp_path, {PATH: pyc(), f"demo/__pycache__/own.{TAG}.opt-2.pyc": pyc(level=2)})
    assert told == [("low", "is bytecode that matches the source next to it, and 1 more alike")]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({PATH: pyc(SOURCE + b"NAMES.add('c')\n")}, "does not match the source"),
        ({PATH: pyc(SOURCE.replace(b"1", b"2"))}, "does not match the source"),
        ({PATH: pyc(level=2)}, "does not match the source"),
        ({PATH: pyc() + b"N"}, "does not match the source"),
        ({PATH: pyc()[:-9]}, "does not match the source"),
        ({PATH: pyc(), "demo/own.py": b"def run(:\n"}, "does not match the source"),
        ({PATH: pyc(magic=b"\x61\x0d\r\n")}, "of another Python version"),
        ({PATH: pyc(flags=1)}, "without validating"),
        ({f"demo/__pycache__/alone.{TAG}.pyc": pyc()}, "which runs in place"),
        ({"demo/alone.pyc": pyc()}, "which runs in place"),
        ({"demo/own.pyc": pyc(b"evil = 1\n")}, "does not match the source"),
    ],
)
def test_everything_else_is_grave(tmp_path: Path, members: dict[str, bytes], message: str) -> None:
    ((grade, told),) = said(tmp_path, members)
    assert grade == "high"
    assert message in told


def test_of_two_members_with_one_name_none_is_believed(tmp_path: Path) -> None:
    data = io.BytesIO(battery.wheel({"demo/own.py": SOURCE, PATH: pyc()}))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(data, "a") as archive:
        archive.writestr(PATH, pyc(b"evil = 1\n"))
    (tmp_path / battery.WHEEL).write_bytes(data.getvalue())
    report = verify(Request(artifacts=(str(tmp_path / battery.WHEEL),), today=TODAY))
    assert ("high", "artifact-binary-unexpected") in {(str(f.severity), f.rule) for f in report.findings}


def test_nothing_of_the_bytecode_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marshal, "loads", lambda _: pytest.fail("bytecode was loaded"))
    seen: list[list[str]] = []
    output = bytecode._output

    def watched(lines: list[str], how: list[str]) -> tuple[bytes, bool | None]:
        seen.append(lines)
        return output(lines, how)

    monkeypatch.setattr(bytecode, "_output", watched)
    assert said(tmp_path, {PATH: pyc()})[0][0] == "low"
    assert len(seen) == len(seen[0]) == 1
    assert "TIcm" not in seen[0][0]


def test_a_source_that_ends_the_process_costs_the_others_nothing_but_their_comparison() -> None:
    assert bytecode.compiled([(b"a = 1\n", 0), (b"(" * 100_000, 0), (b"\0", 0)])[1:] == [b"", b""]
    assert bytecode.compiled([]) == []


def test_one_form_whatever_is_shared_and_wherever_the_file_was() -> None:
    code = compiled()
    forms = {code_form.form(marshal.dumps(code, version)) for version in (2, 3, 4)}
    assert len(forms) == 1
    assert code_form.form(marshal.dumps(code.replace(co_filename="x"))) in forms
    for other in (
        code.replace(co_name="other"),
        code.replace(co_flags=code.co_flags | 0x100000),
        code.replace(co_stacksize=code.co_stacksize + 1),
        code.replace(co_firstlineno=9),
        code.replace(co_consts=(*code.co_consts, 1)),
        code.replace(co_code=bytes(len(code.co_code))),
    ):
        assert code_form.form(marshal.dumps(other)) not in forms


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner).map(tuple)
        | st.lists(inner)
        | st.dictionaries(st.text(), inner)
        | st.frozensets(st.text())
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(VALUES)
def test_equal_objects_have_one_form(value: Any) -> None:
    data = marshal.dumps(value)
    assert code_form.form(data) == code_form.form(marshal.dumps(marshal.loads(data)))  # noqa: S302  (ours)


@settings(deadline=None)
@given(VALUES, st.data())
def test_bytes_may_be_anything(value: Any, data: st.DataObject) -> None:
    whole = bytearray(marshal.dumps((value, value)))
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        code_form.form(bytes(whole))
    except ValueError:
        return


@pytest.mark.parametrize(
    "data", [b"", b"(\xff\xff\xff\x7f", b"r\0\0\0\0", b"0", b"?", b")\x01" * 2000, b"NN"]
)
def test_what_is_no_object_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"end|reference|kind|deep|size|one object"):
        code_form.form(data)
