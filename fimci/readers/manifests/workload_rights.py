"""Rights of what runs in containers: services of Compose, pods and roles of Kubernetes.

    compose.yaml          `privileged`, `cap_add NAME`, `mounts PATH`, `pid host`, `security_opt …`
    YAML with `kind`      `privileged`, `hostPID`, `hostPath PATH`, `capability NAME`, `runs as root`, …
                          `may VERBS RESOURCES`, `bound to ROLE`, `bound for GROUP`

Templates of Helm are no YAML: of those, lines that switch such a right on are told.
Sources: the Compose specification, the API reference of Kubernetes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Record
from fimci.readers.manifests import compose
from fimci.rights.stated import Right, records

#: Without one of these words there is nothing to tell, and nothing is parsed.
_RISKY = re.compile(
    rb"privileged|hostPID|hostIPC|hostNetwork|hostPath|allowPrivilegeEscalation|runAsNonRoot|runAsUser|[uU]nconfined"
    rb"|capabilities|cap_add|security_opt|volumes|network_mode|userns_mode|[\"']?(?:pid|ipc|uts|cgroup)[\"']?:"
    rb"|kind:\s*[\"']?(?:Cluster)?Role"
)
_KUBERNETES = re.compile(rb"(?m)^[\"']?kind[\"']?:")
_LINE = re.compile(
    r"(?m)^[ \t-]*(privileged|hostPID|hostIPC|hostNetwork|allowPrivilegeEscalation):[ \t]*[\"']?true\b"
)
_PATH = re.compile(r"(?m)^[ \t-]*hostPath:(?:[ \t]*\n[ \t]*path:)?[ \t]*[\"']?(/[^\s\"'{}]{0,200})")
_HOST = ("hostPID", "hostIPC", "hostNetwork")
_SHARED = ("pid", "ipc", "network_mode", "userns_mode", "uts", "cgroup")
_TRUE = frozenset(("true", "True", "yes", "on"))
#: Roles that every cluster has, and that let somebody change things.
_OF_THE_SYSTEM = frozenset(("admin", "cluster-admin", "edit", "system:masters"))
_DEEPEST, _MOST = 12, 20_000


def wants(path: str, head: bytes) -> bool:
    """Want compose files, and YAML: what makes it a manifest may stand behind pages of comments."""
    return compose.wants(path, head) or path.endswith((".yaml", ".yml"))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the rights. What is no such document is told by the readers that need it."""
    if _RISKY.search(data) is None:
        return
    composed = compose.wants(path, b"")
    if not composed and _KUBERNETES.search(data) is None:
        return
    from fimci.marked import yaml  # noqa: PLC0415  (where there is such a file)

    try:
        documents = yaml.load_all(data)
    except Malformed:
        if not composed:
            yield from records(path, data, _templated(data.decode("utf-8", "replace")))
        return
    for document in documents:
        if isinstance(document.value, dict):
            yield from records(path, data, _services(document) if composed else _object(document))


def _templated(text: str) -> Iterator[Right]:
    for form in (_LINE, _PATH):
        for found in form.finditer(text):
            what = found[1] if form is _LINE else f"hostPath {found[1]}"
            yield Right("kubernetes", what, text.count("\n", 0, found.start(1)) + 1)


def _services(document: Marked) -> Iterator[Right]:
    for name, service in document.table("services").items():
        where: Pointer = ("services", name)
        if not isinstance(service, dict):
            continue
        if _on(service.get("privileged")):
            yield Right("compose", "privileged", document.line((*where, "privileged")), name)
        for key in _SHARED:
            if service.get(key) == "host":
                yield Right("compose", f"{key} host", document.line((*where, key)), name)
        for key in ("cap_add", "security_opt"):
            for index, value in enumerate(document.items(*where, key)):
                yield Right("compose", f"{key} {value}", document.line((*where, key, index)), name)
        for index, volume in enumerate(document.items(*where, "volumes")):
            source = _mounted(volume)
            if source:
                yield Right("compose", f"mounts {source}", document.line((*where, "volumes", index)), name)


