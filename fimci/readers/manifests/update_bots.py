"""Configuration of Dependabot and Renovate, which propose updates: how long they wait, and what they run.

A bot that proposes a release an hour after it came out undoes the age that a client asks for, as soon as
somebody merges it. Ages are in days at Dependabot (`cooldown`), in words at Renovate (`minimumReleaseAge: 3
days`, before: `stabilityDays`). Where there is none, the setting says 0, so that one that goes is seen.

    updates.npm /.cooldown.default-days               Setting   of one ecosystem and folder; 0 for none
    updates.npm /.insecure-external-code-execution    Setting   whether packages run code meanwhile
    updates.registries.NAME                           Setting   the URL
    updates.minimumReleaseAge, updates.KEY            Setting   of Renovate
    updates.rules[matchManagers=npm].KEY              Setting   the same for the packages of a rule

https://docs.github.com/code-security/dependabot and https://docs.renovatebot.com/configuration-options/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fimci.marked.document import Malformed, Marked, Pointer
from fimci.model import Record, Setting, Unread
from fimci.readers import commented
from fimci.readers.documents import repeated, unparsed
from fimci.readers.manifests import settings

_DEPENDABOT = re.compile(r"(?:.*/)?\.github/dependabot\.ya?ml")
_RENOVATE = re.compile(
    r"(?:(?:\.github|\.gitlab)/)?renovate\.json5?|\.renovaterc(?:\.json5?)?|default\.json", re.DOTALL
)
#: What decides how old releases are that Renovate proposes, who looks at them, and what it runs.
_TOLD = (
    *("automerge", "allowScripts", "defaultRegistryUrls", "exposeAllEnv", "ignoreScripts", "ignoreTests"),
    *("internalChecksFilter", "osvVulnerabilityAlerts", "platformAutomerge"),
    *("postUpgradeTasks", "registryAliases", "registryUrls", "vulnerabilityAlerts"),
)
_AGES = ("minimumReleaseAge", "stabilityDays")
#: Whether releases of unknown age wait; what holds where only an age is stated.
_BEHAVIOUR, _REQUIRED = "minimumReleaseAgeBehaviour", "timestamp-required"
#: Presets of others: those that Renovate brings have a name and no more (`config:recommended`).
_FOREIGN = re.compile(r"\w+>|https?:|@?[\w.-]+/")
_LABEL = 120
#: What may hold a quote or a colon in JSON 5: texts and comments, as they are; texts and names to be quoted.
#: What has no end is taken up to where it could have one, so that nothing is looked at twice.
_JSON5 = re.compile(
    rb'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?'
    rb"|'((?:[^'\\\n]|\\.)*)'?|(?<![\w$])([A-Za-z_$][\w$]{0,60})(?=\s{0,40}:)"
)
#: What is escaped in a text, or must be; and the escapes that JSON has as well.
_ESCAPED = re.compile(rb'\\(x([0-9A-Fa-f]{2})|[^\n])|"')
_KNOWN = frozenset((b'"', b"/", b"\\", b"b", b"f", b"n", b"r", b"t", b"u"))


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether a bot reads this file."""
    return _DEPENDABOT.fullmatch(path) is not None or _RENOVATE.fullmatch(path) is not None


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield the switches of a bot."""
    if not _DEPENDABOT.fullmatch(path):
        document = commented.table(path, _quoted(data) if path.endswith(("5", "rc")) else data)
        if isinstance(document, Unread):
            yield document
        elif not path.endswith("default.json") or "renovate" in str(document.table().get("$schema")):
            yield from repeated(path, document)
            yield from settings.bounded(path, _renovate(path, document))
        return
    from fimci.marked import yaml  # noqa: PLC0415  (22 ms, where there is such a file)

    try:
        document = yaml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "YAML")
        return
    yield from repeated(path, document)
    yield from settings.bounded(path, _dependabot(path, document))


def _quoted(data: bytes) -> bytes:
    """Put JSON 5 in the words of JSON: names and texts in double quotes, each on its line."""
    return _JSON5.sub(_in_json, data)


def _in_json(found: re.Match[bytes]) -> bytes:
    single, name, whole = found[1], found[2], found[0]
    if name is not None:
        return b'"' + name + b'"'
    if single is not None:
        return b'"' + _ESCAPED.sub(_escaped, single) + b'"'
    double = len(whole) > 1 and whole[:1] == whole[-1:] == b'"'
    return b'"' + _ESCAPED.sub(_escaped, whole[1:-1]) + b'"' if double else whole


def _escaped(found: re.Match[bytes]) -> bytes:
    """Say a letter as JSON does, which knows fewer that may stand behind a backslash."""
    if found[0] == b'"':
        return rb"\""
    if found[1] is None or found[1] in _KNOWN:
        return found[0]
    return rb"\u00" + found[2] if found[2] is not None else found[1]


def _dependabot(path: str, document: Marked) -> Iterator[Setting | Unread]:
    for name, registry in document.table("registries").items():
        if isinstance(registry, dict) and isinstance(registry.get("url"), str):
            line = document.line(("registries", name, "url"))
            yield settings.setting(path, f"updates.registries.{name}", registry["url"], line)
    taken: Counter[str] = Counter()
    for index, update in enumerate(document.items("updates")):
        if not isinstance(update, dict):
            continue
        pointer: Pointer = ("updates", index)
        folders = update.get("directories", update.get("directory"))
        where = " ".join(map(str, folders)) if isinstance(folders, list) else str(folders)
        label = f"{update.get('package-ecosystem')} {where}"[:_LABEL]
        taken[label] += 1
        name = f"updates.{label}" + (f" ({taken[label]})" if taken[label] > 1 else "")
        cooldown = document.table(*pointer, "cooldown")
        if "default-days" not in cooldown:
            line = document.line((*pointer, "cooldown") if cooldown else pointer)
            yield settings.setting(path, f"{name}.cooldown.default-days", "0", line)
        for key in ("cooldown", "insecure-external-code-execution"):
            if update.get(key) not in (None, {}):
                yield from settings.flatten(path, document, (*pointer, key), f"{name}.{key}")


def _renovate(path: str, document: Marked) -> Iterator[Setting | Unread]:
    yield from _switches(path, document, (), "updates", always=True)
    for index, preset in enumerate(document.items("extends")):
        if isinstance(preset, str) and _FOREIGN.match(preset):
            line = document.line(("extends", index))
            yield settings.setting(path, f"updates.extends.{preset.partition('#')[0]}", "true", line)
    taken: Counter[str] = Counter()
    for index, rule in enumerate(document.items("packageRules")):
        if isinstance(rule, dict):
            label = _label(rule)
            number = f" ({taken[label] + 1})" if taken[label] else ""
            name = f"updates.rules[{label}{number}]"
            found = list(_switches(path, document, ("packageRules", index), name, always=False))
            # Rules that switch nothing here have no number, so that none that comes changes another's.
            taken[label] += bool(found)
            yield from found


def _switches(
    path: str, document: Marked, pointer: Pointer, name: str, *, always: bool
) -> Iterator[Setting | Unread]:
    table = document.table(*pointer) if not pointer else _item(document, pointer)
    key = next((one for one in _AGES if table.get(one) is not None), None)
    if key is not None or always:
        value = settings.plain(table.get(key)) if key is not None else "0"
        value = f"{value} days" if key == "stabilityDays" else value
        line = document.line((*pointer, key) if key is not None else pointer)
        yield settings.setting(path, f"{name}.minimumReleaseAge", value, line)
    behaviour = table.get(_BEHAVIOUR)
    if behaviour is not None:
        yield settings.setting(
            path, f"{name}.{_BEHAVIOUR}", settings.plain(behaviour), document.line((*pointer, _BEHAVIOUR))
        )
    elif key is not None and always:
        yield settings.setting(path, f"{name}.{_BEHAVIOUR}", _REQUIRED, document.line((*pointer, key)))
    for key in _TOLD:
        if table.get(key) not in (None, {}, []):
            yield from settings.flatten(path, document, (*pointer, key), f"{name}.{key}")


def _item(document: Marked, pointer: Pointer) -> dict[str, Any]:
    *where, index = pointer
    found = document.items(*where)[int(index)]
    return found if isinstance(found, dict) else {}


def _label(rule: dict[str, Any]) -> str:
    """Return what a rule is for: rules have no names, and their order changes."""
    words = []
    for key in sorted(rule):
        if key.startswith(("match", "exclude")):
            value = rule[key]
            listed = " ".join(map(str, value)) if isinstance(value, list) else str(value)
            words.append(f"{key}={listed}")
    return " ".join(words)[:_LABEL]
