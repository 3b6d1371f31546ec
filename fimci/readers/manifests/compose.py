"""Compose files: the images of services.

A service that is built here as well names its own result, which is fetched from nowhere. Variables
are replaced by their defaults (`${TAG:-1.2}`); what is left computed is a name of its own.

https://docs.docker.com/reference/compose-file/services/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from fimci.marked.document import Malformed
from fimci.model import Record, Unread
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import images, settings

_NAME = re.compile(r"(?:docker-|podman-)?compose(?:[._-][\w.-]+)?\.ya?ml")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Tell whether this is a compose file: `compose.yaml`, `docker-compose.prod.yml`."""
    return _NAME.fullmatch(path.rpartition("/")[2]) is not None


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` for each service that runs an image of others."""
    from fimci.marked import yaml  # noqa: PLC0415  (22 ms, where there is such a file)

    try:
        document = yaml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "YAML")
        return
    yield from repeated(path, document, frozenset({"services"}))
    used: Counter[str] = Counter()
    for service, body in document.table("services").items():
        pointer = ("services", service, "image")
        if not isinstance(body, dict) or "image" not in body or "build" in body:
            continue
        text, line = body["image"], document.line(pointer)
        if not isinstance(text, str) or not text:
            yield Unread(path=path, part=".".join(pointer)[:200], why="an image that is no text", line=line)
            continue
        text = images.substituted(text, {})
        name = images.name(text)
        used[name] += 1
        yield images.image(text, f"{path}#{name}[{used[name]}]", settings.place(path, line, f"image: {text}"))
