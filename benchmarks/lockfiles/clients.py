"""The clients whose lockfiles are read, and a command of each that does little else than read one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.lockfiles import grown

_PROJECT = '[project]\nname = "big"\nversion = "1.0.0"\nrequires-python = ">=3.10"\n'
_POETRY = '[tool.poetry]\npackage-mode = false\n\n[tool.poetry.dependencies]\npython = ">=3.11"\n'
_BUNDLER = "Bundler::LockfileParser.new(File.read('Gemfile.lock'))"


class Format(NamedTuple):
    """A lockfile, what makes a large one, and the client's command, if it has one that reads and no more."""

    file: str
    make: Callable[[], list[grown.Piece]]
    words: tuple[str, ...] = ()
    beside: Callable[[Path], object] = lambda _: None
    codes: tuple[int, ...] = (0,)


def _npm(folder: Path) -> None:
    lock = json.loads((folder / "package-lock.json").read_text())
    (folder / "package.json").write_text(json.dumps(lock["packages"][""]))


def _copied(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / "package.json").write_text(grown.genuine(f"{name}/package.json"))


def _written(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(text)


FORMATS: dict[str, Format] = {
    "npm": Format(
        "package-lock.json", grown.npm, ("npm", "ls", "--all", "--package-lock-only", "--json"), _npm, (0, 1)
    ),
    "yarn 1": Format(
        "yarn.lock",
        grown.yarn_classic,
        ("yarn1", "list", "--frozen-lockfile", "--offline", "--json"),
        _copied("yarn1-big"),
    ),
    "yarn 4": Format(
        "yarn.lock",
        grown.yarn_berry,
        ("yarn4", "info", "--all", "--recursive", "--json"),
        _copied("yarn4-big"),
    ),
    "pnpm": Format(
        "pnpm-lock.yaml",
        grown.pnpm,
        ("pnpm", "list", "--lockfile-only", "--depth", "Infinity", "--json"),
        _copied("pnpm12-big"),
    ),
    "bun": Format("bun.lock", grown.bun, ("bun", "pm", "ls", "--all"), _written("package.json", "{}")),
    "deno": Format("deno.lock", grown.deno),
    "uv": Format(
        "uv.lock",
        lambda: grown.toml("uv/big.lock.zst"),
        ("uv", "export", "--frozen", "--offline"),
        _written("pyproject.toml", _PROJECT),
    ),
    "poetry": Format(
        "poetry.lock",
        lambda: grown.toml("poetry/big.lock.zst"),
        ("poetry", "show", "--no-interaction", "--all"),
        _written("pyproject.toml", _POETRY),
    ),
    "pdm": Format("pdm.lock", lambda: grown.toml("pdm/big.lock.zst")),
    "pipenv": Format("Pipfile.lock", grown.pipenv, ("pipenv", "requirements"), _written("Pipfile", "")),
    "conda-lock": Format("conda-lock.yml", grown.conda),
    "Cargo": Format("Cargo.lock", grown.cargo),
    "Go": Format("go.sum", grown.go_sum),
    "Bundler": Format(
        "Gemfile.lock", grown.gemfile, ("ruby", "-rbundler", "-e", _BUNDLER), _written("Gemfile", "")
    ),
    "Composer": Format(
        "composer.lock",
        grown.composer,
        ("composer", "show", "--locked", "--no-plugins", "--no-interaction"),
        _written("composer.json", "{}"),
    ),
    "NuGet": Format("packages.lock.json", grown.nuget),
    "Gradle": Format("verification-metadata.xml", grown.gradle),
}
