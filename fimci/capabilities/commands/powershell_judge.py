"""Statements of PowerShell by the names that meet in them: what fetches, decodes, runs, sends and stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from fimci.capabilities import sensitive
from fimci.capabilities.commands import decoders, engine
from fimci.capabilities.commands.call import Call, Run, normal, ran
from fimci.capabilities.commands.everyday import QUIET
from fimci.capabilities.commands.powershell import Token, statements
from fimci.capabilities.commands.powershell_effects import Said, effects
from fimci.capabilities.commands.powershell_values import SYSTEM, network_of, sends, substituted
from fimci.capabilities.commands.powershell_words import ALIASES, KEYWORDS, VERBS
from fimci.capabilities.commands.script import Command, Statement, plain
from fimci.capabilities.commands.state import Origin, State, Value

_RUN = re.compile(
    r"(?:^|\.)(?:iex|invoke-expression|invokescript|newscriptblock|addscript|invokeexpression)$"
)
_RUN_MEMBERS = re.compile(r"(?:scriptblock\]?::create|assembly\]?::load(?:from|file)?)", re.IGNORECASE)
_DECODE = re.compile(
    r"frombase64string|fromhexstring|gzipstream|deflatestream|decompress|convertto-securestring"
)
_BULK = re.compile(r"^(?:env:|env:\*|env:/\*?|.{0,60}getenvironmentvariables)$")
#: No script, path or secret is shorter.
_SHORT = 3
_STARTS = re.compile(r"^(?:start-process|saps|start|invoke-item|ii|&|start-job|import-module|ipmo)$")
_LOOKS_LIMIT = 3
#: Run what they are given, and are told where that was fetched or decoded.
_RUN_WHAT_IS_GIVEN = frozenset(("add-type", "invoke-command", "icm", "[scriptblock]"))
#: A text whose characters stand as numbers.
_NUMBERS = re.compile(r"[0-9A-Fa-f]{2,3}(?:[^0-9A-Fa-f]{1,2}[0-9A-Fa-f]{2,3}){9,20000}")
_SAVES = frozenset(("-outfile", "-o", "-destination"))
_BARE = re.compile(r"[A-Za-z0-9_.\\/:~-]{1,200}\Z")


def run(state: State, text: str, judge: Run) -> Value:
    """Judge a script; what a statement says of its variables holds for those after it."""
    found, whole = statements(text)
    state.capped = state.capped or not whole
    lines = text.split("\n")
    for tokens in found:
        if not state.step():
            break
        state.line = tokens[0].line
        state.text = lines[min(state.line, len(lines) - 1)].strip()
        _statement(state, tokens, judge)
    return Value("$()", known=False)


def _statement(state: State, tokens: list[Token], judge: Run) -> None:
    target = ""
    if len(tokens) > 2 and tokens[0].kind == "variable" and tokens[1].text in {"=", "+"}:  # noqa: PLR2004  ($a = …)
        target, tokens = tokens[0].text, tokens[2 if tokens[1].text == "=" else 3 :]
    if not tokens:
        return
    words = [token.text.lower() for token in tokens]
    known = substituted(state, tokens)
    call = Call(state, "powershell", [], Value(), judge)
    origins = frozenset[Origin]().union(*(value.origins for value in known))
    hosts = network_of(call, tokens, known, words)
    origins |= {("network", host) for host in hosts}
    if any(_DECODE.search(word) for word in words):
        origins |= {("decoded", "base64" if any("64" in word for word in words) else "packed")}
    origins |= _looked(state, tokens, words)
    whole = Value("$()", known=False, origins=frozenset(origins))
    sends(call, hosts, words, known, origins)
    said = Said(call, tokens, known, words, whole)
    _runs(said)
    effects(said)
    _started(state, tokens, known, judge)
    _kept(said, target)


def _looked(state: State, tokens: list[Token], words: list[str]) -> set[Origin]:
    """Return what a statement reads of the machine, its secrets and its variables."""
    found: set[Origin] = set()
    for token, word in zip(tokens, words, strict=True):
        if SYSTEM.match(word):
            found.add(("system", word))
            state.looked.setdefault(word, (state.here(), state.text))
            if len(state.looked) == _LOOKS_LIMIT:
                state.tell("system-information", ", ".join(state.looked), "several in one script")
        if word == "get-clipboard":
            found.add(("secret", "clipboard"))
        if _BULK.match(word):
            found.add(("environment-bulk", "env:"))
            if len(words) > 2:  # noqa: PLR2004  (it is shown, and no more)
                state.tell("environment-bulk", "*", "env:")
        if token.kind in {"text", "word"} and len(word) > _SHORT:
            end = token.text.replace("$env:USERPROFILE", "~")
            known = state.files.get(normal(token.text))
            found.update(one for one in (known.origins if known else ()) if one[0] == "secret")
            spot = sensitive.spot(end)
            if spot is not None and spot.name != "persistence":
                state.tell(spot.name, spot.label, words[0][:40])
                found.add(("secret", spot.label))
    return found


def _runs(said: Said) -> None:
    call, whole = said.call, said.whole
    members = _RUN_MEMBERS.search("".join(said.words))
    names = [word for word in said.words if _RUN.search(word)]
    names += [members[0].rpartition("::")[2].lower()] if members else []
    names += _called(said)
    names += [word for word in said.words if word in _RUN_WHAT_IS_GIVEN][:1] if not names else []
    if any(token.assembled and token.kind == "word" for token in said.tokens):
        call.state.tell("obfuscation", "assembled command", "ticks inside a name")
    if not names:
        return
    what = "iex" if names[0] in {"iex", "invoke-expression"} else names[0]
    if names[0] in _RUN_WHAT_IS_GIVEN and not {"network", "decoded"} & {kind for kind, _ in whole.origins}:
        return
    if not ran(call, whole, what):
        call.state.tell("dynamic-code", "built", what)
        if "tcp" in call.state.sockets:
            call.state.tell("download-and-run", f"{call.state.sockets['tcp']} -> {what}", "TcpClient")
    _run_again(said)


def _run_again(said: Said) -> None:
    """Judge the texts of a statement that runs one, as they are, decoded, and from their end."""
    call = said.call
    backwards, hexadecimal = "[-1.." in "".join(said.words), "16" in said.words
    for token, value in zip(said.tokens, said.values, strict=True):
        if token.kind not in {"text", "variable"} or not value.known or len(value.text) <= _SHORT:
            continue
        here = token.kind == "text" and said.whole.origin("decoded")
        again = decoders.decode(value.text, "base64") if here else value.text
        if again:
            call.run(call.state, again, Value(), "powershell")
        turned = _turned(value.text, backwards=backwards, hexadecimal=hexadecimal)
        for other in (*turned, *(value.others if not here else ())):
            if call.state.step():
                call.run(call.state, other, Value(), "powershell")


def _turned(text: str, *, backwards: bool, hexadecimal: bool) -> Iterator[str]:
    """Yield a text that is read from its end (`$s[-1..-9] -join`), or stands in numbers."""
    if backwards:
        yield text[::-1]
    numbers = _NUMBERS.fullmatch(text)
    if numbers is not None:
        base = 16 if hexadecimal or not re.fullmatch(r"[\d\W]+", text) else 10
        codes = [int(one, base) for one in re.findall(r"[0-9A-Fa-f]{2,3}", text)]
        yield "".join(map(chr, codes))


def _called(said: Said) -> list[str]:
    """Return what `& ('ie' + 'x')` and `. ("i{0}x" -f 'e')` call: a name that was put together."""
    names = [word for word in said.words if _RUN.search(_alias(said, word))]
    if said.words[0] in _ALIAS_MAKERS:
        return []
    for at, token in enumerate(said.tokens[:-1]):
        if said.words[at] in {"gcm", "get-command"} and _finds_run(said.words[at + 1]):
            names.append("iex")
        following, name = said.tokens[at + 1], said.values[at + 1]
        if token.text in {"&", "."} and (following.assembled or following.kind == "variable"):
            if name.known and name.assembled:
                said.call.state.tell("obfuscation", "assembled command", name.text)
            if _RUN.search(name.text.lower()):
                names.append(name.text.lower())
            ran(said.call, name, "&")
        if token.text in {"&", "."} and following.text == "(" and at and said.tokens[at - 1].kind == "pipe":
            ran(said.call, said.whole, "&")
    first, second = said.tokens[0], said.tokens[1] if len(said.tokens) > 1 else None
    if first.text in {"&", "."} and second is not None and (second.text == "(" or second.kind == "variable"):
        ran(said.call, said.whole, "&")
    return names


def _alias(said: Said, word: str) -> str:
    value = said.call.state.variables.get(f"alias:{word}")
    return value.text if value is not None else ""


def _finds_run(pattern: str) -> bool:
    """Tell whether a pattern like `i*x` finds what runs a text."""
    return "*" in pattern and any(fnmatchcase(name, pattern) for name in ("iex", "invoke-expression"))


def _started(state: State, tokens: list[Token], values: list[Value], judge: Run) -> None:
    """Hand programs and their plain arguments to the judge of commands."""
    at = 0
    while at < len(tokens):
        end = next((k for k in range(at, len(tokens)) if tokens[k].kind == "pipe"), len(tokens))
        part = list(zip(tokens[at:end], values[at:end], strict=True))
        plain_at = next((k for k, (token, _) in enumerate(part) if token.text not in _BEFORE), len(part))
        called, part = part[:plain_at], part[plain_at:]
        at = end + 1
        if part and part[0][0].kind in {"variable", "text"} and called and called[-1][0].text in {"&", "."}:
            _fetched_started(state, part[:1], judge)
        if not part or part[0][0].kind not in {"word", "text"}:
            continue
        name = part[0][1].text.lower()
        if _STARTS.match(name):
            part = part[1:]
            while part and part[0][0].text.lower() in {"-filepath", "-argumentlist"}:
                part = part[1:]
            _fetched_started(state, part, judge)
            if part and part[0][1].text.lower().removesuffix(".exe") in _HOSTS_OF_TEXT:
                line = " ".join(
                    value.text for token, value in part if token.kind == "text" or token is part[0][0]
                )
                judge(state, line, Value(), "batch")
                continue
        if not part or part[0][0].kind not in {"word", "text"} or not _BARE.match(part[0][1].text):
            continue
        if part[0][0].kind == "text" and at <= len(tokens) and tokens[0].kind == "text":
            continue
        _as_command(state, part, judge)


def _fetched_started(state: State, part: list[tuple[Token, Value]], judge: Run) -> None:
    for token, value in part:
        key = f"${token.text}" if token.kind == "variable" else normal(value.text)
        named = [normal(word) for word in (value.text, *value.text.split()[:_LISTED])]
        named += [word.lower() for word in named if "$env:" in word.lower()]
        known = next((found for word in (key, *named) if (found := state.files.get(word))), None)
        if known:
            ran(
                Call(state, "start-process", [], Value(), judge),
                value._replace(origins=known.origins),
                "executable",
            )


def _as_command(state: State, part: list[tuple[Token, Value]], judge: Run) -> None:
    name = part[0][1].text
    base = engine.program(state, name)
    if "-" in base and base.partition("-")[0] in VERBS and base != "remove-item":
        return
    if (
        base in KEYWORDS
        or (base in ALIASES and base != "curl" and not name.endswith(".exe"))
        or "=" in [token.text for token, _ in part[1:2]]
    ):
        return
    known = state.files.get(normal(name))
    if known:
        ran(Call(state, "&", [], Value(), judge), Value(origins=known.origins), "executable")
    skipped = {",", "(", ")", "@", "[", "]", "="}
    words = [value.text for token, value in part if not (token.kind == "mark" and token.text in skipped)]
    if base in {"ri", "rm", "remove-item", "del"}:
        words = [
            "remove-item",
            *("-r" if word.lower().startswith("-rec") or word == "-r" else word for word in words[1:]),
        ]
        words = [
            f"${word[1:]}" if word.startswith("$env:") else word.replace("$home", "$HOME") for word in words
        ]
    elif base not in QUIET and base not in engine.HANDLERS and not re.search(r"\.exe\Z", name, re.IGNORECASE):
        return  # a function or an alias of this or another script: there is no telling
    command = Command(state.line, state.text, tuple(plain(word) for word in words))
    engine.run(state, (Statement((command,)),), judge)


def _kept(said: Said, target: str) -> None:
    """Remember what a variable holds, and which file was fetched."""
    state, tokens, whole = said.call.state, said.tokens, said.whole
    if said.words[0] in _ALIAS_MAKERS:
        names = [word for word in said.words[1:] if _BARE.match(word) and word not in {"-name", "-value"}]
        if len(names) > 1:
            state.variables[f"alias:{names[0]}"] = Value(names[1])
    if target:
        _assigned(said, target)
    origins = frozenset(origin for origin in whole.origins if origin[0] in {"network", "decoded"})
    if not target and origins and tokens[0].kind == "variable" and len(tokens) > 1:
        held = state.variables.get(tokens[0].text, Value())  # what it was told to ask for
        state.variables[tokens[0].text] = Value("$()", known=False, origins=held.origins | origins)
    if said.words[0] in _COPIES:
        _copied(said)
    if origins:
        _saved(said, origins)


def _assigned(said: Said, target: str) -> None:
    """Remember what a variable is set to; of what was decoded, the text, where there is one."""
    state, tokens, values, whole = said.call.state, said.tokens, said.values, said.whole
    single = values[0] if len(values) == 1 else None
    texts = [
        value.text
        for token, value in zip(tokens, values, strict=True)
        if token.kind == "text" or (token.kind == "variable" and value.known and len(value.text) > _SHORT)
    ]
    text = decoders.decode(texts[0], "base64") if len(texts) == 1 and whole.origin("decoded") else None
    if text:
        state.assign(target, whole._replace(text=text, known=True))
    else:
        state.assign(target, single if single is not None and single.known else whole)


def _copied(said: Said) -> None:
    """Remember the files that secrets are copied or packed into."""
    taken = frozenset(origin for origin in said.whole.origins if origin[0] == "secret")
    for token, value in zip(said.tokens, said.values, strict=True) if taken else ():
        if token.kind in {"text", "word"} and not token.text.startswith("-") and "." in value.text:
            said.call.state.files[normal(value.text)] = Value("$()", known=False, origins=taken)


def _saved(said: Said, origins: frozenset[Origin]) -> None:
    """Remember the files that something was fetched into."""
    state, tokens, values = said.call.state, said.tokens, said.values
    saves = [at for at, word in enumerate(said.words) if word in _SAVES]
    if any("downloadfile" in word for word in said.words):
        saves += [at for at, token in enumerate(tokens[:-1]) if token.text == ","]
    for at in saves:
        if at + 1 < len(tokens):
            token, value = tokens[at + 1], values[at + 1]
            key = f"${token.text}" if token.kind == "variable" else normal(value.text)
            behind = tokens[at + 2].text if at + 2 < len(tokens) and tokens[at + 2].kind == "word" else ""
            state.files[key] = Value("$()", known=False, origins=origins)
            if token.kind == "variable" and behind.startswith(("\\", "/")):  # `$env:TEMP\file`
                state.files[normal(f"${token.text}{behind}".lower())] = state.files[key]


_ALIAS_MAKERS = frozenset(("sal", "set-alias", "nal", "new-alias"))
_COPIES = frozenset(("compress-archive", "copy-item", "cp", "copy", "cpi", "out-file", "set-content"))
_HOSTS_OF_TEXT = frozenset(("powershell", "pwsh", "cmd"))
#: Words of one argument that are looked at.
_LISTED = 20
_BEFORE = frozenset(("&", ".", "(", "@", "if", "try", "return", "!"))
