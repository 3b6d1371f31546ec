"""What git does to a file on its way from the worktree into the repository, without git.

Pure functions over bytes for the conversions that git has built in (line endings, `ident`,
`working-tree-encoding`), and for Git LFS, whose pointer can be computed from the content. Any
other filter driver is a command of somebody's, which is never run. See gitattributes(5) and
`convert.c` of git for the rules; `tests/sources/test_filters.py` holds them against git itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

#: An attribute: set, unset, a value, or not mentioned.
Attribute: TypeAlias = bool | str | None
Clean: TypeAlias = Callable[[Iterable[bytes]], Iterator[bytes]]

_IDENT = re.compile(rb"\$Id:[^$\n]*\$")
_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
_POINTER_SIZE = 1024
#: Control characters that git counts as printable: backspace, tab, escape, form feed.
_PRINTABLE = bytes({0x08, 0x09, 0x0C, 0x1B, *range(0x20, 0x7F), *range(0x80, 0x100)})


class Attributes(NamedTuple):
    """What `.gitattributes` and configuration say about one path."""

    text: Attribute = None
    eol: Attribute = None
    ident: Attribute = None
    driver: Attribute = None
    encoding: Attribute = None
    autocrlf: str = ""


def cleaner(attributes: Attributes, indexed: Callable[[], bytes]) -> Clean | None:
    """Return what turns a file of the worktree into what git stores; `None` where nothing does.

    `indexed` gives what the index has of the path. The result raises `OSError` where a filter
    driver that is not known stands in the way.
    """
    lines = _line_endings(attributes)
    driver = attributes.driver if isinstance(attributes.driver, str) else ""
    encoding = attributes.encoding if isinstance(attributes.encoding, str) else ""
    if not (lines or driver or encoding or attributes.ident is True):
        return None

    def clean(chunks: Iterable[bytes]) -> Iterator[bytes]:
        if driver == "lfs":
            yield _pointer(chunks)
            return
        if driver:
            raise OSError(f"stored through the filter {driver!r}, which is a command and is not run")
        data = b"".join(chunks)
        if encoding:
            data = _encoded(data, encoding)
        if lines and not (lines == "auto" and _keeps_returns(data, indexed)):
            data = data.replace(b"\r\n", b"\n")
        if attributes.ident is True:
            data = _IDENT.sub(b"$Id$", data)
        yield data

    return clean


def _line_endings(attributes: Attributes) -> str:
    """Tell whether CRLF becomes LF: `always`, `auto` (for what looks like text), or not at all."""
    if attributes.text is False:
        return ""
    if attributes.text == "auto":
        return "auto"
    if attributes.text is True or attributes.text == "input" or attributes.eol in {"lf", "crlf"}:
        return "always"
    return "auto" if attributes.autocrlf in {"true", "input", "1", "yes", "on"} else ""


def _keeps_returns(data: bytes, indexed: Callable[[], bytes]) -> bool:
    """Tell whether git, left to guess, would leave the carriage returns of a file alone."""
    if b"\r\n" not in data or _binary(data):
        return True
    stored = indexed()
    return b"\r\n" in stored and not _binary(stored)


def _binary(data: bytes) -> bool:
    """Guess as git does: a NUL, a lone CR, or one unprintable character in 128."""
    if b"\0" in data or data.count(b"\r") != data.count(b"\r\n"):
        return True
    ended = data.removesuffix(b"\x1a")
    rest = len(ended.translate(None, _PRINTABLE + b"\r\n"))
    printable = len(ended) - rest - data.count(b"\r") - data.count(b"\n")
    return rest >> 7 > printable


def _encoded(data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode()
    except (LookupError, UnicodeError) as error:
        raise OSError(f"is not in its working-tree-encoding {encoding!r}") from error


def _pointer(chunks: Iterable[bytes]) -> bytes:
    """Return the Git LFS pointer of a content; a file that is a pointer already is one."""
    state = hashlib.sha256()
    size = 0
    head = b""
    for chunk in chunks:
        state.update(chunk)
        size += len(chunk)
        head = head if len(head) > _POINTER_SIZE else head + chunk[:_POINTER_SIZE]
    if head.startswith(_POINTER) and size <= _POINTER_SIZE:
        return head
    return head if size == 0 else _POINTER + f"oid sha256:{state.hexdigest()}\nsize {size}\n".encode()
