"""Commands that install packages, in workflows, Dockerfiles, Makefiles and shell scripts.

An option of one command does what a line of a configuration file does, and is read as such:

    commands.index-url.URL, .extra-index-url.URL, .registry.URL, .trusted-host.HOST, …   Setting   `true`
    commands.NAME            Setting   a switch in its unsafe position: `strict-ssl` is `false`
    commands.env.NAME        Setting   variables that Go heeds
    commands with OPTION     Setting   `1 of 3`: installs that protect themselves, and how many there are

The last, because a command has no name by which it could be held against itself: what counts is that one
more goes without.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fimci.excerpts import without_credentials
from fimci.model import Record, Setting, Unread
from fimci.readers.manifests import command_words, settings
from fimci.readers.manifests.command_words import FAMILIES, Command, Variable

_SIZE_LIMIT = 1024 * 1024
_FILE = re.compile(
    r"(?:.*/)?(?:"
    r"\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml|action\.ya?ml|\.gitlab-ci\.yml|azure-pipelines\.ya?ml"
    r"|\.circleci/config\.yml|(?:GNUm|m|M)akefile|[^/]+\.(?:mk|sh)|(?:Dock|Contain)erfile[^/]*"
    r"|[^/]+\.(?:[Dd]ockerfile|Containerfile)"
    r")"
)
_CLIENT = re.compile(
    rb"\b(?:pip3?|pipx|uvx?|npm|npx|yarn|pnpm|pnpx|bunx?|GO[A-Z]+"
    rb"|(?:HEX|PIP|PUB|TF|UV|YARN|(?:BUN|NPM)_CONFIG)_\w+)\b",
    re.IGNORECASE,
)
_INSTALLS = {
    "python": frozenset({"add", "download", "install", "lock", "pip", "run", "sync", "tool", "wheel"}),
    "node": frozenset({"", "add", "ci", "create", "dlx", "exec", "i", "install", "up", "update", "x"}),
}
#: Options that name a place or a host, by the name of the setting that does the same.
_PLACES = {
    "--allow-insecure-host": "trusted-host",
    "--default-index": "index-url",
    "--extra-index-url": "extra-index-url",
    "--find-links": "find-links",
    "--index": "extra-index-url",
    "--index-url": "index-url",
    "--registry": "registry",
    "--trusted-host": "trusted-host",
    "-f": "find-links",
    "-i": "index-url",
}
#: Positions of switches in which they protect no longer.
_UNSAFE = {
    "allow-git": ("all", "root"),
    "allow-remote": ("all", "root"),
    "checksumBehavior": ("ignore", "reset", "update"),
    "dangerously-allow-all-builds": ("true",),
    "dangerously-allow-all-scripts": ("true",),
    "enableHardenedMode": ("false",),
    "enableImmutableInstalls": ("false",),
    "enableScripts": ("true",),
    "enableStrictSsl": ("false",),
    "ignore-scripts": ("false",),
    "index-strategy": ("unsafe-best-match", "unsafe-first-match"),
    "package-lock": ("false",),
    "require-build-hashes": ("false",),
    "require-hashes": ("false",),
    "strict-ssl": ("false",),
    "verify": ("false",),
    "verify-hashes": ("false",),
}
#: What an install can be told for its own protection, by family.
_KEPT = {
    "python": {
        "--require-hashes": ("--require-hashes",),
        "--only-binary :all:": ("--only-binary", "--no-build"),
        "--exclude-newer": ("--exclude-newer", "--uploaded-prior-to"),
    },
    "node": {
        "--ignore-scripts": ("--ignore-scripts",),
        "a lockfile that decides": ("--frozen-lockfile", "--immutable", "ci"),
        "--min-release-age": ("--min-release-age", "--before"),
    },
}


#: Variables that say from where, and how strictly, clients fetch that have no options for it.
_VARIABLES = frozenset(
    (
        *("GOFLAGS", "GOINSECURE", "GONOSUMDB", "GONOSUMCHECK", "GOPRIVATE", "GOPROXY", "GOSUMDB"),
        *("HEX_CACERTS_PATH", "HEX_MIRROR", "HEX_NO_VERIFY_REPO_ORIGIN", "HEX_UNSAFE_HTTPS"),
        *("HEX_TRUSTED_MIRROR", "HEX_UNSAFE_REGISTRY", "PUB_HOSTED_URL", "TF_CLI_CONFIG_FILE"),
        "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE",
    )
)


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it)
    """Tell whether a file of this name runs commands when a project is built or tested."""
    return _FILE.fullmatch(path) is not None and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands of the file say of places and protections.

    A shell takes any bytes, and what follows a NUL is a payload and no command: neither is a fault.
    """
    script = data.partition(b"\0")[0]
    if not _CLIENT.search(script):
        return
    if len(script) > _SIZE_LIMIT:
        why = f"larger than {_SIZE_LIMIT:,} bytes: its commands were not read"
        yield Unread(path=path, part="commands", why=why)
        return
    lines = settings.lines(script.decode("utf-8", "backslashreplace"))
    found = list(command_words.found(lines))
    taken: dict[str, Setting] = {}
    for line, name, value in _facts(found):
        told = f"commands.{name}"
        if told not in taken:
            at = settings.place(path, line, without_credentials(lines[line - 1].strip()))
            taken[told] = Setting(path=path, name=told, value=value, at=at)
    for setting in _kept(path, lines, [one for one in found if isinstance(one, Command) and _installs(one)]):
        taken.setdefault(setting.name, setting)
    yield from settings.bounded(path, taken.values())


