"""Halves of chains: what one function does that makes a chain together with what another one does.

Within a file values are followed. Where one file fetches and another one runs, both ends are all we know.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.capabilities import chains
from fimci.capabilities.uses import RUNS, Api, Use, known, roles
from fimci.model import Half


def halves(use: Use, api: Api) -> Iterator[Half]:
    """Yield what a use is half of."""
    if use.form == "call" and api.name in RUNS:
        yield "runs"
    if chains.sends(use, api):
        yield "sends"
    if chains.touches_secret(use, api):
        yield "secret"
    saved = api.name == "network" and any(role == "saved" and known(value) for role, value in roles(use, api))
    if saved or (api.name == "filesystem-write" and use.form == "call" and "network" in chains.flows(use)):
        yield "fetched"
