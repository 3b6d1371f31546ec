"""Which rights manifests ask for, and what is no right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import tomli

from fimci.findings import Severity
from fimci.model import Record, Setting, Unread
from fimci.readers.manifests import application_rights, extension_rights, sandbox_rights, workload_rights
from fimci.rights.grades import grade, lower
from fimci.rights.stated import Right, records, right
from tests.growth import is_linear

READERS = (application_rights, extension_rights, sandbox_rights, workload_rights)
FIXTURES = Path(__file__).parents[3] / "fixtures"
CASES = tomli.loads((FIXTURES / "rights.toml").read_text())["case"]


def told(path: str, text: str) -> Iterator[Record]:
    data = text.encode()
    for reader in READERS:
        if reader.wants(path, data[:4096]):
            yield from reader.read(path, data)


def rights(path: str, text: str) -> set[str]:
    found = {one for record in told(path, text) if (one := right(record))}
    return {f"{one.who}: {one.what}" if one.who else one.what for one in found}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["path"])
def test_rights_of_a_manifest(case: dict[str, Any]) -> None:
    """Each in the words of its kind."""
    assert rights(case["path"], case["text"]) == set(case["rights"])


def test_each_right_has_its_line() -> None:
    text = "services:\n  web:\n    privileged: true\n    cap_add:\n      - SYS_ADMIN\n"
    assert {one.line for record in told("compose.yaml", text) if (one := right(record))} == {3, 5}


LONG = '{"manifest_version": 3, "name": "cards", "description": "%s", "permissions": ["tabs"]}' % ("d" * 300)


@pytest.mark.parametrize(
    ("path", "text", "seen"),
    [
        ("manifest.json", LONG, {(1, f'{"d" * 41}", "permissions": ["tabs"]}}')}),
        (
            "AndroidManifest.xml",
            (
                '<manifest xmlns:a="b">\n<uses-permission\n  a:name="android.permission.CAMERA"/>\n'
                '<application\n  a:debuggable="true"/>\n</manifest>'
            ),
            {(3, 'a:name="android.permission.CAMERA"/>'), (5, 'a:debuggable="true"/>')},
        ),
        (
            "a.yaml",
            "kind: Pod\nspec:\n  volumes:\n    - hostPath:\n        path: /etc\n",
            {(5, "path: /etc")},
        ),
        (
            "a.yaml",
            (
                "kind: Role\nrules:\n  - apiGroups: ['']\n    resources:\n      - pods\n      - secrets\n"
                "    verbs: [get]\n"
            ),
            {(5, "- pods"), (6, "- secrets")},
        ),
        (
            "manifest.json",
            '{"manifest_version": 3,\n"update_url":"https://me:secret@a.example/u"}',
            {(2, '"update_url":"https://***@a.example/u"}')},
        ),
        (
            "a.entitlements",
            "<plist><dict>\n<key>com.apple.security.cs.allow-jit</key>\n<true/></dict></plist>",
            {(2, "<key>com.apple.security.cs.allow-jit</key>")},
        ),
    ],
)
def test_what_is_shown_of_a_right_is_what_the_file_says(
    path: str, text: str, seen: set[tuple[int, str]]
) -> None:
    """Not our own name of it, and from the line on which its word stands."""
    for wide in ("utf-8", "utf-16") if path.endswith("xml") else ("utf-8",):
        data = text.encode(wide)
        found = [one for reader in READERS if reader.wants(path, data) for one in reader.read(path, data)]
        assert {(one.at.line, one.at.text) for one in found if isinstance(one, Setting)} == seen


def test_a_row_of_a_million_rights_is_not_looked_through_for_each() -> None:
    """Those behind the first thousand are told in our own words."""

    def made(count: int) -> bytes:
        return b'{"manifest_version": 3, "permissions": [%s]}' % b",".join(b'"%d"' % n for n in range(count))

    is_linear(lambda data: list(extension_rights.read("manifest.json", data)), made, 4_000)
    last = list(extension_rights.read("manifest.json", made(2_000)))[-1]
    assert isinstance(last, Setting)
    assert last.at.text == "permissions.1999"


def test_what_makes_it_a_manifest_may_stand_behind_pages_of_comments() -> None:
    assert rights("a.yaml", "# x\n" * 5_000 + "kind: Pod\nspec:\n  hostPID: true\n") == {"Pod/None: hostPID"}
    text = "# x\n" * 5_000 + "id: a\nfinish-args: [--share=network]\n"
    assert rights("org.example.A.yml", text) == {"--share=network"}


@pytest.mark.parametrize(
    "path", ["AndroidManifest.xml", "a.entitlements", "src-tauri/capabilities/a.json", "snapcraft.yaml"]
)
def test_what_is_no_such_document_is_told(path: str) -> None:
    """Where a client would refuse it, too, nobody knows what it asks for."""
    assert [type(one) for one in told(path, '<a {"x": [')] == [Unread]


def test_a_right_is_the_one_that_was_stated() -> None:
    said = Right("kubernetes", "hostPath /a@b", 3, "Pod/a")
    (record,) = records("a.yaml", b"", [said, said])
    assert right(record) == said
    assert right(None) is None


@pytest.mark.parametrize(
    ("family", "what", "expected"),
    [
        ("browser", "hosts.<all_urls>", Severity.HIGH),
        ("browser", "hosts.https://*.example/*", Severity.MEDIUM),
        ("browser", "optional.cookies", Severity.LOW),
        ("flatpak", "--filesystem=host", Severity.HIGH),
        ("flatpak", "--filesystem=xdg-download", Severity.MEDIUM),
        ("compose", "mounts /srv/data", Severity.LOW),
        ("compose", "mounts /var/run/docker.sock", Severity.HIGH),
        ("kubernetes", "may get, list secrets everywhere", Severity.HIGH),
        ("kubernetes", "may get, update pods everywhere", Severity.MEDIUM),
        ("kubernetes", "may get pods", Severity.LOW),
        ("unknown", "anything", Severity.LOW),
    ],
)
def test_grades(family: str, what: str, expected: Severity) -> None:
    """Of what gives the machine or everybody's data away, of what is notable, and of the rest."""
    assert grade(family, what) is expected


def test_what_is_less_of_a_surprise_is_a_step_lower() -> None:
    assert [lower(one) for one in (Severity.HIGH, Severity.LOW, Severity.INFO)] == [
        Severity.MEDIUM,
        Severity.INFO,
        Severity.INFO,
    ]


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.__name__.rpartition(".")[2])
def test_anything_may_stand_in_a_manifest(reader: ModuleType) -> None:
    """Nothing raises, whatever the types are."""
    texts = (
        "[]",
        "1",
        "kind: {a: b}\nprivileged: true",
        "kind: RoleBinding\nroleRef: {name: {}}",
        '{"vscode": 1, "engines": {"vscode": "*"}, "activationEvents": [{}]}',
        "{a: [1, {b: c}], services: [], kind: [x], rules: {}, plugs: 1, apps: [1]}",
        "\0",
        "",
    )
    paths = (
        "manifest.json",
        "package.json",
        "a.entitlements",
        "snapcraft.yaml",
        "compose.yaml",
        "a.yaml",
        "Info.plist",
    )
    for path in (path for path in paths if reader.wants(path, b"finish-args kind:")):
        for text in texts:
            assert isinstance(list(reader.read(path, f"kind: x\nprivileged: {text}".encode())), list)
            assert isinstance(list(reader.read(path, text.encode())), list)
