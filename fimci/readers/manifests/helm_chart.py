"""`Chart.yaml` and `Chart.lock` of Helm, and what they were called before (`requirements.yaml`, `.lock`).

    dependencies:
      - name: left
        repository: https://charts.example      # `oci://…`, `file://../left`, `@name-of-the-machine`, or none
        version: ^1.0.0                         # in the lock: the one that was taken

The lock states no hash of a chart: its `digest` is of both lists alone.

https://helm.sh/docs/topics/charts/#chart-dependencies
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import UNSTATED, OriginKind, Package, Place, Record, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import settings

ECOSYSTEM = "helm"
_LOCKS = ("Chart.lock", "requirements.lock")
_MANIFESTS = ("Chart.yaml", "requirements.yaml")
_FOLDER = "file://"


class _List(NamedTuple):
    """A list of dependencies: of a chart, or of its lock."""

    path: str
    document: Marked
    locked: bool


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want charts and their locks; a list of requirements that is one of Helm shows when it is read."""
    return path.rpartition("/")[2] in (*_LOCKS, *_MANIFESTS)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per dependency; what is doubtful is unread."""
    from fimci.marked import plain_yaml  # noqa: PLC0415  (few repositories hold such a file)

    name = path.rpartition("/")[2]
    try:
        document = plain_yaml.load(data)
    except Malformed as error:
        if name != "requirements.lock":  # pip-tools and others write files of that name
            yield unparsed(path, error, "YAML")
        return
    if isinstance(document.value, dict):
        yield from repeated(path, document, ("dependencies",))
        yield from settings.bounded(path, _facts(path, document, locked=name in _LOCKS))


def _facts(path: str, document: Marked, *, locked: bool) -> Iterator[Record]:
    taken: Counter[str] = Counter()
    for index, one in enumerate(document.items("dependencies")):
        where = ("dependencies", index)
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, str) or not name:
            why = "a dependency without a name"
            yield Unread(path=path, part=f"dependencies[{index}]", why=why, line=document.line(where))
            continue
        taken[name] += 1
        number = f" ({taken[name]})" if taken[name] > 1 else ""
        yield _package(_List(path, document, locked), where, one, f"{name}{number}")


def _package(listed: _List, where: Pointer, one: dict[str, Any], place: str) -> Package:
    path, document, locked = listed
    version = one.get("version") if isinstance(one.get("version"), str) else None
    kind, origin = _origin(one.get("repository"))
    lines = {"origin": "repository", "version": "version"}
    parts = ((fact, document.line((*where, key))) for fact, key in lines.items() if key in one)
    return Package(
        ecosystem=ECOSYSTEM,
        name=one["name"],
        place=f"{path}#{place}",
        stated_by="lock" if locked else "manifest",
        version=version or (UNSTATED if locked else None),
        origin_kind=kind,
        origin=origin,
        at=Place(
            path,
            document.line((*where, "name")),
            excerpt(f"{one['name']} {version or ''} {origin or ''}".rstrip()),
            tuple(sorted(parts)) if locked else (),
        ),
    )


def _origin(repository: Any) -> tuple[OriginKind, str | None]:
    """Return where a chart comes from; without a repository it stands in the folder `charts`."""
    if not isinstance(repository, str) or not repository:
        return "workspace", None
    if repository.startswith(_FOLDER):
        return "directory", repository.removeprefix(_FOLDER)
    return "registry", without_credentials(repository)
