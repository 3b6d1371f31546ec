"""The files of Python lockfiles that are not named after their package: told, for a rule to judge.

Shared by the readers of this room, and no reader itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from fimci.excerpts import excerpt
from fimci.marked.document import Marked, Pointer
from fimci.model import Place, Setting
from fimci.names import canonical
from fimci.packages.file_names import contradicts, file_name

#: An entry of a lockfile, and the address or name of each of its files with where that stands.
Files: TypeAlias = tuple[dict[str, Any], Iterable[tuple[str, Pointer]]]

#: Names of one release that are told.
_TOLD = 20


def misnamed(path: str, document: Marked, found: Iterable[Files]) -> Iterator[Setting]:
    """Yield for each release which of its files have the name of another: `file-name.left@1.0`."""
    odd: dict[str, tuple[set[str], Pointer]] = {}
    for entry, files in found:
        name, version = canonical(entry["name"]), entry.get("version")
        stated = version if isinstance(version, str) else ""
        usual = f"{name.replace('-', '_')}-{stated}"
        for address, pointer in files:
            if stated and _usual(address, usual):
                continue
            file = file_name(address)
            if contradicts(file, name, stated):
                odd.setdefault(f"{name}@{stated}", (set(), pointer))[0].add(excerpt(file))
    for release, (names, pointer) in odd.items():
        value = " ".join(sorted(names)[:_TOLD])
        at = Place(path, document.line(pointer), excerpt(value))
        yield Setting(path=path, name=f"file-name.{release}", value=value, at=at)


def _usual(address: str, begin: str) -> bool:
    """Tell, in little time, a file that is named as its release is, with nothing to take off or decode."""
    file = address.rpartition("/")[2]
    if not file.startswith(begin) or "?" in address or "#" in address or "%" in address:
        return False
    rest = file[len(begin) :]
    return rest == ".tar.gz" or (rest[:1] == "-" and rest.endswith(".whl"))
