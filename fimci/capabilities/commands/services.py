"""Clients of services that hold secrets, code or packages: clouds, stores, git, package managers."""

from __future__ import annotations

import re
from itertools import pairwise

from fimci.capabilities import addresses, sensitive
from fimci.capabilities.commands.call import (
    Call,
    Handler,
    fetched,
    host_of,
    network,
    normal,
    ran,
    read_file,
    sent,
    write_file,
)
from fimci.capabilities.commands.folding import unknown
from fimci.capabilities.commands.state import Value, joined

_UPLOADS = frozenset(("cp", "sync", "mv", "upload", "copy", "create", "put-object", "put"))
#: Words of the clients of clouds and stores that print a secret.
_PRINTS = re.compile(
    r"\b(?:get-secret-value|get-parameters?\b.*--with-decryption|get-session-token|assume-role|get-access-token"
    r"|print-(?:access|identity)-token|export-credentials|configure get \S*(?:secret\w*|token)|auth token"
    r"|secrets? (?:get|view|download)"
    r"|get secrets?|kv (?:get|read)|secrets versions access|keyvault secret show|get-login-password)\b"
)
_EVERYDAY_SECRETS = re.compile(r"get-login-password")
_API_WRITES = re.compile(
    r"repos?/[^ ]*(?:contents|git/|hooks|keys|actions/(?:secrets|runners)|collaborators)"
    r"|user/repos|graphql.*createCommit"
)
_GIT_STARTS = frozenset(
    (
        *("core.hookspath", "core.fsmonitor", "init.templatedir", "core.sshcommand", "core.pager"),
        *("core.editor", "core.askpass", "include.path", "gpg.program", "gpg.ssh.program", "diff.external"),
        *("sequence.editor", "core.gitproxy", "uploadpack.packobjectshook"),
    )
)
#: Keys with a name in their middle: `filter.NAME.smudge`, `includeIf.CONDITION.path`.
_GIT_STARTS_NAMED = re.compile(
    r"(?:filter\..+\.(?:clean|smudge|process)|diff\..+\.(?:command|textconv)|merge\..+\.driver"
    r"|(?:merge|diff)tool\..+\.cmd|includeif\..*|remote\..+\.(?:uploadpack|receivepack|vcs)|gpg\..+\.program)\Z"
)
#: Values by which git asks somebody else.
_GIT_ELSEWHERE = re.compile(
    r"(?:url\.(?P<url>.+)\.(?:push)?insteadof|https?\.(?:.+\.)?proxy)\Z", re.IGNORECASE
)
_NPM_RUNS = frozenset(("script-shell", "node-options", "shell", "git", "editor", "init-module"))
_UNBOXED_POD = re.compile(r"[\"']?(?:hostPID|hostNetwork|privileged)[\"']?\s*[:=]\s*true")
_PUBLISHES = {
    "npm": ("publish", "owner", "token"),
    **dict.fromkeys(
        ("pnpm", "yarn", "bun", "lerna", "flit", "hatch", "poetry", "uv", "pdm", "cargo"), ("publish",)
    ),
    **dict.fromkeys(("vsce", "ovsx", "jsr", "deno"), ("publish",)),
    "twine": ("upload",),
    "gem": ("push",),
}
_URL = re.compile(r"\b(?:git\+)?(?:https?|ssh|git)://", re.IGNORECASE)
_COMMIT = re.compile(r"[@#/][0-9a-f]{40}\b")
_INSTALLS = frozenset(("install", "add", "i", "run", "dlx", "exec", "x", "ci", "up", "upgrade"))
_RUNNERS = frozenset(("npx", "bunx", "uvx", "pipx", "pnpx"))
_UNBOXED = re.compile(r"(?:-v|--volume|--mount)[= ](?:type=bind,)?(?:source=|src=)?/(?::|,|\s)")
_ADDS = frozenset(("install", "add", "i"))
#: A package by its name, with a version or without: no path, archive, list or address, no tool of packaging.
_PACKAGE = re.compile(
    r"(?!(?:pip|setuptools|wheel|build)\Z)(?:@[\w.-]+/)?[A-Za-z][\w.-]*(?:\[[\w,-]*\])?(?:[@=<>~!^][\w.*^~=<>,!@-]*)?"
    r"(?<!\.txt)(?<!\.whl)(?<!\.gz)(?<!\.tgz)(?<!\.zip)(?<!\.deb)(?<!\.rpm)\Z"
)
#: Package managers of systems and languages that publish nothing.
_SYSTEMS = (
    *("apt", "apt-get", "apk", "brew", "choco", "conda", "dnf", "mamba", "pacman", "port", "scoop", "winget"),
    *("yum", "zypper"),
)
#: Where packages come from is another place from now on.
_INDEX = re.compile(r"--(?:index-url|extra-index-url|index|default-index|registry|find-links)\Z|-[if]\Z")