def _facts(found: Iterable[Command | Variable]) -> Iterator[tuple[int, str, str]]:
    """Yield line, name and value of all that is worth holding against another version of the file."""
    for one in found:
        if isinstance(one, Variable):
            yield from ((one.line, *fact) for fact in _variable(one.name, one.value))
            continue
        for name, value in one.variables:
            yield from ((one.line, *fact) for fact in _variable(name, value))
        if one.verb in {"config", "env"}:
            yield from ((one.line, *fact) for fact in _configured(one))
        elif _installs(one):
            for option, value in one.options():
                yield from ((one.line, *fact) for fact in _option(option, value))


def _installs(command: Command) -> bool:
    verbs = _INSTALLS.get(FAMILIES[command.client], frozenset())
    return command.verb in verbs or command.client in {"npx", "bunx", "uvx", "pipx", "pnpx"}


def _option(option: str, value: str) -> Iterator[tuple[str, str]]:
    if option in _PLACES:
        if value:
            yield f"{_PLACES[option]}.{without_credentials(value)}", "true"
        return
    name = option.lstrip("-")
    if name.startswith("no-"):
        name, value = name.removeprefix("no-"), "false"
    elif value not in {"true", "false"} and "true" in _UNSAFE.get(name, ()):
        value = "true"
    if value in _UNSAFE.get(name, ()):
        yield name, value


def _configured(command: Command) -> Iterator[tuple[str, str]]:
    """Read `pip config set global.index-url URL`, `npm config set KEY=VALUE`, `go env -w KEY=VALUE`."""
    words = [word for word in command.words if not word.startswith("-")]
    if command.client == "go":
        assigned = (word.partition("=") for word in words[1:])
        yield from (fact for name, _, value in assigned for fact in _variable(name, value))
    elif words[:2] == ["config", "set"]:
        key, equals, value = (*words[2:], "")[0].partition("=")
        value = value if equals else " ".join(words[3:4])
        yield from _switch(key.rpartition(".")[2] if command.client.startswith("pip") else key, value)


def _variable(name: str, value: str) -> Iterator[tuple[str, str]]:
    upper = name.upper()
    if upper in _VARIABLES:
        yield f"env.{upper}", value
    elif upper == "NODE_TLS_REJECT_UNAUTHORIZED" and value == "0":
        yield "strict-ssl", "false"
    elif upper == "BUN_CONFIG_NO_VERIFY" and value != "0":
        yield "verify", "false"
    for prefix in ("PIP_", "UV_", "NPM_CONFIG_", "PNPM_CONFIG_"):
        if upper.startswith(prefix):
            yield from _switch(upper.removeprefix(prefix).lower().replace("_", "-"), value)
    if upper.startswith("YARN_"):
        first, *rest = upper.removeprefix("YARN_").lower().split("_")
        yield from _switch(first + "".join(word.capitalize() for word in rest), value)


def _switch(key: str, value: str) -> Iterator[tuple[str, str]]:
    """Read a setting by its name in configuration."""
    key = {"npmRegistryServer": "registry"}.get(key, key)
    if f"--{key}" in _PLACES:
        yield from (fact for one in value.split() for fact in _option(f"--{key}", one))
    elif value.lower() in _UNSAFE.get(key, ()):
        yield key, value.lower()


def _kept(path: str, lines: list[str], installs: list[Command]) -> Iterator[Setting]:
    """Count the installs of each family that protect themselves; point at the first that does not."""
    for family, protections in _KEPT.items():
        mine = [one for one in installs if FAMILIES[one.client] == family]
        for label, options in protections.items() if mine else ():
            bare = [one for one in mine if not _protected(one, options)]
            line = (bare or mine)[0].line
            yield Setting(
                path=path,
                name=f"commands with {label}",
                value=f"{len(mine) - len(bare)} of {len(mine)}",
                at=settings.place(path, line, without_credentials(lines[line - 1].strip())),
            )


def _protected(command: Command, options: tuple[str, ...]) -> bool:
    given = dict(command.options())
    if given.get("--only-binary", ":all:") != ":all:":
        del given["--only-binary"]
    return command.verb in options or any(given.get(option, "false") != "false" for option in options)
