from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.packages.file_names import contradicts, file_name


@pytest.mark.parametrize(
    ("file", "name", "version"),
    [
        ("left_pad-1.0-py3-none-any.whl", "left-pad", "1.0"),
        ("Left.Pad-1.0-1-cp311-cp311-manylinux_2_17_x86_64.whl", "left-pad", "1.0"),
        ("left_pad-1.0.0-py3-none-any.whl", "left-pad", "1"),
        ("left_pad-1.0+cu121-cp311-cp311-linux_x86_64.whl", "left-pad", "1.0+cu121"),
        ("left-pad-1.0.tar.gz", "left-pad", "1.0"),
        ("left.pad-1.0.zip", "left-pad", "1.0"),
        ("Left_Pad-2020.04.05.tar.bz2", "left-pad", "2020.4.5"),
        ("zope.interface-5.0.tar.gz", "zope-interface", "5.0"),
        ("left-pad-v1.0.tar.gz", "left-pad", "1.0"),
        ("left_pad-1.0.tar.gz", "left-pad", ""),
        ("left_pad-1.0-py3-none-any.whl", "left-pad", ""),
        ("a.bin", "left-pad", "1.0"),
        ("right-1.0.exe", "left-pad", "1.0"),
        ("", "left-pad", "1.0"),
    ],
)
def test_names_that_fit(file: str, name: str, version: str) -> None:
    assert not contradicts(file, name, version)


@pytest.mark.parametrize(
    ("file", "name", "version"),
    [
        ("right_pad-1.0-py3-none-any.whl", "left-pad", "1.0"),
        ("left_pad-1.1-py3-none-any.whl", "left-pad", "1.0"),
        ("left_pad_evil-1.0-py3-none-any.whl", "left-pad", "1.0"),
        ("left-pad-1.0-py3-none-any.whl", "left-pad", "1.0"),
        ("left.whl", "left", "1.0"),
        ("left-pad-evil-1.0.tar.gz", "left-pad", "1.0"),
        ("left-1.0.tar.gz", "left-pad", "1.0"),
        ("left-pad-1.0.1.tar.gz", "left-pad", "1.0"),
        ("left-pad-1.0-evil.tar.gz", "left-pad", "1.0"),
    ],
)
def test_names_of_something_else(file: str, name: str, version: str) -> None:
    assert contradicts(file, name, version)


@given(st.text(max_size=600), st.sampled_from(["left-pad", "a"]), st.text(max_size=20))
def test_any_text_is_judged(file: str, name: str, version: str) -> None:
    contradicts(file, name, version)


@pytest.mark.parametrize(
    "address",
    [
        "https://files.index.example/packages/aa/left%2D1.0.tar.gz#sha256=11",
        "vendor/left-1.0.tar.gz?x=/y",
        "left-1.0.tar.gz",
    ],
)
def test_the_file_of_an_address(address: str) -> None:
    assert file_name(address) == "left-1.0.tar.gz"