#: Hosts that nobody keeps an index of packages on. By plain HTTP, whoever is on the way chooses them.
_ODD_INDEXES = frozenset(("address", "onion", "out-of-band", "paste", "tunnel"))


def cloud(call: Call) -> Value:
    """Read uploads by the clients of clouds (`aws s3 cp FILE s3://…`) and secrets that they print."""
    words = call.texts()
    whole = " ".join(words[:20])
    if call.name not in {"gh", "kubectl", "vault", "doppler"}:
        call.state.tell("process", call.name, call.name)
    if _PRINTS.search(whole):
        what = "token" if "token" in whole else "secret"
        if not _EVERYDAY_SECRETS.search(whole):
            call.state.tell("credentials", f"{call.name} {what}", call.name)
        return Value("$()", known=False, origins=frozenset([("secret", f"{call.name} {what}")]))
    if call.name == "gh":
        _hub(call, words, whole)
    if call.name == "kubectl" and _UNBOXED_POD.search(whole):
        call.state.tell("process", call.name, sensitive.DEFENCE_OFF)
    taken = _taken(call) if call.name not in {"gh", "kubectl", "vault", "doppler"} else None
    if taken is not None:
        return taken
    if _UPLOADS & set(words) and call.name != "kubectl":
        # `gcloud secrets create "$DB_SECRET"` names a secret there; its content comes from a file or a pipe.
        names = call.name == "gcloud" and words[0] == "secrets"
        given = [value for value in call.arguments if not (names and value.text.startswith("$"))]
        read = [read_file(call, value) for value in given if "://" not in value.text]
        target = next((text for text in words if "://" in text), call.name)
        sent(call, [target], [call.stdin, *read, *(value for value in given if value.text != target)])
    return Value("$()", known=False)


def _taken(call: Call) -> Value | None:
    """Return what comes out of a store (`aws s3 cp s3://… FILE`), where nothing is put in."""
    words = [value for value in call.arguments if not value.text.startswith("-") or value.text == "-"]
    if len(words) < 2 or "://" not in words[-2].text or "://" in words[-1].text:  # noqa: PLR2004  (from, to)
        return None
    content = fetched([words[-2].text[:100]])
    target = words[-1].text
    if target == "-":
        return content
    if target.endswith(("/", ".")):
        target = f"{target.rstrip('./')}/{words[-2].text.rpartition('/')[2]}".lstrip("/")
    write_file(call, Value(target), content)
    return Value()


def _hub(call: Call, words: list[str], whole: str) -> None:
    """Tell what writes into repositories by their interface."""
    if words[:2] in (["repo", "create"], ["repo", "fork"], ["secret", "set"], ["ssh-key", "add"]):
        call.state.tell("self-propagation", f"gh {' '.join(words[:2])}", "gh")
    elif (
        words[:1] == ["api"]
        and re.search(r"(?:-X|--method)[ =]?(?:PUT|POST|PATCH)\b", whole)
        and _API_WRITES.search(whole)
    ):
        call.state.tell("self-propagation", "gh api", "gh")


def secret_client(call: Call) -> Value:
    """Read programs whose business is secrets."""
    call.state.tell("credentials", call.name, call.name)
    return Value("$()", known=False, origins=frozenset([("secret", call.name)]))


def stored(call: Call) -> Value:
    """Read `cmdkey /list` and `vaultcmd /listcreds`, which show what Windows keeps."""
    if any(text.lower().startswith("/list") for text in call.texts()):
        call.state.tell("credentials", "Windows credentials", call.name)
    return Value("$()", known=False)


