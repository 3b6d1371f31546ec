"""What is recorded of one path, and which line of the policy says so.

The policy is the one of the folder that the path belongs to, as it stands there: a check takes the
one on the trusted side (docs/decisions/trusted-policy.md), a baseline keeps its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from fimci import patterns, persistence, profiles, rules
from fimci import policy as policies
from fimci.errors import UsageError
from fimci.policy import Policy
from fimci.printable import printable
from fimci.request import named_policy, own
from fimci.sources import git

_ALWAYS = ("kind", "link target")


class _Source(NamedTuple):
    """A policy, and where it stands; no data where it is the built-in one."""

    policy: Policy
    file: str = ""
    data: bytes = b""

    def place(self, *pointer: str | int) -> str:
        return f"{self.file}:{policies.line(self.data, self.file, *pointer)}"


def told(path: str, config: str | None) -> str:
    """Return in a few lines what happens to a path. Raises `UsageError` for one in no folder."""
    full = os.path.abspath(path)
    folder = path.endswith("/") or (os.path.isdir(full) and not os.path.islink(full))
    root = _root(full)
    if full == root:
        raise UsageError(f"{path} is the root itself", "name something in it")
    inside = os.path.relpath(full, root).replace(os.sep, "/") + ("/" if folder else "")
    if inside.startswith("../"):
        raise UsageError(f"{path} is not in {root}", "start in the folder that the policy is for")
    source = _source(root, config)
    lines = [inside, *(f"  {name:9} {text}" for name, text in _facts(inside, full, source))]
    return "\n".join(map(printable, lines)) + "\n"


def _root(full: str) -> str:
    """Return the repository, or else the nearest folder with a policy, or else the current one."""
    above = os.path.dirname(full)
    while not os.path.isdir(above):
        above = os.path.dirname(above)
    found = git.discover(above)
    if found is not None:
        workdir = git.open_(above).workdir
        if workdir is not None:
            return os.path.abspath(workdir)
    here = above
    while here != os.path.dirname(here):
        if any(os.path.isfile(os.path.join(here, name)) for name in policies.FILES):
            return here
        here = os.path.dirname(here)
    current = os.getcwd()
    return current if os.path.commonpath([current, full]) == current else above


def _source(root: str, config: str | None) -> _Source:
    if config is not None:
        named = named_policy(config)
        with open(config, "rb") as opened:
            return _Source(named, config, opened.read())
    for name in policies.FILES:
        file = os.path.join(root, name)
        if os.path.isfile(file):
            data = own(file)
            policy = policies.parse(data, name, rules.pages())
            if policy is not None:
                return _Source(policy, name, data)
    return _Source(Policy())


def _facts(path: str, full: str, source: _Source) -> Iterator[tuple[str, str]]:
    policy = source.policy
    yield "policy", source.file or "none: built-in defaults apply"
    ignored = patterns.deciding(policy.ignore, path)
    if path.startswith(".git/"):
        yield "ignored", "git's own folder always is"
        return
    if ignored is not None and not policy.ignore[ignored].startswith("!"):
        yield "ignored", f"by the pattern {policy.ignore[ignored]} ({source.place('ignore', ignored)})"
        return
    if ignored is not None:
        yield "kept", f"by the pattern {policy.ignore[ignored]} ({source.place('ignore', ignored)})"
    number = next((n for n, rule in enumerate(policy.paths) if profiles.matcher(rule.pattern)(path)), None)
    if number is not None:
        rule = policy.paths[number]
        where = source.place("paths", number, "pattern")
        text = rule.profile
        yield "profile", f"{text}, by the pattern {rule.pattern} ({where}), the first of those that match"
    else:
        text = policy.profile
        whole = f"for all ({source.place('profile')})" if text != profiles.DEFAULT else "the default"
        yield "profile", f"{text}, {whole}{'; no pattern of paths matches' if policy.paths else ''}"
    yield from _words(profiles.parse(text))
    critical = patterns.deciding(policy.critical, path)
    if critical is not None and not policy.critical[critical].startswith("!"):
        yield "critical", f"by the pattern {policy.critical[critical]} ({source.place('critical', critical)})"
    top = full.removesuffix(path)
    tracked = git.discover(top) is not None
    yield from _starts(path, full, source, tracked=tracked)
    if tracked and git.open_(top).path_is_ignored(path):
        yield "git", "ignores it: a check of the repository does not see it, a baseline does"


def _starts(path: str, full: str, source: _Source, *, tracked: bool) -> Iterator[tuple[str, str]]:
    """Tell whether a change to a path is one of what starts by itself, and who says so.

    What is in a repository (`tracked`) is on no machine where a change in git is judged.
    """
    named = source.policy.persistence
    whole = full.strip("/")
    numbers = (patterns.deciding(named, one) for one in ((path, whole) if named else ()))
    number = next((number for number in numbers if number is not None), None)
    if number is not None:
        by = f"by the pattern {named[number]} ({source.place('persistence', number)})"
        taken = named[number].startswith("!")
        yield "starts", f"{'no place that something starts from' if taken else persistence.NAMED}, {by}"
    elif kind := persistence.place(whole):
        when = " in a check against a baseline, and not in one of a change in git" if tracked else ""
        yield "starts", f"{kind}: a change is told by host-persistence-changed{when}"


def _words(profile: profiles.Profile) -> Iterator[tuple[str, str]]:
    if profile.off:
        yield "recorded", "nothing: it is left out"
        return
    permitted = {
        "grows": "its content may grow, what was there stays",
        "new": "it may be added",
        "gone": "it may be removed",
    }
    yield "recorded", ", ".join([*_ALWAYS, *sorted(profile.words - profiles.PERMITS)])
    allowed = [text for word, text in permitted.items() if word in profile.words]
    if allowed:
        yield "permitted", ", ".join(allowed)
    if profile.words.isdisjoint(profiles.DIGESTS | {"digest"}):
        yield "unread", "its content is neither hashed nor shown to the readers"
