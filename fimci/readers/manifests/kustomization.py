"""`kustomization.yaml`: what is fetched from elsewhere when it is built, and becomes objects of the cluster.

    resources: [github.com/owner/repo//folder?ref=v1]      Package   `kustomize`, named REPO//FOLDER
    resources: [https://host.example/v1/install.yaml]      Package   `kustomize`, named after the file
    helmCharts: [{name, repo, version}]                    Package   `kustomize`

So are components, generators, transformers and the files that generators of ConfigMaps take in.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import OriginKind, Package, Place, Record, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import remote_sources, settings

ECOSYSTEM = "kustomize"
#: Lists of paths and addresses.
_LISTS = (
    *("resources", "bases", "components", "crds", "configurations"),
    *("generators", "transformers", "validators"),
)
#: Generators, whose files may have a name before the address: `NAME=URL`.
_GENERATORS = ("configMapGenerator", "secretGenerator")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the file that kustomize builds a folder by."""
    return path.rpartition("/")[2] in {"kustomization.yaml", "kustomization.yml", "Kustomization"}


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per source that is no path of the repository."""
    from fimci.marked import yaml  # noqa: PLC0415  (where there is such a file)

    try:
        document = yaml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "YAML")
        return
    if isinstance(document.value, dict):
        yield from repeated(path, document, (*_LISTS, *_GENERATORS, "helmCharts"))
        yield from settings.bounded(path, _facts(path, document))


def _facts(path: str, document: Marked) -> Iterator[Record]:
    used: Counter[str] = Counter()
    for where, text in _addresses(document):
        if len(text) > remote_sources.LONGEST and "\n" not in text.strip():
            line = document.line(where)
            yield Unread(path=path, part=text[:80], why="an address longer than any use", line=line)
        found = remote_sources.remote(text)
        if found is not None:
            place = f"{where[0]}/{found.name}"
            used[place] += 1
            label = place if used[place] == 1 else f"{place}[{used[place]}]"
            at = _at(path, document, where, text)
            yield _package((found.name, label), found.kind, found.origin, found.version, at)
    for index, chart in enumerate(document.items("helmCharts")):
        name, repo, version = (_text(chart, key) for key in ("name", "repo", "version"))
        if name and repo:
            at = _at(path, document, ("helmCharts", index, "repo"), f"{name} {version} {repo}")
            yield _package((name, f"helmCharts/{name}"), "registry", repo, version, at)


def _addresses(document: Marked) -> Iterator[tuple[Pointer, str]]:
    for key in _LISTS:
        for index, text in enumerate(document.items(key)):
            if isinstance(text, str):
                yield (key, index), text
    for key in _GENERATORS:
        for index, generator in enumerate(document.items(key)):
            files = generator.get("files") if isinstance(generator, dict) else None
            for number, text in enumerate(files if isinstance(files, list) else ()):
                if isinstance(text, str):
                    name, equals, address = text.partition("=")
                    named = equals and "/" not in name and ":" not in name
                    yield (key, index, "files", number), address if named else text
    for index, patch in enumerate(document.items("patches")):
        if text := _text(patch, "path"):
            yield ("patches", index, "path"), text


def _package(names: tuple[str, str], kind: OriginKind, origin: str, version: str, at: Place) -> Package:
    name, place = names
    return Package(
        ecosystem=ECOSYSTEM,
        name=name,
        place=f"{at.path}#{place}",
        stated_by="manifest",
        version=version or None,
        origin_kind=kind,
        origin=without_credentials(origin),
        integrity=(),
        at=at,
    )


def _at(path: str, document: Marked, where: Pointer, text: str) -> Place:
    line = document.line(where)
    return Place(path, line, excerpt(text), (("origin", line), ("version", line)))


def _text(value: Any, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
