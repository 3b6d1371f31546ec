"""An application, an extension or a workload requests more permissions than before.

A permission sets what code can do, whatever the code says: a browser extension that may read every page needs
one update to read passwords (Cyberhaven and thirty others, December 2024), a container with the engine's
socket controls the host, an application without the hardened runtime loads any library. Reviewers look at
code, and the line that lets it do more is in a manifest.

Covered are the manifests of browser extensions and of VS Code extensions, `AndroidManifest.xml`, entitlements
and `Info.plist`, snaps, Flatpak, Tauri, Compose and Kubernetes (pods, roles and their bindings). High where a
permission gives away the machine, the account or everybody's data: every address, cookies, native messaging,
the engine's socket, `privileged`, secrets of a cluster, SMS, no sandbox. Medium where users are asked for it,
or where it exposes more of the host; low for all others. One step lower where the file is new, or where
something else in it already had the permission. There is one finding per file.

Not reported: permissions that are removed, that move to another file or owner, and addresses where every
address was allowed before. In 60,386 commits of twenty-one public repositories, 13,239 of which touch such
files, 162 changed a permission (`benchmarks/histories.py rights`): 101 had a finding, 13 of them at high; 33
findings were medium, 70 low.

Fix: ask what needs it, and request less: one host, a named capability, a dedicated path; or accept it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from fimci.findings import Finding, Severity, grouped, seen_at
from fimci.model import Change, File, Record
from fimci.printable import cut, listed
from fimci.rights.grades import EVERYWHERE, grade, lower
from fimci.rights.stated import Right, right

SEVERITY = Severity.HIGH
#: How rights of extensions are said.
_WORDS = {
    "permissions.": "{}",
    "hosts.": "pages at {}",
    "optional.": "{} if the user grants it",
    "extensions.": "the extension {}",
    "proposed.": "the proposed interface {}",
}
_APPLICATION = (
    "ask which feature needs it, and remove it if none does; ask users at the moment of use, and keep the"
    " sandbox or the hardened runtime enabled; otherwise accept it."
)
#: What to do, by who grants the rights.
_FIXES = {
    "browser": "ask which feature needs it; `activeTab`, the hosts that it works with, or permissions"
    " requested at the moment of use (`optional_permissions`) are usually enough; otherwise accept it.",
    "editor": "ask what needs it; activate on the languages or commands that the extension is for"
    " (`activationEvents`), and list no extension that it works without; otherwise accept it.",
    "android": _APPLICATION,
    "apple": _APPLICATION,
    "snap": "ask which feature needs it; keep `confinement: strict`, and list only the plugs that are used;"
    " otherwise accept it.",
    "flatpak": "ask which feature needs it; portals grant files and devices one by one, and one folder"
    " (`--filesystem=xdg-download`) is less than the home directory; otherwise accept it.",
    "tauri": "ask which window needs it; list its commands, with a scope of their own; otherwise accept it.",
    "compose": "ask which service needs it; a named capability is less than `privileged`, a volume less"
    " than a path of the host, and the engine's socket is control of the host; otherwise accept it.",
    "kubernetes": "ask which workload needs it; grant single verbs on named resources of one namespace,"
    " named capabilities, and nothing of the node; otherwise accept it.",
}
#: Rights named in one message, and letters of each.
_SHOWN, _LETTERS = 6, 120


class _Gain(NamedTuple):
    severity: Severity
    family: str
    words: str
    change: Change


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Report once per file all that it requests now."""
    gained = [(one, found) for one in changes if one.added and (found := right(one.after))]
    if not gained:
        return
    held, everywhere = _held(before)
    new = {one.after.path for one in changes if isinstance(one.after, File) and one.added}
    lost = {_of(found) for one in changes if one.removed and (found := right(one.before))}
    files: dict[str, list[_Gain]] = {}
    for change, found in gained:
        path = str(getattr(change.after, "path", ""))
        mine = held.get(path, set())
        if (
            _of(found) in lost
            or _included(found, mine)
            or (found.what.startswith("hosts.") and path in everywhere)
        ):
            continue
        known = (found.family, found.what) in {(one.family, one.what) for one in mine}
        severity = grade(found.family, found.what)
        severity = lower(severity) if known or path in new else severity
        if severity > Severity.INFO:
            files.setdefault(path, []).append(_Gain(severity, found.family, _words(found), change))
    for gains in files.values():
        gains.sort(key=lambda one: (-one.severity, seen_at(one.change.record).line))
        words = list(dict.fromkeys(cut(one.words, _LETTERS) for one in gains))
        said = grouped(
            [one.change for one in gains],
            rule="permissions-widened",
            severity=gains[0].severity,
            message=f"requests more permissions: {listed(words, _SHOWN, ';')}",
        )
        yield msgspec.structs.replace(said, fix=_FIXES.get(gains[0].family, ""))


def _held(before: Sequence[Record]) -> tuple[dict[str, set[Right]], set[str]]:
    """Return the rights of each file on the left side, and the files that had every address."""
    held: dict[str, set[Right]] = {}
    for record in before:
        if (found := right(record)) is not None:
            held.setdefault(str(getattr(record, "path", "")), set()).add(found)
    everywhere = {
        path for path, those in held.items() if any(EVERYWHERE.fullmatch(one.what) for one in those)
    }
    return held, everywhere


def _included(found: Right, mine: set[Right]) -> bool:
    """Tell whether what is asked for at leisure was simply had before."""
    kind, _, name = found.what.partition(".")
    return kind == "optional" and any(one.what in {f"permissions.{name}", f"hosts.{name}"} for one in mine)


def _of(found: Right) -> tuple[str, str]:
    """Return what a right is, whoever has it."""
    return found.family, found.what


def _words(found: Right) -> str:
    for start, word in _WORDS.items():
        if found.what.startswith(start):
            found = found._replace(what=word.format(found.what.removeprefix(start)))
            break
    return f"{found.who}: {found.what}" if found.who else found.what
