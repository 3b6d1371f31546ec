"""Halves of chains: what one function does that makes a chain together with what another one does.

Within a file values are followed. Where one file fetches and another one runs, both ends are all we know.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.capabilities import chains, passing, python_chains
from fimci.capabilities.uses import MARK, RUNS, Api, Use, flows, known, of_module, origin, roles
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
    if saved or (api.name == "filesystem-write" and use.form == "call" and "network" in flows(use)):
        yield "fetched"


def sunk(use: Use, api: Api, *, by_roles: bool) -> Iterator[tuple[str, str]]:
    """Yield what a use sends or runs of what it is given from elsewhere: a parameter, a call of another file.

    What says who asks is what a service wants; what is sent to a host that stands there is posted. Of what is
    run, code and programs count: names of modules are chosen by whoever likes, from tables and settings.
    """
    if chains.sends(use, api):
        given = {key: value for key, value in use.keywords.items() if key not in chains.SIGNED}
        alone = use._replace(keywords=given)
        sent = python_chains.sent_by(alone, api) if by_roles else flows(alone)
        named = python_chains.address(alone, api) if by_roles else chains.address(alone)
        for flow in passing.mattering(sent):
            if MARK in flow:
                yield from ((flow, sink) for sink in (("sends", "posts") if named else ("sends",)))
    if use.form == "call" and api.name in RUNS:
        for role, value in roles(use, api):
            first = value.items[0] if value.items and role == "command" else value
            run = passing.mattering(first.flows) if role in _RUN else ()
            yield from ((flow, "runs") for flow in run if MARK in flow)
            itself = of_module(first.name) if by_roles else origin(first.name)
            if role in _RUN and itself is not None:
                yield itself, "runs"  # a constant of another file


#: What is run, and no mere argument of it.
_RUN = frozenset(("code", "command"))
