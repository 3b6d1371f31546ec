"""`fimci accept`: write somebody's word that a finding is fine into the policy."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
from collections.abc import Iterable

import msgspec

from fimci import durable, policy, rules
from fimci.errors import UsageError
from fimci.findings import Acceptance
from fimci.printable import plural

_DAYS = 90
_FINGERPRINT = re.compile(r"[0-9a-f]{20}")


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options of `accept`."""
    parser.add_argument("fingerprint", nargs="+", help="the fingerprint shown in the report")
    parser.add_argument("--reason", required=True, help="why the finding is acceptable, for later readers")
    parser.add_argument("--by", default="", help="who accepts it")
    parser.add_argument("--expires", metavar="DATE", help=f"the last day (default: {_DAYS} days from now)")
    parser.add_argument("--config", default=policy.FILE, metavar="FILE", help="the policy file (fimci.toml)")


def run(given: argparse.Namespace) -> int:
    """Append the acceptances to the policy file; they hold once that is on the trusted side."""
    bad = [text for text in given.fingerprint if not _FINGERPRINT.fullmatch(text)]
    if bad:
        raise UsageError(f"{bad[0]!r} is no fingerprint", "copy it from the report: 20 hexadecimal digits")
    today = dt.datetime.now(dt.timezone.utc).date()
    expires = _expiry(given.expires, today)
    added = [
        Acceptance(fingerprint=text, reason=given.reason, by=given.by, expires=expires)
        for text in given.fingerprint
    ]
    before = _read(given.config)
    written = with_acceptances(before, added)
    policy.parse(written, given.config, rules.pages())  # the result must be a policy, as the file was
    durable.write(given.config, [written])
    print(f"{given.config}: {plural(len(added), 'acceptance')} added, until {expires}")
    print("It holds once it is on the trusted side: the base branch, or a new baseline.")
    return 0


def _expiry(text: str | None, today: dt.date) -> str:
    if text is None:
        return (today + dt.timedelta(days=_DAYS)).isoformat()
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", "write it like 2027-01-31") from error
    if day < today:
        raise UsageError(f"{text} has passed", "name a day to come")
    return day.isoformat()


def _read(file: str) -> bytes:
    if not os.path.exists(file):
        return b""
    with open(file, "rb") as opened:
        return opened.read()


def with_acceptances(data: bytes, added: Iterable[Acceptance]) -> bytes:
    """Return the text of a policy file with `[[accept]]` tables at its end."""
    text = data if not data or data.endswith(b"\n") else data + b"\n"
    for item in added:
        lines = [f"{key} = {_quoted(value)}" for key, value in msgspec.structs.asdict(item).items() if value]
        text += ("\n[[accept]]\n" + "\n".join(lines) + "\n").encode()
    return text


def _quoted(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are a part of TOML's, surrogates aside."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")
