import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.model import Package
from fimci.readers.manifests import bundle_config, gemfile
from tests import hostile
from tests.readers import mutants, seen

WHOLE = """# frozen_string_literal: true
source "https://registry.example"
git_source(:corp) { |name| "https://git.example/#{name}.git" }

ruby file: ".ruby-version"
gemspec
gem "left", "~> 1.0", ">= 1.0.2"  # the "left" one
gem 'right', require: false, git: "https://u:p@git.example/right.git",
    tag: "v2.0.0"
gem "forked", github: "acme/forked", branch: "main"
gem("own", path: "gems/own")
gem "named", "1.0", source: "https://other.example"
group :development, :test do
  gem "debug", platforms: %i[mri windows]
  if RUBY_VERSION >= "3"
    gem "left", "~> 2.0"
  end
end
source "https://private.example" do
  gem "secret-sauce"
end
path "engines" do
  gem "engine"
end
git "https://git.example/many.git", ref: "abc123" do
  gem "one"
end
plugin "bundler-thing", git: "https://git.example/thing.git"
eval_gemfile "gemfiles/more.rb"
gemfile = "gem \\"fake\\""
"""


def read(text: str | bytes) -> dict[str, Package]:
    return seen.packages(seen.records(gemfile, "Gemfile", text))


def test_gems_and_where_they_come_from() -> None:
    assert {
        place: (one.version, one.origin_kind, one.origin, one.at.line) for place, one in read(WHOLE).items()
    } == {
        "gems/left": ("~> 1.0, >= 1.0.2", "registry", None, 7),
        "gems/right": ("", "git", "https://***@git.example/right.git?tag=v2.0.0", 8),
        "gems/forked": ("", "git", "https://github.com/acme/forked.git?branch=main", 10),
        "gems/own": ("", "directory", "gems/own", 11),
        "gems/named": ("1.0", "registry", "https://other.example", 12),
        "gems/debug": ("", "registry", None, 14),
        "gems/left[2]": ("~> 2.0", "registry", None, 16),
        "gems/secret-sauce": ("", "registry", "https://private.example", 20),
        "gems/engine": ("", "directory", "engines", 23),
        "gems/one": ("", "git", "https://git.example/many.git?ref=abc123", 26),
    }


def test_sources_and_what_runs() -> None:
    assert seen.switches(seen.records(gemfile, "Gemfile", WHOLE)) == {
        "sources.https://registry.example": ("global", 2),
        "sources.https://private.example": ("block", 19),
        "plugins.bundler-thing": ("https://git.example/thing.git", 28),
        "eval_gemfile.gemfiles/more.rb": ("true", 29),
    }


@pytest.mark.parametrize(
    "line",
    [
        'source ENV["MIRROR"]',
        "gem name, version",
        'gem "a#{suffix}"',
        'git "https://#{host}/x.git" do',
        'gem "open',
    ],
)
def test_what_is_computed_is_unread(line: str) -> None:
    assert seen.unread(seen.records(gemfile, "Gemfile", f"\n{line}\n")) == [("line 2", 2)]


@pytest.mark.parametrize(
    "line", ["gemspec", "gem = 1", "github.com", "sources = []", "path = 'x'", "# gem name"]
)
def test_other_ruby_is_left_alone(line: str) -> None:
    assert seen.unread(seen.records(gemfile, "Gemfile", f"{line}\n")) == []


def test_not_utf_8_is_unread() -> None:
    assert seen.unread(seen.records(gemfile, "Gemfile", b"gem\n\xff")) == [("", 2)]


@hostile.LAW
@given(mutants.mutated(WHOLE.encode()) | st.binary(max_size=80))
def test_mutants_are_borne(data: bytes) -> None:
    mutants.bear(gemfile, "Gemfile", data)


@pytest.mark.parametrize("piece", [b'gem "\\', b"a:", b"a: '", b"gem 'x', ", b"do end ", b"'", b"#{"])
def test_time_is_linear(piece: bytes) -> None:
    mutants.is_linear(gemfile, "Gemfile", lambda size: piece * size, 5000)


def test_configuration_keeps_no_credentials() -> None:
    text = (
        '---\nBUNDLE_MIRROR__ALL: "https://u:p@mirror.example"\nBUNDLE_DISABLE_CHECKSUM_VALIDATION: "true"\n'
        'BUNDLE_GEMS__EXAMPLE__COM: "user:pass"\nBUNDLE_PATH: vendor\n'
    )
    assert seen.switches(seen.records(bundle_config, ".bundle/config", text)) == {
        "BUNDLE_MIRROR__ALL": ("https://***@mirror.example", 2),
        "BUNDLE_DISABLE_CHECKSUM_VALIDATION": ("true", 3),
        "BUNDLE_GEMS__EXAMPLE__COM": ("(secret)", 4),
        "BUNDLE_PATH": ("vendor", 5),
    }
    assert bundle_config.wants("a/.bundle/config", b"")
    assert not bundle_config.wants(".git/config", b"")
    assert seen.unread(seen.records(bundle_config, ".bundle/config", "a: [")) != []
