"""What the user decides: which rules speak, how loudly, what is critical, ignored or accepted.

Policy is read from `fimci.toml`, or from `[tool.fimci]` of `pyproject.toml`, always from the
trusted side of a change (`fimci.check`). It selects, regrades and accepts findings; it never
names code. All faults in it are reported together, each with its key, line and remedy.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from fimci import profiles
from fimci.attest.identity import Signer
from fimci.destinations import Destination, checked
from fimci.errors import ConfigurationError
from fimci.findings import SEVERITIES, Acceptance, Finding, Keep, Severity
from fimci.marked.document import Malformed, Marked
from fimci.patterns import malformed
from fimci.profiles import PathRule
from fimci.sources import locator

FILE = "fimci.toml"
TABLE_FILE = "pyproject.toml"
#: Files that policy may come from, the first that has one wins.
FILES = (FILE, TABLE_FILE)
OFF = "off"
_MANY = 1000
_HOST = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,252}")


class Signed(msgspec.Struct, frozen=True):
    """What a baseline must be: signed by a key of these lines or that identity, not below that number."""

    allowed: tuple[str, ...] = ()
    least: int = 0
    signer: Signer | None = None


class Remote(msgspec.Struct, frozen=True):
    """A source to be checked with others: what it is called, its locator, and its baseline."""

    name: str
    at: str
    baseline: str


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed policy. `severities` maps a rule to its grade, `None` where it is off.

    `generated` are files of an artifact that its build makes, `persistence` what something starts from.
    `writes` are what a guarded command may write: patterns in its workspace, places elsewhere (`/…`, `~/…`).
    `releases`: obtain and judge what an update brings in; `hosts` may be asked for it beside the registries,
    `offline` forbids to ask anybody, `siblings` wheels are held against the one that is installed, and a
    release has to be `cooldown` days old.
    """

    fail_on: Severity = Severity.HIGH
    critical: tuple[str, ...] = ()
    generated: tuple[str, ...] = ()
    persistence: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: str = profiles.DEFAULT
    paths: tuple[PathRule, ...] = ()
    severities: Mapping[str, Severity | None] = {}
    accepted: tuple[Acceptance, ...] = ()
    signer: Signer | None = None
    state: Signed | None = None
    releases: bool = False
    offline: bool = False
    siblings: int = 3
    cooldown: int = 0
    hosts: tuple[str, ...] = ()
    remotes: tuple[Remote, ...] = ()
    #: A file or folder of OSV records (`fimci.advisories`): a path of the trusted side, or of the machine.
    osv: str = ""
    deliver: tuple[Destination, ...] = ()
    keep: Keep | None = None


#: Where a fault is (a path of keys) and what it is.
_Report: TypeAlias = Callable[[tuple[str | int, ...], str], None]


class _Fault(msgspec.Struct, frozen=True):
    where: str
    line: int
    what: str


def parse(data: bytes, name: str, rules: Iterable[str]) -> Policy | None:
    """Read a policy file; `None` if `name` is a `pyproject.toml` without `[tool.fimci]`.

    Raises `ConfigurationError` with every fault of the file.
    """
    from fimci.marked import toml  # noqa: PLC0415  (most runs meet no policy file)

    try:
        document = toml.load(data)
    except Malformed as error:
        raise ConfigurationError(
            f"{name}:{error.line}: not valid TOML: {error.message}",
            "fix the file; `fimci init` writes a fresh one",
        ) from error
    prefix: tuple[str, ...] = ()
    value = document.value
    if name.rpartition("/")[2] == TABLE_FILE:
        prefix = ("tool", "fimci")
        value = value.get("tool", {}).get("fimci") if isinstance(value.get("tool"), dict) else None
        if value is None:
            return None
    faults: list[_Fault] = []
    policy = _policy(value, prefix, document, frozenset(rules), faults)
    if faults:
        lines = "\n".join(f"{name}:{fault.line}: {fault.where}: {fault.what}" for fault in faults)
        raise ConfigurationError(lines, "`fimci explain` lists the rules, docs/formats.md the keys")
    return policy


