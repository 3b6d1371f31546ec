"""Where the packages of yarn 2 and later come from: the reference of a `resolution`.

    npm:1.0.0                               the registry that the configuration names
    npm:1.0.0::__archiveUrl=https%3A…       the same, from an unusual URL
    https://…/left.tgz                      a URL
    git@host:o/left.git#commit=…            a repository
    file:left.tgz::locator=…  file:left#…   an archive or a folder, from the workspace that asks for it
    link:left  portal:left  workspace:left  a folder as it stands
    patch:left@npm%3A1.0.0#left.patch::…    another one, changed
    exec:make.js#…                          what a program of the repository makes of nothing

Part of the reader `yarn_berry`, and no reader itself. See "Protocols" in the manual of yarn.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from fimci.excerpts import without_credentials
from fimci.model import UNSTATED, OriginKind, Unstated
from fimci.readers.locks import node

_GIT = re.compile(r"(?:git[+:@]|ssh:|github:|[^/@:]+@[^/@:]+:)|https?://[^#]*\.git$")
_COMMIT = re.compile(r"(?:^|&)commit=([^&]*)")
_ARCHIVE = re.compile(r"\.(?:tgz|tar\.gz|tar)$", re.IGNORECASE)
#: What yarn itself patches, in the words of its several versions.
_BUILTIN = re.compile(r"(?:~|optional!)?(builtin<[^>]*>)")
_URLS = ("http:", "https:")
_FOLDERS = ("exec", "link", "portal")
_MOST_PARAMETERS = 20


class Source(NamedTuple):
    """Kind and URL or path of an origin, whether a program makes it, and what is wrong with it."""

    kind: OriginKind | Unstated
    origin: str | Unstated | None = None
    builds: bool = False
    fault: str = ""


def source(name: str, version: str, reference: str) -> Source:
    """Return where the entry of this name and version comes from."""
    head, _, tail = reference.partition("::")
    body, _, selector = head.partition("#")
    protocol, colon, rest = body.partition(":")
    try:
        parameters = dict(parse_qsl(tail, max_num_fields=_MOST_PARAMETERS))
    except ValueError:
        return Source(UNSTATED, UNSTATED, fault="with more parameters than any use")
    if protocol == "npm":
        return _registry(name, version, parameters.get("__archiveUrl", ""))
    if protocol == "workspace":
        return Source("virtual" if rest == "." else "workspace")
    if protocol == "patch":
        builtin = _BUILTIN.fullmatch(unquote(selector))
        return Source("patch", builtin[1] if builtin else unquote(selector))
    if protocol in (*_FOLDERS, "file"):
        return _local(protocol, rest, parameters.get("locator", ""))
    if _GIT.match(body) or _COMMIT.search(selector):
        return _git(body, selector)
    if body.startswith(_URLS):
        return Source("tarball", without_credentials(body))
    fault = "that only the code of a plugin can fetch" if colon else "without an origin"
    return Source(UNSTATED, UNSTATED, fault=fault)


def _registry(name: str, version: str, url: str) -> Source:
    if not url:
        return Source("registry")
    return Source(node.kind_of(url, name, version, hashed=True) or UNSTATED, without_credentials(url))


def _git(url: str, selector: str) -> Source:
    """Read a repository; all that is said of it but the commit (a workspace in it) stays behind that."""
    found = _COMMIT.search(selector)
    rest = [part for part in selector.split("&") if part and not part.startswith("commit=")]
    fragment = "&".join([found[1], *rest] if found else rest)
    return Source("git", without_credentials(f"{url}#{fragment}" if fragment else url))


def _local(protocol: str, path: str, locator: str) -> Source:
    """Read a path, which starts from the folder of the workspace that asks for it."""
    _, workspace, folder = locator.partition("@workspace:")
    path = unquote(path)
    joined = posixpath.normpath(posixpath.join(folder, path)) if workspace and path else path
    if protocol == "file" and _ARCHIVE.search(path):
        return Source("file", f"file:{joined}")
    kind: OriginKind = "link" if protocol in ("link", "portal") else "directory"
    return Source(kind, joined or None, builds=protocol == "exec")
