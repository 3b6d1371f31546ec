"""`.pre-commit-config.yaml`: hooks of others at a revision, and commands that run at every commit.

    repos[].repo, rev                    Package   `pre-commit`, named after the repository
    hooks[].additional_dependencies      Package   `pypi` or `npm`, pinned or not
    hooks.ID.entry                       Setting   what a local hook runs, or what runs in a hook's stead

https://pre-commit.com/#pre-commit-configyaml---top-level
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fimci.excerpts import without_credentials
from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Package, Place, Record, Unread
from fimci.names import canonical
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import settings

#: Not repositories: hooks of this one, and pre-commit's own.
_OWN = frozenset({"local", "meta", "builtin"})
_PYTHON = re.compile(r"([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(\[[^\]]*\])?\s*(.*)", re.DOTALL)
_NODE = re.compile(r"(@[^@/\s]+/[^@/\s]+|[^@/\s:=<>~!]+)@([^\s/:]+)|(@[^@/\s]+/[^@/\s]+)")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the configuration of pre-commit and of prek, which reads the same."""
    return path.rpartition("/")[2] in {".pre-commit-config.yaml", ".pre-commit-config.yml"}


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per repository of hooks, their additional requirements, and local commands."""
    from fimci.marked import yaml  # noqa: PLC0415  (22 ms, where there is such a file)

    try:
        document = yaml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "YAML")
        return
    yield from repeated(path, document)
    if not isinstance(document.value, dict) or not isinstance(document.value.get("repos"), list):
        yield Unread(path=path, why="it has no list of repositories", line=document.line(("repos",)))
        return
    yield from settings.bounded(path, _facts(path, document))


def _facts(path: str, document: Marked) -> Iterator[Record]:
    used: Counter[str] = Counter()
    for index, entry in enumerate(document.items("repos")):
        pointer: Pointer = ("repos", index)
        if not isinstance(entry, dict) or not isinstance(entry.get("repo"), str):
            line = document.line(pointer)
            yield Unread(path=path, part=f"repos[{index}]", why="an entry without a repository", line=line)
            continue
        if entry["repo"] not in _OWN:
            yield _repository(path, document, pointer, entry, used)
        hooks = entry.get("hooks")
        for number, hook in enumerate(hooks if isinstance(hooks, list) else ()):
            if isinstance(hook, dict):
                yield from _hook(path, document, (*pointer, "hooks", number), hook, used)


def _repository(
    path: str, document: Marked, pointer: Pointer, entry: dict[str, Any], used: Counter[str]
) -> Package:
    url = without_credentials(entry["repo"])
    name = re.split(r"[/:]", url.rstrip("/"))[-1].removesuffix(".git")
    revision = entry.get("rev")
    version = revision if isinstance(revision, str) else None
    line = document.line((*pointer, "repo"))
    at = settings.place(path, line, f"{url} {version or ''}".rstrip())
    return Package(
        ecosystem="pre-commit",
        name=name,
        place=_occurrence(path, "repos", name, used),
        stated_by="manifest",
        version=version,
        origin_kind="git",
        origin=url,
        at=Place(path, line, at.text, (("version", document.line((*pointer, "rev"))),)),
    )


def _hook(
    path: str, document: Marked, pointer: Pointer, hook: dict[str, Any], used: Counter[str]
) -> Iterator[Record]:
    label = hook.get("id")
    label = label if isinstance(label, str) else ""
    entry = hook.get("entry")
    if isinstance(entry, str):
        place = _occurrence("", "hooks", label, used)[1:]
        name = place.replace("/", ".", 1)
        yield settings.setting(path, f"{name}.entry", entry, document.line((*pointer, "entry")))
    wanted = hook.get("additional_dependencies")
    for number, text in enumerate(wanted if isinstance(wanted, list) else ()):
        line = document.line((*pointer, "additional_dependencies", number))
        if isinstance(text, str):
            yield from _additional(path, line, hook, text, used)


def _additional(
    path: str, line: int, hook: dict[str, Any], text: str, used: Counter[str]
) -> Iterator[Package]:
    """Read a requirement in the syntax of the hook's language, as far as that can be told."""
    language = str(hook.get("language", ""))
    node = _NODE.fullmatch(text) if language in {"node", ""} else None
    python = _PYTHON.fullmatch(text) if language in {"python", ""} else None
    if node is not None:
        ecosystem, name, version = "npm", node[1] or node[3], node[2] or ""
    elif python is not None and not text.startswith((".", "/")):
        ecosystem, name, version = "pypi", canonical(python[1]), python[3].strip()
    else:
        return
    away = version.startswith("@") and "://" in version
    yield Package(
        ecosystem=ecosystem,
        name=name,
        place=_occurrence(path, f"additional/{hook.get('id')}", name, used),
        stated_by="manifest",
        version=without_credentials(version),
        origin_kind=("git" if "git+" in version else "tarball") if away else "registry",
        origin=without_credentials(version[1:].strip()) if away else None,
        at=settings.place(path, line, without_credentials(text)),
    )


def _occurrence(path: str, section: str, name: str, used: Counter[str]) -> str:
    """Return the place of the next use of a name in a section; the first has no number."""
    place = f"{path}#{section}/{name}"
    used[place] += 1
    return f"{place}[{used[place]}]" if used[place] > 1 else place
