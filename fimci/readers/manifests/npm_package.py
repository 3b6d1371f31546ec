"""What a `package.json` says about its code: whose it is, and where it begins.

The entry points (`main`, `module`, `browser`, every condition of `exports` and `imports`, `bin`) are
references of the manifest: what they lead to runs when the package is imported, commands when called.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fimci.capabilities import shadows
from fimci.marked import json
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Capability, Function, Package, Phase, Place, Record, Reference
from fimci.readers.manifests import settings

_ENTRIES = ("main", "module", "browser", "exports", "imports", "react-native", "jsnext:main")
_MOST = 500


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether it is a manifest."""
    return path.rpartition("/")[2] == "package.json"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the package, and a reference to each of its entry points.

    A manifest that is broken is told by the reader of manifests.
    """
    try:
        document = json.load(data)
    except Malformed:
        return
    if not isinstance(document.value, dict):
        return
    folder = path.rpartition("/")[0]
    name, version = document.value.get("name"), document.value.get("version")
    if isinstance(name, str) and isinstance(version, str) and "node_modules/" not in path:
        at = settings.place(path, document.line(("version",)), f"{name} {version}")
        yield Package(
            ecosystem="npm",
            name=name,
            place=f"{folder}#package.json",
            stated_by="artifact",
            version=version,
            at=at,
        )
    entries = {target: (pointer, phase) for target, pointer, phase in _entries(document)}
    if "main" not in document.value and "exports" not in document.value:
        entries.setdefault("./index.js", (("name",), "import"))
    for target, (pointer, phase) in list(entries.items())[:_MOST]:
        yield Reference(path=path, target=target, phase=phase, at=Place(path, document.line(pointer)))
    yield from _shadows(path, document)
    engines, main = document.value.get("engines"), document.value.get("main")
    if isinstance(engines, dict) and "vscode" in engines and isinstance(main, str):
        # An editor loads its extensions and calls this, whether somebody uses them or not.
        started = main if main.startswith(".") else f"./{main}"
        yield Function(path=path, name="", calls=((started, "activate"),))


def _shadows(path: str, document: Marked) -> Iterator[Capability]:
    """Yield the commands that take the place of others."""
    name, bins = document.value.get("name"), document.value.get("bin")
    for command, target in list(bins.items())[:_MOST] if isinstance(bins, dict) else ():
        odd = shadows.shadowed(str(name or ""), command, target) if isinstance(target, str) else ""
        if odd:
            at = settings.place(path, document.line(("bin", command)), f"{command}: {target}")
            yield Capability(path=path, name="persistence", subject=odd, phase="install", at=at)


def _entries(document: Marked) -> Iterator[tuple[str, Pointer, Phase]]:
    found: list[tuple[Pointer, Any, Phase]] = [
        ((key,), document.value[key], "import") for key in _ENTRIES if key in document.value
    ]
    found.append((("bin",), document.value.get("bin"), "call"))
    while found:
        pointer, value, phase = found.pop()
        if isinstance(value, str) and "*" not in value:
            yield (value if value.startswith((".", "/")) else f"./{value}"), pointer, phase
        elif isinstance(value, dict):
            found.extend(((*pointer, key), inner, phase) for key, inner in value.items())
        elif isinstance(value, list):
            found.extend(((*pointer, number), inner, phase) for number, inner in enumerate(value))
