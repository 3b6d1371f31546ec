"""`setup.cfg`: what setuptools reads beside or instead of `setup.py`.

Values that setuptools takes from elsewhere (`file: requirements.txt`, `attr: left.VERSION`) are
said as they stand. Commands that code of the project replaces (`cmdclass`) run while it is built.
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.model import Record, Unread
from fimci.readers.manifests import ini, requirement, settings
from fimci.readers.manifests.ini import Option
from fimci.readers.manifests.setup_code import script

_REQUIREMENTS = {"install_requires": (), "setup_requires": ("dev",), "tests_require": ("dev",)}
_EXTRAS = "options.extras_require"
#: Prefixes of values that stand elsewhere.
_ELSEWHERE = ("file:", "attr:")
#: What decides where packages come from or what runs, by section; the rest describes the project.
_SETTINGS = {
    "easy_install": ("index_url", "find_links", "allow_hosts"),
    "global": ("command_packages",),
    "options": ("dependency_links", "ext_modules", "scripts"),
}
_ENTRY_POINTS = "options.entry_points"


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether setuptools would read this file."""
    return path.rpartition("/")[2] == "setup.cfg" and settings.obeyed(path)


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield requirements, the settings that decide what runs, and the commands that are replaced."""
    yield from settings.of_text(path, data, _records)


def _records(path: str, text: str) -> Iterator[Record]:
    seen: set[tuple[str, str]] = set()
    for option in ini.options(text):
        key = option.name.replace("-", "_")
        if (option.section, key) in seen:
            why = "an option occurs twice, and setuptools refuses the file"
            yield Unread(path=path, part=f"{option.section}.{key}"[:80], why=why, line=option.line)
            continue
        seen.add((option.section, key))
        if option.section == "options" and key in _REQUIREMENTS:
            yield from _requirements(path, key, _REQUIREMENTS[key], option)
        elif option.section == _EXTRAS:
            yield from _requirements(path, f"optional/{option.name}", ("optional",), option)
        elif option.section == "options" and key == "cmdclass":
            yield from _commands(path, option)
        elif key in _SETTINGS.get(option.section, ()) or option.section == _ENTRY_POINTS:
            yield settings.setting(path, f"{option.section}.{key}", option.text, option.line)


def _requirements(path: str, section: str, flags: tuple[str, ...], option: Option) -> Iterator[Record]:
    """Yield the requirements of a value: one a line, or several with `;` where it has one line."""
    if option.text.startswith(_ELSEWHERE):
        yield settings.setting(path, section, option.text, option.line)
        return
    counts: dict[str, int] = {}
    for text, line in option.values:
        yield from requirement.stated(path, section, text, counts, flags=flags, line=line)


def _commands(path: str, option: Option) -> Iterator[Record]:
    for text, line in option.values:
        name, _, target = text.partition("=")
        if name.strip():
            yield script(path, f"cmdclass {name.strip()}"[:80], target.strip()[:200], line)
