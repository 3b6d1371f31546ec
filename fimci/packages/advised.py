"""Findings about packages of which a database knows something."""

from __future__ import annotations

import msgspec

from fimci.findings import Finding, package_url
from fimci.model import Advisory, Package


def about(found: Finding, told: Advisory) -> Finding:
    """Return a finding with the package URL of the release that it is about."""
    package = Package(
        ecosystem=told.ecosystem,
        name=told.name,
        version=told.versions[0],
        place=told.path,
        stated_by="lock",
        at=told.at,
    )
    return msgspec.structs.replace(found, package=package_url(package))
