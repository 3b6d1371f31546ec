"""Charts of Helm, their locks, and how the two are held against each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci import drift
from fimci.model import UNSTATED, File
from fimci.readers.manifests import helm_chart
from tests.readers import mutants, seen

CHART = """apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - name: left
    version: ^1.0.0
    repository: https://name:word@charts.example
  - name: left
    alias: second
    version: "1.x.x"
    repository: "oci://registry.example/charts"
  - name: here
    repository: file://../here
  - name: inside
    version: 0.1.0
  - name: named
    version: 0.2.0
    repository: "@stable"
  - version: 1.0.0
  - 7
"""
LOCK = """dependencies:
- name: left
  repository: https://charts.example
  version: 1.0.1
- name: bare
  repository: ""
digest: sha256:00
generated: "2026-06-15T10:27:45.019725+02:00"
"""


def test_what_a_chart_needs() -> None:
    found = seen.records(helm_chart, "shop/Chart.yaml", CHART)
    packages = seen.packages(found)
    assert {
        place: (one.origin_kind, one.origin, one.version, one.at.line) for place, one in packages.items()
    } == {
        "left": ("registry", "https://***@charts.example", "^1.0.0", 5),
        "left (2)": ("registry", "oci://registry.example/charts", "1.x.x", 8),
        "here": ("directory", "../here", None, 12),
        "inside": ("workspace", None, "0.1.0", 14),
        "named": ("registry", "@stable", "0.2.0", 16),
    }
    assert {one.stated_by for one in packages.values()} == {"manifest"}
    assert seen.unread(found) == [("dependencies[5]", 19), ("dependencies[6]", 20)]


def test_what_a_lock_has() -> None:
    found = seen.packages(seen.records(helm_chart, "shop/Chart.lock", LOCK))
    assert {place: (one.version, one.stated_by) for place, one in found.items()} == {
        "left": ("1.0.1", "lock"),
        "bare": (UNSTATED, "lock"),
    }
    assert found["left"].at.parts == (("origin", 3), ("version", 4))


def test_what_is_no_chart() -> None:
    assert seen.records(helm_chart, "requirements.lock", "left==1.0\nright @ https://x.example/a: b: c") == []
    assert seen.unread(seen.records(helm_chart, "Chart.yaml", "a: [")) != []
    assert seen.records(helm_chart, "Chart.yaml", "- a") == []


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("1.0.1", "^1.0.0", True),
        ("2.0.0", "^1.0.0", False),
        ("1.9.0", "1.x.x", True),
        ("2.0.0", ">= 1.0.0, < 2.0.0", False),
        ("v1.0.0", "1.0.0", True),
        ("latest", "^1.0.0", True),
        ("1.0.0", "some words", True),
        ("1.0.0", "2" * 200, True),
    ],
)
def test_a_lock_is_held_against_its_chart(version: str, wanted: str, fits: bool) -> None:  # noqa: FBT001  (a parameter of a test)
    chart = (
        f'name: shop\ndependencies:\n- name: left\n  version: "{wanted}"\n  repository: https://a.example\n'
    )
    lock = f'dependencies:\n- name: left\n  version: "{version}"\n  repository: https://a.example\n'
    files = [File(path="a/Chart.lock"), File(path="a/Chart.yaml")]
    found = [*files, *seen.records(helm_chart, "a/Chart.yaml", chart)]
    found += seen.records(helm_chart, "a/Chart.lock", lock)
    assert [one.name for one in drift.derive(found)] == ([] if fits else ["left"])


@given(mutants.mutated(CHART.encode()) | mutants.mutated(LOCK.encode()) | st.binary(max_size=200))
def test_it_bears_whatever_comes(data: bytes) -> None:
    for path in ("Chart.yaml", "a#b/Chart.lock", "requirements.lock"):
        mutants.bear(helm_chart, path, data)


def test_time_grows_with_the_file_and_no_faster() -> None:
    def made(size: int) -> bytes:
        return (
            "dependencies:\n" + "".join(f"- name: a{n}\n  version: 1.0.0\n" for n in range(size))
        ).encode()

    mutants.is_linear(helm_chart, "Chart.lock", made, 500)
