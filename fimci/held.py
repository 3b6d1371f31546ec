"""A folder held against its baseline: what differs, and no more of what does not than rules ask for.

A file whose line is as it was is not looked at any further, for the readers would say of it what
they said then: a reading is a function of path, bytes and the reader's version.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from fimci import drift, rows, store, workers
from fimci.batches import MANY, Batch, batches, begun
from fimci.folder import taken, unpacked, walked
from fimci.ledger import Ledger
from fimci.lines import Unlike, unlike
from fimci.look import Progress, Sizes
from fimci.model import File, Package, Record, Unread
from fimci.profiles import DEFAULT
from fimci.snapshot import Snapshot, streamed
from fimci.sources.directory import Run

_NO_SIZES: Sizes = {}
_MANIFEST = re.compile(b"|".join(re.escape(name.encode()) for name in drift.NAMES))
#: What the names of manifests end with, and the quote behind a path.
ENDINGS = (
    b'lock"', b'toml"', b'package.json"', b'-lock.json"', b'wrap.json"', b'lock.yaml"', b'Pipfile"',
    b'go.mod"', b'go.sum"', b'extension.cjs"', b'extension.mjs"', b'Chart.yaml"', b'requirements.yaml"',
    b'mix.exs"', b'Podfile"', b'pubspec.yaml"',
)  # fmt: skip


class Held(NamedTuple):
    """Both sides of a check, and how many files were looked at (0: those of the right side)."""

    left: Snapshot
    right: Snapshot
    files: int = 0


def held(
    root: str,
    left: Snapshot,
    progress: Progress | None = None,
    sizes: Sizes = _NO_SIZES,
    but: frozenset[str] = frozenset(),
) -> Held:
    """Look at a folder as its baseline `left` did, past the files that `but` names.

    The sides hold files that differ, those that rules want to see in any case (manifests), and all
    other records. A profile that records more than the default one, or less, is looked at in full.
    """
    body = lined(left)
    if body is None:
        right = taken(root, left.recipe, progress, sizes)
        kept = (record for record in right.records if getattr(record, "path", None) not in but)
        return Held(left, msgspec.structs.replace(right, records=kept))
    sides, ledger = Sides(body, left), Ledger(body)
    subtract(root, ledger, walked(root, left.recipe, but), sides, progress)
    return sides.held(root, ledger.others())


def lined(left: Snapshot) -> store.Body | None:
    """Return the lines of a baseline; `None` where lines do not tell all that its recipe asks for."""
    how = left.recipe
    plain = how.profile == DEFAULT and not how.paths and how.directories
    return left.records if plain and isinstance(left.records, store.Body) else None


def subtract(
    root: str, ledger: Ledger, runs: Iterable[Run | Unread], sides: Sides, progress: Progress | None
) -> None:
    """Look at what a walk meets, and put what is not as the lines say into the sides."""
    found, alone = begun(batches(root, runs))
    under_way: deque[tuple[Batch, bytes]] = deque()

    def beside() -> Iterator[tuple[Batch, bytes]]:
        for batch in found:
            under_way.append((batch, ledger.up_to(batch)))
            yield under_way[-1]

    work = functools.partial(unlike, root, sides.left.recipe)
    if sides.body.count > MANY * workers.ALONE:
        alone = 0
    for differing in workers.spread(work, beside(), alone):
        batch, text = under_way.popleft()
        sides.put(text, differing, _manifests(batch, text))
        if progress is not None:
            progress(ledger.last)
    sides.put_gone(ledger.rest())


def number_of(text: bytes) -> int:
    """Return how many lines there are in a text without a line feed at its end."""
    return text.count(b"\n") + 1 if text else 0


class Sides:
    """Both sides as far as they differ, in the order of the walk."""

    def __init__(self, body: store.Body, left: Snapshot) -> None:
        self.body = body
        self.left = left
        #: Lines that no longer hold.
        self.gone: set[bytes] = set()
        self.was: list[Record] = []
        self.now: list[Record] = []
        self.touched: set[str] = set()
        self.files = 0

    def put(self, text: bytes, differing: Unlike | None, known: list[bytes]) -> None:
        """Take in what has become of a batch, whose lines were `text`; those of manifests are `known`."""
        gone: list[bytes] = []
        found: list[Record] = []
        if differing is not None:
            if not differing.ordered:
                raise self.body.fault()
            gone = differing.lines
            found = [unpacked(record, self.body.algorithm) for record in differing.found]
        self.gone.update(gone)
        was = self._decoded(gone)
        self.touched.update(_subject(record) for record in (*was, *found))
        self.files += number_of(text) - len(gone)
        self.files += sum(isinstance(record, File) for record in found)
        manifests = self._manifests(line for line in known if line not in gone)
        self.was.extend(_merged(was, manifests))
        self.now.extend(_merged(found, manifests))

    def put_same(self, number: int, known: list[bytes]) -> None:
        """Take in so many lines that hold; those of manifests are `known`."""
        self.files += number
        manifests = self._manifests(known)
        self.was.extend(manifests)
        self.now.extend(manifests)

    def put_gone(self, lines: list[bytes]) -> None:
        """Take in the lines of what the walk did not meet."""
        self.gone.update(lines)
        gone = self._decoded(lines)
        self.touched.update(_subject(record) for record in gone)
        self.was.extend(gone)

    def sort(self) -> None:
        """Put what came out of the order of a walk into it."""
        self.was.sort(key=_key)
        self.now.sort(key=_key)

    def held(self, root: str, others: list[Record]) -> Held:
        """Return the sides, with the records of the baseline that are no files."""
        still = (record for record in others if _subject(record) not in self.touched)
        now = list(streamed(itertools.chain(self.now, still)))
        was = [*self.was, *others]
        if any(one.key >= other.key for one, other in itertools.pairwise(was)):
            raise self.body.fault()
        right = Snapshot(locator=f"dir:{root}", recipe=self.left.recipe, records=now)
        return Held(msgspec.structs.replace(self.left, records=was), right, self.files)

    def _manifests(self, lines: Iterable[bytes]) -> list[Record]:
        return [record for record in self._decoded(lines) if _is_manifest(record)]

    def _decoded(self, lines: Iterable[bytes]) -> list[Record]:
        try:
            return [rows.decode(line, self.body.algorithm) for line in lines]
        except (msgspec.MsgspecError, ValueError) as error:
            raise self.body.fault() from error


def _manifests(batch: Batch, text: bytes) -> list[bytes]:
    """Return the lines that are of manifests, or may be, in their order."""
    found: list[bytes] = []
    end = 0
    for run in batch:
        if isinstance(run, Unread) or drift.NAMES.isdisjoint(run.names):
            continue
        for name in run.names:
            if name in drift.NAMES:
                # Lines alone begin like this: a quote in a path has a backslash before it.
                start = text.find(f'["{run.folder}{name}",'.encode(errors="surrogateescape"), end)
                if start < 0:  # it is new, or stands in another form
                    return _all_manifests(text)
                end = text.find(b"\n", start)
                end = len(text) if end < 0 else end
                found.append(text[start:end])
    return found


def _is_manifest(record: Record) -> bool:
    return isinstance(record, File) and record.path.rpartition("/")[2] in drift.NAMES


def _all_manifests(text: bytes) -> list[bytes]:
    """Do so by their endings, wherever they are."""
    if not any(ending in text for ending in ENDINGS):
        return []
    return [line for line in text.split(b"\n") if _MANIFEST.search(line)]


def _merged(files: list[Record], manifests: list[Record]) -> list[Record]:
    """Put files that did not change among those that did; what is no file keeps its place behind them."""
    if not manifests:
        return files
    return sorted((*files, *manifests), key=_key)


def _key(record: Record) -> tuple[str, ...]:
    return record.key


def _subject(record: Record) -> str:
    return record.at.path if isinstance(record, Package) else record.path
