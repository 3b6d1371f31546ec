"""What an image says of how it runs, as settings: what starts, as whom, with which variables and ports.

Values of variables may be secrets: only those that decide which code runs are told, of the others that they
are there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fimci.model import Place, Setting
from fimci.sources.oci.image import Image

#: The path under which an image speaks of itself.
PATH = "(image)"
#: Variables that decide which code runs (ld.so(8), the interpreters' manuals).
_DECIDES = re.compile(
    r"PATH|LD_\w+|DYLD_\w+|GCONV_PATH|NODE_OPTIONS|NODE_PATH|PYTHON\w*|PERL5\w*|RUBYOPT|RUBYLIB|BASH_ENV|ENV"
    r"|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|CLASSPATH|GIT_SSH\w*|SHELL|IFS"
)
_LISTS = ("Entrypoint", "Cmd", "Shell", "OnBuild")
_TEXTS = ("User", "WorkingDir", "StopSignal")
_SETS = ("ExposedPorts", "Volumes")
_LONGEST, _MOST = 2000, 1000


def settings(image: Image) -> Iterator[Setting]:
    """Yield what the configuration decides."""
    whole = image.configuration
    config = whole.get("config")
    config = config if isinstance(config, dict) else {}
    for name in ("architecture", "os"):
        yield from _setting(name, whole.get(name))
    for name in _TEXTS:
        yield from _setting(name, config.get(name))
    for name in _LISTS:
        if isinstance(config.get(name), list) and config[name]:
            yield from _setting(name, json.dumps(config[name], ensure_ascii=False))
    for name in _SETS:
        found = config.get(name)
        for one in list(found)[:_MOST] if isinstance(found, dict) else ():
            yield from _setting(f"{name}.{one}", "yes")
    check = config.get("Healthcheck")
    if isinstance(check, dict) and isinstance(check.get("Test"), list):
        yield from _setting("Healthcheck", json.dumps(check["Test"], ensure_ascii=False))
    yield from _variables(config.get("Env"))


def _variables(found: Any) -> Iterator[Setting]:
    last: dict[str, str] = {}
    for one in found[:_MOST] if isinstance(found, list) else ():
        name, _, value = str(one).partition("=")
        last[name] = value
    for name, value in last.items():
        yield from _setting(f"Env.{name}", value if _DECIDES.fullmatch(name) else "(set)")


def _setting(name: str, value: Any) -> Iterator[Setting]:
    if isinstance(value, str) and value:
        text = value[:_LONGEST]
        yield Setting(path=PATH, name=name, value=text, at=Place(PATH, 1, f"{name} {text}"[:200]))
