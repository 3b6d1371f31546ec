import pytest
from hypothesis import given

from fimci.readers.manifests import kustomization, remote_sources
from tests import hostile
from tests.readers import mutants, seen

WHOLE = """resources:
  - ./app.yaml
  - ../base
  - github.com/o/r//deploy?ref=v1.0.0
  - https://github.com/o/r/releases/download/v1.2.3/crd.yaml
  - |
    kind: ConfigMap
components: [git@git.example:o/c.git//x]
configMapGenerator:
  - name: a
    files: ["board.json=https://raw.githubusercontent.com/o/m/main/a/board.json", local.json]
patches:
  - path: https://host.example/p/v2/patch.yaml
helmCharts:
  - {name: redis, repo: "https://charts.example", version: 1.0.0}
"""


def test_what_is_fetched_when_a_folder_is_built() -> None:
    found = seen.records(kustomization, "kustomization.yaml", WHOLE)
    assert {
        place: (one.origin_kind, one.origin, one.version, one.at.line)
        for place, one in seen.packages(found).items()
    } == {
        "resources/r//deploy": ("git", "https://github.com/o/r?ref=v1.0.0", "v1.0.0", 4),
        "resources/r/crd.yaml": (
            "tarball",
            "https://github.com/o/r/releases/download/v1.2.3/crd.yaml",
            "v1.2.3",
            5,
        ),
        "components/c//x": ("git", "git@git.example:o/c.git", None, 8),
        "configMapGenerator/m/board.json": (
            "tarball",
            "https://raw.githubusercontent.com/o/m/main/a/board.json",
            "main",
            11,
        ),
        "patches/p/patch.yaml": ("tarball", "https://host.example/p/v2/patch.yaml", None, 13),
        "helmCharts/redis": ("registry", "https://charts.example", "1.0.0", 15),
    }
    assert seen.unread(found) == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "git::https://h.example/o/r.git//p/q?ref=1",
            ("r//p/q", "git", "https://h.example/o/r.git?ref=1", "1"),
        ),
        ("git::ssh://git@h.example/o/r.git", ("r", "git", "ssh://git@h.example/o/r.git", "")),
        ("github.com/o/r/a/b?ref=v2", ("r//a/b", "git", "https://github.com/o/r?ref=v2", "v2")),
        ("git@github.com:o/r//p?ref=main", ("r//p", "git", "git@github.com:o/r?ref=main", "main")),
        ("h.example/o/r.git//x", ("r//x", "git", "https://h.example/o/r.git", "")),
        ("s3::https://s3.example/b/x.zip", ("b/x.zip", "tarball", "https://s3.example/b/x.zip", "")),
        ("git::../../..//m?ref=v1", None),
        ("./a//b", None),
        ("a/b/c", None),
        ("kind: A\nspec: https://x.example", None),
        ("https://x.example/" + "a" * 3000, None),
    ],
)
def test_addresses_as_go_getter_reads_them(address: str, expected: tuple[str, ...] | None) -> None:
    assert remote_sources.remote(address) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("resources: [\n", [("", 2)]),
        ("resources: []\nresources: []\n", [("resources", 2)]),
        ("resources: ['https://x.example/" + "a" * 3000 + "']", [("https://x.example/" + "a" * 62, 1)]),
        ("[]", []),
    ],
)
def test_what_cannot_be_told_is_unread(text: str, expected: list[tuple[str, int]]) -> None:
    assert seen.unread(seen.records(kustomization, "kustomization.yml", text)) == expected


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(kustomization, "Kustomization", data)


def test_time_is_linear() -> None:
    rows = b"  - github.com/o/r//deploy?ref=v1\n"
    mutants.is_linear(kustomization, "kustomization.yaml", lambda count: b"resources:\n" + rows * count, 500)
