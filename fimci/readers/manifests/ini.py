"""Shared by this room: files of sections and options, as Python's `configparser` reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.readers.manifests import settings


class Option(NamedTuple):
    """One option: its section, its name in lower case, and the lines of its value with their numbers."""

    section: str
    name: str
    values: list[tuple[str, int]]

    @property
    def line(self) -> int:
        """Return the line of the name."""
        return self.values[0][1]

    @property
    def text(self) -> str:
        """Return the value as one text."""
        return "\n".join(value for value, _ in self.values).strip()


def options(text: str) -> Iterator[Option]:
    """Yield every option in its order; one that occurs twice is yielded twice."""
    section, name, values = "", "", list[tuple[str, int]]()
    for number, raw in enumerate([*settings.lines(text), "[]"], 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if raw[0] in " \t" and name:
            values.append((line, number))
            continue
        if name:
            yield Option(section, name, values)
            name = ""
        if line[0] == "[":
            section = line[1:].partition("]")[0].strip()
            continue
        key, value = [*re.split("[=:]", line, maxsplit=1), ""][:2]
        name = key.strip().lower()
        values = [(value.strip(), number)]
