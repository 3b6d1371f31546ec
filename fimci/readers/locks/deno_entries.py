"""The entries of `deno.lock`: packages of npm and jsr, and modules that are fetched by URL.

Shared by the readers of this room, and no reader itself.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fimci.excerpts import EXCERPT, without_credentials
from fimci.marked.document import Marked, Pointer
from fimci.model import UNSTATED, Digest, OriginKind, Package, Place, Unread, Unstated
from fimci.printable import plural
from fimci.readers.locks import node

_LONGEST = 4096
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
#: What names a release in the path of a URL: `@1.2.3`, `/v1.2.3`, or a whole commit.
_RELEASE = re.compile(
    r"(?:@(v?[0-9][^/@?#]*)"
    r"|/(v[0-9]+\.[0-9][^/?#]*|[0-9]+\.[0-9]+\.[0-9][^/?#]*|[0-9a-f]{40}))(?=[/?#]|$)"
)


def requirement(stated: str) -> tuple[str, str, str]:
    """Take `npm:left@^1.0.0` apart: ecosystem, name and wanted range (nothing where there is none)."""
    scheme, colon, rest = stated.partition(":")
    ecosystem = scheme if colon and scheme in {"npm", "jsr"} else "npm"
    rest = rest.lstrip("/") if colon and scheme in {"npm", "jsr"} else stated
    name, _, wanted = rest[1:].partition("@")
    return ecosystem, rest[:1] + name, wanted


def version(release: str) -> str:
    """Return the version in `left@1.0.1_right@2.0.0`, or in what follows the first `@` of it."""
    if not _VERSION.match(release):
        release = release[release.find("@", 1) + 1 :]
    return sys.intern(release.partition("_")[0])


def is_module(url: str, stated: Any) -> bool:
    """Tell whether this is the URL of a module, with its hash."""
    return isinstance(stated, str) and bool(_SCHEME.match(url)) and len(url) <= _LONGEST


def npm(path: str, document: Marked, where: Pointer) -> Iterator[Package | Unread]:
    """Yield a package per release of npm's packages, whatever its peers."""
    entries = document.table(*where)
    lines = document.lines(entries, document.line(where))
    links = {name for key in ("links", "patches") for name in document.table("workspace", key)}
    odd = [lines.get(key, 1) for key, entry in entries.items() if not _whole(key, entry)]
    whole = {key: entry for key, entry in entries.items() if _whole(key, entry)}
    only = {_name(key): version(key) for key in whole}
    several, crowded = _counted(whole)
    made: dict[str, Package] = {}
    for key, entry in whole.items():
        name, release = _name(key), version(key)
        location = f"npm/{name}@{release}" if name in several else f"npm/{name}"
        kind, origin = _origin(entry, name, release)
        linked = f"npm:{name}@{release}" in links and not node.text(entry, "integrity")
        package = Package(
            ecosystem="npm",
            name=name,
            place=f"{path}#{location}",
            stated_by="lock",
            version=release,
            origin_kind="link" if linked else kind,
            origin=origin,
            integrity=node.digests(node.text(entry, "integrity")),
            install_scripts=True if entry.get("scripts") is True else UNSTATED,
            dependencies=_edges(entry, only),
            at=_place(path, document, entry, lines.get(key, 1), key),
        )
        if (name, release) in crowded:
            yield from _once(made, package, f"{path}#npm/{key}")
        else:
            yield package
    yield from _odd(path, "npm", odd)
    yield from _unclear(path, document, where, whole)


def _counted(keys: Iterable[str]) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """Return the names that are locked in several versions, and the releases in several contexts."""
    contexts = Counter((_name(key), version(key)) for key in keys)
    names = Counter(name for name, _ in contexts)
    return (
        frozenset(name for name, count in names.items() if count > 1),
        frozenset(release for release, count in contexts.items() if count > 1),
    )


def _once(made: dict[str, Package], package: Package, apart: str) -> Iterator[Package]:
    """Yield a package once, whatever the contexts of its peers; what they contradict has its own place."""
    first = made.setdefault(package.place, package)
    if first is package:
        yield package
    elif (first.integrity, first.origin, first.install_scripts) != (
        package.integrity,
        package.origin,
        package.install_scripts,
    ):
        yield _moved(package, apart)


def _moved(package: Package, place: str) -> Package:
    import msgspec  # noqa: PLC0415  (only for a lock that contradicts itself)

    return msgspec.structs.replace(package, place=place)


def _name(key: str) -> str:
    """Return the name in a key. Interned, as are versions and edges: each is said many times."""
    return sys.intern(key[: key.find("@", 1)])


def _whole(key: str, entry: Any) -> bool:
    return isinstance(entry, dict) and key.find("@", 1) > 0 and bool(version(key)) and len(key) <= _LONGEST


def _origin(entry: dict[str, Any], name: str, release: str) -> tuple[OriginKind | Unstated, str | None]:
    """Return kind and URL, which is stated only where it is not the usual one of the registry."""
    url = node.text(entry, "tarball")
    if not url:
        return "registry", None
    kind = node.kind_of(url, name, release, hashed="integrity" in entry)
    return kind or UNSTATED, without_credentials(url)


