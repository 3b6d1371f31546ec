"""What is in a file: one module per format, listed here and nowhere else.

A reader is a pure function from a path and bytes to records. It opens nothing, runs nothing,
and reports what it cannot parse as `Unread`. What all readers share is in `documents` (files that
are not in their syntax).

The table says which files a reader may want, so that its module is imported when there is such a
file and not before (docs/decisions/readers-on-demand.md).
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from fimci.capabilities.foreign_code import LANGUAGES, NAMES
from fimci.choosing import Table, candidates_of, silence, table
from fimci.readers import called
from fimci.snapshot import Reader

ALL: tuple[Reader, ...] = (
    Reader(
        "agent-configuration",
        2,
        "fimci.readers.manifests.agent_configuration",
        names=called.AGENTS,
        suffixes=(".kiro.hook",),
    ),
    Reader(
        "application-rights",
        2,
        "fimci.readers.manifests.application_rights",
        names=("AndroidManifest.xml",),
        suffixes=(".entitlements", "Info.plist"),
    ),
    Reader("agent-plugins", 1, "fimci.readers.manifests.agent_plugins", names=called.AGENT_PLUGINS),
    Reader(
        "automatic",
        10,
        "fimci.readers.code.automatic",
        names=(*called.AGENTS, *called.EDITOR_SERVERS, *called.GIT_AUTOMATION),
        suffixes=called.AUTOMATIC,
        code=True,
    ),
    Reader(
        "baseline-file",
        2,
        "fimci.readers.manifests.baseline_file",
        begins=(b'{"format":"fimci-baseline/', b"\x28\xb5\x2f\xfd"),  # as it is, or packed
    ),
    Reader("batch", 9, "fimci.readers.code.batch", suffixes=(".bat", ".cmd", ".BAT", ".CMD"), code=True),
    Reader("binding-gyp", 1, "fimci.readers.manifests.binding_gyp", suffixes=(".gyp", ".gypi")),
    Reader("bun", 4, "fimci.readers.locks.bun", names=("bun.lock",)),
    Reader("bun-binary", 1, "fimci.readers.locks.bun_binary", names=("bun.lockb",)),
    Reader("bundle-config", 2, "fimci.readers.manifests.bundle_config", names=("config",)),
    Reader(
        "cargo-config",
        1,
        "fimci.readers.manifests.cargo_config",
        names=("config", "config.toml", "rust-toolchain", "rust-toolchain.toml"),
    ),
    Reader("cargo-toml", 1, "fimci.readers.manifests.cargo_toml", names=("Cargo.toml", "build.rs")),
    Reader("cluster-sources", 1, "fimci.readers.manifests.cluster_sources", suffixes=(".yml", ".yaml")),
    Reader("compose", 1, "fimci.readers.manifests.compose", suffixes=(".yml", ".yaml")),
    Reader("composer-json", 3, "fimci.readers.manifests.composer_json", names=("composer.json",)),
    Reader("configured", 1, "fimci.readers.code.configured", suffixes=(".json",), code=True),
    Reader("conda-lock", 2, "fimci.readers.locks.conda_lock", suffixes=("conda-lock.yml", "conda-lock.yaml")),
    Reader("deno", 2, "fimci.readers.locks.deno", names=("deno.lock",)),
    Reader(
        "deno-json",
        3,
        "fimci.readers.manifests.deno_json",
        names=("deno.json", "deno.jsonc", "import-map.json", "import_map.json"),
    ),
    Reader("disguise", 2, "fimci.readers.binary.disguise", suffixes=called.DISGUISED, code=True),
    Reader(
        "dist-info",
        7,
        "fimci.readers.manifests.dist_info",
        names=("METADATA", "PKG-INFO", "RECORD", "WHEEL", "entry_points.txt"),
    ),
    Reader(
        "dockerfile",
        1,
        "fimci.readers.manifests.dockerfile",
        names=("Containerfile", "Dockerfile", *(f"Dockerfile.{stage}" for stage in called.STAGES)),
        suffixes=called.IMAGES,
    ),
    Reader(
        "editor-configuration",
        2,
        "fimci.readers.manifests.editor_configuration",
        names=called.EDITORS,
        suffixes=(".code-workspace",),
    ),
    Reader(
        "editor-servers",
        1,
        "fimci.readers.manifests.editor_servers",
        names=called.EDITOR_SERVERS,
        suffixes=(".sublime-project",),
    ),
    Reader(
        "embedded",
        14,
        "fimci.readers.code.embedded",
        names=called.RECIPES,
        suffixes=(*called.IMAGES, ".gyp", ".gypi", ".mk", ".yaml", ".yml"),
        code=True,
    ),
    Reader("extension-rights", 2, "fimci.readers.manifests.extension_rights", names=called.EXTENSIONS),
    Reader("flake-nix", 1, "fimci.readers.manifests.flake_nix", names=("flake.nix",)),
    Reader(
        "foreign", 8, "fimci.readers.code.foreign", names=tuple(NAMES), suffixes=tuple(LANGUAGES), code=True
    ),
    Reader("foreign-script", 6, "fimci.readers.code.foreign_script", begins=(b"#!",), code=True),
    Reader("gemfile", 1, "fimci.readers.manifests.gemfile", names=("Gemfile", "gems.rb")),
    Reader("git-automation", 1, "fimci.readers.manifests.git_automation", names=called.GIT_AUTOMATION),
    Reader("gitmodules", 3, "fimci.readers.manifests.gitmodules", names=(".gitmodules",)),
    Reader("go-mod", 1, "fimci.readers.manifests.go_mod", names=("go.mod", "go.work")),
    Reader("gradle-catalog", 1, "fimci.readers.manifests.gradle_catalog", suffixes=(".versions.toml",)),
    Reader("gradle-properties", 1, "fimci.readers.manifests.gradle_properties", names=("gradle.properties",)),
    Reader("gradle-script", 2, "fimci.readers.manifests.gradle_script", suffixes=called.GRADLE),
    Reader("helm-chart", 1, "fimci.readers.manifests.helm_chart", names=called.HELM),
    Reader("hidden-text", 6, "fimci.readers.code.hidden_text", beyond_ascii=True),
    Reader("html", 14, "fimci.readers.code.html", suffixes=called.HTML, code=True),
    Reader(
        "install-commands",
        5,
        "fimci.readers.manifests.install_commands",
        names=("Containerfile", "Dockerfile", "GNUmakefile", "Makefile", "makefile"),
        suffixes=(".Containerfile", ".Dockerfile", ".dockerfile", ".mk", ".sh", ".yaml", ".yml"),
    ),
    Reader(
        "instructed",
        6,
        "fimci.readers.code.instructed",
        names=called.RULES_OF_AGENTS,
        suffixes=(".md", ".mdc", ".toml"),
        code=True,
    ),
    Reader("instructing", 3, "fimci.readers.code.instructing", suffixes=called.INSTRUCTING, code=True),
    Reader(
        "instructions",
        2,
        "fimci.readers.manifests.instructions",
        names=called.RULES_OF_AGENTS,
        suffixes=(".md", ".mdc"),
    ),
    Reader(
        "javascript",
        16,
        "fimci.readers.code.javascript",
        suffixes=(".js", ".cjs", ".mjs", ".jsx", ".ts", ".tsx", ".mts", ".cts"),
        code=True,
    ),
    Reader("javascript-script", 16, "fimci.readers.code.javascript_script", begins=(b"#!",), code=True),
    Reader("jetbrains", 1, "fimci.readers.manifests.jetbrains", suffixes=(".xml",)),
    Reader(
        "keras-model",
        2,
        "fimci.readers.binary.keras_model",
        opening=rb"\x89HDF\r\n\x1a\n",
        or_named=("config.json", "model_config.json"),
        code=True,
        partly=True,
    ),
    Reader("kustomization", 1, "fimci.readers.manifests.kustomization", names=called.KUSTOMIZE),
    Reader(
        "lined", 4, "fimci.readers.code.lined", names=called.LINED, suffixes=called.LINED_ENDINGS, code=True
    ),
    Reader("locks/actions", 2, "fimci.readers.locks.actions_lock", names=("actions.lock",)),
    Reader("locks/cargo", 1, "fimci.readers.locks.cargo", names=("Cargo.lock",)),
    Reader("locks/composer", 4, "fimci.readers.locks.composer", names=("composer.lock",)),
    Reader("locks/flake", 3, "fimci.readers.locks.flake_lock", names=("flake.lock",)),
    Reader("locks/gemfile", 2, "fimci.readers.locks.gemfile_lock", names=("Gemfile.lock", "gems.locked")),
    Reader("locks/go-sum", 1, "fimci.readers.locks.go_sum", names=("go.sum", "go.work.sum")),
    Reader("locks/gradle", 1, "fimci.readers.locks.gradle_lockfile", suffixes=(".lockfile",)),
    Reader(
        "locks/gradle-verification",
        3,
        "fimci.readers.locks.gradle_verification",
        names=("verification-metadata.xml",),
    ),
    Reader("locks/mix", 1, "fimci.readers.locks.mix_lock", names=("mix.lock",)),
    Reader(
        "locks/npm",
        3,
        "fimci.readers.locks.npm",
        names=(".package-lock.json", "npm-shrinkwrap.json", "package-lock.json"),
    ),
    Reader("locks/nuget", 2, "fimci.readers.locks.nuget", suffixes=(".lock.json",)),
    Reader(
        "locks/pnpm",
        4,
        "fimci.readers.locks.pnpm",
        names=(".pnpm-lock.yaml", "lock.yaml", "pnpm-lock.yaml"),
        suffixes=(".yaml",),
    ),
    Reader("locks/cocoapods", 1, "fimci.readers.locks.podfile_lock", names=("Podfile.lock",)),
    Reader("locks/conda-explicit", 1, "fimci.readers.locks.conda_explicit", suffixes=(".txt", ".lock")),
    Reader("locks/pixi", 1, "fimci.readers.locks.pixi_lock", names=("pixi.lock",)),
    Reader("locks/pub", 1, "fimci.readers.locks.pubspec_lock", names=("pubspec.lock",)),
    Reader("locks/swift", 1, "fimci.readers.locks.package_resolved", names=("Package.resolved",)),
    Reader("locks/terraform", 1, "fimci.readers.locks.terraform_lock", names=(".terraform.lock.hcl",)),
    Reader("locks/yarn-berry", 5, "fimci.readers.locks.yarn_berry", names=("yarn.lock",)),
    Reader("locks/yarn-classic", 1, "fimci.readers.locks.yarn_classic", names=("yarn.lock",)),
    Reader("macros", 8, "fimci.readers.code.macros", names=called.AUTOCONF, suffixes=(".m4",), code=True),
    Reader(
        "magic",
        1,
        "fimci.readers.binary.magic",
        head_only=True,
        opening=called.PROGRAM,
        or_named=(".pyc", ".pyo", ".PYC", ".PYO", ".jsc", ".o", ".obj"),
    ),
    Reader("maven-config", 1, "fimci.readers.manifests.maven_config", names=("jvm.config", "maven.config")),
    Reader("maven-pom", 2, "fimci.readers.manifests.maven_pom", names=called.MAVEN),
    Reader(
        "msbuild",
        2,
        "fimci.readers.manifests.msbuild",
        suffixes=(".csproj", ".fsproj", ".props", ".targets", ".vbproj"),
    ),
    Reader("mix-exs", 1, "fimci.readers.manifests.mix_exs", names=("mix.exs",)),
    Reader("native", 3, "fimci.readers.binary.native", begins=called.NATIVE, code=True, partly=True),
    Reader("notebook", 15, "fimci.readers.code.notebook", suffixes=(".ipynb",), code=True),
    Reader("npm-extension", 1, "fimci.readers.manifests.npm_extension", names=called.NPM_EXTENSION),
    Reader("npm-package", 5, "fimci.readers.manifests.npm_package", names=("package.json",), code=True),
    Reader("npmrc", 2, "fimci.readers.manifests.npmrc", names=called.NPM),
    Reader("nuget-config", 1, "fimci.readers.manifests.nuget_config", names=called.NUGET),
    Reader("nuget-packages", 1, "fimci.readers.manifests.nuget_packages", names=called.DOTNET),
    Reader("package-json", 4, "fimci.readers.manifests.package_json", names=("package.json",)),
    Reader("packed", 3, "fimci.readers.binary.packed", begins=called.PACKED, code=True),
    Reader("packed-named", 3, "fimci.readers.binary.packed_named", suffixes=called.PACKED_NAMES, code=True),
    Reader("patch-file", 1, "fimci.readers.manifests.patch_file", suffixes=(".patch",)),
    Reader("pdm", 4, "fimci.readers.locks.pdm", suffixes=(".lock",)),
    Reader("pickle", 2, "fimci.readers.binary.pickled", begins=called.PICKLES, code=True, partly=True),
    Reader("pickle-named", 2, "fimci.readers.binary.pickled_named", suffixes=called.PICKLE_NAMES, code=True),
    Reader("pip-conf", 2, "fimci.readers.manifests.pip_conf", names=called.PIP),
    Reader(
        "pipelines",
        5,
        "fimci.readers.code.pipelines",
        names=called.PIPELINES,
        suffixes=called.KEYED,
        code=True,
    ),
    Reader("pipfile", 1, "fimci.readers.manifests.pipfile", names=("Pipfile",)),
    Reader("pipfile-lock", 2, "fimci.readers.locks.pipfile_lock", names=("Pipfile.lock",)),
    Reader(
        "pnp",
        1,
        "fimci.readers.manifests.pnp",
        names=(".pnp.cjs", ".pnp.data.json", ".pnp.js", ".pnp.loader.mjs"),
    ),
    Reader(
        "pnpmfile",
        2,
        "fimci.readers.manifests.pnpmfile",
        names=(".pnpmfile.cjs", ".pnpmfile.mjs", "pnpmfile.js"),
    ),
    Reader("poetry", 3, "fimci.readers.locks.poetry", names=("poetry.lock",)),
    Reader("podfile", 1, "fimci.readers.manifests.podfile", names=("Podfile",)),
    Reader("placed", 4, "fimci.readers.code.placed", code=True),
    Reader("policy-file", 3, "fimci.readers.manifests.policy_file", names=("fimci.toml", "pyproject.toml")),
    Reader(
        "pre-commit",
        1,
        "fimci.readers.manifests.pre_commit",
        names=(".pre-commit-config.yaml", ".pre-commit-config.yml"),
    ),
    Reader("powershell", 9, "fimci.readers.code.powershell", suffixes=(".ps1", ".psm1", ".PS1"), code=True),
    Reader("pubspec", 1, "fimci.readers.manifests.pubspec", names=called.PUBSPEC),
    Reader("pylock", 3, "fimci.readers.locks.pylock", suffixes=(".toml",)),
    Reader("pyproject", 3, "fimci.readers.manifests.pyproject", names=("pyproject.toml",)),
    Reader(
        "python",
        16,
        "fimci.readers.code.python",
        names=called.PYTHON,
        suffixes=(".py", ".pyw", ".pth"),
        code=True,
    ),
    Reader("python-script", 16, "fimci.readers.code.python_script", begins=(b"#!",), code=True),
    Reader("python-build", 2, "fimci.readers.manifests.python_build", names=("pyproject.toml",), code=True),
    Reader(
        "python-bytecode", 2, "fimci.readers.binary.python_bytecode", suffixes=(".pyc", ".pyo"), code=True
    ),
    Reader("requirements", 2, "fimci.readers.locks.requirements", suffixes=(".txt", ".in", ".lock")),
    Reader(
        "sandbox-rights",
        2,
        "fimci.readers.manifests.sandbox_rights",
        names=called.TAURI,
        suffixes=called.SANDBOXES,
    ),
    Reader("setup-cfg", 1, "fimci.readers.manifests.setup_cfg", names=("setup.cfg",)),
    Reader("setup-py", 1, "fimci.readers.manifests.setup_py", names=("setup.py",)),
    Reader("shebang", 13, "fimci.readers.code.shebang", begins=(b"#!",), code=True),
    Reader(
        "shell",
        14,
        "fimci.readers.code.shell",
        names=called.SHELLED,
        suffixes=(".sh", ".bash", ".zsh", ".ksh", ".command", ".ebuild"),
        code=True,
    ),
    Reader("start-up", 1, "fimci.readers.manifests.start_up", suffixes=(".pth", ".start")),
    Reader(
        "started",
        7,
        "fimci.readers.code.started",
        names=("crontab",),
        suffixes=(".conf", ".cron", ".cron.d", ".crontab", ".desktop", ".plist", ".rules", ".service"),
        code=True,
    ),
    Reader("swift-configuration", 1, "fimci.readers.manifests.swift_configuration", names=called.SWIFT),
    Reader(
        "terraform-modules",
        1,
        "fimci.readers.manifests.terraform_modules",
        names=("terragrunt.hcl",),
        suffixes=called.TERRAFORM,
    ),
    Reader("update-bots", 2, "fimci.readers.manifests.update_bots", names=called.BOTS),
    Reader("uv", 5, "fimci.readers.locks.uv", names=("uv.lock",), suffixes=(".py.lock",)),
    Reader("workload-rights", 2, "fimci.readers.manifests.workload_rights", suffixes=(".yml", ".yaml")),
    Reader("workflow", 1, "fimci.readers.manifests.workflow", suffixes=(".yml", ".yaml")),
    Reader("wrapper-properties", 2, "fimci.readers.manifests.wrapper_properties", names=called.WRAPPERS),
)

#: Those that a baseline asks: all but the readers of code.
PLAIN = tuple(reader for reader in ALL if not reader.code)
#: Those that another machine is asked to send files for: they choose by name, and need not see every file.
NAMED = tuple(reader for reader in PLAIN if reader.names or reader.suffixes)
#: What a recipe says of the readers: each by name and version; and with those of code.
VERSIONS = tuple(f"{reader.name}/{reader.version}" for reader in PLAIN)
CODE_VERSIONS = tuple(f"{reader.name}/{reader.version}" for reader in ALL)
NAMED_VERSIONS = tuple(f"{reader.name}/{reader.version}" for reader in NAMED)


@functools.cache
def of(versions: tuple[str, ...]) -> Callable[[str], tuple[Reader, ...]]:
    """Return what chooses, by a path, among the readers of a recipe: none where those are not today's."""
    among = _table(versions)
    return nobody if among is None else functools.partial(candidates_of, among)


@functools.cache
def silent_of(versions: tuple[str, ...]) -> Callable[[str, bytes], bool]:
    """Return what tells of a name and a content that no reader of a recipe has anything to say.

    Where it does not say so, the readers must be asked.
    """
    among = _table(versions)
    return _silenced if among is None else silence(among)


def candidates(path: str) -> tuple[Reader, ...]:
    """Return those of the readers that a baseline asks which may want a path, by its name."""
    return of(VERSIONS)(path)


def with_code(path: str) -> tuple[Reader, ...]:
    """Return all readers that may want a path, by its name."""
    return of(CODE_VERSIONS)(path)


def nobody(path: str) -> tuple[Reader, ...]:  # noqa: ARG001  (whatever the path is)
    """Choose no reader."""
    return ()


def _silenced(name: str, data: bytes) -> bool:  # noqa: ARG001  (whatever the content is)
    return True


@functools.cache
def _table(versions: tuple[str, ...]) -> Table | None:
    rows = {VERSIONS: PLAIN, NAMED_VERSIONS: NAMED, CODE_VERSIONS: ALL}.get(versions)
    return None if rows is None else table(rows)
