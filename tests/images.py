"""Container images, built layer by layer: layouts and what `docker save` writes."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Member(NamedTuple):
    """A member of a layer: a file unless it has a target (`hard`: of a hard link), or ends with `/`."""

    name: str
    data: bytes = b""
    target: str | None = None
    hard: bool = False
    mode: int = 0o644


def layer(*members: Member | str) -> bytes:
    """Make the tar of a layer; of a bare name, an empty file or a folder."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for one in members:
            member = Member(one) if isinstance(one, str) else one
            info = tarfile.TarInfo(member.name.rstrip("/"))
            info.mode = member.mode
            if member.name.endswith("/"):
                info.type, info.mode = tarfile.DIRTYPE, 0o755
            elif member.target is not None:
                info.type = tarfile.LNKTYPE if member.hard else tarfile.SYMTYPE
                info.linkname = member.target
            info.size = len(member.data)
            tar.addfile(info, io.BytesIO(member.data))
    return made.getvalue()


def layout(
    folder: Path, layers: Sequence[bytes], config: Mapping[str, Any] | None = None, tag: str = ""
) -> Path:
    """Write an image layout; layers as they are given are packed with gzip."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def put(data: bytes) -> dict[str, Any]:
        name = hashlib.sha256(data).hexdigest()
        (blobs / name).write_bytes(data)
        return {"digest": f"sha256:{name}", "size": len(data)}

    packed = [put(gzip.compress(one, mtime=0)) for one in layers]
    ids = [f"sha256:{hashlib.sha256(one).hexdigest()}" for one in layers]
    made = {"architecture": "amd64", "os": "linux", "config": dict(config or {})}
    whole = put(json.dumps({**made, "rootfs": {"type": "layers", "diff_ids": ids}}).encode())
    manifest = put(json.dumps({"schemaVersion": 2, "config": whole, "layers": packed}).encode())
    named = {"annotations": {"org.opencontainers.image.ref.name": tag}} if tag else {}
    index = {"schemaVersion": 2, "manifests": [{"mediaType": _MANIFEST, **manifest, **named}]}
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return folder


def saved(file: Path, layers: Sequence[bytes], tags: Sequence[str] = ("demo:latest",)) -> Path:
    """Write what `docker save` does, in its older form."""
    ids = [f"sha256:{hashlib.sha256(one).hexdigest()}" for one in layers]
    config = json.dumps({"config": {}, "rootfs": {"type": "layers", "diff_ids": ids}}).encode()
    name = hashlib.sha256(config).hexdigest() + ".json"
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    listed = json.dumps([{"Config": name, "RepoTags": list(tags), "Layers": names}]).encode()
    with tarfile.open(file, "w") as tar:
        for path, data in (*zip(names, layers, strict=True), (name, config), ("manifest.json", listed)):
            info = tarfile.TarInfo(path)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return file


def layer_of(folder: Path) -> bytes:
    """Make the layer that a folder would be: modes, links and times as they are there."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.add(folder, ".")
    return made.getvalue()
