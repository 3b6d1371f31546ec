"""Commands in files that are known by their folder alone, whatever their names.

etc/cron.d/*, crontabs/*, debian/*.cron.d       what stands behind five times; `install`
etc/cron.daily/*, debian/*.cron.daily           scripts that a clock starts; `install`
.buildkite/hooks/*                              read by the agent of a build, without a first line; `install`
Dockerfile.ANYTHING                             as `fimci.readers.code.embedded` reads the usual ones
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.code import embedded, started, told

_TABLE = re.compile(r"(?:^|/)(?:etc/cron\.d|crontabs)/[^/]+$|(?:^|/)debian/[^/]*\.?cron\.d$")
_SCRIPT = re.compile(
    r"(?:^|/)etc/cron\.(?:hourly|daily|weekly|monthly)/[^/]+$|(?:^|/)\.buildkite/hooks/[^/]+$"
    r"|(?:^|/)debian/[^/]*\.?cron\.(?:hourly|daily|weekly|monthly)$"
)
_IMAGE = re.compile(r"(?:^|/)(?:Dock|Contain)erfile[.-][^/]+$")


def wants(path: str, head: bytes) -> bool:
    """Want text at such a place."""
    return b"\0" not in head and any(form.search(path) for form in (_TABLE, _SCRIPT, _IMAGE))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do."""
    if _TABLE.search(path):
        yield from started.chains(path, data, "install")
    elif _SCRIPT.search(path):
        yield from told.records(path, iter((told.Text(told.decoded(data), phase="install"),)))
    else:
        yield from embedded.read(path, data)
