"""Which packages a side of the change knows: by name, by release, by file.

The rules about packages ask the same questions: is this name new here, which hashes has this
release had, which hosts has this ecosystem used? They are asked of what lockfiles and manifests
state. Uses of actions and of images have rules of their own; a lock of actions is one like others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias, TypeGuard

from fimci.findings import Severity
from fimci.model import Change, Digest, File, Package, Record, Setting
from fimci.names import UNCHECKED
from fimci.packages.origins import address, home, leaves, npm_tarball, repository
from fimci.printable import cut

#: Ecosystem and name.
Name: TypeAlias = tuple[str, str]

#: Their uses are judged by rules of their own: what a tag names may move there, by design.
_ELSEWHERE = frozenset({"githubactions", "docker"})
#: Have no lockfile: what their manifests say is fetched, each time anew.
FETCHED_ANEW = frozenset({"argocd", "flux", "kustomize", "terraform"})
#: Come from repositories and nowhere else: git submodules, hooks of pre-commit, inputs of Nix, packages of
#: Swift (nearly all of them), and actions. Sources of clusters and modules of Terraform mostly do.
_WITHOUT_REGISTRY = frozenset({"git", "githubactions", "nix", "pre-commit", "swift"})
#: Alike findings up to this number are told one by one, more of them in one.
ONE_BY_ONE = 5
#: Characters of an origin.
_SHOWN = 120


class Known(NamedTuple):
    """What the left side says about packages."""

    #: Statements of lockfiles, by name.
    locked: dict[Name, list[Package]]
    #: Statements of manifests, by name.
    asked: dict[Name, list[Package]]
    #: Files that were there, whether they state packages or not.
    paths: frozenset[str]

    def mentions(self, name: Name) -> bool:
        """Tell whether any lockfile or manifest knows this name."""
        return name in self.locked or name in self.asked


class Hosts(NamedTuple):
    """Where the left side gets its packages from."""

    #: Of the registries that the lockfiles of an ecosystem use.
    used: dict[str, frozenset[str]]
    #: Named by the configuration of package managers.
    configured: frozenset[str]
    #: Those whose tarballs are named `/NAME/-/BASENAME-VERSION.tgz`, and registries of the configuration.
    canonical: frozenset[str]

    def trusted(self, host: str, ecosystem: str) -> bool:
        """Tell whether packages came from this host before."""
        return host in self.used.get(ecosystem, ()) or host in self.configured


def known(before: Iterable[Record]) -> Known:
    """Index what the left side says."""
    entries: dict[Name, list[Package]] = {}
    asked: dict[Name, list[Package]] = {}
    paths: set[str] = set()
    for record in before:
        if isinstance(record, File):
            paths.add(record.path)
        if not stated(record):
            continue
        paths.add(record.at.path)
        statements = entries if record.stated_by == "lock" else asked
        statements.setdefault(named(record), []).append(record)
    return Known(entries, asked, frozenset(paths))


def hosts(before: Iterable[Record]) -> Hosts:
    """Collect the hosts that the left side uses."""
    used: dict[str, set[str]] = {}
    configured: set[str] = set()
    canonical: set[str] = set()
    for record in before:
        if isinstance(record, Setting) and ("registr" in record.name.lower() or "index" in record.name):
            configured.add(address(record.value).host)
            if "registr" in record.name.lower():
                canonical.add(address(record.value).host)
        if not locked(record) or not isinstance(record.origin, str):
            continue
        host = address(record.origin).host
        if host and not leads_away(record):
            used.setdefault(record.ecosystem, set()).add(host)
        if npm_tarball(record.origin) == (record.name, bare_version(record)):
            canonical.add(host)
    sets = {ecosystem: frozenset(found) for ecosystem, found in used.items()}
    return Hosts(sets, frozenset(configured - {""}), frozenset(canonical - {""}))


def altered(changes: Iterable[Change]) -> Iterator[Change]:
    """Leave out what changed in nothing but what neither side states."""
    return (change for change in changes if change.before != change.after)


def stated(record: Record | None) -> TypeGuard[Package]:
    """Tell whether a record is what a lockfile or a manifest says about a package."""
    return (
        isinstance(record, Package)
        and record.stated_by in {"lock", "manifest"}
        and (record.stated_by == "lock" or record.ecosystem not in _ELSEWHERE)
    )


def locked(record: Record | None) -> TypeGuard[Package]:
    """Tell whether a record is an entry of a lockfile."""
    return stated(record) and record.stated_by == "lock"


def copied(package: Package) -> bool:
    """Tell whether this is a lockfile's copy of a manifest: said there already."""
    return "#requires/" in package.place[len(package.at.path) :]


