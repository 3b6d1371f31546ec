"""The jobs of a workflow may do more than before: write, mint identities, or read all secrets.

The token of a job is worth what `permissions` grants. An unneeded write permission is what turned a poisoned
dependency into a poisoned release (Shai-Hulud, 2025; its workflow took `toJSON(secrets)`), and `id-token:
write` lets a job sign and publish as this repository.

The effective permissions of each job are compared: its own block, else that of the workflow, else the
repository's default, which no file states. High: a scope that no job of the file could write, `write-all`
(critical under a trigger that strangers can cause), all secrets taken at once,
ACTIONS_ALLOW_UNSECURE_COMMANDS. Medium: one more job that may write what another one could; a removed block,
so that the default applies; a write permission where the default applied; `secrets: inherit`; a protected
environment that is no longer used; a runner that is not hosted by the code host. In a new workflow file the
usual scopes are low, `id-token` and `actions` medium. There is one finding per file.

Not reported: a write permission that moves from the workflow to the one job that needs it, or from one job to
another; reduced permissions; renamed files and jobs.

In 1,474 workflow changes of 11 public repositories there were 54 findings, 8 of them high.

Fix: state `permissions: {}` for the workflow, and for each job only the scopes that its steps use.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fimci.findings import Finding, Severity, grouped, seen_at
from fimci.model import Capability, Change, Record, Setting
from fimci.printable import listed
from fimci.workflows.sides import Sides, privileged, settings, touched, workflow

SEVERITY = Severity.HIGH

_JOB = re.compile(r"jobs\.(.+)\.(runs-on|environment|secrets|permissions)", re.DOTALL)
_HOSTED = re.compile(r"(?:ubuntu|windows|macos)-[\w.-]+|.*\$\{\{.*", re.DOTALL | re.IGNORECASE)
#: Beyond the default of any repository, or power over workflows themselves.
_UNUSUAL = {"id-token", "actions"}
_ALL = "write-all"
#: Gains named in one message.
_SHOWN = 6


class _Widening(NamedTuple):
    """One gain; without words where another one says the same."""

    severity: Severity
    words: str
    change: Change


class _Block(NamedTuple):
    """One `permissions`: the setting that opens it, and those of the scopes it lets a job write."""

    opening: Setting
    writes: dict[str, Setting]


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once per file to all that its jobs gained."""
    labels: set[str] | None = None
    for sides in touched(changes, before):
        if labels is None:
            labels = _known_runners(before)
        found = [*_grants(sides), *_fallen(sides), *_other(sides), *_foreign_runners(sides, labels)]
        if found:
            found.sort(key=lambda one: (-one.severity, seen_at(one.change.record).line))
            words = list(dict.fromkeys(one.words for one in found if one.words))
            yield grouped(
                [one.change for one in found],
                rule="workflow-privileges-widened",
                severity=found[0].severity,
                message=listed(words, _SHOWN, ";"),
            )


def _grants(sides: Sides) -> Iterator[_Widening]:
    """Yield the scopes that jobs of this file may write now and could not before."""
    old, new = settings(sides.before), settings(sides.after)
    olds, news = _effective(old), _effective(new)
    held, holds = _holders(olds), _holders(news)
    wide = bool(privileged(sides.after))
    spoken: set[str] = set()
    for job, block in news.items():
        if block is None:
            continue
        had = olds.get(job, olds[""])
        for scope, setting in block.writes.items():
            if setting.name in spoken or (had is not None and {scope, _ALL} & set(had.writes)):
                continue
            severity = _grade(sides, scope, had, (held[scope] + held[_ALL], holds[scope] + holds[_ALL]))
            if severity is None:
                continue
            spoken.add(setting.name)
            if scope == _ALL:
                severity = Severity.CRITICAL if wide else Severity.HIGH
            words = "" if job and f"permissions.{scope}" in spoken else _words(setting, scope, old)
            yield _Widening(severity, words, Change(before=old.get(setting.name), after=setting))


def _grade(sides: Sides, scope: str, had: _Block | None, jobs: tuple[int, int]) -> Severity | None:
    """Return how bad it is that a job may write one more scope; `None`: not at all."""
    before, after = jobs
    if sides.added:
        return Severity.MEDIUM if scope in _UNUSUAL else Severity.LOW
    if before:
        return Severity.MEDIUM if after > before else None
    if had is None and scope != "id-token":
        return Severity.MEDIUM  # the default may have given as much: no repository's gives an identity
    return Severity.HIGH


def _words(setting: Setting, scope: str, old: Mapping[str, Setting]) -> str:
    found = _JOB.match(setting.name)
    who = f"job {found[1]}" if found else "the workflow"
    before = old.get(setting.name)
    was = f" (was {'a list of scopes' if before.value == 'map' else before.value})" if before else ""
    return f"{who} gains {scope if scope == _ALL else scope + ': write'}{was}"


