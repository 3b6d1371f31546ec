"""What the release gate costs: a large wheel with evidence, as a process of its own."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.artifacts import battery
from tests.artifacts.sigstore_instance import WORKFLOW, Instance, provenance

#: Megabytes of the wheel (those of numpy's), and seconds of the processor that it may take, start included.
SIZE, SECONDS = 17, 2.0
ROOT = Path(__file__).parent.parent
#: Says which modules of Sigstore were imported, behind the report.
PROGRAM = """
import sys
from fimci import cli
code = cli.main(sys.argv[1:])
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"sigstore", "tuf", "pydantic", "requests"}))
sys.exit(code)
"""


def run(*words: str) -> tuple[float, str]:
    """Run it; return the processor's seconds, and the last line."""
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "verify", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout + done.stderr
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return seconds, done.stdout.splitlines()[-1]


def large() -> bytes:
    """Pack a wheel of a thousand files, as the standard library does."""
    drawn = random.Random(1)  # noqa: S311  (only the size matters)
    files = {**battery.FILES, **{f"demo/data/{n}.bin": drawn.randbytes(SIZE * 1000) for n in range(1000)}}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in {**files, f"{battery.INFO}/RECORD": battery.record(files)}.items():
            archive.writestr(name, data)
    return packed.getvalue()


def test_a_large_wheel_with_a_bundle_takes_less_than_two_seconds_of_the_processor(tmp_path: Path) -> None:
    data = large()
    assert len(data) >= SIZE * 1_000_000
    wheel, bundle, root = (tmp_path / name for name in (battery.WHEEL, "bundle.json", "root.json"))
    wheel.write_bytes(data)
    instance = Instance()
    statement = provenance(battery.WHEEL, {"sha256": hashlib.sha256(data).hexdigest()})
    bundle.write_text(json.dumps(instance.attested(statement)))
    root.write_bytes(instance.trusted_root())
    who = ("--bundle", str(bundle), "--identity", f"{WORKFLOW}@refs/tags/v*", "--trusted-root", str(root))
    plain, bare = run(str(wheel))
    assert bare == ""  # nothing of signatures where none is asked for
    signed, told = min(run(str(wheel), *who) for _ in range(2))
    assert "sigstore" in told
    assert plain < signed < SECONDS
