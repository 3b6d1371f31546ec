"""Read the mapping of a standard: which rule, verb and record serves which requirement."""

from __future__ import annotations

import os

import msgspec

#: The standards by the name that `--compliance` takes: each is a file.
NAMES = ("hipaa", "iso-27001", "nist-800-53", "pci-dss", "slsa", "sox")
#: The rules that serve no requirement of any standard, and why.
NONE = {"several-versions": "it informs about a lockfile, and asks nobody to do anything"}
_FOLDER = os.path.join(os.path.dirname(__file__), "mappings")


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One requirement, paraphrased.

    `serves` says what fimci does for it, `missing` what it does not. `every`: at most so many days between
    two runs of its verbs; 0 where the standard speaks of events and not of times. `baseline`: a run counts
    only if it held files against a baseline, for a check of a change in git compares nothing else. `partly`:
    what fimci does is a part of what is asked at most, and is never told without saying so.
    """

    id: str
    asks: str
    serves: str
    missing: str
    verbs: tuple[str, ...]
    records: tuple[str, ...]
    rules: tuple[str, ...]
    every: int = 0
    baseline: bool = False
    partly: bool = False


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A standard: its title, where its text is, and its requirements."""

    title: str
    source: str
    requirement: tuple[Requirement, ...]


def load(name: str) -> Mapping:
    """Return the mapping of a standard. Raises `KeyError` for a name that is none."""
    if name not in NAMES:
        raise KeyError(name)
    import tomli  # noqa: PLC0415  (only for this report)

    with open(os.path.join(_FOLDER, f"{name}.toml"), "rb") as opened:
        return msgspec.convert(tomli.load(opened), Mapping)
