"""A new file appeared among the sources while a command ran, possibly only temporarily.

A header that the compiler finds before the real one, a module that shadows another, a `conftest.py`: a file
does not have to replace anything to change what is built, and does not have to exist afterwards.

High where a file with the name of a source file was created and deleted; medium for those of configure
scripts (`conftest.*`); low where such a file remains, and where any other file was created and deleted. Not
reported: other files that remain (they are in plain sight), files that git ignores, and files that the policy
allows the command to write.

Fix: find out what created it; if the build needs such files, add them to `writes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci import writes
from fimci.findings import Finding, Severity
from fimci.model import Change, Record, Write

SEVERITY = Severity.HIGH
_CODE = (
    ".c", ".cc", ".cpp", ".cs", ".go", ".h", ".hh", ".hpp", ".java", ".js", ".jsx", ".kt", ".m", ".mjs",
    ".cjs", ".php", ".pl", ".pm", ".ps1", ".pth", ".py", ".rb", ".rs", ".s", ".scala", ".sh", ".swift", ".ts",
    ".tsx", ".mk", ".cmake", ".gradle", ".inc", ".in", ".json", ".toml", ".yaml", ".yml", ".cfg",
)  # fmt: skip
_NAMES = {"makefile", "gnumakefile", "rakefile", "dockerfile", "build", "cmakelists.txt", ".npmrc", ".env"}


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object once to all that was written alike."""
    del before  # what is told is what was done, whatever was there
    yield from writes.told(changes, "file-slipped-in", _judged)


def _judged(write: Write) -> tuple[Severity, str] | None:
    if write.kind != "new":
        return None
    name = write.path.rpartition("/")[2].lower()
    code = name.endswith(_CODE) or name in _NAMES
    if write.during == "watch":
        return (Severity.LOW, "a new file was created and deleted") if code else None
    if not write.undone:
        return (Severity.LOW, "a new file among the sources") if code and not write.executable else None
    if code:
        usual = name.startswith("conftest.") and name != "conftest.py"
        return (
            Severity.MEDIUM if usual else SEVERITY
        ), "a new file was created and deleted while the command ran"
    if write.executable:
        return None  # another rule speaks of programs
    return Severity.LOW, "a new file that is not code was created and deleted while the command ran"
