"""Which changes of a setting are worth a word: from an old value to a new one (`None`: not there)."""

from __future__ import annotations

import re

from fimci.packages.switches.switch import Judge
from fimci.packages.versions import older

#: Values that switch a setting off.
_NO = frozenset({"false", "none", "null", "no", "0", "off", "", "[]", "{}"})
_LOCAL = re.compile(r"(?:file|link|portal|patch):|\.{1,2}/|/")
_FOREIGN = re.compile(
    r"(?:npm|jsr|git[+:].*|github|gitlab|bitbucket|gist|ssh|https?):|[\w-][\w.-]*/[\w.-]+(?:#|$)"
)
_LOADING = re.compile(r"-(?:javaagent|agentpath|agentlib|Xbootclasspath)\S*|-XX:On\S+|(?<![^\s\"'])@\S+")
_YARN_RELEASE = re.compile(r"(?:\./)?\.yarn/releases/[\w.-]+")


def moved(old: str | None, new: str | None) -> bool:
    """Tell of any other value, and of one that came or went."""
    return old != new


def gained(old: str | None, new: str | None) -> bool:
    """Tell of a value that switches something on, or another one than before."""
    return new is not None and not is_off(new) and new != old


def addressed(old: str | None, new: str | None) -> bool:
    """Tell of a value that has come to name an address, or another one."""
    return new is not None and new != old and "://" in new


def elsewhere(old: str | None, new: str | None) -> bool:
    """Tell of a place that is switched on, or another one than before, and no folder."""
    return gained(old, new) and not (new or "").lower().startswith("file:")


def within(old: str | None, new: str | None) -> bool:
    """Tell of a path, or another one, that is relative: below what is checked out."""
    return new is not None and new != old and new[:1] not in {"", "/", "~", "$", "\\"} and ":" not in new


def appeared(old: str | None, new: str | None) -> bool:
    """Tell of a value that is new or another one, whatever it says."""
    return new is not None and new != old


def came(old: str | None, new: str | None) -> bool:
    """Tell of a value where there was none."""
    return old is None and new is not None


def changed(old: str | None, new: str | None) -> bool:
    """Tell of another value where there was one."""
    return old is not None and new is not None and old != new


def switched(*unsafe: str, lapses: bool = False) -> Judge:
    """Return a judge of a value that turns unsafe or, where it `lapses`, is no longer said to be safe."""

    def judge(old: str | None, new: str | None) -> bool:
        if old is not None and old.lower() in unsafe:
            return False
        return lapses and old is not None if new is None else new.lower() in unsafe

    return judge


def turned(*unsafe: str) -> Judge:
    """Return a judge of a value that was another one and turns unsafe."""
    judge = switched(*unsafe)
    return lambda old, new: old is not None and judge(old, new)


def shortened(old: str | None, new: str | None) -> bool:
    """Tell of an age that a release must have, and that is less now, or nought."""
    before, after = _minutes(old), _minutes(new)
    return after < before or (new is not None and old is None and after == 0)


def less(old: str | None, new: str | None) -> bool:
    """Tell of an age that is less now, where it is said on both sides: what is not there waits for nobody."""
    return old is not None and new is not None and _minutes(new) < _minutes(old)


def sooner(old: str | None, new: str | None) -> bool:
    """Tell of a day after which no release counts, or of an age, that is given up or less.

    A day that moves on is routine, and no day is nought.
    """
    if old is None or old == new:
        return False
    if new is None:
        return True
    before, after = _age(old), _age(new)
    return after is not None and (after < before if before is not None else after == 0)


def broadened(old: str | None, new: str | None) -> bool:
    """Tell whether an index that served only what names it (poetry: `explicit`) now serves any name."""
    return old in {"explicit", "true"} and new != old


def contains(*words: str) -> Judge:
    """Return a judge of a value that has come to contain one of these words."""

    def judge(old: str | None, new: str | None) -> bool:
        had, has = ((value or "").split() for value in (old, new))
        return any(word in has and word not in had for word in words)

    return judge


def lost(*words: str) -> Judge:
    """Return a judge of a value that contained one of these words and does no longer."""
    found = contains(*words)
    return lambda old, new: found(new, old)


def loads(old: str | None, new: str | None) -> bool:
    """Tell of arguments of Java that have come to load code, or other code."""
    before, after = ({*_LOADING.findall(value or "")} for value in (old, new))
    return bool(after - before)


def fewer(old: str | None, new: str | None) -> bool:
    """Tell of `1 of 3` that became `0 of 3`: less of what protects, and more that goes without."""
    before, after = (re.fullmatch(r"(\d+) of (\d+)", value or "") for value in (old, new))
    if before is None or after is None:
        return False
    (had, of), (has, now) = map(int, before.groups()), map(int, after.groups())
    return has < had and now - has > of - had


