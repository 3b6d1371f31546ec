"""A package gained code that runs unasked: at every start of Python, or inside other tools.

A line of a `.pth` that begins with `import`, `sitecustomize` and `usercustomize` run before the first line of
every program of an environment, `pip` and the build included (litellm 1.82.8, 2026, stole credentials from a
`.pth` of 34 kB). A plug-in for pytest, flake8, hypothesis, keyring, setuptools or torch is imported whenever
these run, whether it is wanted or not: its entry point is all it needs. A server of Jupyter loads the
extensions that files in `etc/jupyter` of its environment enable.

High for code that runs at every start, if it is in a location that an install copies into the environment.
Medium for such a file elsewhere, for changed content (low), for an entry point in a group that is loaded
automatically, or one that now refers to other code, and for a file that makes Jupyter load an extension.

Not reported: what was there before, also under another name of the release folder; what setuptools, editable
installs and virtualenv write; plug-ins that must be enabled by name. Scripts of `package.json`, `binding.gyp`
and `cmdclass` are reported by `install-script-added`, build backends by `package-manager-changed`. Measured
on 218 pairs of adjacent releases of popular npm packages, wheels and sdists: two findings, both low, for a
debugger whose own `sitecustomize` in its own folder changed.

Fix: read what it runs; if the package is meant to do that, accept it with `fimci accept`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fimci.findings import Finding, Severity, finding
from fimci.installed.python.startup import CUSTOMIZE
from fimci.model import Capability, Change, Digest, File, Record, Setting
from fimci.printable import cut

SEVERITY = Severity.HIGH
_RULE = "implicit-execution-added"
_SHOWN = 160
_VERSION = re.compile(r"-(?:py)?\d[\w.]{0,40}(?=-)")
_SUBJECT = re.compile(r"line of .+\.(?:pth|start)", re.DOTALL)
#: Folders whose content an install puts where `site` looks.
_LANDS = re.compile(
    r"(?:(?:.*/)?(?:site-packages|dist-packages)/|[^/]+\.data/(?:purelib|platlib|data)/|src/)?"
    r"(?:(?:site|user)customize/)?[^/]+",
    re.DOTALL,
)
#: What servers of Jupyter read when they start: which extensions they load.
_SERVED = re.compile(r"(?:^|/)etc/jupyter/jupyter_(?:server|notebook)_config\.d/[^/]+\.json\Z")
#: What stands in front of the name of a module or of its folder.
_FOLDER = re.compile(r"(?:.*/)?(?=(?:site|user)customize[/.])", re.DOTALL)
#: Groups of entry points that are imported when their tool runs, or by any build.
_GROUPS = re.compile(
    r"pytest11|flake8\.(?:extension|report)|hypothesis|keyring\.backends|pydantic|torch\.backends|hatch"
    r"|poetry\.(?:application\.)?plugin|pdm(?:\.plugin)?|tox|nose\.plugins(?:\.0\.10)?|numba_extensions"
    r"|virtualenv\.(?:discovery|create|seed|activate)|opentelemetry_\w+|mypy_extensions"
    r"|distutils\.(?:commands|setup_keywords)|setuptools\.(?:finalize_distribution_options|file_finders)"
    r"|egg_info\.writers"
)
_NAMED = re.compile(rf"(?:entry-point|tool\.poetry\.plugins)\.({_GROUPS.pattern})\.(.+)", re.DOTALL)
#: Where `setup.py` and `setup.cfg` state all of them, or a group, in one text.
_TEXT = re.compile(rf"(?:entry_points|options\.entry_points\.({_GROUPS.pattern}))")
_IN_TEXT = re.compile(rf"(?:\[|[\"'])({_GROUPS.pattern})(?:\]|[\"']\s*:)")


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to what was not there under any path."""
    ran = {_what(one) for one in before if isinstance(one, Capability) and _is_hook(one)}
    entries = {name: value for one in before if isinstance(one, Setting) for name, value in _entries(one)}
    old = [change.before for change in changes if isinstance(change.before, File)]
    known = {file.digest for file in old if isinstance(file.digest, Digest)}
    for change in changes:
        record = change.after
        if not change.added and not {"detail", "value", "digest"} & set(change.differs):
            continue
        if isinstance(record, Capability) and _is_hook(record) and _what(record) not in ran:
            yield _found(change, record.path, f"{record.subject}: {cut(record.detail, _SHOWN)}")
        elif isinstance(record, File) and record.digest not in known:
            if _is_module(record):
                yield _found(change, record.path, "module that every start of Python imports")
            elif _SERVED.search(record.path) is not None:
                yield _found(change, record.path, "extension that every start of Jupyter loads")
        elif isinstance(record, Setting):
            for name, value in _entries(record):
                if name not in entries or entries[name] != value:
                    yield _entry(change, name, value, entries.get(name))


def _is_hook(record: Capability) -> bool:
    return record.name == "persistence" and _SUBJECT.fullmatch(record.subject) is not None


def _what(record: Capability) -> tuple[str, str]:
    """Return what a hook runs, and in a file of which name: setuptools puts the version into it."""
    return _VERSION.sub("", record.subject), record.detail


def _is_module(file: File) -> bool:
    """Tell `sitecustomize` and its kin, as a file or as a package."""
    folder = _FOLDER.match(file.path)
    return CUSTOMIZE.fullmatch(file.path, folder.end() if folder is not None else 0) is not None


def _found(change: Change, path: str, what: str) -> Finding:
    severity = Severity.MEDIUM if change.added else Severity.LOW
    if _LANDS.fullmatch(path) is not None:
        severity = SEVERITY
    message = f"{'new' if change.added else 'changed'} {what}"
    return finding(change, rule=_RULE, severity=severity, message=message)


def _entries(record: Setting) -> Iterator[tuple[str, str]]:
    """Yield the self-loading plug-ins that a setting states, each with what it leads to."""
    named = _NAMED.fullmatch(record.name)
    if named is not None:
        yield f"{named[1]} {named[2]}", record.value
        return
    text = _TEXT.fullmatch(record.name)
    if text is None:
        return
    if text[1]:
        yield text[1], " ".join(record.value.split())
    else:
        yield from ((found[1], "") for found in _IN_TEXT.finditer(record.value))


def _entry(change: Change, name: str, value: str, old: str | None) -> Finding:
    group, _, plugin = name.partition(" ")
    shown = f"{plugin} = {value}" if plugin else value
    what = "a plug-in that loads automatically" + ("" if old is None else " refers to other code")
    message = f"{what} ({group})" + (f": {cut(shown, _SHOWN)}" if shown else "")
    return finding(change, rule=_RULE, severity=Severity.MEDIUM, message=message)
