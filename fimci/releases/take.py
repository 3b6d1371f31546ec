"""From locators of releases (`pkg:npm/left@1.0.1`) to snapshots, each taken from the proven archive."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from fimci import sides
from fimci.errors import FimciError, SourceError
from fimci.look import Progress
from fimci.registries.registry import Offered, TamperedError, UnobtainableError
from fimci.releases.obtain import Obtained, Sources, Wanted, alone, obtain, offers, together
from fimci.snapshot import Recipe, Snapshot
from fimci.sources.locator import Locator


class ReleaseError(FimciError):
    """A release cannot be had, or is not what was vouched for: nothing can be said of it."""

    exit_code = 3


def pair(where: Sources, left: Wanted, right: Wanted) -> tuple[Obtained, Obtained]:
    """Obtain both sides of an update, of the same kind. Raises `UnobtainableError`."""
    old, new = together(offers(where, left), offers(where, right))
    return obtain(where, left, old), obtain(where, right, new)


def single(where: Sources, wanted: Wanted) -> Obtained:
    """Obtain a release of which nothing was there before. Raises `UnobtainableError`."""
    return obtain(where, wanted, alone(offers(where, wanted)))


def named(where: Sources, locators: Iterable[Locator]) -> list[Obtained]:
    """Obtain what one or two locators name. Raises `FimciError`."""
    wanted = [asked_for(locator) for locator in locators]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda one: _offers(where, one), wanted))
    alike = len(wanted) == 2 and wanted[0].ecosystem == wanted[1].ecosystem  # noqa: PLR2004  (left and right)
    chosen = together(found[0], found[1]) if alike else [alone(one) for one in found]
    obtained = []
    for one, offered in zip(wanted, chosen, strict=True):
        try:
            obtained.append(obtain(where, one, offered))
        except UnobtainableError as error:
            raise told(one, error) from error
    return obtained


def asked_for(locator: Locator) -> Wanted:
    """Return the release, or the file of one, that a locator names."""
    ecosystem, _, rest = locator.path.partition("/")
    name, _, version = rest.rpartition("@")
    return Wanted(ecosystem, name, version, locator.digests, locator.ref, "the checksum that was named")


def snapshot(found: Obtained, name: str, how: Recipe, progress: Progress | None = None) -> Snapshot:
    """Take a snapshot of an archive in memory, without what is said to its developers."""
    return sides.packed(found.data, found.name, name, how, progress, released=True)


def _offers(where: Sources, wanted: Wanted) -> list[Offered]:
    try:
        return offers(where, wanted)
    except UnobtainableError as error:
        raise told(wanted, error) from error


def told(wanted: Wanted, error: UnobtainableError) -> FimciError:
    """Return the error that says why a release cannot be had, and what to do."""
    what = f"pkg:{wanted.ecosystem}/{wanted.name}@{wanted.version}: {error}"
    if error.gone:
        return SourceError(what, "check the name, the version and the configured registry")
    if isinstance(error, TamperedError):
        return ReleaseError(what, "do not use it before whoever runs the registry has said why")
    if error.forbidden:
        return ReleaseError(what, "if that host may be asked, name it in FIMCI_HOSTS, or `hosts` of a policy")
    return ReleaseError(what, "try again, or without --offline")