def _effective(names: Mapping[str, Setting]) -> dict[str, _Block | None]:
    """Return what holds for each job, and under `""` for those to come; `None`: the default."""
    blocks = _blocks(names)
    top = blocks.get("permissions")
    found: dict[str, _Block | None] = {"": top}
    for name in names:
        job = _JOB.fullmatch(name)
        if job and job[2] == "runs-on":
            found[job[1]] = blocks.get(f"jobs.{job[1]}.permissions", top)
    return found


def _blocks(names: Mapping[str, Setting]) -> dict[str, _Block]:
    """Return the blocks of a file by the name of the setting that opens each."""
    found = {
        name: _Block(one, {_ALL: one} if one.value == _ALL else {})
        for name, one in names.items()
        if name == "permissions" or _is(name, "permissions")
    }
    for name, one in names.items():
        opening, _, scope = name.rpartition(".")
        if opening in found and one.value == "write":
            found[opening].writes[scope] = one
    return found


def _holders(jobs: Mapping[str, _Block | None]) -> Counter[str]:
    """Count for each scope the jobs that may write it."""
    return Counter(scope for job, block in jobs.items() if job and block for scope in block.writes)


def _fallen(sides: Sides) -> Iterator[_Widening]:
    """Yield blocks that are gone, so that a job falls back to the repository's default."""
    old, new = settings(sides.before), settings(sides.after)
    olds, news = _effective(old), _effective(new)
    lost = [job for job in olds if job in news and olds[job] is not None and news[job] is None]
    if not news.keys() - {""} & set(lost):
        return
    block = olds[lost[0]]
    if block is not None and _ALL not in block.writes:
        words = "permissions are no longer stated, so the repository's default applies"
        yield _Widening(Severity.MEDIUM, words, Change(before=block.opening, after=None))


def _other(sides: Sides) -> Iterator[_Widening]:
    """Yield what is no permission and gives as much."""
    old, new = settings(sides.before), settings(sides.after)
    inherits = [name for name in new if _is(name, "secrets")]
    if len(inherits) > sum(_is(name, "secrets") for name in old):
        fresh = next((name for name in inherits if name not in old), inherits[0])
        words = f"job {_job(fresh)} passes all secrets to the workflow it calls"
        yield _Widening(Severity.MEDIUM, words, Change(before=None, after=new[fresh]))
    held = {one.value for name, one in new.items() if _is(name, "environment")}
    for name, setting in old.items():
        stays = f"jobs.{_job(name)}.runs-on" in new
        if _is(name, "environment") and name not in new and stays and setting.value not in held:
            words = f"job {_job(name)} no longer uses the environment {setting.value!r} and its protection"
            yield _Widening(Severity.MEDIUM, words, Change(before=setting, after=None))
    unsecure = [one for name, one in new.items() if name.endswith("ACTIONS_ALLOW_UNSECURE_COMMANDS")]
    if unsecure and not any(name.endswith("ACTIONS_ALLOW_UNSECURE_COMMANDS") for name in old):
        words = "every line of output may set variables (ACTIONS_ALLOW_UNSECURE_COMMANDS)"
        yield _Widening(Severity.HIGH, words, Change(before=None, after=unsecure[0]))
    taken = [record for record in sides.after if _takes_secrets(record)]
    if taken and not any(_takes_secrets(record) for record in sides.before):
        yield _Widening(Severity.HIGH, "takes all secrets at once", Change(before=None, after=taken[0]))


def _foreign_runners(sides: Sides, known: set[str]) -> Iterator[_Widening]:
    """Yield jobs that run on machines which are not the code host's and not known here."""
    for setting in settings(sides.after).values():
        labels = [label for label in _foreign(setting) if _family(label) not in known]
        if labels:
            known |= {_family(label) for label in labels}
            machine = f"runs on {', '.join(labels)}: a runner not hosted by the code host"
            words = f"job {_job(setting.name)} {machine}"
            before = settings(sides.before).get(setting.name)
            yield _Widening(Severity.MEDIUM, words, Change(before=before, after=setting))


def _known_runners(before: Sequence[Record]) -> set[str]:
    """Return the families of foreign runners that workflows already use."""
    known = [record for record in before if isinstance(record, Setting) and workflow(record)]
    return {_family(label) for setting in known for label in _foreign(setting)}


def _foreign(setting: Setting) -> list[str]:
    """Return the labels that no runner of the code host bears."""
    if not _is(setting.name, "runs-on") or not setting.value:
        return []
    return [label for label in setting.value.split(", ") if not _HOSTED.fullmatch(label)]


def _family(label: str) -> str:
    """Return what the labels of one provider's machines, of whatever size, have in common."""
    return re.split("[-_=/]", label.lower(), maxsplit=1)[0]


def _takes_secrets(record: Record) -> bool:
    return isinstance(record, Capability) and record.name == "credentials" and record.subject == "all secrets"


def _is(name: str, key: str) -> bool:
    found = _JOB.fullmatch(name)
    return found is not None and found[2] == key


def _job(name: str) -> str:
    found = _JOB.fullmatch(name)
    return found[1] if found else ""
