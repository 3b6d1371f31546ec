"""What constant texts say by themselves: places of secrets, hosts that mean something, payloads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fimci.capabilities import addresses, decoding, sensitive
from fimci.capabilities.gains import NAMED
from fimci.capabilities.uses import Constant
from fimci.model import CapabilityName

_TOLD_HOSTS = frozenset(
    ("messenger", "out-of-band", "paste", "tunnel", "shortener", "discovery", "metadata", "mining", "onion")
)
#: A place for pastes and nobody's paste there, as tables of hosts have it; a request is told by itself.
_NOBODYS = re.compile(r"https?://[^/\s]{1,255}/?", re.IGNORECASE)


def said(text: str) -> Iterator[tuple[CapabilityName, str, str]]:
    """Yield what a text says by itself: a capability, its subject, and a detail."""
    found = sensitive.spot(text)
    if found is not None and found.name in {"credentials", "crypto-wallet"}:
        yield found.name, found.label, NAMED
    for host in addresses.hosts(text) if "://" in text else ():
        if host.kind in _TOLD_HOSTS and not (host.kind == "paste" and _NOBODYS.fullmatch(text)):
            yield "network", host.name, f"{host.kind} host named in a text"
    kind = decoding.encoded(text)
    if kind:
        yield "obfuscation", "encoded literal", f"{len(text):,} characters of {kind}"


def saying(constants: Iterable[Constant]) -> Iterator[Constant]:
    """Yield the texts in functions that are called later which say something: who calls those matters."""
    for one in constants:
        if one.phase == "call" and one.function and any(True for _ in said(one.text)):
            yield one
