"""`composer.json`: requirements, repositories, plug-ins that may run, and scripts around an install.

    require, require-dev             Package
    repositories.NAME.url, …         Setting   by name, or `repositories[n]` in a list without names
    config.KEY                       Setting   `allow-plugins`, `secure-http`, `disable-tls`, …
    minimum-stability, prefer-stable Setting
    all that the lock is made of     Setting   `lock-input.composer`, as Composer hashes it
    scripts                          Capability `install-script`, of the events of an install

https://getcomposer.org/doc/04-schema.md, https://getcomposer.org/doc/articles/scripts.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fimci.marked import json
from fimci.marked.document import Malformed, Marked
from fimci.model import Capability, Package, Record, Reference, Setting, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import lock_inputs, settings

_REQUIREMENTS = {"require": (), "require-dev": ("dev",)}
#: Events of `composer install` and `update`; those of single commands and own names run when called.
_EVENT = re.compile(
    r"(?:pre|post)-(?:install-cmd|update-cmd|autoload-dump|package-(?:install|update|uninstall)|operations-exec|pool-create"
    r"|file-download|root-package-install|create-project-cmd)|init|command|pre-command-run"
)
_SETTINGS = ("repositories", "config", "minimum-stability", "prefer-stable", "bin")
_SECRET = re.compile(
    r"config\.(?:github-oauth|gitlab-oauth|gitlab-token|bitbucket-oauth|http-basic|bearer|custom-headers|forgejo-token)\b.*",
    re.DOTALL,
)
#: Of the platform, not of a repository.
_PLATFORM = re.compile(
    r"php(?:-.*)?|hhvm|(?:ext|lib)-.*|composer(?:-(?:plugin|runtime)-api)?", re.IGNORECASE | re.DOTALL
)


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether this is the manifest of a project, and not of an installed package."""
    return path.rpartition("/")[2] == "composer.json" and "/vendor/" not in f"/{path}"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield requirements, settings and scripts."""
    try:
        document = json.load(data)
    except Malformed as error:
        yield unparsed(path, error, "JSON")
        return
    if not isinstance(document.value, dict):
        yield Unread(path=path, why="not a JSON object, so no manifest")
        return
    yield from repeated(path, document, frozenset((*_REQUIREMENTS, *_SETTINGS, "scripts")))
    yield from settings.bounded(path, _facts(path, document))
    if hashed := lock_inputs.composer(document.value):
        yield settings.setting(path, "lock-input.composer", hashed, 1)


def _facts(path: str, document: Marked) -> Iterator[Record]:
    for section, flags in _REQUIREMENTS.items():
        for name, wanted in document.table(section).items():
            if not _PLATFORM.fullmatch(name):
                yield _requirement(path, document, (section, name), wanted, flags)
    for key in _SETTINGS:
        if document.value.get(key) not in (None, [], {}):
            yield from settings.flatten(path, document, (key,), key, _private)
    yield from _loaded(path, document)
    for event, commands in document.table("scripts").items():
        if _EVENT.fullmatch(event):
            yield from _script(path, document, event, commands)


def _loaded(path: str, document: Marked) -> Iterator[Reference]:
    """Yield the file of a plug-in, which runs in each `composer` of whoever requires it."""
    named = document.table("extra").get("class")
    roots = document.table("autoload").get("psr-4")
    if document.value.get("type") != "composer-plugin" or not isinstance(roots, dict):
        return
    names = [name for name in (named if isinstance(named, list) else [named]) if isinstance(name, str)]
    for name in names:
        for prefix, folders in roots.items():
            if not name.startswith(prefix):
                continue
            rest = name[len(prefix) :].replace("\\", "/")
            for folder in folders if isinstance(folders, list) else [folders]:
                if isinstance(folder, str):
                    target = f"./{folder.strip('/')}/{rest}.php".replace("//", "/")
                    at = settings.place(path, document.line(("extra", "class")), name)
                    yield Reference(path=path, target=target, phase="install", at=at)


def _private(path: str, name: str, value: str, line: int) -> Setting:
    """Return a switch; credentials have names of their own here."""
    return settings.private(path, name, settings.SECRET if _SECRET.fullmatch(name) else value, line)


def _requirement(
    path: str, document: Marked, pointer: tuple[str, str], wanted: Any, flags: tuple[str, ...]
) -> Package | Unread:
    section, name = pointer
    line = document.line(pointer)
    if not isinstance(wanted, str):
        return Unread(path=path, why="a requirement that is no text", part=f"{section}.{name}", line=line)
    return Package(
        ecosystem="composer",
        name=name.lower(),
        place=f"{path}#{section}/{name.lower()}",
        stated_by="manifest",
        version=wanted,
        origin_kind="registry",
        origin=None,
        flags=flags,
        at=settings.place(path, line, f'"{name}": "{wanted}"'),
    )


def _script(path: str, document: Marked, event: str, commands: Any) -> Iterator[Capability]:
    """Yield what an event runs: commands, callbacks and references to other scripts, in their order."""
    listed = commands if isinstance(commands, list) else [commands]
    told = "\n".join(command for command in listed if isinstance(command, str) and command.strip())
    if told:
        line = document.line(("scripts", event))
        yield Capability(
            path=path,
            name="install-script",
            subject=event,
            phase="install",
            detail=told,
            at=settings.place(path, line, told),
        )
