"""What a `pyproject.toml` has run while a source tree is installed: backends and hooks that lie in the tree.

References only, for `fimci.reach`: an installer of sources imports the backend from `backend-path` (PEP 517,
in-tree backends), and backends import the hooks that are configured for them. The settings themselves are
told by the reader of manifests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Place, Record, Reference

#: Words without which there is nothing to tell.
_WORDS = (b"backend-path", b"custom", b"script", b"build")
_MOST = 50
#: Where hatch looks where nothing else is said.
_HATCH = "hatch_build.py"


def wants(path: str, head: bytes) -> bool:
    """Tell whether it is the manifest of a Python project that may say so."""
    del head  # the tables may stand behind it
    return path.rpartition("/")[2] == "pyproject.toml"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield a reference to each file that may be meant; one that is not there leads nowhere."""
    if not any(word in data for word in _WORDS):
        return
    from fimci.marked import toml  # noqa: PLC0415  (most have nothing of the kind)

    try:
        document = toml.load(data)
    except Malformed:
        return  # told by the reader of manifests
    found = dict((*_backend(document), *_hooks(document)))
    for target, pointer in list(found.items())[:_MOST]:
        yield Reference(path=path, target=target, phase="install", at=Place(path, document.line(pointer)))


def _backend(document: Marked) -> Iterator[tuple[str, Pointer]]:
    """Yield the files of a backend in the tree: `pkg.module:object` below each folder of `backend-path`."""
    table = document.table("build-system")
    backend, folders = table.get("build-backend"), table.get("backend-path")
    if not isinstance(backend, str) or not isinstance(folders, list):
        return
    module = backend.partition(":")[0].strip().replace(".", "/")
    for folder in folders[:_MOST]:
        if isinstance(folder, str) and module:
            base = f"./{folder.strip('/')}/{module}".replace("/./", "/")
            for target in (f"{base}.py", f"{base}/__init__.py"):
                yield target, ("build-system", "backend-path")


def _hooks(document: Marked) -> Iterator[tuple[str, Pointer]]:
    """Yield the hooks of hatchling, poetry and pdm."""
    build = ("tool", "hatch", "build")
    every: list[Pointer] = [(*build, "targets", name, "hooks") for name in document.table(*build, "targets")]
    tables = [(*build, "hooks"), ("tool", "hatch", "metadata", "hooks"), *every[:_MOST]]
    for pointer in tables:
        custom = document.table(*pointer).get("custom")
        if isinstance(custom, dict):
            yield from _named(custom.get("path", _HATCH), (*pointer, "custom"))
    poetry = document.table("tool", "poetry").get("build")
    if isinstance(poetry, str):
        yield from _named(poetry, ("tool", "poetry", "build"))
    yield from _named(document.table("tool", "poetry", "build").get("script"), ("tool", "poetry", "build"))
    yield from _named("pdm_build.py", ("build-system",))
    yield from _named(document.table("tool", "pdm", "build").get("custom-hook"), ("tool", "pdm", "build"))


def _named(value: Any, pointer: Pointer) -> Iterator[tuple[str, Pointer]]:
    if isinstance(value, str) and value:
        yield f"./{value.removeprefix('./')}", pointer
