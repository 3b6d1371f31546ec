"""What `fimci verify` says of real artifacts, and what it costs.

    python benchmarks/artifacts.py FOLDER [--sources | --tags FILE] [--write]

FOLDER has wheels, source archives and npm packages as their registries serve them. Nothing in it is built
or installed:

    pip download --no-deps --only-binary :all: --dest FOLDER NAME...
    unearth --no-binary --download FOLDER NAME
    npm pack --ignore-scripts --pack-destination FOLDER NAME...

With `--sources` each wheel is held against the source archive of its release, if that is there as well
(`fimci verify WHEEL --source archive:SDIST`); compiled code and what repairs its libraries is declared, and
what some builds make of templates and of their own help, as `generated` in their policy would.

With `--tags FILE` artifacts are held against the tagged commits that they are built from: a line of it has
the name of an artifact in FOLDER, a clone and a tag (`fimci verify ARTIFACT --source git:CLONE@TAG`).

Prints each finding at medium or above, and a table of how many artifacts have findings of which grade.
Times are those of the processor in one process, without its start.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.measure import machine  # noqa: E402  (the same)
from fimci.findings import Report, Severity  # noqa: E402  (the same)
from fimci.sources.locator import Locator  # noqa: E402  (the same)
from fimci.verify import Request, verify  # noqa: E402  (the same)

_KINDS = ("wheels", "source archives", "npm packages")
_COMPILED = ("*.so", "*.so.*", "*.libs/", "*.data/scripts/ruff", "*.data/scripts/zizmor")
#: What a project's policy would declare beside that.
_DECLARED = {
    "bandit": ("*.data/data/share/man/man1/bandit.1", "/bandit-*/doc/build/"),
    "create-vite": ("/package/dist/",),
    "ruff": ("/ruff-*/README.md",),
    "vite": ("/package/dist/",),
    "scikit-learn": ("/sklearn/metrics/_dist_metrics.pxd",),
    "tox": ("*.data/data/share/man/man1/tox.1",),
}
_GRADES = ("none", "low", "medium", "high", "critical")


class Taken(NamedTuple):
    """An artifact, what was said of it, and the seconds that this took."""

    path: Path
    report: Report
    seconds: float

    @property
    def grade(self) -> str:
        """Return the worst grade."""
        return str(max((one.severity for one in self.report.findings), default="none"))


def main(arguments: list[str]) -> int:
    """Verify, print, and write the table into the documentation where that is asked for."""
    words = [word for word in arguments if word != "--write"]
    tags = Path(words.pop(words.index("--tags") + 1)) if "--tags" in words else None
    folder = Path(next(word for word in words if word[:2] != "--"))
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    sources = "--sources" in words
    if tags is not None:
        found = [_taken(*one) for one in _tagged(folder, tags)]
    else:
        found = [_taken(*pair) for pair in _pairs(paths)] if sources else [_taken(path) for path in paths]
    for one in found:
        for finding in one.report.findings:
            if finding.severity >= Severity.MEDIUM:
                print(f"{finding.severity}: {finding.rule}: {finding.path}: {finding.message}")
        for unread in one.report.unread:
            print(f"unread: {unread.path}: {unread.why}")
    text = _table(found, ("wheels",) if sources else _KINDS)
    print(text)
    if "--write" in arguments:
        page.put("artifacts-tags" if tags else "artifacts-sources" if sources else "artifacts", text)
    return 0


def _tagged(folder: Path, tags: Path) -> Iterator[tuple[Path, Locator]]:
    """Yield each artifact with the commit that it is built from."""
    for line in tags.read_text().splitlines():
        name, clone, tag = line.split()
        yield folder / name, Locator("git", clone, tag)


def _pairs(paths: list[Path]) -> Iterator[tuple[Path, Locator]]:
    """Yield each wheel with the source archive of the same release."""
    sources = {_release(path.name.removesuffix(".tar.gz")): path for path in paths if path.suffix == ".gz"}
    for path in paths:
        release = _release("-".join(path.name.split("-")[:2]))
        if path.suffix == ".whl" and release in sources:
            yield path, Locator("archive", str(sources[release]))


def _release(stem: str) -> tuple[str, str]:
    name, _, version = stem.rpartition("-")
    return re.sub(r"[-_.]+", "-", name).lower(), version


def _taken(path: Path, source: Locator | None = None) -> Taken:
    name = re.sub(r"[-_.]+", "-", re.split(r"-\d", path.name)[0]).lower()
    began = time.process_time()
    request = Request(
        artifacts=(str(path),),
        source=source,
        generated=(*_COMPILED, *_DECLARED.get(name, ())) if source is not None else (),
        today=dt.datetime.now(dt.timezone.utc).date(),
    )
    report = verify(request)
    return Taken(path, report, time.process_time() - began)


def _table(found: list[Taken], names: tuple[str, ...]) -> str:
    kinds = {".whl": "wheels", ".tgz": "npm packages"}
    rows = [
        _row(name, [one for one in found if kinds.get(one.path.suffix, "source archives") == name])
        for name in names
    ]
    head = f"| | number | files | {' | '.join(_GRADES)} | seconds, all | seconds, the slowest |\n"
    line = "| --- |" + " --: |" * (len(_GRADES) + 4) + "\n"
    slow = max(found, key=lambda one: one.seconds)
    size = slow.path.stat().st_size / 1e6
    told = f"The slowest is `{slow.path.name}` ({size:.1f} MB, {slow.report.counts.files:,} files)."
    return f"{machine()}; worst grade of each artifact.\n\n{head}{line}" + "\n".join(rows) + f"\n\n{told}"


def _row(name: str, found: list[Taken]) -> str:
    grades = Counter(one.grade for one in found)
    files = sum(one.report.counts.files for one in found)
    seconds = [one.seconds for one in found] or [0.0]
    counts = " | ".join(str(grades[grade]) for grade in _GRADES)
    return f"| {name} | {len(found)} | {files:,} | {counts} | {sum(seconds):.1f} | {max(seconds):.2f} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
