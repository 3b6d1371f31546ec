"""`conda-meta/*.json`: what conda, mamba and pixi write down of each package that they installed.

The record has every file of the package, in and beside the folder of Python's packages, with the hash that
it has in this prefix: conda writes the prefix into files that have a placeholder for it.
https://docs.conda.io/projects/conda/en/stable/dev-guide/api/conda/models/records/index.html (`PrefixRecord`)
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fimci.excerpts import without_credentials
from fimci.installed.python.distribution import Distribution, listed_faults
from fimci.installed.python.layout import Layout, inside
from fimci.installed.python.metadata import Origin
from fimci.installed.python.record import Fault
from fimci.model import UNSTATED, Digest, File

FOLDER = "conda-meta"
#: In the first prefix of all: packages before they are linked, and other environments.
_OTHERS = ("pkgs/", "envs/")
_HASH = re.compile(r"[0-9a-fA-F]+", re.ASCII)
_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


def is_record(where: Layout, path: str) -> bool:
    """Tell whether a path is that of the record of a package."""
    return path.startswith(inside(where.start, f"{FOLDER}/")) and path.endswith(".json")


def is_other(where: Layout, path: str) -> bool:
    """Tell whether a file in a prefix of conda is of no environment, or of another one."""
    return path.startswith(tuple(inside(where.start, name) for name in _OTHERS))


def packages(
    where: Layout, contents: Mapping[str, bytes], there: Mapping[str, File]
) -> Iterator[Distribution]:
    """Yield the packages whose records are in `contents`, by path; `there` is what is on the disk."""
    for path, data in sorted(contents.items()):
        if is_record(where, path):
            yield _package(where, path, data, there)


def adopted(found: Distribution, owned: Mapping[str, str], there: Mapping[str, File]) -> Distribution:
    """Return a distribution; where conda has its files, only with those that came later (bytecode).

    `owned` are the names of conda's packages by the files that they have.
    """
    describing = (found.info, *(inside(found.info, name) for name in ("METADATA", "PKG-INFO", "RECORD")))
    parent = next((owned[path] for path in describing if path in owned), "")
    if not parent:
        return found
    files = {path: file for path, file in found.files.items() if path not in owned and path in there}
    return found._replace(files=files, parent=parent, faults=())


def _package(where: Layout, path: str, data: bytes, there: Mapping[str, File]) -> Distribution:
    try:
        stated = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        stated = None
    wrong: list[Fault] = []
    if not isinstance(stated, dict):
        wrong.append(Fault("is no record of conda", path, 1))
        stated = {}
    files = {path: File(path=path, size=UNSTATED, mode=None, digest=UNSTATED)}
    for row in _rows(stated):
        file = _file(where, row, there)
        if file is None:
            wrong.append(Fault("names a file outside the environment", _text(row, "_path"), 1))
        else:
            files[file.path] = file
    return Distribution(
        name=_text(stated, "name") or path.rpartition("/")[2].removesuffix(".json"),
        version=_text(stated, "version"),
        site=where.start,
        info=path,
        files=files,
        told=path,
        origin=_origin(stated),
        faults=tuple(listed_faults(path, wrong)),
        ecosystem="conda",
    )


def _rows(stated: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a row for each file; records of old versions of conda have nothing but paths."""
    data = stated.get("paths_data")
    rows = data.get("paths") if isinstance(data, dict) else None
    if isinstance(rows, list) and rows:
        yield from (row for row in rows if isinstance(row, dict))
        return
    names = stated.get("files")
    yield from ({"_path": name} for name in (names if isinstance(names, list) else ()))


def _file(where: Layout, row: Mapping[str, Any], there: Mapping[str, File]) -> File | None:
    """Return what a row states of a file in this prefix; `None`: it is elsewhere."""
    path = _text(row, "_path").replace("\\", "/")
    joined = posixpath.normpath(path)
    if (
        not path
        or "\0" in path
        or joined[0] == "/"
        or joined.split("/")[0] in ("..", ".")
        or ":" in joined[:2]
    ):
        return None
    place = inside(where.start, joined)
    if row.get("path_type") == "softlink":  # its hash is that of the file that it leads to
        found = there.get(place)
        return found if found is not None and found.kind == "link" else File(path=place, kind="link")
    rewritten = bool(row.get("prefix_placeholder"))
    digest = _text(row, "sha256_in_prefix") or ("" if rewritten else _text(row, "sha256"))
    size = row.get("size_in_bytes")
    return File(
        path=place,
        size=size if isinstance(size, int) and size >= 0 and not rewritten and digest else UNSTATED,
        mode=None,
        digest=Digest("sha256", digest.lower()) if _SHA256.fullmatch(digest) else UNSTATED,
    )


def _origin(stated: Mapping[str, Any]) -> Origin:
    """Return where the package came from, and the hashes of its archive."""
    digests = [
        Digest(name, value.lower())
        for name in ("md5", "sha256")
        if _HASH.fullmatch(value := _text(stated, name))
    ]
    url = without_credentials(_text(stated, "url"))
    return Origin("registry", url or UNSTATED, tuple(digests) if digests else UNSTATED)


def _text(stated: Mapping[str, Any], name: str) -> str:
    value = stated.get(name)
    return value if isinstance(value, str) else ""
