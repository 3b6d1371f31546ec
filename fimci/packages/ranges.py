"""Whether a version is within a range, as the client of its ecosystem reads both, where that is sure.

npm's words are judged by `nodesemver`, Python's by `packaging`. What clients mostly write
(`^1.2.3`, `~1.2.3`, `>=1.2.3`) is judged here, in a hundredth of the time. RubyGems and Composer have small
languages of their own, of which the plain part is read; NuGet's bare version is the least that fits.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fimci.packages.versions import older

#: No range that a person writes is longer; the time to parse one grows faster than its length.
LONGEST = 100
_RELEASE = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)
_USUAL = re.compile(r"(\^|~|>=|=|)\s*v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)
_COMPARATOR = re.compile(r"\s*(~>|>=|<=|!=|>|<|==?)?\s*([0-9A-Za-z.\-]+)\s*", re.ASCII)
#: What nodesemver reads as others mean it, too; what it does not know, it would skip.
_WORD = re.compile(r"[\^~<>=]{0,2}v?[\dxX*][\w.*+-]*|\|\||-", re.ASCII)
_GAP = re.compile(r"([<>=^~])\s+")
_CARET = re.compile(r"\^0\.(\d{1,9})\.\d{1,9}\S*", re.ASCII)
_ADDRESS = re.compile(r"[:/#@]")
_NUMBERS = re.compile(r"v?\d+(?:\.\d+)*", re.ASCII)
_BRACKETS = re.compile(r"([\[(])\s*([^,\])]*?)\s*(?:(,)\s*([^\])]*?)\s*)?([\])])")
_CACHED = 20_000


def is_usual(wanted: str) -> bool:
    """Tell whether a range takes no time to judge."""
    return _USUAL.fullmatch(wanted) is not None


@lru_cache(_CACHED)
def fits(ecosystem: str, version: str, wanted: str) -> bool | None:
    """Tell whether a version is within a range; `None` where nobody here can tell."""
    if max(len(version), len(wanted)) > LONGEST or not wanted.strip():
        return None
    try:
        judge = _JUDGES.get(ecosystem)
        return judge(version, wanted.strip()) if judge is not None else None
    except (ValueError, RecursionError):
        return None


def _npm(version: str, wanted: str) -> bool | None:
    usual, release = _USUAL.fullmatch(wanted), _RELEASE.fullmatch(version)
    if usual is not None and release is not None:
        least = int(usual[2]), int(usual[3]), int(usual[4])
        return _usual(usual[1], least, (int(release[1]), int(release[2]), int(release[3])))
    if _ADDRESS.search(wanted):
        return None  # a URL, a path, another package, a peer; nodesemver would skip what it does not know
    return _by_nodesemver(version, wanted)


def _by_nodesemver(version: str, wanted: str) -> bool | None:
    import nodesemver  # type: ignore[import-untyped]  # noqa: PLC0415  (only where a lock is judged)

    if nodesemver.valid_range(wanted, loose=True) is None or nodesemver.valid(version, loose=True) is None:
        return None
    # A pre-release counts by its place: which ones a client lets in is its own affair.
    return bool(nodesemver.satisfies(version, wanted, loose=True, include_prerelease=True))


def _usual(sign: str, least: tuple[int, int, int], has: tuple[int, int, int]) -> bool:
    if sign in {"", "="}:
        return has == least
    if sign == ">=":
        return has >= least
    # What may change is what stands behind the first number that is not zero.
    same = 2 if sign == "~" else next((at + 1 for at, number in enumerate(least) if number), 3)
    return has >= least and has[:same] == least[:same]


def _python(version: str, wanted: str) -> bool | None:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415  (only where a lock is judged)
    from packaging.version import Version  # noqa: PLC0415  (the same)

    if "^" in wanted or "~" in wanted.replace("~=", "") or set("@[;") & set(wanted):
        return None  # poetry's own words, or those that count at times
    alternatives = [part.strip().strip("()") for part in wanted.split("||")]
    return any(
        part == "*" or SpecifierSet(part).contains(Version(version), prereleases=True)
        for part in alternatives
    )


def _gem(version: str, wanted: str) -> bool | None:
    version = re.split(r"-(?=[a-z])", version)[0]  # without the platform
    found = [_COMPARATOR.fullmatch(part) for part in wanted.split(",")]
    parts = [(part[1] or "=", part[2]) for part in found if part is not None]
    if len(parts) < len(found):
        return None
    return all(_compared("gem", version, *part) for part in parts)


def _compared(ecosystem: str, version: str, sign: str, other: str) -> bool:
    """Hold a version against one comparator of RubyGems or Composer."""
    below, above = older(ecosystem, version, other), older(ecosystem, other, version)
    if sign == "~>":
        return not below and not _beyond(ecosystem, version, other)
    if sign in {"=", "==", "!="}:
        return (not below and not above) == (sign != "!=")
    return {">=": not below, "<=": not above, ">": above, "<": below}[sign]


def _beyond(ecosystem: str, version: str, other: str) -> bool:
    """Tell whether a version is past what `~> other` lets in: the last number but one is raised."""
    numbers = re.match(r"[0-9]+(?:\.[0-9]+)*", other)
    parts = numbers[0].split(".") if numbers is not None else ["0"]
    head = parts[:-1] or parts
    limit = ".".join([*head[:-1], str(int(head[-1]) + 1)])
    return not older(ecosystem, version, limit) and not version.startswith(f"{limit}.a")


def _composer(version: str, wanted: str) -> bool | None:
    if _NUMBERS.fullmatch(version) is None:
        return None  # a branch, or a stability of its own
    alternatives = [_all_of(version.removeprefix("v"), part) for part in re.split(r"\|\|?", wanted)]
    if True in alternatives:
        return True
    return None if None in alternatives else False


def _all_of(version: str, wanted: str) -> bool | None:
    """Judge comparators that must all fit: apart by blanks or commas."""
    text = re.sub(r"([<>=!~^])\s+", r"\1", wanted.strip())
    if " - " in text:
        return None
    fitting = True
    for part in re.split(r"[\s,]+", text):
        found = re.fullmatch(r"(\^|~|>=|<=|!=|<>|>|<|==?|)v?(\d+(?:\.\d+)*)(\.\*)?", part)
        if part == "*":
            continue
        if found is None:
            return None
        fitting = fitting and _of_composer(version, found[1], found[2], wild=bool(found[3]))
    return fitting


def _of_composer(version: str, sign: str, other: str, *, wild: bool) -> bool:
    numbers = other.split(".")
    if wild:
        return (version + ".").startswith(other + ".")
    if sign == "^":
        first = next((at for at, number in enumerate(numbers) if int(number)), len(numbers) - 1)
        limit = ".".join([*numbers[:first], str(int(numbers[first]) + 1)])
        return not older("composer", version, other) and older("composer", version, limit)
    if sign == "~":
        return _compared("composer", version, "~>", other)
    sign = {"": "=", "==": "=", "<>": "!="}.get(sign, sign)
    return _compared("composer", version, sign, other)


def _nuget(version: str, wanted: str) -> bool | None:
    if "*" in wanted:
        return None
    found = _BRACKETS.fullmatch(wanted)
    if found is None:
        return not older("nuget", version, wanted)
    least, most = found[2], found[4] if found[3] else found[2]
    below = bool(least) and (
        older("nuget", version, least) or (found[1] == "(" and not older("nuget", least, version))
    )
    above = bool(most) and (
        older("nuget", most, version) or (found[5] == ")" and not older("nuget", version, most))
    )
    return not below and not above


def _hex(version: str, wanted: str) -> bool | None:
    """Judge a requirement of Elixir: comparators, of which `and` binds closer than `or`."""
    alternatives = [
        [_COMPARATOR.fullmatch(one) for one in re.split(r"\s+and\s+", part)]
        for part in re.split(r"\s+or\s+", wanted)
    ]
    if any(one is None for parts in alternatives for one in parts):
        return None
    return any(
        all(_compared("hex", version, one[1] or "=", one[2]) for one in parts if one is not None)
        for parts in alternatives
    )


def _pub(version: str, wanted: str) -> bool | None:
    """Judge a range of pub in npm's words, which mean the same but for a caret below 0.1."""
    if wanted == "any":
        return True
    parts = _GAP.sub(r"\1", wanted).split()
    carets = ((part, _CARET.fullmatch(part)) for part in parts)
    words = [
        f">={part[1:]} <0.{int(found[1]) + 1}.0-0" if found is not None else part for part, found in carets
    ]
    return _in_words_of_npm(version, " ".join(words))


def _helm(version: str, wanted: str) -> bool | None:
    """Judge a range of Helm: npm's words, with commas between them."""
    return _in_words_of_npm(version, _GAP.sub(r"\1", wanted.replace(",", " ")))


def _in_words_of_npm(version: str, words: str) -> bool | None:
    return _by_nodesemver(version, words) if all(map(_WORD.fullmatch, words.split())) else None


_JUDGES = {
    "npm": _npm,
    "pypi": _python,
    "gem": _gem,
    "composer": _composer,
    "nuget": _nuget,
    "hex": _hex,
    "cocoapods": _gem,
    "pub": _pub,
    "helm": _helm,
}
