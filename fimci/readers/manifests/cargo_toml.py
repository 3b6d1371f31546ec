"""`Cargo.toml`: what a crate requires, what stands in for what, and what runs while it is built.

A build script and a procedural macro run with the rights of whoever compiles, which an editor
does as well. cargo takes a file `build.rs` beside the manifest for a build script without being told, so
that such a file is a fact of its own.

    dependencies, dev-…, build-…, target.T.…, workspace.dependencies      Package
    patch.REGISTRY.NAME, replace.NAME:VERSION      Setting     what stands there instead
    package.build, lib.proc-macro                  Setting     code that runs at compile time

https://doc.rust-lang.org/cargo/reference/manifest.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.excerpts import without_credentials
from fimci.marked.document import Marked, Pointer
from fimci.model import OriginKind, Package, Record, Setting, Unread
from fimci.readers.documents import toml_table
from fimci.readers.manifests import settings

_SECTIONS = {
    "dependencies": (),
    "dev-dependencies": ("dev",),
    "dev_dependencies": ("dev",),
    "build-dependencies": (),
    "build_dependencies": (),
}
_REVISIONS = ("rev", "tag", "branch")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether this is the manifest of a crate, or a build script."""
    return path.rpartition("/")[2] in {"Cargo.toml", "build.rs"}


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield requirements and settings."""
    if path.endswith("build.rs"):
        yield settings.setting(path, "package.build", "build.rs", 1)
        return
    document = toml_table(path, data)
    if isinstance(document, Unread):
        yield document
        return
    yield from settings.bounded(path, _facts(path, document))


def _facts(path: str, document: Marked) -> Iterator[Record]:
    for section, pointer in _sections(document):
        for name, wanted in document.table(*pointer).items():
            yield _requirement(path, document, section, (*pointer, name), wanted)
    for registry in document.table("patch"):
        for name, wanted in document.table("patch", registry).items():
            pointer = ("patch", registry, name)
            yield _instead(path, document, f"patch.{without_credentials(registry)}.{name}", pointer, wanted)
    for name, wanted in document.table("replace").items():
        yield _instead(path, document, f"replace.{name}", ("replace", name), wanted)
    yield from _builds(path, document)


def _sections(document: Marked) -> Iterator[tuple[str, Pointer]]:
    """Yield the tables of requirements, each under the name of its section."""
    for section in _SECTIONS:
        yield section, (section,)
        for target in document.table("target"):
            yield f"target.{target}.{section}", ("target", target, section)
    yield "workspace.dependencies", ("workspace", "dependencies")


def _requirement(
    path: str, document: Marked, section: str, pointer: Pointer, wanted: Any
) -> Package | Unread:
    line = document.line(pointer)
    key = str(pointer[-1])
    if isinstance(wanted, str):
        wanted = {"version": wanted}
    if not isinstance(wanted, dict):
        part = ".".join(map(str, pointer))
        return Unread(path=path, why="a requirement that is neither text nor table", part=part, line=line)
    name = wanted["package"] if isinstance(wanted.get("package"), str) else key
    kind, origin = _source(wanted)
    version = wanted.get("version")
    flags = {
        *_SECTIONS.get(section.rpartition(".")[2], ()),
        *(("optional",) if wanted.get("optional") is True else ()),
    }
    return Package(
        ecosystem="cargo",
        name=name,
        alias=key if name != key else None,
        place=f"{path}#{section}/{key}",
        stated_by="manifest",
        version=version if isinstance(version, str) else "",
        origin_kind=kind,
        origin=origin,
        flags=tuple(sorted(flags)),
        at=settings.place(path, line, _told(key, wanted)),
    )


def _source(wanted: dict[str, Any]) -> tuple[OriginKind, str | None]:
    """Return the kind of source and its address; a registry goes by its name in the configuration."""
    if isinstance(wanted.get("git"), str):
        asked = next((f"?{key}={wanted[key]}" for key in _REVISIONS if isinstance(wanted.get(key), str)), "")
        return "git", without_credentials(wanted["git"] + asked)
    if isinstance(wanted.get("path"), str):
        return "directory", wanted["path"]
    if wanted.get("workspace") is True:
        return "workspace", None
    index = wanted.get("registry-index")
    return "registry", without_credentials(index) if isinstance(index, str) else None


def _told(name: str, wanted: dict[str, Any]) -> str:
    shown = ("version", "git", *_REVISIONS, "path", "registry", "registry-index", "package", "workspace")
    facts = ", ".join(f"{key} = {settings.plain(wanted[key])}" for key in shown if key in wanted)
    return without_credentials(f"{name}: {facts}")


def _instead(path: str, document: Marked, name: str, pointer: Pointer, wanted: Any) -> Setting:
    """Return what stands in for a crate: `git+URL?rev=…`, `file:PATH`, or the version of a registry."""
    table = wanted if isinstance(wanted, dict) else {"version": settings.plain(wanted)}
    kind, origin = _source(table)
    value = f"git+{origin}" if kind == "git" else f"file:{origin}" if kind == "directory" else ""
    value = value or " ".join(
        str(table[key]) for key in ("registry", "registry-index", "version") if key in table
    )
    return settings.setting(path, name, value, document.line(pointer))


def _builds(path: str, document: Marked) -> Iterator[Setting]:
    """Yield code that runs at compile time. The usual build script speaks for itself as a file."""
    build = document.table("package").get("build")
    for one in build if isinstance(build, list) else [build]:
        if isinstance(one, str) and one != "build.rs":
            yield settings.setting(path, f"package.build.{one}", "true", document.line(("package", "build")))
    for key in ("proc-macro", "proc_macro"):
        if document.table("lib").get(key) is True:
            yield settings.setting(path, "lib.proc-macro", "true", document.line(("lib", key)))
