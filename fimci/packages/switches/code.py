"""Settings that name code which runs at install, at a build, or at every commit."""

from __future__ import annotations

from fimci.findings import Severity
from fimci.packages.switches.judges import (
    appeared,
    came,
    changed,
    commanded,
    gained,
    loads,
    other_code,
    within,
)
from fimci.packages.switches.switch import Switch

ROWS = (
    # `pnpmfile.digest` is not that setting, but the file itself: `package-manager-changed`.
    Switch(
        r"plugins(?:\[\d+\](?:\.path)?|\..+)|(?:global-?)?pnpmfile(?:\[\d+\]|\.(?!digest$).+)?|globalPnpmfile|extension-file"
        r"|onload-script|(?:test\.)?preload(?:\..+)?",
        "code runs at every install",
        gained,
    ),
    Switch(
        r"npmExtensionHash", "code that ran before the lockfile was made changed", gained, Severity.MEDIUM
    ),
    Switch(r"install\.security\.scanner", "code runs at every install", gained, Severity.MEDIUM),
    Switch(r"(?:pnpm\.)?configDependencies\..+", "code runs at every install", other_code),
    Switch(
        r"(?:pnpm\.)?configDependencies\..+",
        "another release of code that runs at every install",
        changed,
        Severity.LOW,
    ),
    Switch(
        r"script-?shell|scriptShell|node-?options|nodeOptions|git|shell|node-gyp|(?:(?:global|install)\.)?python|run\.shell",
        "another program runs scripts",
        gained,
    ),
    Switch(r"init-?module|editor|viewer", "something else runs with the client", gained, Severity.MEDIUM),
    Switch(r"gradle\.apply\..+", "code runs at every build", gained),
    Switch(r"(?:maven\.extensions|msbuild\.sdk)\..+", "code runs at every build", came, Severity.MEDIUM),
    Switch(r"maven\.commands\..+", "a command runs at every build", appeared, Severity.MEDIUM),
    Switch(r"org\.gradle\.jvmargs|mvn\.jvm", "code runs at every build", loads, Severity.HIGH),
    Switch(r"org\.gradle\.java\.home", "another program runs at every build", within),
    Switch(
        r"injectEnvironmentFiles\..+",
        "variables of a file reach every script",
        gained,
        Severity.MEDIUM,
    ),
    Switch(r"build-system\.build-backend", "another backend builds the project", changed, Severity.MEDIUM),
    Switch(
        r"build-system\.backend-path\..+|tool\.hatch\.(?:build|metadata)(?:\..+)?\.hooks\.custom(?:\..+)?"
        r"|tool\.setuptools\.cmdclass\..+|tool\.poetry\.build(?:\.script)?|tool\.pdm\.build\.(?:custom-hook|run-setuptools)"
        r"|global\.command_packages",
        "code of the repository runs while it is built",
        appeared,
        Severity.MEDIUM,
    ),
    Switch(
        r"build\.(?:rustc|rustdoc|rustc-wrapper|rustc-workspace-wrapper)|(?:target\..+|host(?:\..+)?)\.runner"
        r"|regist(?:ry|ries\..+)\.(?:global-)?credential-providers?(?:\..+)?",
        "another program runs at every build",
        gained,
    ),
    Switch(
        r"(?:target\..+|host(?:\..+)?)\.(?:linker|ar)|(?:build|target\..+)\.rustflags\..*linker.*"
        r"|env\.(?:RUSTC.*|PATH|LD_.*|DYLD_.*|CC|CXX|AR)(?:\.value)?",
        "another program runs at every build",
        gained,
        Severity.MEDIUM,
    ),
    Switch(r"tool\.poetry\.requires-plugins\..+|tool\.pdm\.plugins\..+", "code runs at every install", came),
    Switch(
        r"tool\.pdm\.scripts\.(?:pre|post)_(?:install|lock|build|publish|init|use)(?:\..+)?"
        r"|tool\.hatch\.envs\..+\.(?:pre|post)-install-commands(?:\..+)?",
        "code runs at every install",
        appeared,
        Severity.MEDIUM,
    ),
    Switch(
        r"tool\.hatch\.(?:env\.requires|build(?:\..+)?\.hooks\..+\.dependencies)\..+"
        r"|tool\.uv\.extra-build-dependencies\..+"
        r"|tool\.cibuildwheel(?:\..+)?\.(?:before-(?:all|build|test)|repair-wheel-command)(?:\..+)?",
        "another program runs where a release is built",
        appeared,
        Severity.LOW,
    ),
    Switch(
        r"tool\.uv\.extra-build-variables\..+",
        "variables reach the build of a package",
        gained,
        Severity.MEDIUM,
    ),
    Switch(r"submodule\..+\.update", "a command runs where submodules are updated", commanded),
    Switch(r"config\.allow-plugins(?:\.(?P<element>.+))?", "a plug-in may run at every install", gained),
    Switch(r"hooks\..+\.entry", "a command runs at every commit", appeared, Severity.LOW),
    Switch(
        r"package\.build(?:\..+)?|lib\.proc-macro",
        "code of the repository runs while it is built",
        appeared,
        Severity.MEDIUM,
    ),
)
