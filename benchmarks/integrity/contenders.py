"""Who takes part: fimci, the other monitors that are installed, and the floors below them all.

All monitors are asked for the same facts, those that survive a clone: kind, permission bits, size,
link target and sha256 (integrit knows RIPEMD-160 only, hashdeep and rhash know contents alone).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Command, fimci

_FLOOR = Path(__file__).with_name("floor.py")
#: The floor that all others are held against.
LOOP = "two-process hashlib loop"
PHASES = ("baseline", "check", "check, 1 % changed")


class Contender(NamedTuple):
    """One way to do the work: a command for each phase it takes part in, and what it stores.

    `missing` says why it cannot take part. `changed` are the exit codes of a check that finds what
    was changed.
    """

    name: str
    baseline: Command | None = None
    check: Command | None = None
    store: Path | None = None
    changed: tuple[int, ...] = (1,)
    prepare: tuple[Command, ...] = ()
    floor: bool = False
    missing: str = ""

    def command(self, phase: str) -> Command | None:
        """Return what to run in a phase, if anything."""
        if phase == PHASES[0]:
            return self.baseline
        if phase == PHASES[1] or self.check is None or self.floor:
            return self.check
        return self.check._replace(codes=self.changed)


def all_of(tree: Path, place: Path, aides: tuple[str, ...] = ()) -> Iterator[Contender]:
    """Yield everybody, with their files in `place`, those who cannot take part included."""
    yield from _floors(tree)
    yield _git(tree, place)
    yield _fimci(tree, place)
    yield _quick(tree, place)
    for program in ("aide", *aides):
        yield _aide(tree, place, program)
    for name, contender in (
        ("mtree", _mtree),
        ("integrit", _integrit),
        ("rhash", _rhash),
        ("hashdeep", _hashdeep),
    ):
        found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        yield contender(tree, place, found) if found else Contender(name, missing="not installed")
    yield _model_signing(tree, place)


def _floors(tree: Path) -> Iterator[Contender]:
    sums = f"find . -type f -print0 | xargs -0 -P {_cores()} -n 256 sha256sum"
    for name, words in (
        (LOOP, (sys.executable, str(_FLOOR), str(tree), str(_cores()))),
        (f"`sha256sum`, `xargs -P{_cores()}`", ("sh", "-c", sums)),
        ("`find -ls`", ("find", ".", "-ls")),
    ):
        command = Command(words, tree)
        yield Contender(name, command, command, floor=True)


def _git(tree: Path, place: Path) -> Contender:
    """Set up an index outside the tree; what is measured is `git status`, once the index is warm."""
    git = (
        "git",
        f"--git-dir={place}/git",
        f"--work-tree={tree}",
        "-c",
        "core.compression=0",
        "-c",
        "gc.auto=0",
    )
    status = Command((*git, "status", "--porcelain"), tree)
    prepare = (
        Command(("git", "init", "--quiet", "--bare", f"{place}/git")),
        Command((*git, "-c", "core.bare=false", "add", "--all"), tree),
        status,
    )
    name = "`git status`, warm index"
    if shutil.which("git") is None:
        return Contender(name, missing="not installed")
    return Contender(name, None, status, place / "git" / "index", prepare=prepare, floor=True)


def _fimci(tree: Path, place: Path) -> Contender:
    store = place / "fimci.baseline"
    return Contender(
        "fimci",
        Command(fimci("baseline", str(tree), "--output", str(store))),
        Command(fimci("check", str(tree), "--baseline", str(store))),
        store,
    )


def _quick(tree: Path, place: Path) -> Contender:
    """Let stamps be kept by a first check; what is measured is a later one, as of `git status`."""
    store = place / "quick.baseline"
    cache = ("env", f"XDG_CACHE_HOME={place}/cache")
    check = Command((*cache, *fimci("check", str(tree), "--baseline", str(store), "--quick")))
    return Contender(
        "fimci check --quick",
        None,
        check,
        prepare=(Command(fimci("baseline", str(tree), "--output", str(store))), check),
    )


def _aide(tree: Path, place: Path, program: str) -> Contender:
    found = shutil.which(program)
    if found is None:
        return Contender("AIDE", missing=f"{Path(program).name} is not installed")
    version = _version(found)
    store, settings = place / f"aide-{version}.db", place / f"aide-{version}.conf"
    settings.write_text(
        f"database_in=file:{store}\ndatabase_out=file:{store}\ngzip_dbout=no\nreport_url=stdout\n"
        f"num_workers={_cores()}\n{tree} ftype+p+l+s+sha256\n",
        encoding="utf-8",
    )
    words = (found, f"--config={settings}")
    return Contender(
        f"AIDE {version}, {_cores()} workers",
        Command((*words, "--init")),
        Command((*words, "--check")),
        store,
        changed=(4,),
    )


def _mtree(tree: Path, place: Path, program: str) -> Contender:
    store = place / "mtree.spec"
    words = (program, "-k", "type,mode,size,link,sha256", "-p", str(tree))
    make = Command((*words, "-c"), output=store)
    return Contender("mtree", make, Command((*words, "-f", str(store))), store, changed=(2,))


def _integrit(tree: Path, place: Path, program: str) -> Contender:
    store, settings = place / "integrit.cdb", place / "integrit.conf"
    settings.write_text(
        f"root={tree}\nknown={store}\ncurrent={store}\n{tree} sptzILUGAMC\n", encoding="utf-8"
    )
    words = (program, "-C", str(settings), "-u")
    make = Command((*words, "-N", str(store)))
    # What is gone is told only by a check that writes a new store beside the old one.
    check = Command((*words, "-c", "-O", str(store), "-N", f"{store}.new"))
    return Contender("integrit (RIPEMD-160)", make, check, store)


def _rhash(tree: Path, place: Path, program: str) -> Contender:
    store = place / "rhash.sha256"
    make = Command((program, "--sha256", "--recursive", f"--output={store}", "."), tree)
    return Contender("rhash", make, Command((program, "--skip-ok", "--check", str(store)), tree), store)


def _hashdeep(tree: Path, place: Path, program: str) -> Contender:
    store = place / "hashdeep.txt"
    words = (program, "-r", "-l", "-j", str(_cores()))
    make = Command((*words, "-c", "sha256", "."), tree, store)
    return Contender("hashdeep", make, Command((*words, "-a", "-k", str(store), "."), tree), store)


def _model_signing(tree: Path, place: Path) -> Contender:
    """Signing is its baseline, verifying its check; it comes with an environment of its own."""
    program = environment(place) / "bin" / "model_signing"
    if not program.exists():
        return Contender("model-signing", missing="not installed")
    store, private, public = place / "model.sig", place / "private.pem", place / "public.pem"
    key = Command((str(program.with_name("python")), "-c", _KEY, str(private), str(public)))
    named = ("--signature", str(store))
    sign = (str(program), "sign", "key", str(tree), *named, "--private_key", str(private))
    verify = (str(program), "verify", "key", str(tree), *named, "--public_key", str(public))
    return Contender("model-signing", Command(sign), Command(verify), store, prepare=(key,))


def environment(place: Path) -> Path:
    """Return where model-signing is installed to: beside the trees, and removed with them."""
    return place.parent / "model-signing"


def _version(aide: str) -> str:
    done = subprocess.run((aide, "--version"), capture_output=True, check=False, timeout=10)
    words = (done.stdout or done.stderr).decode(errors="replace").split()
    return words[1] if len(words) > 1 else "unknown"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_KEY = """
import sys
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
pem = s.Encoding.PEM
open(sys.argv[1], "wb").write(key.private_bytes(pem, s.PrivateFormat.PKCS8, s.NoEncryption()))
public = key.public_key().public_bytes(pem, s.PublicFormat.SubjectPublicKeyInfo)
open(sys.argv[2], "wb").write(public)
"""
