from __future__ import annotations

import base64
import hashlib
import importlib.metadata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Digest, Package, Record, Setting, Unread
from fimci.readers.manifests import dist_info
from tests.readers import seen

FOLDER = "lib/python3.12/site-packages/Left_Pad-1.0.dist-info"
HASH = base64.urlsafe_b64encode(hashlib.sha256(b"x").digest()).rstrip(b"=").decode()
OTHER = base64.urlsafe_b64encode(hashlib.sha256(b"y").digest()).rstrip(b"=").decode()
RECORD = f"""\
left_pad/__init__.py,sha256={HASH},1
left_pad/__pycache__/__init__.cpython-312.pyc,,
Left_Pad-1.0.dist-info/RECORD,,
Left_Pad-1.0.dist-info/INSTALLER,sha256={HASH},4
../../../bin/left,sha256={OTHER},200
"a,b.py",sha256={HASH},1
"""


def read(name: str, text: str, folder: str = FOLDER) -> list[Record]:
    return list(dist_info.read(f"{folder}/{name}", text.encode("utf-8", "surrogateescape")))


def package(records: list[Record]) -> Package:
    (found,) = (record for record in records if isinstance(record, Package))
    return found


def tree(text: str) -> Digest:
    found = package(read("RECORD", text)).tree
    assert found is not None
    return found


def faults(text: str) -> list[tuple[str, int]]:
    return seen.unread(read("RECORD", text))


def test_metadata_states_name_version_and_requirements() -> None:
    text = (
        "Metadata-Version: 2.4\r\nName: Left_Pad\r\nVersion: 1.0\r\nAuthor: J\udcf6rg\r\n"
        "Requires-Dist: right >=1,<2 ; python_version < '3.11'\r\n"
        "Requires-Dist: fork @ git+https://git.example/fork\r\n"
        "Requires-Dist: speed ; extra == 'fast'\r\n"
        "Requires-Dist: sneaky ; extra == 'fast' or python_version > '3'\r\n"
        "Requires-Dist: empty ; extra == ''\r\n"
        "Description: a\r\n        Requires-Dist: inside\r\n\r\nRequires-Dist: body\r\n"
    )
    found, fork = sorted(
        (one for one in read("METADATA", text) if isinstance(one, Package)), key=lambda one: one.stated_by
    )
    assert (fork.name, fork.origin_kind, fork.at.line) == ("fork", "git", 6)
    assert (found.ecosystem, found.name, found.version, found.stated_by) == (
        "pypi",
        "left-pad",
        "1.0",
        "artifact",
    )
    assert (found.place, found.at.line) == (f"{FOLDER}#METADATA", 2)
    assert found.dependencies == ("empty@", "fork@git+https://git.example/fork", "right@<2,>=1", "sneaky@")


def test_pkg_info_is_metadata_too() -> None:
    found = package(read("PKG-INFO", "Name: a\nVersion: 2\n", "a-2"))
    assert (found.name, found.version, found.place) == ("a", "2", "a-2#PKG-INFO")


def test_entry_points_are_settings_and_commands_are_those_of_the_package() -> None:
    text = "[console_scripts]\nleft = left_pad.cli:main\n\n[pytest11]\n# c\nleft=left_pad.plugin\n"
    records = read("entry_points.txt", text)
    assert {(r.name, r.value, r.at.line) for r in records if isinstance(r, Setting)} == {
        ("entry-point.console_scripts.left", "left_pad.cli:main", 2),
        ("entry-point.pytest11.left", "left_pad.plugin", 6),
    }
    assert (package(records).name, package(records).bins) == ("left-pad", ("left",))


def test_wheel_states_what_it_was_built_with() -> None:
    text = "Wheel-Version: 1.0\nGenerator: hatchling 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    text += "Tag: py2-none-any\n"
    assert {r.name: r.value for r in read("WHEEL", text) if isinstance(r, Setting)} == {
        "wheel.generator": "hatchling 1.0",
        "wheel.root-is-purelib": "true",
        "wheel.tag": "py2-none-any, py3-none-any",
    }


