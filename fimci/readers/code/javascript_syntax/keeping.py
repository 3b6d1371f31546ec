"""What is given a function and does not call it now: a command of a program, a test, a table of handlers.

What nobody here knows is taken to call what it is given, and so is what the file itself says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from fimci.readers.code.javascript_syntax.reading import Reading

#: By their last names. `register` alone may be that of the loader of modules.
_KEEPS = re.compile(
    r"action|addCommand|register(?:Command|TextEditorCommand|Tool|Plugin|Handler|Action|Type|Component|Provider"
    r"|Service|Language|Extension|Task|Helper|Partial|Filter|Locale)"
)
#: By how many bits the bytes that are read are fewer turns of a loop.
_READ_AT_ONCE = 6
#: Where the file says what a name does: a function, a member, a variable.
_OWN = rb"(?:function\s+%b\b|\b%b\s*(?:[:=](?!=)|\([^()]{0,200}\)\s*\{))"


def keeps(reading: Reading, arguments: Node) -> bool:
    """Tell whether a call does not call what is among its arguments."""
    call = arguments.parent
    callee = None if call is None else call.child_by_field_name("function")
    if callee is None or callee.type != "member_expression":
        return False
    name = reading.text(callee.child_by_field_name("property"))
    if name not in reading.keeping:
        reading.keeping[name] = _KEEPS.fullmatch(name) is not None and not _is_own(reading, name.encode())
    return reading.keeping[name]


def _is_own(reading: Reading, name: bytes) -> bool:
    reading.scopes.work.spend(len(reading.source.data) >> _READ_AT_ONCE)
    return re.search(_OWN % (name, name), reading.source.data) is not None