def _age(value: str) -> float | None:
    """Return an age in minutes (`3 days`, `P1W`, `PT24H`), `None` for a day."""
    found = re.fullmatch(
        r"P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?)?", value.upper()
    )
    if found is not None:
        return sum(float(n or 0) * of for n, of in zip(found.groups(), (10080, 1440, 60, 1), strict=True))
    return None if re.match(r"\d{4}-\d\d", value) else _minutes(value)


def _minutes(value: str | None) -> float:
    found = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(?:([smhdw])\w{0,10})?", (value or "0").lower())
    return float(found[1]) * {"s": 1 / 60, "h": 60, "d": 1440, "w": 10080}.get(found[2], 1) if found else 0


def replaced(old: str | None, new: str | None) -> bool:
    """Tell of another package, a repository or a URL in the place of a package."""
    return new is not None and new != old and bool(_FOREIGN.match(new))


def replaced_locally(old: str | None, new: str | None) -> bool:
    """Tell of a path in the place of a package."""
    return new is not None and new != old and bool(_LOCAL.match(new))


def another_manager(old: str | None, new: str | None) -> bool:
    """Tell a version bump from another program, an address, or a hash that is given up."""
    if new is None or new == old:
        return False
    renamed = old is not None and old.partition("@")[0] != new.partition("@")[0]
    return renamed or "://" in new or (old is not None and "+sha" in old and "+sha" not in new)


def went_back(old: str | None, new: str | None) -> bool:
    """Tell of a release that is older than the one that stood there."""
    return older("gem", new, old)


def other_bytes(old: str | None, new: str | None) -> bool:
    """Tell whether `npm@11.0.0+sha512.HEX` keeps its version and gets another hash of that kind."""
    if old is None or new is None or old == new:
        return False
    (name, plus, one), (other, _, two) = old.partition("+"), new.partition("+")
    return bool(plus) and name == other and one.partition(".")[0] == two.partition(".")[0]


def lifted(old: str | None, new: str | None) -> bool:
    """Tell of a prohibition that is gone or switched off."""
    return old is not None and not is_off(old) and (new is None or is_off(new))


def unlocks(old: str | None, new: str | None) -> bool:
    """Tell whether a command installs without the lockfile now, or runs install scripts."""
    loose = re.compile(r"--(?:no-lock|allow-scripts)\b")
    return new is not None and bool(loose.search(new)) and not loose.search(old or "")


def another_protocol(old: str | None, new: str | None) -> bool:
    """Tell of a protocol in front of ranges that is not yarn's own."""
    return new not in {None, "npm:", old}


def reached_sooner(old: str | None, new: str | None) -> bool:
    """Tell whether a check that ends after some time was given an end, or an earlier one."""
    return new is not None and (old is None or _minutes(new) < _minutes(old))


def other_code(old: str | None, new: str | None) -> bool:
    """Tell code that is new, from an address, or has another hash at its version from an update.

    pnpm 10 writes `1.0.0+sha512-…`, and refuses what has no hash; later releases write the version alone.
    """
    if new is None or old is None or "://" in new:
        return gained(old, new)
    (version, hashed, _), (other, rehashed, _) = old.partition("+"), new.partition("+")
    return bool(hashed and rehashed) and version == other and old != new


def redirected(old: str | None, new: str | None) -> bool:
    """Tell of another module, repository or registry, and not of its next version."""
    if new is None or _LOCAL.match(new):
        return False
    return _target(new) != (_target(old) if old is not None else "")


def _target(value: str) -> str:
    return re.split(r"[?#]" if "://" in value else r"@", value, maxsplit=1)[0]


def commanded(old: str | None, new: str | None) -> bool:
    """Tell of a value that is a command (git: `!command`)."""
    return new is not None and new != old and new.lstrip().startswith("!")


def another_toolchain(old: str | None, new: str | None) -> bool:
    """Tell a release of Go from a build of somebody's own (`go1.22.1-custom`)."""
    return (
        new is not None
        and new != old
        and not re.fullmatch(r"(?:go)?1(?:\.\d+)*(?:(?:rc|beta)\d+)?|default", new)
    )


def without(old: str | None, new: str | None) -> bool:
    """Tell of a value that has come to say that there is no limit."""
    return new == "false" and old != new


def dropped(old: str | None, new: str | None) -> bool:
    """Tell of a setting that is gone."""
    return old is not None and new is None


def not_a_release(old: str | None, new: str | None) -> bool:
    """Tell of a client that is not kept where yarn itself puts its releases."""
    return gained(old, new) and not all(_YARN_RELEASE.fullmatch(value or "") for value in (old, new))


def is_off(value: str) -> bool:
    """Tell whether a value switches its setting off, or is empty."""
    return value.lower() in _NO