def test_record_has_one_digest_whoever_installed_it() -> None:
    bare = f'left_pad/__init__.py,sha256={HASH},1\n"a,b.py",sha256={HASH},1\n'
    assert tree(RECORD) == tree(bare)
    assert tree(RECORD) == tree(RECORD.replace("\n", "\r\n"))
    assert faults(RECORD) == []


def test_one_other_byte_is_another_digest() -> None:
    assert tree(RECORD) != tree(RECORD.replace(f"__init__.py,sha256={HASH}", f"__init__.py,sha256={OTHER}"))
    assert tree(RECORD) != tree(RECORD.replace("left_pad/__init__.py", "left_pad/__main__.py"))
    assert tree(RECORD) != tree(RECORD.replace(f"{HASH},1", f"{HASH},2"))


@pytest.mark.parametrize(
    "row",
    [
        f"/a.py,sha256={HASH},1",
        f"a.py,sha256={HASH}=,1",
        f"a.py,SHA256={HASH.replace('_', '/').replace('-', '+')},1",
    ],
)
def test_what_installers_let_pass_is_read_for_what_it_means(row: str) -> None:
    assert tree(row) == tree(f"a.py,sha256={HASH},1")
    assert tree(f"{row}\na.py,sha256={HASH},1\n") == tree(row)
    assert faults(row) == []


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("a.py,,1", "states no hash"),
        (f"a.py,sha256={HASH}", "has not three fields"),
        ("a.py,md5=1B2M2Y8AsgTpgAmY7PhCfg,1", "states a hash that is weak, or none"),
        ("a.py,sha256=AAAA,1", "states a hash that is weak, or none"),
        ("a.py,sha256=\u00e9!,1", "states a hash that is weak, or none"),
        (f"a.py,sha256={HASH},-1", "states a size that is no number"),
        (f"../../../../etc/passwd,sha256={HASH},1", "names a file outside the installation"),
        (f"//etc/passwd,sha256={HASH},1", "names a file outside the installation"),
        (f"C:\\a.py,sha256={HASH},1", "names a file outside the installation"),
        (f"x.py,sha256={OTHER},1", "states one file twice, differently"),
    ],
)
def test_a_row_that_cannot_be_held_against_a_file_is_reported(row: str, why: str) -> None:
    assert faults(f"x.py,sha256={HASH},1\n{row}\n") == [(why, 2)]


def test_a_thousand_rows_alike_are_one_report() -> None:
    text = "".join(f"f{n}.py,,1\n" for n in range(1000))
    (unread,) = (r for r in read("RECORD", text) if isinstance(r, Unread))
    assert unread.why == "a row states no hash: f0.py and 999 more"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RECORD", '"' + "x" * 200_000),
        ("METADATA", "Name: a\n"),
        ("METADATA", "Name: a\nVersion: 1\nRequires-Dist: ((\n"),
        ("entry_points.txt", "left = nowhere\n"),
    ],
)
def test_hostile_metadata_is_unread(name: str, text: str) -> None:
    assert any(isinstance(record, Unread) for record in read(name, text))


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["METADATA", "RECORD", "WHEEL", "entry_points.txt", "PKG-INFO"]), st.binary(max_size=80)
)
def test_nothing_makes_the_reader_raise(name: str, data: bytes) -> None:
    assert all(record.key for record in dist_info.read(f"{FOLDER}/{name}", data))


@settings(max_examples=50, deadline=None)
@given(st.permutations(RECORD.splitlines()))
def test_the_order_of_the_rows_means_nothing(rows: list[str]) -> None:
    assert tree("\n".join(rows)) == tree(RECORD)


def test_everything_installed_here_can_be_read() -> None:
    seen = 0
    for distribution in importlib.metadata.distributions():
        for file in distribution.files or ():
            path = file.as_posix()
            if not path.startswith("..") and dist_info.wants(path, b""):
                data = Path(str(file.locate())).read_bytes()
                assert [r for r in dist_info.read(path, data) if isinstance(r, Unread)] == []
                seen += 1
    assert seen > 10