def _edges(entry: dict[str, Any], versions: Mapping[str, str]) -> tuple[str, ...]:
    """Return edges as `name@version`; a bare name stands for the only version there is."""
    found = set()
    for key in ("dependencies", "optionalDependencies"):
        stated = entry.get(key)
        items = stated.items() if isinstance(stated, dict) else ()
        texts = [f"{name}@npm:{target}" for name, target in items]
        texts += [text for text in stated if isinstance(text, str)] if isinstance(stated, list) else []
        for text in texts:
            at = text.find("@", 1)
            target = text[at + 1 :].removeprefix("npm:") if at > 0 else versions.get(text, "")
            name = text[:at] if at > 0 else text
            real = _name(target) if target.find("@", 1) > 0 else name
            found.add(sys.intern(f"{real}@{version(target)}"))
    return tuple(sorted(found))


def jsr(path: str, document: Marked, where: Pointer) -> Iterator[Package | Unread]:
    """Yield a package per release of jsr's packages. The hash is that of their list of files."""
    entries = document.table(*where)
    lines = document.lines(entries, document.line(where))
    whole = {key: entry for key, entry in entries.items() if _whole(key, entry)}
    several = Counter(_name(key) for key in whole)
    for key, entry in whole.items():
        name = _name(key)
        yield Package(
            ecosystem="jsr",
            name=name,
            place=f"{path}#jsr/{key if several[name] > 1 else name}",
            stated_by="lock",
            version=key[len(name) + 1 :],
            origin_kind="registry",
            origin=None,
            integrity=_sha256(node.text(entry, "integrity")),
            dependencies=_stated(entry),
            at=_place(path, document, entry, lines.get(key, 1), key),
        )
    yield from _odd(path, "jsr", [lines.get(key, 1) for key in entries if key not in whole])
    yield from _unclear(path, document, where, whole)


def remote(path: str, document: Marked, where: Pointer) -> Iterator[Package | Unread]:
    """Yield a package per module that is fetched by URL, named by host and path."""
    entries = document.table(*where)
    lines = document.lines(entries, document.line(where))
    modules = {url: text for url, text in entries.items() if is_module(url, text)}
    names = {url: _module(url) for url in modules}
    several = Counter(name for name, _ in names.values())
    for url, stated in modules.items():
        name, release = names[url]
        origin = without_credentials(url)
        yield Package(
            ecosystem="generic",
            name=name,
            place=f"{path}#remote/{name if several[name] == 1 else origin}",
            stated_by="lock",
            version=release or None,
            origin_kind="remote",
            origin=origin,
            integrity=_sha256(stated),
            at=Place(path, lines.get(url, 1), origin[:EXCERPT]),
        )
    yield from _odd(path, "remote", [lines.get(url, 1) for url in entries if url not in modules])


def _module(url: str) -> tuple[str, str]:
    """Return name and release of a module: `host/std/fs/mod.ts` and `0.200.0`."""
    bare = _SCHEME.sub("", without_credentials(url), count=1).removeprefix("***@")
    found = _RELEASE.search(bare)
    if found is None:
        return bare, ""
    return bare[: found.start()] + bare[found.end() :], found[1] or found[2]


def _sha256(text: str) -> tuple[Digest, ...]:
    return (Digest("sha256", text),) if _SHA256.fullmatch(text) else ()


def _stated(entry: dict[str, Any]) -> tuple[str, ...]:
    """Return the requirements of a package of jsr, with their ecosystem."""
    stated = entry.get("dependencies")
    return (
        tuple(sorted({text for text in stated if isinstance(text, str)})) if isinstance(stated, list) else ()
    )


def _odd(path: str, part: str, lines: list[int]) -> Iterator[Unread]:
    if lines:
        why = plural(len(lines), "entry not as deno writes it", "entries not as deno writes them")
        yield Unread(path=path, why=why, part=f"entries of {part}", line=lines[0])


def _unclear(path: str, document: Marked, where: Pointer, whole: Mapping[str, Any]) -> Iterator[Unread]:
    """Tell of hashes that are none."""
    found = [
        key
        for key, entry in whole.items()
        if (stated := entry.get("integrity")) is not None
        and not (isinstance(stated, str) and (node.digests(stated) or _sha256(stated)))
    ]
    if found:
        why = plural(len(found), "hash in no form that is known", "hashes in no form that is known")
        line = document.line((*where, found[0], "integrity"))
        yield Unread(path=path, why=why, part=f"integrity of {where[-1]}", line=line)


def _place(path: str, document: Marked, entry: dict[str, Any], line: int, key: str) -> Place:
    lines = document.lines(entry, line)
    names = (("integrity", "integrity"), ("origin", "tarball"), ("install_scripts", "scripts"))
    parts = tuple((part, lines[name]) for part, name in names if name in lines)
    return Place(path, line, key[:EXCERPT], parts)
