"""How often some rules speak of commits of well-known repositories: long histories, few kinds of files.

    python benchmarks/histories.py KIND REPOSITORY... [--last N] [--log FILE] [--write]

KIND is one of `KINDS`: the readers that are asked, and the rules that judge what they say. Each REPOSITORY is
a clone (bare ones do); nothing is checked out, and nothing in it is run. Of its main line the last N commits
are held against their first parents: of the files that a commit changed, those that such a reader wants are
read on both sides. `benchmarks/commits.py` asks all rules about whole commits, which takes far longer.
`--log` keeps what was said, a line for each finding. What is no repository is left out, with a line that says
so, and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pygit2
from pygit2.enums import SortMode

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import page  # noqa: E402  (the line above is what finds it)
from benchmarks.measure import machine  # noqa: E402  (the same)
from fimci import readers, rules  # noqa: E402  (the same)
from fimci.compare import compare  # noqa: E402  (the same)
from fimci.findings import Finding, Severity  # noqa: E402  (the same)
from fimci.look import Shown, readings  # noqa: E402  (the same)
from fimci.model import Digest, File, Record, Unread  # noqa: E402  (the same)
from fimci.printable import printable  # noqa: E402  (the same)
from fimci.snapshot import HEAD, INSPECT_LIMIT, Reader, collected  # noqa: E402  (the same)


class Kind(NamedTuple):
    """Readers by name, and the rules that judge what they say."""

    readers: tuple[str, ...]
    rules: tuple[str, ...]


KINDS = {
    "sources": Kind(
        ("cluster-sources", "kustomization", "terraform-modules"),
        ("origin-changed", "revision-unpinned", "source-not-registry", "look-alike-name", "insecure-origin"),
    ),
    "rights": Kind(
        ("application-rights", "extension-rights", "sandbox-rights", "workload-rights"),
        ("permissions-widened",),
    ),
}
#: Readings of files that are kept: what a commit has before is what its parent has after.
_KEPT = 4_096


class Held(NamedTuple):
    """A commit that changed files of such a kind: whether that changed a record, and what was said."""

    repository: str
    commit: str
    changed: bool
    unread: int
    findings: tuple[Finding, ...]


class Walked(NamedTuple):
    """What is known of one history: how many commits were walked, and those that are told of."""

    repository: str
    commits: int
    held: tuple[Held, ...]


def main(arguments: list[str]) -> int:
    """Walk the histories, print the tables, and write them into the documentation where that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks/histories.py", description=__doc__)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("repositories", type=Path, nargs="+")
    parser.add_argument("--last", default=1_000, type=int, metavar="N", help="commits of each")
    parser.add_argument("--log", type=Path, metavar="FILE", help="keep what was said")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args(arguments)
    start = time.process_time()
    walks: list[Walked] = []
    code = 0
    for repository in given.repositories:
        try:
            walks.append(walked(repository, KINDS[given.kind], given.last))
        except (pygit2.GitError, KeyError, OSError) as error:
            code = 1
            print(printable(f"{repository}: left out: {error}"), file=sys.stderr)
    if given.log is not None:
        lines = (line for one in walks for held in one.held for line in told(held))
        given.log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    text = "\n".join(tables(walks, KINDS[given.kind], time.process_time() - start))
    print(text)
    if given.write:
        page.put(f"histories-{given.kind}", text)
    return code


