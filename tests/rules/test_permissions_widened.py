"""What to do about a right depends on who grants it."""

from __future__ import annotations

import pytest

from fimci.compare import compare
from fimci.model import Record
from fimci.readers.manifests import application_rights, extension_rights, workload_rights
from fimci.rules import permissions_widened


def widened(path: str, text: str) -> str:
    """Return the remedy of the only finding about a file that comes to a project."""
    records: list[Record] = []
    for reader in (application_rights, extension_rights, workload_rights):
        if reader.wants(path, text.encode()):
            records += reader.read(path, text.encode())
    (found,) = permissions_widened.check_all(list(compare([], records)), [])
    return found.fix


@pytest.mark.parametrize(
    ("path", "text", "about"),
    [
        ("manifest.json", '{"manifest_version": 3, "permissions": ["tabs"]}', "`activeTab`"),
        (
            "package.json",
            '{"engines": {"vscode": "^1.80.0"}, "activationEvents": ["*"]}',
            "`activationEvents`",
        ),
        ("a.entitlements", "<plist><dict><key>device.camera</key><true/></dict></plist>", "hardened runtime"),
        ("compose.yaml", "services:\n  web:\n    privileged: true\n", "`privileged`"),
        ("a.yaml", "kind: Pod\nspec:\n  hostPID: true\n", "one namespace"),
    ],
)
def test_what_to_do_is_about_who_grants_the_right(path: str, text: str, about: str) -> None:
    assert about in widened(path, text)
