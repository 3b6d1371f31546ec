"""Files that keep commands under keys: which keys those are, and when they run. No reader itself.

A kind is known by the path, or by what stands in a document: manifests of a cluster have any name.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from fimci.marked.document import Pointer
from fimci.model import Phase

#: Keys whose texts, or lists of texts, are commands, in files of builds of any kind.
_USUAL = frozenset(
    (
        *("script", "before_script", "after_script", "before_install", "install", "after_success"),
        *("after_failure", "before_deploy", "run", "command", "commands", "cmd", "cmds", "entrypoint"),
        *("build_script", "before_build", "after_build", "test_script", "install_script", "init", "bash"),
        *("sh", "shell", "powershell", "pwsh", "ps", "init_hook", "installCommand", "buildCommand"),
        *("devCommand", "postCreateCommand", "preCommands", "postCommands", "prebuild", "post_install"),
        *("post-install", "pre-commit", "pre-push", "commit-msg", "post-checkout", "post-merge"),
        *("prepare-commit-msg", "pre-rebase", "post-commit", "pre_install", "entry", "enter", "leave"),
    )
)


class Kind(NamedTuple):
    """When the commands of a file run, and where they are.

    `keys`: whose texts, or lists of texts, are commands, wherever they stand. `tables`: of which each text is
    one, at any depth. `rows`: in which a text, or a list of them, is one. `worded`: a list is one command,
    word by word, and not a command on each line. `unasked`: keys that make a command of a row run at
    installation.
    """

    phase: Phase = "call"
    keys: frozenset[str] = _USUAL
    tables: tuple[Pointer, ...] = ()
    rows: tuple[Pointer, ...] = ()
    worded: bool = False
    unasked: frozenset[str] = frozenset()


def _and(*more: str) -> frozenset[str]:
    return _USUAL | frozenset(more)


def _only(*those: str) -> frozenset[str]:
    return frozenset(those)


_NONE: frozenset[str] = frozenset()
_BUILD = Kind("install")
_CALLED = Kind()
_COMPOSE = Kind(worded=True)
_LINTED = Kind(keys=_NONE, tables=((),))
_HOSTED = Kind(
    "install", _and("release_command", "preDeployCommand", "startCommand", "onBoot", "commandLine")
)

#: By their paths; the first form that fits decides.
_KINDS: tuple[tuple[str, Kind], ...] = (
    # What builds a project at a host, unasked.
    (r"(?:[^/]*\.)?gitlab-ci\.ya?ml|\.gitlab/(?:[^/]+/){0,4}[^/]+\.ya?ml", _BUILD),
    (r"\.circleci/[^/]+\.ya?ml|\.buildkite/(?:[^/]+/){0,3}[^/]+\.ya?ml|\.semaphore/[^/]+\.ya?ml", _BUILD),
    (r"\.travis\.yml|bitbucket-pipelines\.yml|\.drone\.ya?ml|\.?appveyor\.yml|\.cirrus\.ya?ml", _BUILD),
    (r"\.?azure-pipelines?(?:[.-][^/]*)?\.ya?ml|\.azure-?pipelines/(?:[^/]+/){0,3}[^/]+\.ya?ml", _BUILD),
    (r"\.woodpecker(?:\.ya?ml|/(?:[^/]+/)?[^/]+\.ya?ml)|cloudbuild[^/]*\.ya?ml|codemagic\.yaml", _BUILD),
    (
        r"\.readthedocs\.ya?ml|\.gitpod\.yml|\.pre-commit-(?:config|hooks)\.ya?ml|\.cursor/environment\.json",
        _BUILD,
    ),
    (r"\.build\.yml|\.builds/[^/]+\.yml", Kind("install", _NONE, (("tasks",),))),
    (r"bitrise\.yml", Kind("install", _and("content"))),
    (
        r"(?:[^/]*[._-])?buildspec(?:[._-][^/]*)?\.ya?ml|amplify\.yml|(?:[^/]+/)?\.ebextensions/[^/]+\.config",
        _HOSTED,
    ),
    (
        r"render\.yaml|railway\.(?:json|toml)|fly(?:\.[^/]+)?\.toml|heroku\.yml|\.replit|\.stackblitzrc",
        _HOSTED,
    ),
    (r"app\.json", Kind("install", _NONE, rows=(("scripts",),))),
    (r"devfile\.ya?ml|\.devfile\.ya?ml|\.codesandbox/tasks\.json", _HOSTED),
    (
        r"\.devcontainer/(?:[^/]+/)?devcontainer-feature\.json",
        Kind(
            "install",
            _only("onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand"),
        ),
    ),
    # What somebody starts, or what tools start for him.
    (r"(?:docker-|podman-)?compose(?:[._-][\w.-]+)?\.ya?ml", _COMPOSE),
    (r"[Tt]askfile(?:\.dist)?\.ya?ml", Kind(rows=(("tasks",),))),
    (
        r"vercel\.json|devbox\.json|\.?air\.toml|\.goreleaser\.ya?ml|goreleaser\.ya?ml",
        Kind(keys=_and("hooks", "pre", "post", "full_bin", "pre_cmd", "post_cmd")),
    ),
    (r"netlify\.toml", Kind(keys=_NONE, tables=(("build",),))),
    (
        r"\.?mise(?:\.[\w-]+)?\.toml|\.?(?:config/)?mise/(?:conf\.d/)?[^/]+\.toml",
        Kind(keys=_NONE, tables=(("tasks",),)),
    ),
    (r"hatch\.toml", Kind(keys=_NONE, tables=(("envs",),))),
    (r"pixi\.toml", Kind(keys=_NONE, tables=(("tasks",), ("feature",), ("target",)))),
    (r"Pipfile", Kind(keys=_NONE, tables=(("scripts",),))),
    (r"tox\.toml", Kind(keys=_only("commands", "commands_pre", "commands_post"), worded=True)),
    (r"Makefile\.toml|bacon\.toml", _COMPOSE),
    (r"wrangler\.(?:toml|jsonc?)", Kind(keys=_only("command"))),
    (
        r"(?:[^/]*\.)?tauri(?:\.[\w-]+)?\.conf\.json",
        Kind(keys=_only("beforeDevCommand", "beforeBuildCommand", "beforeBundleCommand", "script")),
    ),
    (r"wails\.json", Kind(rows=((),), keys=_only("postBuildHooks", "preBuildHooks"))),
    (r"nodemon\.json", Kind(keys=_only("exec"), tables=(("events",), ("execMap",)))),
    (
        r"nx\.json|project\.json|moon\.yml|\.moon/(?:[^/]+/)?[^/]+\.yml|melos\.yaml",
        Kind(rows=(("scripts",),)),
    ),
    (
        r"\.?(?:tmuxinator|mprocs|process-compose)\.ya?ml",
        Kind(keys=_and("on_project_start", "on_project_first_start", "pre_window", "pre")),
    ),
    (r"serverless\.ya?ml", Kind(keys=_only("command", "script"), tables=(("custom", "scripts"),))),
    (
        r"snapcraft\.yaml",
        Kind(
            keys=_only(
                "override-pull", "override-build", "override-stage", "override-prime", "override-prepare"
            )
        ),
    ),
    (r"(?:recipe|meta)\.ya?ml", Kind(keys=_only("script", "commands"))),
    (
        r"package\.json",
        Kind(
            keys=_NONE,
            tables=(
                ("husky", "hooks"),
                ("simple-git-hooks",),
                ("lint-staged",),
                ("pre-commit",),
                ("gitHooks",),
                ("wireit",),
                ("release-it", "hooks"),
                ("nodemonConfig", "events"),
            ),
        ),
    ),
    (r"deno\.jsonc?", Kind(keys=_NONE, tables=(("tasks",),))),
    (
        r"composer\.json",
        Kind(
            keys=_NONE,
            rows=(("scripts",),),
            unasked=_only(
                *(
                    f"{when}-{what}-cmd"
                    for when in ("pre", "post")
                    for what in ("install", "update", "autoload-dump")
                ),
                *(
                    "pre-autoload-dump",
                    "post-autoload-dump",
                    "post-root-package-install",
                    "post-create-project-cmd",
                ),
            ),
        ),
    ),
    (
        r"pyproject\.toml",
        Kind(
            keys=_only(
                *("before-all", "before-build", "before-test", "repair-wheel-command", "test-command"),
                *("commands", "commands_pre", "commands_post", "legacy_tox_ini"),
            ),
            tables=(
                *(("tool", name, "scripts") for name in ("pdm", "rye", "hatch")),
                *(("tool", name, "tasks") for name in ("poe", "pixi", "taskipy")),
                ("tool", "pixi", "feature"),
                ("tool", "hatch", "envs"),
                ("tool", "semantic_release", "build_command"),
                *(
                    ("tool", "bumpversion", f"{when}_hooks")
                    for when in ("setup", "pre_commit", "post_commit")
                ),
            ),
        ),
    ),
    (r"values(?:[._-][\w.-]+)?\.ya?ml", Kind(keys=_only("command"), worded=True)),
    (r"\.vs/(?:tasks|launch)\.vs\.json|\.fleet/run\.json|\.theia/tasks\.json", _COMPOSE),
    (r"\.aider\.conf\.ya?ml", Kind(keys=_only("test-cmd", "lint-cmd", "notifications-command"))),
    (r"app\.ya?ml", Kind(keys=_only("entrypoint"))),
    # What git is made to start.
    (r"\.lintstagedrc(?:\.json|\.ya?ml)?", _LINTED),
    (r"\.?simple-git-hooks\.json", _LINTED),
    (r"\.huskyrc(?:\.json|\.ya?ml)?", Kind(keys=_NONE, tables=(("hooks",),))),
    (r"captainhook\.json", Kind(keys=_only("action"))),
    (r"\.overcommit\.yml", Kind(keys=_only("command", "install_command"), worded=True)),
    (r"grumphp\.ya?ml", Kind(keys=_only("scripts"), worded=True)),
)
_FORMS = re.compile("(?:.*/)?(?:" + "|".join(f"({form})" for form, _ in _KINDS) + ")", re.DOTALL)

#: By what stands in them. A cluster starts what it is told to; a hook of Helm runs when a chart is installed.
_CLUSTER = Kind(keys=_only("command", "args", "script", "source", "runs"), worded=True)
_MACHINE = Kind(keys=_only("runcmd", "bootcmd"), rows=())
_PLAYS = Kind(
    keys=frozenset(
        f"{where}{name}"
        for where in ("", "ansible.builtin.", "ansible.legacy.", "ansible.windows.")
        for name in ("shell", "command", "raw", "script", "cmd", "win_shell", "win_command", "win_powershell")
    )
)
_STACK = Kind(keys=_only("UserData", "Fn::Base64", "Fn::Sub", "command"))
_PACKED = Kind(keys=_only("runs", "build-commands", "post-install"))
_ROLE = re.compile(r"(?:^|/)(?:tasks|handlers|playbooks)/(?:[^/]+/){0,3}[^/]+\.ya?ml")
_CONTENTS: tuple[tuple[re.Pattern[bytes], Kind], ...] = (
    (re.compile(rb"\A(?:#[^\n]*\n|\s)*#cloud-config\b"), _MACHINE),
    (re.compile(rb"\bhelm\.sh/hook\b"), _CLUSTER._replace(phase="install")),
    (
        re.compile(
            rb"(?m)(?:^|[{,])[ \t-]*[\"']?(?:apiVersion|containers|initContainers)[\"']?[ \t]*:"
            rb"|^(?:platform|image_resource):|\\(?:u00|x)[4-7][0-9A-Fa-f]"
        ),
        _CLUSTER,
    ),
    (re.compile(rb"AWSTemplateFormatVersion|AWS::EC2::|AWS::AutoScaling::"), _STACK),
    (re.compile(rb"(?m)^pipeline:|build-commands\b"), _PACKED),
    (re.compile(rb"(?m)^(?:- |  )[ \t]*hosts:"), _PLAYS),
)
#: What a file that is known by its content has in it somewhere.
_NEEDED = re.compile(
    rb"\b(?:command|args|script|source|runs?|runcmd|bootcmd|shell|raw|cmd|UserData|post-install|build-commands)\b|#!"
    rb"|\\(?:u00|x)[4-7][0-9A-Fa-f]"
)


def of_path(path: str) -> Kind | None:
    """Return the kind of a file that its path tells, none where that tells nothing."""
    found = _FORMS.fullmatch(path)
    return None if found is None or found.lastindex is None else _KINDS[found.lastindex - 1][1]


def of_content(path: str, data: bytes) -> Kind | None:
    """Return the kind of a document that its content tells."""
    if _NEEDED.search(data) is None:
        return None
    if _ROLE.search(path):
        return _PLAYS
    return next((kind for form, kind in _CONTENTS if form.search(data)), None)
