"""Sign a baseline or manifest, and demand that one is signed: the statement stands beside the file.

What is checked is the very content that is then used: whoever reads the file hands over its hash.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from typing import Any

import msgspec

from fimci import __version__, durable
from fimci.attest import signing, ssh, state
from fimci.attest.identity import Signer
from fimci.attest.refusal import Refusal
from fimci.attest.state import Demand, State
from fimci.durable import Draft
from fimci.errors import BaselineError, UsageError
from fimci.excerpts import without_credentials
from fimci.policy import FILES, Signed
from fimci.printable import printable
from fimci.snapshot import reason

SUFFIX = ".dsse"
#: What takes the place of a key where the identity of the job signs.
KEYLESS = "keyless"
#: The keys that ssh uses where nobody names one.
_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")
_LIMIT = 1 << 20
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
#: What to do about a state that is refused, by what is wrong with it.
_REMEDIES = {
    "identity": "do not use it before one of those who may has signed it; if somebody else is to sign from"
    " now on, change what is demanded, in a change of its own",
    "repository": "do not use it here; a release of another project is verified outside of this repository",
    "expired": "take it anew and sign it, or fetch a newer one",
    "sequence": "do not use it: fetch the newest one that was signed",
    "material": "name the root of trust of the instance that signed it (--trusted-root)",
}


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """How to sign: the key, for how many days it is to hold, and of which folder the state is.

    The key `keyless` is the identity of the job, at the services that the file `services` names, a client's
    trust configuration of Sigstore (default: those of the public instance).
    """

    key: str
    services: str | None = None
    days: int | None = None
    folder: str = "."


def commit(new: Draft, how: Signing, now: dt.datetime) -> State:
    """Give a draft its name, with the statement about it beside it, which follows the one that stood there.

    Nothing takes a name before the statement is signed. Who dies in between leaves a new file and an old
    statement: that one is refused, and the next run puts both right.
    """
    with durable.draft(new.path + SUFFIX) as statement:
        made = _state(new, how, now)
        durable.fill(statement, [attested(state.payload(made), how.key, how.services, state.NAMESPACE)])
        durable.commit(new)
        durable.commit(statement)
    return made


def own(key: str) -> str:
    """Return what is signed with where nobody names a key: the identity of the job, or the user's own key."""
    if key:
        return key
    from fimci.attest import ambient  # noqa: PLC0415  (half a second, where something signs)

    if ambient.is_there():
        return KEYLESS
    keys = (os.path.join(os.path.expanduser("~"), ".ssh", name) for name in _KEYS)
    found = next((path for path in keys if os.path.isfile(path)), None)
    if found is None:
        raise UsageError(
            "there is nothing to sign with: no identity of a job, and no key in ~/.ssh",
            "name a key (--sign KEY), or give the job an identity (on GitHub `permissions: id-token: write`)",
        )
    return found


def attested(payload: bytes, key: str, services: str | None, namespace: str) -> bytes:
    """Return a signed statement: an envelope of a key, made for a namespace, or a bundle of an identity."""
    if key == KEYLESS:
        from fimci.attest import ambient  # noqa: PLC0415  (half a second, where an identity signs)

        return ambient.signed(payload, services)
    return state.envelope(payload, signing.signed(state.message(payload), key, namespace))


