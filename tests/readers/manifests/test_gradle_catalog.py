"""Version catalogs of Gradle."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fimci.readers.manifests import gradle_catalog
from tests.readers import mutants, seen

PATH = "gradle/libs.versions.toml"
CATALOG = """[versions]
left = "1.0"
rich = { strictly = "[1.0, 2.0[", prefer = "1.5" }
[libraries]
left = { module = "org.left:left", version.ref = "left" }
right = { group = "org.left", name = "right", version = "2.+" }
short = "org.short:short:3.0"
bom = { module = "org.left:bom" }
ranged = { module = "org.left:ranged", version.ref = "rich" }
required = { module = "org.left:required", version = { require = "1.0-SNAPSHOT" } }
odd = { module = "org.left" }
lost = { module = "org.left:lost", version.ref = "nowhere" }
number = 7
[plugins]
build = { id = "org.left.build", version.ref = "left" }
quick = "org.quick:latest.release"
odd = { version = "1.0" }
"""


def test_what_a_catalog_has() -> None:
    found = seen.records(gradle_catalog, PATH, CATALOG)
    asked = {place: (one.name, one.version, one.at.line) for place, one in seen.packages(found).items()}
    assert asked == {
        "libraries/left": ("org.left/left", "1.0", 5),
        "libraries/right": ("org.left/right", "2.+", 6),
        "libraries/short": ("org.short/short", "3.0", 7),
        "libraries/bom": ("org.left/bom", None, 8),
        "libraries/ranged": ("org.left/ranged", "[1.0, 2.0[", 9),
        "libraries/required": ("org.left/required", "1.0-SNAPSHOT", 10),
        "plugins/build": ("org.left.build/org.left.build.gradle.plugin", "1.0", 15),
        "plugins/quick": ("org.quick/org.quick.gradle.plugin", "latest.release", 16),
    }
    assert seen.switches(found) == {
        "gradle.floating.org.left/right": ("2.+", 6),
        "gradle.floating.org.left/ranged": ("[1.0, 2.0[", 3),
        "gradle.floating.org.left/required": ("1.0-SNAPSHOT", 10),
        "gradle.floating.org.quick/org.quick.gradle.plugin": ("latest.release", 16),
    }
    assert seen.unread(found) == [
        ("libraries.lost", 12),
        ("libraries.number", 13),
        ("libraries.odd", 11),
        ("plugins.odd", 17),
    ]


def test_what_is_no_catalog() -> None:
    assert gradle_catalog.wants("a/other.versions.toml", b"")
    assert not gradle_catalog.wants("gradle/libs.toml", b"")
    assert seen.unread(seen.records(gradle_catalog, PATH, "[versions")) == [("", 1)]
    assert seen.records(gradle_catalog, PATH, "libraries = 1") == []


@given(mutants.mutated(CATALOG.encode()) | st.binary(max_size=200))
def test_it_bears_whatever_comes(data: bytes) -> None:
    mutants.bear(gradle_catalog, PATH, data)


def test_time_grows_with_the_file_and_no_faster() -> None:
    def made(size: int) -> bytes:
        rows = "".join(f'a{n} = {{ module = "org.left:a{n}", version.ref = "left" }}\n' for n in range(size))
        return f'[versions]\nleft = "1.0"\n[libraries]\n{rows}'.encode()

    mutants.is_linear(gradle_catalog, PATH, made, 300)
