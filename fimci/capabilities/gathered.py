"""Files that are searched for and sent: a home or a disk is gone through, and what is read there goes away.

Backups and tools for uploads do so with a folder that they are given; who begins at the home of whoever runs
it, or at whatever folder that is while code is loaded, was asked by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from fimci.capabilities.uses import Api, Flow, Use, known, roles
from fimci.model import CapabilityName

#: A chain: its name, its subject, its detail, and the use at its end (`fimci.capabilities.chains.Chain`).
Gathered: TypeAlias = tuple[CapabilityName, str, str, Use]
#: What lists a folder or packs all of it.
LISTS = re.compile(
    r"(?:fs|fs-extra|graceful-fs|Deno)\.(?:promises\.)?(?:readdir(?:Sync)?|readDir(?:Sync)?)\Z"
    r"|os\.(?:walk|listdir|scandir)\Z|pathlib\.Path\.(?:iterdir|glob|rglob|walk)\Z"
    r"|(?:glob|fast-glob|globby)(?:\.\w+)?\Z"
)
_PACKS = re.compile(r"(?:tarfile\.TarFile\.add|shutil\.make_archive)\Z")
#: Whatever is behind it chooses among the files there.
_CHOSEN = re.compile(r"(?:[\\/]\*\*)*[\\/][^\\/]*\*[^\\/]*\Z")
_HOME = re.compile(
    r"(?:~|/|/(?:home|root|Users|mnt|media|Volumes)(?:/[^/]*)?|[A-Za-z]:|%USERPROFILE%|/content/drive/MyDrive)?"
    r"(?:[\\/](?:Desktop|Documents|Downloads|Pictures|OneDrive))?[\\/]?"
)
#: Letters of a path that is looked at.
_LONGEST = 300
_HERE = frozenset(("os.getcwd", "process.cwd", "pathlib.Path.cwd", "Deno.cwd"))
_FILE: frozenset[Flow] = frozenset({"file"})


def is_home(use: Use, api: Api) -> bool:
    """Tell whether it is a home or the whole disk that a use goes through."""
    for role, value in roles(use, api):
        text = known(value)
        folder = _CHOSEN.sub("", text[:_LONGEST])
        if (
            role == "path"
            and 0 < len(text) <= _LONGEST
            and _HOME.fullmatch(folder)
            and (folder or text.startswith(("/", "~")))
        ):
            return True
    return False


def chains(
    told: Sequence[tuple[Use, Api]],
    sent: Callable[[Use, Api], frozenset[Flow]],
    target: Callable[[Use], str],
) -> Iterator[Gathered]:
    """Yield the requests that send files of a home that is gone through.

    While code is loaded, it counts wherever the search stands in the file, and a search of the folder where
    somebody works counts as well.
    """
    listed = [(use, api) for use, api in told if LISTS.search(use.name) or _PACKS.search(use.name)]
    if not listed:
        return
    homes = [use for use, api in listed if is_home(use, api)]
    here = any(use.name in _HERE for use, _ in told)
    for use, api in told:
        if api.name != "network" or use.form != "call" or not sent(use, api) >= _FILE:
            continue
        host = target(use)
        near = any(home.function == use.function for home in homes)
        loaded = use.phase != "call" and (homes or here)
        if host != "*" and (near or loaded):
            yield "exfiltration", f"files -> {host}", "what a search finds is sent", use
            return
