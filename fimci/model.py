"""The nouns: small frozen records, each with a key, and the change between two of them.

Everything that fimci observes is one of these records, and every question it answers is a subtraction of
two sets of them (`fimci.compare`). The list is closed: one more needs a page in `docs/decisions/`.

Paths are `str` with `surrogateescape` for bytes that are not UTF-8, separated by `/`, relative to the root
of their source.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

#: A fact that this side cannot state. It is not `None` ("there is none") and never counts as equal to
#: anything, itself included. See docs/decisions/records.md.
UNSTATED = msgspec.UNSET
Unstated: TypeAlias = msgspec.UnsetType

Kind: TypeAlias = Literal["file", "link", "directory", "submodule", "other"]
Statement: TypeAlias = Literal["lock", "disk", "artifact", "manifest"]
Phase: TypeAlias = Literal["install", "import", "call"]
Half: TypeAlias = Literal["fetched", "runs", "secret", "sends"]
OriginKind: TypeAlias = Literal[
    "registry",  # the index that configuration or the lockfile names
    "tarball", "file",  # an archive at a URL of its own; one in the repository
    "directory", "link", "workspace", "git", "patch", "remote",
    "bundled",  # inside the artifact of its parent
    "virtual",  # the project itself
]  # fmt: skip
WriteKind: TypeAlias = Literal[
    "source",  # tracked by git, or in the baseline
    "new", "outside",  # in the workspace, and not there before; elsewhere on the machine
    "repository", "workflow",  # git's own files; what decides over the job
    "tool", "start-up",  # in a folder on PATH; what shells and sessions run by themselves
    "package",  # in the folder of a package, by a script of another one
]  # fmt: skip
CapabilityName: TypeAlias = Literal[
    "network", "process", "shell", "dynamic-code", "filesystem-write", "filesystem-delete",
    "filesystem-read-sensitive", "environment", "environment-bulk", "credentials", "persistence",
    "system-information", "clipboard", "screen", "keyboard", "crypto-wallet", "native-code",
    "bytecode", "obfuscation", "hidden-text", "encoded-payload", "download-and-run",
    "exfiltration", "self-propagation", "module-tampering", "telemetry", "install-script",
    "unanalyzed",
]  # fmt: skip


class Digest(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """A hash value that says how it was made: `Digest("sha256", "9f2c…")`, lower-case hex."""

    algorithm: str
    hex: str

    @property
    def label(self) -> str:
        """Name it among the `parts` of a place: long enough that no two of an entry share one."""
        return f"{self.algorithm}:{self.hex[:16]}"


class Place(msgspec.Struct, frozen=True, eq=False, omit_defaults=True):
    """Where something was seen, and the text that was there.

    `parts` are the lines of single facts, by the name of the field (`("integrity", 12)`; a hash among several
    goes by its `label`): a finding must point at what changed. Every place equals every other one.
    """

    path: str
    line: int = 1
    text: str = ""
    parts: tuple[tuple[str, int], ...] = ()

    def part(self, *names: str) -> int:
        """Return the line of the first of these facts that has one, else that of the whole."""
        lines = dict(self.parts)
        return next((lines[name] for name in names if name in lines), self.line)

    def __eq__(self, other: object) -> bool:
        """Say yes to every place."""
        return isinstance(other, Place)

    def __ne__(self, other: object) -> bool:
        """Say no to every place; the base's own `!=` would not ask `==`."""
        return not isinstance(other, Place)

    def __hash__(self) -> int:
        """Hash alike what compares alike."""
        return 0


