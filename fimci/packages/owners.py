"""Which installed package a file belongs to, and what its name says about what it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from fimci.findings import Finding, Severity, grouped, package_url, seen_at
from fimci.model import Change, Package, Record, Setting

#: What a runtime loads, or a system runs: a name that ends so is code, whatever is in it.
_CODE = (
    *(".py", ".pyc", ".pyo", ".pyd", ".pyw", ".pth", ".egg-link", ".zip", ".egg", ".whl"),
    *(".so", ".dll", ".dylib", ".exe", ".wasm", ".node", ".jar", ".class"),
    *(".js", ".cjs", ".mjs", ".jsx", ".ts", ".cts", ".mts", ".tsx", ".json", ".gyp", ".gypi"),
    *(".sh", ".bash", ".csh", ".fish", ".nu", ".bat", ".cmd", ".ps1", ".pl", ".rb", ".php", ".lua", ".r"),
)
#: Folders in which everything is a command.
_COMMANDS = frozenset({"bin", ".bin", "Scripts", "sbin", "libexec"})
#: Beside the code, these decide what runs: start-up of an environment, commands of a package.
_DECIDES = frozenset({"pyvenv.cfg", "entry_points.txt"})


def owners(records: Iterable[Record]) -> Mapping[str, Package]:
    """Return the installed package of every file or folder that one owns."""
    return {
        path: record
        for record in records
        if isinstance(record, Package) and record.stated_by == "disk"
        for path in record.owns
    }


def owner(path: str, known: Mapping[str, Package]) -> Package | None:
    """Return the package that owns a path: the one whose folder is the nearest above it."""
    while path:
        if path in known:
            return known[path]
        path = path.rpartition("/")[0]
    return None


def by_owner(
    changes: Iterable[Change], known: Mapping[str, Package]
) -> Iterator[tuple[Package | None, list[Change]]]:
    """Group changes of files by the package that owns them, in the order in which they come."""
    groups: dict[str, tuple[Package | None, list[Change]]] = {}
    for change in changes:
        package = owner(seen_at(change.record).path, known)
        place = package.place if package is not None else ""
        groups.setdefault(place, (package, []))[1].append(change)
    yield from groups.values()


#: The name of the setting by which whoever held a tree against archives says how a file came to differ.
STORY = "story"


def stories(changes: Iterable[Change], files: Iterable[Change]) -> tuple[str, list[Change]]:
    """Return how these files came to differ, to follow a message, and the changes that say so."""
    paths = {seen_at(change.record).path for change in files}
    said = [
        change
        for change in changes
        if isinstance(change.after, Setting) and change.after.name == STORY and change.after.path in paths
    ]
    words = dict.fromkeys(change.after.value for change in said if isinstance(change.after, Setting))
    return "".join(f"; {word}" for word in words), said


def told(package: Package | None) -> str:
    """Name a package with its version: `requests 2.32.0`."""
    if package is None:
        return "no package"
    return f"{package.name} {package.version}" if isinstance(package.version, str) else package.name


def about(
    package: Package | None, changes: Sequence[Change], *, rule: str, severity: Severity, message: str
) -> Finding:
    """Object once to several changes of what a package owns."""
    found = grouped(changes, rule=rule, severity=severity, message=message)
    return msgspec.structs.replace(found, package=package_url(package)) if package is not None else found


def runs(path: str) -> bool:
    """Tell whether a file of this name is code, or decides which code runs."""
    folder, _, name = path.rpartition("/")
    if name in _DECIDES or folder.rpartition("/")[2] in _COMMANDS:
        return True
    if folder.endswith("__pycache__"):
        return False  # without its source, nothing imports it; with it, it is compared with that
    lowered = name.lower()
    return lowered.endswith(_CODE) or ".so." in lowered
