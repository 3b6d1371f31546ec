"""What is run or loaded under a name that tells no language, over a whole tree (`node ./data.bin`).

Readers have passed such files over. Whoever follows references (`fimci.reach`) has them read here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from fimci.model import Capability, Digest, File, Function, Phase, Record, Reference, Unread

#: Files of which readers of code know by their names what they are; and what other code loads as data.
_READ = re.compile(
    r"\.(?:[cm]?[jt]sx?|json5?|node|wasm|py[wiocdx]?|pth|sh|bash|zsh|ksh|bat|cmd|ps[md]?1|ipynb|vue|svelte"
    r"|rb|pl|php|exe|dll|so|dylib)$",
    re.IGNORECASE,
)
_ASSET = re.compile(
    r"\.(?:css|s[ac]ss|less|styl|html?|svg|png|jpe?g|gif|webp|ico|avif|woff2?|ttf|otf|eot|mp[34]|wav|md|txt|csv"
    r"|ya?ml|toml|xml|graphql|gql|glsl|wgsl|hbs|pug|ejs|map)(?:\?.*)?$",
    re.IGNORECASE,
)
#: What readers of code tell.
_OF_FILES = (Capability, Function, Reference, Unread)
#: How often what was read so leads to more of the kind.
_ROUNDS = 3
#: Reads files under names that tell no language; their paths and digests are given.
Led: TypeAlias = Callable[[Mapping[str, Digest]], Iterable[Record]]
#: Files that a reference leads to, from a path, by its target, of all files.
Resolve: TypeAlias = Callable[[str, str, set[str]], Iterator[str]]
Links: TypeAlias = dict[str, list[tuple[str, Phase]]]


def note(odd: dict[str, Digest], file: File) -> None:
    """Note the digest of a file of which readers of code know nothing by its name."""
    if isinstance(file.digest, Digest) and _READ.search(file.path) is None:
        odd[file.path] = file.digest


def nobody(asked: Mapping[str, Digest]) -> Iterable[Record]:  # noqa: ARG001  (whatever is asked for)
    """Read none of them."""
    return ()


class Tree(NamedTuple):
    """What is known of a tree so far: its files, what leads where, what functions do, and the rest."""

    files: set[str]
    links: Links
    functions: dict[tuple[str, str], Function]
    rest: list[Record]


def _shown(asked: Mapping[str, Digest], links: Links, resolved: Resolve, files: set[str]) -> set[str]:
    """Return those of the files that are loaded as pictures and texts are, and not started."""
    shown = {found for found in asked if _ASSET.search(found)}
    started = {
        found
        for path, targets in links.items()
        for target, phase in targets
        if shown and phase == "install"
        for found in resolved(path, target, files)
    }
    return shown - started


def _code(records: list[Record], shown: set[str]) -> Iterator[Record]:
    """Leave out what is told of pictures and texts that are none of a language: bundlers load those."""
    told = [(one, one.path) for one in records if isinstance(one, _OF_FILES)]
    data = {path for one, path in told if isinstance(one, Unread) or _is_unread(one)} & shown
    yield from (one for one, path in told if path not in data)


def _is_unread(record: Record) -> bool:
    return isinstance(record, Capability) and record.name == "unanalyzed"


def follow(led: Led, odd: Mapping[str, Digest], tree: Tree, resolved: Resolve) -> None:
    """Add what is told of files that are run or loaded under such names, and of what those run."""
    known = {record.key for record in tree.rest}
    seen: set[str] = set()
    for _ in range(_ROUNDS):
        asked = {
            found: odd[found]
            for path, targets in tree.links.items()
            for target, phase in targets
            if phase == "install" or (phase == "import" and "/" in target)
            for found in resolved(path, target, tree.files)
            if found in odd and found not in seen
        }
        if not asked:
            return
        seen.update(asked)
        for record in _code(list(led(asked)), _shown(asked, tree.links, resolved, tree.files)):
            if isinstance(record, Reference):
                tree.links.setdefault(record.path, []).append((record.target, record.phase))
            elif isinstance(record, Function):
                tree.functions[record.path, record.name] = record
            elif record.key not in known:
                tree.rest.append(record)
