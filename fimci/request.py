"""What a check is asked to do, and the policy that the command line names."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Mapping

import msgspec

from fimci import packing, rules
from fimci import policy as policies
from fimci.attest.identity import Signer
from fimci.errors import SourceError, UsageError
from fimci.policy import Policy
from fimci.snapshot import reason
from fimci.sources import directory
from fimci.sources.locator import Locator

#: Where a folder's baseline is looked for. No policy says otherwise: it would be the folder's own.
BASELINE = "fimci.baseline"
#: Bytes of a policy or an event file that are read.
LIMIT = 32 * 1024 * 1024


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to check: `path`, and what the command line says about its other side."""

    path: str = "."
    staged: bool = False
    base: str | None = None
    baseline: str | None = None
    #: Take the system's word for files that look as before; `None`: as it is fit.
    quick: bool | None = None
    config: str | None = None
    #: Judge what the policy lists as `[[remote]]`, or those of these names.
    remote: tuple[str, ...] | None = None
    #: Judge the installed trees of the project too.
    installed: bool = False
    #: Judge nothing but manifests, lockfiles and the settings of package managers.
    lockfiles: bool = False
    #: Obtain and judge the releases that lockfiles take up; `None`: as policy says.
    releases: bool | None = None
    #: Clones of packages, by name, for what their tags say of releases.
    sources: Mapping[str, Locator] = {}
    #: Ask no registry for them.
    offline: bool = False
    #: A file or folder of OSV records, instead of the one that policy names.
    osv: str | None = None
    listed: bool = False
    #: An allowed-signers file: the baseline must be signed; its number must not be below this one, and it
    #: must be the one that was last seen (the file of its statement), or the next one.
    allowed: str | None = None
    least: int = 0
    last: str | None = None
    #: Or an identity that must have signed it, and the root of trust for that (default: the shipped one).
    signer: Signer | None = None
    root: str | None = None
    environment: Mapping[str, str] = {}
    today: dt.date


def baseline_of(path: str, option: str) -> str:
    """Return the baseline of a folder, or its packed form where that is what is there.

    Raises `UsageError` if both are there; `option` names the one of them that is meant.
    """
    file = os.path.join(path, BASELINE)
    packed = file + packing.SUFFIX
    if not os.path.lexists(packed):
        return file
    if os.path.lexists(file):
        raise UsageError(f"there are {file} and {packed}", f"remove one of them, or name one with {option}")
    return packed


def named_policy(file: str) -> Policy:
    """Read a policy file that the command line names. Raises `UsageError` where there is none."""
    try:
        data = read(file)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", "name a policy file with --config"
        ) from error
    return policies.parse(data, file, rules.pages()) or Policy()


def own_policy(path: str) -> Policy:
    """Read the policy of a folder that is about to be declared good."""
    for file in policies.FILES:
        name = os.path.join(path, file)
        if os.path.isfile(name):
            policy = policies.parse(own(name), file, rules.pages())
            if policy is not None:
                return policy
    return Policy()


def found(file: str) -> bytes | None:
    """Return the bytes of a file in a tree under judgement; `None` unless it is a small one that can be read.

    Whoever made the tree may have put a FIFO there, or a link to anywhere.
    """
    try:
        state = os.lstat(file)
        if not stat.S_ISREG(state.st_mode) or state.st_size > LIMIT:
            return None
        return b"".join(directory.read(file))
    except OSError:
        return None


def own(file: str) -> bytes:
    """Return the bytes of the policy of a folder that is trusted. Raises `SourceError`."""
    try:
        return read(file)
    except OSError as error:
        raise SourceError(
            f"{file} cannot be read: {reason(error)}", "give the right to, or name another with --config"
        ) from error


def read(file: str) -> bytes:
    """Return the bytes of a small file, up to the cap of what the hosts send."""
    with open(file, "rb") as opened:
        return opened.read(LIMIT)
