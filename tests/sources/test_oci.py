"""Images: layers laid over each other as the specification says, and nothing believed that has no digest."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fimci import folder, sides
from fimci.cli import main
from fimci.errors import SourceError, UsageError
from fimci.model import File, Record, Setting, Unread
from fimci.sources import locator
from fimci.sources.locator import Locator
from fimci.sources.oci import image, store, walk
from tests import images
from tests.images import Member

BASE = images.layer(
    *("etc/", "srv/", "srv/app/", "usr/", "usr/bin/"),
    Member("etc/motd", b"hello\n"),
    Member("etc/motd.1", target="etc/motd", hard=True),
    Member("bin", target="usr/bin"),
    Member("srv/app/old", b"old\n"),
    Member("srv/app/kept", b"kept\n"),
    Member("usr/bin/run", b"#!/bin/sh\n", mode=0o755),
)


def records(text: str) -> list[Record]:
    return list(sides.snapshot(locator.parse(text), sides.recipe()).records)


def paths(found: list[Record]) -> dict[str, int | str | None]:
    """Return what is there: the size of files, the target of links, the kind of the rest."""
    return {
        one.path: one.size if one.kind == "file" else one.target or one.kind  # type: ignore[misc]  # it is stated
        for one in found
        if isinstance(one, File)
    }


def unread(found: list[Record]) -> list[tuple[str, str, str]]:
    return [(one.path, one.part, one.why) for one in found if isinstance(one, Unread)]


def over(tmp_path: Path, *layers: bytes) -> list[Record]:
    return records(f"oci:{images.layout(tmp_path / 'layout', [BASE, *layers])}")


def test_one_layer_is_its_tar(tmp_path: Path) -> None:
    found = over(tmp_path)
    folders = dict.fromkeys(("etc", "srv", "srv/app", "usr", "usr/bin"), "directory")
    files = {"etc/motd": 6, "etc/motd.1": 6, "srv/app/old": 4, "srv/app/kept": 5, "usr/bin/run": 10}
    assert paths(found) == {"bin": "usr/bin", **folders, **files}
    assert unread(found) == []
    digests = {one.path: one.digest for one in found if isinstance(one, File)}
    assert digests["etc/motd"] == digests["etc/motd.1"]


def test_whiteouts_take_away_what_is_below_and_nothing_of_their_own_layer(tmp_path: Path) -> None:
    found = paths(
        over(tmp_path, images.layer("srv/app/new", "srv/app/.wh.new", "srv/app/.wh.old", ".wh.etc"))
    )
    assert "etc" not in found
    assert "etc/motd" not in found
    assert {path for path in found if path.startswith("srv/app/")} == {"srv/app/kept", "srv/app/new"}


def test_an_opaque_folder_hides_what_is_below_in_whatever_order(tmp_path: Path) -> None:
    found = paths(over(tmp_path, images.layer("srv/app/new", "srv/app/", "srv/app/.wh..wh..opq")))
    assert {path for path in found if path.startswith("srv")} == {"srv", "srv/app", "srv/app/new"}


def test_another_kind_takes_the_place_of_all_that_was_there(tmp_path: Path) -> None:
    found = paths(over(tmp_path, images.layer("srv", Member("usr/bin/run", target="/etc/motd"), "etc/motd/")))
    assert found["srv"] == 0
    assert not [path for path in found if path.startswith("srv/")]
    assert found["usr/bin/run"] == "/etc/motd"
    assert found["etc/motd"] == "directory"
    assert found["etc/motd.1"] == 6  # the other name of the file is still there


def test_a_member_below_a_link_goes_where_the_link_leads_and_never_out(tmp_path: Path) -> None:
    found = over(
        tmp_path,
        images.layer(
            "bin/new", Member("out", target="../../../etc"), "out/x", Member("round", target="round")
        ),
        images.layer("round/x"),
    )
    assert paths(found)["usr/bin/new"] == 0
    assert paths(found)["etc/x"] == 0
    assert [(path, part) for path, part, _ in unread(found)] == [("round/x", "name")]


def test_a_hard_link_may_name_a_file_of_a_layer_below_and_none_at_all(tmp_path: Path) -> None:
    links = images.layer(
        Member("etc/motd.2", target="etc/motd", hard=True),
        Member("etc/gone", target="etc/nonesuch", hard=True),
    )
    found = over(tmp_path, links)
    assert paths(found)["etc/motd.2"] == 6
    assert ("etc/gone", "", "is a hard link to no file of the image") in unread(found)


def test_names_that_lead_out_are_told_and_go_nowhere(tmp_path: Path) -> None:
    found = over(tmp_path, images.layer("../evil", "/abs", "a/../../b", ".wh..", "etc/.wh."))
    assert {path for path, part, _ in unread(found) if part == "name"} == {
        *("../evil", "/abs", "a/../../b", ".wh..", "etc/.wh."),
    }
    assert not {"evil", "abs", "b"} & set(paths(found))


def test_what_aufs_kept_is_no_file(tmp_path: Path) -> None:
    assert not [
        path
        for path in paths(over(tmp_path, images.layer(".wh..wh.aufs", ".wh..wh.plnk/x")))
        if "aufs" in path
    ]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_blob_that_is_not_what_its_name_says_is_told(tmp_path: Path, which: int) -> None:
    made = images.layout(tmp_path / "layout", [BASE])
    index = json.loads((made / "index.json").read_text())
    blobs = made / "blobs" / "sha256"
    manifest = blobs / index["manifests"][0]["digest"][7:]
    stated = json.loads(manifest.read_text())
    file = (manifest, blobs / stated["config"]["digest"][7:], blobs / stated["layers"][0]["digest"][7:])[
        which
    ]
    if which == 2:
        file.write_bytes(gzip.compress(BASE.replace(b"hello", b"hallo"), mtime=0))
    else:
        file.write_bytes(file.read_bytes() + b" ")
    found = records(f"oci:{made}")
    assert any("does not have the digest" in why for _, _, why in unread(found))
    assert "etc/motd" in paths(found)


def test_a_layer_that_is_cut_missing_or_damaged_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    made = images.layout(tmp_path / "layout", [BASE, images.layer("late")])
    blobs = made / "blobs" / "sha256"
    (first,) = [one for one in blobs.iterdir() if gzip.compress(BASE, mtime=0) == one.read_bytes()]
    whole = first.read_bytes()
    for data in (whole[: len(whole) // 2], whole[:50] + b"\xff" * 20 + whole[70:], b"no tar at all"):
        first.write_bytes(data)
        found = records(f"oci:{made}")
        assert unread(found)
        assert paths(found)["late"] == 0
    first.unlink()
    assert paths(records(f"oci:{made}"))["late"] == 0
    first.symlink_to("/etc/passwd")
    assert unread(records(f"oci:{made}"))


def test_a_bomb_ends_at_the_limits(tmp_path: Path) -> None:
    made = images.layout(tmp_path / "layout", [images.layer(Member("zeros", bytes(2 << 20)))])
    limits = walk.LIMITS._replace(floor=1 << 20)
    with store.opened(str(made), limits) as opened:
        found = list(walk.entries(opened, image.found(opened, str(made), ""), lambda _: frozenset(), limits))
    assert any(isinstance(one, Unread) and "ratio" in one.part for one in found)


def test_documents_that_are_none_are_errors_or_unread(tmp_path: Path) -> None:
    made = images.layout(tmp_path / "layout", [BASE])
    for text in (
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"manifests": [1, {"digest": 5}, {"digest": "sha256:../x"}]}',
    ):
        (made / "index.json").write_text(text)
        with pytest.raises(SourceError):
            records(f"oci:{made}")
    with pytest.raises(SourceError, match="is not an image"):
        records(f"oci:{tmp_path}")
    (tmp_path / "text").write_text("hello")
    with pytest.raises(SourceError, match="is no saved image"):
        records(f"oci:{tmp_path / 'text'}")
    (tmp_path / "packed").write_bytes(gzip.compress(BASE))
    with pytest.raises(SourceError, match="unpack that first"):
        records(f"oci:{tmp_path / 'packed'}")


def restated(
    folder: Path, change: Callable[[dict[str, Any], Callable[[bytes], dict[str, Any]]], None]
) -> str:
    """Write a layout, let its manifest be changed, and return its locator."""
    made = images.layout(folder, [BASE])
    blobs = made / "blobs" / "sha256"

    def put(data: bytes) -> dict[str, Any]:
        name = hashlib.sha256(data).hexdigest()
        (blobs / name).write_bytes(data)
        return {"digest": f"sha256:{name}", "size": len(data)}

    index = json.loads((made / "index.json").read_text())
    manifest = json.loads((blobs / index["manifests"][0]["digest"][7:]).read_text())
    change(manifest, put)
    index["manifests"][0].update(put(json.dumps(manifest).encode()))
    (made / "index.json").write_text(json.dumps(index))
    return f"oci:{made}"


def test_layers_that_the_configuration_does_not_state_are_told(tmp_path: Path) -> None:
    """No runtime starts such an image; a checker that reads as far as one side goes misses the rest."""

    def more(manifest: dict[str, Any], put: Callable[[bytes], dict[str, Any]]) -> None:
        manifest["layers"].append(put(gzip.compress(images.layer("slipped-in"))))

    found = records(restated(tmp_path / "more", more))
    assert "slipped-in" in paths(found)
    assert any(part == "number of layers" for _, part, _ in unread(found))

    def less(manifest: dict[str, Any], _: object) -> None:
        manifest["layers"].clear()

    assert any(
        "the configuration states 1" in why
        for _, _, why in unread(records(restated(tmp_path / "less", less)))
    )

    def many(manifest: dict[str, Any], put: Callable[[bytes], dict[str, Any]]) -> None:
        manifest["layers"] += [manifest["layers"][0]] * 1100
        manifest["layers"].append(put(gzip.compress(images.layer("beyond"))))

    found = records(restated(tmp_path / "many", many))
    assert "beyond" not in paths(found)
    assert ("", "layers", "are 1,102: none beyond 1,024 was read") in unread(found)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("application/vnd.example.data", "is no layer of files, but application/vnd.example.data"),
        ("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "is encrypted"),
    ],
)
def test_what_is_no_layer_of_files_is_told_by_what_it_is(kind: str, why: str, tmp_path: Path) -> None:
    def artifact(manifest: dict[str, Any], put: Callable[[bytes], dict[str, Any]]) -> None:
        manifest["config"] = put(b"{}")
        manifest["layers"] = [{"mediaType": kind, **put(b"something else")}]

    found = records(restated(tmp_path / "layout", artifact))
    assert ("", "layer 0", why) in unread(found)


def test_a_layer_may_be_packed_with_zstd(tmp_path: Path) -> None:
    zstd = pytest.importorskip("backports.zstd" if sys.version_info < (3, 14) else "compression.zstd")
    kind = "application/vnd.oci.image.layer.v1.tar+zstd"

    def packed(manifest: dict[str, Any], put: Callable[[bytes], dict[str, Any]]) -> None:
        manifest["layers"] = [{"mediaType": kind, **put(zstd.compress(BASE))}]

    def cut(manifest: dict[str, Any], put: Callable[[bytes], dict[str, Any]]) -> None:
        manifest["layers"] = [{"mediaType": kind, **put(zstd.compress(BASE)[:-9])}]

    whole = records(restated(tmp_path / "whole", packed))
    assert unread(whole) == []
    assert paths(whole) == paths(records(f"oci:{images.layout(tmp_path / 'gzip', [BASE])}"))
    assert unread(records(restated(tmp_path / "cut", cut)))


def test_tags_and_digests_choose(tmp_path: Path) -> None:
    one = images.layout(tmp_path / "layout", [BASE], tag="v1")
    index = json.loads((one / "index.json").read_text())
    digest = index["manifests"][0]["digest"]
    index["manifests"] *= 2
    index["manifests"][1] = {**index["manifests"][0], "annotations": {}}
    (one / "index.json").write_text(json.dumps(index))
    assert paths(records(f"oci:{one}:v1"))
    with pytest.raises(SourceError, match="holds several images"):
        records(f"oci:{one}")
    with pytest.raises(SourceError, match="holds no image v2"):
        records(f"oci:{one}:v2")
    assert locator.parse(f"oci:{one}@{digest}") == Locator("oci", str(one), digest)
    for text in (f"oci:{one}:v1", f"oci:{one}@{digest}", f"oci:{one}"):
        assert str(locator.parse(text)) == text


def test_a_saved_archive_is_the_same_image(tmp_path: Path) -> None:
    layers = [BASE, images.layer("srv/app/.wh.old")]
    made, file = images.layout(tmp_path / "layout", layers), images.saved(tmp_path / "demo.tar", layers)
    files = [record for record in records(f"oci:{made}") if isinstance(record, File)]
    assert [record for record in records(f"oci:{file}") if isinstance(record, File)] == files
    assert [record for record in records(f"oci:{file}:latest") if isinstance(record, File)] == files
    packed = tmp_path / "oci.tar"
    with tarfile.open(packed, "w") as tar:
        tar.add(made, ".")
    assert [record for record in records(f"oci:{packed}") if isinstance(record, File)] == files
    with pytest.raises(SourceError) as caught:
        records(f"oci:{file}:other")
    assert "demo:latest" in caught.value.remedy


def test_how_it_runs_is_said_and_no_secret_is(tmp_path: Path) -> None:
    config: dict[str, object] = {
        "Env": ["PATH=/usr/bin", "TOKEN=hunter2", "LD_PRELOAD=/x.so"],
        "Entrypoint": ["/usr/bin/run"],
        "Cmd": None,
        "User": "1000",
        "ExposedPorts": {"80/tcp": {}},
        "Labels": 7,
        "Volumes": [],
    }
    made = images.layout(tmp_path / "layout", [BASE], config)
    said = {
        one.name: one.value
        for one in records(f"oci:{made}")
        if isinstance(one, Setting) and one.path == "(image)"
    }
    assert said == {
        "os": "linux",
        "architecture": "amd64",
        "Env.PATH": "/usr/bin",
        "Env.TOKEN": "(set)",
        "Env.LD_PRELOAD": "/x.so",
        "Entrypoint": '["/usr/bin/run"]',
        "User": "1000",
        "ExposedPorts.80/tcp": "yes",
    }


def test_two_images_and_a_baseline_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    script = '{"name": "x", "version": "1.0.1", "scripts": {"postinstall": "node x"}}'
    package = [
        Member("srv/app/node_modules/x/package.json", text.encode()) for text in ('{"name": "x"}', script)
    ]
    images.layout(tmp_path / "one", [BASE, images.layer(package[0])], {"User": "1000"})
    images.layout(tmp_path / "two", [BASE, images.layer(package[1])], {"User": "root"})
    assert main(["compare", "oci:one", "oci:two"]) == 1
    said = capsys.readouterr().out
    assert "install-script-added" in said
    assert "image-configuration-changed" in said
    assert main(["baseline", "oci:one", "--output", "one.baseline"]) == 0
    assert main(["check", "oci:one", "--baseline", "one.baseline"]) == 0
    assert main(["check", "oci:two", "--baseline", "one.baseline"]) == 1
    assert main(["inspect", "oci:two"]) == 0
    assert "pkg:npm/x" in capsys.readouterr().out


#: `cap_net_raw=ep` as setcap(8) stores it.
CAPABILITY = bytes.fromhex("0100000200200000000000000000000000000000")


def test_owners_and_capabilities_are_recorded_where_the_profile_asks(tmp_path: Path) -> None:
    def made(name: str, **headers: bytes | int) -> str:
        one = io.BytesIO()
        with tarfile.open(fileobj=one, mode="w", format=tarfile.PAX_FORMAT) as tar:
            info = tarfile.TarInfo("ping")
            info.mode, info.uid, info.gid = 0o755, int(headers.get("uid", 0)), 7
            if isinstance(value := headers.get("capability"), bytes):
                text = value.decode("utf-8", "surrogateescape")
                info.pax_headers = {"SCHILY.xattr.security.capability": text}
            tar.addfile(info)
            link = tarfile.TarInfo("link")
            link.type, link.linkname, link.uid = tarfile.SYMTYPE, "ping", 5
            tar.addfile(link)
            hard = tarfile.TarInfo("again")
            hard.type, hard.linkname = tarfile.LNKTYPE, "ping"
            tar.addfile(hard)
        return f"oci:{images.layout(tmp_path / name, [one.getvalue()])}"

    def attributes(text: str, profile: str) -> dict[str, dict[str, str | int]]:
        found = sides.snapshot(locator.parse(text), sides.recipe(profile=profile)).records
        return {one.path: dict(one.attributes) for one in found if isinstance(one, File)}

    plain, capable = made("plain"), made("capable", capability=CAPABILITY, uid=3_000_000)
    found = attributes(capable, "host")
    assert found["ping"]["owner"] == 3_000_000, "beyond what the header has room for"
    assert found["ping"]["group"] == 7
    assert found["ping"]["capabilities"] == CAPABILITY.hex()
    assert found["again"] == found["ping"], "a hard link is the same file"
    assert found["link"]["owner"] == 5
    assert attributes(plain, "host")["ping"]["capabilities"] == "", "so that it shows"
    assert attributes(capable, "repository")["ping"] == {}


def test_a_locator_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError):
        locator.parse("oci:")


@pytest.mark.client
@pytest.mark.skipif(shutil.which("umoci") is None, reason="needs umoci")
def test_what_umoci_packs_is_what_it_unpacks(tmp_path: Path) -> None:
    """Three layers by a real builder, with all that a layer can do, against the tree that it unpacks."""
    one, bundle = f"{tmp_path}/layout:v", tmp_path / "bundle"
    rootless = [] if os.getuid() == 0 else ["--rootless"]

    def umoci(*words: str) -> None:
        subprocess.run(["umoci", *words], check=True, capture_output=True)

    umoci("init", "--layout", str(tmp_path / "layout"))
    umoci("new", "--image", one)
    for step in (_first, _second, _third):
        umoci("unpack", *rootless, "--image", one, str(bundle))
        step(bundle / "rootfs")
        umoci("repack", "--image", one, str(bundle))
        shutil.rmtree(bundle)
    umoci("unpack", *rootless, "--image", one, str(bundle))
    here = [r for r in folder.taken(str(bundle / "rootfs"), sides.recipe()).records if isinstance(r, File)]
    assert [record for record in records(f"oci:{one}") if isinstance(record, File)] == here
    assert {"kept", "late", "turned/inside", "opaque/new"} <= {record.path for record in here}
    if not rootless:
        _same_attributes(f"oci:{one}", bundle / "rootfs")
    if shutil.which("skopeo"):
        for transport, file in (
            ("docker-archive", "docker.tar"),
            ("oci-archive", "oci.tar"),
            ("oci", "zstd"),
        ):
            compress = ["--dest-compress-format", "zstd", "--dest-compress"] if file == "zstd" else []
            named = (
                f"{transport}:{tmp_path / file}:demo:v"
                if transport == "docker-archive"
                else f"{transport}:{tmp_path / file}:v"
            )
            words = ["skopeo", "--insecure-policy", "copy", "-q", *compress, f"oci:{one}", named]
            subprocess.run(words, check=True)
            assert [r for r in records(f"oci:{tmp_path / file}") if isinstance(r, File)] == here, transport


def _same_attributes(image_: str, unpacked: Path) -> None:
    """See that owners and extended attributes are those that the builder's own unpacking gives."""
    how = sides.recipe(profile="host")
    inside, here = (
        {one.path: dict(one.attributes) for one in found if isinstance(one, File)}
        for found in (
            sides.snapshot(locator.parse(image_), how).records,
            folder.taken(str(unpacked), how).records,
        )
    )
    named = ("owner", "group", "capabilities", "xattrs", "acl")
    for path, stated in inside.items():
        assert {name: stated[name] for name in named if name in stated} == {
            name: here[path][name] for name in named if name in stated
        }, path
    assert inside["run"]["owner"] == 1234
    assert inside["run"]["capabilities"] == CAPABILITY.hex()


def _first(root: Path) -> None:
    for name in ("kept", "gone", "turned", "opaque/old"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(name * 1000)
    os.link(root / "kept", root / "hard")
    (root / "link").symlink_to("kept")
    (root / "new\nline é").write_text("x")
    (root / "run").write_text("#!/bin/sh\n")
    (root / "run").chmod(0o4755)
    if os.getuid() == 0:
        os.chown(root / "run", 1234, 4321)
        os.setxattr(root / "run", "security.capability", CAPABILITY)


def _second(root: Path) -> None:
    (root / "gone").unlink()
    (root / "turned").unlink()
    (root / "turned").mkdir()
    (root / "turned" / "inside").write_text("x")
    (root / "late").write_text("late")


def _third(root: Path) -> None:
    shutil.rmtree(root / "opaque")
    (root / "opaque").mkdir()
    (root / "opaque" / "new").write_text("new")
    (root / "run").chmod(0o755)
    (root / "hard").unlink()
