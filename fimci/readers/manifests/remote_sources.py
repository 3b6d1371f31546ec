"""Addresses from which a build fetches folders of repositories or single files, as go-getter reads them.

    git::https://host.example/owner/repo.git//folder?ref=v1.0.0
    github.com/owner/repo//folder?ref=v1.0.0        git@host.example:owner/repo?ref=v1.0.0
    https://raw.githubusercontent.com/owner/repo/v1.0.0/file.yaml

Shared by the readers of this room, and no reader itself.

https://github.com/hashicorp/go-getter https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md
"""

from __future__ import annotations

import re
from typing import NamedTuple

from fimci.model import OriginKind

#: Longer ones are of nobody.
LONGEST = 2_000
#: Code hosts whose addresses need no scheme, and have the repository in two parts of the path.
_FORGES = ("github.com", "gitlab.com", "bitbucket.org")
#: Serve single files: owner, repository, revision, path.
_RAW = re.compile(
    r"https://raw\.githubusercontent\.com/([^/]+)/([^/]+)/(?:refs/(?:heads|tags)/)?([^/]+)/(.+)"
)
_RELEASED = re.compile(r"https://github\.com/([^/]+)/([^/]+)/(?:releases/download|raw|archive)/([^/]+)/(.+)")
_GETTER = re.compile(r"(git|hg|s3|gcs|https?|file)::")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{1,19})://", re.IGNORECASE)
_SCP = re.compile(r"[\w.-]+@[\w.-]+:[^/\s]")
_FORGE = re.compile(rf"(?:{'|'.join(map(re.escape, _FORGES))})[/:]", re.IGNORECASE)
_REPOSITORY = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/\S*(?:\?(?:ref|version)=|\.git(?:/|$)|/_git/)")
_FILE = re.compile(r"https?://[^?#]*\.(?:ya?ml|json|zip|tgz|tar\.\w{2,3})(?:[?#].*)?", re.IGNORECASE)
_REF = re.compile(r"(?:^|&)(?:ref|version)=([^&]*)")
#: Where the address of a repository ends, on hosts that say so by its name.
_END = re.compile(r"\.git(?=/|$)|/_git/[^/]+(?=/|$)")


class Remote(NamedTuple):
    """What is fetched: its name without its owner, how, from where, and at which revision."""

    name: str
    kind: OriginKind
    origin: str
    version: str


def remote(text: str) -> Remote | None:
    """Return what an address leads to; none where it is a path on this side."""
    text = text.strip()
    if not text or len(text) > LONGEST or "\n" in text:
        return None
    getter = _GETTER.match(text)
    bare = text[getter.end() :] if getter is not None else text
    if getter is None and not any(form.match(bare) for form in (_SCHEME, _SCP, _FORGE, _REPOSITORY)):
        return None
    if bare.startswith((".", "/")):
        return None
    if (getter is None or getter[1] != "git") and _FILE.fullmatch(bare) and "ref=" not in bare:
        return _file(bare)
    if getter is not None and getter[1] != "git":
        return Remote(_last(bare), "tarball", bare, "")
    return _folder(bare)


def _file(url: str) -> Remote:
    """Name a file after its repository, elsewhere after what of its path is no version."""
    found = _RAW.fullmatch(url) or _RELEASED.fullmatch(url)
    if found is not None:
        return Remote(f"{found[2]}/{_last(found[4])}", "tarball", url, found[3])
    path = _SCHEME.sub("", url, count=1).partition("?")[0].split("/")[1:]
    return Remote("/".join(part for part in path if not re.search(r"\d", part)), "tarball", url, "")


def _folder(text: str) -> Remote:
    address, _, query = text.partition("?")
    scheme = _SCHEME.match(address)
    begin = scheme.end() if scheme is not None else 0
    stem, _, folder = address[begin:].partition("//")
    host = stem.replace(":", "/", 1).partition("/")[0].rpartition("@")[2].lower()
    end = _END.search(stem)
    if host in _FORGES:
        parts = re.split(r"[/:]", stem)
        stem, inner = stem[: len("/".join(parts[:3]))], "/".join(parts[3:])
    else:
        cut = end.end() if end is not None else len(stem)
        stem, inner = stem[:cut], stem[cut:].strip("/")
    folder = "/".join(part for part in (inner, folder.strip("/")) if part)
    repository = re.split(r"[/:]", stem)[-1].removesuffix(".git")
    asked = _REF.search(query)
    version = asked[1] if asked is not None else ""
    origin = address[:begin] + stem
    if scheme is None and _SCP.match(stem) is None:
        origin = f"https://{origin}"
    name = f"{repository}//{folder}" if folder else repository
    return Remote(name, "git", f"{origin}?ref={version}" if version else origin, version)


def _last(path: str) -> str:
    return path.partition("?")[0].rstrip("/").rpartition("/")[2]
