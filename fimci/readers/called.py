"""What files are called, and how they begin, where a reader wants them under many names.

Shared by the table of readers alone, and no reader itself.
"""

from __future__ import annotations

#: What a Dockerfile is often named after.
STAGES = (
    *("alpine", "amd64", "arm64", "base", "build", "builder", "ci", "debian"),
    *("dev", "develop", "development", "local", "prod", "production", "release", "test"),
    "ubuntu",
)

#: Files by which git, direnv and mise run something.
GIT_AUTOMATION = (
    *(".envrc", ".gitattributes", ".gitconfig", ".lefthook.yaml", ".lefthook.yml", ".mise.toml"),
    *("config.toml", "lefthook-local.yml", "lefthook.json", "lefthook.toml", "lefthook.yaml"),
    *("lefthook.yml", "mise.local.toml", "mise.toml"),
    *("applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-applypatch"),
    *("post-checkout", "post-commit", "post-merge", "post-rewrite", "pre-applypatch"),
    *("pre-auto-gc", "pre-commit", "pre-merge-commit", "pre-push", "pre-rebase"),
    *("prepare-commit-msg", "push-to-checkout", "reference-transaction"),
)

#: Of what autoconf makes `configure`, beside its macros.
AUTOCONF = ("configure.ac", "configure.in")
#: Scripts of a shell by whole names: what it reads when it starts, and recipes of distributions.
SHELLED = (
    *(".bash_aliases", ".bash_login", ".bash_logout", ".bash_profile", ".bashrc", ".profile", ".xinitrc"),
    *(".xprofile", ".xsession", ".zlogin", ".zprofile", ".zshenv", ".zshrc", "APKBUILD", "PKGBUILD"),
)
#: Files that keep commands as texts under keys (`fimci.readers.code.pipelines`).
PIPELINES = (
    *(".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".drone.yml"),
    *(".woodpecker.yml", ".woodpecker.yaml", "appveyor.yml", ".appveyor.yml", "cloudbuild.yaml"),
    *("cloudbuild.yml", ".cirrus.yml", "config.yml", "pipeline.yml", "environment.json", "compose.yaml"),
    *("compose.yml", "docker-compose.yaml", "docker-compose.yml", ".readthedocs.yaml", ".readthedocs.yml"),
    *(".gitpod.yml", "Taskfile.yaml", "Taskfile.yml", ".pre-commit-config.yaml", "vercel.json"),
    *("netlify.toml", "devbox.json", ".lintstagedrc.json", "package.json", "pyproject.toml", "mise.toml"),
)
#: How programs begin (`fimci.readers.binary.magic`), more or less: what does not is none.
PROGRAM = (
    rb"\x7fELF|MZ|[\xfe\xca\xce\xcf]|\0asm|!<|PK\x03|BC\xc0|dyld_v1|L\0\0|c?dex|dey\n|vdex|\x1bL|FOR1|..\r\n"
)

BOTS = (
    *(".renovaterc", ".renovaterc.json", ".renovaterc.json5", "default.json", "dependabot.yaml"),
    *("dependabot.yml", "renovate.json", "renovate.json5"),
)
GRADLE = (".gradle", ".gradle.kts")
MAVEN = ("extensions.xml", "pom.xml", "settings.xml")
NPM_EXTENSION = (".npm-extension.cjs", ".npm-extension.mjs")
NUGET = ("NuGet.Config", "NuGet.config", "Nuget.Config", "Nuget.config", "nuget.config")
#: How archives and pickles begin, and the names of those that show it nowhere in their first bytes.
PACKED = (b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")
PACKED_NAMES = (".tar", ".gem", ".pyz", ".pyzw", ".jar", ".whl", ".zip", ".egg")
PICKLES = (
    *(b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"\x93NUMPY"),
    *(b"cos\n", b"cposix\n", b"cnt\n", b"csubprocess\n", b"c__builtin__\n", b"cbuiltins\n"),
)
PICKLE_NAMES = (".pkl", ".pickle", ".pck", ".joblib", ".dill", ".pkl.gz", ".pickle.gz", ".pt", ".ckpt")
#: What programs are passed off as.
DISGUISES = (
    *(".bmp", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".webp"),
    *(".eot", ".otf", ".ttf", ".woff", ".woff2", ".mp3", ".mp4", ".ogg", ".wav", ".pdf"),
    *(".bin", ".csv", ".dat", ".log", ".txt"),
)
#: What agents are given to read.
INSTRUCTING = (
    *(".md", ".mdc", ".mdx", ".txt", ".rst", ".json", ".yaml", ".yml", ".toml", ".cursorrules"),
    *(".clinerules", ".windsurfrules", ".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx", ".jsx"),
)
#: Files with commands of a shell in them.
EMBEDDING = (
    *("Containerfile", "Dockerfile", "GNUmakefile", "Makefile", "makefile", "package.json"),
    *("Makefile.am", "Makefile.in", *(f"Dockerfile.{stage}" for stage in STAGES)),
)
PUBSPEC = ("pubspec.yaml", "pubspec_overrides.yaml")
SWIFT = ("mirrors.json", "registries.json")
DOTNET = ("dotnet-tools.json", "global.json", "packages.config")
#: How programs of machines begin.
NATIVE = (
    *(b"\x7fELF", b"MZ", b"\0asm", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"),
    *(b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
)
#: What runs something by itself: actions, agents, editors, git.
AUTOMATIC = (
    *("action.yml", "action.yaml", ".mcp.json", "config.toml", "hooks.json", "mcp.json"),
    *("opencode.json", "opencode.jsonc", "settings.json", "settings.local.json"),
    *(".devcontainer.json", "devcontainer.json", "tasks.json", *GIT_AUTOMATION),
)
HELM = ("Chart.lock", "Chart.yaml", "requirements.lock", "requirements.yaml")
AGENTS = (
    *(".mcp.json", "config.toml", "hooks.json", "mcp.json", "opencode.json", "opencode.jsonc"),
    *("settings.json", "settings.local.json"),
)
HTML = (".html", ".htm", ".xhtml", ".svg", ".vue", ".svelte", ".astro", ".hta")
