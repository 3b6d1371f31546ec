"""Values of words: quotes, variables, slices, replacements, and what the commands in them print."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from fimci.capabilities import sensitive
from fimci.capabilities.commands.everyday import INTERPRETERS
from fimci.capabilities.commands.script import Part, Statement, Text, Variable, Word
from fimci.capabilities.commands.state import MARKS, TEXT_LIMIT, UNKNOWN, State, Value, joined

#: Judges the statements of a substitution and returns what they print.
Run: TypeAlias = Callable[[State, tuple[Statement, ...]], Value]

_BRACES = re.compile(r"([^{},]*)\{([^{}]*,[^{}]*)\}([^{},]*)\Z")
_LITERAL_PATTERN = re.compile(r"[^*?\[\]\\]*\Z")
_NUMBER = re.compile(r"\s*(-?\d{1,6})\s*\Z")
#: Nothing that a caller passes on or a shell counts: its name says nothing of a secret.
_POSITIONAL = re.compile(r"[0-9@*#?$!_-]*\Z")
_MARKED = re.compile(f"{MARKS[0]}(\\w{{1,100}}){MARKS[1]}")
_BRACES_LIMIT = 50
#: Variables whose first character is a slash, on any machine.
#: What Windows keeps in variables of who and where one is.
_WHO = frozenset(("computername", "userdnsdomain", "userdomain", "username"))
_PATHS = frozenset(("HOME", "OLDPWD", "PATH", "PWD", "SHELL"))
#: What one more word costs that a variable stands for, in characters that are folded.
_A_WORD = 50
#: What is kept with the secrets of a workflow and is none.
_NO_SECRET = re.compile(r"_(?:ID|URL|HOST|BUCKET|USER|USERNAME|EMAIL|NAME|REGION|ACCOUNT)\Z", re.IGNORECASE)
#: Pieces of a word with a hole in it, and the names that are broken so.
_BROKEN = 3
_OFTEN_BROKEN = frozenset(
    (*INTERPRETERS, "curl", "wget", "nc", "ncat", "base64", "eval", "chmod", "xxd", "cat")
)


def words(state: State, word: Word, run: Run) -> list[Value]:
    """Return what a word becomes: usually one value, more where blanks or braces in it split it."""
    value = _filled(state, word, folded(state, word, run))
    if state.given and word == (Variable("@", quoted=True),):
        state.work += _A_WORD * len(state.given)
        return state.given
    unquoted = _is_list(word) or any(isinstance(part, (Text, Variable)) and not part.quoted for part in word)
    if not unquoted or not value.known:
        return [value]
    if any(isinstance(part, Variable) for part in word):
        between = state.variables.get("IFS")
        split = value.text.split()
        if between is not None and between.known and between.text.strip():
            split = [text for text in re.split(f"[{re.escape(between.text[:9])}\\s]", value.text) if text]
        state.work += _A_WORD * len(split)
        return [value._replace(text=text) for text in split] or [value._replace(text="")]
    braces = _BRACES.match(value.text)
    if braces is None:
        return [value]
    inner = braces[2].split(",")[:_BRACES_LIMIT]
    return [value._replace(text=braces[1] + text + braces[3], assembled=True) for text in inner]


def _is_list(word: Word) -> bool:
    """Tell whether a word stands for several, in quotes too: `"$@"`, `"${a[@]}"`."""
    if len(word) != 1 or not isinstance(word[0], Variable):
        return False
    one = word[0]
    return one.name == "@" if one.operator != "[" else one.operands[:1] == ("@",)


def _filled(state: State, word: Word, value: Value) -> Value:
    """Return `curl` for `cu$@rl` and `cu${x}rl`: what nobody set is empty, and only a name is made so."""
    if value.known or len(word) < _BROKEN or value.origins:
        return value
    texts = [part.text for part in word if isinstance(part, Text)]
    holes = [part for part in word if isinstance(part, Variable)]
    if len(texts) + len(holes) < len(word) or any(
        hole.operator or hole.name in state.variables for hole in holes
    ):
        return value
    whole = "".join(texts).rpartition("/")[2]
    return Value("".join(texts), assembled=True) if whole in _OFTEN_BROKEN else value


def folded(state: State, word: Word, run: Run) -> Value:
    """Return the value of a word as one text."""
    value = joined([_part(state, part, run) for part in word])
    state.work += len(value.text)
    return value


def _part(state: State, part: Part, run: Run) -> Value:
    if isinstance(part, Text):
        return expression(state, part.text[:TEXT_LIMIT])
    if isinstance(part, Variable):
        return _variable(state, part)
    printed = run(state, part.statements)
    state.work += len(printed.text)
    if part.file:
        name = f"<({len(state.files)})"
        state.files[name] = printed
        return Value(name, known=False, origins=printed.origins)
    return printed._replace(text=printed.text.rstrip("\n") if printed.known else "$()")


def expression(state: State, text: str) -> Value:
    """Return a text in which a workflow may have put something: a secret, or what nobody knows."""
    if MARKS[0] not in text:
        return Value(text)
    origins: set[tuple[str, str]] = set()
    for name in _MARKED.findall(text):
        if name == "all_env":
            origins.add(("environment-bulk", "env"))
        elif name == "all_secrets":
            state.tell("credentials", "secrets", "toJSON(secrets)")
            origins.add(("secret", "secrets"))
        elif secret(state, name):
            state.tell("environment", name, f"secrets.{name}")
            origins.add(("secret", name))
    return Value(_MARKED.sub(r"$\1", text), known=False, origins=frozenset(origins))


def _variable(state: State, part: Variable) -> Value:
    name = part.name
    if part.operator == "!" and name in state.variables:
        name = state.variables[name].text
    if name == "IFS" and name not in state.variables:
        return Value(" ", assembled=True)
    value = state.variables.get(name)
    if value is None:
        return _outside(state, part, name)
    if not value.known or part.operator in {"", "!"}:
        return value
    changed = _operated(value.text, part.operator, part.operands)
    if changed is None:
        return Value(f"${name}", known=False, origins=value.origins)
    # What loses its last letter alone is a folder without its `\`, in every second batch file.
    cuts = part.operator == ":" and part.operands != ("0", "-1")
    numbered = part.operator == "[" and part.operands[0].isdigit()
    return value._replace(text=changed, assembled=cuts or numbered or part.operator in {"/", "//"})


def _outside(state: State, part: Variable, name: str) -> Value:
    """Return the value of a variable that the script does not set itself."""
    if part.operator in {":-", "-", ":=", "="} and part.operands and not secret(state, name):
        text = "/".join(part.operands).strip("\"'")
        if "$" not in text and "`" not in text:
            return Value(text)
    if secret(state, name):
        name = name.upper() if state.dialect == "batch" else name
        state.tell("environment", name, f"${name}")
        return Value(f"${name}", known=False, origins=frozenset([("secret", name)]))
    if state.dialect == "batch" and name in _WHO:
        return Value(f"${name}", known=False, origins=frozenset([("system", name.upper())]))
    if part.operator == ":" and part.operands == ("0", "1") and name in _PATHS:
        return Value("/", assembled=True)
    if part.operator == ":" and not _POSITIONAL.match(name):
        return Value(f"${name}", known=False, assembled=True)
    return Value(f"${name}", known=False)


def secret(state: State, name: str) -> bool:
    """Tell whether a variable of the environment holds a credential, by its name or by its caller's word."""
    return (name in state.secrets and not _NO_SECRET.search(name)) or sensitive.secret(name)


