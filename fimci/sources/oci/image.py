"""Find an image in a store: its manifest, its configuration, its layers, each with the digest it must have.

OCI image layout 1.1 (`index.json`), and what Docker saves (`manifest.json`). Every blob is held against the
digest by which it is named; what has another one is told and read all the same, so that the rest is seen.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from fimci.archives.bounds import ArchiveError
from fimci.errors import SourceError
from fimci.model import Digest, Unread
from fimci.sources.oci.store import Store, document

_DIGEST = re.compile(r"(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128})")
_NAME = "org.opencontainers.image.ref.name"
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
#: Indexes in indexes, layers, images that an error lists, and characters of a media type that it shows.
_DEEP, _MOST, _SHOWN, _LONG = 4, 1024, 8, 80


class Layer(NamedTuple):
    """A layer: its number from below, its blob, the digest of that, and that of what it unpacks to."""

    number: int
    name: str
    digest: Digest | None
    content: Digest | None


class Image(NamedTuple):
    """What an image is made of, and what is wrong with it."""

    configuration: dict[str, Any]
    layers: tuple[Layer, ...]
    faults: tuple[Unread, ...]


def found(store: Store, path: str, ref: str) -> Image:
    """Return the image that `ref` names (a tag, a digest, or empty where there is but one).

    Raises `SourceError` where there is none, or several could be meant.
    """
    faults: list[Unread] = []
    try:
        index = _json(store, "index.json")
        if isinstance(index, dict):
            return _of_layout(store, path, ref, index, faults)
        saved = _json(store, "manifest.json")
    except OSError as error:
        raise SourceError(f"{path} {error.strerror or error}", "save the image again") from None
    if isinstance(saved, list):
        return _of_docker(store, path, ref, saved, faults)
    raise SourceError(
        f"{path} is not an image: it has neither index.json nor manifest.json", "save one there"
    )


def _of_layout(store: Store, path: str, ref: str, index: dict[str, Any], faults: list[Unread]) -> Image:
    listed = every = [one for one in _items(index, "manifests") if isinstance(one, dict)]
    if ref and not _DIGEST.fullmatch(ref):
        listed = [one for one in listed if ref in {_tag(one), _tag(one).rpartition(":")[2]}]
    manifests = list(_manifests(store, listed, faults, ref, _DEEP))
    if len(manifests) != 1:
        raise _ambiguous(path, ref, [one for one, _ in manifests] or every, none=not manifests)
    _, manifest = manifests[0]
    configuration = _referred(store, manifest.get("config"), "configuration", faults)
    contents = _contents(configuration)
    descriptors = _items(manifest, "layers")
    faults += _miscounted(len(descriptors), len(contents))
    layers = []
    for number, one in enumerate(descriptors[:_MOST]):
        stated = one if isinstance(one, dict) else {}
        digest = _digest(stated.get("digest"))
        why = "has no digest that names it" if digest is None else _no_layer(stated.get("mediaType"))
        if digest is None or why:
            faults.append(Unread(path="", part=f"layer {number}", why=why))
            continue
        content = contents[number] if number < len(contents) else None
        layers.append(Layer(number, _blob(digest), digest, content))
    return Image(configuration, tuple(layers), tuple(faults))


def _contents(configuration: dict[str, Any]) -> list[Digest | None]:
    """Return what each layer unpacks to, as the configuration states it."""
    return [_digest(one) for one in _items(_part(configuration, "rootfs"), "diff_ids")]


def _miscounted(layers: int, stated: int) -> Iterator[Unread]:
    """Object where an image has other layers than its configuration states, which no runtime starts."""
    if layers > _MOST:
        yield Unread(path="", part="layers", why=f"are {layers:,}: none beyond {_MOST:,} was read")
    if layers != stated:
        why = f"are {layers:,}, and the configuration states {stated:,}: no image that could be started"
        yield Unread(path="", part="number of layers", why=why)


def _no_layer(kind: Any) -> str:
    """Return why something is no layer of files, by its media type; empty where it is one or says nothing."""
    if not isinstance(kind, str) or ("tar" in kind and "encrypted" not in kind):
        return ""
    return "is encrypted" if "encrypted" in kind else f"is no layer of files, but {kind[:_LONG]}"


def _manifests(
    store: Store, listed: Sequence[dict[str, Any]], faults: list[Unread], ref: str, depth: int
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield descriptors of manifests and what they describe, from indexes in indexes too."""
    wanted = ref if _DIGEST.fullmatch(ref) else ""
    for one in listed[:_MOST]:
        here = one.get("digest") == wanted or not wanted
        is_index = one.get("mediaType") in _INDEXES
        if not here and not is_index:
            continue
        what = _referred(store, one, "manifest", faults)
        if is_index or "manifests" in what:
            inner = [item for item in _items(what, "manifests") if isinstance(item, dict)]
            if depth:
                yield from _manifests(store, inner, faults, "" if here else ref, depth - 1)
        elif here and "layers" in what and not _is_attestation(one):
            yield one, what


