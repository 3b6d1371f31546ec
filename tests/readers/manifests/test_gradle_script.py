"""What scripts of Gradle say plainly of places and packages."""

from __future__ import annotations

import pytest

from fimci.readers.manifests import gradle_script
from tests import growth
from tests.readers import seen


def names(text: str) -> list[str]:
    found = seen.records(gradle_script, "build.gradle.kts", text)
    return sorted(one.removeprefix("gradle.") for one in seen.switches(found))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('repositories { maven("https://a.example") }', ["repositories.https://a.example"]),
        ("repositories.maven { url 'https://a.example' }", ["repositories.https://a.example"]),
        (
            'repositories\n{\n  maven\n  {\n    url = uri("https://a.example")\n}}',
            ["repositories.https://a.example"],
        ),
        ('repositories { maven(\n  url = "https://a.example"\n) }', ["repositories.https://a.example"]),
        ('repositories { ivy { setUrl("https://a.example") } }', ["repositories.https://a.example"]),
        (
            'repositories { exclusiveContent { maven { url = URI.create("https://a.example") } } }',
            ["repositories.https://a.example"],
        ),
        ("repositories { maven { url = uri(place) } }", ["repositories.computed.url=uri(place)"]),
        ("repositories { maven { url = uri('libs') } }", ["repositories.local.libs"]),
        ("repositories { flatDir { dirs 'a', 'b' } }", ["repositories.local.a", "repositories.local.b"]),
        ("buildscript { repositories { mavenLocal() } }", ["plugins.local.mavenLocal"]),
        ("publishing { repositories { maven { url 'https://a.example' } } }", ["publish.https://a.example"]),
        (
            'configure<PublishingExtension> { repositories { maven { url = uri("https://a.example") } } }',
            ["publish.https://a.example"],
        ),
        ("apply from: 'https://a.example/x.gradle'", ["apply.https://a.example/x.gradle"]),
        ("apply from: 'x.gradle'; apply plugin: 'java'", []),
        ("repositories { mavenCentral(); google() }", []),
        ('val x = "repositories { mavenLocal() }" // repositories { mavenLocal() }', []),
        ("/* repositories { mavenLocal() } */ dependencies { }", []),
        ("fetch { url 'https://a.example' }; repositories { }", []),
    ],
)
def test_places(text: str, told: list[str]) -> None:
    assert names(text) == told


def test_packages() -> None:
    text = """
dependencies {
    implementation(platform("org.left:bom:1.0"))
    runtimeOnly 'org.left:left', "org.left:right:2.0:sources@jar"
    api(libs.other)
    api("org.left:alike:1.0") { because("no:thing") }
    constraints { api("org.left:left:3.0") }
}
"""
    found = seen.packages(seen.records(gradle_script, "build.gradle", text))
    assert {place: (one.version, one.at.line) for place, one in found.items()} == {
        "dependencies/org.left/bom": ("1.0", 3),
        "dependencies/org.left/left": (None, 4),
        "dependencies/org.left/right": ("2.0", 4),
        "dependencies/org.left/alike": ("1.0", 6),
        "dependencies/org.left/left (2)": ("3.0", 7),
    }


def _blocks(size: int) -> str:
    return "repositories { maven(" * size + '"https://a.example"' + ") }" * size


def _quotes(size: int) -> str:
    return "repositories { " + '\'a\n/* b\n""" c\n' * size


def test_time_grows_with_the_file_and_no_faster() -> None:
    growth.is_linear(names, _blocks, 500)
    growth.is_linear(names, _quotes, 500)
