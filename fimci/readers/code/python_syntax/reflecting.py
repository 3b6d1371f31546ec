"""What functions lead to that take a name as a text, or that give a function or a member back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fimci.capabilities.python_aliases import canonical
from fimci.capabilities.python_names import NAMES, ROOTS
from fimci.capabilities.uses import STARTS, Flow, Value
from fimci.readers.code.python_syntax import containers, texts
from fimci.readers.code.python_syntax.classes import PROPERTY
from fimci.readers.code.python_syntax.folding import UNKNOWN, flows_of
from fimci.readers.code.python_syntax.naming import GLOBALS, Naming
from fimci.readers.code.python_syntax.operators import ITEM

#: What gives a member of what it is called with, and what calls a method of it.
ATTRIBUTE, METHOD = "<attribute>", "<method>"
_GETTERS = {"operator.attrgetter": ATTRIBUTE, "operator.methodcaller": METHOD, "operator.itemgetter": ITEM}
#: A module whose name is computed: by what is called of it, it is known.
COMPUTED = "importlib.import_module()"
#: Where `__import__` is given names, it returns the module itself and not its package.
_FROM_LIST = 3
#: Arguments of `reduce` with a beginning.
_REDUCED = 3
#: What loads a module by its name.
LOADERS = frozenset(
    (
        *("__import__", "importlib.import_module", "importlib.__import__", "pkgutil.resolve_name"),
        "importlib.import_",
    )
)
#: Arguments of an unknown function among which one is looked for that it may wrap.
_WRAPPED = 3
_HIDDEN: frozenset[Flow] = frozenset({"decoded"})
_READS_VARIABLE = frozenset(("os.getenv", "os.environ.get", "os.environ.pop", "os.environ.setdefault"))
_WRAPS = frozenset(
    (
        *("functools.partial", "staticmethod", "classmethod", "functools.wraps", "asyncio.coroutine"),
        *("functools.partialmethod", "functools.lru_cache", "functools.cache"),
    )
)


def led(
    naming: Naming, name: str, callee: Value, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Value | None:
    """Return what a call leads to; `None` where it is no such call."""
    if name in _GETTERS:
        return Value(name=_GETTERS[name], items=tuple(arguments))
    if name in {ATTRIBUTE, METHOD, ITEM}:
        return _got(naming, callee, arguments)
    if name in _READS_VARIABLE:
        return naming.variable(*arguments[:2]) if arguments else None
    if name in LOADERS:
        return _imported(naming, name, arguments, keywords)
    if name in _WRAPS:
        flows = flows_of((*arguments, *keywords.values()))
        first = arguments[0] if arguments else UNKNOWN
        return Value(name=first.name, items=tuple(arguments[1:]), flows=flows, fields=tuple(keywords.items()))
    if name in {"globals", "locals", "vars"} and not arguments:
        return Value(name=GLOBALS)
    function = _FUNCTIONS.get(name)
    return function(naming, arguments) if function is not None else _looked_up(naming, name, arguments)


def wrapped(arguments: Sequence[Value]) -> Value | None:
    """Return what an unknown function gives that is given one which starts something: that one, wrapped."""
    for one in arguments[:_WRAPPED]:
        api = NAMES.get(one.name) if one.name else None
        if api is not None and api.name in STARTS and one.text is None:
            return Value(name=one.name)
    return None


def _looked_up(naming: Naming, name: str, arguments: Sequence[Value]) -> Value | None:
    """Return an item of `globals()` and its like."""
    if not name.endswith((".__getitem__", ".get", ".__getattribute__", ".pop")) or name in NAMES:
        return None
    owner = Value(name=name.rpartition(".")[0])
    found = naming.item(owner, arguments[0] if arguments else UNKNOWN)
    if owner.name not in {GLOBALS, "sys.modules", "builtins"} and not name.endswith("__"):
        return found if found.name in NAMES and owner.name in ROOTS else None  # of `os.__dict__`
    return found


def _property(_naming: Naming, arguments: Sequence[Value]) -> Value | None:
    return Value(name=PROPERTY, items=tuple(arguments[:1])) if arguments else None


def _members(_naming: Naming, arguments: Sequence[Value]) -> Value | None:
    return arguments[0]


def _reduced(naming: Naming, arguments: Sequence[Value]) -> Value | None:
    """Return what `reduce(getattr, names, owner)` leads to."""
    if len(arguments) != _REDUCED or arguments[0].name != "getattr":
        return None
    _, keys, found = arguments
    for key in keys.items:
        found = _member(naming, (found, key))
    return found


def _member(naming: Naming, arguments: Sequence[Value]) -> Value:
    """Return `getattr(owner, name, otherwise)`."""
    owner, key, otherwise = (*arguments, UNKNOWN, UNKNOWN, UNKNOWN)[:3]
    if not isinstance(key.text, str):
        return Value(flows=owner.flows)
    found = naming.tell(naming.member(owner, key.text), key)
    known = found.text is not None or found.name or found.items or found.fields
    return found if known or len(arguments) < 3 else otherwise  # noqa: PLR2004  (the last is there)


def _got(naming: Naming, callee: Value, arguments: Sequence[Value]) -> Value | None:
    """Return what `attrgetter("name")` and its like give of what they are called with."""
    key, *given = callee.items or (UNKNOWN,)
    owner = arguments[0] if arguments else UNKNOWN
    if callee.name == ITEM:
        return containers.item(owner, key) or Value(flows=owner.flows)
    if not isinstance(key.text, str):
        return UNKNOWN
    if callee.name == METHOD:
        return texts.method(key.text, owner, given) if owner.text is not None else None
    for part in key.text.split("."):
        owner = naming.member(owner, part)
    return naming.tell(owner, key)


def _imported(naming: Naming, name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    first = keywords.get("name", arguments[0] if arguments else UNKNOWN)
    module = str(first.text).replace(":", ".") if isinstance(first.text, str) else ""
    if name.endswith("__import__") and len(arguments) <= _FROM_LIST and "fromlist" not in keywords:
        module = module.partition(".")[0]
    if not module:
        return Value(name=COMPUTED, flows=first.flows)
    return naming.tell(Value(name=canonical(module), flows=first.flows), first)


def _mapped(naming: Naming, arguments: Sequence[Value]) -> Value | None:
    """Return the modules that `map` loads by their names."""
    loader, *given = arguments or (UNKNOWN,)
    if loader.name not in LOADERS or len(given) != 1:
        return None
    return Value(items=tuple(_imported(naming, loader.name, (one,), {}) for one in given[0].items))


def _told(naming: Naming, arguments: Sequence[Value]) -> Value | None:
    """Return what `eval` of a text that stands there leads to: a name, else what somebody hid in it."""
    text = arguments[0].text if arguments else None
    if not isinstance(text, str):
        return None
    flows = arguments[0].flows | _HIDDEN
    first, *rest = text.strip().split(".")
    if not all(part.isidentifier() for part in (first, *rest)) or len(rest) > _FROM_LIST:
        return Value(flows=flows)
    found = naming.name(first, 0)
    for part in rest:
        found = naming.member(found, part)
    return naming.tell(found._replace(flows=found.flows | flows, literal=False), Value(text=text))


_FUNCTIONS: Mapping[str, Callable[[Naming, Sequence[Value]], Value | None]] = {
    "eval": _told,
    "getattr": _member,
    "object.__getattribute__": _member,
    "type.__getattribute__": _member,
    "vars": _members,
    "property": _property,
    "functools.reduce": _reduced,
    "map": _mapped,
}
