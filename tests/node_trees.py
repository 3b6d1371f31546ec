"""Small projects with an installed `node_modules`, made without a client: releases, caches, lockfiles.

Each layout is what one client leaves behind. Three packages: `left` has a command and requires the others,
`@scope/right` has a native library, and `inner` stands in `left` where the client nests it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

ELF = b"\x7fELF\x02\x01\x01" + bytes(57)


class Release(NamedTuple):
    """A published package; its files by path."""

    name: str
    version: str
    files: dict[str, bytes]


def manifest(name: str, version: str, **more: object) -> bytes:
    return json.dumps({"name": name, "version": version, **more}, indent=1).encode()


LEFT = Release(
    "left",
    "1.0.1",
    {
        "package.json": manifest(
            "left",
            "1.0.1",
            bin={"left": "./cli.js"},
            dependencies={"@scope/right": "^2.0.0", "inner": "^0.1.0"},
        ),
        "cli.js": b"#!/usr/bin/env node\nrequire('./index.js')\n",
        "index.js": b"module.exports = (text) => text\n",
        "README.md": b"# left\n",
    },
)
RIGHT = Release(
    "@scope/right",
    "2.0.0",
    {
        "package.json": manifest("@scope/right", "2.0.0"),
        "lib/index.js": b"module.exports = require('../native/right.node')\n",
        "native/right.node": ELF,
        "test/node_modules/fixture/index.js": b"// a fixture\n",
    },
)
INNER = Release(
    "inner", "0.1.0", {"package.json": manifest("inner", "0.1.0"), "index.js": b"module.exports = 1\n"}
)
ALL = (LEFT, RIGHT, INNER)


class Project(NamedTuple):
    """A project: where it is, and the folder of each package in it."""

    root: Path
    folders: dict[str, str]

    def write(self, path: str, data: bytes) -> None:
        """Write a file, whatever stood there."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def tarball(release: Release, top: str = "package") -> bytes:
    """Pack a release as registries have it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, data in release.files.items():
            member = tarfile.TarInfo(f"{top}/{path}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(packed.getvalue(), mtime=0)


def zipped(release: Release) -> bytes:
    """Pack a release as yarn's cache has it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, data in release.files.items():
            archive.writestr(
                zipfile.ZipInfo(f"node_modules/{release.name}/{path}", (1984, 6, 22, 21, 50, 0)), data
            )
    return packed.getvalue()


