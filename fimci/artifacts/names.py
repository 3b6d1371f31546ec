"""What the name of an artifact's file says: which kind it is, of which release, for which platforms.

https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention
https://packaging.python.org/en/latest/specifications/source-distribution-format/
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from typing import Literal, NamedTuple, TypeAlias

from fimci.names import canonical

Kind: TypeAlias = Literal["wheel", "sdist", "npm", "archive"]

_WHEEL = re.compile(
    r"(?P<name>[^-]+)-(?P<version>[^-]+)(?:-[0-9][^-]*)?-(?P<python>[^-]+)-(?P<abi>[^-]+)-(?P<platform>[^-]+)\.whl",
    re.DOTALL,
)
_SUFFIX = re.compile(r"\.(?:tar\.(?:gz|bz2|xz|zst)|tgz|tar|zip)", re.IGNORECASE)
_SDIST = re.compile(r"(?P<name>.+?)-(?P<version>v?\d[^-]*(?:-\d+)?)", re.DOTALL)
#: Beside these at the top, an archive of sources is meant for a Python index.
_BUILT_FROM = ("pyproject.toml", "setup.py")
#: More than any wheel is for; a name could ask for millions of combinations.
_MOST_TAGS = 10_000


class Named(NamedTuple):
    """What a file's name states; texts are empty where it does not follow the rules of its kind."""

    kind: Kind
    file: str
    name: str = ""
    version: str = ""
    tags: frozenset[str] = frozenset()

    @property
    def pure(self) -> bool:
        """Tell whether a wheel is said to run on any platform."""
        return bool(self.tags) and all(tag.endswith("-none-any") for tag in self.tags)


def named(file: str, paths: Iterable[str]) -> Named:
    """Read the name of a file; `paths` are those of its members, which tell an sdist from other archives."""
    if file.lower().endswith(".whl"):
        return _wheel(file)
    suffix = _SUFFIX.search(file)
    stem = file[: suffix.start()] if suffix is not None and suffix.end() == len(file) else ""
    tops = {path.partition("/")[2] for path in paths if path.count("/") == 1}
    if file.lower().endswith(".tgz") and "package.json" in tops and "PKG-INFO" not in tops:
        return Named("npm", file, stem)
    if stem and ("PKG-INFO" in tops or not tops.isdisjoint(_BUILT_FROM)):
        found = _SDIST.fullmatch(stem)
        if found is None:
            return Named("sdist", file)
        return Named("sdist", file, canonical(found["name"]), release(found["version"]))
    return Named("archive", file)


def _wheel(file: str) -> Named:
    found = _WHEEL.fullmatch(file)
    if found is None:
        return Named("wheel", file)
    tags = expanded(f"{found['python']}-{found['abi']}-{found['platform']}")
    return Named("wheel", file, canonical(found["name"]), release(found["version"]), tags)


def expanded(tag: str) -> frozenset[str]:
    """Return the single tags of a compressed one (`py2.py3-none-any`); none where it is too large."""
    parts = [part.split(".") for part in tag.strip().split("-")]
    number = 1
    for part in parts:
        number *= len(part)
    if len(parts) != 3 or number > _MOST_TAGS:  # noqa: PLR2004  (Python, ABI, platform)
        return frozenset()
    return frozenset("-".join(one) for one in product(*parts))


def release(text: str) -> str:
    """Return a version as it is compared (PEP 440), with `_` for the `-` that file names cannot hold."""
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415  (55 ms)

    try:
        return str(Version(text.replace("_", "-")))
    except InvalidVersion:
        return text
