"""What a place is to whoever guards a command: a source, a tool, a start-up file, or none of its business."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from fimci.events.event import is_below
from fimci.model import WriteKind
from fimci.patterns import matcher

#: What decides over jobs, and over this check, in a workspace.
_WORKFLOWS = (
    ".github/workflows/", ".github/actions/", ".circleci/", ".buildkite/", ".gitlab/ci/",
    ".gitlab-ci.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", "Jenkinsfile", ".drone.yml",
    ".travis.yml", "action.yml", "action.yaml", "fimci.toml", "fimci.baseline", "fimci.baseline.zst",
)  # fmt: skip
#: What a job's later steps take their environment and path from, and where the code of actions is.
_OF_JOB = ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_ACTION_PATH")
_START_UP = (
    ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".profile", ".zshrc",
    ".zshenv", ".zprofile", ".zlogin", ".kshrc", ".cshrc", ".tcshrc", ".xprofile", ".xinitrc",
    ".xsessionrc", ".pam_environment", ".gitconfig", ".npmrc", ".pypirc", ".netrc", ".config/fish/",
    ".config/git/", ".config/autostart/", ".config/systemd/user/", ".config/pip/", ".pip/", ".ssh/",
    ".gnupg/", "Library/LaunchAgents/",
)  # fmt: skip
_START_UP_OF_ALL = (
    "/etc/profile", "/etc/profile.d/", "/etc/bash.bashrc", "/etc/environment", "/etc/zsh/",
    "/etc/ld.so.preload", "/etc/ld.so.conf.d/", "/etc/crontab", "/etc/cron.d/", "/etc/cron.daily/",
    "/etc/cron.hourly/", "/var/spool/cron/", "/etc/systemd/system/", "/etc/sudoers", "/etc/sudoers.d/",
    "/etc/pam.d/", "/etc/hosts",
)  # fmt: skip
#: What any program writes: temporary files, devices, and caches in a home.
_USUAL = ("/tmp/", "/var/tmp/", "/dev/", "/proc/", "/sys/", "/run/")  # noqa: S108  (nothing is made there)
_CACHES = (
    ".cache/", ".npm/", ".yarn/", ".pnpm-store/", ".local/share/pnpm/", ".local/state/",
    ".cargo/registry/", ".cargo/git/", ".cargo/.package-cache", ".m2/repository/", ".gradle/caches/",
    ".gradle/daemon/", ".gradle/native/", "go/pkg/", ".nuget/", ".node-gyp/", ".bundle/cache/",
    "Library/Caches/", ".bun/install/", ".deno/", ".composer/cache/", ".gem/",
)  # fmt: skip
#: git's own files that are run, or decide what is; and those that say which commit is checked out.
_GIT = ("hooks/", "config", "info/attributes", "info/sparse-checkout", "objects/info/alternates", "modules/")
_REFS = ("refs/", "packed-refs", "HEAD")
_PACKAGES = ("node_modules", "site-packages", "dist-packages")


class Places(NamedTuple):
    """What the places of a workspace and of the machine are; paths are absolute, folders end with `/`."""

    root: str
    repository: str
    tools: tuple[str, ...]
    start_up: tuple[str, ...]
    jobs: tuple[str, ...]
    usual: tuple[str, ...]
    #: What policy names outside of the workspace.
    elsewhere: tuple[str, ...]
    #: What policy lets the command write, and what git ignores, by the path in the workspace.
    may_write: Callable[[str], bool]
    ignored: Callable[[str], bool]
    tracked: Collection[str]


def places(  # noqa: PLR0913, PLR0917  (each is one thing that a place depends on)
    root: str,
    repository: str,
    tracked: Collection[str],
    writes: Iterable[str],
    ignored: Callable[[str], bool],
    environment: Mapping[str, str],
) -> Places:
    """Sort the places of this machine.

    `repository` is git's folder, or empty; `writes` are policy's patterns.
    """
    home = os.path.realpath(os.path.expanduser("~"))
    patterns = list(writes)
    elsewhere = tuple(os.path.expanduser(text) for text in patterns if text.startswith(("/", "~/")))
    inside = tuple(text for text in patterns if not text.startswith(("/", "~/")))
    named = (
        environment.get(name, "") for name in ("TMPDIR", "RUNNER_TEMP", "XDG_CACHE_HOME", "RUNNER_TOOL_CACHE")
    )
    usual = [
        *_USUAL,
        *(f"{home}/{name}" for name in _CACHES),
        *(os.path.realpath(n) + "/" for n in named if n),
    ]
    path = environment.get("PATH", "").split(os.pathsep)
    scripts = [environment.get(name, "") for name in ("BASH_ENV", "ENV")]
    return Places(
        root=root,
        repository=repository.rstrip("/") + "/" if repository else "",
        tools=tuple(sorted({os.path.realpath(name) + "/" for name in path if name[:1] == "/"})),
        start_up=(*(f"{home}/{name}" for name in _START_UP), *_START_UP_OF_ALL, *filter(None, scripts)),
        jobs=tuple(os.path.realpath(environment[name]) for name in _OF_JOB if environment.get(name)),
        usual=tuple(usual),
        elsewhere=elsewhere,
        may_write=matcher(inside),
        ignored=ignored,
        tracked=tracked,
    )


def kind(where: Places, path: str) -> WriteKind | None:
    """Return what a path is; `None` for what a command may write without a word."""
    if where.repository and path.startswith(where.repository):
        # git writes anew beside, and renames: the name without `.lock` is what counts.
        listed = is_listed(path[len(where.repository) :], (*_GIT, *_REFS)) and not path.endswith(".lock")
        return "repository" if listed else None
    if path.startswith(where.root + "/"):
        return _inside(where, path, path[len(where.root) + 1 :])
    if is_listed(path, where.elsewhere) or is_below(path, where.elsewhere):
        return None
    if is_below(path, where.jobs):
        return "workflow"
    if is_listed(path, where.start_up):
        return "start-up"
    if path.startswith(where.tools):
        return "tool"
    return None if is_listed(path, where.usual) else "outside"


def package_of(path: str) -> str:
    """Return the folder (with a `/`) of the installed package that a path is in, nothing outside of any."""
    parts = path.split("/")
    for at in range(len(parts) - 1, 0, -1):
        if parts[at - 1] not in _PACKAGES or parts[at].startswith("."):
            continue
        end = at + 1 + (parts[at][:1] == "@")
        return "/".join(parts[:end]) + "/" if end < len(parts) else ""
    return ""


def is_listed(path: str, names: Iterable[str]) -> bool:
    """Tell whether a path is one of some names, or below one that ends with `/`."""
    return any(path.startswith(name) if name[-1:] == "/" else path == name for name in names)


def _inside(where: Places, path: str, relative: str) -> WriteKind | None:
    if where.may_write(relative):
        return None
    if is_listed(relative, _WORKFLOWS):
        return "workflow"
    if relative in where.tracked:
        return "source"
    if where.ignored(relative):
        return None
    return "tool" if path.startswith(where.tools) else "new"
