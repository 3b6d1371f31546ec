"""The folders in which installers of Python keep archives, as environment and configuration name them."""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fimci.trees.published import whole

#: Bytes of a configuration file that are read.
_SMALL = 1 << 20
_REQUIREMENTS = re.compile(r"requirements[\w.-]*\.(?:txt|in)")
_FIND_LINKS = re.compile(r"^[ \t]*(?:-f|--find-links)[ \t=]+([^#\r\n]+?)[ \t]*$", re.MULTILINE)
_CACHE_DIR = re.compile(r"^cache[-_]dir[ \t]*=[ \t]*[\"']([^\"'\r\n]+)[\"']", re.MULTILINE)
_TOOL_UV = re.compile(r"^\[tool\.uv(?:\.pip)?\][^\n]*\n(?:(?!\[)[^\n]*\n?)*", re.MULTILINE)
_UV_LINKS = re.compile(r"^find-links[ \t]*=[ \t]*\[([^\]]*)\]", re.MULTILINE)


class Places(NamedTuple):
    """Folders of wheels, and the caches of pip (and pipenv), uv, poetry and pdm."""

    wheels: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    uv: tuple[str, ...] = ()
    poetry: tuple[str, ...] = ()
    pdm: tuple[str, ...] = ()


def places(project: str, environment: Mapping[str, str]) -> Places:
    """Return the folders that environment and configuration name, else the defaults of the installers.

    `project` is the folder of the lockfiles, or empty.
    """
    home = environment.get("HOME") or environment.get("USERPROFILE") or os.path.expanduser("~")
    shared = _shared(home, environment)
    named = {
        name: environment.get(f"{name}_CACHE_DIR", "") for name in ("PIP", "PIPENV", "UV", "POETRY", "PDM")
    }
    windows = ["uv/cache", "pip/Cache", "pypoetry/Cache", "pdm/Cache"]

    def all_of(name: str, *others: str) -> tuple[str, ...]:
        folders = [f"{above}/{name}" for above in shared]
        folders += [f"{above}/{end}" for above in shared for end in windows if end.startswith(f"{name}/")]
        return tuple(dict.fromkeys(folder.rstrip("/") for folder in (*others, *folders) if folder))

    return Places(
        wheels=tuple(dict.fromkeys(_links(project, home, environment))),
        pip=(*all_of("pip", named["PIP"], *_pip(home, environment)), *all_of("pipenv", named["PIPENV"])),
        uv=all_of("uv", named["UV"]),
        poetry=all_of("pypoetry", named["POETRY"], _cache(project, "poetry.toml")),
        pdm=all_of("pdm", named["PDM"], _cache(project, "pdm.toml")),
    )


def _pip(home: str, environment: Mapping[str, str]) -> Iterator[str]:
    for parser in _configured(home, environment):
        yield _option(parser, "cache-dir").replace("~/", f"{home}/", 1)


def _links(project: str, home: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the folders of wheels that somebody named; addresses of servers are not among them."""
    said: list[tuple[str, str]] = [("", environment.get("PIP_FIND_LINKS", ""))]
    said += [("", environment.get("UV_FIND_LINKS", "").replace(",", " "))]
    said += [("", _option(parser, "find-links")) for parser in _configured(home, environment)]
    if project:
        said += [
            (project, links)
            for name in _listed(project)
            if _REQUIREMENTS.fullmatch(name)
            for links in _FIND_LINKS.findall(_text(f"{project}/{name}"))
        ]
        said += [(project, link) for link in _uv_links(_text(f"{project}/pyproject.toml"))]
    for start, texts in said:
        for text in texts.split():
            path = text.removeprefix("file://") if text.startswith("file:///") else text
            if "://" not in path:
                yield os.path.join(start, path.replace("~/", f"{home}/", 1)).rstrip("/")


def _uv_links(text: str) -> list[str]:
    section = _TOOL_UV.search(text)
    found = _UV_LINKS.search(section[0]) if section is not None else None
    return re.findall(r"[\"']([^\"'\s]+)[\"']", found[1]) if found is not None else []


def _configured(home: str, environment: Mapping[str, str]) -> Iterator[configparser.RawConfigParser]:
    """Yield pip's configuration files, those of the user first."""
    config = environment.get("XDG_CONFIG_HOME") or f"{home}/.config"
    files = [environment.get("PIP_CONFIG_FILE", ""), f"{config}/pip/pip.conf", f"{home}/.pip/pip.conf"]
    files += [f"{home}/Library/Application Support/pip/pip.conf", "/etc/pip.conf", "/etc/xdg/pip/pip.conf"]
    files += [f"{environment['APPDATA']}/pip/pip.ini"] if environment.get("APPDATA") else []
    for file in files:
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        try:
            parser.read_string(_text(file) if file else "")
        except configparser.Error:
            continue
        yield parser


def _option(parser: configparser.RawConfigParser, name: str) -> str:
    values = (parser.get(section, name, fallback="") or "" for section in ("global", "install"))
    return next((value.strip() for value in values if value), "")


def _shared(home: str, environment: Mapping[str, str]) -> list[str]:
    """Return the folders that programs of a user have their caches in."""
    local = environment.get("LOCALAPPDATA")
    found = [environment.get("XDG_CACHE_HOME") or f"{home}/.cache", f"{home}/Library/Caches"]
    return [*found, local] if local else found


def _cache(project: str, file: str) -> str:
    """Return the cache that a project's own configuration of a tool names."""
    found = _CACHE_DIR.search(_text(f"{project}/{file}")) if project else None
    return os.path.join(project, found[1]) if found is not None else ""


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _text(file: str) -> str:
    return (whole(file, _SMALL) or b"").decode("utf-8", "replace")
