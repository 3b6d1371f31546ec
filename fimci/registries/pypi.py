"""What a package index says of one release of a Python project: its files, and the hash of each.

The simple API as JSON (PEP 691) or HTML (PEP 503), whichever the index has.
"""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from fimci.model import Digest
from fimci.names import canonical
from fimci.registries.client import Answer
from fimci.registries.registry import Offered, Registry, UnobtainableError, joined

LIMIT = 64 << 20
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_HEX = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
#: An attribute as HTML has it, and the start of a link. No value is longer: nothing is gone through twice.
_VALUE = r"""\s*=\s*(?:"([^"]{0,8192})"|'([^']{0,8192})'|([^\s"'<>`]{1,8192}))"""
_ATTRIBUTE = re.compile(rf"""\s+([^\s"'<>/=]{{1,256}})(?:{_VALUE})?""")
_ANCHOR = re.compile(rf"<a((?:{_ATTRIBUTE.pattern}){{1,64}})\s*/?>", re.IGNORECASE)
#: Files of a project that are looked at.
_MOST = 100_000


def page_url(index: Registry, name: str) -> str:
    """Return where an index lists the files of a project."""
    return f"{index.url}{canonical(name)}/"


def release(answer: Answer, page: str, name: str, version: str) -> list[Offered]:
    """Return the files of a release, sorted by name. Raises `UnobtainableError`."""
    found = _json(answer.body, page) if answer.kind.endswith("json") else _html(answer.body, page)
    kept = {one.name: one for one in found if _is_of(one.name, canonical(name), version)}
    return [kept[file] for file in sorted(kept)]


def kind(file: str) -> str:
    """Return what a file of a release is: `pure` (a wheel for every platform), `sources`, or `wheel`."""
    if file.endswith("-none-any.whl"):
        return "pure"
    return "wheel" if file.endswith(".whl") else "sources"


def provenance(body: bytes, page: str, file: str) -> str:
    """Return where the provenance of a file is (PEP 740); empty where the page names none."""
    try:
        listed = json.loads(body).get("files")
    except (ValueError, RecursionError, AttributeError):
        return ""
    for one in listed[:_MOST] if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("filename") == file and isinstance(one.get("provenance"), str):
            return joined(page, one["provenance"])
    return ""


def file_version(file: str) -> str:
    """Return the version that the name of a file states; empty where it states none."""
    try:
        return str(_parsed(file)[1])
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return ""


def same_version(version: str) -> str:
    """Return a version in the spelling of `file_version`; as it is where it is none."""
    try:
        return str(Version(version))
    except InvalidVersion:
        return version


def _is_of(file: str, name: str, version: str) -> bool:
    try:
        project, parsed = _parsed(file)
        return project == name and parsed == Version(version)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return False


def _parsed(file: str) -> tuple[str, Version]:
    return parse_wheel_filename(file)[:2] if file.endswith(".whl") else parse_sdist_filename(file)


def _json(body: bytes, page: str) -> Iterator[Offered]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(files, list):
        raise UnobtainableError("the index answers with something that is no list of files")
    for one in files[:_MOST]:
        if isinstance(one, dict) and isinstance(one.get("filename"), str) and isinstance(one.get("url"), str):
            hashes = one.get("hashes")
            sha256 = hashes.get("sha256") if isinstance(hashes, dict) else None
            url = joined(page, one["url"])
            if not url:
                continue
            size = one.get("size")
            size = size if isinstance(size, int) else 0
            yield Offered(one["filename"], url, _digests(sha256), bool(one.get("yanked")), size)


def _html(body: bytes, page: str) -> Iterator[Offered]:
    for href, yanked in itertools.islice(_links(body.decode("utf-8", "replace")), _MOST):
        try:
            url = joined(page, href)
            parts = urlsplit(url)
        except ValueError:
            continue
        algorithm, _, sha256 = parts.fragment.partition("=")
        name = unquote(parts.path.rpartition("/")[2])
        digests = _digests(sha256) if algorithm == "sha256" else ()
        yield Offered(name, url.partition("#")[0], digests, yanked)


def _digests(sha256: object) -> tuple[Digest, ...]:
    if isinstance(sha256, str) and _HEX.fullmatch(sha256):
        return (Digest("sha256", sha256.lower()),)
    return ()


def _links(page: str) -> Iterator[tuple[str, bool]]:
    """Yield the links of a page of an index, and whether each is yanked.

    The parser of the standard library raises errors of its own for what browsers put up with.
    """
    for anchor in _ANCHOR.finditer(page):
        given = {
            found[1].lower(): html.unescape(found[2] or found[3] or found[4] or "")
            for found in _ATTRIBUTE.finditer(anchor[1])
        }
        if given.get("href"):
            yield given["href"].strip(), "data-yanked" in given
