"""Functions that a decorator puts into a list or a table, whose items are called when the file is loaded.

`def keep(function): HOOKS["go"] = function`, and `HOOKS["go"]("line")` or `for one in HOOKS.values(): one()`.
"""

from __future__ import annotations

import re
from itertools import islice

from fimci.readers.code.python_syntax.scopes import Scopes

#: Bytes of a function, and behind a name, that are looked at; places of a name.
_SHORT, _NEAR, _SHORTLY, _PLACES = 4_000, 400, 40, 50
#: A list or table that gets something, up to where that stands; what it is given to is a member or an item.
_INTO = (
    rb"(?<![\w.])([A-Za-z_]\w{0,80})(?:\.\w{1,80})?"
    rb"(?:\[[^\[\]\n]{0,80}\][ \t]*=[ \t]*|\.(?:append|appendleft|add|insert|setdefault)\([^()\n]{0,80}?)"
)
#: An item is called: `[…](`, `.get(…)(`; and each of them is, by a name.
_ITEM = re.compile(rb"(?:\.\w{1,80})?[ \t]*(?:\[[^\[\]\n]{1,80}\]|\.(?:get|pop)\([^()\n]{0,80}\))[ \t]*\(")
_EACH = re.compile(
    rb"\bfor[ \t]+(?:\w{1,80}[ \t]*,[ \t]*)?(\w{1,80})[ \t]+in[ \t]+(?:(?:list|tuple|sorted|reversed)\()?\Z"
)


class Registries:
    """Tells which lists and tables of a file hold what is called at once; each is looked up once."""

    def __init__(self, data: bytes, scopes: Scopes) -> None:
        """Look at nothing before it is asked for."""
        self.data, self.scopes = data, scopes
        self._known: dict[bytes, bool] = {}

    def call(self, start: int, end: int, parameter: bytes) -> bool:
        """Tell whether a function, from its start to its end, has called at once what it is given."""
        put = re.compile(_INTO + re.escape(parameter) + rb"(?![\w.(\[])")
        names = {found[1] for found in put.finditer(self.data, start, min(end, start + _SHORT))}
        return any(map(self._calls, sorted(names)))

    def _calls(self, name: bytes) -> bool:
        if name not in self._known:
            self.scopes.work.spend(_SHORT)
            places = islice(self.scopes.words.places(name), _PLACES)
            self._known[name] = any(self._called(at, at + len(name)) for at in places)
        return self._known[name]

    def _called(self, start: int, end: int) -> bool:
        """Tell whether an item of a list is called where its name stands, outside of all functions."""
        if self.scopes.at(start):
            return False
        if _ITEM.match(self.data, end) is not None:
            return True
        each = _EACH.search(self.data, max(0, start - _NEAR), start)
        if each is None:
            return False
        called = re.compile(rb"(?<![\w.])" + each[1] + rb"[ \t]*\(")
        near = each.start() - _SHORTLY, end + _NEAR  # `[one() for one in HOOKS]`
        return called.search(self.data, *near) is not None
