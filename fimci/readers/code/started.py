"""Files that say what a session, a service or a clock starts: the chains in their commands.

    x.desktop           `Exec=`             x.service    `ExecStart=` and the like
    x.plist             `ProgramArguments`  crontab      what stands behind five times or `@reboot`

A package that only brings such a file starts nothing by it; what puts it into its place is told elsewhere.
What lies where a packager or the root of a system has it put (`fimci.readers.code.placed`) is started.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from fimci.model import Capability, CapabilityName, Phase, Record, Unread
from fimci.readers.code import told

_NAMES = (".cron", ".cron.d", ".crontab", ".desktop", ".plist", ".rules", ".service", "crontab")
#: Pieces of units of systemd, jobs of upstart and programs of supervisor have names that say little.
_PIECE = re.compile(r"\.(?:service|socket|timer)\.d/[^/]+\.conf|(?:^|/)init/[^/]+\.conf")
_RULE = re.compile(r"(?:RUN|PROGRAM|IMPORT)(?:\{\w+\})?[+:]?=+\"((?:[^\"\\]|\\.){1,4000})\"")
_LOADED = re.compile(r"(?m)^[ \t]{0,9}Environment=[\"']?(LD_PRELOAD|LD_AUDIT|BASH_ENV)=([^\n\"']{1,400})")
_SCRIPT = re.compile(r"(?ms)^(?:pre-|post-)?(?:start |stop )?script[ \t]*\n(.{1,8000}?)^end script")
_SUPERVISED = re.compile(r"(?m)^command[ \t]{0,9}=[ \t]{0,9}([^\n]{1,4000})")
_LIMIT = 8 << 20
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
#: Tables of a clock under any name, and those that say as whom a line runs.
_TABLE = re.compile(r"(?:^|/)(?:cron\.d|crontabs)/[^/]+$|\.(?:cron\.d|crontab)$")
_OF_SYSTEM = re.compile(r"etc/crontab$|cron\.d(?:/[^/]+)?$")
_KEPT: frozenset[CapabilityName] = frozenset(
    (
        "download-and-run",
        "encoded-payload",
        "exfiltration",
        "module-tampering",
        "persistence",
        "self-propagation",
    )
)


_FORMS = ((".plist", _ARGUMENTS), ("crontab", _CLOCK), (".cron", _CLOCK), (".rules", _RULE))
#: A line of a unit that goes on in the next one.
_WRAPPED = re.compile(r"(?:[^\n]*\\\n){1,50}[^\n]*")


def _unwrapped(found: re.Match[str]) -> str:
    """Return lines that are one as one, with as many empty ones behind it."""
    return found[0].replace("\\\n", " ") + "\n" * found[0].count("\n")


def wants(path: str, head: bytes) -> bool:
    """Want files of these kinds that are text."""
    if b"\0" in head:
        return False
    return path.endswith(_NAMES) or (
        path.endswith(".conf") and (b"[program:" in head or bool(_PIECE.search(path)))
    )


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the chains that their commands make."""
    yield from chains(path, data)


def chains(path: str, data: bytes, phase: Phase = "call") -> Iterator[Record]:
    """Yield the chains that the commands of such a file make."""
    text = told.decoded(data[:_LIMIT])
    found = (one._replace(phase=phase) for one in _commands(path, text))
    for record in told.records(path, found):
        if isinstance(record, Unread) or (isinstance(record, Capability) and record.name in _KEPT):
            yield record
    if len(data) > _LIMIT:
        yield told.left_out(path, text.count("\n") + 1)


def _commands(path: str, text: str) -> Iterator[told.Text]:
    form = next((form for end, form in _FORMS if path.endswith(end)), _ASSIGNED)
    form = _CLOCK if _TABLE.search(path) else form
    if path.endswith(".conf"):
        form = _SUPERVISED if "[program:" in text else _SCRIPT if "end script" in text else _ASSIGNED
    counted, line = 0, 1
    for loaded in _LOADED.finditer(text):
        yield told.Text(f"{loaded[1]}={loaded[2]} true", text.count("\n", 0, loaded.start()) + 1, folded=True)
    text = text.replace("\\\n", " \n") if form is not _ASSIGNED else _WRAPPED.sub(_unwrapped, text)
    for found in form.finditer(text):
        line += text.count("\n", counted, found.start(1))
        counted = found.start(1)
        command = found[1].replace('\\"', '"') if form is _RULE else found[1]
        if form is _ARGUMENTS:
            words = (
                word.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
                for word in _STRING.findall(command)
            )
            command = shlex.join(words)
        elif form is _CLOCK and _OF_SYSTEM.search(path):
            command = _USER.sub("", command, count=1)
        yield told.Text(command, line, folded=True)
