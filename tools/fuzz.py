"""Feed a reader what its coverage leads to, until it raises, hangs, or the time is over.

python tools/fuzz.py READER [SECONDS]     60 seconds by default

READER is the name of a row in fimci/readers/__init__.py (`requirements`, `locks/yarn-classic`) or of a
parser (`marked.json`, `marked.plain_toml`). Needs `atheris` (the dependency group `fuzz`). It starts from
the files in fixtures/locks, and those of the cases in fixtures/rules, that the reader understands; what made
it fail is left in the working folder as `crash-…`, `timeout-…` or `oom-…`.
"""

from __future__ import annotations

import contextlib
import importlib
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "fixtures" / "locks"
CASES = ROOT / "fixtures" / "rules"
#: Larger files are mutated too slowly to learn from, in bytes.
LARGEST = 32 * 1024
#: Seconds for one input and megabytes of the whole, from which on a run has failed.
PATIENCE, MEMORY = 10, 2048
#: Where a case says what a file is called, and folders that readers ask for.
_NAMED = re.compile(rb"^-- (.+) --\n", re.MULTILINE)
_FOLDERS = ("", ".devcontainer/", ".github/", ".mvn/wrapper/")


def main(arguments: list[str]) -> int:
    """Fuzz one reader; atheris ends the process itself, with a code of its own where it found something."""
    if len(arguments) not in {1, 2}:
        print(__doc__)
        return 2
    import atheris  # noqa: PLC0415  (only this tool needs it, and not its test)

    with atheris.instrument_imports(include=["fimci.readers", "fimci.marked"]):
        understands = target(arguments[0])
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(seeds(understands)):
            (Path(folder) / str(number)).write_bytes(data)
        limits = [f"-max_total_time={arguments[1] if len(arguments) > 1 else 60}", f"-timeout={PATIENCE}"]
        options = [*limits, f"-rss_limit_mb={MEMORY}", f"-max_len={LARGEST}", folder]
        atheris.Setup([sys.argv[0], *options], understands)
        atheris.Fuzz()
    return 0


def target(name: str) -> Callable[[bytes], bool]:
    """Return a function that reads bytes and tells whether they were understood. It must never raise."""
    if name.startswith("marked."):
        return _parser(name)
    from fimci.model import Unread  # noqa: PLC0415  (is imported where imports are instrumented)
    from fimci.readers import ALL  # noqa: PLC0415  (the same)

    (reader,) = (reader for reader in ALL if reader.name == name)
    read = reader.implementation.read
    names = (*reader.names, *(f"a{suffix}" for suffix in reader.suffixes))
    paths = [path for name in names for path in _wanted(reader.implementation.wants, name)]

    def understands(data: bytes) -> bool:
        records = [record for path in paths for record in read(path, data)]
        return bool([record.key for record in records if not isinstance(record, Unread)])

    return understands


def _wanted(wants: Callable[[str, bytes], bool], name: str) -> list[str]:
    """Return the folder in which a reader takes a file of this name, if its name decides."""
    places = [folder + name for folder in _FOLDERS]
    return [place for place in places if wants(place, b"")][:1] or [name]


def _parser(name: str) -> Callable[[bytes], bool]:
    from fimci.marked.document import Malformed  # noqa: PLC0415  (as above)

    load = importlib.import_module(f"fimci.{name}").load

    def understands(data: bytes) -> bool:
        with contextlib.suppress(Malformed):
            load(data)
            return True
        return False

    return understands


def seeds(understands: Callable[[bytes], bool]) -> Iterable[bytes]:
    """Yield the genuine files that are small and make sense to a reader."""
    for path in sorted(LOCKS.rglob("*")):
        if path.is_file() and path.stat().st_size <= LARGEST and understands(data := path.read_bytes()):
            yield data
    for path in sorted(CASES.glob("*.txt")):
        for data in _NAMED.split(path.read_bytes())[2::2]:
            content = data.partition(b"\n== ")[0] + b"\n"
            if len(content) <= LARGEST and understands(content):
                yield content


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
