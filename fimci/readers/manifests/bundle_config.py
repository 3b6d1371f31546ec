"""`.bundle/config`: how Bundler fetches in this repository, as `bundle config set --local` writes it.

Keys of the form `BUNDLE_HOST__NAME` are credentials for that host; of keys that are not known, the
value is not kept.

    BUNDLE_MIRROR__…, BUNDLE_DISABLE_CHECKSUM_VALIDATION, BUNDLE_SSL_VERIFY_MODE, …      Setting

https://bundler.io/man/bundle-config.1.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fimci.marked.document import Malformed
from fimci.model import Record
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import settings

_KNOWN = re.compile(
    r"BUNDLE_(?:MIRROR__.*|DISABLE_\w+|SSL_VERIFY_MODE|FROZEN|DEPLOYMENT|PATH\w*|WITHOUT|WITH|ONLY|JOBS|RETRY"
    r"|PLUGINS|GLOBAL_GEM_CACHE|ALLOW_\w+|BUILD__.*|LOCAL__.*|VERSION|GEMFILE|LOCKFILE|COOLDOWN|TRUST_POLICY\w*|NO_\w+|PREFER_PATCH)"
)


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether Bundler obeys this file."""
    return f"/{path}".endswith("/.bundle/config")


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield every switch of the file."""
    from fimci.marked import yaml  # noqa: PLC0415  (most repositories hold no such file)

    try:
        document = yaml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "YAML")
        return
    yield from repeated(path, document)
    for name, value in document.table().items():
        kept = settings.plain(value) if _KNOWN.fullmatch(name) else settings.SECRET
        yield settings.setting(path, name, kept, document.line((name,)))