def walked(path: Path, kind: Kind, last: int) -> Walked:
    """Hold the last commits of a main line against their first parents."""
    repository = pygit2.Repository(str(path))
    name = (path.parent if path.name in {"repo", ".git"} else path).name.rpartition("+")[2]
    chosen = [reader for reader in readers.ALL if reader.name in kind.readers]
    judges = [rule for rule in rules.ALL if rule.name in kind.rules]
    said = functools.lru_cache(_KEPT)(functools.partial(_read, repository, chosen))
    count, held = 0, []
    for commit in _main_line(repository, last):
        count += 1
        sides: tuple[list[Record], list[Record]] = ([], [])
        for file, ids in _changed(repository, commit, chosen):
            for side, one in zip(sides, ids, strict=True):
                side.extend(said(file, one))
        if not any(sides):
            continue
        before, after = (collected(side) for side in sides)
        changes = list(compare(before, after))
        found = tuple(one for rule in judges for one in rule.judge(changes, before))
        stated = any(not isinstance(change.record, File | Unread) for change in changes)
        unread = sum(isinstance(record, Unread) for record in after)
        held.append(Held(name, str(commit.id), stated, unread, found))
    return Walked(name, count, tuple(held))


def _main_line(repository: pygit2.Repository, last: int) -> Iterator[pygit2.Commit]:
    walker = repository.walk(repository.head.target, SortMode.TOPOLOGICAL)
    walker.simplify_first_parent()
    for commit, _ in zip(walker, range(last), strict=False):
        if commit.parents:
            yield commit


def _changed(
    repository: pygit2.Repository, commit: pygit2.Commit, chosen: Sequence[Reader]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the files that a commit changed and that a reader may want, with their contents' ids."""
    difference = repository.diff(commit.parents[0], commit, context_lines=0)
    for delta in difference.deltas:
        file = delta.new_file.path or delta.old_file.path
        if any(reader.may_want(file.rpartition("/")[2]) for reader in chosen):
            yield file, (str(delta.old_file.id), str(delta.new_file.id))


def _read(repository: pygit2.Repository, chosen: Sequence[Reader], path: str, of: str) -> tuple[Record, ...]:
    """Return a file and what the readers say of it; nothing where it is not there, or is a submodule."""
    blob = repository.get(of)
    if not isinstance(blob, pygit2.Blob) or blob.size > INSPECT_LIMIT:
        return ()
    data, digest = blob.data, Digest("sha1", of)
    shown: Shown = [(reader, data) for reader in chosen if reader.wants(path, data[:HEAD])]
    return (File(path=path, digest=digest), *readings(path, digest, shown)) if shown else ()


def told(one: Held) -> Iterator[str]:
    """Yield a line for each finding."""
    for found in one.findings:
        at = f"{one.repository} {one.commit[:12]}  {found.path}:{found.line}"
        yield printable(f"{found.severity}  {at}  {found.rule}: {found.message}")


def tables(walks: Sequence[Walked], kind: Kind, seconds: float) -> Iterator[str]:
    """Yield the lines of two Markdown tables: commits by repository, and findings by rule."""
    total = sum(one.commits for one in walks)
    yield f"{machine()}; {total:,} commits in {seconds:,.0f} s of processor time."
    yield ""
    yield "| | commits | with such files | that change what is stated | unread | spoken of | high or above |"
    yield "| --- | --: | --: | --: | --: | --: | --: |"
    for one in (*walks, Walked("all", total, tuple(held for walk in walks for held in walk.held))):
        count = functools.partial(_count, one.held)
        cells = (
            one.commits,
            len(one.held),
            count(lambda held: held.changed),
            count(lambda held: held.unread > 0),
            count(lambda held: bool(held.findings)),
            count(lambda held: any(found.severity >= Severity.HIGH for found in held.findings)),
        )
        yield f"| {one.repository} | {' | '.join(f'{cell:,}' for cell in cells)} |"
    yield ""
    yield "| findings | high or above | medium | low | info |"
    yield "| --- | --: | --: | --: | --: |"
    for rule in kind.rules:
        found = [one for walk in walks for held in walk.held for one in held.findings if one.rule == rule]
        counts = Counter(min(one.severity, Severity.HIGH) for one in found)
        grades = (Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO)
        yield f"| `{rule}` | {' | '.join(f'{counts[grade]:,}' for grade in grades)} |"


def _count(held: Sequence[Held], test: Callable[[Held], bool]) -> int:
    return sum(map(test, held))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
