"""Where one side contradicts itself: a manifest wants what its lockfile does not have.

Drift is derived from the records of one side before the sides are subtracted, so that a
contradiction which was there all along stays silent. One module per client; each is silent
where it is not sure, because a client decides in the end. A module is imported once there is a
file of its client (docs/decisions/readers-on-demand.md).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from fimci.drift.side import collect
from fimci.model import Drift, File, Package, Record


class _Client(NamedTuple):
    """A module in `fimci.drift`, and the names (or their endings) of the files it holds together."""

    name: str
    names: tuple[str, ...]
    suffixes: tuple[str, ...] = ()
    #: Endings of manifests that say nothing without one of the files above.
    beside: tuple[str, ...] = ()

    @property
    def module(self) -> Any:
        return importlib.import_module(f"fimci.drift.{self.name}")


_NPM = ("npm-shrinkwrap.json", "package-lock.json")
_CLIENTS = (
    _Client("actions", ("actions.lock",), beside=(".yml", ".yaml")),
    _Client("bun", ("bun.lock", "package.json")),
    _Client("cargo", ("Cargo.lock", "Cargo.toml")),
    _Client("cocoapods", ("Podfile", "Podfile.lock")),
    _Client("composer", ("composer.lock",), beside=("composer.json",)),
    _Client(
        "copies",
        ("bun.lock", "package.json", "pnpm-lock.yaml", "pyproject.toml", "uv.lock"),
        beside=(".npmrc", ".pnpmfile.cjs", ".pnpmfile.mjs", "pnpm-workspace.yaml", "uv.toml"),
    ),
    _Client("deno", ("deno.lock",)),
    _Client("go", ("go.mod", "go.sum")),
    _Client("helm", ("Chart.lock", "Chart.yaml", "requirements.lock", "requirements.yaml")),
    _Client("mix", ("mix.exs", "mix.lock")),
    _Client("npm", ("package.json", *_NPM)),
    _Client("npm_beside", (".npm-extension.cjs", ".npm-extension.mjs", ".package-lock.json", *_NPM)),
    _Client("pnpm", ("package.json", "pnpm-lock.yaml")),
    _Client("pub", ("pubspec.lock", "pubspec.yaml"), beside=("pubspec_overrides.yaml",)),
    _Client(
        "python",
        ("Pipfile", "Pipfile.lock", "pdm.lock", "poetry.lock", "pylock.toml", "pyproject.toml", "uv.lock"),
    ),
    _Client("requirements", (), (".in", ".txt")),
    _Client("yarn", ("package.json", "yarn.lock")),
)
#: The manifests and lockfiles whose `File` records tell that they are there.
NAMES = frozenset(name for client in _CLIENTS for name in client.names)
#: Lockfiles that decide nothing for those who install a release; `fimci.shipped` leaves out what they say.
_UNHEEDED = frozenset(
    (
        *("bun.lock", "deno.lock", "package-lock.json", "pnpm-lock.yaml", "yarn.lock"),
        *("Pipfile.lock", "pdm.lock", "poetry.lock", "pylock.toml", "uv.lock"),
    )
)
_SUFFIXES = tuple(suffix for client in _CLIENTS for suffix in (*client.suffixes, *client.beside))


def derive(records: Sequence[Record]) -> Iterator[Drift]:
    """Yield every requirement of a manifest that the lockfile beside it does not meet.

    A requirement is told once per lockfile, whatever the number of ways in which it is not met.
    """
    unheeded = _unheeded(records)
    side = collect(
        [r for r in records if not (isinstance(r, File) and r.path in unheeded)] if unheeded else records,
        NAMES,
        _SUFFIXES,
    )
    there = {path.rpartition("/")[2] for path in (*side.files, *side.packages)}
    told = set()
    for client in _CLIENTS:
        if there.isdisjoint(client.names) and not any(name.endswith(client.suffixes) for name in there):
            continue
        for drift in client.module.derive(side):
            if drift.key not in told:
                yield drift
            told.add(drift.key)


def _unheeded(records: Sequence[Record]) -> set[str]:
    """Return the lockfiles of a release of which nothing else is told: no client heeds them."""
    if not any(isinstance(record, Package) and record.stated_by == "artifact" for record in records):
        return set()
    told = {r.at.path if isinstance(r, Package) else r.path for r in records if not isinstance(r, File)}
    files = (record.path for record in records if isinstance(record, File))
    return {path for path in files if path.rpartition("/")[2] in _UNHEEDED and path not in told}
