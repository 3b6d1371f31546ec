"""What a registry says of a release beside its archive: when it was published, by whom, and how.

What is not there is `UNSTATED`. Mirrors trim: of a document in which no version has a field, nobody knows
whether there is none or whether it was taken away. Times that are in no order are those of a mirror, which
states when it took a release up, and so are those without the time at which the package itself was created:
then nobody knows when anything was published.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fimci.model import UNSTATED, Unstated
from fimci.registries import anomalies
from fimci.registries.pypi import file_version, same_version

#: Times of one request are written down one after the other.
_ROUNDED = dt.timedelta(minutes=1)
#: Years in which releases are published.
_FIRST, _LAST = 1970, 9000
_SCRIPTS = ("preinstall", "install", "postinstall")
#: What npm writes into its copy where a package has `binding.gyp` and no script of its own.
_BUILD = "node-gyp rebuild"


class Facts(NamedTuple):
    """The fields of `fimci.model.Release` that a registry can tell, and its copy of the manifest."""

    age: int | Unstated = UNSTATED
    publisher: str | Unstated = UNSTATED
    maintainers: tuple[str, ...] | Unstated = UNSTATED
    provenance: bool | Unstated = UNSTATED
    yanked: bool | Unstated = UNSTATED
    deprecated: str | Unstated = UNSTATED
    quiet: int | Unstated = UNSTATED
    leap: int | Unstated = UNSTATED
    lines: int | Unstated = UNSTATED
    removed: bool | str | Unstated = UNSTATED
    manifest: Mapping[str, Any] | None = None


def npm(body: bytes, version: str, now: dt.datetime) -> Facts:
    """Read what the document of a package says of one version."""
    document = _object(body)
    versions = _table(document, "versions")
    manifest = _table(versions, version)
    if not manifest:
        return Facts(removed=True) if versions else Facts()
    others = [one for one in versions.values() if isinstance(one, dict)]
    publisher = _table(manifest, "_npmUser").get("name")
    maintainers = manifest.get("maintainers")
    stated = _table(document, "time")
    times = _times((one, when) for one, when in stated.items() if one in versions)
    times = times if _own(stated, times) and anomalies.orderly(times) else {}
    then = times.get(version)
    every = {**dict.fromkeys(versions), **times}
    dist = _table(manifest, "dist")
    # Somebody's dist has attestations: then one that has none has none.
    attested = any("attestations" in _table(one, "dist") for one in others)
    deprecated = manifest.get("deprecated")
    return Facts(
        age=_age(then, now),
        quiet=_quiet(then, (when for one, when in times.items() if one != version)),
        leap=anomalies.leap(version, every),
        lines=anomalies.lines(version, every),
        publisher=publisher if isinstance(publisher, str) else UNSTATED,
        maintainers=_names(maintainers) if isinstance(maintainers, list) else UNSTATED,
        provenance="attestations" in dist if attested else UNSTATED,
        deprecated=deprecated if isinstance(deprecated, str) else "",
        removed=False,
        manifest=manifest if any("scripts" in one for one in others) else {**manifest, "scripts": None},
    )


def pypi(body: bytes, files: Iterable[str], now: dt.datetime, version: str = "") -> Facts:
    """Read what the page of a project says of the files of one release."""
    listed = _object(body).get("files")
    every = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    wanted = set(files)
    mine = [one for one in every if one.get("filename") in wanted]
    if not mine:
        listed_ = {file_version(str(one.get("filename"))) for one in every}
        return (
            Facts(removed=True) if version and listed_ and same_version(version) not in listed_ else Facts()
        )
    ages = [age for one in mine if isinstance(age := _age(_when(one.get("upload-time")), now), int)]
    attested = any(one.get("provenance") for one in every)
    times = _times((file_version(str(one.get("filename"))), one.get("upload-time")) for one in every)
    known = {**dict.fromkeys(file_version(str(one.get("filename"))) for one in every), **times}
    name = file_version(str(mine[0]["filename"]))
    others = (_when(one.get("upload-time")) for one in every if one.get("filename") not in wanted)
    return Facts(
        age=max(ages) if ages else UNSTATED,
        quiet=_quiet(times.get(name), (when for when in others if when is not None)),
        provenance=all(one.get("provenance") for one in mine) if attested else UNSTATED,
        yanked=any(one.get("yanked") for one in mine),
        leap=anomalies.leap(name, known),
        lines=anomalies.lines(name, known),
    )


def confused(copy: Mapping[str, Any], archive: bytes) -> tuple[str, ...] | Unstated:
    """Return the facts in which a registry's copy of `package.json` and that of the archive differ."""
    own = _object(archive)
    if not own:
        return UNSTATED
    found = [field for field in ("name", "version") if copy.get(field) != own.get(field)]
    if _needs(copy) != _needs(own):
        found.append("dependencies")
    if copy.get("scripts", {}) is not None:
        told, has = _table(copy, "scripts"), _table(own, "scripts")
        for name in _SCRIPTS:
            built = name == "install" and told.get(name) == _BUILD and name not in has
            if told.get(name) != has.get(name) and not built:
                found.append(f"script {name}")
    return tuple(found)


def _needs(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is installed with a package; npm repeats optional dependencies among the others."""
    return {**_table(manifest, "dependencies"), **_table(manifest, "optionalDependencies")}


def _age(then: dt.datetime | None, now: dt.datetime) -> int | Unstated:
    """Return how many hours ago something was published."""
    return UNSTATED if then is None else max(0, int((now - then).total_seconds() // 3600))


def _own(stated: Mapping[str, Any], times: Mapping[str, dt.datetime]) -> bool:
    """Tell whether a registry states times of its own: then it says since when it has the package, too.

    A mirror that states when it took a release up leaves that out, or has it after releases.
    """
    created = _when(stated.get("created"))
    return created is not None and all(created <= then + _ROUNDED for then in times.values())


def _quiet(then: dt.datetime | None, others: Iterable[dt.datetime]) -> int | Unstated:
    """Return for how many days nothing was published when this was."""
    before = [when for when in others if then is not None and when < then]
    return (then - max(before)).days if then is not None and before else UNSTATED


def _times(stated: Iterable[tuple[str, object]]) -> dict[str, dt.datetime]:
    """Return when each version was published first, as far as that is stated."""
    found: dict[str, dt.datetime] = {}
    for version, text in stated:
        when = _when(text)
        if when is not None:
            found[version] = min(when, found.get(version, when))
    return found


def _when(text: object) -> dt.datetime | None:
    try:
        then = dt.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    # What is far off was made up, and cannot be counted with.
    if not _FIRST <= then.year < _LAST:
        return None
    return then if then.tzinfo is not None else then.replace(tzinfo=dt.timezone.utc)


def _names(maintainers: list[Any]) -> tuple[str, ...]:
    names = (one.get("name") if isinstance(one, dict) else one for one in maintainers[:1000])
    return tuple(sorted({name for name in names if isinstance(name, str)}))


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _table(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = table.get(name)
    return found if isinstance(found, dict) else {}
