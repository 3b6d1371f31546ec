"""Whose a secret of the environment is, by the names of the variable and of the host that gets it.

A request carries a secret in its headers, since the service asks for it. That of somebody else is stolen.
"""

from __future__ import annotations

from collections.abc import Iterable

#: Words of a variable that do not say whose secret it is.
_COMMON = frozenset(
    (
        *("TOKEN", "API", "APIKEY", "KEY", "SECRET", "ACCESS", "PASSWORD", "PASSWD", "CLIENT", "AUTH", "BOT"),
        *("ID", "PRIVATE", "CREDENTIALS", "CREDENTIAL", "DSN", "PAT", "USER", "SERVICE", "APP", "URL", "CI"),
        *("JOB", "PERSONAL", "BEARER", "REFRESH", "SESSION"),
    )
)
#: Secrets of those who publish and run: sent to a host that is not theirs, they are stolen.
_WELL_KNOWN = ("AWS_", "GITHUB_", "GH_", "GITLAB_", "CI_JOB_", "NPM_", "NODE_AUTH_", "PYPI_", "TWINE_")
_OWNERS = {"gh": "github", "node": "npm", "twine": "pypi", "azure": "microsoft", "google": "googleapis"}
#: Services that ask for their keys in the address of a request, by a word of the variable.
_IN_ADDRESS = {"GA4": "google-analytics.com", "GOOGLE": "googleapis.com", "GEMINI": "googleapis.com"}


def owns(host: str, variable: str) -> bool:
    """Tell whether a variable is named after a host (`GITHUB_TOKEN`, `api.github.com`), or after nobody."""
    words = [word for word in variable.upper().split("_") if word and word not in _COMMON]
    return not words or any(_OWNERS.get(word.lower(), word.lower()) in host for word in words)


def astray(host: str, variables: Iterable[str]) -> bool:
    """Tell whether one of these is well known, and not its host's."""
    return bool(host) and any(name.startswith(_WELL_KNOWN) and not owns(host, name) for name in variables)


def all_astray(host: str, variables: Iterable[str]) -> bool:
    """Tell whether none of these is the host's, and one is well known: any may be what is asked for."""
    names = list(variables)
    return astray(host, names) and not any(owns(host, name) for name in names)


def ask_in_address(host: str, variables: Iterable[str]) -> bool:
    """Tell whether all of these, and there are some, are keys that a host asks for in addresses."""
    names = [name.upper().split("_") for name in variables]
    return bool(names) and all(
        any(word in _IN_ADDRESS and f".{host}".endswith(f".{_IN_ADDRESS[word]}") for word in words)
        for words in names
    )