def named(package: Package) -> Name:
    """Return ecosystem and name."""
    return package.ecosystem, package.name


def title(package: Package) -> str:
    """Return `name@version`, or the name alone where no version is stated."""
    if not isinstance(package.version, str):
        return package.name
    return f"{package.name}@{package.version.removeprefix(f'npm:{package.name}@')}"


def hashes(package: Package) -> tuple[Digest, ...]:
    """Return the hashes of a package that are checked; none where it has none or its format states none."""
    stated = package.integrity if isinstance(package.integrity, tuple) else ()
    return tuple(one for one in stated if not one.algorithm.startswith(UNCHECKED))


def bare_version(package: Package) -> str:
    """Return the version as the names of files spell it: without build metadata."""
    return package.version.partition("+")[0] if isinstance(package.version, str) else ""


def leads_away(package: Package) -> bool:
    """Tell whether a package comes from neither a registry nor the tree itself.

    An archive in the tree counts as away: nobody reads it in a review. A folder in it does not.
    """
    if package.origin_kind in {"directory", "link"}:
        return leaves(package.at.path, package.origin)
    return package.origin_kind in {"git", "tarball", "remote", "file"}


def fetched_anew(package: Package) -> bool:
    """Tell whether a manifest alone decides what is fetched: the providers of Terraform have a lock."""
    return package.stated_by == "manifest" and package.ecosystem in FETCHED_ANEW


def from_repositories(package: Package) -> bool:
    """Tell whether it is usual that such a package comes from a repository."""
    return package.ecosystem in _WITHOUT_REGISTRY or fetched_anew(package)


def source(package: Package) -> str:
    """Return where a package that leads away comes from: `git (host/owner/repo)`."""
    origin = package.origin if isinstance(package.origin, str) else ""
    where = {"git": repository, "remote": home}.get(str(package.origin_kind), str)(origin)
    kind = str(package.origin_kind)
    return f"{kind} ({cut(where, _SHOWN)})" if where else kind


def renamed(package: Package, known_hosts: Hosts) -> str:
    """Return the `name@version` that the package's URL spells instead of its own, else nothing.

    Asked only where the host is known to spell the names of its tarballs.
    """
    spelt = npm_tarball(package.origin)
    if spelt is None or spelt == (package.name, bare_version(package)):
        return ""
    return "@".join(spelt) if address(package.origin).host in known_hosts.canonical else ""


def present(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Package]:
    """Yield what the lockfiles of the right side say: what changed, and what did not."""
    return (package for package in said(changes, before) if package.stated_by == "lock")


def said(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Package]:
    """Yield what lockfiles and manifests of the right side say: what changed, and what did not."""
    touched = {change.record.key for change in changes if stated(change.record)}
    yield from (record for record in before if stated(record) and record.key not in touched)
    yield from (change.after for change in changes if stated(change.after))


def vouched(olds: Iterable[Package], new: Package) -> Severity:
    """Grade another source by what vouches for the bytes: a hash that stood before, or one that is new.

    Critical where the hash of the same release is another one, or where there is none any more.
    """
    has = set(hashes(new))
    for old in olds:
        had = set(hashes(old))
        if had and (not has or (old.version == new.version and not had & has)):
            return Severity.CRITICAL
    return Severity.HIGH
