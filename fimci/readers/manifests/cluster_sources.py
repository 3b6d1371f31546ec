"""What a cluster is made of by itself: sources of Flux and of Argo CD.

A controller fetches these again and again and applies what it finds; no lockfile holds a commit or a digest.

    GitRepository              Package   `flux`: its URL and the commit, tag or branch
    OCIRepository              Package   `flux`: its URL, the tag as the version, the digest as its hash
    HelmRepository             Package   `flux`: its URL
    Kustomization of Flux      Package   `flux`: `@` and the source that it applies
    HelmRelease                Package   `flux`: the version of its chart, `@` and the source that it names
    Application(Set)           Package   `argocd`: each source, and what generators read

A release is named after its chart, too, so that another chart is a new dependency.

What is put in when a template is made (`{{ … }}`) is stated by nobody.

https://fluxcd.io/flux/components/ https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from fimci.excerpts import excerpt, without_credentials
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Record
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import settings

FLUX, ARGO = "flux", "argocd"
#: Without one of these there is no such object, and nothing is parsed.
_GROUPS = re.compile(rb"toolkit\.fluxcd\.io/|argoproj\.io/")
_FLUX_GROUPS = ("source.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/", "kustomize.toolkit.fluxcd.io/")
_ARGO_GROUP = "argoproj.io/"
_TEMPLATE = "{{"
#: Where Helm keeps what becomes YAML when values are put in.
_TEMPLATES = re.compile(r"(?:.*/)?templates/.*", re.DOTALL)
#: In order of precedence, and how an origin says so.
_GIT_REFS = (("commit", "rev"), ("name", "ref"), ("semver", "tag"), ("tag", "tag"), ("branch", "branch"))
_FETCHED = {
    "GitRepository": _GIT_REFS,
    "OCIRepository": (("semver", ""), ("tag", "")),
    "HelmRepository": (),
}
#: What a release passes on to its chart: no clients disagree about a source there.
_VALUES = frozenset({"values", "valuesObject", "helm"})
#: Generators within generators.
_NESTED = ("matrix", "merge")
#: Objects of one list, and levels of lists and generators.
_DEEPEST = 8


class _Object(NamedTuple):
    """One object: the file, its document, where in it, and what counts the uses of a name."""

    path: str
    document: Marked
    where: Pointer
    value: Any
    used: Counter[str]

    @property
    def kind(self) -> str:
        return _text(self.value, "kind")

    @property
    def name(self) -> str:
        """Return its namespace, if it says one, and its name."""
        data = self.value.get("metadata")
        parts = [_text(data, "namespace"), _text(data, "name")]
        return "/".join(part for part in parts if part) or "(no name)"

    def line(self, *keys: str | int) -> int:
        return self.document.line((*self.where, *keys))


class _Source(NamedTuple):
    """What an object names: of which ecosystem, called what, from where, and at which revision."""

    ecosystem: str
    name: str
    place: str
    kind: OriginKind
    origin: str
    version: str
    #: The keys behind origin and version.
    at: Pointer
    to: Pointer
    digest: str = ""


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (what makes it one may stand anywhere in it)
    """Want YAML; `read` is silent about what holds no such object."""
    return path.endswith((".yaml", ".yml"))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per source."""
    if _GROUPS.search(data) is None:
        return
    from fimci.marked import yaml  # noqa: PLC0415  (where there is such a file)

    try:
        documents = yaml.load_all(data)
    except Malformed as error:
        # A template of Helm is no YAML until values are put in.
        if _TEMPLATES.fullmatch(path) is None or b"{{" not in data:
            yield unparsed(path, error, "YAML")
        return
    yield from settings.bounded(path, _facts(path, documents))


def _facts(path: str, documents: list[Marked]) -> Iterator[Record]:
    used: Counter[str] = Counter()
    doubled: list[tuple[Pointer, int]] = []
    for document in documents:
        found = list(_objects(_Object(path, document, (), document.value, used), 0))
        for one in found:
            yield from (_package(one, source) for source in _sources(one))
        if found:
            doubled += [one for one in document.duplicates if _VALUES.isdisjoint(one[0])]
    if doubled:
        yield from repeated(path, Marked({}, {}, tuple(doubled)))


def _objects(one: _Object, depth: int) -> Iterator[_Object]:
    """Yield the objects of a document that name sources, those of a list one by one."""
    if not isinstance(one.value, dict) or depth > _DEEPEST:
        return
    items = one.value.get("items")
    if one.kind.endswith("List") and isinstance(items, list):
        for index, item in enumerate(items):
            yield from _objects(one._replace(where=(*one.where, "items", index), value=item), depth + 1)
        return
    group = _text(one.value, "apiVersion")
    if isinstance(one.value.get("spec"), dict) and group.startswith((*_FLUX_GROUPS, _ARGO_GROUP)):
        yield one


def _sources(one: _Object) -> Iterator[_Source]:
    spec = one.value["spec"]
    if not _text(one.value, "apiVersion").startswith(_ARGO_GROUP):
        yield from _of_flux(one, spec)
    elif one.kind == "Application":
        yield from _of_application(one, spec, ("spec",))
    elif one.kind == "ApplicationSet":
        yield from _of_application(
            one, _table(_table(spec, "template"), "spec"), ("spec", "template", "spec")
        )
        yield from _generators(one, spec.get("generators"), ("spec", "generators"), 0)


