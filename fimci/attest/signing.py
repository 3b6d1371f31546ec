"""Sign with an SSH key, by `ssh-keygen`: it asks the agent, for a passphrase, or for a touch of a token."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile

from fimci.errors import UsageError

_SECONDS = 300


def signed(message: bytes, key: str, namespace: str) -> bytes:
    """Return the armoured signature of a message with the key in a file. Raises `UsageError`.

    `key` is the private key, or the public one of a key that the agent holds.
    """
    program = shutil.which("ssh-keygen")
    if program is None:
        raise UsageError("there is no ssh-keygen to sign with", "install OpenSSH, 8.2 or later")
    if not os.path.isfile(key):
        raise UsageError(f"{key} is not a key", "name the file of an SSH key, such as ~/.ssh/id_ed25519")
    with tempfile.TemporaryDirectory(prefix="fimci-") as folder:
        file = os.path.join(folder, "message")
        with open(file, "wb") as opened:
            opened.write(message)
        words = [program, "-Y", "sign", "-q", "-f", key, "-n", namespace, file]
        try:
            done = subprocess.run(words, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603  (no shell; the key is named by the user)
        except subprocess.TimeoutExpired:
            raise UsageError("ssh-keygen did not finish", "see whether it asks for something") from None
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
            raise UsageError(f"{key} could not sign: {said}", "see `ssh-keygen -Y sign`")
        with open(f"{file}.sig", "rb") as opened:
            return opened.read()
