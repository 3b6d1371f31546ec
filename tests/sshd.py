"""A real sshd on loopback, with keys of its own in a temporary folder, for the user who runs the tests."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

#: Applets that a small system has, and fimci may use.
_APPLETS = (
    "cat",
    "find",
    "getconf",
    "head",
    "ls",
    "nproc",
    "readlink",
    "sha256sum",
    "sha512sum",
    "sh",
    "stat",
    "xargs",
)
_DAEMON = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

needs_sshd = pytest.mark.skipif(
    _DAEMON is None or shutil.which("ssh") is None, reason="needs sshd and ssh (Debian: openssh-server)"
)
needs_busybox = pytest.mark.skipif(shutil.which("busybox") is None, reason="needs busybox")


class Host(NamedTuple):
    """A host that answers: its port, the client's configuration, and the folder of the daemon."""

    port: int
    configuration: Path
    folder: Path

    def at(self, path: Path | str) -> str:
        """Return the locator of a folder there, by the name that the configuration knows."""
        return f"ssh://fimci-test{path}"


@contextlib.contextmanager
def running(folder: Path, path: str | None = None, options: str = "") -> Iterator[Host]:
    """Run a daemon; `path` is the PATH that commands get there."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    public = (folder / "host.pub").read_text().split()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {public[0]} {public[1]}\n")
    shutil.copy(folder / "user.pub", folder / "authorized")
    # As in a shell within shells, bash reads no start-up file of whoever runs this.
    environment = f"SetEnv SHLVL=5{f' PATH={path}' if path else ''}\n"
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nPidFile {folder}/pid\n"
        f"AuthorizedKeysFile {folder}/authorized\nPasswordAuthentication no\nStrictModes no\nUsePAM no\n"
        f"PermitRootLogin prohibit-password\nMaxStartups 100\n{environment}{options}"
    )
    user = pwd.getpwuid(os.getuid()).pw_name
    (folder / "config").write_text(
        f"Host fimci-test\n HostName 127.0.0.1\n Port {port}\n User {user}\n IdentityFile {folder}/user\n"
        f" IdentitiesOnly yes\n UserKnownHostsFile {folder}/known\n GlobalKnownHostsFile none\n"
        " StrictHostKeyChecking yes\n"
    )
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    assert _DAEMON is not None
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen([_DAEMON, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log)
    try:
        _wait(port)
        yield Host(port, folder / "config", folder)
    finally:
        daemon.terminate()
        daemon.wait(10)


def client(folder: Path, host: Host) -> str:
    """Write a program `ssh` that uses the configuration of a host; return the PATH that finds it first."""
    real = shutil.which("ssh")
    folder.mkdir(exist_ok=True)
    program = folder / "ssh"
    program.write_text(f'#!/bin/sh\nexec {real} -F {host.configuration} "$@"\n')
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def applets(folder: Path) -> str:
    """Make a folder that holds nothing but applets of BusyBox; return it as a PATH."""
    folder.mkdir()
    busybox = shutil.which("busybox")
    assert busybox is not None
    for name in _APPLETS:
        (folder / name).symlink_to(busybox)
    return str(folder)


def _wait(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("sshd does not listen")