def judge(findings: Iterable[Finding], policy: Policy, today: dt.date) -> tuple[Finding, ...]:
    """Select, regrade and accept; return the findings worst first, then by place."""
    accepted = {item.fingerprint: item for item in policy.accepted if item.expires >= today.isoformat()}
    judged = []
    for finding in findings:
        severity = policy.severities.get(finding.rule, finding.severity)
        if severity is None:
            continue
        judged.append(
            msgspec.structs.replace(finding, severity=severity, accepted=accepted.get(finding.fingerprint))
        )
    return tuple(sorted(judged, key=lambda f: (-f.severity, f.path, f.line, f.rule, f.message)))


def expired(policy: Policy, today: dt.date) -> tuple[Acceptance, ...]:
    """Return the acceptances that no longer hold."""
    return tuple(item for item in policy.accepted if item.expires < today.isoformat())


def line(data: bytes, name: str, *pointer: str | int) -> int:
    """Return the line where a valid policy says something (`"paths", 2, "pattern"`)."""
    from fimci.marked import toml  # noqa: PLC0415  (as in `parse`)

    prefix = ("tool", "fimci") if name.rpartition("/")[2] == TABLE_FILE else ()
    return toml.load(data).line((*prefix, *pointer))


def _policy(
    value: Any, prefix: tuple[str, ...], document: Marked, rules: frozenset[str], faults: list[_Fault]
) -> Policy:
    def fault(pointer: tuple[str | int, ...], what: str) -> None:
        faults.append(_Fault(_dotted(pointer), document.line((*prefix, *pointer)), what))

    known: dict[str, Any] = {}
    for key, item in value.items() if isinstance(value, dict) else ():
        if key == "rules":
            known["severities"] = dict(_severities(item, rules, fault))
        elif key in _KEYS:
            field, read = _KEYS[key]
            known[field] = read(key, item, fault)
        else:
            fault((key,), f"no such key; known are {', '.join(sorted({*_KEYS, 'rules'}))}")
    return Policy(**({} if faults else known))


def _severity(pointer: tuple[str | int, ...], item: Any, fault: _Report) -> Severity:
    if isinstance(item, str) and item in SEVERITIES:
        return SEVERITIES[item]
    fault(pointer, f"expected one of {', '.join(SEVERITIES)}")
    return Severity.HIGH


def _text(pointer: tuple[str | int, ...], item: Any, fault: _Report) -> str:
    if isinstance(item, str) and item.strip():
        return item
    fault(pointer, "expected a string that is not empty")
    return ""


def _switch(key: str, item: Any, fault: _Report) -> bool:
    if not isinstance(item, bool):
        fault((key,), "expected true or false")
    return item is True


def _count(key: str, item: Any, fault: _Report) -> int:
    if isinstance(item, bool) or not isinstance(item, int) or not 0 <= item <= _MANY:
        fault((key,), f"expected a number from 0 to {_MANY}")
        return 0
    return item


def _hosts(item: Any, fault: _Report) -> Iterator[str]:
    if not isinstance(item, list):
        fault(("hosts",), 'expected a list of hosts, like ["files.index.example"]')
        return
    for index, host in enumerate(item):
        text = _text(("hosts", index), host, fault)
        if text and not _HOST.fullmatch(text):
            fault(("hosts", index), "expected the name of a host, without scheme, port or path")
        else:
            yield text.lower()


def _remotes(item: Any, fault: _Report) -> Iterator[Remote]:
    keys = Remote.__struct_fields__
    item = item if isinstance(item, list) else [item]
    for index, entry in enumerate(item):
        if not isinstance(entry, dict) or set(entry) != set(keys):
            fault(("remote", index), 'expected just name = "…", at = "ssh://HOST/PATH" and baseline = "…"')
            continue
        found = Remote(*(_text(("remote", index, key), entry[key], fault) for key in keys))
        twice = any(isinstance(one, dict) and one.get("name") == found.name for one in item[:index])
        if twice or not _HOST.fullmatch(found.name):
            fault(("remote", index, "name"), "expected letters, digits, dots and hyphens, once")
        if not locator.is_elsewhere(found.at):
            fault(("remote", index, "at"), f"expected {' or '.join(locator.ELSEWHERE)}:, and what it names")
        yield found


