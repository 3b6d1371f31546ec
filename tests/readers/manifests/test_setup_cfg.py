"""setup.cfg: requirements, replaced commands, values that stand elsewhere."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.model import Capability, Package, Record, Unread
from fimci.readers.manifests import setup_cfg
from tests.readers import seen

TEXT = """\
[metadata]
name = left
version = attr: left.VERSION

[options]
install_requires =
    requests[socks]>=2
    # a comment
    tomli; python_version < "3.11"
setup-requires = wheel
tests_require = file: test-requirements.txt
cmdclass =
    install = tools.install.Install

[options.extras_require]
docs = sphinx

[options.entry_points]
console_scripts =
    left = left:main

[easy_install]
index_url = https://me:pw@index.example/simple

[flake8]
ignore = E501
"""


def records(text: str) -> list[Record]:
    return list(setup_cfg.read("setup.cfg", text.encode()))


def test_requirements_have_their_lines() -> None:
    assert {
        one.place.partition("#")[2]: (one.version, one.at.line, one.flags)
        for one in records(TEXT)
        if isinstance(one, Package)
    } == {
        "install_requires/requests": ("[socks]>=2", 7, ()),
        "install_requires/tomli": ('; python_version < "3.11"', 9, ()),
        "setup_requires/wheel": ("", 10, ("dev",)),
        "optional/docs/sphinx": ("", 16, ("optional",)),
    }


def test_what_stands_elsewhere_or_decides_is_a_setting() -> None:
    assert seen.switches(records(TEXT)) == {
        "tests_require": ("file: test-requirements.txt", 11),
        "options.entry_points.console_scripts": ("left = left:main", 19),
        "easy_install.index_url": ("https://***@index.example/simple", 23),
    }


def test_a_replaced_command_runs_while_the_project_is_built() -> None:
    (script,) = (one for one in records(TEXT) if isinstance(one, Capability))
    assert (script.subject, script.detail, script.at.line) == (
        "cmdclass install",
        "tools.install.Install",
        13,
    )


def test_what_is_not_understood_is_unread() -> None:
    text = "[options]\ninstall_requires = ?\ninstall_requires = a\n"
    assert seen.unread(records(text)) == [("install_requires: ?", 2), ("options.install_requires", 3)]
    assert seen.unread(setup_cfg.read("setup.cfg", b"\xff")) == [("", 1)]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["[options]", "\n", " ", "install_requires", "=", "a", ";", "#", "cmdclass", "[", ":"]
        )
    )
)
def test_never_raises(parts: list[str]) -> None:
    for record in records("".join(parts)):
        assert isinstance(record, Unread | Package | Capability) or record.key
