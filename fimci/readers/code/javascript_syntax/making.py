"""How a use is told: with its arguments, the line, the function around it, and when it runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from fimci.capabilities import command_lines
from fimci.capabilities.catalogue import find
from fimci.capabilities.javascript_names import NAMES
from fimci.capabilities.uses import Api, Reference, Use, Value, weight
from fimci.model import Phase
from fimci.readers.code.javascript_syntax import (
    addressed,
    bindings,
    calling,
    handing,
    names,
    referring,
    writing,
)
from fimci.readers.code.javascript_syntax.phases import phase_at
from fimci.readers.code.javascript_syntax.prefilter import BROWSERIFY
from fimci.readers.code.javascript_syntax.reading import (
    NOTHING,
    Reading,
    arguments_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

#: So many uses of one file are told.
MOST = 10_000
#: How it is said that there are more.
USES_CUT = "uses more of the outside world than is told of one file"
_READ = frozenset(("environment", "credentials", "crypto-wallet", "clipboard"))
#: Inner parts of Node.js that only tell about it.
_HARMLESS = frozenset(("natives", "util", "constants", "uv", "buffer", "tty_wrap", "config"))
#: What gives the function back that it is given.
_WRAPPERS = (
    "promisify",
    ".bind",
    "deprecate",
    "callbackify",
    "captureStackTrace",
    "Reflect.apply",
    "Reflect.construct",
)
_PIPELINES = frozenset(("stream.pipeline", "stream/promises.pipeline", "pump", "pumpify"))
#: Of two paths, the second is the one that these write.
_COPIES = re.compile(r"\.(?:copyFile|cp|copy|symlink|link|ensureSymlink|ensureLink)(?:Sync)?\Z")
_TIMERS = frozenset(("setTimeout", "setInterval", "setImmediate"))
#: What makes a text or a list of the whole environment.
_SERIALISERS_TEXT = (
    "JSON.stringify Object.keys Object.entries Object.values Object.fromEntries util.inspect "
    "querystring.stringify structuredClone Buffer.from"
)
_SERIALISERS = frozenset(_SERIALISERS_TEXT.split())
#: Never told: every build sets it, and nothing is in it.
_ORDINARY = frozenset(("NODE_ENV",))


class Made:
    """What was found so far; each place is told once."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.uses: dict[tuple[int, int, str], Use] = {}
        self.references: dict[tuple[int, str], Reference] = {}
        self.phases: dict[int, Phase] = {}
        #: The whole environment, where it is put into an object: told if that is sent.
        self.kept: list[tuple[Node, str]] = []

    def reference(self, target: str, at: int) -> None:
        """Tell that a file or package is loaded."""
        line, phase = self.reading.source.line(at), phase_at(self.reading, at, self.phases)
        self.references.setdefault((at, target), Reference(target, line, phase))

    def module(self, text: str, node: Node) -> None:
        """Tell that a module is loaded, and that it is one of those that matter."""
        target = text.removeprefix("node:")
        self.reference(target, node.start_byte)
        if not target.startswith((".", "/")):
            self._add(node, names.module(text), "import")
        if target.endswith(".node"):
            self._add(node, "process.dlopen", "call", (Value(), Value(text=target)))

    def call(self, node: Node) -> None:
        """Tell a call or `new`."""
        if self._full() or (node.start_byte, node.end_byte, "call") in self.uses:
            return
        reading = self.reading
        name, receiver, arguments = calling.callee_of(reading, node)
        if name in {"require", "import"} and node.type == "call_expression":
            self._load(node, name, arguments)
            return
        self._loaded_shortly(node, name)
        if _bound(reading, node, arguments) or self._worker(node, name, arguments):
            return
        target = referring.loaded(name, [reading.value(argument) for argument in arguments[:2]])
        if target:
            self.reference(target.removeprefix("node:"), node.start_byte)
        api = find(NAMES, name) if name else None
        if name == "process.binding" and arguments and reading.value(arguments[0]).text in _HARMLESS:
            return
        if api is not None and api.name != "module-tampering" and _told(reading, name, arguments):
            self._call(node, name, api, receiver, arguments)

    def commanded(self, node: Node) -> None:
        """Tell a line that runs what it fetches, given to something unknown, as what a shell runs."""
        arguments = arguments_of(node)
        line = self.reading.value(arguments[0]) if arguments else NOTHING
        name, _, _ = calling.callee_of(self.reading, node)
        if name and find(NAMES, name) is not None:
            self.call(node)
        elif command_lines.fetches(line):
            self._add(node, "child_process.exec", "call", (line,))

    def _call(self, node: Node, name: str, api: Api, receiver: Value, arguments: list[Node]) -> None:
        reading = self.reading
        values = handing.arguments(reading, arguments)
        if api.evaluates:
            values = handing.in_context(reading, node, name, arguments, values)
        keywords = handing.keywords(reading, arguments)
        if name == "XMLHttpRequest().open":
            values = (Value(), *values[1:2])  # the rest say how, and who asks
        written = values[1:] if _COPIES.search(name) else values
        if written and written[0].name == "require.resolve()" and api.name == "filesystem-write":
            self._add(node, "require.resolve()=", "write", written[1:])
        if "()." in name:
            keywords = {**handing.origin(reading, node), **keywords}
        self._add(node, name, "call", values, keywords, receiver)

    def sent(self) -> None:
        """Tell the environments in objects, if something is sent in which all of it is."""
        if self.kept and any(map(_sends_all, self.uses.values())):
            for node, name in self.kept:
                self._add(node, name, "read")

    def defined(self, call: Node, argument: Node) -> None:
        """Tell what `Object.defineProperty` puts in the place of something."""
        name = writing.defined(self.reading, call, argument)
        if name:
            self._add(call, name, "write")

    def _load(self, node: Node, name: str, arguments: list[Node]) -> None:
        value = self.reading.value(arguments[0]) if arguments else NOTHING
        if isinstance(value.text, str):
            if self._evaluated(node, addressed.code(value)):
                return
            if value.text.startswith(("https://", "http://")):
                self._add(node, "import()", "call", (value,))
            elif value.text:
                self.module(value.text, node)
                if value.text.startswith(("/", "~")):
                    self._add(node, name, "call", (value,))
        elif value.parts and value.parts[0].startswith("data:"):
            self._add(node, "eval", "call", (value,))
        elif arguments and not (len(arguments) > 1 and BROWSERIFY in self.reading.source.data):
            self._add(node, name, "call", (value,))

    def _worker(self, node: Node, name: str, arguments: list[Node]) -> bool:
        """Tell the code that a worker is given and no file."""
        if name not in addressed.WORKERS or not arguments:
            return False
        keywords = handing.keywords(self.reading, arguments[1:])
        return self._evaluated(node, addressed.of_worker(self.reading.value(arguments[0]), keywords))

    def _evaluated(self, node: Node, code: Value | None) -> bool:
        if code is not None:
            self._add(node, "eval", "call", (code,))
        return code is not None

    def _loaded_shortly(self, node: Node, name: str) -> None:
        """Tell a module that a bundle loads by a short name of `require`."""
        value = self.reading.value(node)
        if not name and value.name and "." not in value.name and not value.name.endswith(")"):
            arguments = arguments_of(node)
            text = self.reading.value(arguments[0]) if len(arguments) == 1 else NOTHING
            if text.literal and isinstance(text.text, str) and names.module(text.text) == value.name:
                self.module(text.text, node)

    def piped(self, call: Node, argument: Node) -> None:
        """Tell a stream that is written to by `pipe` or at the end of a pipeline, with what flows into it."""
        target = self.reading.value(argument)
        if find(NAMES, f"{target.name}.write") is None:
            return
        name, receiver, arguments = calling.callee_of(self.reading, call)
        if name in _PIPELINES and len(arguments) > 1 and arguments[0].id != argument.id:
            receiver = self.reading.value(arguments[0])
        elif _property(self.reading, call) != "pipe":
            return
        origin = handing.origin_of(self.reading, argument)
        self._add(call, f"{target.name}.write", "call", (Value(flows=receiver.flows),), origin, receiver)

    def read(self, node: Node, value: Value, path: list[Node]) -> None:
        """Tell that something is read that means something without a call."""
        api = find(NAMES, value.name) if value.name and not value.name.endswith(")") else None
        if api is None or not api.name or not path or _operator(self.reading, path[-1]) == "typeof":
            return
        if api.name == "module-tampering" or (api.name == "dynamic-code" and "input" in value.flows):
            return  # what the constructor of a parameter may be is told where it is called
        if (
            node.type == "identifier"
            and value.name != self.reading.text(node)
            and (api.name in _READ or _state(value.name))
            and path[-1].type != "pair_pattern"
        ):
            return  # it was read where it got this name
        if api.name == "environment":
            key = value.name.rpartition(".")[2]
            if key not in _ORDINARY:
                self._add(node, value.name, "read", (Value(text=None if key == "*" else key),))
        elif api.name == "environment-bulk":
            if _serialised(self.reading, path):
                self._add(node, value.name, "read")
            elif any(around.type == "object" for around in path[-2:]) or path[-1].type == "pair":
                self.kept.append((node, value.name))
        elif (
            api.name in _READ
            or _state(value.name)
            or (value.name not in _TIMERS and _handed_out(self.reading, node, path))
        ):
            self._handed(node, value, path)

    def _handed(self, node: Node, value: Value, path: list[Node]) -> None:
        """Tell a function that is given away.

        Given to a promise, a list or a timer, it is called with what they hold.
        """
        call = path[-2] if path[-1].type == "arguments" and len(path) > 1 else None
        given = None if call is None else handing.called_with(self.reading, call, node)
        self._add(node, value.name, "read" if given is None else "call", given or ())

    def write(self, node: Node, value: Value, assignment: Node) -> None:
        """Tell that something of the outside world is assigned to."""
        found = writing.written(self.reading, node, value, assignment)
        if found is not None:
            self._add(node, found[0], "write", found[1])

    def stands(self, offset: int) -> tuple[Phase, int]:
        """Return when a place runs, and the number of the function that it is in, as uses have it."""
        return phase_at(self.reading, offset, self.phases), self._function(offset) + 1

    def _function(self, offset: int) -> int:
        """Return the innermost function around an offset that is not merely a callback within another one."""
        scopes = self.reading.scopes
        number = scopes.innermost(offset)
        while number >= 0:
            start = scopes.functions[number].start_byte
            path = self.reading.path(start)
            at = next((at for at, node in enumerate(path) if node.id == scopes.functions[number].id), 0)
            if not at or path[at - 1].type not in {"arguments", "parenthesized_expression"}:
                return number
            number = scopes.around[number]
        return number

    def _full(self) -> bool:
        """Tell whether no more is told, and say so."""
        if len(self.uses) < MOST:
            return False
        self.reading.cut.add(USES_CUT)
        return True

    def _add(  # noqa: PLR0913, PLR0917  (what a use consists of)
        self,
        node: Node,
        name: str,
        form: Literal["call", "read", "write", "import"],
        arguments: tuple[Value, ...] = (),
        keywords: dict[str, Value] | None = None,
        receiver: Value = NOTHING,
    ) -> None:
        at, source = node.start_byte, self.reading.source
        held = (at, node.end_byte, form)
        if held in self.uses or self._full():
            return
        self.reading.scopes.work.spend(weight((*arguments, *(keywords or {}).values(), receiver)))
        spelled, own = self.reading.spelled, name.removesuffix("=")
        phase, function = self.stands(at)
        self.uses[held] = Use(
            name=name,
            form=form,
            line=source.line(at),
            text=source.excerpt(at),
            arguments=arguments,
            keywords=keywords or {},
            receiver=receiver,
            function=function,
            phase=phase,
            indirect=bool(spelled) and any(own == word or own.startswith(f"{word}.") for word in spelled),
        )


