"""Attributes, each with a real change to a real file, where the file system and the rights allow it."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fimci import folder, profiles, xattrs
from fimci.compare import compare
from fimci.model import File, Record
from fimci.snapshot import Recipe
from fimci.sources import attributes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="attributes of Linux")
ALL = "host+ctime+inode+blocks+sha512+blake2b"
USER = 12345
root_only = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may change that"
)


def taken(where: Path, profile: str = ALL) -> list[Record]:
    return list(folder.taken(str(where), Recipe(profile=profile)).records)


def differs(tmp_path: Path, change: Callable[[Path], object], profile: str = ALL) -> set[str]:
    """Return which facts of a file a change to it moves, besides `ctime`, which moves with any."""
    path = tmp_path / "file"
    path.write_bytes(b"content\n" * 2048)
    path.chmod(0o644)
    before = taken(tmp_path, profile)
    try:
        change(path)
    except OSError as error:
        if error.errno in {errno.ENOTSUP, errno.EPERM, errno.EINVAL, errno.ENOTTY}:
            pytest.skip(f"not possible here: {error.strerror}")
        raise
    (found,) = [c for c in compare(before, taken(tmp_path, profile)) if c.record.key == File(path="file").key]
    assert not found.unstated
    return set(found.differs) - {"ctime"}


def told(where: Path, path: str, profile: str = ALL) -> dict[str, str | int]:
    (file,) = [r for r in taken(where, profile) if isinstance(r, File) and r.path == path]
    return dict(file.attributes)


def attribute(name: str, value: bytes) -> Callable[[Path], object]:
    return lambda path: os.setxattr(path, name, value)


#: `cap_net_raw+ep` in revision 2 (capabilities(7), `struct vfs_cap_data`).
CAPABILITY = struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0)
#: `user::rw-,user:12345:rwx,group::r--,mask::rwx,other::r--`
ACL = struct.pack(
    "<I" + "HHI" * 5, 2,
    0x01, 6, 2**32 - 1, 0x02, 7, USER, 0x04, 4, 2**32 - 1, 0x10, 7, 2**32 - 1, 0x20, 4, 2**32 - 1,
)  # fmt: skip


@root_only
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda path: os.chown(path, USER, -1), {"owner"}),
        (lambda path: os.chown(path, -1, USER), {"group"}),
        (attribute("security.capability", CAPABILITY), {"capabilities"}),
        (attribute("security.other", b"x"), {"xattrs"}),
        (attribute("trusted.other", b"x"), {"xattrs"}),
        (attribute("security.selinux", b"system_u:object_r:etc_t:s0\0"), {"selinux"}),
    ],
)
def test_what_root_may_change(tmp_path: Path, change: Callable[[Path], object], expected: set[str]) -> None:
    assert differs(tmp_path, change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda path: path.chmod(0o640), {"mode"}),
        (lambda path: path.chmod(0o664), {"mode"}),
        (lambda path: os.utime(path, ns=(0, path.stat().st_mtime_ns + 1)), {"mtime"}),
        (lambda path: os.utime(path, ns=(0, -1_000_000_000)), {"mtime"}),
        (lambda path: os.link(path, path.with_name("other")), {"links"}),
        (attribute("user.note", b"x"), {"xattrs"}),
    ],
)
def test_what_an_owner_may_change(
    tmp_path: Path, change: Callable[[Path], object], expected: set[str]
) -> None:
    assert differs(tmp_path, change) == expected


def test_an_access_control_list(tmp_path: Path) -> None:
    assert differs(tmp_path, attribute("system.posix_acl_access", ACL)) == {"acl", "mode"}
    assert told(tmp_path, "file")["acl"] == "user::rw-,user:12345:rwx,group::r--,mask::rwx,other::r--"


@pytest.mark.skipif(shutil.which("setfacl") is None, reason="no setfacl here")
def test_an_access_control_list_that_setfacl_made(tmp_path: Path) -> None:
    assert "acl" in differs(
        tmp_path, lambda path: subprocess.run(["setfacl", "-m", "u:7:r", path], check=True)
    )


def test_a_default_access_control_list_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert told(tmp_path, "folder")["acl"] == ""
    try:
        os.setxattr(tmp_path / "folder", "system.posix_acl_default", ACL)
    except OSError as error:
        pytest.skip(f"not possible here: {error.strerror}")
    assert str(told(tmp_path, "folder")["acl"]).startswith("default user::rw-")


def test_an_extended_attribute_comes_changes_and_goes(tmp_path: Path) -> None:
    differs(tmp_path, attribute("user.note", b"x"))
    with_x = told(tmp_path, "file")["xattrs"]
    os.setxattr(tmp_path / "file", "user.note", b"y")
    assert told(tmp_path, "file")["xattrs"] != with_x
    os.removexattr(tmp_path / "file", "user.note")
    assert told(tmp_path, "file")["xattrs"] == ""


def test_names_and_values_of_extended_attributes_cannot_be_shifted(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).touch()
    try:
        os.setxattr(tmp_path / "one", "user.a", b"b\0001\0c")
        os.setxattr(tmp_path / "other", "user.a", b"b")
        os.setxattr(tmp_path / "other", "user.b", b"1\0c")
    except OSError as error:
        pytest.skip(f"not possible here: {error.strerror}")
    assert told(tmp_path, "one")["xattrs"] != told(tmp_path, "other")["xattrs"]


@root_only
@pytest.mark.skipif(shutil.which("chattr") is None, reason="no chattr here")
@pytest.mark.parametrize("flag", ["d", "i", "a", "A"])
def test_flags_of_chattr(tmp_path: Path, flag: str) -> None:
    def change(path: Path) -> None:
        done = subprocess.run(["chattr", f"+{flag}", path], check=False, capture_output=True)
        if done.returncode:
            pytest.skip("the file system has no such flag")

    try:
        assert differs(tmp_path, change) == {"flags"}
        assert told(tmp_path, "file")["flags"] == flag
    finally:
        subprocess.run(["chattr", "-ia", tmp_path / "file"], check=False)


def test_a_file_that_was_replaced_by_its_like(tmp_path: Path) -> None:
    def replace(path: Path) -> None:
        state = path.stat()
        copy = path.with_name("copy")
        copy.write_bytes(path.read_bytes())
        os.utime(copy, ns=(state.st_atime_ns, state.st_mtime_ns))
        copy.replace(path)

    def replace_and_restrict(path: Path) -> None:
        replace(path)
        path.chmod(0o600)

    assert differs(tmp_path, replace) == {"inode"}
    assert differs(tmp_path, replace_and_restrict, "host-permissions+inode") == {"inode"}


def test_a_file_with_a_hole_is_as_large_and_takes_less(tmp_path: Path) -> None:
    def punch(path: Path) -> None:
        size = path.stat().st_size
        path.write_bytes(b"")
        os.truncate(path, size)

    found = differs(tmp_path, punch, "host+blocks-mtime")
    if "blocks" not in found:
        pytest.skip("the file system keeps no holes")
    assert found == {"blocks", "digest"}
    assert told(tmp_path, "file")["blocks"] == (tmp_path / "file").stat().st_blocks * 512


def test_further_digests_are_those_of_the_content(tmp_path: Path) -> None:
    import hashlib  # noqa: PLC0415  (here alone)

    assert differs(tmp_path, lambda path: path.write_bytes(b"x"), "content+sha512+blake2b-size") == {
        "digest", "sha512", "blake2b",
    }  # fmt: skip
    found = told(tmp_path, "file", "content+sha512+blake2b")
    assert found == {"sha512": hashlib.sha512(b"x").hexdigest(), "blake2b": hashlib.blake2b(b"x").hexdigest()}


def test_blake3_where_its_package_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    found = told(tmp_path, "file", "content+blake3")
    try:
        import blake3  # noqa: F401, PLC0415  (an extra)
    except ImportError:
        assert found == {}
    else:
        assert found == {"blake3": "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"}


def test_a_file_of_which_no_digest_is_wanted_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"12345")

    really = os.open

    def refused(path: str, *arguments: int, dir_fd: int | None = None) -> int:
        assert not path.endswith("file"), "opened"
        return really(path, *arguments, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refused)
    (file,) = taken(tmp_path, "host-digest-flags")
    assert isinstance(file, File)
    assert (file.size, file.digest) == (5, None)


def test_nodes_that_are_no_files_say_what_they_are(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as bound:
        here = os.getcwd()
        os.chdir(tmp_path)
        bound.bind("socket")
        os.chdir(here)
    assert told(tmp_path, "fifo")["device"] == "fifo"
    assert told(tmp_path, "socket")["device"] == "socket"
    assert attributes.attributes("/dev/null", os.lstat("/dev/null"), frozenset({"device"})) == (
        ("device", "char 1:3"),
    )


def test_a_link_has_its_own_attributes_and_nothing_is_followed(tmp_path: Path) -> None:
    (tmp_path / "target").touch()
    (tmp_path / "link").symlink_to("target")
    os.utime(tmp_path / "link", ns=(0, 7), follow_symlinks=False)
    found = told(tmp_path, "link")
    assert found["mtime"] == 7
    assert not {"acl", "flags", "sha512"} & set(found)


def test_what_follows_from_the_members_of_a_folder_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    before = taken(tmp_path)
    (tmp_path / "folder/new").touch()
    (tmp_path / "folder/new").unlink()
    assert list(compare(before, taken(tmp_path))) == []


@pytest.mark.parametrize("failing", ["listxattr", "getxattr"])
def test_what_cannot_be_told_is_left_out(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.touch()
    try:
        os.setxattr(path, "user.note", b"x")
    except OSError as error:
        pytest.skip(f"not possible here: {error.strerror}")

    def refused(*_: object, **__: object) -> bytes:
        raise OSError(errno.EACCES, "no")

    monkeypatch.setattr(os, failing, refused)
    assert "xattrs" not in told(tmp_path, "file")


def test_another_file_in_its_place_has_no_say_about_flags(tmp_path: Path) -> None:
    (tmp_path / "one").touch()
    (tmp_path / "other").touch()
    wanted = frozenset({"flags"})
    state = os.lstat(tmp_path / "one")
    assert attributes.attributes(str(tmp_path / "other"), state, wanted) == ()


def test_every_attribute_is_known_and_sorted(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    found = attributes.attributes(str(path), os.lstat(path), profiles.ATTRIBUTES)
    names = [name for name, _ in found]
    assert names == sorted(names)
    # Some file systems have no flags, some no extended attributes.
    told_by_some = {"flags", "xattrs", "acl", "capabilities", "selinux"}
    assert set(names) | told_by_some == profiles.ATTRIBUTES - {"device"}


@pytest.mark.parametrize("call", ["listxattr", "getxattr", "open"])
def test_what_the_system_does_not_tell_is_left_out_and_not_made_up(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    try:
        os.setxattr(path, "user.note", b"x")
    except OSError as error:
        pytest.skip(f"not possible here: {error.strerror}")
    words = frozenset({"xattrs", "acl", "flags"})
    whole = dict(attributes.attributes(str(path), path.stat(), words))
    assert {"xattrs", "acl"} <= whole.keys()

    def failing(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, call, failing)
    left = dict(attributes.attributes(str(path), path.stat(), words))
    missing = {"listxattr": {"xattrs", "acl"}, "getxattr": {"xattrs"}, "open": {"flags"}}[call]
    assert left == {name: value for name, value in whole.items() if name not in missing}


def test_an_acl_of_another_form_is_told_by_its_bytes() -> None:
    assert xattrs._acl("system.nfs4_acl", b"\1\2") == "system.nfs4_acl=0102"
    assert xattrs._acl("system.posix_acl_access", b"\1\0\0\0") == "system.posix_acl_access=01000000"


def test_flags_of_a_file_that_was_replaced_are_not_those_of_the_other(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    state = path.stat()
    (tmp_path / "other").write_bytes(b"y")
    (tmp_path / "other").replace(path)
    assert attributes._flags(str(path), state) is None
