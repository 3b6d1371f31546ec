"""`.terraform.lock.hcl` of Terraform and OpenTofu: the providers, their versions and hashes.

A provider has a hash for each platform and of two kinds, of which one that fits is enough: `h1` of the files
in an archive, `zh` of the archive. Its name begins with the host of its registry.

https://developer.hashicorp.com/terraform/language/files/dependency-lock
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.excerpts import excerpt
from fimci.model import Digest, Package, Place, Record, Unread
from fimci.readers.manifests import settings

_PROVIDER = re.compile(r'provider\s+"([^"\s/]{1,255})/([^"\s]{1,255})"\s*\{')
_VALUE = re.compile(r'(version|constraints)\s*=\s*"([^"]{0,500})"')
_HASH = re.compile(r'"([a-z0-9]{1,8}):([A-Za-z0-9+/=]{1,200})",?')
_COMMENT = ("#", "//")


class _Provider(NamedTuple):
    host: str
    name: str
    line: int
    values: dict[str, tuple[str, int]]
    hashes: list[tuple[Digest, int]]


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want every lock of providers."""
    return path.rpartition("/")[2] == ".terraform.lock.hcl"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per provider; a line that no client writes is unread."""
    yield from settings.of_text(path, data, _facts)


def _facts(path: str, text: str) -> Iterator[Record]:
    provider: _Provider | None = None
    taken: set[str] = set()
    for number, raw in enumerate(settings.lines(text), 1):
        line = raw.strip()
        opened, value, hashed = _PROVIDER.fullmatch(line), _VALUE.fullmatch(line), _HASH.fullmatch(line)
        if opened is not None and provider is None:
            provider = _Provider(opened[1], opened[2], number, {}, [])
        elif provider is not None and value is not None:
            provider.values[value[1]] = value[2], number
        elif provider is not None and hashed is not None:
            provider.hashes.append((Digest(hashed[1], hashed[2]), number))
        elif provider is not None and line == "}":
            if provider.name in taken:
                yield Unread(path=path, part=provider.name, why="locked twice", line=provider.line)
            taken.add(provider.name)
            yield _package(path, provider)
            provider = None
        elif line and line not in ("hashes = [", "]") and not line.startswith(_COMMENT):
            yield Unread(path=path, part=f"line {number}", why="no line of a lock of providers", line=number)
    if provider is not None:
        yield Unread(path=path, part=provider.name, why="a provider without an end", line=provider.line)


def _package(path: str, provider: _Provider) -> Package:
    version, line = provider.values.get("version", ("", provider.line))
    parts = [("version", line), *((digest.label, number) for digest, number in provider.hashes)]
    if provider.hashes:
        parts.append(("integrity", provider.hashes[0][1]))
    return Package(
        ecosystem="terraform",
        name=provider.name,
        place=f"{path}#{provider.name}",
        stated_by="lock",
        version=version or None,
        origin_kind="registry",
        origin=f"https://{provider.host}",
        integrity=tuple(sorted({digest for digest, _ in provider.hashes})),
        at=Place(
            path, provider.line, excerpt(f"{provider.name} {version} {provider.host}"), tuple(sorted(parts))
        ),
    )
