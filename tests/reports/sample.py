"""One report with something of everything, for the goldens and as a start for hostile variants."""

from __future__ import annotations

from fimci.findings import (
    Acceptance,
    Cell,
    Chain,
    Counts,
    Finding,
    PackageChange,
    Page,
    ReleaseChange,
    Report,
    Severity,
    Verified,
)
from fimci.model import Place, Unread

PAGES = {
    page.rule: page
    for page in (
        Page(
            rule="file-changed",
            severity=Severity.MEDIUM,
            summary="A file that policy calls critical has changed.",
            text="Critical files decide what runs, or who may change it.",
            fix="read the difference; if it is meant, accept it.",
        ),
        Page(
            rule="install-script-added",
            severity=Severity.HIGH,
            summary="A package gained, or changed, a script that runs at install time.",
            text="Install scripts run with your permissions before any of your code does.",
            fix="read the script; if it is needed, accept it with `fimci accept`.",
        ),
        Page(
            rule="same-version-new-hash",
            severity=Severity.CRITICAL,
            summary="The same version of a package has another content than before.",
            text="A version is published once. Two contents mean that one of them is not the author's.",
            fix="do not install it; compare both artifacts, and ask the maintainers which one is theirs.",
        ),
    )
}


def fixed(finding: Finding) -> str:
    return PAGES[finding.rule].fix


HASH = Finding(
    rule="same-version-new-hash",
    severity=Severity.CRITICAL,
    message="left 4.1.2 has another hash than before: sha512 9f2c11d0a7b4… became 77ab03e2c9f1…",
    path="package-lock.json",
    line=412,
    package="pkg:npm/left@4.1.2",
    evidence=(Place("package-lock.json", 412, '"integrity": "sha512-d6sD4snxAAAA…"'),),
    fix=PAGES["same-version-new-hash"].fix,
    fingerprint="0123456789abcdef0123",
)
SCRIPT = Finding(
    rule="install-script-added",
    severity=Severity.HIGH,
    message="new postinstall script: node setup.js --quiet",
    path="node_modules/@scope/right/package.json",
    line=7,
    package="pkg:npm/%40scope/right@1.0.1",
    evidence=(
        Place("node_modules/@scope/right/package.json", 7, '"postinstall": "node setup.js --quiet"'),
        Place("node_modules/@scope/right/setup.js", 1204, "require('child_process').exec(command)"),
    ),
    fix=PAGES["install-script-added"].fix,
    fingerprint="89abcdef012345670123",
)
BYTES = Finding(
    rule="file-changed",
    severity=Severity.MEDIUM,
    message="became executable (644 to 755), and its content changed",
    path="bin/caf\udce9 \u202egnp.sh",
    fix=PAGES["file-changed"].fix,
    fingerprint="fedcba98765432100123",
)
ACCEPTED = Finding(
    rule="install-script-added",
    severity=Severity.HIGH,
    message="new install script: node-gyp rebuild",
    path="package-lock.json",
    line=98,
    package="pkg:npm/native@2.0.0",
    fix=PAGES["install-script-added"].fix,
    fingerprint="aaaabbbbccccddddeeee",
    accepted=Acceptance(
        fingerprint="aaaabbbbccccddddeeee",
        reason="builds a native module; the script was read",
        by="Ada",
        expires="2027-01-31",
    ),
)
PACKAGES = (
    PackageChange(
        "package-lock.json", "npm", "@scope/right", "added", (), ("1.0.1",), (), wanted=False, direct=False
    ),
    PackageChange(
        "package-lock.json", "npm", "left", "changed", ("4.1.2",), ("4.1.2",), ("integrity",),
        wanted=False, direct=True,
    ),
    PackageChange(
        "package-lock.json", "npm", "ms", "updated", ("2.0.0", "2.1.2"), ("2.1.3",), ("version",),
        wanted=False, direct=True,
    ),
    PackageChange(
        "package.json", "npm", "ms", "updated", ("^2.1.2",), ("^2.1.3 || ^3",), ("version",),
        wanted=True, direct=True,
    ),
)  # fmt: skip
RELEASES = (
    ReleaseChange(
        "package-lock.json", 8, "npm", "@scope/right", "", "1.0.1", "new", "left", 3,
        ("install-script (install)", "network (install)"), "registry.example", "high", "", "none",
    ),
    ReleaseChange(
        "package-lock.json", 20, "npm", "ms", "2.1.2", "2.1.3", "patch", "", 40_000, (), "npm", "ok", "",
        "stated",
    ),
    ReleaseChange(
        "package-lock.json", 30, "npm", "left", "4.1.2", "4.1.2", "other", "", None, (), "",
        "not looked at", "is in no cache, and nobody is to be asked (offline)",
    ),
)  # fmt: skip
_NO_SOURCE = Cell("not verified", "no source was named (--source NAME=LOCATOR)")
_UNSIGNED = Cell("not verified", "the registry serves none")
CHAINS = (
    Chain(
        "pkg:npm/%40scope/right@1.0.1",
        "node_modules/@scope/right",
        (
            *(Cell("verified", "sha512"), Cell("verified", "npm"), Cell("verified"), _NO_SOURCE),
            Cell("verified", "github.com/acme/right/.github/workflows/release.yml@refs/tags/v1.0.1"),
            Cell("verified", "github-hosted runner, github.com/acme/right at abababababab"),
        ),
    ),
    Chain(
        "pkg:npm/left@4.1.2",
        "node_modules/left",
        (
            *(Cell("verified", "sha512"), Cell("verified", "npm")),
            *(Cell("failed", "installed-file-changed"), _NO_SOURCE, _UNSIGNED, _UNSIGNED),
        ),
    ),
)
ARTIFACTS = (
    Verified(
        "right-1.0.1.tgz",
        "ab" * 32,
        (
            *(Cell("verified"), Cell("not verified", "only a wheel has one"), Cell("verified")),
            Cell("verified", "github.com/acme/right/.github/workflows/release.yml@refs/tags/v1.0.1"),
            *(Cell("not verified", "no --expect was named"), _NO_SOURCE),
        ),
    ),
    Verified(
        "left-4.1.2.tgz",
        "cd" * 32,
        (
            Cell("verified"),
            Cell("failed", "artifact-record-wrong"),
            _NO_SOURCE,
            _UNSIGNED,
            *[Cell("verified")] * 2,
        ),
    ),
)
REPORT = Report(
    left="git:3f2a9c1",
    right="git:HEAD",
    counts=Counts(files=4175, packages=1204, changes=12),
    findings=(HASH, SCRIPT, ACCEPTED, BYTES),
    unread=(
        Unread(
            path="vendor/pnpm-lock.yaml", why="is nested deeper than 100 levels", part="packages", line=31
        ),
    ),
    fail_on=Severity.HIGH,
    pages=PAGES,
    summary=(
        "package-lock.json: 1 package updated, 1 added, 1 changed otherwise",
        "package.json: 1 requirement updated",
    ),
    packages=PACKAGES,
    releases=RELEASES,
    chains=CHAINS,
    artifacts=ARTIFACTS,
    notes=("compared with the merge base of origin/main; the base branch has moved on since",),
)
CLEAN = Report(
    left="git:3f2a9c1",
    right="git:HEAD",
    counts=Counts(files=4175, packages=1204, changes=12),
    findings=(),
    unread=(),
    fail_on=Severity.HIGH,
    pages=PAGES,
)


