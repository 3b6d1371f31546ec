"""What a registry says of a release beside its archive: when it was published, by whom, and how.

What is not there is `UNSTATED`. Mirrors trim: of a document in which no version has a field, nobody knows
whether there is none or whether it was taken away.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fimci.model import UNSTATED, Unstated

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
    manifest: Mapping[str, Any] | None = None


def npm(body: bytes, version: str, now: dt.datetime) -> Facts:
    """Read what the document of a package says of one version."""
    document = _object(body)
    versions = _table(document, "versions")
    manifest = _table(versions, version)
    if not manifest:
        return Facts()
    others = [one for one in versions.values() if isinstance(one, dict)]
    publisher = _table(manifest, "_npmUser").get("name")
    maintainers = manifest.get("maintainers")
    times = _table(document, "time")
    dist = _table(manifest, "dist")
    # Somebody's dist has attestations: then one that has none has none.
    attested = any("attestations" in _table(one, "dist") for one in others)
    deprecated = manifest.get("deprecated")
    return Facts(
        age=_age(times.get(version), now),
        quiet=_quiet(times.get(version), (times.get(one) for one in versions if one != version)),
        publisher=publisher if isinstance(publisher, str) else UNSTATED,
        maintainers=_names(maintainers) if isinstance(maintainers, list) else UNSTATED,
        provenance="attestations" in dist if attested else UNSTATED,
        deprecated=deprecated if isinstance(deprecated, str) else "",
        manifest=manifest if any("scripts" in one for one in others) else {**manifest, "scripts": None},
    )


def pypi(body: bytes, files: Iterable[str], now: dt.datetime) -> Facts:
    """Read what the page of a project says of the files of one release."""
    listed = _object(body).get("files")
    every = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    wanted = set(files)
    mine = [one for one in every if one.get("filename") in wanted]
    if not mine:
        return Facts()
    ages = [age for one in mine if isinstance(age := _age(one.get("upload-time"), now), int)]
    attested = any(one.get("provenance") for one in every)
    return Facts(
        age=max(ages) if ages else UNSTATED,
        quiet=_quiet(
            min((str(one["upload-time"]) for one in mine if one.get("upload-time")), default=None),
            (one.get("upload-time") for one in every if one.get("filename") not in wanted),
        ),
        provenance=all(one.get("provenance") for one in mine) if attested else UNSTATED,
        yanked=any(one.get("yanked") for one in mine),
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


def _age(text: object, now: dt.datetime) -> int | Unstated:
    """Return how many hours ago something was published."""
    then = _when(text)
    return UNSTATED if then is None else max(0, int((now - then).total_seconds() // 3600))


def _quiet(text: object, others: Iterable[object]) -> int | Unstated:
    """Return for how many days nothing was published when this was."""
    then = _when(text)
    if then is None:
        return UNSTATED
    before = [when for one in others if (when := _when(one)) is not None and when < then]
    return (then - max(before)).days if before else UNSTATED


def _when(text: object) -> dt.datetime | None:
    try:
        then = dt.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
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
