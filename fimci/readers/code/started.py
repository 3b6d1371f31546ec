"""Files that say what a session, a service or a clock starts: the chains in their commands.

    x.desktop           `Exec=`             x.service    `ExecStart=` and the like
    x.plist             `ProgramArguments`  crontab      what stands behind five times or `@reboot`

A package that only brings such a file starts nothing by it; what puts it into its place is told elsewhere.
"""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator

from fimci.model import Capability, CapabilityName, Record
from fimci.readers.code import told

_NAMES = (".desktop", ".plist", ".service", "crontab")
_LIMIT, _MOST = 1 << 20, 500
_ASSIGNED = re.compile(
    r"(?m)^[ \t]{0,9}(?:Try)?Exec\w{0,20}[ \t]{0,9}=[ \t]{0,9}[-@:+!|]{0,3}([^\n]{1,4000})"
)
_ARGUMENTS = re.compile(r"<key>ProgramArguments</key>\s{0,99}<array>([^\0]{1,8000}?)</array>")
_STRING = re.compile(r"<string>([^<]{0,4000})</string>")
_CLOCK = re.compile(
    r"(?m)^[ \t]{0,9}(?:@\w{1,9}|(?:[\d*/,\-A-Za-z]{1,20}[ \t]{1,9}){5})[ \t]{0,9}([^\n]{1,4000})"
)
#: The user as whom a line of the system's own table runs.
_USER = re.compile(r"(?:root|nobody|daemon|[a-z_][\w-]{0,31})[ \t]{1,9}(?=[a-z/(])")
_KEPT: frozenset[CapabilityName] = frozenset(
    ("download-and-run", "encoded-payload", "exfiltration", "persistence", "self-propagation")
)


def wants(path: str, head: bytes) -> bool:
    """Want files of these kinds that are text."""
    return b"\0" not in head and path.endswith(_NAMES)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the chains that their commands make."""
    text = told.decoded(data[:_LIMIT])
    for record in told.records(path, itertools.islice(_commands(path, text), _MOST)):
        if isinstance(record, Capability) and record.name in _KEPT:
            yield record


def _commands(path: str, text: str) -> Iterator[told.Text]:
    form = _ARGUMENTS if path.endswith(".plist") else _CLOCK if path.endswith("crontab") else _ASSIGNED
    counted, line = 0, 1
    for found in form.finditer(text):
        line += text.count("\n", counted, found.start(1))
        counted = found.start(1)
        command = found[1]
        if form is _ARGUMENTS:
            words = (
                word.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
                for word in _STRING.findall(command)
            )
            command = shlex.join(words)
        elif form is _CLOCK and path.endswith("etc/crontab"):
            command = _USER.sub("", command, count=1)
        yield told.Text(command, line, folded=True)
