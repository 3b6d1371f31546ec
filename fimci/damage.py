"""What happens to baseline files that live in repositories and on disks, told from their bytes.

Only asked once a file has proved to be wrong: which of the usual accidents was it?
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

#: Git writes three kinds of lines around the two versions.
_CONFLICT = re.compile(rb"^(?:<{7}|={7}|>{7})(?: .*)?\r?$", re.MULTILINE)
_BEGINNING = b'{"format":'
_TRAILER = re.compile(rb'^\{"records":\d+,"root":"sha256:[0-9a-f]{64}"\}$', re.MULTILINE)
_ATTRIBUTE = (
    "put `*.baseline -text` into .gitattributes, delete the file and check it out again "
    "(`git checkout -- FILE`)"
)
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Cause(NamedTuple):
    """What happened, to follow the name of the file, and the remedy where it is a special one."""

    what: str
    remedy: str = ""


def cause(blocks: Iterable[bytes]) -> Cause | None:
    """Return what happened to a baseline, given as blocks of whole lines. `None`: nothing usual."""
    line = 1
    ended = ours = False
    last = b""
    for number, block in enumerate(blocks):
        if not number and block.startswith(_BYTE_ORDER_MARKS):
            return Cause("was saved by an editor in another encoding: it starts with a byte order mark")
        ours = ours or block.startswith(_BEGINNING)
        found = _in(block, line)
        if found is not None:
            return found
        if ended:
            break
        trailer = _TRAILER.search(block)
        if trailer is not None and trailer.end() == len(block):
            return Cause("was edited: its last line feed is missing")
        if trailer is not None:
            ended, last = True, block[trailer.end() + 1 :]
            if last:
                break
        else:
            last = block
        line += block.count(b"\n")
    else:
        if ended or (last and not ours):
            return None
        return Cause("is truncated: it does not end with a trailer" if last else "is empty")
    return Cause("has something after its trailer: it was appended to, or two files were joined")


def _in(block: bytes, line: int) -> Cause | None:
    conflict = _CONFLICT.search(block)
    if conflict is not None:
        at = line + block.count(b"\n", 0, conflict.start())
        return Cause(
            f"has merge conflict markers (line {at:,}): it is two baselines in one",
            "finish the merge of everything else, then take a new one with `fimci baseline`",
        )
    zero = block.find(b"\0")
    if zero >= 0:
        at = line + block.count(b"\n", 0, zero)
        return Cause(f"holds zero bytes (line {at:,}): a part of it never reached the disk, or was wiped")
    if b"\r\n" in block:
        return Cause("had its line endings converted to CRLF, as git does with core.autocrlf", _ATTRIBUTE)
    return None
