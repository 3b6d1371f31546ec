"""`.pnpmfile.cjs`: that it is there, and that it changed."""

from __future__ import annotations

import pytest

from fimci.readers.manifests import pnpmfile
from tests.readers import seen


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (".pnpmfile.cjs", True),
        ("web/.pnpmfile.mjs", True),
        ("pnpmfile.js", True),
        ("node_modules/left/.pnpmfile.cjs", False),
        ("pnpmfile.cjs", False),
        (".pnpmfile.cjs.bak", False),
    ],
)
def test_wants_by_name(path: str, wanted: bool) -> None:  # noqa: FBT001  (a column of the table)
    assert pnpmfile.wants(path, b"") is wanted


def test_its_content_is_one_setting_whatever_ends_its_lines() -> None:
    one, other, changed = (
        seen.switches(pnpmfile.read(".pnpmfile.cjs", data)) for data in (b"a\nb\n", b"a\r\nb\r\n", b"a\nc\n")
    )
    assert one == other != changed
    assert list(one) == ["pnpmfile.digest"]
    assert seen.switches(pnpmfile.read(".pnpmfile.cjs", b"\xff\0"))
