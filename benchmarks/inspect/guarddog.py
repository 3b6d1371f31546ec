"""GuardDog, from the package index into an environment of its own, and what it says of an archive.

Its third major version looks with YARA rules, the second one with rules of semgrep. A local scan runs the
rules about source code alone; those about metadata ask a registry.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.measure import Command, environment

#: Without these a scan tells about itself, and waits for an answer.
_QUIET = ("SEMGREP_SEND_METRICS=off", "SEMGREP_ENABLE_VERSION_CHECK=0")


class Said(NamedTuple):
    """What was said of an archive: the rules that matched, and what was made a risk (from version 3 on)."""

    rules: tuple[str, ...]
    risks: int

    @property
    def threats(self) -> tuple[str, ...]:
        """Return the rules without those that only tell what code can do."""
        return tuple(rule for rule in self.rules if not rule.startswith("capability-"))


def installed(folder: Path, version: str) -> Path:
    """Return the folder of the programs of an environment with that version; it is made if need be."""
    programs = folder / f"guarddog-{version}" / "bin"
    if not (programs / "guarddog").exists():
        subprocess.run((sys.executable, "-m", "venv", programs.parent), check=True, env=environment())
        install = (programs / "python", "-m", "pip", "install", "--quiet", f"guarddog=={version}")
        subprocess.run(install, check=True, env=environment())
    return programs


def scan(programs: Path, ecosystem: str, archive: Path, output: Path) -> Command:
    """Return the scan of an archive, told as JSON."""
    path = f"PATH={programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    words = (str(programs / "guarddog"), ecosystem, "scan", str(archive), "--output-format", "json")
    return Command(("env", path, *_QUIET, *words), output=output)


def said(output: Path) -> Said:
    """Read what a scan has told. Raises `msgspec.DecodeError` where it told nothing."""
    told: dict[str, Any] = msgspec.json.decode(output.read_bytes())
    rules = sorted(rule for rule, found in told.get("results", {}).items() if found)
    return Said(tuple(rules), len(told.get("risks") or ()))