def sri(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def cached(home: Path, releases: tuple[Release, ...] = ALL) -> None:
    """Lay tarballs out as npm's cache does."""
    for release in releases:
        data = tarball(release)
        digest = hashlib.sha512(data).hexdigest()
        place = home / ".npm/_cacache/content-v2/sha512" / digest[:2] / digest[2:4] / digest[4:]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def npm(root: Path) -> Project:
    places = {
        "left": "node_modules/left",
        "@scope/right": "node_modules/@scope/right",
        "inner": "node_modules/left/node_modules/inner",
    }
    project = _unpacked(root, places)
    entries = {
        places[one.name]: {
            "version": one.version,
            "resolved": f"https://registry.example/{one.name}/-/{one.name.split('/')[-1]}-{one.version}.tgz",
            "integrity": sri(tarball(one)),
        }
        for one in ALL
    }
    lock = {"name": "home", "version": "1.0.0", "lockfileVersion": 3, "requires": True}
    top = {"": {"name": "home", "version": "1.0.0", "dependencies": {"left": "^1.0.0"}}}
    project.write(
        "package-lock.json", json.dumps({**lock, "packages": {**top, **entries}}, indent=2).encode()
    )
    hidden = json.dumps({**lock, "packages": entries}, indent=2).encode()
    project.write("node_modules/.package-lock.json", hidden)
    _command(project)
    return project


def yarn_classic(root: Path) -> Project:
    project = _flat(root)
    rows = "".join(
        f'"{one.name}@^{one.version}":\n  version "{one.version}"\n'
        f'  resolved "https://registry.example/{one.name}/-/{one.name.split("/")[-1]}-{one.version}.tgz'
        f'#{hashlib.sha1(tarball(one), usedforsecurity=False).hexdigest()}"\n'
        f"  integrity {sri(tarball(one))}\n\n"
        for one in ALL
    )
    project.write("yarn.lock", f"# yarn lockfile v1\n\n\n{rows}".encode())
    project.write("node_modules/.yarn-integrity", b"{}\n")
    return project


def bun(root: Path) -> Project:
    project = _flat(root)
    packages = {one.name: [f"{one.name}@{one.version}", "", {}, sri(tarball(one))] for one in ALL}
    top = {"": {"name": "home", "dependencies": {"left": "^1.0.0"}}}
    lock = {"lockfileVersion": 1, "workspaces": top, "packages": packages}
    project.write("bun.lock", json.dumps(lock, indent=2).encode())
    return project


def pnpm(root: Path) -> Project:
    def store(one: Release) -> str:
        return f"node_modules/.pnpm/{one.name.replace('/', '+')}@{one.version}/node_modules"

    project = _unpacked(root, {one.name: f"{store(one)}/{one.name}" for one in ALL})
    for one in (RIGHT, INNER):
        link = root / store(LEFT) / one.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(root / project.folders[one.name], link.parent))
    (root / "node_modules/left").symlink_to(".pnpm/left@1.0.1/node_modules/left")
    packages = "".join(
        f"\n  '{one.name}@{one.version}':\n    resolution: {{integrity: {sri(tarball(one))}}}\n"
        for one in ALL
    )
    snapshots = "".join(f"\n  '{one.name}@{one.version}': {{}}\n" for one in ALL)
    project.write(
        "pnpm-lock.yaml",
        (
            "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      left:\n"
            "        specifier: ^1.0.0\n        version: 1.0.1\n\n"
            f"packages:\n{packages}\nsnapshots:\n{snapshots}"
        ).encode(),
    )
    project.write(
        "node_modules/.bin/left",
        b'#!/bin/sh\nbasedir=$(dirname "$(echo "$0" | sed -e \'s,\\\\,/,g\')")\n\n'
        b'if [ -x "$basedir/node" ]; then\n  exec "$basedir/node"  "$basedir/../left/cli.js" "$@"\n'
        b'else\n  exec node  "$basedir/../left/cli.js" "$@"\nfi\n',
    )
    return project


def yarn_berry(root: Path) -> Project:
    project = _flat(root)
    _zips(project)
    project.write("node_modules/.yarn-state.yml", b"__metadata:\n  version: 1\n")
    return project


def plug_and_play(root: Path) -> Project:
    root.mkdir(parents=True, exist_ok=True)
    project = Project(root, {})
    _manifest(project)
    return Project(root, _zips(project))


#: What clients leave in `node_modules`.
LAYOUTS = {"npm": npm, "yarn 1": yarn_classic, "yarn 4": yarn_berry, "pnpm": pnpm, "bun": bun}


def _zips(project: Project) -> dict[str, str]:
    rows, places = "", {}
    for one in ALL:
        data = zipped(one)
        checksum = hashlib.sha512(data).hexdigest()
        slug = one.name.replace("/", "-")
        places[one.name] = f".yarn/cache/{slug}-npm-{one.version}-0123456789-{checksum[:10]}.zip"
        project.write(places[one.name], data)
        rows += (
            f'\n"{one.name}@npm:^{one.version}":\n  version: {one.version}\n'
            f'  resolution: "{one.name}@npm:{one.version}"\n  checksum: 10c0/{checksum}\n'
            "  languageName: node\n  linkType: hard\n"
        )
    project.write("yarn.lock", f"__metadata:\n  version: 8\n  cacheKey: 10c0\n{rows}".encode())
    return places


def _flat(root: Path) -> Project:
    project = _unpacked(root, {one.name: f"node_modules/{one.name}" for one in ALL})
    _command(project)
    return project


def _unpacked(root: Path, places: dict[str, str]) -> Project:
    project = Project(root, places)
    _manifest(project)
    for one in ALL:
        for path, data in one.files.items():
            project.write(f"{places[one.name]}/{path}", data)
    return project


def _manifest(project: Project) -> None:
    project.write("package.json", manifest("home", "1.0.0", dependencies={"left": "^1.0.0"}))


def _command(project: Project) -> None:
    link = project.root / "node_modules/.bin/left"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to("../left/cli.js")
