"""Obtain a release: what fimci kept, what installers kept, else the registry. Proven before it is read.

A hash that is locked decides, wherever the bytes come from; where none is, the registry's own statement
does. The address that a lockfile states is never asked: the registry that the trusted side or the user
configured is asked for name and version, and its bytes are those of the lockfile or they are refused.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fimci.model import Digest, Package, Place
from fimci.registries import client, kept, npm, npm_clients, npm_settings, packed, pypi, python_settings
from fimci.registries.client import Answer, Client
from fimci.registries.kept import Kept
from fimci.registries.npm_settings import Npm
from fimci.registries.registry import Offered, Registry, TamperedError, UnobtainableError, origin
from fimci.trees import node_caches, python_caches, python_places, wheel_names
from fimci.trees.node_caches import Caches
from fimci.trees.published import whole

#: Kinds of files by what speaks for a release: what its authors wrote, or what most people install.
WRITTEN = ("pure", "sources", "wheel")
INSTALLED = ("pure", "wheel", "sources")
ECOSYSTEMS = ("npm", "pypi")
_NPM = re.compile(r"(?:@[A-Za-z0-9~_-][\w.~-]{0,213}/)?[A-Za-z0-9~_-][\w.~-]{0,213}", re.ASCII)
_PYPI = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,198}[A-Za-z0-9])?", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9][\w.+!-]{0,127}", re.ASCII)
_COMMONEST = re.compile(r"-(?:cp3\d+-(?:cp3\d+|abi3)|py3-none)-(?:many)?linux\w*x86_64")
#: The version of a system in a tag, and further tags of the same system.
_SYSTEM = re.compile(r"(?:_\d+)+(?=_)|(?<=linux)(?:1|2010|2014)(?=_)|\..*")
_ALGORITHMS = frozenset({"sha512", "sha384", "sha256", "sha1"})


class Wanted(NamedTuple):
    """A release, the hashes that vouch for it (those of all its files), and a file of it, if it matters.

    `by` says whose hashes those are.
    """

    ecosystem: str
    name: str
    version: str
    digests: tuple[Digest, ...] = ()
    file: str = ""
    by: str = "the lockfile"


class Obtained(NamedTuple):
    """An archive of a release. `source` says where it is from: `kept`, `npm`, `pip`, or a host."""

    wanted: Wanted
    name: str
    data: bytes
    source: str


class Sources(NamedTuple):
    """Where releases may come from. Without a client nobody is asked."""

    kept: Kept
    client: Client | None
    npm: Npm
    indexes: tuple[Registry, ...]
    node: Caches
    python: python_places.Places


def sources(
    environment: Mapping[str, str],
    project: Mapping[str, bytes] | None = None,
    *,
    offline: bool = False,
    allowed: Iterable[str] = (),
) -> Sources:
    """Read the configuration; `project` has the files of the trusted side, by their names."""
    files = project or {}
    others = npm_clients.stated(files)
    registries = npm_settings.configured(
        environment, [files[name] for name in files if name == ".npmrc"], others
    )
    indexes = tuple(python_settings.configured(environment, files))
    every = (registries.default, *registries.scopes.values(), *indexes)
    hosts = frozenset((*allowed, *environment.get("FIMCI_HOSTS", "").split()))
    silent = offline or client.offline(environment)
    asking = None if silent else client.client(environment, every, hosts)
    return Sources(
        kept.kept(environment),
        asking,
        registries,
        indexes,
        node_caches.caches("", environment),
        python_places.places("", environment),
    )


def offers(where: Sources, wanted: Wanted) -> list[Offered]:
    """Return the files of a release that are vouched for. Raises `UnobtainableError`."""
    name = _NPM if wanted.ecosystem == "npm" else _PYPI
    if wanted.ecosystem not in ECOSYSTEMS or not name.fullmatch(wanted.name):
        raise UnobtainableError(f"{wanted.ecosystem}: {wanted.name[:80]!r} is no name that is asked for")
    if not _VERSION.fullmatch(wanted.version):
        raise UnobtainableError(f"{wanted.version[:80]!r} is no version that is asked for")
    if wanted.ecosystem == "pypi":
        found = _python(where, wanted)
        if wanted.file:
            found = [one for one in found if one.name == wanted.file]
        if not found:
            raise UnobtainableError("the index has no such file of this release", gone=True)
        return found
    digests = comparable(wanted)
    if digests:
        return [Offered(_file(wanted), "", digests)]
    return [_npm(where, wanted)]


def together(
    olds: list[Offered], news: list[Offered], kinds: tuple[str, ...] = WRITTEN
) -> tuple[Offered, Offered]:
    """Choose a file of each side, of the same kind (and platform) where both have one."""
    for kind in kinds:
        mine = {_platform(one.name): one for one in _of(olds, kind)}
        for new in _of(news, kind):
            if _platform(new.name) in mine:
                return mine[_platform(new.name)], new
    return alone(olds, kinds), alone(news, kinds)


def alone(found: list[Offered], kinds: tuple[str, ...] = WRITTEN) -> Offered:
    """Choose the file that says most of a release."""
    return next(one for kind in kinds for one in _of(found, kind))


def _of(found: list[Offered], kind: str) -> list[Offered]:
    """Return the files of a kind: of wheels first those for the commonest machine, then the newest Python."""
    alike = [one for one in found if pypi.kind(one.name) == kind]
    return sorted(alike, key=lambda one: (bool(_COMMONEST.search(one.name)), one.name), reverse=True)


def _platform(file: str) -> str:
    """Return for what a wheel is, without the versions of systems: `cp312-cp312-manylinux-x86-64`."""
    return _SYSTEM.sub("", "-".join(file.split("-")[-3:])) if file.endswith(".whl") else ""


def obtain(where: Sources, wanted: Wanted, offered: Offered) -> Obtained:
    """Return the bytes of a file. Raises `UnobtainableError`, `TamperedError` for bytes that are others."""
    data = where.kept.archive(offered.digests)
    if data is not None:
        return Obtained(wanted, offered.name, data, "kept")
    installer, data = _installers(where, wanted, offered)
    if data is not None:
        return Obtained(wanted, offered.name, data, installer)
    if where.client is None:
        raise UnobtainableError("is in no cache, and nobody is to be asked (offline)")
    if not offered.url and wanted.ecosystem == "npm":
        offered = _npm(where, wanted)._replace(digests=offered.digests)
    found = fetched(where, wanted, offered)
    where.kept.keep(found.data, offered.digests)
    return found


def fetched(where: Sources, wanted: Wanted, offered: Offered) -> Obtained:
    """Return the bytes of a file as its registry serves them. Raises as `obtain` does."""
    if where.client is None:
        raise UnobtainableError("nobody is to be asked (offline)")
    registry = _registry(where, wanted, offered.url)
    answer = client.get(where.client, registry, offered.url, client.ANYTHING)
    body = answer.body
    host = origin(offered.url)[1]
    if answer.packing.endswith("gzip") and not kept.has(body, offered.digests):
        body = packed.unpacked(
            body, kept.LIMIT
        )  # whoever packs an archive once more, though nobody asked for it
    if not kept.has(body, offered.digests):
        fault = packed.fault(body)
        if fault:
            raise UnobtainableError(f"{host} answers with {fault}")
        by = wanted.by if wanted.digests else "the registry's own statement"
        raise TamperedError(f"{host} serves other bytes than {by} vouches for")
    return Obtained(wanted, offered.name, body, host)


def document(where: Sources, wanted: Wanted) -> bytes:
    """Return what the registry says of all releases of a package. Raises `UnobtainableError`."""
    if wanted.ecosystem == "npm":
        registry = where.npm.of(wanted.name)
        return asked(where, registry, npm.document_url(registry, wanted.name), npm.ACCEPT, npm.LIMIT).body
    for index in where.indexes:
        try:
            return asked(where, index, pypi.page_url(index, wanted.name), pypi.ACCEPT, pypi.LIMIT).body
        except UnobtainableError as error:
            if not error.gone:
                raise
    raise UnobtainableError("no index knows this project", gone=True)


def is_home(where: Sources, entry: Package) -> bool:
    """Tell whether a lockfile has a package from a registry that is asked, or from the one that is built in.

    What it does not say is taken for that: clients leave out what they have configured.
    """
    there = origin(entry.origin)[1] if isinstance(entry.origin, str) else ""
    if entry.ecosystem == "npm":
        homes = {origin(where.npm.of(entry.name).url)[1], origin(npm_settings.public())[1]}
    else:
        homes = {origin(one.url)[1] for one in where.indexes} | {origin(python_settings.public())[1]}
    return not there or there in homes


def _registry(where: Sources, wanted: Wanted, url: str) -> Registry:
    if wanted.ecosystem == "npm":
        return where.npm.of(wanted.name)
    here = (one for one in where.indexes if origin(one.url) == origin(url))
    return next(here, where.indexes[0])


def _file(wanted: Wanted) -> str:
    return f"{wanted.name.rpartition('/')[2]}-{wanted.version}.tgz"


def comparable(wanted: Wanted) -> tuple[Digest, ...]:
    """Leave out hashes of something else than the published archive, as yarn 2 and later make them."""
    return tuple(one for one in wanted.digests if one.algorithm in _ALGORITHMS)


def _npm(where: Sources, wanted: Wanted) -> Offered:
    registry = where.npm.of(wanted.name)
    url = npm.manifest_url(registry, wanted.name, wanted.version)
    try:
        answer = asked(where, registry, url, npm.ACCEPT, npm.LIMIT)
        found = npm.manifest(answer.body, wanted.name, wanted.version)
    except UnobtainableError as error:
        if not error.gone:
            raise
        # Some registries know the addresses of packages alone.
        document = asked(where, registry, npm.document_url(registry, wanted.name), npm.ACCEPT, npm.LIMIT)
        found = npm.manifest(document.body, wanted.name, wanted.version)
    return npm.offered(found, wanted.name, wanted.version)


def _python(where: Sources, wanted: Wanted) -> list[Offered]:
    """Return the files of a release, of the first index that knows the project, as far as they are locked."""
    locked = comparable(wanted)
    stated: list[Offered] = []
    for index in where.indexes:
        url = pypi.page_url(index, wanted.name)
        remembered = where.kept.answer(url) if locked else None
        if remembered is not None:
            found = _vouched(pypi.release(_unpacked(remembered), url, wanted.name, wanted.version), locked)
            if found:
                return found
        try:
            answer = asked(where, index, url, pypi.ACCEPT, pypi.LIMIT)
        except UnobtainableError as error:
            if error.gone:
                continue
            raise
        stated = pypi.release(answer, url, wanted.name, wanted.version)
        found = _vouched(stated, locked)
        if stated and not found:
            raise TamperedError(f"no file of the release at its index is vouched for by {wanted.by}")
        return found
    raise UnobtainableError("no index knows this project", gone=True)


def _vouched(found: list[Offered], locked: tuple[Digest, ...]) -> list[Offered]:
    if not locked:
        return [one for one in found if one.digests]
    return [one for one in found if set(one.digests) & set(locked)]


def asked(where: Sources, registry: Registry, url: str, accept: str, limit: int) -> Answer:
    """Ask, and remember what was said; offline, return what was said last."""
    if where.client is None:
        remembered = where.kept.answer(url)
        if remembered is None:
            raise UnobtainableError("is in no cache, and nobody is to be asked (offline)")
        return _unpacked(remembered)
    answer = client.get(where.client, registry, url, accept, limit)
    where.kept.keep_answer(url, answer.kind.encode() + b"\n" + answer.body)
    return answer


def _unpacked(remembered: bytes) -> Answer:
    kind, _, body = remembered.partition(b"\n")
    return Answer(body, kind.decode("ascii", "replace"))


def _installers(where: Sources, wanted: Wanted, offered: Offered) -> tuple[str, bytes | None]:
    """Return an archive that an installer kept, and which one did."""
    if wanted.ecosystem == "npm":
        place = f"{wanted.name}@{wanted.version}"
        entry = Package(
            ecosystem="npm",
            name=wanted.name,
            version=wanted.version,
            place=place,
            stated_by="lock",
            integrity=offered.digests,
            at=Place(place),
        )
        paths = [candidate.path for candidate in node_caches.candidates(entry, where.node)]
    else:
        release = wheel_names.release(wanted.name, wanted.version)
        known = _wheels(where.python).get(release, ())
        paths = [one.path for one in known if one.kind == "wheel"] if offered.name[-4:] == ".whl" else []
    for path in paths:
        data = whole(path, kept.LIMIT)
        if data is not None and kept.has(data, offered.digests):
            return ("npm" if wanted.ecosystem == "npm" else "pip"), data
    return "", None


@functools.lru_cache(maxsize=1)
def _wheels(places: python_places.Places) -> python_caches.Index:
    """List what installers kept, once a run."""
    return python_caches.index(places)
