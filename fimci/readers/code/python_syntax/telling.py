"""Tells what is done with a name: calls, items, assignments, and functions that are given to others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

from tree_sitter import Node

from fimci.capabilities import command_lines
from fimci.capabilities.python_aliases import RESULTS
from fimci.capabilities.python_names import NAMES, ROOTS
from fimci.capabilities.uses import STARTS, Api, Use, Value, known, weight
from fimci.readers.code.python_syntax import handing
from fimci.readers.code.python_syntax.calling import api
from fimci.readers.code.python_syntax.folding import UNKNOWN
from fimci.readers.code.python_syntax.parsing import Parsed
from fimci.readers.code.python_syntax.phases import Phases
from fimci.readers.code.python_syntax.roles import Call
from fimci.readers.code.python_syntax.scopes import Scopes
from fimci.readers.code.python_syntax.values import Evaluator

BULK = frozenset({"os.environ", "os.environb"})
_DATA = BULK | {"sys.meta_path", "sys.path_hooks", "ctypes.cdll", "ctypes.windll", "ctypes.oledll"}
#: What a mapping goes through before it is sent or written; copies for a child's `env=` are not among them.
_SERIALISERS = frozenset(
    (
        *(
            "dumps",
            "dump",
            "repr",
            "str",
            "print",
            "pprint",
            "pformat",
            "list",
            "sorted",
            "urlencode",
            "safe_dump",
        ),
        *("format", "write", "post", "put", "request", "send", "sendall", "send_message"),
    )
)
#: Functions that only ask about what they are given.
_ASKS = frozenset(
    (
        *("isinstance", "issubclass", "hasattr", "getattr", "id", "callable", "setattr", "delattr", "type"),
        *("super", "len"),
    )
)
#: Built-in functions that are worth replacing for who wants to see or change what others do.
_REPLACED = frozenset(
    ("__import__", "__build_class__", "open", "exec", "eval", "compile", "getattr", "print", "input")
)
#: Bytes of evidence, and those of them before the name.
_SHOWN, _BEFORE = 200, 100
#: Letters of a line in which variables are put, and of each; how a line names one; what reads lines.
_LINE = 2_000
_VARIABLE = re.compile(r"\$(?:(\w{1,99})|\{(\w{1,99})\})|%(\w{1,99})%")
_SHELL = re.compile(r"(?:\S*[\\/])?(?:(?:ba|z|da|k)?sh|cmd|powershell|pwsh)(?:\.exe)?(?:\s.*)?")
_WRITING = re.compile(r"[wax+]")


class _Done(NamedTuple):
    """What is done with a name."""

    name: str
    form: Literal["call", "read", "write"]
    arguments: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = MappingProxyType({})
    receiver: Value = UNKNOWN


class Teller:
    """Collects the uses of one file."""

    def __init__(self, parsed: Parsed, scopes: Scopes, values: Evaluator, phases: Phases) -> None:
        """Begin with none."""
        self._parsed, self._scopes, self._values, self._phases = parsed, scopes, values, phases
        self._found: dict[tuple[int, str], Use] = {}
        self._put_away: list[tuple[Node, str]] = []

    def uses(self) -> tuple[Use, ...]:
        """Return all uses in the order of the text."""
        called = {use.name.partition(":")[0] for use in self._found.values()}
        for node, name in self._put_away:
            if name not in called:
                self._tell(node, _Done(name, "call"))
        return tuple(self._found[key] for key in sorted(self._found))

    def statement(self, node: Node) -> None:
        """Take the `exec code` of Python 2."""
        code = node.child_by_field_name("code") or (
            node.named_children[0] if node.named_child_count else None
        )
        if code is not None:
            self._tell(node, _Done("exec", "call", (self._values.value(code),)))

    def call(self, node: Node) -> None:
        """Tell a call, or the assignment that `setattr(module, "name", value)` is."""
        call = self._values.call(node)
        name = named(call.callee)
        if name == "setattr":
            owner, member, *given = (*call.arguments, UNKNOWN, UNKNOWN)
            if owner.name and isinstance(member.text, str):
                self._assigned(node, f"{owner.name}.{member.text}", given[0] if given else UNKNOWN)
        elif name:
            name = _kind(name, call.arguments, call.keywords)
            arguments = (*call.callee.items, *call.arguments)  # the former, where some were bound to it
            keywords = {**dict(call.callee.fields), **call.keywords} if call.callee.items else call.keywords
            row = api(name)
            if row is not None and row.name in STARTS:
                arguments = tuple(self._with_variables(value, keywords) for value in arguments)
            if name.startswith(("pathlib.Path.", "open.")):
                arguments = (call.receiver, *arguments)
            self._tell(node, _Done(name, "call", arguments, keywords=keywords, receiver=call.receiver))
            self._typed(node, row, arguments, keywords)

    def commanded(self, node: Node) -> None:
        """Tell a line that runs what it fetches, given to something unknown, as what a shell runs."""
        call = self._values.call(node)
        line = call.arguments[0] if call.arguments else UNKNOWN
        if api(call.callee.name) is not None:
            self.call(node)
        elif command_lines.fetches(line):
            self._tell(node, _Done("os.system", "call", (line,)))

    def _typed(
        self, node: Node, row: Api | None, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> None:
        """Tell what a shell is given to read: a line that it runs."""
        typed = keywords.get("input")
        if row is None or row.name != "process" or typed is None or not arguments:
            return
        first = arguments[0].items[0] if arguments[0].items else arguments[0]
        if typed.text and _SHELL.fullmatch(known(first)) is not None:
            self._tell(node, _Done("subprocess.run:shell", "call", (typed,)))

    def _with_variables(self, command: Value, keywords: Mapping[str, Value]) -> Value:
        """Return a command with those of its variables put in that the program sets itself."""
        text = command.text
        if not isinstance(text, str) or len(text) > _LINE or ("$" not in text and "%" not in text):
            return command
        table = dict((*self._values.naming.environ().fields, *keywords.get("env", UNKNOWN).fields))
        made = _VARIABLE.sub(lambda found: _set(table, found), text)
        return command if made == text else command._replace(text=made, literal=False)

    def method(self, node: Node) -> None:
        """Tell the method that `methodcaller("name", …)` calls of what it is given."""
        call = self._values.call(node)
        owner, key, *given = (*call.arguments[:1], *call.callee.items)
        if owner.name and isinstance(key.text, str):
            name = named(self._values.naming.tell(self._values.naming.member(owner, key.text), key))
            self._tell(node, _Done(_kind(name, given, {}), "call", tuple(given)))

    def kept(self, node: Node, name: str) -> None:
        """Take note of a function that starts something and is put away: it is told unless it is called."""
        row = api(name)
        if row is not None and (row.name in STARTS or row.evaluates) and name.rpartition(".")[2].islower():
            self._put_away.append((node, name))

    def item(self, node: Node, around: Node | None) -> None:
        """Tell that an item is read or, in what is assigned around it, written."""
        owner = self._values.value(node.children[0])
        if not owner.name or owner.name[0] in "@<":
            return
        keys = tuple(self._values.value(key) for key in node.children_by_field_name("subscript"))
        if (
            around is not None
            and around.type in {"assignment", "augmented_assignment"}
            and around.children[0].id == node.id
        ):
            right = around.child_by_field_name("right")
            given = (self._values.value(right),) if right is not None else ()
            name = _kind(owner.name + ".__setitem__", keys, {})
            self._tell(node, _Done(name, "write", keys + given))
        elif around is None or around.type != "delete_statement":
            self._tell(node, _Done(owner.name + ".__getitem__", "read", keys))

    def written(self, node: Node, around: Node) -> None:
        """Tell what is assigned to a member of a module of others (`builtins.open = f`)."""
        if node.type != "attribute":
            return
        owner, member = self._values.value(node.children[0]), node.child_by_field_name("attribute")
        right = around.child_by_field_name("right")
        if owner.name and member is not None and right is not None:
            text = (member.text or b"").decode("utf-8", "replace")
            self._assigned(node, f"{owner.name}.{text}", self._values.value(right))

    def _assigned(self, node: Node, name: str, value: Value) -> None:
        if f"{name}:replaced" in NAMES:
            self._tell(node, _Done(f"{name}:replaced", "write", (value,)))
            return
        row = api(name)
        built_in = name.removeprefix("builtins.")
        if row is not None and row.name == "module-tampering" and (built_in == name or built_in in _REPLACED):
            self._tell(node, _Done(name, "write", (value,)))

    def given(self, path: Sequence[Node], index: int, value: Value) -> None:
        """Tell a function that is given to a call: whoever gets it may call it, with what else is given."""
        call = next((node for node in reversed(path[:index]) if node.type == "call"), None)
        name = named(value)
        if call is None or not name or path[index].type == "call" or name in RESULTS or name in _DATA:
            return
        around = self._values.call(call)
        if around.callee.name in _ASKS or name.rpartition(".")[2][:1].isupper():
            return
        others, keywords = self._handed(call, path, index, around)
        row = api(around.callee.name)
        if name.startswith("open.") and row is not None and "network" in row.gives:
            others = (UNKNOWN, Value(flows=row.gives))  # `ftp.retrbinary("RETR x", file.write)`
        self._tell(path[index], _Done(_kind(name, others, keywords), "call", others, keywords))

    def _handed(self, call: Node, path: Sequence[Node], index: int, around: Call) -> handing.Given:
        """Return what a function is called with by whom it is handed to."""
        name = around.callee.name or (call.children[0].text or b"").decode("utf-8", "replace")
        function, given = self._values.value(path[index]).name, path[index - 1]
        named = {key: value for key, value in around.keywords.items() if value.name != function}
        behind = [node for node in given.named_children if node.type not in {"comment", "keyword_argument"}]
        at = next((number for number, node in enumerate(behind) if node.id == path[index].id), -1)
        if given.type == "argument_list" and 0 <= at < len(around.arguments) - 1:
            return handing.given(name, around.arguments[at + 1 :], named)
        found = handing.given(name, (), named)  # under a name, or the last one
        rest = tuple(one for one in around.arguments if one.name != function)
        return found if found.arguments else handing.Given(rest, {**around.keywords, **found.keywords})

    def is_bulk(self, path: Sequence[Node], index: int) -> bool:
        """Tell whether the whole environment is walked through or written out there."""
        around = path[index - 1]
        if around.type in {"for_statement", "for_in_clause", "interpolation"}:
            return (
                around.type == "interpolation"
                or (around.child_by_field_name("right") or around).id == path[index].id
            )
        if around.type == "argument_list" and index > 1 and path[index - 2].type == "call":
            function = path[index - 2].children[0].text or b""
            if function == b"dict":
                return index > 2 and self.is_bulk(path, index - 2)  # noqa: PLR2004  (what is around the call)
            return function.rpartition(b".")[2].decode("utf-8", "replace") in _SERIALISERS
        return around.type == "keyword_argument" and (around.children[0].text or b"") in {
            b"json",
            b"data",
            b"params",
        }

    def reads(self, node: Node, name: str) -> None:
        """Tell that something is read that is no function."""
        self._tell(node, _Done(name, "read"))

    def decorates(self, node: Node, name: str) -> None:
        """Tell that a function is called as a decorator."""
        self._tell(node, _Done(name, "call"))

    def _tell(self, node: Node, done: _Done) -> None:
        position, name = node.start_byte, done.name
        if (
            api(name) is None
            or (position, name) in self._found
            or (done.form == "read" and not _is_data(name))
        ):
            return
        scope = self._scopes.at(position)
        while scope and self._scopes.scopes[scope].kind == "class":
            scope = self._scopes.scopes[scope].parent
        phase = self._phases.at(position)
        if phase == "call" and _is_tampering(name):
            return  # what a program does to itself when it is asked to
        self._scopes.work.spend(weight((*done.arguments, *done.keywords.values(), done.receiver)))
        spoken = self._values.naming.spoken
        self._found[position, name] = Use(
            name=name,
            form=done.form,
            line=node.start_point.row + 1,
            text=_line(self._parsed.data, position),
            arguments=done.arguments,
            keywords=done.keywords,
            receiver=done.receiver,
            function=scope,
            phase=phase,
            indirect=any(name == beginning or name.startswith(beginning + ".") for beginning in spoken),
        )


def _set(table: Mapping[str, Value], found: re.Match[str]) -> str:
    value = table.get(found[1] or found[2] or found[3], UNKNOWN).text
    return value if isinstance(value, str) and len(value) <= _LINE else found[0]


def named(value: Value) -> str:
    """Return the name of something of the outside world."""
    return value.name if value.name and value.name[0] not in "@<" else ""


def _is_tampering(name: str) -> bool:
    row = api(name)
    return row is not None and row.name == "module-tampering"


def _is_data(name: str) -> bool:
    return (name.endswith(".__getitem__") and name in NAMES) or name in BULK


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
    if name == "sys.modules.__setitem__":
        module = arguments[0].text if arguments else None
        return name if isinstance(module, str) and module.partition(".")[0] in ROOTS else ""
    if name in {"sys.meta_path.insert", "sys.path_hooks.insert"}:
        first = bool(arguments) and arguments[0].text == "0"
        return name if first else name.replace("insert", "append")
    if f"{name}:unsafe" in NAMES:
        loader = keywords.get("Loader", arguments[1] if len(arguments) > 1 else None)
        allowed = keywords.get("allow_pickle")
        bare = name.startswith("yaml.") and len(arguments) == 1 and not keywords
        if (
            bare
            or (loader is not None and not loader.name.endswith(("SafeLoader", "BaseLoader")))
            or (allowed is not None and allowed.name == "True")
        ):
            return f"{name}:unsafe"
    return name


def _line(data: bytes, position: int) -> str:
    """Return the line around a place, or as much as shows it: there are lines of megabytes."""
    near = max(position - _BEFORE, 0)
    start = data.rfind(b"\n", near, position) + 1 or near
    end = data.find(b"\n", position, start + _SHOWN)
    return data[start : end if end >= 0 else start + _SHOWN].decode("utf-8", "replace").strip()
