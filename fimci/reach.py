"""When code runs, over a whole package: what an install script leads to runs at installation.

A reader sees one file and says when its code runs once that is loaded. Here the references between files
are followed: from lifecycle scripts, `setup.py` and start-up files to what they run and load; what only tests
and examples contain is called by nobody who installs the package. An edge that cannot be followed leaves what
the reader said. References are forgotten on the way.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

import msgspec

from fimci import called as calls
from fimci import shipped, unnamed
from fimci.capabilities import foreign_code
from fimci.capabilities.gains import url
from fimci.model import Capability, Digest, File, Function, Package, Phase, Place, Record, Reference, Unread

#: Files beside the code, which nobody who installs a package runs: tests, examples, configuration of tools.
_ASIDE = re.compile(
    r"(?:^|/)(?:tests?|testing|test[ _-]cases?|__(?:tests|benchmarks|mocks|fixtures)__|specs?|e2e|examples?|"
    r"samples?|docs?|benchmarks?|bench|fixtures|demos?|"
    r"[^/]*[._-](?:test|spec|bench)\.[a-z]+|test_[^/]*\.py|conftest\.py|"
    r"(?:gulp|jake|Grunt)file(?:\.babel)?\.[cm]?[jt]s|[^/]*\.(?:config|conf)\.[cm]?[jt]s|noxfile\.py|tasks\.py)(?:/|$)"
)
#: Whatever `_ASIDE` finds has one of these; most references have none, and there are many.
_MAYBE_ASIDE = re.compile(r"test|spec|e2e|mple|doc|bench|fixture|demo|file|conf|tasks")
#: What builds, tests and publishes a project. In a release it lies about: nobody who installs that runs it.
_WORKSHOP = re.compile(
    r"(?:^|/)(?:\.github|\.gitlab|\.circleci|\.buildkite|\.devcontainer)/|(?:^|/)(?:"
    r"\.gitlab-ci[^/]*|\.travis|\.?appveyor|azure-pipelines[^/]*|bitbucket-pipelines)\.ya?ml$|"
    r"(?:^|/)(?:(?:Docker|Container)file(?:\.[^/]*)?|[^/]*\.(?:Docker|docker|Container)file)$"
)
#: Run by the start of Python or by an installer, of conda or Debian, too, whoever refers to them.
_INSTALLED = re.compile(
    r"(?:^|/)(?:setup\.py|[^/]*\.pth|(?:site|user)customize\.py|(?:[^/]*-)?(?:post|pre)-(?:un)?link\.(?:sh|bat)"
    r"|DEBIAN/(?:pre|post)(?:inst|rm))$"
)
#: Run by NuGet where a package is put into a project, or opened with it.
_NUGET = re.compile(r"tools/(?:[\w.-]{1,30}/)?(?:init|install|uninstall)\.ps1", re.IGNORECASE)
_ENDINGS = (
    "",
    ".js",
    ".cjs",
    ".mjs",
    ".ts",
    ".json",
    ".node",
    "/index.js",
    "/index.cjs",
    "/index.mjs",
    "/index.ts",
)
#: What Python loads modules from as from a folder.
_ARCHIVES = (".zip", ".whl", ".egg", ".pyz")
#: Files that are not loaded but run, from their first line to the last.
_RUN_WHOLE = re.compile(r"\.(?:sh|bash|zsh|bat|cmd|ps1)$", re.IGNORECASE)
#: Files that are loaded as modules.
_MODULE = re.compile(r"\.(?:pyw?|[cm]?[jt]sx?)$")
_LIMIT = 200_000
_ANCESTORS = 12

_Links: TypeAlias = Mapping[str, list[tuple[str, Phase]]]


def settled(
    records: Iterable[Record],
    *,
    project: bool,
    released: bool | None = False,
    wheel: bool = False,
    led: unnamed.Led = unnamed.nobody,
) -> Iterator[Record]:
    """Yield records as they came, without references, each capability in the phase in which it runs.

    Capabilities get the package that they belong to; `project`: a repository, whose own code belongs to none.
    `released`: an archive as npm or a builder of wheels packs it. What its manifest says to its developers
    is left out, and so is who else may write its files, about which not the archive decides. `None`: it is
    one if it holds `PKG-INFO`, as a source archive of Python does and an archive of a repository does not.
    `wheel`: nothing of it is built where it is installed, and no `setup.py` in it runs. Of other releases the
    one beside the manifest runs, and none in a folder, as those of projects that lie in it.
    `led` reads what is run or loaded under a name that tells no language, by path and digest.
    """
    files: set[str] = set()
    odd: dict[str, Digest] = {}
    held: list[File] = []
    rest: list[Record] = []
    links: shipped.Links = {}
    functions: dict[tuple[str, str], Function] = {}
    for record in records:
        if isinstance(record, File):
            files.add(record.path)
            unnamed.note(odd, record)
            if released is False:
                yield record
            else:
                held.append(record)
        elif isinstance(record, Reference):
            links.setdefault(record.path, []).append((record.target, record.phase))
        elif isinstance(record, Function):
            functions[record.path, record.name] = record
        elif not (project and _is_itself(record)):
            rest.append(record)
    unnamed.follow(led, odd, unnamed.Tree(files, links, functions, rest), resolved)
    released = "PKG-INFO" in files if released is None else released
    yield from shipped.unpacked(held, _programs(files, links) if held else ()) if released else held
    inner = released and not {"PKG-INFO", shipped.MANIFEST}.isdisjoint(files)
    idle = {path for path in files if path.endswith(shipped.BUILD) and (wheel or (inner and "/" in path))}
    rest, links = shipped.as_released(rest, links, idle, released=released, wheel=wheel)
    if released:
        rest = [_damaged(record) if _is_damaged_on_purpose(record) else record for record in rest]
    belonging = Belonging(rest, project=project)
    links = {path: to for path, to in links.items() if not _is_workshop(path, belonging)}
    scripts, loaded = _reached(files, links, idle)
    required = _required(files, links)
    starts = _starts(functions, required, links, files)
    called = calls.called(functions, scripts | loaded, starts, functools.partial(_meant, files))
    imported = _imported(files, links) | _started(files, links, odd, rest)
    reached = Reached(scripts, loaded, required, imported, called.phases)
    rest += calls.told(called, functions, (record for record in rest if isinstance(record, Capability)))
    rest += _cut(called.stopped)
    placed = [
        _placed(record, reached, belonging) if isinstance(record, Capability) else record for record in rest
    ]
    yield from sorted(placed, key=lambda record: record.key)


def _is_workshop(path: str, belonging: Belonging) -> bool:
    return _WORKSHOP.search(path) is not None and belonging.of(path) is not None


def _cut(path: str) -> list[Record]:
    why = "more calls across files than are followed"
    return [Unread(path=path, why=why, part="calls")] if path else []


def _is_itself(record: Record) -> bool:
    return isinstance(record, Package) and record.ecosystem == "npm" and record.stated_by == "artifact"


def _is_damaged_on_purpose(record: Record) -> bool:
    """Tell whether a record says that a document for tests cannot be parsed: that is what it is for."""
    return (
        isinstance(record, Unread)
        and record.why.startswith("not valid ")
        and bool(_ASIDE.search(record.path))
    )


def _damaged(record: Record) -> Capability:
    """Say that such a document was met: it is counted in the report, and makes no run incomplete."""
    assert isinstance(record, Unread)  # noqa: S101  (for the type checker: whoever asks has looked)
    at = Place(record.path, record.line, record.why)
    return Capability(path=record.path, name="unanalyzed", subject=foreign_code.DAMAGED, at=at)


class Reached(NamedTuple):
    """What installation runs, what that loads, and what lies aside but is loaded by what does not.

    `imported` are archives that modules are loaded from, and scripts that are run at import.
    `called`: when what functions do runs because other files call them, by path, name and subject.
    """

    scripts: set[str]
    loaded: set[str]
    required: set[str]
    imported: set[str]
    called: Mapping[tuple[str, str, str], Phase]


def _placed(capability: Capability, reached: Reached, belonging: Belonging) -> Capability:
    phase = capability.phase
    path = capability.path
    scripted = path in reached.scripts or path.partition("!/")[0] in reached.scripts
    if scripted or (path in reached.loaded and phase == "import"):
        phase = "install"
    elif phase == "import" and path not in reached.required and _ASIDE.search(path):
        phase = "call"
    elif phase == "import" and path.endswith("/__main__.py") and path not in reached.required:
        phase = "call"  # what `python -m` runs, nobody imports
    elif phase == "call" and path.partition("!/")[0] in reached.imported:
        phase = "import"
    elif phase == "call":
        phase = reached.called.get((path, capability.name, capability.subject), phase)
    package = belonging.of(path)
    if phase == "install" and package is not None and path not in reached.scripts and _WORKSHOP.search(path):
        phase = "call"
    if phase == capability.phase and package is None:
        return capability
    return msgspec.structs.replace(capability, phase=phase, package=package)


def _imported(files: set[str], links: _Links) -> set[str]:
    """Return the archives that modules are loaded from: `sys.path.insert(0, "parts.zip")`."""
    return {
        found
        for path, targets in links.items()
        for target, phase in targets
        if phase == "import" and target.endswith(_ARCHIVES)
        for found in resolved(path, target, files)
    }


def _started(files: set[str], links: _Links, odd: Collection[str], rest: Iterable[Record]) -> set[str]:
    """Return the scripts that modules run when they are loaded, and what those run: `sh ./setup.sh`.

    So is a file of `odd`, under a name that tells no language, unless it was read as a module.
    """
    names = {posixpath.basename(path) for path in odd}  # most references are to modules, by their names
    modules = {one.path for one in rest if isinstance(one, Capability) and one.phase != "call"}
    found: set[str] = set()
    waiting = [path for path in links if _MODULE.search(path) and not _ASIDE.search(path)]
    while waiting and len(found) < _LIMIT:
        path = waiting.pop()
        for target, phase in links.get(path, ()):
            named = _RUN_WHOLE.search(target) is not None or posixpath.basename(target) in names
            if named and "/" in target and (phase == "import" or path in found):
                for script in resolved(path, target, files):
                    whole = _RUN_WHOLE.search(script) or (script in odd and script not in modules)
                    if whole and script not in found:
                        found.add(script)
                        waiting.append(script)
    return found


def _reached(files: set[str], links: _Links, idle: set[str]) -> tuple[set[str], set[str]]:
    """Return what installation runs, and what that loads."""
    scripts = {path for path in files if _INSTALLED.search(path) and path not in idle}
    if any(path.endswith(".nuspec") and "/" not in path for path in files):
        scripts |= {path for path in files if _NUGET.fullmatch(path)}
    for path, targets in links.items():
        for target, phase in targets:
            if phase == "install":
                scripts.update(resolved(path, target, files))
    loaded: set[str] = set()
    waiting = sorted(scripts)
    while waiting and len(loaded) < _LIMIT:
        path = waiting.pop()
        for target, phase in links.get(path, ()):
            if phase == "call" and path not in scripts:
                continue
            for found in resolved(path, target, files):
                if found not in scripts and found not in loaded:
                    (scripts if _RUN_WHOLE.search(found) else loaded).add(found)
                    waiting.append(found)
    return scripts, loaded


def _starts(
    functions: Mapping[tuple[str, str], Function], required: set[str], links: _Links, files: set[str]
) -> set[str]:
    """Return the files with calls at once that are loaded by who imports a package.

    Nobody who does loads tests and the like, or the programs for the command line.
    """
    found = {path for path, name in functions if not name and not path.endswith("__main__.py")}
    found -= _programs(files, links)
    return {path for path in found if path in required or not (_ASIDE.search(path) or _WORKSHOP.search(path))}


def _programs(files: set[str], links: _Links) -> set[str]:
    """Return what manifests name as programs for the command line."""
    return {
        found
        for path, targets in links.items()
        if posixpath.basename(path) == shipped.MANIFEST
        for target, phase in targets
        if phase == "call"
        for found in resolved(path, target, files)
    }


def _required(files: set[str], links: _Links) -> set[str]:
    """Return the tests, examples and the like that are loaded wherever other code is, and what they load."""
    required: set[str] = set()
    aside = {target for targets in links.values() for target, _ in targets if _MAYBE_ASIDE.search(target)}
    aside = {target for target in aside if _leads_aside(target)}
    waiting = [path for path, targets in links.items() if any(target in aside for target, _ in targets)]
    waiting = sorted(path for path in waiting if not (_ASIDE.search(path) or _WORKSHOP.search(path)))
    while waiting and len(required) < _LIMIT:
        path = waiting.pop()
        for target, phase in links.get(path, ()):
            if phase != "import" or not (path in required or target in aside):
                continue
            for found in resolved(path, target, files):
                if found not in required and _ASIDE.search(found):
                    required.add(found)
                    waiting.append(found)
    return required


def _leads_aside(target: str) -> bool:
    """Tell whether what is loaded may lie aside, as far as its name tells."""
    named = target if "/" in target else target.replace(".", "/")
    return _ASIDE.search(named) is not None or _ASIDE.search(f"{named}.py") is not None


def resolved(path: str, target: str, files: set[str]) -> Iterator[str]:
    """Yield the files of the tree that a reference leads to, by the rules of its language."""
    folder = posixpath.dirname(path)
    if path.endswith((".py", ".pyw", ".pth", ".pyi")) and "/" not in target:
        yield from _modules(folder, target, files)
        return
    if path.endswith((".js", ".cjs", ".mjs", ".jsx", ".ts", ".tsx", ".cts", ".mts")) and target[:1] not in {
        ".",
        "/",
    }:
        return
    joined = posixpath.normpath(posixpath.join(folder, target)) if not target.startswith("/") else ""
    for ending in _ENDINGS:
        if joined + ending in files:
            yield joined + ending
            return
    # TypeScript names what its compiler will write.
    if joined.endswith((".js", ".mjs", ".cjs")):
        source = joined.removesuffix("js") + "ts"
        if source in files:
            yield source


def _meant(files: set[str], path: str, target: str) -> str | None:
    """Return the file that a reference means, and not the packages on the way to it."""
    return next(iter(list(resolved(path, target, files))[-1:]), None)


def _modules(folder: str, target: str, files: set[str]) -> Iterator[str]:
    """Yield the files that importing a Python module runs: its packages from the top, then itself."""
    name = target.lstrip(".")
    dots = len(target) - len(name)
    parts = name.split(".") if name else []
    if dots:
        for _ in range(dots - 1):
            folder = posixpath.dirname(folder)
        yield from _below(folder, parts, files)
        return
    for _ in range(_ANCESTORS):
        found = list(_below(folder, parts, files))
        if found:
            yield from found
            return
        if not folder:
            break
        folder = posixpath.dirname(folder)
    yield from _below("src", parts, files)


def _below(folder: str, parts: list[str], files: set[str]) -> Iterator[str]:
    base = folder
    for part in parts:
        base = f"{base}/{part}" if base else part
        if f"{base}.py" in files:
            yield f"{base}.py"
            return
        if f"{base}/__init__.py" in files:
            yield f"{base}/__init__.py"


_IN_MODULES = re.compile(r"(?:.*/)?node_modules/((?:@[^/]+/)?[^/]+)/")
#: The folder of a Python environment inside of a tree: what lies in it belongs to no package around it.
_ENVIRONMENT = re.compile(r"(.*?)(?:lib(?:64)?/[^/]+|Lib)/site-packages/")


class Belonging:
    """Which package a file belongs to, as a package URL without its version."""

    def __init__(self, records: Iterable[Record], *, project: bool) -> None:
        """Learn from the packages that are stated; of a `project`, the whole belongs to none."""
        stated = [r for r in records if isinstance(r, Package) and r.stated_by in {"artifact", "disk"}]
        own = {url(r) for r in stated if r.stated_by == "artifact" and "/" not in r.place.partition("#")[0]}
        self.only = min(own) if len(own) == 1 and not project else None
        self.owned = {path: url(r) for r in stated if r.ecosystem == "pypi" for path in r.owns}
        places = (_ENVIRONMENT.match(path) for path in self.owned)
        self.environments = tuple({place[1] for place in places if place is not None and place[1]})
        self._folders: dict[str, str | None] = {}

    def of(self, path: str) -> str | None:
        """Return the package of a file, `None` where none is known."""
        inside = _IN_MODULES.match(path)
        if inside is not None:
            return f"pkg:npm/{inside[1].replace('@', '%40')}"
        if path in self.owned:
            return self.owned[path]
        folder = path.rpartition("/")[0]
        if folder not in self._folders:  # asked for each file, and there are few folders
            self._folders[folder] = self._of_folder(folder)
        return self._folders[folder]

    def _of_folder(self, folder: str) -> str | None:
        above = folder
        while above:
            if above in self.owned:
                return self.owned[above]
            above = above.rpartition("/")[0]
        return None if f"{folder}/".startswith(self.environments) else self.only
