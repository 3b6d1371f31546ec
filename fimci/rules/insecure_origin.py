"""A package is downloaded over an unprotected connection, or from a URL that contains credentials.

Over `http:` and `git:` nobody proves who answers: a wireless network, a proxy or a provider can substitute
its own archive. A hash in the lockfile detects that, unless it is missing or was changed as well, and nothing
reveals who saw what is installed where. npm, yarn 1, bun and uv accept such a URL without a message.
Credentials in a URL (`https://user:password@…`) stay in the repository for good, and are sent to wherever
that URL leads.

The same goes for configured package sources (Maven and Gradle repositories, NuGet sources, indexes and
registries): those that were contacted over `https:` before, or have credentials in their URL.

Not reported: a package that came over a plain connection before, or from a host that others used that way;
this machine (`localhost`); an SSH user name (`git@`); and a host that is new as well, which `origin-changed`,
`source-not-registry` and `registry-configuration-changed` report. In 182 real updates of npm and Python
lockfiles there were no findings.

Fix: use `https:`; let whoever installs configure credentials through an environment variable, and change
those that were committed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fimci.findings import Finding, Severity, finding, grouped
from fimci.model import Change, Package, Record, Setting
from fimci.packages.origins import SECURE, address
from fimci.packages.places import schemed
from fimci.packages.places import url as _url_of
from fimci.packages.releases import (
    Hosts,
    Known,
    Name,
    altered,
    copied,
    hosts,
    known,
    named,
    stated,
    title,
)
from fimci.packages.switches import PLACES, objecting
from fimci.printable import listed

SEVERITY = Severity.HIGH
_RULE = "insecure-origin"

_PLAIN = frozenset({"http", "git", "ftp"})
_LOCAL = re.compile(r"(?:localhost|.*\.localhost|127\.[0-9.]+|::1)(?::\d+)?")
#: How readers write credentials down, in URLs whose user is not that of SSH.
_SECRET = re.compile(r"(?:^|[+@ ])(?:https?|ftp|git)://\*\*\*@", re.IGNORECASE)
#: How lockfiles whose entries name an index state where the files themselves come from.
_FILE_HOST = "file-host."
_FILE_CREDENTIALS = "file-credentials."


class _Told(NamedTuple):
    change: Change
    package: Package


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to each host that is asked in the open, whatever the number of packages."""
    changes = list(altered(changes))
    left, in_use = known(before), hosts(before)
    plain = _asked_in_the_open(left)
    spoken: set[Name] = set()
    found: dict[str, list[_Told]] = {}
    # The lockfile speaks before the manifest: what it says is what is fetched.
    for change in sorted(changes, key=_by_manifest):
        package = change.after
        if not stated(package) or copied(package):
            continue
        if named(package) not in spoken and (what := _objection(package, left, in_use, plain)):
            spoken.add(named(package))
            found.setdefault(what, []).append(_Told(change, package))
    for what, alike in found.items():
        yield _about(what, alike)
    told = {address(one.package.origin).host for alike in found.values() for one in alike}
    yield from _files(changes, before, told)
    yield from _places(changes, before, told)


def _about(what: str, alike: Sequence[_Told]) -> Finding:
    names = listed([title(told.package) for told in alike])
    message = f"{names}: {what}" if len(alike) == 1 else f"{len(alike):,} packages: {_of_many(what)}: {names}"
    return grouped(
        [told.change for told in alike], rule=_RULE, severity=SEVERITY, message=message, part="origin"
    )


def _of_many(what: str) -> str:
    return re.sub("^now comes", "now come", re.sub("^its URL has", "their URLs have", what))


def _objection(package: Package, left: Known, in_use: Hosts, plain: frozenset[str]) -> str:
    """Say what is wrong with how a package is fetched, if that is new and no other rule tells it."""
    olds = [*left.locked.get(named(package), ()), *left.asked.get(named(package), ())]
    where = address(package.origin)
    if _secret(package) and not any(_secret(old) and address(old.origin).host == where.host for old in olds):
        return f"its URL has credentials in it ({where.host})"
    if not _in_the_open(package) or where.host in plain:
        return ""
    stood = where.host in {address(old.origin).host for old in olds}
    told = not stood and bool(in_use.used.get(package.ecosystem))
    if told and not in_use.trusted(where.host, package.ecosystem):
        return ""
    return f"now comes over {where.scheme} ({where.host})"


def _in_the_open(package: Package) -> bool:
    where = address(package.origin)
    return where.scheme.rpartition("+")[2] in _PLAIN and _LOCAL.fullmatch(where.host) is None


def _secret(package: Package) -> bool:
    return isinstance(package.origin, str) and _SECRET.search(package.origin) is not None


def _asked_in_the_open(left: Known) -> frozenset[str]:
    packages = (one for names in (left.locked, left.asked) for olds in names.values() for one in olds)
    return frozenset(address(one.origin).host for one in packages if _in_the_open(one))


def _files(changes: Sequence[Change], before: Sequence[Record], told: set[str]) -> Iterator[Finding]:
    """Object to files of a known host that come over http although their index does not, and to secrets."""
    known_hosts = {record.name for record in before if isinstance(record, Setting)}
    for change in changes:
        new, old = change.after, change.before
        if isinstance(new, Setting) and old is None and new.name.startswith(_FILE_CREDENTIALS):
            host = new.name.removeprefix(_FILE_CREDENTIALS)
            if host not in told:
                message = f"URLs of files have credentials in them: {host}"
                yield finding(change, rule=_RULE, severity=SEVERITY, message=message)
        if not isinstance(new, Setting) or not new.name.startswith(_FILE_HOST):
            continue
        host = new.name.removeprefix(_FILE_HOST)
        plain = "http" in new.value.split() and not _LOCAL.fullmatch(host) and host not in told
        if plain and new.name in known_hosts and isinstance(old, Setting) and "http" not in old.value.split():
            message = f"files now come over http: {host}"
            yield finding(change, rule=_RULE, severity=SEVERITY, message=message)


def _places(changes: Sequence[Change], before: Sequence[Record], told: set[str]) -> Iterator[Finding]:
    """Object to places of a configuration that were asked over https, and to secrets in their URLs."""
    schemes = schemed(changes)
    there = {_url_of(record) for record in before if isinstance(record, Setting)}
    for change in changes:
        new = change.after
        if not isinstance(new, Setting) or not _is_place(change, new):
            continue
        old, now = schemes.get(id(change), ("", _url_of(new)))
        where = address(now)
        if where.host in told or _LOCAL.fullmatch(where.host):
            continue
        if address(old).scheme in SECURE and where.scheme in _PLAIN:
            message = f"packages now come over {where.scheme} ({where.host}): {new.name}"
            yield finding(change, rule=_RULE, severity=SEVERITY, message=message)
        if _SECRET.search(now) and now not in there:
            message = f"a URL has credentials in it ({where.host}): {new.name}"
            yield finding(change, rule=_RULE, severity=SEVERITY, message=message)


def _is_place(change: Change, new: Setting) -> bool:
    """Tell whether packages come from what a setting names, and that is new."""
    old = change.before.value if isinstance(change.before, Setting) else None
    switch = objecting(new.name, old, new.value)
    return switch is not None and switch.what in PLACES and bool(_url_of(new))


def _by_manifest(change: Change) -> bool:
    return isinstance(change.record, Package) and change.record.stated_by == "manifest"
