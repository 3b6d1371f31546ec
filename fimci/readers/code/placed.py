"""Commands in files that are known by their folder alone, whatever their names.

    etc/cron.d/*, crontabs/*, debian/*.cron.d       what stands behind five times; `install`
    etc/cron.daily/*, debian/*.cron.daily           scripts that a clock starts; `install`
    etc/profile.d/*, etc/conda/activate.d/*         what a shell reads when it starts; `install`
    .buildkite/hooks/*                              read by the agent of a build; `install`
    Dockerfile.ANYTHING, Makefile.ANYTHING          as `fimci.readers.code.embedded` reads the usual ones

A table of readers chooses by names: this one is asked of every text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.model import Record
from fimci.readers.code import embedded, started, told

_TABLE = re.compile(r"(?:^|/)(?:etc/cron\.d|crontabs)/[^/]+$|(?:^|/)debian/[^/]*\.?cron\.d$")
_SCRIPT = re.compile(
    r"(?:^|/)etc/(?:cron\.(?:hourly|daily|weekly|monthly)|profile\.d|update-motd\.d|conda/(?:de)?activate\.d)/[^/]+$"
    r"|(?:^|/)\.buildkite/hooks/[^/]+$|(?:^|/)debian/(?:[^/]+\.)?config$"
    r"|(?:^|/)debian/[^/]*\.?cron\.(?:hourly|daily|weekly|monthly)$"
)
_OTHER = re.compile(r"(?:^|/)(?:(?:Dock|Contain)erfile[.-][^/]+|(?:GNUm|BSDm|m|M)akefile\.[^/]+)$")


def wants(path: str, head: bytes) -> bool:
    """Want text at such a place."""
    return b"\0" not in head and any(form.search(path) for form in (_TABLE, _SCRIPT, _OTHER))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the commands can do."""
    if _TABLE.search(path):
        yield from started.chains(path, data, "install")
    elif _SCRIPT.search(path):
        yield from told.records(path, iter((told.Text(told.decoded(data), phase="install"),)))
    elif embedded.wants(path, data):
        yield from embedded.read(path, data)
