"""Which releases have a tag in a clone that is at hand: one that is named, or the one that is checked."""

from __future__ import annotations

from typing import NamedTuple

import pygit2

from fimci.errors import UsageError
from fimci.model import UNSTATED, Unstated
from fimci.packages import origins
from fimci.sources import git
from fimci.sources.locator import Locator

_TAGS = "refs/tags/"


def tags(locator: Locator) -> frozenset[str]:
    """Return the names of the tags in a repository. Raises `UsageError` where none is named."""
    if locator.scheme not in {"git", "dir"}:
        raise UsageError(f"{locator} has no tags", "name a clone: --source NAME=git:PATH@REF")
    return _tags(git.open_(locator.path))


def _tags(repository: pygit2.Repository) -> frozenset[str]:
    return frozenset(
        name.removeprefix(_TAGS) for name in repository.listall_references() if name.startswith(_TAGS)
    )


class Own(NamedTuple):
    """The repository that is checked: what it is called (`host/owner/repo`), and its tags."""

    name: str
    tags: frozenset[str]


def own(folder: str) -> Own:
    """Return the repository that a folder is in, by the remote it was cloned from; empty without one."""
    repository = git.open_(folder)
    remote = next((one.url for one in repository.remotes if one.name == "origin"), "")
    named = origins.repository(remote)
    # Without a host, an owner and a repository it is no name, and of a folder no release is.
    return Own(named, _tags(repository)) if named.count("/") >= 2 else Own("", frozenset())  # noqa: PLR2004


def pair(known: frozenset[str], name: str, old: str, new: str) -> tuple[str, str] | tuple[Unstated, Unstated]:
    """Return the tag of each of two releases, empty where one has none.

    A tag is a version with something before it (`v`, `left@`), and what is before the old one counts: in a
    repository of many packages what ends with the name, if there is such a tag. Where the old release has
    none, nobody knows how this project writes tags.
    """
    found = {tag.removesuffix(old) for tag in known if tag.endswith(old)}
    found = {prefix for prefix in found if not prefix or prefix[-1] not in "0123456789."}
    short = name.rpartition("/")[2]
    own = {prefix for prefix in found if prefix.rstrip("v").rstrip("@-_/").endswith(short)} or found
    if not own:
        return UNSTATED, UNSTATED
    tagged = sorted(prefix for prefix in own if prefix + new in known)
    prefix = tagged[0] if tagged else min(own)
    return prefix + old, prefix + new if tagged else ""
