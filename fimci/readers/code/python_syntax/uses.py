"""The uses of names that a Python program makes, found from the places where these names stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tree_sitter import Node

from fimci.capabilities.python_names import NAMES, RESULTS, ROOTS, canonical
from fimci.capabilities.uses import Use, Value
from fimci.readers.code.python_syntax.parsing import Descent, Parsed
from fimci.readers.code.python_syntax.phases import Phases
from fimci.readers.code.python_syntax.prefilter import THROUGH, means, members
from fimci.readers.code.python_syntax.scopes import Scopes
from fimci.readers.code.python_syntax.values import Evaluator
from fimci.readers.code.python_syntax.words import is_member, member_after, next_byte, occurrences

#: Places of names that are looked at in one file.
MOST = 20_000
#: Built-in functions that do something or lead to what does, and what is looked for behind them (empty: all).
_BUILT_IN = {
    "bytes": "bytes", "bytearray": "bytearray",
    **dict.fromkeys(("exec", "eval", "execfile", "compile", "open", "get_ipython", "__import__", "globals", "locals", "__builtins__"), ""),
}  # fmt: skip
_SKIPPED = frozenset(
    (
        "import_statement",
        "import_from_statement",
        "future_import_statement",
        "parameters",
        "lambda_parameters",
        "type",
        "global_statement",
        "nonlocal_statement",
    )
)
_SPREADING = frozenset(
    ("parenthesized_expression", "await", "conditional_expression", "boolean_operator", "list", "tuple", "expression_list", "pattern_list",
     "dictionary", "pair", "named_expression", "as_pattern", "with_item", "keyword_argument", "argument_list", "call")
)  # fmt: skip
_BULK = frozenset({"os.environ", "os.environb"})
_DATA = _BULK | {"sys.meta_path", "sys.path_hooks", "ctypes.cdll", "ctypes.windll", "ctypes.oledll"}
#: What a mapping goes through before it is sent or written; copies for a child's `env=` are not among them.
_SERIALISERS = re.compile(
    r"(?:^|\.)(?:dumps|dump|repr|str|print|pprint|pformat|list|sorted|urlencode|safe_dump|format|write|post|put|request|send|sendall|send_message)\Z"
)
_ASKS = frozenset(
    (
        "isinstance",
        "issubclass",
        "hasattr",
        "getattr",
        "id",
        "callable",
        "setattr",
        "delattr",
        "type",
        "super",
        "len",
    )
)
#: Functions that give back what they are given, or a member of it.
_LEADING = frozenset(
    (
        "getattr",
        "vars",
        "functools.partial",
        "object.__getattribute__",
        "staticmethod",
        "classmethod",
        "iter",
        "next",
        "list",
        "tuple",
    )
)
#: Bytes of evidence, and those of them before the name.
_SHOWN, _BEFORE = 200, 100
_WRITING = re.compile(r"[wax+]")


class Finder:
    """Follows names through one file, from what is imported and built in to what is done with it."""

    def __init__(self, parsed: Parsed, scopes: Scopes) -> None:
        """Begin with the names that imports bind."""
        self.parsed, self.scopes = parsed, scopes
        self.values = Evaluator(scopes)
        self.phases = Phases(parsed.data, parsed.root, scopes)
        self.capped = ""
        self._found: dict[tuple[int, str], Use] = {}
        self._descent = Descent(parsed.root)
        #: Names that were looked for, each with what it stands for; members of objects begin with a dot.
        self._known: set[tuple[str, str]] = set()
        self._new: set[tuple[str, str]] = set()
        self._seen: set[int] = set()

    def uses(self) -> tuple[Use, ...]:
        """Return all uses in the order of the text."""
        self._new.update(_BUILT_IN.items())
        self._new.update(self._imported())
        while self._new and not self.capped:
            names, self._new = sorted(self._new), set()
            self._known.update(names)
            for position, member in sorted(self._positions(names)):
                self._place(position, member)
        if self.values.exhausted:
            self.capped = self.capped or "too large to follow all names"
        return tuple(self._found[key] for key in sorted(self._found))

    def _imported(self) -> Iterator[tuple[str, str]]:
        for _node, module, member, local in self.scopes.imports:
            if member == "*":
                beginning = canonical(module) + "."
                for name in (*NAMES, *RESULTS):
                    if name.startswith(beginning):
                        first = name[len(beginning) :].partition(".")[0]
                        yield first, beginning + first
                continue
            dotted = canonical(f"{module}.{member}" if member else module)
            if dotted.partition(".")[0] in ROOTS:
                yield local, dotted if member or local != module.partition(".")[0] else canonical(local)

    def _positions(self, names: list[tuple[str, str]]) -> Iterator[tuple[int, bool]]:
        """Yield where these names stand, as far as something that means something can follow."""
        data = self.parsed.data
        for name, dotted in names:
            member = name.startswith(".")
            word = name.lstrip(".").encode()
            wanted = members(dotted) if dotted else frozenset()
            told = not dotted or means(dotted)
            if not wanted and not told:
                continue
            for position in occurrences(data, word) if word else ():
                if is_member(data, position) != member or position in self._seen:
                    continue
                following = member_after(data, position + len(word))
                if (
                    following
                    and dotted
                    and following not in wanted
                    and following not in THROUGH
                    and not _passes_on(dotted, following)
                    and "*" not in wanted
                ):
                    continue
                if (
                    not following
                    and not told
                    and next_byte(data, position + len(word)) == ord(":")
                    and not member
                ):
                    continue
                if len(self._seen) >= MOST:
                    self.capped = f"more than {MOST:,} places to look at"
                    return
                self._seen.add(position)
                yield position, member

    def _place(self, position: int, member: bool) -> None:  # noqa: FBT001  (one of two kinds of names)
        path = self._descent.to(position)
        leaf = path[-1]
        if leaf.type == "exec" and len(path) > 1 and path[-2].type == "exec_statement":
            self._statement(path[-2])
            return
        if (
            leaf.type != "identifier"
            or len(path) < 2
            or any(node.type in _SKIPPED and not _is_default(node, path) for node in path[-6:])
        ):  # noqa: PLR2004
            return
        if self.phases.never(position):
            return
        index = len(path) - 1
        if path[index - 1].type == "attribute" and path[index - 1].children[0].id != leaf.id:
            if not member:
                return
            index -= 1
        elif member:
            return
        self._climb(list(path), index)

    def _statement(self, node: Node) -> None:
        """Take the `exec code` of Python 2."""
        code = node.child_by_field_name("code") or (
            node.named_children[0] if node.named_child_count else None
        )
        if code is not None:
            self._tell(node, "exec", "call", arguments=(self.values.value(code),))

    def _climb(self, path: list[Node], index: int) -> None:
        """Go up from a name through members, calls and items, and tell what is done on the way."""
        while index:
            around, inner = path[index - 1], path[index]
            kind = around.type
            if kind in {"attribute", "parenthesized_expression", "await"}:
                pass
            elif kind == "call" and around.children[0].id == inner.id:
                self._call(around)
            elif kind == "subscript" and around.children[0].id == inner.id:
                self._item(around, path[index - 2] if index > 1 else None)
            elif (
                kind == "argument_list"
                and index > 1
                and path[index - 2].type == "call"
                and self._is_reflection(path[index - 2])
            ):
                index -= 2
                continue
            elif kind != "binary_operator" or not self.values.value(around).name:
                break
            index -= 1
        self._end(path, index)

    def _is_reflection(self, call: Node) -> bool:
        """Tell whether a call gives back what it is given, or a member of it (`getattr(os, "system")`)."""
        function = self.values.value(call.children[0]).name
        if function == "setattr":
            self._call(call)
        return function in _LEADING and bool(self.values.value(call).name)

    def _end(self, path: list[Node], index: int) -> None:
        """Look at what is done with a whole expression: assigned, given to a call, returned."""
        inner, around = path[index], path[index - 1]
        value = self.values.value(inner)
        kind = around.type
        if (
            kind in {"assignment", "augmented_assignment", "delete_statement"}
            and around.children[0].id == inner.id
        ):
            self._written(inner, around)
            return
        if not value.name and not any(item.name for item in value.items) and not value.text:
            return
        if value.name in _BULK and self._is_bulk(path, index):
            self._tell(inner, value.name, "read")
        if kind in {"argument_list", "keyword_argument"} and inner.type in {
            "identifier",
            "attribute",
            "call",
            "subscript",
        }:
            self._given(path, index, value)
        elif kind == "decorator":
            self._tell(inner, self._named(value), "call")
        self._aliases(path, index)

    def _aliases(self, path: list[Node], index: int) -> None:
        """Take note of the names that a value gets."""
        value = self.values.value(path[index])
        while index:
            inner, around = path[index], path[index - 1]
            match around.type:
                case "assignment" | "named_expression" | "for_statement" | "for_in_clause" | "as_pattern":
                    self._assigned(around, value)
                case "return_statement":
                    scope = self.scopes.scopes[self.scopes.at(around.start_byte)]
                    method = self.scopes.scopes[scope.parent].kind == "class"
                    self._name(f".{scope.name}" if method else scope.name, self.values.value(inner))
                    return
                case "default_parameter" | "typed_default_parameter":
                    self._name(_text(around.child_by_field_name("name")), self.values.value(inner))
                    return
                case other if other not in _SPREADING:
                    return
            index -= 1

    def _assigned(self, around: Node, value: Value) -> None:
        """Take note of what is bound there; of a table, that one of its entries is `value`."""
        fields = (around.child_by_field_name(field) for field in ("right", "value"))
        source = next((node for node in fields if node is not None), around.named_children[0])
        if source.type != "dictionary":
            value = self.values.value(source)
        targets = (around.child_by_field_name(field) for field in ("left", "name", "alias"))
        self._target(next((node for node in targets if node is not None), None), value)

    def _target(self, node: Node | None, value: Value) -> None:
        for inner in _flat(node):
            if inner.type == "identifier":
                self._name(_text(inner), value)
                if self.scopes.scopes[self.scopes.at(inner.start_byte)].kind == "class":
                    self._name("." + _text(inner), value)
            elif inner.type == "attribute":
                self._name("." + _text(inner.child_by_field_name("attribute")), value)

    def _name(self, name: str, value: Value) -> None:
        for dotted in {value.name, *(item.name for item in value.items[:20])}:
            key = (name, "" if dotted == "<globals>" else dotted)
            if (
                name.strip(".")
                and dotted
                and (not key[1] or means(dotted) or members(dotted))
                and key not in self._known
            ):
                self._new.add(key)

    # What is told

    def _call(self, node: Node) -> None:
        call = self.values.call(node)
        name = self._named(call.callee)
        if not name:
            return
        if (
            name == "setattr"
            and len(call.arguments) == 3
            and call.arguments[0].name
            and isinstance(call.arguments[1].text, str)
        ):  # noqa: PLR2004
            self._tell(
                node,
                f"{call.arguments[0].name}.{call.arguments[1].text}",
                "write",
                arguments=call.arguments[2:],
            )
            return
        name = _kind(name, call.arguments, call.keywords)
        arguments = (*call.callee.items, *call.arguments)  # the former, where some were bound to it
        if name.startswith(("pathlib.Path.", "open.")):
            arguments = (call.receiver, *arguments)
        self._tell(node, name, "call", arguments=arguments, keywords=call.keywords, receiver=call.receiver)

    def _item(self, node: Node, around: Node | None) -> None:
        owner = self.values.value(node.children[0])
        if not owner.name or owner.name[0] in "@<":
            return
        keys = tuple(self.values.value(key) for key in node.children_by_field_name("subscript"))
        if (
            around is not None
            and around.type in {"assignment", "augmented_assignment"}
            and around.children[0].id == node.id
        ):
            right = around.child_by_field_name("right")
            given = (self.values.value(right),) if right is not None else ()
            self._tell(node, owner.name + ".__setitem__", "write", arguments=keys + given)
        elif around is None or around.type != "delete_statement":
            self._tell(node, owner.name + ".__getitem__", "read", arguments=keys)

    def _written(self, node: Node, around: Node) -> None:
        """Tell what is assigned to a member of a module of others (`builtins.open = f`)."""
        if node.type != "attribute":
            return
        owner, member = self.values.value(node.children[0]), node.child_by_field_name("attribute")
        right = around.child_by_field_name("right")
        if owner.name and member is not None and right is not None:
            name = f"{owner.name}.{(member.text or b'').decode('utf-8', 'replace')}"
            api = self.values.api(name)
            if api is not None and api.name == "module-tampering":
                self._tell(node, name, "write", arguments=(self.values.value(right),))

    def _given(self, path: Sequence[Node], index: int, value: Value) -> None:
        """Tell a function that is given to a call: whoever gets it may call it, with what else is given."""
        call = next((node for node in reversed(path[:index]) if node.type == "call"), None)
        name = self._named(value)
        if call is None or not name or path[index].type == "call" or name in RESULTS or name in _DATA:
            return
        around = self.values.call(call)
        if around.callee.name in _ASKS or name.rpartition(".")[2][:1].isupper():
            return
        others = [given for given in around.arguments if given.name != name]
        if around.callee.name in {"map", "filter"}:
            others = [item for given in others for item in given.items[:1] or (given,)]
        if path[index - 1].type == "keyword_argument" and around.keywords.get("args") is not None:
            others = list(around.keywords["args"].items)
        self._tell(path[index], _kind(name, others, around.keywords), "call", arguments=tuple(others))

    def _is_bulk(self, path: Sequence[Node], index: int) -> bool:
        """Tell whether the whole environment is walked through or written out there."""
        around = path[index - 1]
        if around.type in {"for_statement", "for_in_clause", "interpolation"}:
            return (
                around.type == "interpolation"
                or (around.child_by_field_name("right") or around).id == path[index].id
            )
        if around.type == "argument_list" and index > 1 and path[index - 2].type == "call":
            function = path[index - 2].children[0].text or b""
            return _SERIALISERS.search(function.decode("utf-8", "replace")) is not None
        return around.type == "keyword_argument" and (around.children[0].text or b"") in {
            b"json",
            b"data",
            b"params",
        }

    def _named(self, value: Value) -> str:
        return value.name if value.name and value.name[0] not in "@<" else ""

    def _tell(
        self, node: Node, name: str, form: str, *, arguments: tuple[Value, ...] = (), keywords: Mapping[str, Value] | None = None,
        receiver: Value = Value(),
    ) -> None:  # fmt: skip
        api = self.values.api(name)
        if api is None or (node.start_byte, name) in self._found or (form == "read" and not _is_data(name)):
            return
        position = node.start_byte
        scope = self.scopes.at(position)
        while scope and self.scopes.scopes[scope].kind == "class":
            scope = self.scopes.scopes[scope].parent
        self._found[position, name] = Use(
            name=name,
            form=form,  # type: ignore[arg-type]  # one of the three that callers write
            line=node.start_point.row + 1,
            text=_line(self.parsed.data, position),
            arguments=arguments,
            keywords=keywords or {},
            receiver=receiver,
            function=scope,
            phase=self.phases.at(position),
            indirect=any(name == spoken or name.startswith(spoken + ".") for spoken in self.values.spoken),
        )


def _passes_on(dotted: str, member: str) -> bool:
    """Tell whether a member is again what it belongs to: the parent of a path, the context of a session."""
    return dotted == "pathlib.Path" and member in {
        "parent",
        "parents",
        "joinpath",
        "with_name",
        "with_suffix",
        "resolve",
        "absolute",
        "expanduser",
    }


def _is_data(name: str) -> bool:
    return (name.endswith(".__getitem__") and name in NAMES) or name in _BULK


def _kind(name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> str:
    """Return the row for a call that means more with certain arguments: a shell, a file that is written."""
    shell = keywords.get("shell")
    if shell is not None and f"{name}:shell" in NAMES and shell.name != "False":
        return f"{name}:shell"
    if f"{name}:w" in NAMES:
        place = 0 if name.startswith("pathlib.") else 1
        mode = keywords.get(
            "mode", keywords.get("flags", arguments[place] if len(arguments) > place else None)
        )
        if (
            mode is not None
            and not (isinstance(mode.text, str) and not _WRITING.search(mode.text))
            and "O_RDONLY" not in mode.name
        ):
            return f"{name}:w"
    if f"{name}:unsafe" in NAMES:
        loader = keywords.get("Loader", arguments[1] if len(arguments) > 1 else None)
        allowed = keywords.get("allow_pickle")
        if (loader is not None and not loader.name.endswith(("SafeLoader", "BaseLoader"))) or (
            allowed is not None and allowed.name == "True"
        ):
            return f"{name}:unsafe"
    return name


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _flat(node: Node | None) -> Iterator[Node]:
    if node is None:
        return
    if node.type in {"pattern_list", "tuple_pattern", "list_pattern", "as_pattern_target"}:
        yield from node.named_children
    else:
        yield node


def _is_default(node: Node, path: Sequence[Node]) -> bool:
    """Tell whether a place among parameters is a default, which is code."""
    if node.type not in {"parameters", "lambda_parameters"}:
        return False
    for outer, inner in zip(path, path[1:]):  # noqa: B905  (pairs of neighbours)
        if outer.type in {"default_parameter", "typed_default_parameter"}:
            value = outer.child_by_field_name("value")
            return value is not None and value.id == inner.id
    return False


def _line(data: bytes, position: int) -> str:
    """Return the line around a place, or as much as shows it: there are lines of megabytes."""
    near = max(position - _BEFORE, 0)
    start = data.rfind(b"\n", near, position) + 1 or near
    end = data.find(b"\n", position, start + _SHOWN)
    return data[start : end if end >= 0 else start + _SHOWN].decode("utf-8", "replace").strip()
