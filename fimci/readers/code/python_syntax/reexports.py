"""What a module loads of its own package, and what it hands on of it, told from the lines of its imports."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from fimci.capabilities.uses import Reference

#: All that a module has, whatever it is called there.
ALL = "*"
_MOST = 400
_FROM = re.compile(
    rb"\nfrom[ \t]+(?P<module>\.*[A-Za-z_][\w.]*|\.+)[ \t]+import\b[ \t]*"
    rb"(?:\((?P<several>[^)]{0,8000})\)|(?P<names>[^\n#;]{1,2000}))"
)
_NAME = re.compile(rb"(\w+)(?:[ \t]+as[ \t]+(\w+))?|\*")
_DECORATOR = re.compile(rb"\n[ \t]*@[ \t]*(\w+)")
#: What a class at the margin is made from, and what makes it.
_CLASS = re.compile(rb"\nclass[ \t]+\w+[ \t]*\(([^()]{1,400})\)")
_BASE = re.compile(rb"(metaclass[ \t]*=[ \t]*)?(\w+)(?:[ \t\n]*(?:,|\Z))")
_COMMENT = re.compile(rb"#[^\n]*")
#: Where a module is imported, which, and names of it with those that they get.
Import: TypeAlias = tuple[int, str, list[tuple[str, str]]]


#: Words of folders that whoever loads a package leaves aside (`fimci.reach`).
_ASIDE = re.compile(r"(?:test|spec|e2e|mple|doc|bench|fixture|demo|mock)[^.]*\Z")


def loaded(data: bytes, imports: Iterable[Import]) -> Iterator[Reference]:
    """Yield what lines at the margin load of the own package, as the parser would tell it."""
    line = counted = 0
    seen = set()
    for at, module, names in imports:
        line += data.count(b"\n", counted, at)
        counted = at
        targets = dict.fromkeys(one for name, _ in names for one in means(module, name))
        for target in targets or (module,):
            if target not in seen:
                seen.add(target)
                yield Reference(target, line + 1, "import")


def means(module: str, member: str) -> tuple[str, ...]:
    """Return which modules an import of a member loads, as far as it matters which.

    A member of the own folder is a module. One of a folder for tests and the like may be one, too: what lies
    there is loaded by nobody, unless it is named.
    """
    if member == ALL or not member:
        return (module,)
    if not module.strip("."):
        return (module + member,)
    return (module, f"{module}.{member}") if _ASIDE.search(module) else (module,)


def handed_on(path: str, imports: Iterable[Import]) -> dict[str, set[tuple[str, str]]]:
    """Return what a package has from its modules: files by their names, and names there."""
    found: dict[str, set[tuple[str, str]]] = {}
    package = path.endswith("__init__.py")
    for _, module, names in imports:
        for name, local in names:
            if name == ALL:
                found.setdefault(ALL, set()).add((module, ALL))
            elif package:
                dot = "" if module.endswith(".") else "."
                found.setdefault(local, set()).add((f"{module}{dot}{name}", name))
    return found


def used(data: bytes, imports: Iterable[Import]) -> set[tuple[str, str]]:
    """Return what runs of own modules when a file is loaded that calls nothing: decorators, classes above."""
    found: dict[str, set[str]] = {}
    if b"\n@" in data or b" @" in data:
        for one in _DECORATOR.finditer(data):
            found.setdefault(one[1].decode(errors="replace"), set()).add("")
    for bases in itertools.islice(_CLASS.finditer(data), _MOST) if b"\nclass" in data else ():
        for one in _BASE.finditer(bases[1]):
            name = one[2].decode(errors="replace")
            found.setdefault(name, set()).add("" if one[1] else "__init_subclass__")
    return {
        (f"{module}{'' if module.endswith('.') else '.'}{name}", member or name)
        for _, module, names in imports
        for name, local in names
        if name != ALL
        for member in found.get(local, ())
    }


def imports(path: str, data: bytes) -> Iterator[Import]:
    """Yield where own modules are imported at the margin, which, and names with those they get."""
    if b"import" not in data:
        return
    folders = set(path.split("/")[:-1])  # beside no folder, any module may be one of the tree
    # Matches begin with the end of the line before, to which `re` skips in C: where their own line does here.
    for found in itertools.islice(_FROM.finditer(b"\n" + data), _MOST):
        module = found["module"].decode("ascii", "replace")
        own = module.startswith(".") or module.partition(".")[0] in folders or not folders
        if not own:
            continue
        text = _COMMENT.sub(b"", found["several"] or found["names"])
        names = [
            (one[1].decode(errors="replace"), (one[2] or one[1]).decode(errors="replace"))
            if one[1]
            else (ALL, ALL)
            for one in itertools.islice(_NAME.finditer(text), _MOST)
        ]
        yield found.start(), module, names
