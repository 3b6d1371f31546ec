"""The fuzzer's targets, without the fuzzer."""

from __future__ import annotations

import pytest

from tools import fuzz


@pytest.mark.parametrize(
    ("name", "genuine", "other"),
    [
        ("locks/go-sum", b"a.example/b v1.0.0 h1:r7vSHOIARN7ImB68wjF37aTzd9xVZEMfMR3PY5U+BNQ=\n", b"\xff"),
        ("marked.json", b"{}", b"{"),
    ],
)
def test_a_target_tells_what_it_understands(name: str, genuine: bytes, other: bytes) -> None:
    understands = fuzz.target(name)
    assert understands(genuine)
    assert not understands(other)
    assert any(fuzz.seeds(understands))


def test_without_a_reader_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main([]) == 2
    assert "READER" in capsys.readouterr().out