class File(msgspec.Struct, frozen=True, kw_only=True, tag="file", omit_defaults=True, gc=False):
    """One entry of a tree.

    `size` in bytes (regular files only), `mode` as permission bits in the form that the recipe asks for,
    `digest` of the content (of a submodule: its commit), `target` of a link. `None` where the kind has no
    such thing, or the profile does not ask for it. `attributes` are what else it asks for and the system
    could tell, by name; what is missing is not known (`fimci.profiles`).
    """

    path: str
    kind: Kind = "file"
    size: int | Unstated | None = UNSTATED
    mode: int | Unstated | None = UNSTATED
    digest: Digest | Unstated | None = UNSTATED
    target: str | None = None
    attributes: tuple[tuple[str, str | int], ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Return what sorts before other records, in the order of a walk: files can be streamed."""
        return ("", order(self.path))


class Package(msgspec.Struct, frozen=True, kw_only=True, tag="package", omit_defaults=True):
    """One package at one place, as a lockfile, a manifest, a disk or an artifact states it.

    `ecosystem` is a package-URL type (`npm`, `pypi`, …). `place` is the file that states it, `#`, and where
    in it. For a manifest, `version` is the wanted range. `owns` are the topmost files and folders that an
    installed package brought.
    """

    ecosystem: str
    name: str
    place: str
    stated_by: Statement
    version: str | Unstated | None = UNSTATED
    origin_kind: OriginKind | Unstated = UNSTATED
    origin: str | Unstated | None = UNSTATED
    integrity: tuple[Digest, ...] | Unstated = UNSTATED
    install_scripts: bool | Unstated = UNSTATED
    alias: str | None = None
    flags: tuple[str, ...] = ()
    bins: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    owns: tuple[str, ...] = ()
    tree: Digest | None = None
    at: Place

    @property
    def key(self) -> tuple[str, ...]:
        """Return ecosystem, place and who states it: the lock never overwrites the disk."""
        return ("package", self.ecosystem, order(self.place), self.stated_by)


class Capability(msgspec.Struct, frozen=True, kw_only=True, tag="capability", omit_defaults=True):
    """Something that code can do: its name, towards what, in which phase, and the evidence (`at`).

    `detail` is the part that may change while the capability stays (the command of a script). `package` is a
    package URL where the code belongs to one.
    """

    path: str
    name: CapabilityName
    subject: str
    phase: Phase = "call"
    detail: str = ""
    package: str | None = None
    at: Place

    @property
    def key(self) -> tuple[str, ...]:
        """Return path, name and subject."""
        return ("capability", order(self.path), self.name, self.subject, self.package or "")


class Reference(msgspec.Struct, frozen=True, kw_only=True, tag="reference", omit_defaults=True):
    """A file that another one loads or runs, as it is written there (`./lib/x`): forgotten, too."""

    path: str
    target: str
    phase: Phase = "import"
    at: Place

    @property
    def key(self) -> tuple[str, ...]:
        """Return path, target and phase: a script may run the file that the package is imported by."""
        return ("reference", order(self.path), self.target, self.phase)


class Function(msgspec.Struct, frozen=True, kw_only=True, tag="function", omit_defaults=True):
    """What a function of a file does when another file calls it; without a name, what loading the file does.

    `does` are names and subjects of capabilities of the file, `halves` those of chains, `calls` functions of
    others: what is loaded, as it is written, and the name there (`default`: all it exports). `passes` are
    values: from where (a flow, a parameter `#0`, a call `x#name`), to where (`return`, `sends`, `0@x#name`).
    """

    path: str
    name: str
    halves: tuple[Half, ...] = ()
    does: tuple[tuple[CapabilityName, str], ...] = ()
    calls: tuple[tuple[str, str], ...] = ()
    passes: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Return path and name."""
        return ("function", order(self.path), self.name)


class Setting(msgspec.Struct, frozen=True, kw_only=True, tag="setting", omit_defaults=True):
    """One switch of a configuration file that decides what runs, or from where; `name` is a dotted path."""

    path: str
    name: str
    value: str
    at: Place

    @property
    def key(self) -> tuple[str, ...]:
        """Return path and dotted name."""
        return ("setting", order(self.path), self.name)


class Drift(msgspec.Struct, frozen=True, kw_only=True, tag="drift", omit_defaults=True):
    """A manifest and its lockfile disagree about one requirement (`None`: not mentioned)."""

    path: str
    name: str
    wanted: str | None
    locked: str | None
    at: Place

    @property
    def key(self) -> tuple[str, ...]:
        """Return the lockfile's path and the name of the requirement."""
        return ("drift", order(self.path), self.name)


class Release(msgspec.Struct, frozen=True, kw_only=True, tag="release", omit_defaults=True):
    """What a registry says of a release that a lockfile names; `at` is the line there.

    `proven`: its archive has the hash that is locked. `age` is in hours at the time of the run. `confused`
    are the facts in which the registry's copy of the manifest is another one than that in the archive.
    `repositories` are those that the archive names, `quiet` the days between it and the release before it,
    `leap` how far its first number is above the next lower one of the package, `lines` how many release lines
    got a release together with it, `tag` its tag in the clone that is named for the package, empty for none.
    `built`: who vouches for the job that built it, of which repository, by which of its workflows, from which
    ref and on what kind of runner, by evidence that holds; `refused` says why evidence does not hold.
    `removed`: its registry lists others of the package, or (`package`) knows no such package. It has to be
    `waits` hours old by policy. What a registry (or its mirror) does not serve is `UNSTATED`, never "none".
    """

    ecosystem: str
    name: str
    version: str
    proven: bool | Unstated = UNSTATED
    age: int | Unstated = UNSTATED
    publisher: str | Unstated = UNSTATED
    maintainers: tuple[str, ...] | Unstated = UNSTATED
    provenance: bool | Unstated = UNSTATED
    yanked: bool | Unstated = UNSTATED
    deprecated: str | Unstated = UNSTATED
    confused: tuple[str, ...] | Unstated = UNSTATED
    repositories: tuple[str, ...] | Unstated = UNSTATED
    quiet: int | Unstated = UNSTATED
    leap: int | Unstated = UNSTATED
    lines: int | Unstated = UNSTATED
    tag: str | Unstated = UNSTATED
    built: tuple[str, ...] | Unstated = UNSTATED
    refused: str | Unstated = UNSTATED
    removed: bool | str | Unstated = UNSTATED
    waits: int = 0
    at: Place

    @property
    def key(self) -> tuple[str, ...]:
        """Return ecosystem and name: two releases of one package are held against each other."""
        return ("release", self.ecosystem, self.name)

    @property
    def path(self) -> str:
        """Return the file that names it."""
        return self.at.path


class Advisory(msgspec.Struct, frozen=True, kw_only=True, tag="advisory", omit_defaults=True):
    """What a database of known releases says of a package that is there; `at` is where that is stated.

    `versions` are those of the package here that are meant, or, where `why` says that it cannot be told,
    those of which nobody knows. `severity` is a word of `fimci.findings`, `fixed` the versions that mend it.
    """

    ecosystem: str
    name: str
    id: str
    versions: tuple[str, ...]
    severity: str
    malicious: bool = False
    summary: str = ""
    fixed: tuple[str, ...] = ()
    why: str = ""
    at: Place

    @property
    def key(self) -> tuple[str, ...]:
        """Return ecosystem, name and id: what was known of a package before is not new."""
        return ("advisory", self.ecosystem, self.name, self.id)

    @property
    def path(self) -> str:
        """Return the file that names the package."""
        return self.at.path


class Unread(msgspec.Struct, frozen=True, kw_only=True, tag="unread", omit_defaults=True):
    """Something that could not be looked at, or not in full (`part` is what in the file), and why."""

    path: str
    why: str
    part: str = ""
    line: int = 1

    @property
    def key(self) -> tuple[str, ...]:
        """Return path and part."""
        return ("unread", order(self.path), self.part)


class Write(msgspec.Struct, frozen=True, kw_only=True, tag="write", omit_defaults=True):
    """Something that was done to a file while somebody watched, whatever became of it since.

    `deeds` are what was done, sorted. `kind` says what the file is to whoever watches. `undone`: it is as
    before by now (or gone, where it was new). `content` is one that the file had meanwhile, other than
    before; `UNSTATED` where nobody looked in time. `executable`: it could be run meanwhile. `during` is a
    command, or the time that a folder is watched. `at` and `seen` are who did it and when, and the lines
    that were different: where we saw it.
    """

    path: str
    kind: WriteKind
    deeds: tuple[str, ...]
    undone: bool = False
    content: Digest | Unstated = UNSTATED
    executable: bool = False
    during: Literal["command", "watch"] = "command"
    at: Place
    seen: tuple[Place, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Return path and kind."""
        return ("write", order(self.path), self.kind)


Record: TypeAlias = (
    File | Package | Capability | Reference | Function | Setting | Drift | Release | Advisory | Unread | Write
)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The difference between two records of one key; one of the sides may be missing.

    `differs` names the facts that both sides state and state differently; `unstated` those that at least one
    side cannot state, or states in a way the other cannot be held against.
    """

    before: Record | None
    after: Record | None
    differs: tuple[str, ...] = ()
    unstated: tuple[str, ...] = ()
    #: The policy calls this path critical: any change to it speaks.
    critical: bool = False
    #: What kind of place something starts from by itself its path is (`fimci.persistence`); empty for none.
    persistent: str = ""
    #: The left side is a baseline: nothing may change without somebody's word.
    sealed: bool = False

    @property
    def added(self) -> bool:
        """Tell whether only the right side has it."""
        return self.before is None

    @property
    def removed(self) -> bool:
        """Tell whether only the left side has it."""
        return self.after is None

    @property
    def real(self) -> bool:
        """Tell whether anything is known to differ (and not merely unstated)."""
        return self.added or self.removed or bool(self.differs)

    @property
    def record(self) -> Record:
        """Return the record on the right or, where that is gone, the one on the left."""
        record = self.after if self.after is not None else self.before
        if record is None:
            message = "a change has at least one side"
            raise ValueError(message)
        return record


def order(path: str) -> str:
    """Return a path in the form that sorts as a walk visits: a folder right before its members.

    `/` becomes the lowest character, so `a/b` stands between `a` and `a.txt`.
    """
    return path.replace("/", "\0")
