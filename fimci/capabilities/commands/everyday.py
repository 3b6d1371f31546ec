"""Programs whose start says nothing new, and what others are good for.

`QUIET` are the tools of a shell script (coreutils and their kin), compilers and build tools, package
managers, linters, test runners and bundlers: what the manifests and workflows of the thousand most used
packages start on any day. What they are told to do is looked at all the same.
"""

from __future__ import annotations

_SHELL = """
! . : [ [[ addgroup adduser alias apk apt apt-cache apt-get apt-key ar arch autoload awk basename bg bind
bindkey break brew builtin bunzip2 bzip2 caller case cat cd chgrp chmod chown chroot cksum clear cmp column
comm command compdef compgen complete compopt continue coproc cp csplit cut date dd declare df diff
dircolors dirname dirs disown dnf do done dpkg dpkg-query du echo egrep elif else emulate enable env esac
eval exec exit expand export expr false fc fg fgrep fi file find fmt fold for free function gawk getcap
getconf getent getopt getopts grep groupadd groups gunzip gzip hash head hostname hostnamectl iconv id if in
infocmp install jobs join kill killall ldconfig less let ln local locale locale-gen localectl logname logout
ls lsb_release mapfile md5sum mkdir mkfifo mktemp more mount mountpoint mv nice nl noglob nproc numfmt od
pacman paste patch pgrep pidof pkill popd printenv printf ps pushd pwd read readarray readlink realpath
return rev rm rmdir rpm sed select seq set setopt sha1sum sha224sum sha256sum sha384sum sha512sum shasum
shift shopt shuf sleep sort source split stat stdbuf strip stty su sudo sum suspend sync tac tail tar tee
test then time timeout times touch tput tr trap true truncate tsort tty type typeof typeset ulimit umask
unalias uname unexpand uniq unlink unlzma unset unsetopt until unxz unzip update-ca-certificates uptime
useradd usermod users vdir wait wc where whereis which while who whoami xargs xz xzcat yes yum zcat zip
zmodload zstd zstyle zypper { }
"""
_BUILD = """
R Rscript aclocal act ant asciidoctor autoconf autoheader automake autopoint autoreconf bazel bazelisk bear
bison buck2 bundle bundler c++ cabal cargo cc ccache cl clang clang++ clippy-driver cmake cmake-js composer
configure cpack cpan cpanm cross crystal ctest cython devenv dotnet doxygen dune elixir em++ emcc
emconfigure emmake envsubst erl f2py fastlane flex g++ gcc gdb gem gettext gh ghc git glab glibtoolize gmake
go gofmt goimports golangci-lint goreleaser gotestsum gperf gradle gradlew groff help2man hg hub jar java
javac javadoc jq julia kotlin kotlinc latexmk ld lein lex lib libtool libtoolize link lld lldb lua luarocks
m4 make makeinfo maturin meson mix mkdocs msbuild msgfmt mvn mvnw napi ncc neon nim ninja nm nmake node-gyp
node-gyp-build node-pre-gyp nuget objcopy objdump opam pandoc pants pdflatex perf perl php phpstan phpunit
pkg pkg-config pod pre-commit prebuild prebuild-install prebuildify protoc rake ranlib readelf rebar3 rspec
rubocop ruby rustc rustfmt rustup sbt scala sccache scons sphinx-build stack staticcheck strace strip svn
swift swiftc swig texi2any valgrind vcvars64 vcvarsall vcvarsall.bat vswhere waf wasm-bindgen wasm-opt
wasm-pack xcodebuild xcrun xgettext xmllint xsltproc yacc yq zig
"""
_JAVASCRIPT = """
_mocha aegir airtap alex antlr4ts api-documenter api-extractor arethetypeswrong astro attw aud auto
auto-changelog ava babel babel-node bench benchmark bili biome bit borp brittle browser-sync browserify
brunch build-storybook bumpp bun bundlesize bundlewatch bunx c8 c8n changelogen changeset codecov commitizen
commitlint concurrently conventional-changelog copyfiles corepack covector coveralls cpx cpy cpy-cli craco
cross-env cross-env-shell cross-spawn cross-zip cspell cypress cz del del-cli deno depcheck docsify
documentation docusaurus dotenv downlevel-dts dprint drizzle-kit dts dts-bundle dts-bundle-generator dtslint
dumi echo-cli eclint ejs ember env-cmd es-check esbuild eslint eslint_d evalmd exit0 expo faucet flow fnm
forever gatsby git-cz graphql-codegen grunt gulp handlebars has-dep hereby http-server husky imagemin
in-install in-publish is-ci is-ci-cli is-published istanbul jasmine jest jison jscs jsdoc jsdoc2md jshint
json jsonc jsonlint karma kcd-scripts knex knip lab lefthook lerna lessc license-checker lint-staged
lite-server live-server lockfile-lint ls-engines ls-lint manypkg markdownlint markdownlint-cli2 matcha
matrix-parallel metro microbundle mkdirp mocha modclean mustache n ncp ncu nearley-railroad nearleyc next ng
nightwatch node node-sass node-tap nodejs nodemon not-in-install not-in-publish np npm npm-check
npm-check-updates npm-run-all npm-run-all2 npmignore nps npx nuxi nuxt nvm nx nyc openapi-generator-cli
openapi-typescript opencollective opencollective-postinstall oxlint parcel patch-package peggy pegjs pinst
playwright pm2 pnpm pnpx postcss preconstruct prepublish prettier prettierd prisma publint pug puppeteer
react-native react-scripts release-it remark remix replace replace-in-file rexreplace rimraf
rimraf-standalone rolldown rollup rollup-plugin-dts rspack run-p run-s run-script-os rush safe-publish
safe-publish-latest sass semantic-release semistandard semver sequelize serve shx simple-git-hooks siroc
size-limit sort-package-json standard standard-version start-server-and-test start-storybook storybook
stylelint stylus svelte-check svelte-kit svgo svgr swc syncpack tachometer tailwind tailwindcss tap
tap-difflet tap-dot tap-nyan tap-spec tape tape-run terser testem ts-node ts-node-dev ts-standard tsc tsd
tsdx tshy tsimp tslint tspc tsup tsx turbo typedoc typeorm uglifyjs ultra unbuild uvu verb vite vitepress
vitest volta vue-cli-service vue-tsc wait-on watchify wdio web-test-runner webpack webpack-cli wireit wtr xo
yarn yarn-or-npm yarnpkg zshy zuul
"""
_PYTHON = """
activate ansible-lint auditwheel autopep8 bandit basedpyright black build bump-my-version bump2version
bumpversion cffconvert check-manifest cibuildwheel codespell conda coverage deactivate delocate
delocate-wheel delvewheel django-admin doit fab flake8 flask flit gunicorn hatch invoke ipython isort
jupyter mamba micromamba mypy nox pdm pip pip3 pipenv pipx poetry py py.test py3clean py3compile pycodestyle
pydocstyle pyenv pyflakes pylint pyre pyright pytest python python2 python3 pyupgrade repairwheel ruff
safety setuptools-scm sphinx-apidoc sphinx-quickstart towncrier tox twine uv uvicorn uvx venv versioneer
virtualenv vulture wheel yamllint yapf
"""
_CI = """
actionlint ansible ansible-playbook apt-config bc buildah codecov cosign coveralls ctags docker
docker-compose dpkg-architecture etags expect genhtml gitleaks grype hadolint helm kind kubectl lcov ldd
lipo lsmod lychee mawk minikube nano open packer podman readonly reuse semgrep service shellcheck shfmt
skopeo ssh-add ssh-agent ssh-keygen ssh-keyscan start-stop-daemon syft systemd-run terraform tflint tofu
trivy typos umount update-alternatives vagrant vi vim xdg-mime xdg-open zizmor
"""
_WINDOWS = """
assoc attrib call chcp choice cls color copy cygpath dir doskey echo endlocal exit fc find findstr for ftype
goto gswin32c icacls if md mklink more move nul path pause popd prompt pushd rd ren rename replace robocopy
setlocal subst takeown taskkill tasklist timeout title tree ver verify vol where winepath wslpath xcopy
"""
QUIET = frozenset(f"{_WINDOWS} {_SHELL} {_BUILD} {_JAVASCRIPT} {_PYTHON} {_CI}".split())

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
_LOOKS = """
arp dmidecode dscl dsconfigad getmac history hostname id ifconfig ioreg ip ipconfig last lsblk lscpu
lshw net netstat nltest ps quser scutil ss sw_vers system_profiler systeminfo tasklist uname w who
whoami wmic
"""
#: What prints who and where one is; three of them, or one that is sent, are told.
LOOKS = frozenset(_LOOKS.split())
