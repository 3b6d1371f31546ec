"""Commands in files that are neither data nor the script of a shell, by how their lines begin.

    justfile, Procfile, build.ninja, tox.ini, .bazelrc      recipes, processes, rules; `call`
    *.spec, *.bb                                            sections and functions of a build; `call`; what is
                                                            run where the package is installed; `install`
    debian/postinst, *.install, *.pre-upgrade               scripts of packages; `install`
    .exrc, .nvimrc, .gdbinit, .lldbinit                     what an editor or debugger runs at once; `install`
    *.launch                                                a builder of Eclipse, run by itself; `install`
    noxfile.py, tasks.py                                    texts that a session or a task runs; `call`
    project.pbxproj, *.xcscheme                             scripts of phases of a build; `call`
    *.fish, *.csh, *.nu                                     read as a script of the usual shell; `call`

Chains are looked for in each of them; variables of a file's own kind stay as they are written.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from fimci.model import Phase, Record
from fimci.readers.code import quoted, told
from fimci.readers.code.told import Text

_LIMIT = 8 << 20

_Told = Callable[[str, Phase], Iterator[Text]]

_RECIPE = re.compile(r"(?m)^[ \t]+\S[^\n]*(?:\n(?:[ \t]+[^\n]*|[ \t]*(?=\n[ \t])))*")
_MARKED = re.compile(r"(?m)^([ \t]*)[@-]{1,2}")
_BACKTICKS = re.compile(r"```([^`]{1,4000})```|`([^`\n]{1,4000})`")
_INTERPRETED = re.compile(r"\s*#!\s*(?:/usr/bin/env\s+(?:-S\s+)?)?(?:\S{0,80}/)?(python3?|node|ruby|perl)\b")
_PROCESS = re.compile(r"(?m)^[\w-]{1,60}:[ \t]*([^\n]{1,8000})")
_NINJA = re.compile(r"(?m)^[ \t]+command[ \t]*=[ \t]*((?:[^\n$]|\$.|\$\n){1,8000})")
_COMMANDS = re.compile(
    r"(?m)^\[([^\]\n]{1,200})\]"
    r"|^(?:commands(?:_pre|_post)?|list_dependencies_command|install_command)[ \t]*="
    r"([^\n]*(?:\n(?:[ \t]+[^\n]*|[ \t]*(?=\n[ \t])))*)"
)
_TOX = re.compile(r"tox\b|testenv")
#: What only names where something happens, at the beginning of a line of tox.
_LEADING = re.compile(r"(?m)^[ \t]*(?:[\w,!.-]{1,80}:[ \t]+)?[-!]{0,2}[ \t]*")
#: Sections of a package's recipe: which run where it is installed, and those that build it.
_SCRIPTLET = re.compile(
    r"(?m)^%(pre(?:un|trans)?|post(?:un|trans)?|preuntrans|postuntrans|verifyscript"
    r"|(?:file|transfile)?trigger(?:in|un|postun|prein)?|(prep|build|install|check|conf|generate_buildrequires|clean))\b"
    r"([^\n]*)\n"
)
_NEXT = re.compile(r"(?m)^%(?:[a-z]{2,30}\b(?!\()|\{\?)")
_NO_SECTION = re.compile(r"(?:files|changelog|description|package|sourcelist|patchlist)\b")
_PLACE = re.compile(r"-p[ \t]+(\S+)")
_EXPANDED = re.compile(r"%\(([^\n]{1,4000})\)")
_FUNCTION = re.compile(
    r"(?m)^(?:fakeroot[ \t]+)?([\w:${}-]{1,80})[ \t]*\([ \t]*\)[ \t]*\{[ \t]*\n((?:(?!\})[^\n]*\n){0,2000})"
)
_AT_INSTALL = re.compile(r"pkg_(?:pre|post)(?:inst|rm)")
_EX = re.compile(
    r"(?m)^[ \t:]*"
    r"(?:(?:silent!?|exec(?:ute)?|au(?:tocmd)?!?|command!?|[nivc]?(?:nore)?map)\b[^\n!]{0,400})?"
    r"!([^\n]{1,4000})"
)
_DEBUGGER = re.compile(r"(?m)^[ \t]*(?:platform[ \t]+shell|shell|!)[ \t]*([^\n]{1,4000})")
_BAZEL = re.compile(
    r"--(?:workspace_status_command|run_under|credential_helper|embed_label)[= \t]+"
    r"(\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|\S+)"
)
_TMUX = re.compile(
    r"\b(?:run-shell|run|if-shell|if)[ \t]+(?:-\w[ \t]+)*(\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')|#\(([^)\n]+)\)"
)
_PHASE = re.compile(r"\bshellScript = \"((?:[^\"\\]|\\.)*)\"|\bscriptText\s*=\s*\"([^\"]*)\"")
_ECLIPSE = re.compile(r"ATTR_TOOL_ARGUMENTS\"\s+value=\"([^\"]{0,8000})\"")
_ESCAPES = {"\\n": "\n", '\\"': '"', "\\\\": "\\", "\\t": "\t"}
_ESCAPED = re.compile(r"\\[nt\"\\]")
_ENTITIES = (("&#10;", "\n"), ("&quot;", '"'), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def _numbered(form: re.Pattern[str], text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield what a form finds, each with its line."""
    counted, line = 0, 1
    for found in form.finditer(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        yield line, found


def _whole(text: str, phase: Phase) -> Iterator[Text]:
    yield Text(text.partition("\0")[0], phase=phase)


def _just(text: str, phase: Phase) -> Iterator[Text]:
    for line, found in _numbered(_RECIPE, text):
        body = _MARKED.sub(r"\1", found[0])
        other = _INTERPRETED.match(body)
        if other is not None:
            script = "'" + body.replace("'", "'\\''") + "'"
            body = f"{other[1]} {'-c' if other[1].startswith('py') else '-e'} {script}"
        named = told.releases(text[text.rfind("\n", 0, max(found.start() - 1, 0)) + 1 : found.start()])
        yield Text(body, line, phase=phase, folded=other is not None, released=named)
    for line, found in _numbered(_BACKTICKS, text):
        yield Text(found[1] or found[2], line, phase=phase)


def _each(form: re.Pattern[str], change: Callable[[str], str] = str) -> _Told:
    def told_(text: str, phase: Phase) -> Iterator[Text]:
        for line, found in _numbered(form, text):
            given = next((group for group in found.groups() if group), "")
            if given.strip():
                yield Text(
                    change(given), line, phase=phase, folded=True, released=told.releases(found[0][:60])
                )

    return told_


def _ninja(given: str) -> str:
    return given.replace("$\n", " ").replace("$$", "$").replace("$:", ":").replace("$ ", " ")


def _bare(given: str) -> str:
    """Return a text without the quotes around it."""
    if given[:1] in {'"', "'"}:
        given = given[1:-1].replace('\\"', '"')
    return given


def _unescaped(given: str) -> str:
    given = _ESCAPED.sub(lambda found: _ESCAPES[found[0]], given)
    for entity, letter in _ENTITIES:
        given = given.replace(entity, letter)
    return given


def _given(given: str) -> str:
    """Return what a program is given as a command: mostly it is a shell."""
    text = _unescaped(given)
    return f"sh {text}" if text.startswith("-") else text


def _tox(text: str, phase: Phase) -> Iterator[Text]:
    inside = released = False
    for line, found in _numbered(_COMMANDS, text):
        if found[1] is not None:
            inside, released = _TOX.match(found[1]) is not None, told.releases(found[1])
        elif inside:
            yield Text(_LEADING.sub("", found[2]), line, phase=phase, released=released)


def _rpm(text: str, phase: Phase) -> Iterator[Text]:
    for line, found in _numbered(_SCRIPTLET, text):
        end = next((one.start() for one in _ends(text, found.end())), len(text))
        place = _PLACE.search(found[3])
        body = text[found.end() : end]
        if place is not None and not place[1].endswith("sh"):
            yield from _other(body, line, phase if found[2] else "install")
            continue
        yield Text(body, line + 1, phase=phase if found[2] else "install", unasked=not found[2])
    for line, found in _numbered(_EXPANDED, text):
        yield Text(found[1], line, phase=phase, folded=True)


def _other(body: str, line: int, phase: Phase) -> Iterator[Text]:
    """Yield what a section in another language, mostly Lua, gives to a shell."""
    for one in quoted.commands(body, phase, "Lua"):
        yield one._replace(line=one.line + line)


def _ends(text: str, at: int) -> Iterator[re.Match[str]]:
    """Yield the lines that begin another section."""
    for one in _NEXT.finditer(text, at):
        word = text[one.start() + 1 : one.start() + 40]
        if _NO_SECTION.match(word) or _SCRIPTLET.match(text, one.start()):
            yield one


def _bitbake(text: str, phase: Phase) -> Iterator[Text]:
    for line, found in _numbered(_FUNCTION, text):
        at_install = _AT_INSTALL.match(found[1])
        yield Text(found[2], line + 1, phase="install" if at_install else phase)


def _tasks(text: str, phase: Phase) -> Iterator[Text]:
    yield from quoted.commands(text, phase, "Python")


_PACKAGE = r"(?:[^/]+\.)?(?:pre|post)(?:inst|rm)|(?:pre|post)(?:un)?install|[^/]+\.install"
_OTHERS = r"(?:pre|post)-(?:un)?link\.sh|doinst\.sh|pkg-(?:de)?install|(?:pre|post)flight"
_ALPINE = r"[^/]+\.(?:pre|post)-(?:install|upgrade|deinstall)"
_KINDS: tuple[tuple[str, Phase, _Told], ...] = (
    (rf"{_PACKAGE}|{_ALPINE}|{_OTHERS}", "install", _whole),
    (r"[^/]+\.(?:fish|csh|tcsh|nu)", "call", _whole),
    (r"\.?[Jj]ustfile|JUSTFILE|[^/]+\.just", "call", _just),
    (r"Procfile(?:\.\w+)?", "call", _each(_PROCESS)),
    (r"[^/]+\.ninja", "call", _each(_NINJA, _ninja)),
    (r"tox\.ini|setup\.cfg", "call", _tox),
    (r"[^/]+\.spec", "call", _rpm),
    (r"[^/]+\.(?:bb|bbappend|bbclass)", "call", _bitbake),
    (r"\.(?:exrc|nvimrc|lvimrc|vimrc|gvimrc)", "install", _each(_EX)),
    (r"\.gdbinit|\.lldbinit", "install", _each(_DEBUGGER)),
    (r"\.bazelrc", "call", _each(_BAZEL, _bare)),
    (r"\.tmux\.conf", "call", _each(_TMUX, _bare)),
    (r"project\.pbxproj|[^/]+\.xcscheme", "call", _each(_PHASE, _unescaped)),
    (r"[^/]+\.launch", "install", _each(_ECLIPSE, _given)),
    (r"noxfile\.py|tasks\.py|fabfile\.py|dodo\.py|duties\.py", "call", _tasks),
)
_FORMS = re.compile("|".join(f"({form})" for form, _, _ in _KINDS))


def wants(path: str, head: bytes) -> bool:
    """Want files of these names; what begins as another language is none."""
    return _FORMS.fullmatch(posixpath.basename(path)) is not None and not head.startswith(
        (b"<?php", b"\x7fELF")
    )


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do."""
    found = _FORMS.fullmatch(posixpath.basename(path))
    if found is None or found.lastindex is None:
        return
    _, phase, texts = _KINDS[found.lastindex - 1]
    yield from told.records(path, texts(told.decoded(data[:_LIMIT]), phase))
    if len(data) > _LIMIT:
        yield told.left_out(path, data.count(b"\n", 0, _LIMIT) + 1)
