"""`gradle.properties`: switches of Gradle, and of the machine that it starts for every build.

    org.gradle.…, systemProp.…    Setting

Others are the build's own, and may be secrets: they are not kept.

https://docs.gradle.org/current/userguide/build_environment.html
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.manifests import properties, settings

_OF_GRADLE = ("org.gradle.", "systemProp.")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the properties of every build."""
    return path.rpartition("/")[2] == "gradle.properties"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the switches that Gradle itself obeys."""
    found = properties.read(data.decode("latin-1"))
    told = (
        settings.private(path, name, value, line)
        for name, (value, line) in found.items()
        if name.startswith(_OF_GRADLE)
    )
    yield from settings.bounded(path, told)
