"""Sign a baseline or manifest, and demand that one is signed: the statement stands beside the file.

What is checked is the very content that is then used: whoever reads the file hands over its hash.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import msgspec

from fimci import __version__, durable
from fimci.attest import signing, ssh, state
from fimci.attest.refusal import Refusal
from fimci.attest.state import Demand, State
from fimci.errors import BaselineError, UsageError
from fimci.excerpts import without_credentials
from fimci.policy import FILES, Signed
from fimci.snapshot import reason

if TYPE_CHECKING:
    import pygit2

SUFFIX = ".dsse"
_LIMIT = 1 << 20


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """How to sign: the key, for how many days it is to hold, and of which folder the state is."""

    key: str
    days: int | None = None
    folder: str = "."


def before(file: str) -> str | None:
    """Return the sha256 of what a file holds now, to be said of the state that follows it."""
    return _hash(file) if os.path.isfile(file) else None


def sign(file: str, how: Signing, previous: str | None, now: dt.datetime) -> State:
    """Write the statement about a file beside it; it follows the one that stands there, if any."""
    old = _previous(file + SUFFIX)
    with open(file, "rb") as opened:
        data = opened.read()
    repository, commit = _where(how.folder)
    made = State(
        name=os.path.basename(file),
        sha256=hashlib.sha256(data).hexdigest(),
        root=_root(data),
        sequence=old.sequence + 1 if old is not None else 1,
        created=state.moment(now),
        tool=f"fimci {__version__}",
        repository=repository,
        commit=commit,
        previous=previous,
        policy=next(
            (_hash(path) for name in FILES if os.path.isfile(path := os.path.join(how.folder, name))), None
        ),
        expires=state.moment(now + dt.timedelta(days=how.days)) if how.days is not None else None,
    )
    payload = state.payload(made)
    made_with_key = signing.signed(state.message(payload), how.key, state.NAMESPACE)
    durable.write(file + SUFFIX, [state.envelope(payload, made_with_key)])
    return made


def demand(allowed: str | None, least: int, folder: str) -> Demand | None:
    """Return what the command line demands of a state; `None` where it demands nothing."""
    if allowed is None:
        if least:
            raise UsageError("a sequence proves nothing without a signature", "name --allowed-signers too")
        return None
    try:
        with open(allowed, "rb") as file:
            signers = ssh.allowed(file.read(_LIMIT))
    except OSError as error:
        raise UsageError(
            f"{allowed} cannot be read: {reason(error)}", "name an allowed-signers file"
        ) from None
    if not signers:
        raise UsageError(f"{allowed} allows nobody", "write lines like: somebody@host ssh-ed25519 AAAA…")
    return Demand(allowed=tuple(signers), least=least, repository=_where(folder)[0])


def by_policy(wanted: Signed, folder: str) -> Demand:
    """Return what a policy demands of a state. Raises `UsageError` where it allows nobody."""
    signers = ssh.allowed("\n".join(wanted.allowed).encode())
    if not signers:
        raise UsageError(
            "the policy allows nobody to sign", "write lines like: somebody@host ssh-ed25519 AAAA…"
        )
    return Demand(allowed=tuple(signers), least=wanted.least, repository=_where(folder)[0])


def verified(file: str, wanted: Demand, now: dt.datetime) -> tuple[State, str]:
    """Return the state of a file and who signed it. Raises `BaselineError` where it is not as demanded."""
    try:
        with open(file + SUFFIX, "rb") as opened:
            text = opened.read(_LIMIT)
    except OSError:
        raise BaselineError(
            f"{file} is not signed, and a signature is demanded",
            f"sign it with --sign KEY, and keep {os.path.basename(file)}{SUFFIX} beside it",
        ) from None
    try:
        return state.demanded(text, os.path.basename(file), _hash(file), wanted, now)
    except Refusal as refusal:
        raise BaselineError(
            f"the signature of {file} {refusal}", "do not use it: fetch the last one that was signed"
        ) from None


def history(folder: str, signed: State) -> list[str]:
    """Say where the commit of a state is not in the history of what is checked, or nobody can tell.

    No refusal: a merge that makes one commit of many leaves the one behind that was signed.
    """
    if signed.commit is None:
        return []
    from fimci.sources import git  # noqa: PLC0415  (libgit2 takes 80 ms)

    if git.discover(folder) is None:
        return []
    known = _precedes(git.open_(folder), signed.commit)
    commit = f"commit {signed.commit[:12]}, of which the state is,"
    if known is None:
        return [f"{commit} is not at hand: whether it comes before what is checked was not verified"]
    return [] if known else [f"{commit} does not come before what is checked"]


def _precedes(repository: pygit2.Repository, name: str) -> bool | None:
    """Tell whether a commit is HEAD or comes before it; `None` where its history is not at hand."""
    import pygit2  # noqa: PLC0415  (libgit2 takes 80 ms)

    if repository.head_is_unborn:
        return False
    head = repository.head.target
    try:
        if repository.get(name) is None:
            return None if repository.is_shallow else False
        return str(head) == name or bool(repository.descendant_of(head, name))
    except (ValueError, pygit2.GitError):  # no name of an object; parents that a shallow clone lacks
        return None


def _hash(file: str) -> str:
    try:
        with open(file, "rb") as opened:
            return hashlib.sha256(opened.read()).hexdigest()
    except OSError as error:
        raise BaselineError(
            f"{file} cannot be read: {reason(error)}", "take one with `fimci baseline`"
        ) from None


def _previous(file: str) -> State | None:
    """Read the statement that is to be followed. Raises `BaselineError` where it is none."""
    if not os.path.lexists(file):
        return None
    try:
        with open(file, "rb") as opened:
            return state.parsed(opened.read(_LIMIT))[0]
    except (Refusal, OSError) as error:
        raise BaselineError(
            f"{file} cannot be followed: {error}", "look at it; without it, the sequence begins again"
        ) from None


def _root(data: bytes) -> str:
    """Return the digest of the records, as the last line of a text states it; else of the whole file."""
    try:
        last: Any = json.loads(data.rstrip(b"\n").rpartition(b"\n")[2])
        return str(last["root"])
    except (ValueError, KeyError, TypeError):
        return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _where(folder: str) -> tuple[str | None, str | None]:
    """Return the address of the repository that a folder is in, and the commit at its head."""
    from fimci.sources import git  # noqa: PLC0415  (libgit2 takes 80 ms)

    if git.discover(folder) is None:
        return None, None
    repository = git.open_(folder)
    head = None if repository.head_is_unborn else str(repository.head.target)
    remote = next((one.url for one in repository.remotes if one.name == "origin"), None)
    return (without_credentials(remote) if remote else None), head
