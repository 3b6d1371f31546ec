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

IMAGES = (".Containerfile", ".Dockerfile", ".dockerfile")
#: Files with commands inside (`fimci.readers.code.embedded`).
RECIPES = (
    *("Containerfile", "Dockerfile", "GNUmakefile", "Makefile", "makefile", "package.json"),
    *("Earthfile", "Makefile.am", "Makefile.in", "rules", *(f"Dockerfile.{stage}" for stage in STAGES)),
)
#: Data that nobody looks into, in whose place something else may be (`fimci.readers.binary.disguise`).
DISGUISED = (
    *(".bmp", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".webp"),
    *(".eot", ".otf", ".ttf", ".woff", ".woff2", ".mp3", ".mp4", ".ogg", ".wav", ".pdf"),
    *(".bin", ".csv", ".dat", ".log", ".txt"),
)
#: Source code and prose (`fimci.readers.code.instructing`).
INSTRUCTING = (
    *(".md", ".mdc", ".mdx", ".txt", ".rst", ".json", ".yaml", ".yml", ".toml", ".cursorrules"),
    *(".clinerules", ".windsurfrules", ".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx", ".jsx"),
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

#: Files that coding agents obey, and that plug-ins of theirs bring (`fimci.capabilities.automatic`).
AGENTS = (
    *(".mcp.json", "config.toml", "hooks.json", "mcp.json", "mcp_config.json", "opencode.json"),
    *("opencode.jsonc", "settings.json", "settings.local.json"),
)
AGENT_PLUGINS = (
    *(".crush.json", ".lsp.json", "crush.json", "gemini-extension.json", "marketplace.json", "plugin.json"),
    "worktrees.json",
)
#: Files that editors obey: VS Code and those that read what it does, Zed, Helix, Vim, Sublime.
EDITORS = (".devcontainer.json", "devcontainer.json", "launch.json", "settings.json", "tasks.json")
EDITOR_SERVERS = ("coc-settings.json", "debug.json", "languages.toml", "settings.json", "tasks.json")
#: Suffixes of files of these kinds that have names of their own.
AUTOMATIC = (".code-workspace", ".json", ".kiro.hook", ".sublime-project", ".xml", ".yaml", ".yml")

#: Of what autoconf makes `configure`, beside its macros.
AUTOCONF = ("configure.ac", "configure.in")
#: Scripts of a shell by whole names: what it reads when it starts, and recipes of distributions.
SHELLED = (
    *(".bash_aliases", ".bash_login", ".bash_logout", ".bash_profile", ".bashrc", ".profile", ".xinitrc"),
    *(".xprofile", ".xsession", ".zlogin", ".zprofile", ".zshenv", ".zshrc", "APKBUILD", "PKGBUILD"),
)
#: Files that keep commands as texts under keys (`fimci.readers.code.command_keys`), beside those that end so.
PIPELINES = (".huskyrc", ".lintstagedrc", ".replit", ".stackblitzrc", "Pipfile")
KEYED = (".config", ".json", ".jsonc", ".toml", ".yaml", ".yml")
#: Files whose lines are commands, or hold some (`fimci.readers.code.lined`).
LINED = (
    *(".bazelrc", ".exrc", ".gdbinit", ".gvimrc", ".justfile", ".lldbinit", ".lvimrc", ".nvimrc"),
    *(".tmux.conf", ".vimrc", "JUSTFILE", "Justfile", "Procfile", "Procfile.dev", "Procfile.local"),
    *("Procfile.prod", "dodo.py", "doinst.sh", "duties.py", "fabfile.py", "justfile", "noxfile.py"),
    *("pkg-deinstall", "pkg-install", "post-link.sh", "post-unlink.sh", "postflight", "postinst"),
    *("postinstall", "postrm", "postuninstall", "pre-link.sh", "pre-unlink.sh", "preflight", "preinst"),
    *("preinstall", "prerm", "preuninstall", "project.pbxproj", "setup.cfg", "tasks.py", "tox.ini"),
)
LINED_ENDINGS = (
    *(".bb", ".bbappend", ".bbclass", ".csh", ".fish", ".install", ".just", ".launch", ".ninja", ".nu"),
    *(".post-deinstall", ".post-install", ".post-upgrade", ".postinst", ".postrm", ".pre-deinstall"),
    *(".pre-install", ".pre-upgrade", ".preinst", ".prerm", ".spec", ".tcsh", ".xcscheme"),
)
#: Programs in Python under names that do not say so.
PYTHON = ("SConscript", "SConstruct", "wscript")
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
NPM = (".npmrc", ".yarnrc", ".yarnrc.yml", "bunfig.toml", "pnpm-workspace.yaml")
PIP = (".pypirc", "pip.conf", "pip.ini", "uv.toml", ".pdm.toml", "pdm.toml", "poetry.toml")
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
PUBSPEC = ("pubspec.yaml", "pubspec_overrides.yaml")
SWIFT = ("mirrors.json", "registries.json")
DOTNET = ("dotnet-tools.json", "global.json", "packages.config")
#: How programs of machines begin.
NATIVE = (
    *(b"\x7fELF", b"MZ", b"\0asm", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"),
    *(b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
)
EXTENSIONS = ("manifest.json", "package.json")
#: Manifests of Flatpak by how their names end, and capabilities of Tauri by the names that it gives them.
SANDBOXES = (".Devel.json", ".flatpak.json", ".yaml", ".yml")
TAURI = ("default.json", "desktop.json", "main.json", "migrated.json", "mobile.json")
RULES_OF_AGENTS = (".clinerules", ".cursorrules", ".windsurfrules")
WRAPPERS = ("gradle-wrapper.properties", "maven-wrapper.properties")
HELM = ("Chart.lock", "Chart.yaml", "requirements.lock", "requirements.yaml")
HTML = (".html", ".htm", ".xhtml", ".svg", ".vue", ".svelte", ".astro", ".hta")
#: What folders of kustomize are built by, and configurations of Terraform and OpenTofu in either syntax.
KUSTOMIZE = ("Kustomization", "kustomization.yaml", "kustomization.yml")
TERRAFORM = (".tf", ".tf.json", ".tofu", ".tofu.json")
