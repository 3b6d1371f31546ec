"""What of a file is recorded: the closed lists of facts and of profiles, and which path gets which.

A profile is a name with facts added and taken away, as on AIDE's rule lines: `host`,
`host+ctime-mtime`, `log+new+gone`. Rules for paths are tried in their order; the first that
matches decides, and what none takes falls to the profile of the recipe. See docs/profiles.md.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import msgspec

DEFAULT = "repository"
OFF = "off"

#: Hashes of the content that may be recorded beside, or instead of, the recipe's own.
DIGESTS = frozenset({"sha512", "blake2b", "blake3"})
#: What the file system says of a file beyond its kind, size and mode. See `fimci.sources.attributes`.
ATTRIBUTES = frozenset(
    {
        "owner", "group", "mtime", "ctime", "inode", "links", "device", "blocks",
        "xattrs", "acl", "capabilities", "selinux", "flags",
    }
)  # fmt: skip
#: What every file has. `mode` is the portable one, equal in every clone, `permissions` all of it.
BASIC = frozenset({"digest", "size", "mode", "permissions"})
#: What a profile permits: content that only grows, files that come, files that go.
PERMITS = frozenset({"grows", "new", "gone"})
WORDS = BASIC | DIGESTS | ATTRIBUTES | PERMITS

_SECURITY = frozenset({"acl", "xattrs", "capabilities", "selinux", "flags", "device"})
_OWNED = frozenset({"permissions", "owner", "group"})

#: The profiles. Kind and link target are always recorded, and so is that a file is there at all.
PROFILES: Mapping[str, frozenset[str]] = {
    "content": frozenset({"digest", "size"}),
    "repository": frozenset({"digest", "size", "mode"}),
    "host": frozenset({"digest", "size", "mtime", "links"}) | _OWNED | _SECURITY,
    "log": frozenset({"digest", "size", "grows"}) | _OWNED | _SECURITY,
    OFF: frozenset(),
}


class Profile(NamedTuple):
    """A profile that was read: its words, and whether its files are left out altogether."""

    words: frozenset[str]
    off: bool = False


class Step(NamedTuple):
    """What a policy or recipe records otherwise than before: by which setting, and in which direction."""

    name: str
    text: str
    looser: bool


class PathRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is recorded of the paths that a pattern (gitignore syntax, no `!`) matches."""

    pattern: str
    profile: str


def parse(text: str) -> Profile:
    """Read a profile with what is added to it and taken away, from left to right.

    Raises `ValueError` in words for the user.
    """
    name, *changes = re.split(r"(?=[+-])", text)
    if name not in PROFILES:
        raise ValueError(f"no such profile; known are {', '.join(PROFILES)}")
    if name == OFF and changes:
        raise ValueError("nothing is recorded of what is off: use another profile")
    words = set(PROFILES[name])
    for change in changes:
        sign, word = change[0], change[1:]
        if word not in WORDS:
            raise ValueError(f"{word!r} cannot be recorded; known are {', '.join(sorted(WORDS))}")
        (words.add if sign == "+" else words.discard)(word)
    if "grows" in words and not {"digest", "size"} <= words:
        raise ValueError("what grows is checked by size and digest, which are both needed")
    return Profile(frozenset(words), name == OFF)


@functools.lru_cache(maxsize=16)
def chooser(profile: str, rules: tuple[PathRule, ...]) -> Callable[[str], Profile]:
    """Return what gives the profile of a path; that of a folder ends with `/`."""
    otherwise = parse(profile)
    if not rules:
        return lambda _: otherwise
    compiled = [(matcher(rule.pattern), parse(rule.profile)) for rule in rules]

    def choose(path: str) -> Profile:
        return next((profile for matches, profile in compiled if matches(path)), otherwise)

    return choose


def left_out(profile: str, rules: tuple[PathRule, ...]) -> Callable[[str], bool]:
    """Return what tells whether a walk need not look at a path, nor at anything below it.

    A folder that is off is entered all the same where a rule above may want something in it.
    """
    choose = chooser(profile, rules)
    offs = 0
    for rule in rules:
        if not parse(rule.profile).off:
            break
        offs += 1
    first = chooser(DEFAULT, rules[:offs])
    if not any(parse(rule.profile).off for rule in rules):
        return lambda _: False
    return lambda path: choose(path).off and (not path.endswith("/") or first(path).off)


def in_git(rules: tuple[PathRule, ...]) -> tuple[PathRule, ...]:
    """Return the rules where a side is git's: what is off stays off, of the rest git's facts are kept.

    Git states kind, content and a portable mode; recording less of a change would only hide it.
    """
    if all(rule.profile != OFF for rule in rules):
        return ()
    return tuple(
        rule if rule.profile == OFF else PathRule(pattern=rule.pattern, profile=DEFAULT) for rule in rules
    )


def matcher(pattern: str) -> Callable[[str], object]:
    """Return a match of one pattern. Raises `ValueError` where it is none, or takes something back."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415  (50 ms, for rules)

    compiled = GitIgnoreSpecPattern(pattern)
    if compiled.regex is None or not compiled.include:
        raise ValueError("not a pattern that takes anything")
    # A name may hold a newline, and must not escape its rule by that.
    return re.compile(compiled.regex.pattern, re.DOTALL).match


def weaker(new: str, old: str) -> bool:
    """Tell whether one profile remembers less, or permits more, than another."""
    now, was = _strength(new), _strength(old)
    return bool(was - now)


def steps(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Step]:
    """Yield what two policies or recipes record otherwise.

    Both are settings by name: `profile`, `paths.PATTERN` and `paths-order`, with others among
    them. Which files a pattern takes that came or went is not known here, nor what else would take
    them: the worst is assumed.
    """
    was, now = _stated(old), _stated(new)
    for name in sorted(was | now):
        one, other = was.get(name), now.get(name)
        if one != other:
            befores = was.values() if one is None else [one]
            afters = now.values() if other is None else [other]
            looser = any(weaker(after, before) for before in befores for after in afters)
            subject = (
                "what is recorded" if name == "profile" else f"{name.removeprefix('paths.')} is recorded"
            )
            verb = "is" if name == "profile" else "as"
            yield Step(name, f"{subject} {verb} {other or 'by default'}, was {one or 'by default'}", looser)
    first, second = (side.get("paths-order", "").split("\n") for side in (old, new))
    if first != second and sorted(first) == sorted(second):
        yield Step("paths-order", "the patterns of paths are in another order", looser=True)


def _stated(settings: Mapping[str, str]) -> dict[str, str]:
    given = {name: value for name, value in settings.items() if name.startswith("paths.")}
    return {"profile": settings.get("profile", DEFAULT), **given}


def _strength(text: str) -> frozenset[str]:
    """Return what a profile holds fast; one that cannot be read holds nothing."""
    try:
        profile = parse(text)
    except ValueError:
        return frozenset()
    if profile.off:
        return frozenset()
    held = profile.words - PERMITS
    if "permissions" in held:
        held |= {"mode"}
    return held | {f"not {word}" for word in PERMITS - profile.words}
