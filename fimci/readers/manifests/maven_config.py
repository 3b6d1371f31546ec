"""`.mvn/maven.config` and `.mvn/jvm.config`: options of every call of Maven, and of the Java that runs it.

    mvn.settings, mvn.-Dmaven.wagon.http.ssl.insecure, …     Setting   by the long name of an option
    mvn.jvm.-javaagent:FILE                                  Setting

The reference is what Maven calls Configuring Apache Maven.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.marked.document import Malformed, text_of
from fimci.model import Record, Setting
from fimci.readers.documents import unparsed
from fimci.readers.manifests import settings

_FILES = (".mvn/jvm.config", ".mvn/maven.config")
#: Options by what they are called in short; those that take a value.
_SHORT = {
    "-C": "strict-checksums",
    "-c": "lax-checksums",
    "-f": "file",
    "-gs": "global-settings",
    "-is": "install-settings",
    "-ps": "project-settings",
    "-s": "settings",
    "-t": "toolchains",
}
_VALUED = frozenset(
    (
        "file",
        "global-settings",
        "global-toolchains",
        "install-settings",
        "project-settings",
        "settings",
        "toolchains",
    )
)
#: Properties whose values are not kept.
_SECRET = re.compile(r"pass|secret|token|key", re.IGNORECASE)


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the options of a project's builds."""
    return f"/{path}".endswith(tuple(f"/{file}" for file in _FILES))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one setting for each option."""
    try:
        text = text_of(data)
    except Malformed as error:
        yield unparsed(path, error)
        return
    java = path.endswith("jvm.config")
    yield from settings.bounded(path, _java(path, text) if java else _options(path, text))


def _words(text: str) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(settings.lines(text), 1):
        if not line.lstrip().startswith("#"):
            yield from ((word, number) for word in line.split())


def _java(path: str, text: str) -> Iterator[Setting]:
    yield settings.setting(path, "mvn.jvm", " ".join(word for word, _ in _words(text)), 1)


def _options(path: str, text: str) -> Iterator[Setting]:
    waiting = ""
    for word, line in _words(text):
        if waiting:
            yield settings.setting(path, f"mvn.{waiting}", word, line)
            waiting = ""
            continue
        name, said, value = word.partition("=")
        name = _SHORT.get(name, name.removeprefix("--"))
        if name in _VALUED and not said:
            waiting = name
        elif word.startswith("-"):
            kept = settings.SECRET if said and _SECRET.search(name) else value if said else "true"
            yield settings.setting(path, f"mvn.{name}", kept, line)
