"""`pom.xml` of Maven, its extensions and settings: what a build takes, from where, and what it runs.

Properties of the same file are put in; what comes from parents stays as it is written (`${jackson.version}`).

    dependencies, dependencyManagement, plugins, parent     Package   `manifest`
    maven.repositories.ID, maven.pluginRepositories.ID      Setting   the URL
    maven.checksums.ID.releases                             Setting   what becomes of a file with another hash
    maven.mirrors.ID, maven.publish.repository              Setting   the URL
    maven.proxies.ID                                        Setting   the host
    maven.extensions.GROUP/NAME                             Setting   code that is loaded into every build
    maven.commands.GROUP/NAME.ID                            Setting   what plug-ins are told to run
    maven.floating.GROUP/NAME                               Setting   a version that is another one tomorrow

The reference is what Maven calls POM Reference.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from fimci.marked.document import Malformed
from fimci.marked.xml import Element
from fimci.model import Package, Record, Setting
from fimci.readers.documents import unparsed
from fimci.readers.manifests import settings

_NAMES = {"pom.xml": "project", "extensions.xml": "extensions", "settings.xml": "settings"}
#: The group of plug-ins that state none.
_PLUGINS = "org.apache.maven.plugins"
_PROPERTY = re.compile(r"\$\{([^${}\s]{1,200})\}")
#: Properties in properties; letters of one that is put in, and of what comes out.
_ROUNDS, _LONGEST, _MOST = 3, 400, 4_000
_FLOATING = re.compile(r".*-SNAPSHOT|LATEST|RELEASE|[\[(].*,.*[\])]", re.DOTALL)
#: Elements in which plug-ins are told which program to run, and what goes with it.
_RUN = frozenset(("exec", "executable", "script"))
_WITH = frozenset(("arg", "argument", "commandlineArgs"))
#: First labels of groups in which many have theirs.
_SHARED = frozenset(
    ("com.github", "com.gitlab", "io.github", "io.gitlab", "net.sourceforge", "org.apache", "org.eclipse")
)
#: Where packages of one kind come from, by the element around it.
_PLACES = {"repositories": "repository", "pluginRepositories": "pluginRepository"}
_PUBLISHED = ("repository", "snapshotRepository")


class _Project(NamedTuple):
    """A file, and what its names stand for."""

    path: str
    properties: dict[str, str]
    group: str


def wants(path: str, head: bytes) -> bool:
    """Want projects, the extensions of a build, and settings, wherever they stand: a command names them."""
    name = path.rpartition("/")[2]
    if name == "settings.xml":
        return path == name or f"/{path}".endswith(f"/.mvn/{name}") or b"<settings" in head
    return name == "pom.xml" or (name in _NAMES and f"/{path}".endswith(f"/.mvn/{name}"))


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield what the file asks for and switches."""
    from fimci.marked import xml  # noqa: PLC0415  (most repositories hold no such file)

    try:
        root = xml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "XML")
        return
    if root.name == _NAMES[path.rpartition("/")[2]]:
        yield from settings.bounded(path, _numbered(_facts(_project(path, root), root)))


def _numbered(records: Iterator[Record]) -> Iterator[Record]:
    """Tell apart what is said twice in one file."""
    taken: Counter[str] = Counter()
    for one in records:
        key = one.place if isinstance(one, Package) else one.name if isinstance(one, Setting) else ""
        taken[key] += 1
        if taken[key] == 1:
            yield one
        elif isinstance(one, Package):
            yield msgspec.structs.replace(one, place=f"{key} ({taken[key]})")
        elif isinstance(one, Setting):
            yield msgspec.structs.replace(one, name=f"{key} ({taken[key]})")


def _project(path: str, root: Element) -> _Project:
    said = {
        one.name: one.text.strip()[:_LONGEST] for group in root.every("properties") for one in group.children
    }
    parent = next(root.every("parent"), None)
    own = {
        key: _text(root, key) or (_text(parent, key) if parent is not None else "")
        for key in ("groupId", "version")
    }
    own |= {"artifactId": _text(root, "artifactId"), "basedir": "."}
    for key, value in own.items():
        said |= {f"project.{key}": value, f"pom.{key}": value}
    return _Project(path, said, own["groupId"])


def _facts(project: _Project, root: Element) -> Iterator[Record]:
    for parent in root.every("parent"):
        yield _package(project, parent, "parent")
    for part in (root, *root.every("profiles", "profile")):
        yield from _asked(project, part)
        yield from _places(project, part)
        for build in ("build", "reporting"):
            for section in part.every(build):
                yield from _built(project, section)
    extensions = [root] if root.name == "extensions" else []
    for one in (one for part in extensions for one in part.every("extension")):
        yield _extension(project, one)
    for mirror in root.every("mirrors", "mirror"):
        yield _setting(project, f"mirrors.{_text(mirror, 'id')}", _text(mirror, "url"), mirror.line)
    for proxy in root.every("proxies", "proxy"):
        yield _setting(project, f"proxies.{_text(proxy, 'id')}", _text(proxy, "host"), proxy.line)


