"""`.pnpmfile.cjs`: that it is there, and that it changed."""

from __future__ import annotations

from pathlib import Path

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
    assert list(one) == ["pnpmfile.digest", "lock-input.pnpm"]
    hook = seen.switches(pnpmfile.read(".pnpmfile.cjs", b"exports.hooks = {updateConfig: (c) => c}"))
    assert hook["lock-input.pnpm-config"] == ("true", 1)
    assert seen.switches(pnpmfile.read(".pnpmfile.cjs", b"\xff\0"))


@pytest.mark.parametrize("name", ["pnpm10-full", "pnpm11-full", "pnpm12-full"])
def test_the_checksum_is_the_one_that_pnpm_wrote(name: str) -> None:
    folder = Path(__file__).parents[3] / "fixtures" / "locks" / name
    made = seen.switches(pnpmfile.read(".pnpmfile.cjs", (folder / ".pnpmfile.cjs").read_bytes()))
    assert f"pnpmfileChecksum: {made['lock-input.pnpm'][0]}\n" in (folder / "pnpm-lock.yaml").read_text()
