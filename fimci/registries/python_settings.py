"""Which package indexes a Python project uses, and with which credentials, as pip, uv, poetry and pdm say.

What the project says (on the trusted side) counts before what the user says, and that before the index
that installers have built in. The first index that knows a project is the one it comes from, as with uv:
an index that is asked later cannot put a higher version before it. Folders and `file:` are no indexes here.
"""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from fimci.marked import toml
from fimci.marked.document import Malformed
from fimci.registries.registry import Registry, Secret, basic, origin, registry

_SMALL = 1 << 20
_REQUIREMENTS = re.compile(r"^[ \t]*(-i|--index-url|--extra-index-url)[ \t=]+([^\s#]+)", re.MULTILINE)


def configured(environment: Mapping[str, str], project: Mapping[str, bytes] | None = None) -> list[Registry]:
    """Return the indexes to ask, in order. `project` has the trusted files, by name."""
    extra: list[str] = []
    first: list[str] = []
    for name, data in (project or {}).items():
        for url, is_first in _of_file(name, data[:_SMALL]):
            if url:
                (first if is_first else extra).append(url)
    for index, *more in _installers(environment):
        if index and not first:
            first.append(index)
        extra += more
    secrets = tuple(_named_secrets(environment, project or {}))
    urls = list(dict.fromkeys([*extra, *(first or [public()])]))
    made = [registry(url, secrets) for url in urls if url]
    return [_with_netrc(one, environment) for one in made if one is not None] or [Registry(public())]


def _of_file(name: str, data: bytes) -> Iterator[tuple[str, bool]]:
    """Yield the indexes that a file names, and whether each takes the place of the built-in one."""
    if name.endswith((".txt", ".in")):
        for option, url in _REQUIREMENTS.findall(data.decode("utf-8", "replace")):
            yield url, option != "--extra-index-url"
        return
    if name.endswith((".conf", ".ini")):
        first, *others = _pip(data.decode("utf-8", "replace"))
        yield from ((url, url is first) for url in (first, *others) if url)
        return
    try:
        value = toml.load(data).value
    except Malformed:
        return
    table = value if isinstance(value, dict) else {}
    if name == "Pipfile":
        yield from ((_text(one, "url"), True) for one in _list(table, "source"))
        return
    tool = _table(table, "tool")
    yield from _uv(table if name == "uv.toml" else _table(tool, "uv"))
    for client in ("poetry", "pdm"):
        for one in _list(_table(tool, client), "source"):
            if one.get("priority") != "explicit":
                yield _text(one, "url"), one.get("priority") in {"primary", "default", None}


def _uv(uv: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for one in _list(uv, "index"):
        if one.get("explicit") is not True:
            yield _text(one, "url"), one.get("default") is True
    yield _text(uv, "index-url"), True
    more = uv.get("extra-index-url")
    yield from ((url, False) for url in (more if isinstance(more, list) else ()) if isinstance(url, str))


def _installers(environment: Mapping[str, str]) -> Iterator[list[str]]:
    """Yield what environment and files of the user say: the index (or nothing), and more of them."""
    for index, more in (
        ("UV_DEFAULT_INDEX", "UV_INDEX"),
        ("UV_INDEX_URL", "UV_EXTRA_INDEX_URL"),
        ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"),
    ):
        others = [one.partition("=")[2] if "=" in one else one for one in environment.get(more, "").split()]
        yield [environment.get(index, ""), *others]
    home = environment.get("HOME") or environment.get("USERPROFILE") or os.path.expanduser("~")
    config = environment.get("XDG_CONFIG_HOME") or f"{home}/.config"
    files = [environment.get("PIP_CONFIG_FILE", ""), f"{config}/pip/pip.conf", f"{home}/.pip/pip.conf"]
    files += ["/etc/pip.conf", "/etc/xdg/pip/pip.conf"]
    files += [f"{environment['APPDATA']}/pip/pip.ini"] if environment.get("APPDATA") else []
    for file in files:
        try:
            with open(file, "rb") as opened:
                yield _pip(opened.read(_SMALL).decode("utf-8", "replace"))
        except OSError:
            continue


def _pip(text: str) -> list[str]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return [""]
    index = parser.get("global", "index-url", fallback="") or ""
    more = parser.get("global", "extra-index-url", fallback="") or ""
    return [index.strip(), *more.split()]


def public() -> str:
    """Return the index that installers have built in, from the library that spells its addresses."""
    from packageurl.contrib import purl2url  # noqa: PLC0415  (where nothing is configured)

    parts = urlsplit(str(purl2url.get_repo_url("pkg:pypi/a")))  # type: ignore[no-untyped-call]
    return f"{parts.scheme}://{parts.netloc}/simple/"


def _named_secrets(environment: Mapping[str, str], project: Mapping[str, bytes]) -> Iterator[Secret]:
    """Yield the credentials that uv takes from the environment, for the index of that name alone."""
    for name in ("pyproject.toml", "uv.toml"):
        try:
            value = toml.load(project.get(name, b"")[:_SMALL]).value
        except Malformed:
            continue
        table = value if isinstance(value, dict) else {}
        for one in _list(table if name == "uv.toml" else _table(_table(table, "tool"), "uv"), "index"):
            word = re.sub(r"[^A-Z0-9]", "_", _text(one, "name").upper())
            password = environment.get(f"UV_INDEX_{word}_PASSWORD")
            _, host, port = origin(_text(one, "url"))
            if word and host and password:
                user = environment.get(f"UV_INDEX_{word}_USERNAME", "")
                yield Secret(f"{host}:{port}/", basic(user, password))


def _with_netrc(one: Registry, environment: Mapping[str, str]) -> Registry:
    """Add what the user's `.netrc` says for the very host of an index."""
    import netrc  # noqa: PLC0415  (where an index is asked)

    home = environment.get("HOME") or environment.get("USERPROFILE") or os.path.expanduser("~")
    _, host, port = origin(one.url)
    try:
        hosts = netrc.netrc(environment.get("NETRC") or f"{home}/.netrc").hosts
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return one
    if host not in hosts:
        return one
    user, _, password = hosts[host]
    return Registry(one.url, (*one.secrets, Secret(f"{host}:{port}/", basic(user, password or ""))))


def _table(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = table.get(name)
    return found if isinstance(found, dict) else {}


def _list(table: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = table.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(table: Mapping[str, Any], name: str) -> str:
    found = table.get(name)
    return found if isinstance(found, str) else ""
