"""Which npm registry a package comes from, and with which credentials: what npm would read, in its order.

Environment, then the project's `.npmrc` (of the trusted side, or none), then what yarn, pnpm and bun are told
there, then the user's, then that of the machine. Credentials are those that npm keeps apart by address
(`//registry.example/:_authToken`); the old ones without an address are obeyed by no npm since 7 and not here.
What is written as `${NAME}` is looked up in the environment.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from fimci.registries.registry import Registry, Secret, basic, registry

_LINE = re.compile(r"^[ \t]*([^=;#\r\n][^=\r\n]*?)[ \t]*=[ \t]*([^\r\n]*?)[ \t]*$", re.MULTILINE)
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,199})\}")
_TOLD = re.compile(r"(//.+/?):(_authToken|_auth|username|_password)")
_SMALL = 1 << 20


class Npm(NamedTuple):
    """The registry for everything, and those of scopes (`@scope`)."""

    default: Registry
    scopes: Mapping[str, Registry]

    def of(self, name: str) -> Registry:
        """Return the registry of a package."""
        return self.scopes.get(name.partition("/")[0], self.default) if name[:1] == "@" else self.default


def configured(
    environment: Mapping[str, str],
    project: Iterable[bytes] = (),
    others: Mapping[str, str] | None = None,
) -> Npm:
    """Read the configuration. `project` are the trusted `.npmrc`, the nearest first.

    `others` is what other clients are told in the project, as `npm_clients.stated` has it.
    """
    values: dict[str, str] = {}
    _read(values, _texts(project), environment)
    for key, value in (others or {}).items():
        values.setdefault(key, value)
    _read(values, _files(environment), environment)
    stated = {
        name[11:].lower().replace("_", "-"): value
        for name, value in environment.items()
        if name[:11].lower() == "npm_config_"
    }
    secrets = tuple(_secrets(values))
    urls = {key: value for key, value in values.items() if key.startswith("@") and key.endswith(":registry")}
    scopes = {key.rpartition(":")[0]: registry(url, secrets) for key, url in urls.items()}
    default = registry(stated.get("registry") or values.get("registry") or "", secrets)
    return Npm(
        default or Registry(public(), secrets), {key: one for key, one in scopes.items() if one is not None}
    )


def _read(values: dict[str, str], texts: Iterable[str], environment: Mapping[str, str]) -> None:
    """Add what files say to what was said before."""
    for text in texts:
        for key, value in _LINE.findall(text):
            values.setdefault(key.strip("\"'"), _expanded(value.strip("\"'"), environment))


def public() -> str:
    """Return the registry that npm has built in, from the library that spells its addresses."""
    from packageurl.contrib import purl2url  # noqa: PLC0415  (where nothing is configured)

    parts = urlsplit(str(purl2url.get_download_url("pkg:npm/a@1")))  # type: ignore[no-untyped-call]
    return f"{parts.scheme}://{parts.netloc}/"


def _secrets(values: Mapping[str, str]) -> Iterator[Secret]:
    told: dict[str, dict[str, str]] = {}
    for key, value in values.items():
        found = _TOLD.fullmatch(key)
        if found is not None and value and "${" not in value:
            told.setdefault(found[1], {})[found[2]] = value
    for address, words in told.items():
        header = _header(words)
        parts = urlsplit(address)
        if header is None or not parts.hostname:
            continue
        path = parts.path.rstrip("/") + "/"
        for port in (parts.port,) if parts.port else (443, 80):
            yield Secret(f"{parts.hostname.lower()}:{port}{path}", header)


def _header(words: Mapping[str, str]) -> str | None:
    if "_authToken" in words:
        return f"Bearer {words['_authToken']}"
    if "_auth" in words:
        return f"Basic {words['_auth']}"
    try:
        return basic(words["username"], base64.b64decode(words["_password"]).decode())
    except (KeyError, ValueError):
        return None


def _expanded(value: str, environment: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda found: environment.get(found[1], found[0]), value)


def _files(environment: Mapping[str, str]) -> Iterator[str]:
    home = environment.get("HOME") or environment.get("USERPROFILE") or os.path.expanduser("~")
    prefix = environment.get("PREFIX") or "/usr"
    user = environment.get("NPM_CONFIG_USERCONFIG") or environment.get("npm_config_userconfig")
    for file in (user or f"{home}/.npmrc", f"{prefix}/etc/npmrc", "/usr/local/etc/npmrc"):
        try:
            with open(file, "rb") as opened:
                yield from _texts([opened.read(_SMALL)])
        except OSError:
            continue


def _texts(files: Iterable[bytes]) -> Iterator[str]:
    return (data[:_SMALL].decode("utf-8", "replace") for data in files)
