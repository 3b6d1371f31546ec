"""Who asks for whom: the requirements between the packages of lockfiles, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fimci.model import Package
from fimci.packages.releases import Name


def edge(text: str) -> tuple[str, str]:
    """Take `name@range` apart; a scope begins with an `@` of its own, and a range may be missing."""
    at = text.find("@", 1)
    return (text, "") if at < 0 else (text[:at], text[at + 1 :])


def requested(package: Package) -> Name:
    """Return ecosystem and the name under which others ask for a package: its alias, if it has one."""
    return package.ecosystem, package.alias or package.name


def wanted(package: Package) -> set[Name]:
    """Return what a package asks for."""
    return {(package.ecosystem, edge(text)[0]) for text in package.dependencies}


def reached(start: Iterable[Name], asks: Mapping[Name, set[Name]]) -> set[Name]:
    """Return everything that is asked for by what one starts from, itself included."""
    found = set(start)
    waiting = list(found)
    while waiting:
        news = asks.get(waiting.pop(), set()) - found
        found |= news
        waiting.extend(news)
    return found
