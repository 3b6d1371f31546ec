"""How findings about a release are told: at the line of the lockfile, with the story of how it came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from fimci.findings import Finding, fingerprint, package_url
from fimci.model import Place, Unread
from fimci.printable import cut, plural
from fimci.releases.archives import Ready

#: Characters of a path.
_SHOWN = 120
#: Hours in which a package that is new here is young, and whose age other rules tell themselves.
_YOUNG = 72
_ABOUT_TIME = frozenset({"release-young", "release-dormant"})
_SCRIPT = "install-script-added"


def told(found: Finding, one: Ready, which: str = "") -> Finding:
    """Return a finding as one about the line of the lockfile, with the story of how the package came.

    `which` says of which files of a release it is.
    """
    after = one.upgrade.after
    url = package_url(after)
    shown = found.evidence or found.path == after.at.path or found.path in found.message
    place = "" if shown else f" ({cut(found.path, _SHOWN)})"
    made = msgspec.structs.replace(
        found,
        message=f"{story(one, found.rule)}{which}: {found.message}{place}",
        path=after.at.path,
        line=after.at.part("version"),
        package=url,
        evidence=tuple(
            msgspec.structs.replace(one, path=f"{url}#{one.path}") if one.path != after.at.path else one
            for one in found.evidence
        ),
        content="\n".join((str(after.version), found.path, found.content)),
    )
    return msgspec.structs.replace(made, fingerprint=fingerprint(made))


def story(one: Ready, rule: str) -> str:
    """Say how a package came; of one that is new here also how old it is, and that it runs at installation.

    `left now brings plain 4.2.1, 3 hours old, which runs a script at install`
    """
    after, before, through = one.upgrade.after, one.upgrade.before, one.upgrade.through
    if before is not None:
        return f"{after.name} {before.version} → {after.version}"
    age = one.facts[1].age
    more = ""
    if isinstance(age, int) and age < _YOUNG and rule not in _ABOUT_TIME:
        more = f", {plural(age, 'hour')} old"
    more += ", which runs a script at install" if rule == _SCRIPT else ""
    if through:
        return f"{through} now brings {after.name} {after.version}{more}"
    return f"{after.name} {after.version} is new{more}"


def unread(place: Place, title: str, why: str) -> Unread:
    """Say what of a release could not be looked at, at its line."""
    return Unread(path=place.path, why=why, part=title, line=place.part("version"))


def missed(place: Place, title: str, those: Sequence[Unread]) -> Iterator[Unread]:
    """Yield what could not be read of a release: the first, and how many more."""
    for first in those[:1]:
        more = f", and {plural(len(those) - 1, 'more thing')} in it" if len(those) > 1 else ""
        yield unread(place, title, f"{first.path}: {first.why}{more}")
