"""Rights that an extension of a browser or of an editor asks for.

    manifest.json, with a `manifest_version`     permissions.NAME, hosts.PATTERN, optional.NAME,
                                                 scripts from HOST, messages from PATTERN, takes over NAME
    package.json, with `engines.vscode`          starts with the editor, extensions.ID, proposed.NAME,
                                                 untrusted workspaces

Sources: the manifest references of Chrome and of MDN, the extension manifest of VS Code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Record
from fimci.readers import commented
from fimci.rights.stated import Right, records

#: What an extension's manifest has, by its name.
_KEYS = {"manifest.json": b'"manifest_version"', "package.json": b'"vscode"'}
_HOST = re.compile(r"<all_urls>|(?:\*|https?|wss?|file|ftp)://.*", re.DOTALL)
_POLICY = re.compile(r"(?:script-src|default-src|object-src|worker-src)\s([^;]*)")
_REMOTE = re.compile(r"(?:https?|wss?)://\S+|\*(?:\.\S+)?|'unsafe-eval'|data:|blob:")
#: The stores of browsers are where extensions come from anyhow.
_STORE = re.compile(
    r"^https://(?:clients2\.google\.com/service/update2|edge\.microsoft\.com/extensionwebstorebase)/"
)
_LISTS = (
    *(("permissions", "permissions."), ("host_permissions", "")),
    *(("optional_permissions", "optional."), ("optional_host_permissions", "optional.")),
)


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (what makes it one may stand anywhere in it)
    """Want manifests by their names; `read` is silent about those of no extension."""
    return path.rpartition("/")[2] in _KEYS


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the rights. A manifest that is damaged asks a browser for nothing."""
    name = path.rpartition("/")[2]
    if _KEYS[name] not in data:
        return
    editor = name == "package.json"
    try:
        document = commented.load(data)
    except Malformed:
        return
    if isinstance(document.value, dict):
        yield from records(path, data, _of_editor(document) if editor else _of_browser(document))


def _of_browser(document: Marked) -> Iterator[Right]:
    yield from _asked(document)
    yield from _policies(
        document, ("content_security_policy",), document.value.get("content_security_policy")
    )
    for key in ("chrome_settings_overrides", "chrome_url_overrides"):
        for name in document.table(key):
            yield _right("browser", document, (key, name), f"takes over {name}", f'"{name}"')
    address = document.value.get("update_url")
    if isinstance(address, str) and not _STORE.search(address):
        yield _right("browser", document, ("update_url",), f"updates from {address}", address)


def _asked(document: Marked) -> Iterator[Right]:
    """Yield permissions, and the pages that an extension may read or hear from."""
    for key, kind in _LISTS:
        for index, value in enumerate(document.items(key)):
            if isinstance(value, str):
                yield _browser(document, (key, index), kind, value)
    for index, script in enumerate(document.items("content_scripts")):
        for at, value in enumerate(_texts(script, "matches")):
            yield _browser(document, ("content_scripts", index, "matches", at), "", value)
    for at, value in enumerate(_texts(document.table("externally_connectable"), "matches")):
        where = ("externally_connectable", "matches", at)
        yield _right("browser", document, where, f"messages from {value}", f'"{value}"')


def _policies(document: Marked, pointer: Pointer, value: Any) -> Iterator[Right]:
    """Yield from where pages of an extension may take scripts, beside from itself."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "sandbox":
                yield from _policies(document, (*pointer, key), inner)
    elif isinstance(value, str):
        for found in _POLICY.finditer(value):
            for source in _REMOTE.findall(found[1]):
                yield _right("browser", document, pointer, f"scripts from {source}", source)


def _browser(document: Marked, pointer: Pointer, kind: str, value: str) -> Right:
    kind = "hosts." if kind != "optional." and _HOST.fullmatch(value) else kind or "hosts."
    return _right("browser", document, pointer, f"{kind}{value}", f'"{value}"')


def _of_editor(document: Marked) -> Iterator[Right]:
    if not document.table("engines").get("vscode"):
        return
    for index, event in enumerate(document.items("activationEvents")):
        if str(event) in {"*", "onStartupFinished"}:
            yield _right(
                "editor", document, ("activationEvents", index), "starts with the editor", f'"{event}"'
            )
    for key in ("extensionPack", "extensionDependencies"):
        for index, value in enumerate(document.items(key)):
            yield _right("editor", document, (key, index), f"extensions.{str(value).lower()}", f'"{value}"')
    for index, value in enumerate(document.items("enabledApiProposals")):
        yield _right("editor", document, ("enabledApiProposals", index), f"proposed.{value}", f'"{value}"')
    where = ("capabilities", "untrustedWorkspaces", "supported")
    if document.table(*where[:2]).get("supported") is True:
        yield _right("editor", document, where, "untrusted workspaces", "supported")


def _texts(table: Any, key: str) -> list[str]:
    found = table.get(key) if isinstance(table, dict) else None
    return [str(value) for value in found] if isinstance(found, list) else []


def _right(family: str, document: Marked, pointer: Pointer, what: str, word: str) -> Right:
    return Right(family, what, document.line(pointer), word=word)
