"""What writes a lockfile anew, for whoever is told to do that: each client has a command of its own."""

from __future__ import annotations

from fimci.packages.pairs import manager_of

_COMMANDS = {
    "npm": "npm install",
    "yarn": "yarn install",
    "pnpm": "pnpm install",
    "bun": "bun install",
    "deno": "deno install",
    "uv": "uv lock",
    "poetry": "poetry lock",
    "pdm": "pdm lock",
    "pip": "pip lock",
    "pipenv": "pipenv lock",
    "conda-lock": "conda-lock lock",
    "pixi": "pixi lock",
    "cargo": "cargo update --workspace",
    "go": "go mod tidy",
    "bundler": "bundle lock --add-checksums",
    "composer": "composer update --lock",
    "nuget": "dotnet restore --force-evaluate",
    "gradle": "gradle dependencies --write-locks",
    "nix": "nix flake lock",
    "terraform": "terraform providers lock",
    "mix": "mix deps.get",
    "pub": "dart pub get",
    "swift": "swift package resolve",
    "cocoapods": "pod install",
    "helm": "helm dependency update",
}
#: Files that are written otherwise than the lockfiles of their client.
_OTHERWISE = {
    "verification-metadata.xml": "gradle --write-verification-metadata sha256 help",
    "gradle-wrapper.properties": "gradle wrapper --gradle-distribution-sha256-sum SUM",
}


def command(lock: str) -> str:
    """Return the command that writes this lockfile anew, or nothing where none is known."""
    other = _OTHERWISE.get(lock.rpartition("/")[2])
    manager = manager_of(lock)
    return other or (_COMMANDS.get(manager.name, "") if manager is not None else "")
