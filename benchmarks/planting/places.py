"""What a place is: where in a package a payload can stand, and when it runs there."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from benchmarks.planting.packages import Files, Package
from benchmarks.planting.payloads import Payload

#: Gives the files that are changed or new; nothing where the package has no such place.
Plant: TypeAlias = Callable[[Package, Payload, random.Random], Files | None]


class Place(NamedTuple):
    """A place: `phase` is when code there runs (`install`, `import`, `call`)."""

    name: str
    phase: str
    plant: Plant
    #: It is made of two texts, of which one has a file of its own.
    halves: bool = False
    #: What is told of the place itself, whatever is in it.
    told: tuple[str, ...] = ()
    #: The place is the whole attack, whatever the payload is.
    only: bool = False
