"""Archives that vouch: read by the short way and by the long one, and from where configuration says."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import Digest, Package, Place
from fimci.trees import node_artifacts, node_caches, node_tarball, published
from fimci.trees.node_artifacts import Wanted
from fimci.trees.node_caches import Caches
from fimci.trees.published import Artifact
from tests import node_trees

NOTHING = Caches((), (), (), ())


def artifact(folder: Path, data: bytes) -> Artifact:
    """Put an archive into a cache like npm's, and look for it."""
    hexed = hashlib.sha512(data).hexdigest()
    file = folder / "content-v2/sha512" / hexed[:2] / hexed[2:4] / hexed[4:]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    (found,) = node_artifacts.artifacts(
        NOTHING._replace(npm=(str(folder),)), [Wanted("left", locked(hexed), "sha256")]
    )
    return found


def locked(hexed: str) -> Package:
    return Package(
        ecosystem="npm",
        name="left",
        version="1.0.1",
        place="yarn.lock#left",
        stated_by="lock",
        integrity=(Digest("sha512", hexed),),
        at=Place("yarn.lock"),
    )


def packed(files: dict[str, bytes], kind: int = tarfile.USTAR_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for path, data in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


@given(st.dictionaries(st.from_regex(r"\A[a-z]{1,9}(/[a-z.]{1,60}){1,2}\Z"), st.binary(max_size=1500)))
def test_the_short_way_finds_what_the_long_one_does(files: dict[str, bytes]) -> None:
    data = packed(files)
    plain = node_tarball.files(data)
    long = {
        member.name: b"".join(member.read()) for member in published.members(data) if member.read is not None
    }
    if plain is not None:
        assert {name: bytes(content) for name, content in plain} == long
    else:
        assert any(".." in name or "/./" in name for name in files)


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_names_of_any_length_and_the_first_folder_whatever_it_is(tmp_path: Path, kind: int) -> None:
    long = f"{'d' * 90}/{'f' * 90}.js"
    found = artifact(tmp_path, packed({f"left/{long}": b"1", "left/a.js": b"2"}, kind))
    assert found.files is not None
    assert sorted(one.path for one in found.files) == ["a.js", long]


def test_what_leads_out_is_no_file(tmp_path: Path) -> None:
    found = artifact(
        tmp_path, packed({"package/../../evil.js": b"1", "/package/b.js": b"2", "package/a.js": b"3"})
    )
    assert found.files is not None
    assert [one.path for one in found.files] == ["a.js"]


def test_of_two_members_of_one_name_the_last_counts(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for data in (b"first", b"last"):
            member = tarfile.TarInfo("package/a.js")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    found = artifact(tmp_path, gzip.compress(out.getvalue()))
    assert found.files is not None
    assert [one.hex for one in found.files] == [hashlib.sha256(b"last").hexdigest()]


def test_a_first_line_that_clients_mend_has_two_hashes(tmp_path: Path) -> None:
    found = artifact(tmp_path, packed({"package/cli.js": b"#!/usr/bin/env node\r\nx()\r\n"}))
    assert found.files is not None
    assert found.files[0].mended == hashlib.sha256(b"#!/usr/bin/env node\nx()\r\n").hexdigest()


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b", b"PK\x03\x04", node_trees.tarball(node_trees.LEFT)[:-30]])
def test_what_is_no_archive_vouches_for_nothing_and_says_so(tmp_path: Path, data: bytes) -> None:
    found = artifact(tmp_path, data)
    assert not found.files
    assert found.files == () or found.why


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    found = artifact(tmp_path, packed({"package/a.js": bytes(80 << 20)}))
    assert found.files is None
    assert "times its size" in found.why


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"HOME": "/home/x"}, "/home/x/.npm/_cacache"),
        ({"HOME": "/home/x", "npm_config_cache": "/cache"}, "/cache/_cacache"),
        ({"HOME": "/home/x", "NPM_CONFIG_CACHE": "/cache"}, "/cache/_cacache"),
        ({"USERPROFILE": "C:/x", "LOCALAPPDATA": "C:/x/local"}, "C:/x/local/npm-cache/_cacache"),
    ],
)
def test_the_environment_names_the_cache(environment: dict[str, str], folder: str, tmp_path: Path) -> None:
    assert node_caches.caches(str(tmp_path), environment).npm == (folder,)


@pytest.mark.parametrize(
    ("text", "cache"),
    [
        ("cache=/elsewhere\n", "/elsewhere"),
        ("; a comment\ncache = ~/elsewhere", "/home/x/elsewhere"),
        ("cache=.cache", "{}/.cache"),
        ("[odd\ncache", "/home/x/.npm"),
    ],
)
def test_npmrc_names_the_cache(text: str, cache: str, tmp_path: Path) -> None:
    (tmp_path / ".npmrc").write_text(text)
    found = node_caches.caches(str(tmp_path), {"HOME": "/home/x"}).npm
    assert found == (f"{cache.format(tmp_path)}/_cacache",)


def test_yarnrc_names_the_cache(tmp_path: Path) -> None:
    (tmp_path / ".yarnrc.yml").write_text('cacheFolder: "./vendor"\n')
    (tmp_path / "vendor").mkdir()
    folders = [listed.folder for listed in node_caches.caches(str(tmp_path), {"HOME": "/home/x"}).zips]
    assert str(tmp_path / "./vendor") in [folder.replace("/./", "/") for folder in folders]


def test_a_cache_of_yarn_1_keeps_its_tarballs(tmp_path: Path) -> None:
    data = node_trees.tarball(node_trees.LEFT)
    file = tmp_path / "v6/npm-left-1.0.1-abc-integrity/node_modules/left/.yarn-tarball.tgz"
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    places = node_caches.caches(str(tmp_path), {"HOME": str(tmp_path), "YARN_CACHE_FOLDER": str(tmp_path)})
    hexed = hashlib.sha512(data).hexdigest()
    (found,) = node_artifacts.artifacts(places, [Wanted("left", locked(hexed), "sha256")])
    assert found.files is not None
    assert len(found.files) == len(node_trees.LEFT.files)