def _of_flux(one: _Object, spec: dict[str, Any]) -> Iterator[_Source]:
    name, url, ref = f"{one.kind}/{one.name}", _text(spec, "url"), _table(spec, "ref")
    at: Pointer = ("spec", "url")
    if one.kind == "HelmRelease":
        yield from _of_release(spec, name)
    elif one.kind == "Kustomization":
        yield from _referred((name, name), "sourceRef", spec, ("spec",))
    elif one.kind in _FETCHED and url:
        key, said = next(((key, said) for key, said in _FETCHED[one.kind] if _text(ref, key)), ("", ""))
        to: Pointer = ("spec", "ref", key)
        version = _text(ref, key)
        if one.kind == "GitRepository":
            yield _Source(FLUX, name, name, "git", asked(url, said, version), version, at, to)
        else:
            yield _Source(FLUX, name, name, "registry", url, version, at, to, _text(ref, "digest"))


def _of_release(spec: dict[str, Any], name: str) -> Iterator[_Source]:
    """Yield the chart of a release: one of a repository by its name and version, or what a source holds."""
    chart = _table(_table(spec, "chart"), "spec")
    if called := _text(chart, "chart"):
        kind = _text(_table(chart, "sourceRef"), "kind")
        # What lies in a repository of git has a path for a name.
        label = f"{name}/{called}" if kind == "HelmRepository" else name
        yield from _referred((label, name), "sourceRef", chart, ("spec", "chart", "spec"))
    else:
        yield from _referred((name, name), "chartRef", spec, ("spec",))


def _referred(names: tuple[str, str], key: str, holder: dict[str, Any], where: Pointer) -> Iterator[_Source]:
    """Yield what comes from a source that is an object of the cluster: `@KIND/NAMESPACE/NAME`."""
    reference = _table(holder, key)
    parts = [_text(reference, part) for part in ("kind", "namespace", "name")]
    if parts[-1]:
        name, place = names
        origin = "@" + "/".join(part for part in parts if part)
        version = _text(holder, "version")
        kind: OriginKind = "registry" if version else "workspace"
        at: Pointer = (*where, key, "name")
        yield _Source(FLUX, name, place, kind, origin, version, at, (*where, "version"))


def _of_application(one: _Object, spec: dict[str, Any], where: Pointer) -> Iterator[_Source]:
    source, sources = spec.get("source"), spec.get("sources")
    place = f"{one.kind}/{one.name}"
    if isinstance(source, dict):
        yield from _argo(one.name, place, source, (*where, "source"))
    # Of several each is known by its repository, so that a new one does not move the others.
    for index, inner in enumerate(sources if isinstance(sources, list) else ()):
        label = _label(inner)
        yield from _argo(f"{one.name}/{label}", f"{place}/{label}", inner, (*where, "sources", index))


def _generators(one: _Object, found: Any, where: Pointer, depth: int) -> Iterator[_Source]:
    for index, generator in enumerate(found if isinstance(found, list) and depth <= _DEEPEST else ()):
        here: Pointer = (*where, index)
        reading = _table(generator, "git")
        label = _label(reading)
        place = f"{one.kind}/{one.name}/generators/{label}"
        yield from _argo(f"{one.name}/{label}", place, reading, (*here, "git"), "revision")
        for key in _NESTED:
            inner: Pointer = (*here, key, "generators")
            yield from _generators(one, _table(generator, key).get("generators"), inner, depth + 1)


def _label(source: Any) -> str:
    """Return the last part of the address of a repository."""
    return _text(source, "repoURL").rstrip("/").rpartition("/")[2].removesuffix(".git")


def _argo(
    name: str, place: str, source: Any, where: Pointer, key: str = "targetRevision"
) -> Iterator[_Source]:
    url, revision, chart = (_text(source, part) for part in ("repoURL", key, "chart"))
    at: Pointer = (*where, "repoURL")
    to: Pointer = (*where, key)
    if url and chart:
        origin = url if "://" in url else f"oci://{url}"
        yield _Source(ARGO, f"{name}/{chart}", place, "registry", origin, revision, at, to)
    elif url:
        yield _Source(ARGO, name, place, "git", asked(url, "ref", revision), revision, at, to)


def asked(url: str, key: str, revision: str) -> str:
    """Return a URL of a repository with what is asked of it, as lockfiles write it: `URL?tag=v1`."""
    return f"{url}{'&' if '?' in url else '?'}{key}={revision}" if key and revision else url


def _package(one: _Object, source: _Source) -> Package:
    one.used[source.place] += 1
    number = one.used[source.place]
    computed = _TEMPLATE in source.origin
    origin = without_credentials(source.origin)
    algorithm, _, digest = source.digest.partition(":")
    line = one.line(*source.at)
    parts = [("origin", line)]
    if source.version:
        parts.append(("version", one.line(*source.to)))
    if digest:
        parts.append(("integrity", one.line("spec", "ref", "digest")))
    return Package(
        ecosystem=source.ecosystem,
        name=source.name,
        place=f"{one.path}#{source.place}" + (f"[{number}]" if number > 1 else ""),
        stated_by="manifest",
        version=UNSTATED if _TEMPLATE in source.version else source.version or None,
        origin_kind=source.kind,
        origin=UNSTATED if computed else origin,
        integrity=(Digest(algorithm, digest),) if digest else (),
        at=Place(one.path, line, excerpt(f"{source.name} {source.version} {origin}"), tuple(sorted(parts))),
    )


def _table(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: Any, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found.strip() if isinstance(found, str) else ""
