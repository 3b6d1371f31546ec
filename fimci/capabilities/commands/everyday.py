"""Programs whose start says nothing new, and what others are good for.

`QUIET` are the tools of a shell script (coreutils and their kin), compilers and build tools, package
managers, linters, test runners and bundlers: what the manifests and workflows of the thousand most used
packages start on any day. What they are told to do is looked at all the same.
"""

from __future__ import annotations

_SHELL = """
: . [ [[ alias apt apt-get ar arch awk basename bg bind break brew builtin bunzip2 bzip2 caller cat cd chgrp chmod
chown cksum clear cmp column comm compgen complete compopt continue cp csplit cut date dd declare df diff dircolors
dirname dirs disown dpkg du echo egrep enable env eval exec exit expand export expr false fc fg fgrep file find fmt
fold gawk getconf getent getopt getopts grep groups gunzip gzip hash head hostname iconv id infocmp install jobs
join kill less let ln local locale logname logout ls mapfile md5sum mkdir mkfifo mktemp more mount mountpoint mv nice
nl nproc numfmt od paste patch pgrep popd printenv printf ps pushd pwd read readarray readlink realpath return rev rm
rmdir sed seq set setopt sha1sum sha224sum sha256sum sha384sum sha512sum shasum shift shopt shuf sleep sort source
split stat stdbuf stty sudo suspend sum sync tac tail tar tee test time timeout times touch tput tr trap true truncate
tsort tty type typeset typeof ulimit umask unalias uname unexpand uniq unlink unlzma unset unxz unzip uptime users vdir
wait wc which where whereis who whoami xargs xz xzcat yes zcat zip zstd apk dnf yum pacman zypper apt-key apt-cache
dpkg-query rpm ldconfig command while until do done if then else elif fi for in case esac function select { } ! local
unsetopt autoload zstyle compdef bindkey zmodload emulate noglob coproc hostnamectl localectl locale-gen update-ca-certificates
chroot su useradd groupadd usermod adduser addgroup getcap lsb_release free pidof pkill killall strip
"""
_BUILD = """
make gmake cmake ctest cpack ninja meson autoconf automake autoreconf aclocal autoheader libtool libtoolize
glibtoolize autopoint configure pkg-config gcc g++ cc c++ clang clang++ cl ld lld nm objcopy objdump ranlib readelf
strip ccache sccache bear m4 bison flex yacc lex gperf protoc swig gdb lldb valgrind strace perf ant mvn mvnw gradle
gradlew sbt lein bazel bazelisk buck2 pants scons waf cargo rustc rustup rustfmt clippy-driver cross maturin go gofmt
goimports golangci-lint goreleaser gotestsum staticcheck dotnet msbuild nuget xcodebuild xcrun swift swiftc pod
fastlane javac java jar javadoc kotlinc kotlin scala ghc cabal stack opam dune elixir mix erl rebar3 ruby gem bundle
bundler rake rspec rubocop php composer phpunit phpstan perl cpan cpanm lua luarocks R Rscript julia nim zig crystal
cython f2py node-gyp node-gyp-build prebuild prebuild-install prebuildify node-pre-gyp cmake-js napi neon ncc pkg
emcc emconfigure emmake em++ wasm-pack wasm-bindgen wasm-opt nmake lib link devenv vcvarsall vcvarsall.bat vcvars64
vswhere git svn hg gh hub glab pre-commit act asciidoctor pandoc latexmk pdflatex doxygen sphinx-build mkdocs groff
texi2any makeinfo help2man xsltproc xmllint jq yq envsubst gettext msgfmt xgettext
"""
_JAVASCRIPT = """
node nodejs npm npx pnpm pnpx yarn yarnpkg bun bunx deno corepack nvm fnm volta n tsc tsx ts-node ts-node-dev tsup
tsd tsdx tspc vue-tsc svelte-check swc esbuild rollup webpack webpack-cli parcel vite vitest vitepress rspack rolldown
babel babel-node browserify watchify uglifyjs terser microbundle bili unbuild tshy siroc zshy dumi gulp grunt brunch
metro expo react-native next nuxt nuxi remix astro gatsby svelte-kit ng nx lerna turbo rush preconstruct wireit bit
changeset changelogen auto semantic-release release-it standard-version np bumpp conventional-changelog lint-staged
husky simple-git-hooks lefthook is-ci is-ci-cli commitlint cz git-cz commitizen eslint eslint_d tslint xo standard
semistandard ts-standard jshint jscs prettier prettierd biome oxlint dprint stylelint markdownlint markdownlint-cli2
remark alex cspell knip depcheck npm-check npm-check-updates ncu publint attw arethetypeswrong size-limit bundlesize
bundlewatch api-extractor typedoc jsdoc jsdoc2md documentation docsify docusaurus storybook start-storybook
build-storybook jest mocha _mocha ava tap tape tape-run node-tap uvu lab jasmine karma cypress playwright puppeteer
web-test-runner wtr testem nightwatch wdio zuul airtap hereby brittle borp c8 nyc istanbul coveralls codecov covector
faucet tap-spec tap-dot tap-nyan tap-difflet nodemon pm2 forever concurrently npm-run-all npm-run-all2 run-s run-p
run-script-os cross-env cross-env-shell cross-spawn dotenv env-cmd wait-on start-server-and-test serve http-server
live-server lite-server browser-sync rimraf rimraf-standalone del del-cli mkdirp cpx cpy cpy-cli copyfiles shx ncp
cross-zip replace rexreplace replace-in-file json jsonlint sass node-sass lessc stylus postcss tailwindcss tailwind
svgo svgr imagemin handlebars pug ejs mustache nearley-railroad nearleyc pegjs peggy jison antlr4ts graphql-codegen
openapi-typescript openapi-generator-cli prisma drizzle-kit knex typeorm sequelize zshy flow dtslint downlevel-dts
dts-bundle-generator dts-bundle rollup-plugin-dts api-documenter aegir dts kcd-scripts react-scripts vue-cli-service
craco ember matcha benchmark bench tachometer prepublish in-publish not-in-publish patch-package opencollective
opencollective-postinstall modclean lockfile-lint license-checker sort-package-json syncpack manypkg ls-lint ls-engines
aud evalmd safe-publish-latest auto-changelog safe-publish has-dep in-install not-in-install es-check eclint jsonc
npmignore verb ultra pinst is-published semver tsimp nps exit0 echo-cli yarn-or-npm matrix-parallel c8n
"""
_PYTHON = """
python python2 python3 py pip pip3 pipx pipenv poetry pdm uv uvx hatch flit twine tox nox build wheel pytest py.test
coverage mypy pyright pyre basedpyright ruff black isort flake8 pylint pyflakes pycodestyle pydocstyle bandit safety
autopep8 yapf pyupgrade vulture codespell cibuildwheel auditwheel delocate delocate-wheel delvewheel repairwheel
virtualenv venv activate deactivate conda mamba micromamba pyenv sphinx-apidoc sphinx-quickstart jupyter ipython
towncrier bumpversion bump2version bump-my-version check-manifest setuptools-scm versioneer gunicorn uvicorn django-admin flask
invoke fab doit yamllint ansible-lint cffconvert
"""
_CI = """
docker podman buildah skopeo docker-compose hadolint shellcheck shfmt actionlint zizmor kubectl helm kind minikube
terraform tofu tflint packer ansible ansible-playbook vagrant codecov coveralls reuse typos lychee trivy grype syft
cosign gitleaks semgrep service systemd-run
"""
QUIET = frozenset("\n".join((_SHELL, _BUILD, _JAVASCRIPT, _PYTHON, _CI)).split())

