"""A signed manifest of many files beside what model-signing makes of the same files, in one run.

    python benchmarks/signing.py MODEL_SIGNING [FILES] [--write]

MODEL_SIGNING is the command of an installed `model-signing` (with pyOpenSSL), which signs with a key too.
Seconds are those of the processor, of a command and all that it starts; the best of three rounds in turn.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

# As a script it is started with its folder on the path; its modules are those of the project.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from cryptography.hazmat.primitives import serialization  # noqa: E402  (the line above is what finds it)
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402  (the same)

from benchmarks import page  # noqa: E402  (the same)
from benchmarks.integrity import trees  # noqa: E402  (the same)
from benchmarks.measure import fimci, machine  # noqa: E402  (the same)

_ROUNDS = 3


def main(arguments: list[str]) -> int:
    """Measure, print, and write the table into the documentation where that is asked for."""
    words = [word for word in arguments if word != "--write"]
    files = int(words[1]) if len(words) > 1 else 50_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = trees.small(folder / "tree", files)
        commands = _commands(folder, words[0])
        taken = [[_seconds(command) for command in commands.values()] for _ in range(_ROUNDS)]
    best = dict(zip(commands, (min(column) for column in zip(*taken, strict=True)), strict=True))
    least = min(best.values())
    rows = [f"| {title} | {seconds:.1f} | {seconds / least:.1f} |" for title, seconds in best.items()]
    head = "| | seconds | ratio |\n| --- | --: | --: |\n"
    text = f"{machine()}; {tree.files:,} files; best of {_ROUNDS} rounds in turn.\n\n{head}" + "\n".join(rows)
    print(text)
    if "--write" in arguments:
        page.put("signing", text)
    return 0


def _commands(folder: Path, other: str) -> dict[str, list[str]]:
    """Make the keys; return what is run, by title."""
    key, pem, tree = folder / "key", folder / "key.pem", str(folder / "tree")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    private = ec.generate_private_key(ec.SECP256R1())
    pem.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    signature = str(folder / "model.sig")
    return {
        "fimci manifest --sign": [*fimci("manifest", tree, "--sign", str(key))],
        "model_signing sign key": [
            *(other, "sign", "key", tree, "--private_key", str(pem), "--signature", signature)
        ],
    }


def _seconds(command: list[str]) -> float:
    """Run a command; return the seconds of the processor that it and its children took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
