r"""Scripts for the shell of another machine, and what they print in between two marks.

Whatever the user's login shell there is (a POSIX one, csh, fish), all that it sees is `sh -c '…'` with
letters, digits and octal escapes inside the quotes. What start-up files of that shell print comes before
the first mark, and an answer that was cut has no second one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Generator, Iterable

from fimci.errors import RemoteError

#: What stands for itself in every shell, in single quotes, and in the format of `printf`. A line feed does
#: not: csh takes none in quotes.
_PLAIN = re.compile(rb"[A-Za-z0-9 ./=_:;,{}()-]")
#: What start-up files may print before a script begins, in bytes.
_BEFORE = 1 << 16
#: The longest end that is looked for, in bytes: a NUL, the mark, a blank, three digits, a NUL.
_END = 64
#: The exit code of a script that could not enter its folder.
NOT_ENTERED = 66


def command(folder: str, body: str, mark: str) -> str:
    """Return the command that enters a folder and runs a script in it, for whatever shell."""
    text = (
        f"LC_ALL=C; export LC_ALL; unset CDPATH; printf '%s\\0' {mark};"
        f"cd {shlex.quote(folder)} 2>/dev/null || exit {NOT_ENTERED};\n"
        f"{body}\nprintf '\\0%s %s\\0' {mark} $?"
    )
    return f"""sh -c 'eval "$(printf "{_escaped(text)}")"'"""


def between(pieces: Iterable[bytes], mark: str) -> Generator[bytes, None, int]:
    """Yield what a script printed, as it comes; return the exit code of its last command.

    Raises `RemoteError` where the answer turns out to be cut: what was yielded is not to be believed then.
    """
    begin = mark.encode() + b"\0"
    held, begun = b"", False
    for piece in pieces:
        held += piece
        if not begun:
            first = held.find(begin, 0, _BEFORE)
            if first < 0 and len(held) > _BEFORE:
                raise RemoteError(f"says more than {_BEFORE:,} bytes before a script begins")
            begun = first >= 0
            held = held[first + len(begin) :] if begun else held
        if begun and len(held) > _END:
            yield held[:-_END]
            held = held[-_END:]
    end = re.search(rb"\x00%s ([0-9]{1,3})\x00\Z" % mark.encode(), held)
    if not begun or end is None:
        raise RemoteError("the answer is not whole: the connection or the shell there ended early")
    if end.start():
        yield held[: end.start()]
    return int(end[1])


def _escaped(text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if _PLAIN.match(data, at) else f"\\{byte:03o}" for at, byte in enumerate(data))
