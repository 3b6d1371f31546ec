"""Where a file calls functions of other files of its package, and which of them."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from fimci.readers.code.closing import closed
from fimci.readers.code.python_syntax.naming import own
from fimci.readers.code.python_syntax.phases import Phases
from fimci.readers.code.python_syntax.prefilter import handed
from fimci.readers.code.python_syntax.scopes import Scopes
from fimci.readers.code.python_syntax.words import is_member, next_byte, previous_byte

#: Imports that are looked at, and names that an import of all of a module may have brought.
IMPORTS, _ALL = 20_000, 1_000
_MEMBERS = re.compile(rb"((?:[ \t]{0,80}\.[ \t]{0,80}\w{1,200}){1,6})")
#: The name that gets what a call gives, a class that is made from a name, and bytes looked at before one.
_KEPT = re.compile(rb"(?:\A|[\n;.\t ])(\w{1,80})[ \t]*(?::[^=\n]{1,80})?=[ \t]*\Z")
_BELOW = re.compile(rb"\bclass[ \t]+(\w{1,80})[ \t]*\([^()]*\Z")
_ENTERED = re.compile(rb"[ \t]+as[ \t]+(\w{1,80})")
_OWNER = re.compile(rb"(?:\w{1,80}\.){0,3}\Z")
_NEAR = 200
#: What loads a module by its name, and how it says where that lies: `__import__("b", …, 1)`.
_LOADERS = (b"import_module", b"__import__")
_LOADED = re.compile(rb"[ \t]*\([ \t]*[\"'](\.{0,9}\w[\w.]{0,199})[\"']")
_LEVEL = re.compile(rb",[ \t]*(?:level[ \t]*=[ \t]*)?(\d)[ \t]*\)\Z")
#: A member by its name, `getattr(module, "name")`: what stands before the module, and behind it.
_ASKS = b"getattr("
_ASKED = re.compile(rb"[ \t]*,[ \t]*[\"'](?P<name>\w{1,200})[\"'][ \t]*(?:,[^()\n]{0,80})?\)")
#: What may be a call of a name, and what has its meaning everywhere.
_BUILT_IN = frozenset((*dir(builtins), *keyword.kwlist))
_CALL = re.compile(rb"(?<![\w.])([A-Za-z_]\w{0,80})[ \t]*\(")
#: Lists and tables that something is put into, and what goes through them or gets them.
_HOLDING = frozenset(("list", "tuple", "set", "dictionary", "pair", "expression_list"))
_GETTING = frozenset(("assignment", "for_statement", "for_in_clause", "named_expression"))
#: Places where something of one list is called.
_PLACES = 20


class _Local(NamedTuple):
    """A name that stands for a module or for a member of one, and where that is said."""

    name: bytes
    start: int
    end: int
    module: str
    member: str

    @property
    def target(self) -> str:
        """Return what it stands for, dotted."""
        if not self.member:
            return self.module
        return f"{self.module}{'' if self.module.endswith('.') else '.'}{self.member}"


def called(path: str, phases: Phases) -> Iterator[tuple[int, str, str]]:
    """Yield where functions of other files are called, of which, and their names there."""
    imports = (one for one in phases.scopes.imports if own(path, one[1]))
    several = _Several(phases)
    for node, module, member, local in islice(imports, IMPORTS):
        if member == "*":
            yield from _of_all(phases, module)
        else:
            yield from _of(several, _Local(local.encode(), node.start_byte, node.end_byte, module, member))
    yield from _loaded(path, several)


def _of(several: _Several, one: _Local) -> Iterator[tuple[int, str, str]]:
    """Yield what is called of what a name stands for."""
    phases = several.phases
    data, scopes, target = phases.data, phases.scopes, one.target
    seen: set[bytes] = set()
    for position in scopes.words.places(one.name):
        if one.start <= position < one.end or is_member(data, position):
            continue
        end = position + len(one.name)
        name, behind = _member(data, end)
        calls = bool(name) and next_byte(data, behind) == ord("(")
        below = _BELOW.search(data, max(0, position - _NEAR), position) if one.member else None
        if calls and name != "__call__":
            if phases.path(position)[-1].type == "identifier":  # and no text or comment that speaks of it
                yield position, target, name
        elif below is not None:
            yield position, target, "__init_subclass__"
            for at in _made(data, phases, below[1]):
                yield at, target, one.member
                made = _of_made(data, scopes, at, at + len(below[1]), seen)
                yield from ((place, target, name) for place, name in made)
        elif (asked := _asked(data, position, end)) is not None:
            if next_byte(data, asked.end()) == ord("(") or handed(data, asked.start(), asked.end()):
                yield position, target, asked["name"].decode("ascii", "replace")
        elif one.member and (calls or runs(phases, position, len(one.name))):
            yield position, target, one.member
            yield from ((at, target, name) for at, name in _of_made(data, scopes, position, end, seen))
        else:
            yield from _handed(several, one, position, name, behind)


def _handed(
    several: _Several, one: _Local, position: int, member: str, end: int
) -> Iterator[tuple[int, str, str]]:
    """Yield what is given to who calls it: `Thread(target=b.run)`, `getattr(b, "run")()`, `[b.run]`."""
    phases, data, target = several.phases, several.phases.data, one.target
    name = member or one.member
    if not name or not _stands_alone(data, position, end):
        return
    if member and phases.runs(position):
        yield position, target, name
        return
    for at in several.called(position):
        yield at, target, name


def _asked(data: bytes, start: int, end: int) -> re.Match[bytes] | None:
    """Return how a member of what stands there is asked for by its name."""
    return _ASKED.match(data, end) if data.endswith(_ASKS, 0, start) else None


def _stands_alone(data: bytes, start: int, end: int) -> bool:
    return next_byte(data, end) in b",)]}\n:;" and previous_byte(data, start) in b"=(,:[{\n"


class _Several:
    """Finds out where something of a list or a table is called, for each list once."""

    def __init__(self, phases: Phases) -> None:
        self.phases = phases
        self._memo: dict[int, list[int]] = {}

    def called(self, position: int) -> list[int]:
        """Return where something is called of the list or table that stands around a place.

        `for one in (b.run, c.run): one()`, `table = {"run": b.run}` and `table["run"]()`.
        """
        path = self.phases.path(position)
        at = len(path) - 1
        while at and path[at].type in {"identifier", "attribute", *_HOLDING}:
            at -= 1
        around, inner = path[at], path[min(at + 1, len(path) - 1)]
        left = around.child_by_field_name("left") or around.child_by_field_name("name")
        if around.type not in _GETTING or inner.type not in _HOLDING or left is None:
            return []
        if left.type != "identifier" or left.id == inner.id:
            return []
        if around.id not in self._memo:
            places = self.phases.scopes.words.places(left.text or b"")
            calls = (at for at in places if self._is_called(at))
            self._memo[around.id] = list(islice(calls, _PLACES))
        return self._memo[around.id]

    def _is_called(self, position: int) -> bool:
        """Tell whether a name, or an item of what it stands for, is called."""
        if is_member(self.phases.data, position):
            return False
        path = self.phases.path(position)
        at = len(path) - 1
        while at > 1 and path[at - 1].type == "subscript" and path[at - 1].children[0].id == path[at].id:
            at -= 1
        return at > 0 and path[at - 1].type == "call" and path[at - 1].children[0].id == path[at].id


def _of_all(phases: Phases, module: str) -> Iterator[tuple[int, str, str]]:
    """Yield the calls of names that only an import of all of a module can have brought."""
    data, scopes = phases.data, phases.scopes
    bound = {name for _, name in scopes.bindings}
    seen: set[tuple[str, int]] = set()
    for found in _CALL.finditer(data):
        name = found[1].decode("ascii")
        key = name, scopes.at(found.start())
        if name in bound or name in _BUILT_IN or key in seen or phases.defines(found.start()):
            continue
        if len(seen) >= _ALL:
            return
        seen.add(key)
        yield found.start(), f"{module}{'' if module.endswith('.') else '.'}{name}", name


def _loaded(path: str, several: _Several) -> Iterator[tuple[int, str, str]]:
    """Yield what is called of modules of the package that are loaded by their names."""
    phases, data = several.phases, several.phases.data
    for loader in _LOADERS:
        for position in phases.scopes.words.places(loader):
            end = position + len(loader)
            found, ends = _LOADED.match(data, end), closed(data, end)
            if found is None or not ends:
                continue
            module = found[1].decode("ascii", "replace")
            level = _LEVEL.search(data, end, ends) if loader == b"__import__" else None
            module = "." * int(level[1] if level is not None else 0) + module
            if not own(path, module):
                continue
            begins = _OWNER.search(data, max(0, position - _NEAR), position)
            start = position if begins is None else begins.start()
            whole = _Local(b"", start, ends, module, "")
            name, behind = _member(data, ends)
            if name and next_byte(data, behind) == ord("("):
                yield position, module, name
                continue
            if (asked := _asked(data, start, ends)) is not None:
                yield position, module, asked["name"].decode("ascii", "replace")
                continue
            yield from _handed(several, whole, start, name, behind)
            kept = _KEPT.search(data, max(0, start - _NEAR), start)
            if kept is not None:
                yield from _of(several, whole._replace(name=kept[1]))


def _member(data: bytes, at: int) -> tuple[str, int]:
    """Return the member that stands there, the last of several, and where it ends."""
    found = _MEMBERS.match(data, at)
    if found is None:
        return "", at
    return found[1].rpartition(b".")[2].strip().decode("utf-8", "replace"), found.end()


def _method(data: bytes, at: int) -> str:
    """Return the member that is called there."""
    name, end = _member(data, at)
    return name if name and next_byte(data, end) == ord("(") else ""


def _made(data: bytes, phases: Phases, word: bytes) -> Iterator[int]:
    """Yield where an object of a class is made."""
    for at in phases.scopes.words.places(word):
        if next_byte(data, at + len(word)) == ord("(") and not phases.defines(at) and not is_member(data, at):
            yield at


def _of_made(
    data: bytes, scopes: Scopes, position: int, end: int, seen: set[bytes]
) -> Iterator[tuple[int, str]]:
    """Yield where methods are called of what a call gives, at once or by the name that it gets.

    `Run(…).go()`, `run = Run(…)` and `self.run = Run(…)`, and `run.go()` anywhere in the file.
    """
    behind = closed(data, end)
    if behind and (name := _method(data, behind)):
        yield position, name
    # Most calls are kept nowhere, which the last letter before them tells for a tenth of the search.
    kept = (
        _KEPT.search(data, max(0, position - _NEAR), position)
        if previous_byte(data, position) == ord("=")
        else None
    )
    if kept is None and behind:
        kept = _ENTERED.match(data, behind)
    if kept is not None and kept[1] not in seen:
        seen.add(kept[1])
        for at in scopes.words.places(kept[1]):
            if name := _method(data, at + len(kept[1])):
                yield at, name


def runs(phases: Phases, position: int, length: int) -> bool:
    """Tell whether a name is called where it stands, or given to what may call it."""
    data = phases.data
    if next_byte(data, position + length) == ord("("):
        return not phases.defines(position)
    if previous_byte(data, position) == ord("@"):
        return phases.runs(position)
    return handed(data, position, position + length) and phases.runs(position)