def _sends_all(use: Use) -> bool:
    api = find(NAMES, use.name)
    values = (*use.arguments, *use.keywords.values())
    return (
        api is not None
        and api.name == "network"
        and any("environment-bulk" in value.flows for value in values)
    )


def _operator(reading: Reading, node: Node) -> str:
    return reading.text(node.child_by_field_name("operator")) if node.type == "unary_expression" else ""


def _state(name: str) -> bool:
    """Tell whether a fact about the system is read without a call."""
    return name.startswith(("process.", "navigator.", "Deno.build")) and name not in {
        "process.cwd",
        "process.env",
    }


def _bound(reading: Reading, call: Node, arguments: list[Node]) -> bool:
    """Tell whether a call only binds a function to its object."""
    callee = call.child_by_field_name("function")
    return not arguments and callee is not None and reading.value(callee).name.endswith(".bind")


def _handed_out(reading: Reading, node: Node, path: list[Node]) -> bool:
    """Tell whether a function is given away: as an argument, a member, a result."""
    parent = path[-1]
    if parent.type == "arguments" and len(path) > 1:
        return not reading.text(path[-2].child_by_field_name("function")).endswith(_WRAPPERS)
    if parent.type == "assignment_expression":
        left = parent.child_by_field_name("left")
        return left is not None and left.id != node.id and left.type == "member_expression"
    return parent.type in {"pair", "return_statement", "export_statement", "array"}


def _property(reading: Reading, call: Node) -> str:
    callee = call.child_by_field_name("function")
    return "" if callee is None else reading.text(callee.child_by_field_name("property"))


def _told(reading: Reading, name: str, arguments: list[Node]) -> bool:
    """Tell timers only where they are given something else than a function."""
    if name not in _TIMERS:
        return True
    if not arguments or bindings.function_of(reading, arguments[0]) is not None:
        return False
    value = reading.value(arguments[0])
    return bool(value.text or value.parts or value.flows & {"decoded", "payload"})


def _serialised(reading: Reading, path: list[Node]) -> bool:
    """Tell whether the whole environment becomes a text, a list, or is sent: a child may have it."""
    parent = path[-1]
    if parent.type == "for_in_statement":
        return True
    if parent.type != "arguments" or not path[1:]:
        return False
    call = path[-2]
    name, _, _ = calling.callee_of(reading, call)
    api: Api | None = find(NAMES, name) if name else None
    return name in _SERIALISERS or (api is not None and api.name == "network")
