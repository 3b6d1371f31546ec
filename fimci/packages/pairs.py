"""Which manifests and lockfiles belong together, one row for each package manager.

A manifest is decided by the lockfile beside it or in a folder above it (workspaces). Clients that
read the same manifest are rivals: where two of them have a lockfile, different people install
different things.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple


class Manager(NamedTuple):
    """A package manager, the manifests it reads, and the lockfiles it writes."""

    name: str
    manifests: tuple[str, ...]
    locks: tuple[str, ...]
    #: Other files that decide what it locks.
    others: tuple[str, ...] = ()
    #: What the names of manifests end with that are anybody's choice.
    endings: tuple[str, ...] = ()


_PYPROJECT = ("pyproject.toml",)
_NODE = ("package.json",)
#: Where Gradle keeps what is of the whole build, below its manifest.
_BELOW = "gradle"
#: Terragrunt writes the modules, and Terraform locks for them.
_MODULES = (".tf", ".tf.json", ".tofu", ".tofu.json", "terragrunt.hcl")
MANAGERS = (
    Manager(
        "npm",
        _NODE,
        ("npm-shrinkwrap.json", "package-lock.json"),
        (".npm-extension.cjs", ".npm-extension.mjs"),
    ),
    Manager("yarn", _NODE, ("yarn.lock",)),
    Manager("pnpm", _NODE, ("pnpm-lock.yaml",), ("pnpm-workspace.yaml", ".pnpmfile.cjs", ".pnpmfile.mjs")),
    Manager("bun", _NODE, ("bun.lock", "bun.lockb")),
    Manager("deno", ("deno.json", "deno.jsonc", *_NODE), ("deno.lock",)),
    Manager("uv", _PYPROJECT, ("uv.lock",)),
    Manager("poetry", _PYPROJECT, ("poetry.lock",)),
    Manager("pdm", _PYPROJECT, ("pdm.lock",)),
    Manager("pip", _PYPROJECT, ("pylock.toml",)),
    Manager("pipenv", ("Pipfile",), ("Pipfile.lock",)),
    Manager("conda-lock", ("environment.yml", "environment.yaml"), ("conda-lock.yml",)),
    Manager("pixi", ("pixi.toml",), ("pixi.lock",)),
    Manager("cargo", ("Cargo.toml",), ("Cargo.lock",)),
    Manager("go", ("go.mod",), ("go.sum",)),
    Manager("bundler", ("Gemfile", "gems.rb"), ("Gemfile.lock", "gems.locked")),
    Manager("composer", ("composer.json",), ("composer.lock",)),
    Manager("nuget", (), ("packages.lock.json",), endings=(".csproj", ".fsproj", ".vbproj")),
    Manager(
        "gradle",
        (),
        ("gradle.lockfile", "verification-metadata.xml"),
        endings=("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"),
    ),
    Manager("nix", ("flake.nix",), ("flake.lock",)),
    Manager("terraform", (), (".terraform.lock.hcl",), endings=_MODULES),
    Manager("mix", ("mix.exs",), ("mix.lock",)),
    Manager("pub", ("pubspec.yaml",), ("pubspec.lock",)),
    Manager("swift", ("Package.swift",), ("Package.resolved",)),
    Manager("cocoapods", ("Podfile",), ("Podfile.lock",)),
    Manager("helm", ("Chart.yaml", "requirements.yaml"), ("Chart.lock",)),
    Manager("gh", (), ("actions.lock",)),
)

_OF_LOCK = {lock: manager for manager in MANAGERS for lock in manager.locks}
#: The names of all lockfiles.
LOCKS = tuple(_OF_LOCK)
#: What the names of manifests end with that are there though no package may be stated in them.
SILENT = (
    *("flake.nix", "Package.swift", "Chart.yaml", "pixi.toml"),
    *(ending for manager in MANAGERS for ending in manager.endings),
)


_NAMES = frozenset(
    name for manager in MANAGERS for name in (*manager.manifests, *manager.locks, *manager.others)
)
#: Files that say from where, and how strictly, package managers fetch.
_SETTINGS = frozenset((
    ".npmrc", ".yarnrc", ".yarnrc.yml", "bunfig.toml", "pip.conf", "pip.ini", "pnpm-workspace.yaml",
    "poetry.toml", "uv.toml",
))  # fmt: skip
_REQUIREMENTS = ("requirement", "constraint")


def is_of_packages(path: str) -> bool:
    """Tell whether a file decides which packages are installed: manifest, lockfile, settings of a client."""
    name = path.rpartition("/")[2]
    if name in _NAMES or name in _SETTINGS or (name.startswith("pylock.") and name.endswith(".toml")):
        return True
    return name.endswith((".txt", ".in")) and any(word in path.lower() for word in _REQUIREMENTS)


def groups() -> Iterator[frozenset[str]]:
    """Yield the names of files that are judged together: all that share a manifest, rivals included."""
    left = list(MANAGERS)
    while left:
        first = left.pop(0)
        names = {*first.manifests, *first.locks, *first.others}
        while alike := [other for other in left if names & {*other.manifests}]:
            names.update(name for other in alike for name in (*other.manifests, *other.locks, *other.others))
            left = [other for other in left if other not in alike]
        yield frozenset(names)


def manager_of(path: str) -> Manager | None:
    """Return the package manager that writes a lockfile of this name."""
    return _OF_LOCK.get(path.rpartition("/")[2])


def manifests_of(lock: str) -> tuple[str, ...]:
    """Return the paths where the manifest of a lockfile may stand, beside it."""
    manager = manager_of(lock)
    return tuple(beside(lock, name) for name in manager.manifests) if manager is not None else ()


def home(lock: str) -> str:
    """Return the folder where a manifest stands whose name is anybody's choice."""
    folder = lock.rpartition("/")[0]
    above, _, name = folder.rpartition("/")
    return above if name == _BELOW else folder


def is_project(path: str, lock: str) -> bool:
    """Tell whether this is such a manifest, by its name, of the package manager that writes a lockfile."""
    manager = manager_of(lock)
    return manager is not None and path.endswith(manager.endings)


def rivals_of(lock: str) -> Iterator[tuple[Manager, str]]:
    """Yield the other lockfiles that would decide the same manifest, with who writes them."""
    mine = manager_of(lock)
    if mine is None:
        return
    for other in MANAGERS:
        if set(other.manifests) & set(mine.manifests):
            yield from ((other, beside(lock, name)) for name in other.locks if beside(lock, name) != lock)


def locks_of(manifest: str, there: Container[str]) -> tuple[str, ...]:
    """Return the lockfiles, of those that are there, that decide a manifest: in the nearest folder."""
    folder, _, name = manifest.rpartition("/")
    locks = [lock for manager in MANAGERS if name in manager.manifests for lock in manager.locks]
    while True:
        prefix = folder + "/" if folder else ""
        found = tuple(prefix + lock for lock in locks if prefix + lock in there)
        if found or not folder:
            return found
        folder = folder.rpartition("/")[0]


def beside(path: str, name: str) -> str:
    """Return the path of another file in the same folder."""
    folder, slash, _ = path.rpartition("/")
    return f"{folder}{slash}{name}"