def _asked(project: _Project, part: Element) -> Iterator[Record]:
    """Yield the dependencies of a project or profile."""
    for section, names in (("dependencies", ()), ("managed", ("dependencyManagement",))):
        for one in part.every(*names, "dependencies", "dependency"):
            package = _package(project, one, section)
            yield package
            yield from _floating(project, package, one)


def _built(project: _Project, section: Element) -> Iterator[Record]:
    """Yield what runs in a build."""
    for one in section.every("extensions", "extension"):
        yield _extension(project, one)
    for names in (("plugins",), ("pluginManagement", "plugins")):
        for plugin in section.every(*names, "plugin"):
            package = _package(project, plugin, "plugins", _PLUGINS)
            yield package
            yield from _floating(project, package, plugin)
            if _text(plugin, "extensions") == "true":
                yield _setting(project, f"extensions.{package.name}", package.version or "", plugin.line)
            for one in plugin.every("dependencies", "dependency"):
                yield _package(project, one, f"plugins/{package.name}/dependencies")
            yield from _commands(project, package.name, plugin)


def _commands(project: _Project, plugin: str, element: Element) -> Iterator[Setting]:
    """Yield what a plug-in is told to run: once for all its executions, and for each."""
    parts = [(element, "all")]
    parts += [(one, _text(one, "id") or "default") for one in element.every("executions", "execution")]
    for part, label in parts:
        words = [word for configuration in part.every("configuration") for word in _words(configuration)]
        text = _filled(project, " ".join(word for _, word in words if any(runs for runs, _ in words)))
        if len(text) > _MOST:
            text = f"{text[:_LONGEST]}… sha256:{hashlib.sha256(text.encode()).hexdigest()}"
        if text:
            yield _setting(project, f"commands.{plugin}.{label}", text, part.line)


def _words(configuration: Element) -> Iterator[tuple[bool, str]]:
    """Yield the words of commands in the order of the file, and which of them is a program."""
    waiting = [configuration]
    while waiting:
        one = waiting.pop()
        if one.name in _RUN or one.name in _WITH:
            values = (one.attributes.get(key, "") for key in ("executable", "value", "line", "path", "file"))
            words = (" ".join(one.text.split()), *values)
            yield from ((one.name in _RUN, word) for word in words if word)
        waiting.extend(reversed(one.children))


def _places(project: _Project, part: Element) -> Iterator[Setting]:
    """Yield where packages come from, and where releases are sent."""
    for section, kind in _PLACES.items():
        for one in part.every(section, kind):
            name = _text(one, "id") or "none"
            yield _setting(project, f"{section}.{name}", _filled(project, _text(one, "url")), one.line)
            for child in one.children if not _text(one, "url").startswith("file:") else ():
                if policy := _text(child, "checksumPolicy"):
                    yield _setting(project, f"checksums.{name}.{child.name}", policy, child.line)
    for kind in _PUBLISHED:
        for one in part.every("distributionManagement", kind):
            yield _setting(project, f"publish.{kind}", _filled(project, _text(one, "url")), one.line)


def _extension(project: _Project, element: Element) -> Setting:
    package = _package(project, element, "extensions")
    return _setting(project, f"extensions.{package.name}", str(package.version or ""), element.line)


def _floating(project: _Project, package: Package, element: Element) -> Iterator[Setting]:
    """Tell of a version that is another one tomorrow; not of what the owner of the project publishes."""
    version = str(package.version or "")
    if _FLOATING.fullmatch(version) and _owner(package.name) != _owner(project.group):
        yield _setting(project, f"floating.{package.name}", version, element.line)


def _owner(group: str) -> list[str]:
    """Return the labels of a group that say whose it is."""
    labels = group.partition("/")[0].split(".")
    return labels[: 3 if ".".join(labels[:2]) in _SHARED else 2]


def _package(project: _Project, element: Element, section: str, group: str = "") -> Package:
    group = _filled(project, _text(element, "groupId")) or group
    artifact, version = (_filled(project, _text(element, key)) for key in ("artifactId", "version"))
    file = _filled(project, _text(element, "systemPath"))
    more = "".join(f":{text}" for key in ("classifier", "type") if (text := _text(element, key)))
    own = bool(group) and group == project.group
    return Package(
        ecosystem="maven",
        name=f"{group}/{artifact}",
        place=f"{project.path}#{section}/{group}/{artifact}{more}",
        stated_by="manifest",
        version=version or None,
        origin_kind="file" if file else "workspace" if own and section != "parent" else "registry",
        origin=file or None,
        at=settings.place(project.path, element.line, f"{group}:{artifact}:{version}"),
    )


def _setting(project: _Project, name: str, value: str, line: int) -> Setting:
    return settings.setting(project.path, f"maven.{name}", value, line)


def _filled(project: _Project, text: str) -> str:
    """Put in what properties of the file say."""
    for _ in range(_ROUNDS):
        found = _PROPERTY.sub(lambda one: project.properties.get(one[1], one[0]), text)
        if found == text or len(found) > _MOST:
            break
        text = found
    return text


def _text(element: Element, name: str) -> str:
    return next((child.text.strip() for child in element.children if child.name == name), "")
