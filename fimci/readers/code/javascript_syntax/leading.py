"""Which names lead on: of which of them something can come that is told."""

from __future__ import annotations

import functools
import re

from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.javascript_network import LINES
from fimci.capabilities.uses import Value
from fimci.readers.code.javascript_syntax.calling import RESULTS
from fimci.readers.code.javascript_syntax.gathering import LISTED
from fimci.readers.code.javascript_syntax.merging import TABLE
from fimci.readers.code.javascript_syntax.prefilter import GLOBALS, MODULES, module_of
from fimci.readers.code.javascript_syntax.seeds import PASSING

#: What has names that lead on.
_ROOTS = (MODULES | GLOBALS | {"module", "globalThis", "Reflect", "?"}) - PASSING | {
    "import",
    "Image",
    "JSON",
}
_RESULTS = RESULTS | {"Function()", "AsyncFunction()"}
#: Packages whose every result is a line to somewhere, and calls upon calls that are followed.
_LINES = frozenset(LINES)
_CHAINED = 4
#: How deep in lists and objects a name is looked for below the first; in how many, and in how much of each.
_WITHIN, _OUTER, _INNER = 2, 32, 16
#: Facts, and not functions: nothing comes of them but their value.
_ENDS = (
    "process.env.",
    "Bun.env.",
    "import.meta.env.",
    "localStorage.",
    "sessionStorage.",
    "navigator.userAgent",
)
_STATES_TEXT = (
    "document.cookie process.platform process.arch process.title process.pid process.ppid navigator.platform"
)
_STATES = frozenset(_STATES_TEXT.split())
#: Objects that are everywhere and have few members of which anything comes, each with these.
_OBJECTS = {
    root: frozenset(re.split(r"[.(]", row)[1] for row in NAMES if row.startswith(f"{root}."))
    for root in ("document", "navigator", "process")
}


@functools.lru_cache(maxsize=4096)
def _leads_on(name: str) -> bool:
    """Tell whether uses can come of a name: one of the catalogue, or what one of its calls gives."""
    if name.startswith(_ENDS) or name in _STATES:
        return False
    if name.endswith(")"):
        return name in _RESULTS or (module_of(name) in _LINES and name.count("()") < _CHAINED)
    root, _, rest = name.partition(".")
    if rest and root in _OBJECTS:
        member = re.split(r"[.(]", rest, maxsplit=1)[0]
        return member in _OBJECTS[root] or member == "constructor"
    return module_of(name) in _ROOTS


def worth(value: Value) -> bool:
    """Tell whether uses can come of a value, or of what is in it."""
    if value.name and value.name != TABLE:
        return _leads_on(value.name)
    inside = [*value.items[:LISTED], *(one for _, one in value.fields[:LISTED])]
    if any(_leads_on(one.name) for one in inside if one.name):
        return True
    for _ in range(_WITHIN):  # of lists in lists the first ones: a step is taken many times
        inside = [
            one
            for outer in inside[:_OUTER]
            for one in (*outer.items[:_INNER], *(one for _, one in outer.fields[:_INNER]))
        ]
        if any(_leads_on(one.name) for one in inside if one.name):
            return True
    return False