def _destinations(item: Any, fault: _Report) -> Iterator[Destination]:
    if not isinstance(item, list):
        fault(("deliver",), "expected [[deliver]] tables")
        return
    for index, entry in enumerate(item):
        try:
            yield checked(msgspec.convert(entry, Destination, strict=True))
        except (msgspec.ValidationError, ValueError) as error:
            fault(("deliver", index), str(error))


def _keep(item: Any, fault: _Report) -> Keep | None:
    try:
        return msgspec.convert(item, Keep, strict=True)
    except msgspec.ValidationError as error:
        fault(("history",), f'expected file = "….history" and days = NUMBER: {error}')
        return None


def _patterns(key: str, item: Any, fault: _Report) -> Iterator[str]:
    if not isinstance(item, list):
        fault((key,), 'expected a list of patterns, like ["docs/", "*.lock"]')
        return
    for index, pattern in enumerate(item):
        text = _text((key, index), pattern, fault)
        if text and malformed(text):
            fault((key, index), "not a pattern in gitignore syntax")
        else:
            yield text


def _profile(pointer: tuple[str | int, ...], item: Any, fault: _Report, *, everywhere: bool = False) -> str:
    text = _text(pointer, item, fault)
    try:
        if text and profiles.parse(text).off and everywhere:
            fault(pointer, "nothing would be looked at: `off` is for [[paths]]")
    except ValueError as error:
        fault(pointer, str(error))
    return text


def _paths(item: Any, fault: _Report) -> Iterator[PathRule]:
    if not isinstance(item, list):
        fault(("paths",), "expected [[paths]] tables")
        return
    for index, entry in enumerate(item):
        where = ("paths", index)
        if not isinstance(entry, dict) or set(entry) != {"pattern", "profile"}:
            fault(where, 'expected just pattern = "…" and profile = "…"')
            continue
        pattern = _text((*where, "pattern"), entry["pattern"], fault)
        try:
            if pattern:
                profiles.matcher(pattern)
        except ValueError:
            fault((*where, "pattern"), "not a pattern in gitignore syntax that takes anything (and no `!`)")
        yield PathRule(pattern=pattern, profile=_profile((*where, "profile"), entry["profile"], fault))


def _severities(item: Any, rules: frozenset[str], fault: _Report) -> Iterator[tuple[str, Severity | None]]:
    if not isinstance(item, dict):
        fault(("rules",), 'expected tables, like [rules.origin-changed] with severity = "medium"')
        return
    for rule, options in item.items():
        if rule not in rules:
            fault(("rules", rule), "no such rule; `fimci explain` lists them")
        elif not isinstance(options, dict) or set(options) != {"severity"}:
            fault(("rules", rule), 'expected just severity = "…"')
        elif options["severity"] == OFF:
            yield rule, None
        else:
            yield rule, _severity(("rules", rule, "severity"), options["severity"], fault)


def _signed(item: Any, fault: _Report) -> Signed | None:
    if not isinstance(item, dict) or not set(item) <= {"allowed-signers", "identity", "issuer", "least"}:
        fault(("state",), "expected just allowed-signers, identity, issuer and least = NUMBER")
        return None
    who = {name: _text(("state", name), item[name], fault) for name in ("identity", "issuer") if name in item}
    lines = item.get("allowed-signers", None if not who.get("identity") else ())
    if not isinstance(lines, list | tuple) or not (lines or who.get("identity")):
        fault(
            ("state", "allowed-signers"), 'expected a list of lines, like ["releases@host ssh-ed25519 AAAA…"]'
        )
        return None
    least = item.get("least", 0)
    if not isinstance(least, int) or isinstance(least, bool):
        fault(("state", "least"), "expected a number")
        return None
    texts = (_text(("state", "allowed-signers", at), line, fault) for at, line in enumerate(lines))
    return Signed(tuple(texts), least, msgspec.convert(who, Signer) if who.get("identity") else None)


