"""Downloads that are kept: archives by their digest, answers of registries sealed with the key of this user.

An archive is hashed whenever it is taken out, so that whoever writes into the folder changes nothing but
what is found. An answer is used where nobody may ask (`--offline`), and only if its seal holds, as with
readings (docs/decisions/cache.md). Files appear whole or not at all, and any number of runs may write.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from fimci import cache, homes
from fimci.model import Digest
from fimci.registries import pruning

#: Bytes of an archive that are read, of a registry or a cache.
LIMIT = 256 << 20
_ALGORITHMS = ("sha512", "sha384", "sha256", "sha1")
_SEAL = 32


class Kept(NamedTuple):
    """The folder of downloads, and the key that seals answers; without a folder nothing is kept."""

    folder: str | None
    key: bytes

    def archive(self, digests: tuple[Digest, ...]) -> bytes | None:
        """Return an archive that has the strongest of these digests, if it is here."""
        best = strongest(digests)
        for digest in digests:
            if best is not None and digest.algorithm == best.algorithm:
                path = self.path(digest)
                data = read(path) if path is not None else None
                if path is not None and data is not None and has(data, (digest,)):
                    pruning.used(path)
                    return data
        return None

    def keep(self, data: bytes, digests: tuple[Digest, ...]) -> None:
        """Keep an archive under that one of these digests which it has."""
        best = strongest(digests)
        alike = (one for one in digests if best is not None and one.algorithm == best.algorithm)
        digest = next((one for one in alike if has(data, (one,))), None)
        path = self.path(digest) if digest is not None else None
        if path is not None and self.folder is not None:
            _write(path, data)
            if pruning.due(self.folder):
                pruning.prune(self.folder)

    def answer(self, url: str) -> bytes | None:
        """Return what a registry said at an address when it was asked last."""
        path = self._answer(url)
        data = read(path) if path is not None else None
        if data is None or not hmac.compare_digest(data[:_SEAL], self._seal(url, data[_SEAL:])):
            return None
        if path is not None:
            pruning.used(path)
        return data[_SEAL:]

    def keep_answer(self, url: str, data: bytes) -> None:
        """Remember what a registry said."""
        path = self._answer(url)
        if path is not None:
            _write(path, self._seal(url, data) + data)

    def path(self, digest: Digest) -> str | None:
        """Return where the archive with this hash is, or would be."""
        # An algorithm is one of a few words and a digest is hexadecimal: neither leads anywhere else.
        if self.folder is None or not digest.hex.isalnum():
            return None
        return os.path.join(self.folder, "archives", digest.algorithm, digest.hex[:2], digest.hex[2:])

    def _answer(self, url: str) -> str | None:
        if self.folder is None:
            return None
        return os.path.join(self.folder, "answers", hashlib.sha256(url.encode()).hexdigest())

    def _seal(self, url: str, data: bytes) -> bytes:
        seal = hashlib.blake2b(digest_size=_SEAL, key=self.key, person=b"answer")
        seal.update(url.encode() + b"\0")
        seal.update(data)
        return seal.digest()


def kept(environment: Mapping[str, str]) -> Kept:
    """Return the downloads of this user, by the environment; none are kept where no key can be."""
    named = environment.get("FIMCI_CACHE_DIR")
    sealed = cache.key(environment) if named != "off" else None
    if sealed is None:
        return Kept(None, b"")
    return Kept(os.path.join(named or homes.cache(environment), "releases"), sealed)


def strongest(digests: tuple[Digest, ...]) -> Digest | None:
    """Return the digest that is hardest to forge."""
    return next((one for name in _ALGORITHMS for one in digests if one.algorithm == name), None)


def has(data: bytes, digests: tuple[Digest, ...]) -> bool:
    """Tell whether bytes have one of the digests of the strongest algorithm among these."""
    best = strongest(digests)
    if best is None:
        return False
    found = hashlib.new(best.algorithm, data, usedforsecurity=False).hexdigest()
    return any(one.algorithm == best.algorithm and one.hex == found for one in digests)


def read(path: str) -> bytes | None:
    """Read a file up to the limit; `None` where there is none that can be read."""
    try:
        with open(path, "rb") as file:
            data = file.read(LIMIT + 1)
    except (OSError, ValueError):
        return None
    return data if len(data) <= LIMIT else None


def _write(path: str, data: bytes) -> None:
    """Write a file under another name first: nobody finds a half of it. A full disk costs a download."""
    fresh = f"{path}.{secrets.token_hex(8)}"
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            os.replace(fresh, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(fresh)
            raise
