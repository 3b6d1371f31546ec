"""A package manager is configured to download from elsewhere, to trust another host, or to run other code.

A registry, an extra index or a proxy determines whose code is installed under a name: with one line in
`.npmrc` or `pip.conf`, a lockfile that nobody touched resolves to somebody else's packages (dependency
confusion: pypa/pip#8606). A trusted host does not have to prove its identity. Plug-ins, script shells and
build backends are code that runs at every install or build. Lockfiles, too, say where else to look (mirrors
of `composer.lock`, redirects of `deno.lock`), and install scripts download binaries from mirrors.

Critical is one more source of packages, or an index that answers for any name, where this project has
packages from a source of their own: whoever registers their names in the other place has them installed.

Checked are the configuration files and manifests of package managers, the options of requirements files, and
the commands of workflows, Dockerfiles, Makefiles and shell scripts. Not reported: additional sources that are
removed, a setting that only moved to another file, and a source of which only `https:` changed
(`insecure-origin`). Protections are covered by `protection-loosened` and `hash-checking-off`, another client
by `package-manager-changed`, a replacement by `override-added`.

In 2,065 commits of nine public repositories there were five findings: two moves of an index, two indexes
passed to a command, and a new build backend. In 1,568 commits of four projects that changed the configuration
of NuGet and MSBuild there were 8, in 1,000 of five that changed a Maven project 9, in 647 of three that
changed a Gradle script 5, in 850 of five that changed a .NET project, or a Gradle catalog or script, 2, in
621 of twenty that changed what Renovate or Dependabot does 4, and in 289 that changed `gradle.properties`
none: each was about another source or another command.

Fix: find out who needs the setting; configure the registry per scope or index rather than for everything, and
accept the finding if it is intended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from fimci.findings import Finding, Severity
from fimci.model import Change, Record
from fimci.packages.places import schemed
from fimci.packages.private import private
from fimci.packages.switched import objections, switched
from fimci.packages.switches import HASHING, MANAGING, PROTECTING, REPLACING, RUNNING, Switch
from fimci.printable import listed

SEVERITY = Severity.HIGH
_RULE = "registry-configuration-changed"
#: What to do where it is about code, and about no registry.
_RUN = (
    "look at the code that runs now: what it is, who publishes it and at which version; pin that, and accept "
    "the finding if it is meant."
)
#: Private names told.
_SHOWN = 3


#: Kinds of switch by which a name may come from more than one place.
_CONFUSING = frozenset(
    {
        "an index answers for any name",
        "an additional source of packages",
        "any index may answer for any name",
    }
)


#: Whose packages a file of this name speaks of; any other speaks of Python's.
_ECOSYSTEMS = {
    "Gemfile": "gem",
    "Gemfile.lock": "gem",
    "composer.json": "composer",
    "nuget.config": "nuget",
    "pom.xml": "maven",
}
_SCRIPTS = (".gradle", ".gradle.kts")


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Yield one objection per file and kind of switch."""
    alike = schemed(changes)
    found = [item for item in switched(changes, before, _mine) if id(item.change) not in alike]
    confusing = [item for item in found if item.switch.what in _CONFUSING]
    for running in (False, True):
        others = (item for item in found if item.switch.what not in _CONFUSING)
        mine = (item for item in others if (item.switch.what in RUNNING) is running)
        for objection in objections(mine, _RULE):
            yield msgspec.structs.replace(objection, fix=_RUN) if running else objection
    apart = private(before).names if confusing else {}
    for objection in objections(confusing, _RULE):
        ecosystem_ = _ecosystem(objection.path)
        names = sorted(name for ecosystem, name in apart if ecosystem == ecosystem_)
        if names:
            message = f"{objection.message}; {listed(names, _SHOWN)} had one place"
            yield msgspec.structs.replace(objection, severity=Severity.CRITICAL, message=message)
        else:
            yield objection


def _ecosystem(path: str) -> str:
    return "maven" if path.endswith(_SCRIPTS) else _ECOSYSTEMS.get(path.rpartition("/")[2], "pypi")


def _mine(switch: Switch) -> bool:
    """Tell whether no other rule speaks of this kind of switch."""
    return switch.what not in PROTECTING | HASHING | MANAGING | REPLACING
