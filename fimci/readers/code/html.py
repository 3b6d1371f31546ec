"""HTML, SVG, and the components of Vue, Svelte and Astro: what the scripts in them can do.

    scripts, handlers, `javascript:` URLs   as the reader of JavaScript tells, at the lines of the page
    scripts from elsewhere                  Capability   `network`, subject the host

A page runs where somebody opens it (`call`), a component where it is imported.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from fimci.capabilities import addresses
from fimci.excerpts import excerpt
from fimci.model import Capability, Place, Record
from fimci.readers.code import page
from fimci.readers.code.merging import distinct, when_called
from fimci.readers.code.scripts import judged

_PASSWORD = re.compile(rb"<input\b[^<>]{0,400}\btype\s{0,3}=\s{0,3}[\"']?password\b", re.IGNORECASE)
_FORM = re.compile(
    rb"<form\b[^<>]{0,400}?\baction\s{0,3}=\s{0,3}[\"']?(https?://[^\s\"'<>]{1,300})", re.IGNORECASE
)
#: Forms of a page that are looked at.
_FORMS = 50
_COMPONENTS = (".vue", ".svelte", ".astro")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether a browser, or a bundler, would look for scripts in it."""
    return True


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the scripts can do; nothing is parsed that has none."""
    found = page.page(data)
    told = distinct((*_linked(path, found), *judged(path, found.scripts), *_asks(path, data)))
    yield from told if path.endswith(_COMPONENTS) else when_called(told)
    yield from page.unread(path, found)


def _asks(path: str, data: bytes) -> Iterator[Capability]:
    """Yield forms that ask for a password, and send it to another host."""
    if _PASSWORD.search(data) is None:
        return
    for found in itertools.islice(_FORM.finditer(data), _FORMS):
        host = addresses.host(found[1].decode("utf-8", "replace"))
        if host is not None:
            at = Place(
                path, data.count(b"\n", 0, found.start()) + 1, excerpt(found[0].decode("utf-8", "replace"))
            )
            subject, detail = f"password -> {host.name}", "a form of the page sends it"
            yield Capability(
                path=path, name="exfiltration", subject=subject, detail=detail, phase="call", at=at
            )


def _linked(path: str, found: page.Page) -> Iterator[Capability]:
    for line, address, pinned in found.linked:
        host = addresses.host(f"https:{address}" if address.startswith("//") else address)
        if host is not None:
            yield Capability(
                path=path,
                name="network",
                subject=host.name,
                phase="import",
                detail="script with its digest" if pinned else "script",
                at=Place(path, line, excerpt(address)),
            )
