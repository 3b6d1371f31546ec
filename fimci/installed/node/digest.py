"""The digest of an installed package: the same from the same archive on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from fimci.model import Digest, File, order


def digest(folder: str, files: Iterable[File]) -> Digest:
    """Return the hash of content and path of each file, in the order of a walk.

    Permissions take no part, as they depend on who installed it, nor does what npm calls `.gitignore`.
    """
    lines = sorted((order(_path(folder, file)), _content(file)) for file in files)
    text = "\n".join(f"{content} {path}" for path, content in lines)
    return Digest("sha256", hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest())


def _path(folder: str, file: File) -> str:
    path = file.path[len(folder) + 1 :]
    return f"{path[: -len('.npmignore')]}.gitignore" if path.endswith(".npmignore") else path


def _content(file: File) -> str:
    return file.digest.hex if isinstance(file.digest, Digest) else f"-> {file.target}"
