"""Commands that a package installs under the name of another program, or outside of the folder for commands.

Whoever types that name runs the package from then on; so does every script of the same shell.
"""

from __future__ import annotations

import re

_KNOWN = """
apt apt-get awk aws az bash brew bun bunx cargo cat cc chmod chown cmake composer cp crontab curl
cut date deno diff dig dnf docker echo env find gcc gcloud gem gh git go gpg grep head helm id java
kill kubectl ld less ln login ls make mkdir mount mv nc node npm npx openssl passwd perl php ping
pip pip3 pnpm pnpx podman ps python python2 python3 rm rsync ruby rustc scp sed service sh ssh
ssh-agent ssh-add su sudo systemctl tail tar tee terraform top touch twine uv uvx wget whoami xargs
yarn yarnpkg zsh
"""
#: Programs of the system and of package managers, which scripts start by their names.
KNOWN = frozenset(_KNOWN.split())
#: Who brings several of them, or one that is not named after it.
_OWNERS = {
    "npm": frozenset(("npx",)),
    "pnpm": frozenset(("pnpx",)),
    "corepack": frozenset(("npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg")),
    "yarn": frozenset(("yarnpkg",)),
    "pip": frozenset(("pip3",)),
    "bun": frozenset(("bunx",)),
    "uv": frozenset(("uvx",)),
}
_PIECES = re.compile(r"[^a-z0-9]+")


def shadowed(package: str, command: str, target: str = "") -> str:
    """Say what is odd about a command of a package, nothing where it is as usual."""
    if (
        "/" in command.removeprefix("@").partition("/")[2]
        or command.startswith((".", "/", "~"))
        or "\\" in command
    ):
        return "command outside of its folder"
    if ".." in target.split("/"):
        return "command outside of its package"
    name = command.rpartition("/")[2].lower()
    if name not in KNOWN:
        return ""
    pieces = _PIECES.split(package.lower())
    honest = name in pieces or any(piece.startswith(name) for piece in pieces)
    return "" if honest or any(name in _OWNERS.get(piece, ()) for piece in pieces) else f"command {name}"