#: Programs that read a script: by the options that carry code, and those that take another value.
INTERPRETERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "mksh", "rbash", "csh", "tcsh"), ("-c",)
    ),
    **dict.fromkeys(("python", "python2", "python3", "pypy", "pypy3", "py", "ipython"), ("-c",)),
    **dict.fromkeys(
        ("node", "nodejs", "bun", "electron", "tsx", "ts-node"), ("-e", "--eval", "-p", "--print", "-pe")
    ),
    **dict.fromkeys(
        ("perl", "ruby", "lua", "luajit", "osascript", "Rscript", "julia", "elixir"), ("-e", "-E")
    ),
    **dict.fromkeys(("php",), ("-r",)),
    **dict.fromkeys(("powershell", "pwsh"), ()),
    "deno": ("eval",),
    "tclsh": (),
    "java": (),
}
SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "mksh", "rbash", "csh", "tcsh"))

#: What switches protections off, by the words that make it so; no words: any use.
DEFENCES: dict[str, tuple[str, ...]] = {
    "setenforce": ("0", "permissive"),
    "iptables": ("-f", "--flush", "accept", "-p"),
    "ip6tables": ("-f", "--flush", "accept", "-p"),
    "nft": ("flush",),
    "ufw": ("disable",),
    "csrutil": ("disable",),
    "spctl": ("--master-disable", "--global-disable", "--add"),
    "chattr": (),
    "xattr": ("com.apple.quarantine", "-c", "-cr", "-d", "-rc"),
    "auditctl": ("-e", "-d"),
    "apparmor_parser": ("-r",),
    "aa-disable": (),
    "aa-teardown": (),
    "visudo": (),
    "set-mppreference": (),
    "add-mppreference": (),
    "netsh": ("off", "disable"),
    "vssadmin": ("delete",),
    "wbadmin": ("delete",),
    "bcdedit": (),
    "wevtutil": ("cl", "clear-log"),
    "fltmc": ("unload",),
    "tccutil": ("reset",),
}
#: What prints who and where one is; three of them, or one that is sent, are told.
LOOKS = frozenset(
    (
        *(
            "whoami",
            "id",
            "hostname",
            "uname",
            "ifconfig",
            "ip",
            "arp",
            "netstat",
            "ss",
            "ps",
            "last",
            "w",
            "who",
        ),
        *("history", "lscpu", "lsblk", "lshw", "dmidecode", "sw_vers", "system_profiler", "ioreg", "scutil"),
        *(
            "systeminfo",
            "ipconfig",
            "tasklist",
            "quser",
            "wmic",
            "getmac",
            "net",
            "nltest",
            "dscl",
            "dsconfigad",
        ),
    )
)
