"""How rows of a catalogue are written down: what they take and give, and for many names at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from fimci.capabilities.uses import Api, Flow
from fimci.model import CapabilityName

Takes: TypeAlias = tuple[tuple[int | str, str], ...]
Flows: TypeAlias = frozenset[Flow]
NONE: Flows = frozenset()
NETWORK: Flows = frozenset({"network"})
FILE: Flows = frozenset({"file"})
OUTPUT: Flows = frozenset({"output"})
DECODED: Flows = frozenset({"decoded"})
SECRET: Flows = frozenset({"secret"})
SYSTEM: Flows = frozenset({"system"})
IDENTITY: Flows = frozenset({"identity"})
ENVIRONMENT: Flows = frozenset({"environment"})
BULK: Flows = frozenset({"environment-bulk"})
CLIPBOARD: Flows = frozenset({"clipboard"})

URL: Takes = (
    *((0, "url"), ("url", "url"), ("uri", "url"), ("href", "url"), ("hostname", "url"), ("host", "url")),
    *(("baseURL", "url"), ("body", "data"), ("data", "data"), ("json", "data"), ("form", "data")),
)
SENT: Takes = (*URL, (1, "data"))
DATA: Takes = ((0, "data"),)
PATH: Takes = ((0, "path"),)
COMMAND: Takes = ((0, "command"), (1, "arguments"))
CODE: Takes = ((0, "code"),)


def rows(  # noqa: PLR0913  (the columns of the table)
    name: CapabilityName | Literal[""],
    keys: Iterable[str],
    takes: Takes = (),
    gives: Flows = NONE,
    *,
    passes: bool = False,
    evaluates: bool = False,
) -> dict[str, Api]:
    """Return one row for many names."""
    row = Api(name, gives, takes, passes, evaluates)
    return dict.fromkeys(keys, row)


def of(module: str, members: str) -> list[str]:
    """Return members of a module by their dotted names."""
    return [f"{module}.{member}" for member in members.split()]


def both(names: str) -> list[str]:
    """Return functions of `fs` with their synchronous twins."""
    return [twin for name in names.split() for twin in (name, f"{name}Sync")]


def whole(packages: str) -> list[str]:
    """Return packages, each as a function and with all its members."""
    return [key for package in packages.split() for key in (package, f"{package}.*")]
