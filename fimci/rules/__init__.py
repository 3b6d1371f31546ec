"""The objections: one module per rule, listed here and nowhere else.

A rule looks at one `Change` (`check`) or, where it needs several at once, at all of them beside
what the left side already had (`check_all`). It never reads a file, formats for a sink, or looks
at policy. Its docstring is its documentation page and ends with `Fix:`.

The table says which changes a rule may speak of, so that its module is imported when there is such a
change and not before (docs/decisions/readers-on-demand.md).
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from fimci.findings import Finding, Page
from fimci.model import Change, File, Record
from fimci.names import UNSEEN
from fimci.packages.pairs import LOCKS

#: What the right side is held against: what was there before; what the lists of the installed packages
#: say (`record`); the files that were published (`artifact`); what is locked (`lock`); the release of a
#: package that a lockfile named before (`release`) or somebody names (`published`), or another file of one
#: release (`sibling`). An artifact
#: is held against the name of its file (`name`), its own list of files (`list`), its source (`source`), what
#: is asked of its signer (`signer`), and a list of what is expected (`manifest`). While a command runs,
#: nothing may be written (`watched`).
Against: TypeAlias = Literal[
    "before",
    "record",
    "artifact",
    "lock",
    "release",
    "published",
    "sibling",
    "name",
    "list",
    "source",
    "signer",
    "manifest",
    "watched",
]
_BEFORE: tuple[Against, ...] = ("before",)
_NAMED: tuple[Against, ...] = ("name",)
#: Of what a release brings: of code and of what runs unasked, not of how its authors develop it.
_CODE: tuple[Against, ...] = ("before", "release")
#: The same of one file of a release beside another one.
_BESIDE: tuple[Against, ...] = (*_CODE, "sibling")
_WATCHED: tuple[Against, ...] = ("watched", "before")
_INSTALLED: tuple[Against, ...] = ("record", "artifact", "lock")


class Rule(msgspec.Struct, frozen=True, dict=True):
    """A module in `fimci.rules`, and what must be known of it before it is imported.

    `name` is its id: the name of the module with hyphens. It may speak where a record of one of the
    kinds in `about` changed; where it has `paths`, a file counts only if one of them is in its path.
    `against` are the left sides that it knows how to judge. `household`: it speaks of how a project is
    developed and built by its own people, which in a published release is of no consequence.
    """

    name: str
    about: tuple[str, ...]
    paths: tuple[str, ...] = ()
    against: tuple[Against, ...] = _BEFORE
    household: bool = False

    @functools.cached_property
    def page(self) -> Page:
        """Cut the module's docstring into summary, text and fix."""
        text = (self._module.__doc__ or "").strip()
        body, _, fix = text.rpartition("\nFix:")
        summary, _, rest = body.strip().partition("\n")
        return Page(self.name, self._module.SEVERITY, summary.strip(), rest.strip(), " ".join(fix.split()))

    def may_speak(self, changes: Sequence[Change], kinds: frozenset[str]) -> bool:
        """Tell whether there is a change of which this rule can have something to say."""
        others = kinds.intersection(self.about)
        if self.paths and others == {"file"}:
            return any(
                part in c.record.path for c in changes if isinstance(c.record, File) for part in self.paths
            )
        return bool(others)

    def judge(self, changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
        """Yield objections to the change as a whole.

        `before` is what the left side says: all its records but the files, of which it has only
        manifests and lockfiles.
        """
        whole: Callable[..., Iterator[Finding]] | None = getattr(self._module, "check_all", None)
        if whole is not None:
            yield from whole(changes, before)
        else:
            for change in changes:
                yield from self._module.check(change)

    @functools.cached_property
    def _module(self) -> Any:
        return importlib.import_module(f"fimci.rules.{self.name.replace('-', '_')}")


class _Pages(Mapping[str, Page]):
    """The documentation of every rule by its id, in order of the alphabet; read once it is asked for."""

    def __getitem__(self, name: str) -> Page:
        return _BY_NAME[name].page

    def __iter__(self) -> Iterator[str]:
        return iter(_BY_NAME)

    def __len__(self) -> int:
        return len(_BY_NAME)

    def __contains__(self, name: object) -> bool:
        return name in _BY_NAME


ALL: tuple[Rule, ...] = (
    Rule("action-unpinned", ("package",), household=True),
    Rule("agent-configuration-changed", ("capability", "setting")),
    Rule("archive-ambiguous", ("setting",), against=_NAMED),
    Rule("archive-bomb", ("setting",), against=_NAMED),
    Rule("archive-member-special", ("file", "setting"), against=_NAMED),
    Rule("archive-name-unsafe", ("file", "setting"), against=_NAMED),
    Rule("artifact-binary-unexpected", ("capability",), against=_NAMED),
    Rule("artifact-command-unsafe", ("setting",), against=_NAMED),
    Rule("artifact-file-unsourced", ("file", "setting"), against=("source",)),
    Rule("artifact-metadata-mismatch", ("setting",), against=_NAMED),
    Rule("artifact-metadata-unsourced", ("setting",), against=("source",)),
    Rule("artifact-module-foreign", ("setting",), against=_NAMED),
    Rule("artifact-record-wrong", ("file", "setting"), against=("list",)),
    Rule("artifact-source-differs", ("file", "setting"), against=("source",)),
    Rule("artifact-unexpected", ("file",), against=("manifest",)),
    Rule("baseline-weakened", ("setting",)),
    Rule("bin-mismatch", ("file",), paths=(".bin/",), against=("lock",)),
    Rule("binary-appeared", ("capability",), against=_CODE),
    Rule("bundled-dependency-added", ("package",)),
    Rule("bytecode-mismatch", ("capability",), against=("record",)),
    Rule(
        "bytecode-without-source", ("capability", "file"), paths=(".py", ".jsc", ".js", ".cjs"), against=_CODE
    ),
    Rule("capability-gained", ("capability",), against=_BESIDE),
    Rule("checker-disabled", ("capability", "package", "setting")),
    Rule("dependency-added", ("package",)),
    Rule("downgrade", ("package",)),
    Rule("download-and-run", ("capability",), against=_BESIDE),
    Rule("encoded-payload", ("capability",), against=_BESIDE),
    Rule("executable-appeared", ("file",), household=True),
    Rule("executable-dropped", ("write",), against=_WATCHED),
    Rule("exfiltration", ("capability",), against=_BESIDE),
    Rule("file-slipped-in", ("write",), against=_WATCHED),
    Rule("hash-checking-off", ("package", "setting", "capability"), household=True),
    Rule("hidden-lock-differs", ("package",), against=("lock",)),
    Rule("hidden-text", ("capability", "file"), paths=tuple(UNSEEN), against=_BESIDE),
    Rule("host-persistence-changed", ("file",)),
    Rule("image-configuration-changed", ("setting",)),
    Rule(
        "implicit-execution-added",
        ("capability", "setting", "file"),
        paths=("sitecustomize", "usercustomize", "etc/jupyter"),
        against=_BESIDE,
    ),
    Rule("insecure-origin", ("package", "setting")),
    Rule("install-script-added", ("capability", "package", "setting"), against=_BESIDE),
    Rule("install-script-changed", ("capability",), against=_CODE),
    Rule("install-script-unlocked", ("capability",), against=("lock",)),
    Rule("installed-file-changed", ("file",), against=("record", "artifact")),
    Rule("installed-file-missing", ("file",), against=("record", "artifact")),
    Rule("installed-file-unowned", ("file",), against=("record", "artifact")),
    Rule("installed-link-unexpected", ("file",), against=("lock",)),
    Rule("installed-not-locked", ("package",), against=("lock",)),
    Rule("installed-origin-changed", ("package",), against=("lock",)),
    Rule("installed-package-missing", ("package",), against=("lock",)),
    Rule("integrity-changed", ("package",)),
    Rule("integrity-weakened", ("package",)),
    Rule("known-malicious", ("advisory",), against=(*_BEFORE, "record", "artifact", "lock")),
    Rule("known-vulnerable", ("advisory",)),
    Rule("link-escapes", ("file",), against=(*_BEFORE, *_NAMED)),
    Rule("lock-drift", ("drift", "package"), household=True),
    Rule("lock-edited", ("package",), household=True),
    Rule("lockfile-removed", ("file",), paths=(*LOCKS, ".txt"), household=True),
    Rule("look-alike-name", ("package",)),
    Rule("module-collision", ("file",), against=_BESIDE),
    Rule("module-shadowed", ("capability",), against=("record",)),
    Rule("module-tampering", ("capability",), against=_BESIDE),
    Rule("name-collision", ("file",), against=(*_BEFORE, *_NAMED)),
    Rule("name-mismatch", ("package",)),
    Rule("new-credential-path", ("capability",), against=_BESIDE),
    Rule("new-host", ("capability",), against=_BESIDE),
    Rule("obfuscation-jump", ("capability",), against=_BESIDE),
    Rule("origin-changed", ("package", "setting")),
    Rule("outside-written", ("write",), against=_WATCHED),
    Rule("override-added", ("package", "setting", "capability"), household=True),
    Rule(
        "package-manager-changed",
        ("package", "setting", "capability", "file"),
        paths=(*LOCKS, ".npm-extension.", ".yarn/", "composer.phar", "gradle", "mvn", "pnpmfile."),
        household=True,
    ),
    Rule("package-written", ("write",), against=_WATCHED),
    Rule("payload-file-added", ("capability",), against=_BESIDE),
    Rule("permissions-widened", ("setting",)),
    Rule("pnp-changed", ("setting",), household=True),
    Rule("policy-changed", ("setting",), household=True),
    Rule("private-name-public-origin", ("package",)),
    Rule("protected-file-changed", ("file",)),
    Rule("protection-loosened", ("package", "setting", "capability"), household=True),
    Rule("provenance-mismatch", ("setting",), against=("signer",)),
    Rule("record-unreliable", ("setting",), against=("record",)),
    Rule("registry-configuration-changed", ("package", "setting", "capability"), household=True),
    Rule("registry-persistence-changed", ("setting",)),
    Rule("release-builder-changed", ("release",), against=("release",)),
    Rule("release-confused", ("release",), against=("release",)),
    Rule("release-dormant", ("release",), against=("release",)),
    Rule("release-files-differ", ("file",), against=("sibling",)),
    Rule("release-leap", ("release",), against=("release",)),
    Rule("release-lines", ("release",), against=("release",)),
    Rule("release-not-as-locked", ("release",), against=("release",)),
    Rule("release-provenance-lost", ("release",), against=("release",)),
    Rule("release-publisher-changed", ("release",), against=("release",)),
    Rule("release-repository-changed", ("release",), against=("release",)),
    Rule("release-untagged", ("release",), against=("release",)),
    Rule("release-withdrawn", ("release",), against=("release",)),
    Rule("release-young", ("release",), against=("release",)),
    Rule("repository-written", ("write",), against=_WATCHED),
    Rule("revision-unpinned", ("package",)),
    Rule("script-mismatch", ("capability",), against=("record",)),
    Rule("self-propagation", ("capability",), against=_BESIDE),
    Rule("several-versions", ("package",)),
    Rule("signature-invalid", ("setting",), against=("signer",)),
    Rule("signature-missing", ("setting",), against=("signer",)),
    Rule("signer-unexpected", ("setting",), against=("signer",)),
    Rule("source-not-registry", ("package",)),
    Rule("source-tampered", ("write",), against=_WATCHED),
    Rule("start-up-hook", ("capability",), against=("record", "artifact", "name")),
    Rule("start-up-written", ("write",), against=_WATCHED),
    Rule("tag-moved", ("package",)),
    Rule("tool-written", ("write",), against=_WATCHED),
    Rule("unexpected-change", ("file",)),
    Rule("unread", ("unread",), against=(*_BEFORE, *_INSTALLED, "watched")),
    Rule("workflow-injection", ("capability",), household=True),
    Rule("workflow-privileges-widened", ("capability", "setting", "package"), household=True),
    Rule("workflow-trigger-privileged", ("capability", "setting", "package"), household=True),
    Rule("workflow-written", ("write",), against=_WATCHED),
)
_BY_NAME = {rule.name: rule for rule in ALL}


def pages() -> Mapping[str, Page]:
    """Return the documentation of every rule by its id, in order of the alphabet."""
    return _Pages()


def run(
    changes: Sequence[Change], before: Sequence[Record], against: Against = "before"
) -> Iterator[Finding]:
    """Let every rule speak that judges changes to such a left side; `before` is what that says."""
    kinds = frozenset(kind(change.record) for change in changes)
    for rule in ALL:
        if _knows(rule, against) and rule.may_speak(changes, kinds):
            yield from rule.judge(changes, before)


def _knows(rule: Rule, against: Against) -> bool:
    """Tell whether a rule knows how to judge a left side; a published release is one like others."""
    if against == "published":
        return "before" in rule.against and not rule.household
    return against in rule.against


def kind(record: Record) -> str:
    """Return the word for a record in the table: `file`, `package`, `setting`."""
    return str(record.__struct_config__.tag)
