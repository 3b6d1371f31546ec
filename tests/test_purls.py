"""Package URLs: one version of one package, or a sentence that says what to write instead."""

from __future__ import annotations

import pytest

from fimci import purls
from fimci.errors import UsageError
from fimci.model import Digest
from fimci.sources.locator import Locator, parse

_SUM = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "path", "file"),
    [
        ("pkg:npm/left@1.0.0", "npm/left@1.0.0", ""),
        ("pkg:npm/left@1.0.0-rc.1+build", "npm/left@1.0.0-rc.1+build", ""),
        ("pkg:npm/left@1.0.0-rc.1%2Bbuild", "npm/left@1.0.0-rc.1+build", ""),
        ("pkg:npm/@scope/left@1.0.0", "npm/@scope/left@1.0.0", ""),
        ("pkg:npm/%40scope/left@1.0.0", "npm/@scope/left@1.0.0", ""),
        ("pkg:npm/%40scope%2Fleft@1.0.0", "npm/@scope/left@1.0.0", ""),
        ("pkg:npm/Left@1.0.0", "npm/Left@1.0.0", ""),
        ("pkg:npm/%4Ceft@1.0.0", "npm/Left@1.0.0", ""),
        ("pkg:npm/left@1.0.0?vcs_url=git%2Bhttps://code.example/left", "npm/left@1.0.0", ""),
        ("pkg:pypi/Left_Pad@1.0", "pypi/left-pad@1.0", ""),
        ("pkg:pypi/left.pad@1!2.0rc1.post2.dev3+local", "pypi/left.pad@1!2.0rc1.post2.dev3+local", ""),
        ("pkg:pypi/left@2004d", "pypi/left@2004d", ""),
        ("pkg:pypi/left@1.0?file_name=left-1.0.tar.gz", "pypi/left@1.0", "left-1.0.tar.gz"),
        ("pkg:pypi/left@1.0#left-1.0.tar.gz", "pypi/left@1.0", "left-1.0.tar.gz"),
    ],
)
def test_one_release(text: str, path: str, file: str) -> None:
    assert purls.release(text) == purls.Named(path, file)
    assert parse(text) == Locator("pkg", path, file)


@pytest.mark.parametrize(
    ("version", "why"),
    [
        *(
            (one, "many versions may satisfy")
            for one in ("^1.0.0", "~1", "1.x", "X", "*", "%2A", "1.*", ">=1.0.0")
        ),
        *(
            (one, "many versions may satisfy")
            for one in ("<2", "=1.0.0", "1.0.0%20-%202.0.0", "1%7C%7C2", "!=1")
        ),
        *(
            (one, "names no version of npm")
            for one in ("latest", "next", "v1.0.0", "1", "1.0", "01.0.0", "1.0.0.0")
        ),
        *(
            (one, "names another source")
            for one in ("git%2Bhttps://code.example/left", "file:left", "https://x.example")
        ),
        *((one, "names no version") for one in ("", "%20")),
    ],
)
def test_what_leaves_the_version_open_is_refused(version: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(f"pkg:npm/left@{version}")
    assert why in str(caught.value)
    assert caught.value.remedy == "name one version, as a lockfile does: pkg:npm/left@1.2.3"


@pytest.mark.parametrize(
    "version", ["==1.0", "1.0.*", "~=1.0", ">=1,<2", "latest", "left", "git+https://x.example"]
)
def test_so_is_that_of_python(version: str) -> None:
    with pytest.raises(UsageError, match=r"requirement|names no version of Python|another source"):
        parse(f"pkg:pypi/left@{version}")


@pytest.mark.parametrize(
    ("text", "why", "remedy"),
    [
        ("pkg:npm/left", "names no version", "name one version"),
        ("pkg:pypi/left[tls]@1.0", "names extras", "leave out what is in brackets"),
        ("pkg:npm/scope/left@1.0.0", "a scope without its @", "pkg:npm/@scope/left@VERSION"),
        ("pkg:npm/left@1.0.0?repository_url=https://other.example", "says where to ask", ".npmrc"),
        (
            "pkg:pypi/left@1.0?download_url=https://other.example/left.whl",
            "says where to ask",
            "PIP_INDEX_URL",
        ),
        ("pkg:npm/left@1.0.0?arch=x86", "not known: arch", "write pkg:npm/NAME@VERSION"),
        ("pkg:npm/left@1.0.0#lib/index.js", "a part of a release", "write pkg:npm/NAME@VERSION"),
        ("pkg:npm/left@1.0.0?checksum=sha256:123", "checksum that cannot be used", "as hexadecimal"),
        (f"pkg:npm/left@1.0.0?checksum=md5:{_SUM}", "checksum that cannot be used", "known are sha512"),
        ("pkg:gem/left@1.0.0", "no release of a registry", "write pkg:npm/NAME@VERSION"),
        ("pkg:npm/left@1.0.0@2.0.0", "no release of a registry", "write pkg:npm/NAME@VERSION"),
    ],
)
def test_what_would_be_something_else_than_was_named(text: str, why: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert why in str(caught.value)
    assert remedy in str(caught.value.remedy)


def test_a_checksum_vouches_for_a_release() -> None:
    found = purls.release(f"pkg:npm/left@1.0.0?checksum=SHA256:{_SUM},sha1:{_SUM[:40]}")
    assert found.digests == (Digest("sha256", _SUM), Digest("sha1", _SUM[:40]))