def containers(call: Call) -> Value:
    """Read a container that is given the whole disk of its host, with all its rights."""
    words = " ".join(call.texts())
    if _UNBOXED.search(words) and ("--privileged" in words or "chroot" in words or "--pid" in words):
        call.state.tell("process", call.name, sensitive.DEFENCE_OFF)
    return unknown(joined([read_file(call, value) for value in call.arguments]))


def security(call: Call) -> Value:
    """Read `security` of macOS: the keychain, and whom the machine trusts."""
    words = " ".join(call.texts())
    if "trusted-cert" in words:
        call.state.tell("process", "security", sensitive.DEFENCE_OFF)
    if re.search(r"find-\w+-password|dump-keychain|export", words):
        call.state.tell("credentials", "keychain", call.name)
        return Value("$()", known=False, origins=frozenset([("secret", "keychain")]))
    return Value("$()", known=False)


def git(call: Call) -> Value:
    """Read what `git` fetches, pushes, and what its configuration starts."""
    words = [value for value in call.arguments if not value.text.startswith("-")]
    verb = words[0].text if words else ""
    if verb in {"clone", "fetch", "pull", "ls-remote", "submodule", "remote", "archive"}:
        hosts = network(call, [value for value in words[1:] if "://" in value.text])
        for value in words[1:]:
            if "://" not in value.text and (found := re.match(r"git@([\w.-]+):", value.text)):
                call.state.tell("network", found[1].lower(), call.name)
                hosts.append(found[1].lower())
        if verb == "clone" and hosts:
            _cloned(call, words, hosts)
    elif verb == "push":
        _pushed(call, words)
    elif verb == "credential":
        call.state.tell("credentials", "git credential", call.name)
        return Value("$()", known=False, origins=frozenset([("secret", "git credential")]))
    for before, text in pairwise(["", *call.texts()]):
        _configured(call, before, text, written=verb == "config")
    peer = next((text for text in call.texts() if text.startswith("--remote=")), "")
    return fetched(network(call, [Value(peer[9:])])) if peer else Value("$()", known=False)


def _configured(call: Call, before: str, text: str, *, written: bool) -> None:
    """Tell what two words after one another make git start, or whom it asks from then on."""
    key = text.partition("=")[0].lower()
    if (
        (key in _GIT_STARTS or (before == "-c" and _GIT_STARTS_NAMED.match(key)))
        and "--get" not in call.texts()
        and before in {"config", "-c", "set", "--global", "--local", "--system", "--add"}
    ):
        call.state.tell("persistence", text.partition("=")[0], "git config")
    elif before.startswith("alias.") and text.startswith("!"):
        call.state.tell("persistence", "git alias", "git config")
    elif written:
        _entry(call, before, text)


def _entry(call: Call, key: str, value: str) -> None:
    name = key.lower()
    if name.startswith("credential.") and name.endswith("helper"):
        if value.startswith(("!", "/", "~", "$")):
            call.state.tell("persistence", "credential.helper", "git config")
    elif _GIT_STARTS_NAMED.match(name):
        call.state.tell("persistence", key, "git config")
    elif found := _GIT_ELSEWHERE.match(key):
        network(call, [Value(found["url"] or value)], "git config")


def _pushed(call: Call, words: list[Value]) -> None:
    """Tell `git push`, and what it is that a worm's push has and a person's has not."""
    addresses = [value for value in words[1:] if "://" in value.text]
    network(call, addresses)
    call.state.tell("self-propagation", "git push", "git push")
    for value in addresses:
        if value.origin("secret"):
            call.state.tell("self-propagation", "git push with a token", "git push")
    if call.has("--mirror") or ("persistence", ".github/workflows") in call.state.facts:
        call.state.tell("self-propagation", "git push of everything or workflows", "git push")


def _cloned(call: Call, words: list[Value], hosts: list[str]) -> None:
    """Note the folder that a repository is put into."""
    places = [value for value in words[1:] if "://" not in value.text and not value.text.startswith("git@")]
    source = next((value.text for value in words[1:] if "://" in value.text or "@" in value.text), "")
    name = places[-1].text if places else source.rstrip("/").rpartition("/")[2].removesuffix(".git")
    if name and "$" not in name and name != ".":
        call.state.folders[normal(name)] = frozenset(("network", host) for host in hosts)