def _mounted(volume: Any) -> str:
    """Return the path of the host that a service gets; empty for what lies in the project or has a name."""
    if isinstance(volume, dict):
        source = volume.get("source") if volume.get("type", "bind") == "bind" else ""
    else:
        source = volume.partition(":")[0] if isinstance(volume, str) and ":" in volume else ""
    source = source if isinstance(source, str) else ""
    return (source.rstrip("/") or "/") if source.startswith(("/", "~", "$HOME", "${HOME}")) else ""


def _object(document: Marked) -> Iterator[Right]:
    kind, name = str(document.value.get("kind")), document.table("metadata").get("name")
    who = f"{kind}/{name}"
    if kind in {"Role", "ClusterRole"}:
        yield from _rules(document, who, " everywhere" if kind == "ClusterRole" else "")
    elif kind in {"RoleBinding", "ClusterRoleBinding"}:
        yield from _bound(document, who)
    else:
        budget = [_MOST]
        yield from _below(document, (), document.value, who, budget)


def _rules(document: Marked, who: str, where: str) -> Iterator[Right]:
    for index, rule in enumerate(document.items("rules")):
        if not isinstance(rule, dict):
            continue
        verbs = sorted(_words(rule, "verbs"))
        special = [verb for verb in verbs if verb in {"bind", "escalate", "impersonate"}]
        for at, resource in enumerate(_words(rule, "resources")):
            line = document.line(("rules", index, "resources", at))
            said = special or (["*"] if "*" in verbs else verbs)
            yield Right("kubernetes", f"may {', '.join(said)} {resource}{where}", line, who, resource)


def _bound(document: Marked, who: str) -> Iterator[Right]:
    role = str(document.table("roleRef").get("name"))
    if role in _OF_THE_SYSTEM:  # what others may is told of the role
        yield Right("kubernetes", f"bound to {role}", document.line(("roleRef", "name")), who)
    for index, subject in enumerate(document.items("subjects")):
        name = subject.get("name") if isinstance(subject, dict) else None
        if isinstance(name, str) and name.startswith("system:") and subject.get("kind") != "ServiceAccount":
            line = document.line(("subjects", index))
            yield Right("kubernetes", f"bound for {name}", line, who)


def _on(value: Any) -> bool:
    return isinstance(value, str) and value in _TRUE


def _words(table: dict[str, Any], key: str) -> list[str]:
    value = table.get(key)
    return [str(one) for one in value] if isinstance(value, list) else []


def _below(document: Marked, pointer: Pointer, value: Any, who: str, budget: list[int]) -> Iterator[Right]:
    """Yield what pods and containers below may do, whatever kind of object they stand in."""
    budget[0] -= 1
    if budget[0] < 0 or len(pointer) > _DEEPEST:
        return
    if isinstance(value, list):
        for index, inner in enumerate(value):
            named = inner.get("name") if isinstance(inner, dict) and "image" in inner else None
            owner = f"{who}.{named}" if named else who
            yield from _below(document, (*pointer, index), inner, owner, budget)
    elif isinstance(value, dict):
        yield from _of_table(document, pointer, value, who)
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                yield from _below(document, (*pointer, key), inner, who, budget)


def _of_table(document: Marked, pointer: Pointer, value: dict[str, Any], who: str) -> Iterator[Right]:
    for key, what in _flags(value):
        yield Right("kubernetes", what, document.line((*pointer, key)), who)
    path = value.get("hostPath")
    path = path.get("path") if isinstance(path, dict) else None
    if isinstance(path, str):
        yield Right("kubernetes", f"hostPath {path}", document.line((*pointer, "hostPath", "path")), who)
    added = value.get("capabilities")
    for index, name in enumerate(_words(added, "add") if isinstance(added, dict) else ()):
        line = document.line((*pointer, "capabilities", "add", index))
        yield Right("kubernetes", f"capability {name.removeprefix('CAP_')}", line, who)


def _flags(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("privileged", "allowPrivilegeEscalation", *_HOST):
        if _on(value.get(key)):
            yield key, key
    if value.get("runAsUser") == "0" or value.get("runAsNonRoot") == "false":
        yield "runAsUser" if "runAsUser" in value else "runAsNonRoot", "runs as root"
    if str(value.get("type")) == "Unconfined":
        yield "type", "unconfined"