def _is_attestation(descriptor: dict[str, Any]) -> bool:
    """Tell whether a manifest is a statement about an image that a builder put beside it."""
    return _part(descriptor, "annotations").get("vnd.docker.reference.type") is not None


def _of_docker(store: Store, path: str, ref: str, saved: Sequence[Any], faults: list[Unread]) -> Image:
    listed = [one for one in saved if isinstance(one, dict)]
    if ref:
        listed = [
            one
            for one in listed
            if any(ref in {str(tag), str(tag).rpartition(":")[2]} for tag in _items(one, "RepoTags"))
            or ref.rpartition(":")[2] == str(one.get("Config")).rpartition("/")[2].removesuffix(".json")
        ]
    if len(listed) != 1:
        named = [{"annotations": {_NAME: str(tag)}} for one in saved for tag in _items(one, "RepoTags")]
        raise _ambiguous(path, ref, named, none=not listed)
    name = str(listed[0].get("Config"))
    digest = _digest("sha256:" + name.rpartition("/")[2].removesuffix(".json"))
    configuration = _read(store, name, digest, "configuration", faults)
    contents = _contents(configuration)
    names = _items(listed[0], "Layers")
    faults += _miscounted(len(names), len(contents))
    layers = [
        Layer(number, str(one), None, contents[number] if number < len(contents) else None)
        for number, one in enumerate(names[:_MOST])
    ]
    faults += [
        Unread(path="", part=f"layer {one.number}", why="has no digest that it could be held against")
        for one in layers
        if one.content is None
    ]
    return Image(configuration, tuple(layers), tuple(faults))


def _referred(store: Store, descriptor: Any, what: str, faults: list[Unread]) -> dict[str, Any]:
    digest = _digest(descriptor.get("digest") if isinstance(descriptor, dict) else None)
    if digest is None:
        faults.append(Unread(path="", part=what, why="is not named by a digest"))
        return {}
    return _read(store, _blob(digest), digest, what, faults)


def _read(store: Store, name: str, digest: Digest | None, what: str, faults: list[Unread]) -> dict[str, Any]:
    """Return a document, held against its digest; empty where it cannot be had."""
    part = f"{what} {digest.label if digest else name}"
    try:
        data = document(store, name)
        if (
            digest is not None
            and data is not None
            and hashlib.new(digest.algorithm, data).hexdigest() != digest.hex
        ):
            faults.append(Unread(path="", part=part, why="does not have the digest by which it is named"))
        value = None if data is None else _parsed(data, name)
    except OSError as error:
        faults.append(Unread(path="", part=part, why=error.strerror or str(error)))
        return {}
    if isinstance(value, dict):
        return value
    why = "is not there" if data is None else "is no document of an image"
    faults.append(Unread(path="", part=part, why=why))
    return {}


def _json(store: Store, name: str) -> Any:
    data = document(store, name)
    return None if data is None else _parsed(data, name)


def _parsed(data: bytes, name: str) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise ArchiveError("document", f"{name} is no JSON that can be read") from None


def _ambiguous(path: str, ref: str, listed: Sequence[dict[str, Any]], *, none: bool) -> SourceError:
    known = ", ".join(filter(None, map(_called, listed[:_SHOWN]))) or "nothing"
    if none:
        what = f"holds no image{f' {ref}' if ref else ''} that can be read"
    else:
        what = f"holds several images{f' {ref}' if ref else ''}"
    return SourceError(f"{path} {what}", f"name one with :TAG or @DIGEST; there is {known}")


def _called(descriptor: dict[str, Any]) -> str:
    platform = _part(descriptor, "platform")
    kind = "/".join(str(platform[key]) for key in ("os", "architecture", "variant") if key in platform)
    words = (_tag(descriptor), str(descriptor.get("digest", "")), f"({kind})" if kind else "")
    return " ".join(filter(None, words))


def _tag(descriptor: dict[str, Any]) -> str:
    return str(_part(descriptor, "annotations").get(_NAME, ""))


def _part(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _items(value: Any, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _digest(text: Any) -> Digest | None:
    match = _DIGEST.fullmatch(text) if isinstance(text, str) else None
    return None if match is None else Digest(match[1] or match[3], match[2] or match[4])


def _blob(digest: Digest) -> str:
    return f"blobs/{digest.algorithm}/{digest.hex}"
