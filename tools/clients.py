"""Install the programs of others that tests start, as far as this machine can have them.

    python tools/clients.py FOLDER

From the Python index what `tests/clients.txt` pins by hash; from Debian's archive, where this is a Debian and
we are root, what builds images and writes registries, other tools of a host, and a browser; rsyslog, which is
only unpacked into the folder, so that no machine gets a daemon from it; from npm the validator of SARIF and
clients whose lockfiles are read. What cannot be had is said, and its tests are skipped. No scripts of npm's
packages run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

PINNED = Path(__file__).resolve().parent.parent / "tests" / "clients.txt"
DEBIAN = (
    *("acl", "busybox-static", "chromium", "libwin-hivex-perl", "openssh-client", "openssh-server"),
    *("fish", "skopeo", "tcsh", "umoci"),
)
#: A daemon and its two ways to speak TLS. They come with the libraries that are missing here.
SYSLOG = ("rsyslog", "rsyslog-gnutls", "rsyslog-openssl")
#: Starts the daemon with the libraries and modules beside it.
_START = """#!/bin/sh
set -- -M "{modules}" "$@"
LD_LIBRARY_PATH="{libraries}" exec "{program}" "$@"
"""
#: Packages of npm that need no other: their release, the program in each, and what it is called here.
NODE = (
    # Programs for one system.
    ("@microsoft/sarif-multitool-linux", "5.7.0", "Sarif.Multitool", "Sarif.Multitool"),
    ("@oven/bun-linux-x64", "1.4.4", "bin/bun", "bun"),
    ("@yarnpkg/cli-dist", "4.18.1", "bin/yarn.js", "yarn4"),
    ("pnpm", "10.34.9", "bin/pnpm.cjs", "pnpm"),
    ("yarn", "1.22.22", "bin/yarn.js", "yarn1"),
)
_LIMIT = 600


def main(arguments: list[str]) -> int:
    """Install all there is; fail only where what is pinned cannot be had."""
    folder = Path(arguments[0]).resolve()
    venv.create(folder, with_pip=True)
    pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes")
    # All is in the file; older releases of pip look for extras in it in vain.
    subprocess.run((*pip, "--no-deps", "--only-binary", ":all:", "--requirement", str(PINNED)), check=True)
    missing = [*_debian(), *_syslog(folder), *_node(folder)]
    print(*(f"not to be had here: {name}" for name in missing), sep="\n", end="\n" if missing else "")
    return 0


def _debian() -> list[str]:
    """Install Debian's packages; return those that are missing afterwards."""
    apt = shutil.which("apt-get")
    if apt is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return ["Debian's packages: " + ", ".join(DEBIAN)]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = (apt, "install", "--yes", "--quiet", "--no-install-recommends")
    if _fails((*install, *DEBIAN), quiet):
        _fails((apt, "update", "--quiet"), quiet)  # a list of packages that is old, or none
    if not _fails((*install, *DEBIAN), quiet):
        return []
    return [name for name in DEBIAN if _fails((*install, name), quiet)]


def _syslog(folder: Path) -> list[str]:
    """Unpack rsyslog beside the other programs, and write what starts it there."""
    place = folder / "rsyslog"
    shutil.rmtree(place, ignore_errors=True)
    (place / "archives" / "partial").mkdir(parents=True)
    fetch = ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "--reinstall")
    where = ("--download-only", "-o", f"Dir::Cache::archives={place / 'archives'}")
    if shutil.which("apt-get") is None or _fails((*fetch, *where, *SYSLOG), os.environ):
        return ["rsyslog"]
    for archive in (place / "archives").glob("*.deb"):
        if _fails(("dpkg-deb", "--extract", str(archive), str(place)), os.environ):
            return ["rsyslog"]
    modules = next(place.glob("usr/lib/*/rsyslog"))
    text = _START.format(
        modules=modules, libraries=modules.parent, program=place / "usr" / "sbin" / "rsyslogd"
    )
    (folder / "bin" / "rsyslogd").write_text(text)
    (folder / "bin" / "rsyslogd").chmod(0o755)
    return []


def _node(folder: Path) -> Iterator[str]:
    """Install programs from npm beside the others; yield what is missing afterwards."""
    npm = shutil.which("npm")
    words = ("install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefix")
    for package, version, program, name in NODE:
        place = folder / "npm" / name
        linux = sys.platform == "linux" or "linux" not in package
        if npm is None or not linux or _fails((npm, *words, str(place), f"{package}@{version}"), os.environ):
            yield f"{package} {version}"
            continue
        there = place / "node_modules" / package / program
        there.chmod(0o755)
        link = folder / "bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to(there)


def _fails(words: tuple[str, ...], environment: os._Environ[str] | dict[str, str]) -> bool:
    try:
        done = subprocess.run(
            words, env=environment, capture_output=True, check=False, timeout=_LIMIT, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return True
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
