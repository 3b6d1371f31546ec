"""What a package lets every start of Python run: lines of `.pth` files (and of `.start` files, PEP 829).

    lines that begin with `import`, entry points     Capability   `persistence`, subject `line of x.pth`

What setuptools, editable installs and virtualenv write is passed over. Of an installed environment
`fimci.installed.python.startup` tells the same. https://docs.python.org/3/library/site.html
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from fimci.installed.python.startup import KNOWN
from fimci.model import Capability, Record
from fimci.printable import cut
from fimci.readers.manifests import settings

_TEXT = 160
_RUN = re.compile(r"import[ \t]")
_ENTRY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the table has looked at the name)
    """Tell whether it is text: weights of models have the suffix `.pth`, too."""
    return b"\0" not in head


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield one capability for a file, whose detail changes with what runs."""
    text = data.decode("utf-8-sig", "surrogateescape")
    running = [(number, line) for number, line in enumerate(settings.lines(text), 1) if _runs(path, line)]
    if running:
        whole = "; ".join(line.strip() for _, line in running)
        digest = hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:12]
        detail = whole if len(whole) <= _TEXT else f"{cut(whole, _TEXT)} [{digest}]"
        yield Capability(
            path=path,
            name="persistence",
            subject=f"line of {path.rpartition('/')[2]}",
            phase="install",
            detail=detail,
            at=settings.place(path, running[0][0], running[0][1]),
        )


def _runs(path: str, line: str) -> bool:
    if path.endswith(".start"):
        return _ENTRY.fullmatch(line.strip()) is not None
    return _RUN.match(line) is not None and KNOWN.fullmatch(line) is None
