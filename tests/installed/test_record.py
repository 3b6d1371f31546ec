"""`RECORD`: read for what it means, and every row that cannot be believed is told."""

from __future__ import annotations

import base64
import hashlib
import posixpath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.installed.python import metadata, record
from fimci.model import UNSTATED, Digest
from tests.environments import row

NAMES = st.text(st.characters(codec="utf-8", exclude_characters='\\/\r\n"\0'), min_size=1)
PATHS = st.lists(NAMES.filter(lambda name: name not in {".", ".."}), min_size=1, max_size=4).map("/".join)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(PATHS, st.binary(max_size=40), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_what_an_installer_writes_is_read_back(files: dict[str, bytes], end: str) -> None:
    files = {
        path: data for path, data in files.items() if posixpath.normpath(path) == path and path[1:2] != ":"
    }
    read = record.parse(end.join(row(path, data) for path, data in files.items()).encode())
    assert read.faults == ()
    assert {path: (one.digest, one.size) for path, one in read.rows.items()} == {
        path: (Digest("sha256", hashlib.sha256(data).hexdigest()), len(data)) for path, data in files.items()
    }


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    read = record.parse(data)
    assert all(path == one.path for path, one in read.rows.items())
    assert metadata.named(data) is not None
    assert metadata.commands(data) is not None


def digest_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"a.py,sha256={digest_of(b'x')},1",  # padded
        f"a.py,SHA256={digest_of(b'x').rstrip('=')},1",
        f"/a.py,sha256={digest_of(b'x').rstrip('=')},1",
        f"./a.py,sha256={digest_of(b'x').rstrip('=').replace('-', '+').replace('_', '/')},1",
        f"a.py,sha256={digest_of(b'x').rstrip('=')},1\n" * 2,
    ],
)
def test_odd_spellings_are_read_for_what_they_mean(text: str) -> None:
    read = record.parse(text.encode())
    assert read.faults == ()
    assert read.rows["a.py"].digest == Digest("sha256", hashlib.sha256(b"x").hexdigest())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a.py,,", "states no hash"),
        ("a.py,md5=aaaa,1", "states a hash that is weak, or none"),
        ("a.py,sha256=????,1", "states a hash that is weak, or none"),
        ("a.py,sha256", "has not three fields"),
        (row("a.py", b"x")[:-1] + "one", "states a size that is no number"),
        ("//etc/passwd,,", "names a file outside the installation"),
        ("C:\\x.pyc,,", "names a file outside the installation"),
        (row("a.py", b"x") + "\n" + row("a.py", b"y"), "states one file twice, differently"),
    ],
)
def test_a_row_that_cannot_be_believed_is_told(text: str, why: str) -> None:
    assert [fault.why for fault in record.parse(text.encode()).faults] == [why]


def test_bytecode_and_the_list_itself_have_no_hash() -> None:
    text = "a-1.dist-info/RECORD,,\n__pycache__/a.cpython-312.pyc,,\n"
    assert record.parse(text.encode()).faults == ()


def test_the_tree_digest_leaves_out_what_installers_write() -> None:
    wheel = row("a.py", b"x")
    more = "\n".join(
        [row("a-1.dist-info/INSTALLER", b"uv"), row("../../../bin/a", b"#!"), "a-1.dist-info/RECORD,,"]
    )
    assert record.parse(wheel.encode()).tree == record.parse(f"{more}\n{wheel}".encode()).tree
    assert record.parse(wheel.encode()).tree != record.parse(row("a.py", b"y").encode()).tree


def test_where_a_distribution_came_from() -> None:
    git = b'{"url": "https://user:pw@git.example/x", "vcs_info": {"vcs": "git", "commit_id": "abc"}}'
    assert metadata.origin(git) == metadata.Origin("git", "git+https://***@git.example/x#abc")
    folder = b'{"url": "file:///src/x", "dir_info": {"editable": true}}'
    assert metadata.origin(folder) == metadata.Origin("directory", "file:///src/x", UNSTATED, editable=True)
    archive = b'{"url": "https://a.example/x.whl", "archive_info": {"hash": "sha256=AB"}}'
    assert metadata.origin(archive) == metadata.Origin(
        "tarball", "https://a.example/x.whl", (Digest("sha256", "ab"),)
    )
    for nothing in (b"", b"[]", b"{}", b'{"url": 1}', b"[" * 100_000):
        assert metadata.origin(nothing) is None
