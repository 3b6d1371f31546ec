"""What is in a file: one module per format, listed here and nowhere else.

A reader is a pure function from a path and bytes to records. It opens nothing, runs nothing,
and reports what it cannot parse as `Unread`. What all readers share is in `documents` (files that
are not in their syntax), `excerpts` (evidence without passwords) and `names`.

The table says which files a reader may want, so that its module is imported when there is such a
file and not before (docs/decisions/readers-on-demand.md).
"""

from __future__ import annotations

from fimci.snapshot import Reader

ALL: tuple[Reader, ...] = (
    Reader("baseline-file", 2, "fimci.readers.manifests.baseline_file"),
    Reader(
        "binding-gyp",
        1,
        "fimci.readers.manifests.binding_gyp",
        suffixes=(".gyp", ".gypi"),
    ),
    Reader(
        "dist-info",
        2,
        "fimci.readers.manifests.dist_info",
        names=("METADATA", "PKG-INFO", "RECORD", "WHEEL", "entry_points.txt"),
    ),
    Reader("hidden-text", 1, "fimci.readers.code.hidden_text", beyond_ascii=True),
    Reader("magic", 1, "fimci.readers.binary.magic", head_only=True),
    Reader(
        "locks/npm",
        1,
        "fimci.readers.locks.npm",
        names=(".package-lock.json", "npm-shrinkwrap.json", "package-lock.json"),
    ),
    Reader(
        "npmrc",
        2,
        "fimci.readers.manifests.npmrc",
        names=(".npmrc", ".yarnrc", ".yarnrc.yml", "bunfig.toml", "pnpm-workspace.yaml"),
    ),
    Reader(
        "package-json",
        2,
        "fimci.readers.manifests.package_json",
        names=("package.json",),
    ),
    Reader(
        "pip-conf",
        1,
        "fimci.readers.manifests.pip_conf",
        names=(".pypirc", "pip.conf", "pip.ini", "uv.toml"),
    ),
    Reader(
        "pnp",
        1,
        "fimci.readers.manifests.pnp",
        names=(".pnp.cjs", ".pnp.data.json", ".pnp.js", ".pnp.loader.mjs"),
    ),
    Reader(
        "locks/pnpm",
        1,
        "fimci.readers.locks.pnpm",
        names=(".pnpm-lock.yaml", "lock.yaml", "pnpm-lock.yaml"),
        suffixes=(".yaml",),
    ),
    Reader(
        "pnpmfile",
        1,
        "fimci.readers.manifests.pnpmfile",
        names=(".pnpmfile.cjs", ".pnpmfile.mjs", "pnpmfile.js"),
    ),
    Reader("poetry", 1, "fimci.readers.locks.poetry", names=("poetry.lock",)),
    Reader(
        "policy-file",
        2,
        "fimci.readers.manifests.policy_file",
        names=("fimci.toml", "pyproject.toml"),
    ),
    Reader("pylock", 1, "fimci.readers.locks.pylock", suffixes=(".toml",)),
    Reader("pyproject", 1, "fimci.readers.manifests.pyproject", names=("pyproject.toml",)),
    Reader(
        "requirements",
        1,
        "fimci.readers.locks.requirements",
        suffixes=(".txt", ".in", ".lock"),
    ),
    Reader("uv", 1, "fimci.readers.locks.uv", names=("uv.lock",), suffixes=(".py.lock",)),
    Reader("workflow", 1, "fimci.readers.manifests.workflow", suffixes=(".yml", ".yaml")),
    Reader("locks/yarn-berry", 1, "fimci.readers.locks.yarn_berry", names=("yarn.lock",)),
    Reader("locks/yarn-classic", 1, "fimci.readers.locks.yarn_classic", names=("yarn.lock",)),
)

#: What a recipe says of the readers: each by name and version.
VERSIONS = tuple(f"{reader.name}/{reader.version}" for reader in ALL)
_NAMES = frozenset(name for reader in ALL for name in reader.names)
_SUFFIXES = tuple(suffix for reader in ALL for suffix in reader.suffixes)
#: What the names of files end with that some suffix fits: told apart in no time, as most files are not.
_ENDINGS = frozenset(suffix.rpartition(".")[2] for suffix in _SUFFIXES)
_BY_CONTENT = tuple(reader for reader in ALL if not reader.names and not reader.suffixes)


def candidates(path: str) -> tuple[Reader, ...]:
    """Return the readers that may want a path. Most files are told apart here, in a microsecond."""
    name = path.rpartition("/")[2]
    if name in _NAMES or (name.rpartition(".")[2] in _ENDINGS and name.endswith(_SUFFIXES)):
        return tuple(reader for reader in ALL if reader.may_want(name))
    return _BY_CONTENT
