"""HTML, SVG, and the components of Vue, Svelte and Astro: what the scripts in them can do.

    scripts, handlers, `javascript:` URLs   as the reader of JavaScript tells, at the lines of the page
    scripts from elsewhere                  Capability   `network`, subject the host

A page runs where somebody opens it (`call`), a component where it is imported.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from fimci.capabilities import sensitive
from fimci.capabilities.uses import Program
from fimci.excerpts import excerpt
from fimci.model import Capability, Place, Record
from fimci.readers.code import page
from fimci.readers.code.merging import distinct, merged, moved, when_called

#: Bytes of a script that is remembered until the next pages.
_SMALL = 32 * 1024
_COMPONENTS = (".vue", ".svelte", ".astro")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether a browser, or a bundler, would look for scripts in it."""
    return True


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the scripts can do; nothing is parsed that has none."""
    found = page.page(data)
    told = distinct((*_linked(path, found), *_judged(path, found)))
    yield from told if path.endswith(_COMPONENTS) else when_called(told)
    yield from page.unread(path, found)


def program(scripts: tuple[page.Script, ...]) -> Program:
    """Return what the scripts of a page use together, at its lines."""
    return merged(_one(script) for script in scripts)


def _one(script: page.Script) -> Program:
    parse = _small if len(script.data) <= _SMALL else _parsed
    return moved(parse(script.data, script.language), lambda line: line + script.line - 1)


def _parsed(script: bytes, language: str) -> Program:
    from fimci.readers.code.javascript_syntax import program as javascript  # noqa: PLC0415  (as below)

    return javascript.program(script, f"script.{language}")


#: The pages of a documentation have the same scripts, in each of them.
_small = functools.lru_cache(maxsize=64)(_parsed)


def _judged(path: str, found: page.Page) -> Iterator[Record]:
    if found.scripts:
        from fimci.capabilities.javascript_names import NAMES  # noqa: PLC0415  (most pages have no script)
        from fimci.capabilities.judge import judge  # noqa: PLC0415  (as above)

        yield from judge(path, program(found.scripts), NAMES)


def _linked(path: str, found: page.Page) -> Iterator[Capability]:
    for line, address, pinned in found.linked:
        host = sensitive.host(f"https:{address}" if address.startswith("//") else address)
        if host is not None:
            yield Capability(
                path=path,
                name="network",
                subject=host.name,
                phase="import",
                detail="script with its digest" if pinned else "script",
                at=Place(path, line, excerpt(address)),
            )
