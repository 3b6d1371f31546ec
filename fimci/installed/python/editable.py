"""Where an editable install imports from: the folder that it was made of, or another one.

Setuptools writes a finder (`__editable___NAME_finder.py`) with a mapping from modules to folders; all
backends may write paths into a `.pth`. Neither is in any archive. What leads elsewhere than into the folder
of `direct_url.json` is told.
https://packaging.python.org/en/latest/specifications/direct-url/
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import unquote, urlsplit

from fimci.installed.python.distribution import Distribution
from fimci.installed.python.layout import inside
from fimci.model import Capability
from fimci.model import Place as At
from fimci.printable import cut

SUBJECT = "imported from outside of its project"
#: Bytes of a finder or a `.pth` that are read.
LIMIT = 1 << 20
_FINDER = re.compile(r"__editable___\w+_finder\.py", re.ASCII)
_MAPPING = re.compile(r"^(MAPPING|NAMESPACES)[ \t]*(?::[^=\n]*)?=[ \t]*(\S[^\n]*)$", re.MULTILINE)
_ANY = re.compile(r"^[ \t]*(?:global[ \t]+)?(?:MAPPING|NAMESPACES)\b[^\n]*=(?!=)", re.MULTILINE)
_ABSOLUTE = re.compile(r"/|[A-Za-z]:[\\/]|\\\\")
_TEXT = 200


def wanted(found: Iterable[Distribution]) -> Iterator[str]:
    """Yield the paths of files that say where editable packages are."""
    for one in found:
        if one.origin.editable:
            below = inside(one.site, "")
            for path in one.files:
                name = path[len(below) :] if path.startswith(below) else ""
                if "/" not in name and (name.endswith(".pth") or _FINDER.fullmatch(name)):
                    yield path


def escapes(
    found: Iterable[Distribution], contents: Mapping[str, bytes], real: Callable[[str], str]
) -> Iterator[Capability]:
    """Yield what leads out of the folder of an editable package. `real` follows links of folders."""
    for one in found:
        if not one.origin.editable or not isinstance(one.origin.url, str):
            continue
        home = _bare(unquote(urlsplit(one.origin.url).path))
        for path in one.files:
            text = contents[path].decode("utf-8", "surrogateescape") if path in contents else ""
            for line, name, target in _targets(path, text):
                inside_it = _is_in(target, home) or _is_in(real(target), real(home))
                if not (_ABSOLUTE.match(target) and inside_it):
                    yield Capability(
                        path=path,
                        name="module-tampering",
                        subject=SUBJECT,
                        phase="import",
                        detail=f"{one.name}: {name} is {target}",
                        at=At(path, line, cut(f"{name}: {target}", _TEXT)),
                    )
                    break  # one is enough to look at the file


def _targets(path: str, text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, module and folder of all that a file maps."""
    if path.endswith(".pth"):
        for number, line in enumerate(text.splitlines(), 1):
            if _ABSOLUTE.match(line):
                yield number, "its path", line.strip()
        return
    stated = list(_MAPPING.finditer(text))
    if len(stated) != len(_ANY.findall(text)):
        yield 1, "its mapping", "set more than once, or in another way than setuptools does it"
    for match in stated:
        number = text.count("\n", 0, match.start()) + 1
        try:
            mapping = ast.literal_eval(match[2])
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            mapping = None
        if not isinstance(mapping, dict):
            yield number, "its mapping", "no mapping that can be read"
            continue
        for name, folders in mapping.items():
            for folder in folders if isinstance(folders, list | tuple) else (folders,):
                yield number, str(name), str(folder)


def _bare(path: str) -> str:
    """Return a path as it is compared: with `/`, and without one before a drive."""
    plain = path.replace("\\", "/")
    return plain[1:] if re.match(r"/[A-Za-z]:/", plain) else plain


def _is_in(path: str, folder: str) -> bool:
    plain, home = _bare(path), _bare(folder).rstrip("/")
    return (plain == home or plain.startswith(f"{home}/")) and ".." not in plain.split("/")
