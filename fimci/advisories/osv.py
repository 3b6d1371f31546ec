"""One record of OSV, as far as it is needed to tell whether it is about a package, and what to say of it.

Source: the OSV schema, 1.7 (https://ossf.github.io/osv-schema/). What is unknown there is skipped here.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fimci.names import canonical

#: Bytes of one record.
LIMIT = 16 << 20
#: Ecosystems of OSV as package URLs call them.
ECOSYSTEMS = {
    "crates.io": "cargo",
    "GitHub Actions": "githubactions",
    "Go": "golang",
    "Maven": "maven",
    "npm": "npm",
    "NuGet": "nuget",
    "Packagist": "composer",
    "PyPI": "pypi",
    "RubyGems": "gem",
}
_IN_LOWER_CASE = frozenset({"composer", "githubactions", "nuget"})


class Named(msgspec.Struct, frozen=True):
    """A package, by the names that its ecosystem uses."""

    ecosystem: str = ""
    name: str = ""


class Range(msgspec.Struct, frozen=True):
    """What is meant from which version to which; `events` are objects of one key each."""

    type: str = ""
    events: tuple[dict[str, str], ...] = ()


class Graded(msgspec.Struct, frozen=True):
    """A score: a CVSS vector, or the word of a vendor."""

    type: str = ""
    score: str = ""


class Affected(msgspec.Struct, frozen=True):
    """A package, and which of its versions are meant."""

    package: Named | None = None
    ranges: tuple[Range, ...] | None = None
    versions: tuple[str, ...] | None = None
    severity: tuple[Graded, ...] | None = None
    database_specific: Any = None
    ecosystem_specific: Any = None


class Osv(msgspec.Struct, frozen=True):
    """A record."""

    id: str
    modified: str
    withdrawn: str | None = None
    aliases: tuple[str, ...] | None = None
    summary: str | None = None
    affected: tuple[Affected, ...] | None = None
    severity: tuple[Graded, ...] | None = None
    database_specific: Any = None


class _Package(msgspec.Struct, frozen=True, gc=False):
    package: Named | None = None


class Outline(msgspec.Struct, frozen=True, gc=False):
    """A record as far as an index needs it."""

    id: str
    modified: str
    withdrawn: str | None = None
    affected: tuple[_Package, ...] | None = None

    def names(self) -> set[tuple[str, str]]:
        """Return the packages that it names, as `fimci.model.Package` does."""
        if self.withdrawn:
            return set()
        named = (one.package for one in self.affected or ())
        return {name for one in named if one is not None and (name := spelt(one)) is not None}


outline = msgspec.json.Decoder(Outline).decode
record = msgspec.json.Decoder(Osv).decode


def spelt(named: Named) -> tuple[str, str] | None:
    """Return ecosystem and name as package URLs have them; `None` for ecosystems that are not judged."""
    ecosystem = ECOSYSTEMS.get(named.ecosystem.partition(":")[0])
    return (ecosystem, normalised(ecosystem, named.name)) if ecosystem is not None else None


def normalised(ecosystem: str, name: str) -> str:
    """Return a name as it is compared."""
    if ecosystem == "pypi":
        return canonical(name)
    if ecosystem == "maven":
        return name.replace(":", "/")
    if ecosystem == "githubactions":
        name = "/".join(name.split("/")[:2])  # an action in a folder of a repository is released with it
    return name.lower() if ecosystem in _IN_LOWER_CASE else name


def is_malicious(one: Osv) -> bool:
    """Tell whether a record is about malice: by its id (`MAL-`), its origins, or as CWE-506 says."""
    if any(name.startswith("MAL-") for name in (one.id, *(one.aliases or ()))):
        return True
    said = one.database_specific if isinstance(one.database_specific, dict) else {}
    weaknesses = said.get("cwe_ids")
    return "malicious-packages-origins" in said or (isinstance(weaknesses, list) and "CWE-506" in weaknesses)