def named(name: str) -> Report:
    """Return a report in which everything that a stranger may choose is this name."""
    place = Place(f"src/{name}", 3, f"runs {name}")
    finding = Finding(
        rule="install-script-added",
        severity=Severity.HIGH,
        message=f"new postinstall script: {name}",
        path=name,
        line=3,
        package=f"pkg:npm/{name}@1.0.1",
        evidence=(place, Place(name, 3, name)),
        fix=PAGES["install-script-added"].fix,
        fingerprint="0123456789abcdef0123",
    )
    acceptance = Acceptance(fingerprint="aaaabbbbccccddddeeee", reason=name, by=name, expires="2027-01-31")
    return Report(
        left=f"git:{name}",
        right=name,
        counts=Counts(files=1, packages=1, changes=1),
        findings=(
            finding,
            Finding(rule="file-changed", severity=Severity.MEDIUM, message=name, path=f"a/{name}"),
            Finding(rule="file-changed", severity=Severity.LOW, message=f"{name} changed", path=name),
            Finding(rule="file-changed", severity=Severity.LOW, message=name, path=name, accepted=acceptance),
        ),
        unread=(Unread(path=name, why=f"is broken at {name}", part=name), Unread(path=f"b/{name}", why=name)),
        fail_on=Severity.HIGH,
        pages=PAGES,
        summary=(f"{name} was updated",),
        packages=(
            PackageChange(name, "npm", name, "updated", (name,), (name,), (), wanted=False, direct=True),
            PackageChange("", "npm", name, "added", (), ("1.0.0",), (), wanted=False, direct=False),
        ),
        releases=(
            ReleaseChange(name, 1, "npm", name, name, name, "patch", name, 3, (name,), name, "high", name),
            ReleaseChange("b", 1, "npm", name, "", name, "new", "", None, (), "", "not looked at", name),
        ),
        chains=(Chain(name, name, (Cell("verified"),) * 6),),
        artifacts=(Verified(name, "ab" * 32, (Cell("verified"),) * 6),),
        notes=(f"compared with {name}",),
    )


def many(
    number: int, severity: Severity = Severity.HIGH, rule: str = "install-script-added"
) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            rule=rule,
            severity=severity,
            message=f"new postinstall script: node {index}.js",
            path="package-lock.json",
            line=index,
            fix=PAGES[rule].fix,
            fingerprint=f"{index:020}",
        )
        for index in range(1, number + 1)
    )
