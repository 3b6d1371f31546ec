"""How much a gained capability weighs: by its phase, by what it is towards, and by how rare the gain is.

The weights are three for each kind (installation, import, call). What real updates gain often weighs less;
what a repository's own code gains, which people have just written, counts where it is a sign by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from fimci.capabilities import sensitive
from fimci.capabilities.chains import OF_THE_PAGE
from fimci.capabilities.gains import CHAINS, NAMED, PHASES, Gain, gains, subject_class, surprise
from fimci.findings import Finding, Severity, grouped
from fimci.model import Capability, CapabilityName, Change, Phase, Record
from fimci.printable import cut, listed

_NO, _INFO, _LOW, _MEDIUM, _HIGH = None, Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH
_Weights: TypeAlias = tuple[Severity | None, Severity | None, Severity | None]

#: By name, and by name and class of the subject, which goes first.
_WEIGHTS: Mapping[str, _Weights] = {
    "network": (_HIGH, _MEDIUM, _INFO),
    "process": (_HIGH, _MEDIUM, _INFO),
    "shell": (_HIGH, _MEDIUM, _LOW),
    "process defence": (_HIGH, _HIGH, _MEDIUM),
    "process tool": (_HIGH, _HIGH, _LOW),
    "process installer": (_HIGH, _HIGH, _NO),
    "shell defence": (_HIGH, _HIGH, _MEDIUM),
    "shell tool": (_HIGH, _HIGH, _LOW),
    "dynamic-code": (_HIGH, _MEDIUM, _INFO),
    "dynamic-code configured": (_MEDIUM, _INFO, _NO),
    "dynamic-code deserialised": (_HIGH, _LOW, _NO),
    "dynamic-code fetched": (_HIGH, _HIGH, _HIGH),
    "dynamic-code decoded": (_HIGH, _HIGH, _MEDIUM),
    "filesystem-write": (_LOW, _INFO, _NO),
    "filesystem-write named": (_MEDIUM, _LOW, _INFO),
    "filesystem-delete": (_MEDIUM, _LOW, _NO),
    "filesystem-delete everything": (_HIGH, _HIGH, _MEDIUM),
    "filesystem-read-sensitive": (_HIGH, _MEDIUM, _LOW),
    "environment": (_INFO, _NO, _NO),
    "environment secret": (_HIGH, _MEDIUM, _LOW),
    "environment-bulk": (_MEDIUM, _LOW, _INFO),
    "credentials": (_HIGH, _HIGH, _MEDIUM),
    "credentials page": (_HIGH, _LOW, _INFO),
    "persistence": (_HIGH, _HIGH, _MEDIUM),
    "system-information": (_MEDIUM, _INFO, _NO),
    "clipboard": (_HIGH, _HIGH, _LOW),
    "screen": (_HIGH, _HIGH, _LOW),
    "keyboard": (_HIGH, _HIGH, _MEDIUM),
    "crypto-wallet": (_HIGH, _HIGH, _MEDIUM),
    "telemetry": (_MEDIUM, _LOW, _LOW),
    "native-code": (_MEDIUM, _MEDIUM, _NO),
}
#: Hosts that are named to take what is stolen, or to give what is run.
_ODD_HOSTS = frozenset(
    ("messenger", "out-of-band", "paste", "tunnel", "shortener", "metadata", "mining", "onion", "address")
)
#: Of these, those that packages for everybody have no business with.
_THIEVES = frozenset(("out-of-band", "paste", "tunnel", "mining", "onion"))
#: In a repository's own code these are a sign by themselves.
_GRAVE = frozenset(("credentials", "crypto-wallet", "keyboard", "persistence", "screen", "clipboard"))
#: Kinds of subjects that are one as well.
_SIGNS = frozenset(("fetched", "decoded", "everything", "defence", "tool"))
#: What a button of a page does that copies a text.
_COPIES = frozenset(("navigator.clipboard.write", "navigator.clipboard.writeText"))
#: What every start of Python runs, whoever asked for it.
_START_UP = (".pth", "sitecustomize.py", "usercustomize.py")
#: A gain that more than this share of real updates has is nothing to stop for; enough of them must be known.
_COMMON, _USUAL, _ENOUGH = 0.01, 0.05, 100
#: A detail that names what is called; others are sentences about the evidence.
_INTERFACE = re.compile(r"[\w.@/$()\[\]=:+-]+")
_VERBS: Mapping[Phase, str] = {"install": "at installation", "import": "when imported", "call": "when called"}


def grade(gain: Gain) -> Severity | None:
    """Return how much a gain weighs, `None` where it is not worth a word."""
    now = gain.now
    kind = subject_class(now)
    odd = now.name == "network" and kind in _ODD_HOSTS
    if not _is_sign(gain, kind, odd=odd) and (now.package is None or not gain.known):
        return None
    weights = _WEIGHTS.get(f"{now.name} {kind}") or _WEIGHTS.get(now.name)
    if weights is None:
        return None
    severity = weights[PHASES.index(gain.phase)]
    if odd:
        later = gain.phase == "call" and (kind == "address" or (kind == "tunnel" and not gain.known))
        return _MEDIUM if later else _HIGH
    if severity is None:
        return None
    if _of_a_page(now, known=gain.known):
        return min(severity, _LOW)
    named = now.detail == NAMED and not sensitive.store(now.subject)
    if (not gain.first and now.name not in _GRAVE and kind not in _SIGNS) or named:
        severity = lowered(severity)
    if (gain.bump == "major" or not gain.known) and gain.phase == "call":
        severity = lowered(severity)
    return eased(severity, gain)


def _is_sign(gain: Gain, kind: str, *, odd: bool) -> bool:
    """Tell whether a capability is a sign by itself, where nothing was there to hold it against.

    Of code that was just written by its own people others are told than of a package that is new as a whole:
    clients of clouds and tools of developers read their own credentials and talk to messengers.
    """
    now = gain.now
    if now.path.endswith(_START_UP) and now.name in {"network", "process", "shell"}:
        return True
    if now.package is not None and kind == "installer" and now.subject.endswith(sensitive.INSTALLS[0]):
        return True
    if gain.known or now.package is None or now.name not in {"network", "credentials"}:
        return odd or now.name in _GRAVE or kind in _SIGNS
    return kind in _THIEVES if now.name == "network" else sensitive.store(now.subject)


def _of_a_page(now: Capability, *, known: bool) -> bool:
    """Tell whether it is what pages do for who looks at them: buttons that copy, a camera that is asked for.

    Scripts in a package of Python are of pages that it shows; its import runs none. Where one of them comes
    to read what was copied, that is told as of all others.
    """
    if now.subject in _COPIES:
        return True
    shown = now.name in {"clipboard", "screen"} and now.subject.startswith("navigator.")
    return shown and not known and (now.package or "").startswith("pkg:pypi/")


def eased(severity: Severity, gain: Gain) -> Severity:
    """Return a grade that is lower where real updates gain the same now and then."""
    known = surprise(gain)
    if known.updates < _ENOUGH:
        return severity
    if known.share > _USUAL:
        return min(severity, _LOW)
    return lowered(severity) if known.share > _COMMON else severity


def lowered(severity: Severity) -> Severity:
    """Return the next lower grade."""
    return Severity(max(severity - 1, 0))


#: What a sign is about. Code that hides what it does, and code that runs what it fetches, both have their
#: honest cases; one file that does both has none.
_ABOUT: Mapping[CapabilityName, str] = {
    "download-and-run": "fetches",
    "encoded-payload": "hides",
    "exfiltration": "steals",
    "obfuscation": "hides",
    "persistence": "stays",
}
#: Marks of obfuscation that are now and then data.
DATA = frozenset(("encoded literal", "escapes"))


def risen(
    found: Iterable[tuple[Gain, Severity]], changes: Sequence[Change], before: Sequence[Record]
) -> list[tuple[Gain, Severity]]:
    """Return what was found; what is medium is high where its file gained a sign of another kind, too."""
    graded = list(found)
    if all(severity != _MEDIUM for _, severity in graded):
        return graded
    places = _meeting(changes, before)
    return [
        (gain, _HIGH if severity == _MEDIUM and _about(gain) and gain.now.path in places else severity)
        for gain, severity in graded
    ]


def _meeting(changes: Sequence[Change], before: Sequence[Record]) -> frozenset[str]:
    """Return the files that gained signs of several kinds."""
    about: dict[str, set[str]] = {}
    for gain in gains(changes, before, frozenset(_ABOUT)):
        if _about(gain):
            about.setdefault(gain.now.path, set()).add(_about(gain))
    return frozenset(path for path, kinds in about.items() if len(kinds) > 1)


def _about(gain: Gain) -> str:
    """Return what a sign is about; nothing for what is none by itself, as hooks that a build sets up."""
    if gain.now.name == "persistence" and _builds(gain.now.path):
        return ""
    return "" if gain.now.subject in DATA else _ABOUT.get(gain.now.name, "")


def told(found: Iterable[tuple[Gain, Severity]], rule: str, what: str) -> Iterator[Finding]:
    """Yield one finding for each package (or file), name and phase; `what` begins its message."""
    groups: dict[tuple[str, str, int], list[tuple[Gain, Severity]]] = {}
    for gain, severity in found:
        where = gain.now.package or gain.now.path
        groups.setdefault((where, gain.now.name, PHASES.index(gain.phase)), []).append((gain, severity))
    for alike in groups.values():
        worst = max(severity for _, severity in alike)
        alike.sort(key=lambda one: -one[1])
        several = [gain for gain, _ in alike]
        yield grouped(
            [gain.change for gain in several], rule=rule, severity=worst, message=f"{what}{sentence(several)}"
        )


def sentence(alike: Sequence[Gain]) -> str:
    """Say what was gained: the name, towards what, when it runs, and how rare that is."""
    now = alike[0].now
    subjects = listed([cut(one, 60) for one in dict.fromkeys(gain.now.subject for gain in alike)])
    if now.name in CHAINS:
        detail = f" ({cut(now.detail, 60)})" if now.detail not in {"", now.subject} else ""
        return f"{subjects} {_VERBS[now.phase]}{detail}{rarity(alike[0])}"
    towards = "" if subjects == "*" else f" ({subjects})"
    by = f", by {cut(now.detail, 60)}" if _INTERFACE.fullmatch(now.detail) else ""
    return f"{now.name}{towards} {_VERBS[now.phase]}{by}{rarity(alike[0])}"


#: What a chain has said already of the file and phase that it stands in.
_COVERED: Mapping[str, frozenset[str]] = {
    "exfiltration": frozenset(
        (
            *("network", "environment", "environment-bulk", "credentials", "system-information"),
            *("clipboard", "screen", "filesystem-read-sensitive", "crypto-wallet"),
        )
    ),
    "download-and-run": frozenset(
        ("network", "process", "shell", "filesystem-write", "dynamic-code", "filesystem-delete")
    ),
    "encoded-payload": frozenset(("dynamic-code", "obfuscation")),
    "self-propagation": frozenset(("process", "shell")),
}


def uncovered(changes: Sequence[Change], before: Sequence[Record], found: Iterable[Gain]) -> Iterator[Gain]:
    """Leave out the gains of which a chain in the same file says more."""
    spoken = {
        (gain.now.path, name)
        for gain in gains(changes, before, frozenset(CHAINS))
        if chain_grade(gain) is not None
        for name in _COVERED.get(gain.now.name, ())
    }
    return (gain for gain in found if (gain.now.path, gain.now.name) not in spoken)


def rarity(gain: Gain) -> str:
    """Say how often real updates gained this, where enough of them were looked at."""
    known = surprise(gain)
    if known.updates < _ENOUGH or gain.now.package is None:
        return ""
    kind = f"{gain.bump} releases" if gain.bump != "other" else "releases"
    return f"; {known.gained:,} of {known.updates:,} {kind} gained this"


#: Grades of chains by phase.
_CHAINS: Mapping[str, _Weights] = {
    "exfiltration": (Severity.CRITICAL, _HIGH, _HIGH),
    "download-and-run": (Severity.CRITICAL, _HIGH, _MEDIUM),
    "encoded-payload": (_HIGH, _HIGH, _MEDIUM),
    "self-propagation": (Severity.CRITICAL, _HIGH, _MEDIUM),
    "module-tampering": (_HIGH, _MEDIUM, _LOW),
}
#: Ways in which test runners, loaders and tracers work; a third of popular packages have one of them.
_USUAL_HOOKS = re.compile(
    r"sys\.(?:modules|meta_path|path_hooks|addaudithook|settrace|setprofile)|threading\.settrace|site\.addsitedir"
    r"|codecs\.register|require\.(?:cache|extensions)|module\._(?:extensions|cache)|builtins\._$"
)
#: Files of another package that are written.
_FOREIGN = re.compile(
    r"node_modules/|(?:site|dist)-packages/|lib/python|require\.resolve\(\)=|LD_PRELOAD|LD_AUDIT|DYLD_INSERT_LIBRARIES"
    r"|library of Windows |removes itself|replaces its own|application "
)
#: How packages put a program of the machine into the package that is there for it (esbuild).
_LAID_BESIDE = "require.resolve()="
#: What all requests, all data, and what is paid, go through: who gets in between sees and changes it.
_BETWEEN = re.compile(
    r"(?:fetch|XMLHttpRequest|WebSocket|EventSource|https?\.(?:get|request))=|(?:XMLHttpRequest|WebSocket)\."
    r"|(?:ethereum|solana|phantom|tronWeb)\b|(?:requests|urllib|http|json|getpass)\.\S*:replaced"
)
#: Code that comes from elsewhere is what the program does; a command or a model is what it works with.
_FETCHED_CODE = re.compile(
    r"(?:fetched|request) -> (?:eval|exec|execfile|compile|(?:Async)?(?:Generator)?Function|vm2?\.[\w.]+"
    r"|runpy\.\w+|(?:module|Module)[\w.()]*\._compile)\Z"
)
#: Said of a use whose name is put together of pieces (`judge`).
_CONCEALED = "not written as it is"
#: A token for a host that whoever calls it names: what clients of services are.
_GIVEN = "secret -> *"
#: What comes of a call is passed on in another file.
_PASSED = ", passed on in "
#: Both ends in one function, nothing that leads from one to the other.
_WEAK = frozenset(("both in one function", "fetched, written, run", "a form of the page sends it"))


def chained(
    changes: Sequence[Change], before: Sequence[Record], name: CapabilityName, what: str
) -> Iterator[Finding]:
    """Yield the findings of the rule that is named as a chain, about those that are new."""
    found = [
        (gain, severity)
        for gain in gains(changes, before, frozenset((name,)))
        if (severity := chain_grade(gain)) is not None
    ]
    yield from told(risen(found, changes, before), name, what)


def chain_grade(gain: Gain) -> Severity | None:
    """Return how much a chain weighs."""
    now = gain.now
    severity = _CHAINS[now.name][PHASES.index(gain.phase)]
    if now.name == "module-tampering" and _USUAL_HOOKS.match(now.subject):
        severity = None if gain.phase == "call" else _INFO
    if now.subject == _LAID_BESIDE and not gain.known:
        return _MEDIUM
    if severity is None:
        return None
    foreign = _FOREIGN.match(now.subject) or now.detail.endswith(_CONCEALED) or _comes_between(gain)
    if now.name == "module-tampering" and gain.phase != "call" and foreign:
        return _HIGH  # another package's files, or names that are put together: rate-map (2019), chalk (2025)
    own = now.detail == OF_THE_PAGE and gain.phase != "install"
    anywhere = own or now.subject == _GIVEN or (_PASSED in now.detail and now.subject.endswith("-> *"))
    if own or (gain.phase == "call" and (now.detail in _WEAK or anywhere)):
        # Of a client that is new as a whole, to whom it speaks is up to who calls it.
        severity = _LOW if anywhere and now.package is not None and not gain.known else _MEDIUM
    if now.name == "download-and-run" and _FETCHED_CODE.match(now.subject) and now.detail not in _WEAK:
        severity = max(severity, _HIGH)
    if now.subject.endswith("-> shell") and now.detail not in _WEAK:
        severity = max(severity, _HIGH)  # nobody opens a shell to another host in good faith
    if _builds(now.path) and now.name == "encoded-payload":
        severity = _HIGH  # nobody builds from what is hidden: the class of xz (2024)
    tool = gain.phase == "install" and now.path.startswith("tools/")  # of NuGet, which runs it by itself
    if now.package is None and not tool and _builds(now.path) and now.name == "download-and-run":
        severity = _MEDIUM
    return eased(severity, gain) if now.name == "module-tampering" else severity


def _comes_between(gain: Gain) -> bool:
    """Tell whether a patch puts a package that changed nothing of others between them and the network."""
    return gain.known and gain.first and gain.bump == "patch" and bool(_BETWEEN.match(gain.now.subject))


_BUILD = (".yml", ".yaml", ".mk", ".m4", ".sh", ".bash", ".ps1", ".bat", ".cmd")


def _builds(path: str) -> bool:
    """Tell whether a file is part of how a repository is built, where installers are fetched every day."""
    name = path.rpartition("/")[2]
    return name.endswith(_BUILD) or "file" in name.lower() or name == "configure"


def weight(capability: Capability) -> Severity:
    """Return how much a capability would weigh if a release gained it; `info`: not worth a word."""
    if capability.name in CHAINS:
        weights: _Weights | None = _CHAINS[capability.name]
    elif capability.name == "obfuscation":
        weights = (_HIGH, _MEDIUM, _LOW)
    elif capability.name == "network" and subject_class(capability) in _ODD_HOSTS:
        weights = (_HIGH, _HIGH, _MEDIUM)
    else:
        kind = subject_class(capability)
        weights = _WEIGHTS.get(f"{capability.name} {kind}") or _WEIGHTS.get(capability.name)
    found = weights[PHASES.index(capability.phase)] if weights is not None else None
    return found if found is not None else Severity.INFO