def _operated(text: str, operator: str, operands: tuple[str, ...]) -> str | None:
    if operator == ":":
        return _slice(text, operands)
    if operator in {"/", "//"} and operands and _LITERAL_PATTERN.match(operands[0]) and operands[0]:
        return text.replace(
            operands[0], operands[1] if len(operands) > 1 else "", -1 if operator == "//" else 1
        )
    if operator in {"^^", ",,", "^", ","}:
        return {"^^": text.upper, ",,": text.lower, "^": text.capitalize, ",": text.lower}[operator]()
    if operator in {"#", "##", "%", "%%"} and operands and _LITERAL_PATTERN.match("/".join(operands)):
        cut = "/".join(operands)
        return text.removeprefix(cut) if "#" in operator else text.removesuffix(cut)
    if operator == "[":
        items = text.split()
        index = _NUMBER.match(operands[0])
        if index is None:
            return text if operands[0] in {"@", "*"} else None
        return items[int(index[1])] if int(index[1]) < len(items) else ""
    return text if operator in {":-", "-", ":=", "=", ":?", "?"} else None


def _slice(text: str, operands: tuple[str, ...]) -> str | None:
    numbers = [_NUMBER.match(operand) for operand in operands[:2]]
    if not numbers or None in numbers:
        return None
    start, *length = [int(number[1]) for number in numbers if number is not None]
    tail = text[start:]
    return tail if not length else tail[: length[0]]


def unknown(value: Value) -> Value:
    """Return a value of which only the origins are known."""
    return UNKNOWN._replace(origins=value.origins)