def _expected(item: Any, fault: _Report) -> Signer | None:
    if not isinstance(item, dict):
        fault(("signer",), 'expected a table, like [signer] with repository = "https://…"')
        return None
    names = {name.replace("_", "-"): name for name in Signer.__struct_fields__}
    known: dict[str, Any] = {}
    for key, value in item.items():
        if key not in names:
            fault(("signer", key), f"no such key; known are {', '.join(sorted(names))}")
        elif key == "predicates":
            texts = value if isinstance(value, list) else [None]
            known[key] = tuple(_text(("signer", key), one, fault) for one in texts)
        else:
            known[names[key]] = _text(("signer", key), value, fault)
    found = Signer(**known)
    if not found.is_asked:
        fault(("signer",), "names neither an identity nor a repository: anybody could sign")
    return found


def _acceptances(item: Any, fault: _Report) -> Iterator[Acceptance]:
    if not isinstance(item, list):
        fault(("accept",), "expected [[accept]] tables")
        return
    for index, entry in enumerate(item):
        where = ("accept", index)
        if not isinstance(entry, dict):
            fault(where, "expected a table with fingerprint, reason, by and expires")
            continue
        for key in entry:
            if key not in {"fingerprint", "reason", "by", "expires"}:
                fault((*where, key), "no such key; known are by, expires, fingerprint, reason")
        missing = [key for key in ("fingerprint", "reason", "expires") if key not in entry]
        if missing:
            fault(where, f"{' and '.join(missing)} missing: `fimci accept` writes all of them")
            continue
        yield Acceptance(
            fingerprint=_text((*where, "fingerprint"), entry["fingerprint"], fault),
            reason=_text((*where, "reason"), entry["reason"], fault),
            by=str(entry.get("by", "")),
            expires=_date((*where, "expires"), entry["expires"], fault),
        )


def _date(pointer: tuple[str | int, ...], item: Any, fault: _Report) -> str:
    if isinstance(item, dt.date) and not isinstance(item, dt.datetime):
        return item.isoformat()
    try:
        return dt.date.fromisoformat(item).isoformat()
    except (TypeError, ValueError):
        fault(pointer, "expected a date, like 2027-01-31")
        return ""


def _dotted(pointer: tuple[str | int, ...]) -> str:
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in pointer)
    return parts.lstrip(".")


#: Every key but `rules`, which must know their names: the field of the policy, and what reads the value.
_KEYS: dict[str, tuple[str, Callable[[str, Any, _Report], Any]]] = {
    **{
        name: (name, lambda key, item, fault: tuple(_patterns(key, item, fault)))
        for name in ("critical", "generated", "ignore", "persistence", "writes")
    },
    "accept": ("accepted", lambda _, item, fault: tuple(_acceptances(item, fault))),
    "deliver": ("deliver", lambda _, item, fault: tuple(_destinations(item, fault))),
    "fail-on": ("fail_on", lambda key, item, fault: _severity((key,), item, fault)),
    "history": ("keep", lambda _, item, fault: _keep(item, fault)),
    "hosts": ("hosts", lambda _, item, fault: tuple(_hosts(item, fault))),
    "offline": ("offline", _switch),
    "osv": ("osv", lambda key, item, fault: _text((key,), item, fault)),
    "paths": ("paths", lambda _, item, fault: tuple(_paths(item, fault))),
    "profile": ("profile", lambda key, item, fault: _profile((key,), item, fault, everywhere=True)),
    "releases": ("releases", _switch),
    "remote": ("remotes", lambda _, item, fault: tuple(_remotes(item, fault))),
    "signer": ("signer", lambda _, item, fault: _expected(item, fault)),
    "siblings": ("siblings", _count),
    "cooldown": ("cooldown", _count),
    "state": ("state", lambda _, item, fault: _signed(item, fault)),
}
