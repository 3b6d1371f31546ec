"""What a requirement of npm asks for."""

from __future__ import annotations

import pytest

from fimci.readers.manifests import npm_spec


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("npm:left@1", "left"),
        ("npm:1eft@1", "1eft"),
        ("npm:7left", "7left"),
        ("npm:@right/1eft@^1.0.0", "@right/1eft"),
        ("npm:left", "left"),
        ("npm:1.0.0", None),
        ("npm:^1.0.0", None),
        ("npm:~1.0.0", None),
        ("npm:1", None),
        ("npm:1.x", None),
        ("npm:v1.0.0-beta.1", None),
        ("npm:>=1 <2", None),
        ("npm:*", None),
        ("npm:1 - 2", None),
        ("^1.0.0", None),
    ],
)
def test_aliases(spec: str, name: str | None) -> None:
    assert npm_spec.parse(spec) == npm_spec.NpmSpec("registry", None, name)