def _state(new: Draft, how: Signing, now: dt.datetime) -> State:
    """Return what is to be said of a draft."""
    old = _previous(new.path + SUFFIX)
    with open(new.beside, "rb") as opened:
        data = opened.read()
    repository, head = _where(how.folder)
    return State(
        name=os.path.basename(new.path),
        sha256=hashlib.sha256(data).hexdigest(),
        root=_root(data),
        sequence=old.sequence + 1 if old is not None else 1,
        created=state.moment(now),
        tool=f"fimci {__version__}",
        repository=repository,
        commit=head,
        previous=new.before,
        policy=next(
            (_hash(path) for name in FILES if os.path.isfile(path := os.path.join(how.folder, name))), None
        ),
        expires=state.moment(now + dt.timedelta(days=how.days)) if how.days is not None else None,
    )


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks of a state: whose keys, which identity, and after which state (files)."""

    allowed: str | None = None
    signer: Signer | None = None
    root: str | None = None
    least: int = 0
    last: str | None = None

    @property
    def names_nobody(self) -> bool:
        """Tell whether it is left to a policy who may sign."""
        return self.allowed is None and self.signer is None


def demand(asked: Asked, folder: str) -> Demand | None:
    """Return what the command line demands of a state; `None` where it demands nothing."""
    if asked.names_nobody:
        if asked.least or asked.last is not None:
            raise UsageError(
                "a sequence proves nothing without a signature",
                "name --allowed-signers or --state-identity too",
            )
        return None
    signers = _signers(asked.allowed) if asked.allowed is not None else []
    found = Demand(
        allowed=tuple(signers),
        signer=asked.signer,
        root=asked.root,
        least=asked.least,
        repository=_where(folder)[0],
    )
    return found if asked.last is None else msgspec.structs.replace(found, last=_last(asked.last, found))


def _signers(file: str) -> list[ssh.Allowed]:
    try:
        with open(file, "rb") as opened:
            found = ssh.allowed(opened.read(_LIMIT))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {reason(error)}", "name an allowed-signers file") from None
    if not found:
        raise UsageError(f"{file} allows nobody", "write lines like: somebody@host ssh-ed25519 AAAA…")
    return found


def _last(file: str, wanted: Demand) -> State:
    """Return the state that was last seen, which must be signed as the next one must be."""
    try:
        with open(file, "rb") as opened:
            return state.vouched(opened.read(_LIMIT), wanted)[0]
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {reason(error)}", f"keep the last FILE{SUFFIX} that was verified"
        ) from None
    except Refusal as refusal:
        raise BaselineError(
            f"the statement that was last seen, {file}, {refusal}",
            "name the last one that was verified, from where only trusted runs write",
        ) from None


def by_policy(wanted: Signed, asked: Asked, folder: str) -> Demand:
    """Return what a policy demands of a state, after what was seen.

    Raises `UsageError` where it allows nobody.
    """
    signers = ssh.allowed("\n".join(wanted.allowed).encode())
    if not signers and wanted.signer is None:
        raise UsageError("the policy allows no signers", "write lines like: somebody@host ssh-ed25519 AAAA…")
    found = Demand(
        allowed=tuple(signers),
        signer=wanted.signer,
        root=asked.root,
        least=max(wanted.least, asked.least),
        repository=_where(folder)[0],
    )
    return found if asked.last is None else msgspec.structs.replace(found, last=_last(asked.last, found))


def verified(file: str, wanted: Demand, now: dt.datetime) -> tuple[State, str]:
    """Return the state of a file and who signed it. Raises `BaselineError` where it is not as demanded."""
    try:
        with open(file + SUFFIX, "rb") as opened:
            text = opened.read(_LIMIT)
    except OSError:
        raise BaselineError(
            f"{file} is not signed, but a signature is required",
            f"sign it with --sign KEY, and keep {os.path.basename(file)}{SUFFIX} beside it",
        ) from None
    try:
        return state.demanded(text, os.path.basename(file), _hash(file), wanted, now)
    except Refusal as refusal:
        remedy = _REMEDIES.get(refusal.part, "do not use it: fetch the last one that was signed")
        raise BaselineError(f"the signature of {file} {refusal}", remedy) from None


def followed(stated: State, folder: str, what: str, ref: str = "HEAD") -> str | None:
    """Return why it is not verified that a commit comes after the one of a state; `None` where it does.

    `what` the state is of. Raises `BaselineError` where the commit does not: the state is of another line, or
    of what was taken back.
    """
    if stated.commit is None:
        return None
    from fimci.sources import git  # noqa: PLC0415  (libgit2 takes 80 ms)

    short = printable(stated.commit[:12])
    if git.discover(folder) is None:
        return f"not verified that it follows the commit of the {what}, {short}: there is no repository"
    repository = git.open_(folder)
    if _descends(repository, stated.commit, ref):
        return None
    if repository.is_shallow:
        return (
            f"not verified that it follows the commit of the {what}, {short}: the clone is shallow"
            " (`fetch-depth: 0`)"
        )
    raise BaselineError(
        f"the {what} is of commit {short}, which is not an ancestor of what is checked",
        f"bring the change up to date, or sign a {what} again at a commit of this branch",
    )


def _descends(repository: Any, commit: str, ref: str) -> bool:
    """Tell whether a ref is that commit or comes after it; no object but a whole commit will do."""
    if repository.head_is_unborn or not _COMMIT.fullmatch(commit) or commit not in repository:
        return False
    from fimci.sources import git  # noqa: PLC0415  (see above)

    head = git.commit(repository, ref).id
    return str(head) == commit or bool(repository.descendant_of(head, commit))


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
