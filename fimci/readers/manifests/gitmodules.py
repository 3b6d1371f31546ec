"""`.gitmodules`: where submodules come from. Their commits are facts of the tree (`File`, submodule).

Whoever clones with `--recurse-submodules` fetches from these addresses. Names that lead out of `.git/modules`
(CVE-2018-11235), addresses and paths that begin with a dash (CVE-2018-17456) and commands in `update`
(CVE-2019-19604) are refused by git of today and were run by git of before: those are unread, and the
command a setting.

    submodule NAME           Package   `git`: its URL, and its branch as the version
    submodule.NAME.update    Setting

https://git-scm.com/docs/gitmodules
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.excerpts import without_credentials
from fimci.model import Package, Place, Record, Unread
from fimci.readers.manifests import settings

_SECTION = re.compile(r'\[\s*submodule\s+"((?:[^"\\]|\\.)*)"\s*\]\s*(.*)')
_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?")
#: A quote that nothing closes goes on to the end, so that no text is tried twice.
_PART = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|$|\\)|([#;].*)|((?:[^"#;\\]|\\.)+)')
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b"}

#: Keys of one submodule, each with its line.
_Keys = dict[str, tuple[str, int]]


#: `ext::sh -c …`: what is not built into git is a program, `git-remote-ext`.
_TRANSPORT = re.compile(r"([A-Za-z0-9_.+-]{1,40})::")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name says it all)
    """Want the file that git obeys: at the root of the tree, and of a tree that was copied in."""
    return path.rpartition("/")[2] == ".gitmodules"


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one `Package` per submodule."""
    yield from settings.of_text(path, data, _facts)


def _facts(path: str, text: str) -> Iterator[Record]:
    modules: dict[str, _Keys] = {}
    starts: dict[str, int] = {}
    keys: _Keys | None = None
    for number, line in _logical(text):
        section = _SECTION.fullmatch(line)
        if section is not None:
            name = re.sub(r"\\(.)", r"\1", section[1])
            keys = modules.setdefault(name, {})
            starts.setdefault(name, number)
            line = section[2]  # noqa: PLW2901  (a key may stand on the line of its section)
        elif line.startswith("["):
            keys = {}  # a section that has no meaning here
            continue
        pair = _PAIR.fullmatch(line)
        if pair is not None and keys is not None:
            keys[pair[1].lower()] = _value(pair[2]), number
        elif line and line[0] not in "#;":
            yield Unread(path=path, part=f"line {number}", why="no key of a submodule", line=number)
    for name, found in modules.items():
        yield from _submodule(path, name, found, starts[name])


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines, those that end with a backslash joined to the next."""
    held: list[str] = []
    start = 0
    for number, raw in enumerate(settings.lines(text), 1):
        start = start if held else number
        if raw.endswith("\\"):
            held.append(raw[:-1])
            continue
        yield start, "".join([*held, raw]).strip()
        held = []


def _value(text: str | None) -> str:
    """Unquote a value and strip its comment; a key alone means `true`."""
    if text is None:
        return "true"
    found = []
    for quoted, comment, plain in _PART.findall(text):
        if comment:
            break
        found.append(re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), quoted or plain))
    return "".join(found).strip()


def _submodule(path: str, name: str, keys: _Keys, start: int) -> Iterator[Record]:
    url, line = keys.get("url", ("", start))
    branch, followed = keys.get("branch", ("", line))
    if ".." in name.split("/") or not name:
        yield Unread(path=path, part=name[:80] or "name", why="a name that leads elsewhere", line=start)
    for key in ("url", "path"):
        value, where = keys.get(key, ("", start))
        if value.startswith("-"):
            why = f"its {key} begins with a dash, which is an option"
            yield Unread(path=path, part=f"{name[:80]}.{key}", why=why, line=where)
    transport = _TRANSPORT.match(url)
    if transport is not None:
        why = f"its url is for a program of the machine ({transport[1]}), which git starts"
        yield Unread(path=path, part=f"{name[:80]}.url", why=why, line=line)
    shown = without_credentials(url)
    at = settings.place(path, line, f"{name} {shown} {branch}".rstrip())
    yield Package(
        ecosystem="git",
        name=name,
        place=f"{path}#{name}",
        stated_by="manifest",
        version=branch or None,
        origin_kind="git",
        origin=shown,
        at=Place(at.path, at.line, at.text, (("version", followed),)),
    )
    if "update" in keys:
        value, where = keys["update"]
        yield settings.setting(path, f"submodule.{name}.update", value, where)
