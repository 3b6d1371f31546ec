"""What a release says to those who install it: without what its manifest tells its developers.

An archive of a package holds more than clients heed: scripts of the project, lockfiles, files of its
code host, permissions that the machine gave which packed it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import TypeAlias

import msgspec

from fimci.capabilities import automatic
from fimci.model import Capability, File, Package, Phase, Record, Setting, Unread
from fimci.packages.pairs import manager_of

#: What leads from a file to others, and when that runs.
Links: TypeAlias = dict[str, list[tuple[str, Phase]]]

MANIFEST = "package.json"
BUILD = "setup.py"


def unpacked(files: Iterable[File], programs: Container[str]) -> Iterator[File]:
    """Yield members as clients unpack them: by their own mask, whatever the machine was that packed them.

    What the manifest names as a program becomes one, whether its file was executable or not; and nobody runs
    texts and pictures, which some file systems make executable like all that they hold.
    """
    for file in files:
        given = file.kind == "file" and (file.path in programs or file.path.endswith(_NEVER_RUN))
        dropped = _OTHERS | (_EXECUTE if given else 0)
        if isinstance(file.mode, int) and file.mode & dropped:
            yield msgspec.structs.replace(file, mode=file.mode & ~dropped)
        else:
            yield file


_OTHERS, _EXECUTE = 0o022, 0o111
_TEXTS_AND_PICTURES = """
cfg css csv gif html ico ini ipynb jpeg jpg json less map md mdx png pyi rst sass scss svg toml ts tsx ttf txt
typed webp woff woff2 xml yaml yml
"""
_NEVER_RUN = tuple(f".{ending}" for ending in _TEXTS_AND_PICTURES.split())
#: Scripts and switches of `package.json` that a client heeds in one's own project alone.
_AT_HOME = frozenset(
    (
        *("prepublish", "preprepare", "prepare", "postprepare", "dependencies", "pnpm:devPreinstall"),
        *("prepack", "postpack", "prepublishOnly"),
        *("packageManager", "publishConfig", "allowScripts", "trustedDependencies", "onlyBuiltDependencies"),
    )
)


def _is_for_development(record: Record) -> bool:
    """Tell whether it says nothing about what happens to those who install a release."""
    if not isinstance(record, Unread) and _is_unheeded(
        record.at.path if isinstance(record, Package) else record.path
    ):
        return True
    if isinstance(record, Package) and record.stated_by == "manifest":
        return "dev" in record.flags or _is_of_project(record.at.path)
    if isinstance(record, Capability):
        if record.path.startswith(_AUTOMATION):
            return True
        return record.name == "install-script" and record.path == MANIFEST and record.subject in _AT_HOME
    if not isinstance(record, Setting):
        return False
    if automatic.kind(record.path) in _OF_A_CHECKOUT:
        return True
    return _is_of_project(record.path) or (
        record.path == MANIFEST and record.name.partition(".")[0] in _AT_HOME
    )


#: Clients that heed no lockfile in what they install, and the one that is published to be heeded.
_UNHEEDING = frozenset(
    ("npm", "yarn", "pnpm", "bun", "deno", "uv", "poetry", "pdm", "pip", "pipenv", "conda-lock")
)
_HEEDED = "npm-shrinkwrap.json"


def _is_unheeded(lock: str) -> bool:
    manager = manager_of(lock)
    return manager is not None and manager.name in _UNHEEDING and lock.rpartition("/")[2] != _HEEDED


#: Where what runs at a code host, and who may do what in a repository, is said: in a package nobody reads it.
_AUTOMATION = (
    *(".github/", ".gitlab/", ".circleci/", ".forgejo/", ".gitea/", ".buildkite/", ".gitlab-ci", ".travis.y"),
    *(".drone.y", ".appveyor.y", "appveyor.y", "azure-pipelines", "bitbucket-pipelines", ".cirrus.y"),
)
#: Hooks and filters of git, and what starts in a folder where somebody works: a package is no checkout.
_OF_A_CHECKOUT = frozenset(("git-hook", "lefthook", "direnv", "mise", "git-attributes", "git-config"))
_PERMISSIONS = (".claude/settings", ".cursor/", ".gemini/settings")


def _is_of_project(path: str) -> bool:
    return path.startswith((*_AUTOMATION, *_PERMISSIONS))


def as_released(
    rest: list[Record], links: Links, idle: Container[str], *, released: bool, wheel: bool
) -> tuple[list[Record], Links]:
    """Leave out what a release says to nobody who installs it; `idle` are scripts of builds, never run."""
    if released:
        rest = [record for record in rest if not _is_for_development(record)]
    if wheel:
        rest = [r for r in rest if not isinstance(r, Capability) or r.name != "install-script"]
        links = {path: to for path, to in links.items() if path not in idle}
    rest = [_unbuilt(r, idle) for r in rest if not _is_script_of(r, idle)]
    links = {path: [(t, "import" if path in idle else p) for t, p in to] for path, to in links.items()}
    scripts = {r.path for r in rest if isinstance(r, Capability) and r.name == "install-script"}
    if released and all("/" in path for path in scripts):
        _called_at_most(rest, links, {path for path in scripts if path.startswith(_BUNDLED)})
    return rest, links


#: Where an installer of npm finds packages that an archive brings with it, and runs their scripts.
_BUNDLED = "node_modules/"


def _called_at_most(rest: list[Record], links: Links, bundled: Container[str]) -> None:
    """Put what a manifest's scripts do, and what they start, behind a call: nobody's installation runs them.

    What `prepare` starts, and the script that it starts by name, runs where the release is made. Manifests in
    other folders are those of packages that a bundle has taken apart: no installer knows of them.
    """
    for at, record in enumerate(rest):
        if not isinstance(record, Capability) or record.phase != "install" or record.name == "install-script":
            continue
        if _is_manifest(record.path) and record.path not in bundled:
            rest[at] = msgspec.structs.replace(record, phase="call")
    for path in filter(_is_manifest, links):
        if path not in bundled:
            links[path] = [(target, "call" if phase == "install" else phase) for target, phase in links[path]]


def _is_manifest(path: str) -> bool:
    return path == MANIFEST or path.endswith(f"/{MANIFEST}")


def _is_script_of(record: Record, idle: Container[str]) -> bool:
    return isinstance(record, Capability) and record.name == "install-script" and record.path in idle


def _unbuilt(record: Record, idle: Container[str]) -> Record:
    """Return what a `setup.py` that does not run can do as something that has to be called."""
    if isinstance(record, Capability) and record.phase == "install" and record.path in idle:
        return msgspec.structs.replace(record, phase="call")
    return record