def package_manager(call: Call) -> Value:
    """Read what publishes, and what installs or runs from an address instead of an index."""
    words = [value for value in call.arguments if not value.text.startswith("-")]
    verbs = [value.text for value in words[:3]]
    for verb in _PUBLISHES.get(call.name, ()):
        if verb in verbs[:2] and "--dry-run" not in call.texts():
            call.state.tell("self-propagation", f"{call.name} {verb}", call.name)
    _indexes(call)
    _installs(call, words)
    kept = _of_npm(call, verbs) if call.name in {"npm", "pnpm", "yarn"} and verbs else None
    if kept is not None:
        return kept
    values_of_options = {id(after) for before, after in pairwise(call.arguments) if _INDEX.match(before.text)}
    pinned = call.has("--rev")
    for value in words:
        found = _URL.search(value.text) if id(value) not in values_of_options else None
        if found is not None:
            address = value.text[found.start() :].removeprefix("git+").removeprefix("ssh://git@")
            hosts = network(call, [value._replace(text=address)])
            if pinned or _COMMIT.search(address):
                continue
            if hosts and (_INSTALLS & set(verbs) or call.name in _RUNNERS):
                ran(call, fetched(hosts), call.name)
    return Value("$()", known=False)


def _of_npm(call: Call, verbs: list[str]) -> Value | None:
    """Tell what npm is asked about its user, and what it is told to run from then on."""
    if call.name == "npm" and verbs[0] == "whoami":
        call.state.tell("credentials", "npm whoami", call.name)
    if verbs[:2] == ["config", "get"] and "_auth" in verbs[-1]:
        call.state.tell("credentials", ".npmrc", call.name)
        return Value("$()", known=False, origins=frozenset([("secret", ".npmrc")]))
    if verbs[:2] == ["config", "set"] and (key := verbs[-1].partition("=")[0]) in _NPM_RUNS:
        call.state.tell("persistence", f"{call.name} {key}", "npm config")
    if call.name == "npm" and verbs[0] == "token":
        return Value("$()", known=False, origins=frozenset([("secret", "npm token")]))
    return None


def _installs(call: Call, words: list[Value]) -> None:
    """Tell packages that are installed by their names, or fetched to be run; a project's own are not."""
    if call.name in _RUNNERS:
        if words and _PACKAGE.match(words[0].text):
            call.state.tell("process", f"{call.name} run", "fetches a package and runs it")
        return
    for verb in words[:2]:
        if verb.text in _ADDS:
            if any(_PACKAGE.match(value.text) for value in words[words.index(verb) + 1 :]):
                call.state.tell("process", f"{call.name} install", "installs packages")
            return


def _indexes(call: Call) -> None:
    """Tell another index than the configured one, given as `--index-url URL` or `--registry=URL`."""
    pairs = [
        (value.text.partition("=")[0], value._replace(text=value.text.partition("=")[2]))
        for value in call.arguments
    ]
    pairs += [(before.text, after) for before, after in pairwise(call.arguments)]
    for name, value in pairs:
        if _INDEX.match(name) and "://" in value.text:
            host = host_of(value)
            found = addresses.host(value.text)
            if host and found is not None:
                call.state.tell("network", host, f"{call.name} {name}")
                if found.kind in _ODD_INDEXES or value.text.startswith("http:"):
                    ran(call, fetched([host]), call.name)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(
        ("aws", "gcloud", "gsutil", "az", "rclone", "s3cmd", "mc", "gh", "kubectl", "vault", "doppler"), cloud
    ),
    **dict.fromkeys(
        ("git-credential", "trufflehog", "keyring", "secret-tool", "pass", "op", "bw", "kwallet-query"),
        secret_client,
    ),
    "security": security,
    **dict.fromkeys(("cmdkey", "vaultcmd"), stored),
    **dict.fromkeys(("docker", "podman", "nerdctl"), containers),
    "git": git,
    **dict.fromkeys(
        (*_PUBLISHES, *_SYSTEMS, "npx", "bunx", "pnpx", "pip", "pip3", "pipx", "uvx", "go"), package_manager
    ),
}
