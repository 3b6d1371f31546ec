import pytest
from hypothesis import given

from fimci.readers.manifests import cargo_config, cargo_toml
from tests import hostile
from tests.readers import mutants, seen

WHOLE = """[package]
name = "own"
build = "tools/build.rs"

[lib]
proc-macro = true

[dependencies]
left = "1.0"
right = { version = "2", registry = "corp", optional = true }
renamed = { package = "real", version = "3" }
forked = { git = "https://u:p@git.example/forked", rev = "abc" }
own-part = { path = "../part" }
shared = { workspace = true }
[dev-dependencies.tested]
version = "1"
[target.'cfg(unix)'.build-dependencies]
cc = "1"
[workspace.dependencies]
shared = "4"
[patch.crates-io]
left = { git = "https://git.example/left", branch = "main" }
right = { path = "vendor/right" }
[replace]
"left:1.0.0" = { git = "https://git.example/left" }
"""


def test_requirements() -> None:
    found = seen.packages(seen.records(cargo_toml, "Cargo.toml", WHOLE))
    assert {
        place: (one.name, one.alias, one.version, one.origin_kind, one.origin, one.flags, one.at.line)
        for place, one in found.items()
    } == {
        "dependencies/left": ("left", None, "1.0", "registry", None, (), 9),
        "dependencies/right": ("right", None, "2", "registry", None, ("optional",), 10),
        "dependencies/renamed": ("real", "renamed", "3", "registry", None, (), 11),
        "dependencies/forked": ("forked", None, "", "git", "https://***@git.example/forked?rev=abc", (), 12),
        "dependencies/own-part": ("own-part", None, "", "directory", "../part", (), 13),
        "dependencies/shared": ("shared", None, "", "workspace", None, (), 14),
        "dev-dependencies/tested": ("tested", None, "1", "registry", None, ("dev",), 15),
        "target.cfg(unix).build-dependencies/cc": ("cc", None, "1", "registry", None, (), 18),
        "workspace.dependencies/shared": ("shared", None, "4", "registry", None, (), 20),
    }


def test_what_stands_instead_and_what_runs() -> None:
    assert seen.switches(seen.records(cargo_toml, "Cargo.toml", WHOLE)) == {
        "patch.crates-io.left": ("git+https://git.example/left?branch=main", 22),
        "patch.crates-io.right": ("file:vendor/right", 23),
        "replace.left:1.0.0": ("git+https://git.example/left", 25),
        "package.build.tools/build.rs": ("true", 3),
        "lib.proc-macro": ("true", 6),
    }
    assert seen.switches(seen.records(cargo_toml, "a/build.rs", b"\xff")) == {
        "package.build": ("build.rs", 1)
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = ", [("", 1)]),
        ("[dependencies]\nleft = 1\n", [("dependencies.left", 2)]),
        ("a = 1\na = 2\n", [("", 2)]),
    ],
)
def test_what_is_not_understood_is_unread(text: str, expected: list[tuple[str, int]]) -> None:
    assert seen.unread(seen.records(cargo_toml, "Cargo.toml", text)) == expected


CONFIG = """[source.corp]
registry = "https://u:p@index.example/"
replace-with = "vendored"
[registries.corp]
index = "sparse+https://index.example/"
token = "hunter2"
[build]
rustc-wrapper = "tools/wrap.sh"
rustflags = ["-C", "linker=tools/ld"]
[target.x86_64-unknown-linux-gnu]
runner = "tools/run.sh"
[env]
PATH = { value = "tools", relative = true }
"""


def test_configuration_of_cargo() -> None:
    found = seen.records(cargo_config, ".cargo/config.toml", CONFIG)
    assert seen.switches(found) == {
        "source.corp.registry": ("https://***@index.example/", 2),
        "source.corp.replace-with": ("vendored", 3),
        "registries.corp.index": ("sparse+https://index.example/", 5),
        "registries.corp.token": ("(secret)", 6),
        "build.rustc-wrapper": ("tools/wrap.sh", 8),
        "build.rustflags.-C": ("true", 9),
        "build.rustflags.linker=tools/ld": ("true", 9),
        "target.x86_64-unknown-linux-gnu.runner": ("tools/run.sh", 11),
        "env.PATH.value": ("tools", 13),
        "env.PATH.relative": ("true", 13),
    }


def test_toolchains() -> None:
    for name, text in (
        ("rust-toolchain", "nightly\n"),
        ("rust-toolchain.toml", '[toolchain]\nchannel = "1.95"'),
    ):
        (switch,) = seen.switches(seen.records(cargo_config, name, text))
        assert switch == "toolchain.channel"
    assert len(seen.unread(seen.records(cargo_config, "rust-toolchain", b"\xff"))) == 1
    assert len(seen.unread(seen.records(cargo_config, ".cargo/config", "a = "))) == 1


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (".cargo/config", True),
        ("a/.cargo/config.toml", True),
        ("a/rust-toolchain", True),
        ("config.toml", False),
    ],
)
def test_names(path: str, wanted: bool) -> None:  # noqa: FBT001
    assert cargo_config.wants(path, b"") is wanted


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()), mutants.mutated(CONFIG.encode()))
def test_mutants_are_borne(manifest: bytes, configuration: bytes) -> None:
    mutants.bear(cargo_toml, "Cargo.toml", manifest)
    mutants.bear(cargo_config, ".cargo/config.toml", configuration)
