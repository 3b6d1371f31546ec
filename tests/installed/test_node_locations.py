"""Whose a file in a `node_modules` is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimci.installed.node import locations
from fimci.installed.node.locations import Where, where

M = "node_modules"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"{M}/a/index.js", Where("package", f"{M}/a", "index.js")),
        (f"{M}/@s/a/lib/x.js", Where("package", f"{M}/@s/a", "lib/x.js")),
        (f"{M}/a/{M}/b/x.js", Where("package", f"{M}/a/{M}/b", "x.js")),
        (f"{M}/a/{M}/@s/b/x.js", Where("package", f"{M}/a/{M}/@s/b", "x.js")),
        (f"{M}/a/test/{M}/b/x.js", Where("package", f"{M}/a", f"test/{M}/b/x.js")),
        (f"{M}/a", Where("package", f"{M}/a", "")),
        (f"{M}/a/{M}", Where("package", f"{M}/a", M)),
        (f"{M}/.bin/a", Where("command", M, "a")),
        (f"{M}/a/{M}/.bin/b", Where("command", f"{M}/a/{M}", "b")),
        (f"{M}/.package-lock.json", Where("tool", M, f"{M}/.package-lock.json")),
        (f"{M}/.cache/x/y.js", Where("tool", M, f"{M}/.cache/x/y.js")),
        (f"{M}/@s", Where("tool", M, f"{M}/@s")),
        (f"{M}/.pnpm/a@1.0.0/{M}/a/x.js", Where("package", f"{M}/.pnpm/a@1.0.0/{M}/a", "x.js")),
        (f"{M}/.pnpm/a@1.0.0/{M}/@s/b", Where("package", f"{M}/.pnpm/a@1.0.0/{M}/@s/b", "")),
        (f"{M}/.pnpm/{M}/b", Where("package", f"{M}/.pnpm/{M}/b", "")),
        (f"{M}/.pnpm/lock.yaml", Where("tool", M, f"{M}/.pnpm/lock.yaml")),
        (f"{M}/.bun/a@1/{M}/a/x.js", Where("package", f"{M}/.bun/a@1/{M}/a", "x.js")),
        (f"{M}/.store/a-npm-1/package/x.js", Where("package", f"{M}/.store/a-npm-1/package", "x.js")),
    ],
)
def test_where(path: str, found: Where) -> None:
    assert where(path, M) == found


PARTS = st.sampled_from([M, "a", "@s", ".bin", ".pnpm", ".store", "package", "x.js", ".", "@"])


@given(st.lists(PARTS, min_size=1, max_size=9))
def test_every_path_is_somebody_s(parts: list[str]) -> None:
    path = "/".join((M, *parts))
    found = where(path, M)
    if found.kind == "package":
        assert path == "/".join(filter(None, (found.folder, found.inner)))
        assert found.folder.startswith(f"{M}/")
    elif found.kind == "command":
        assert path == f"{found.folder}/.bin/{found.inner}"


@pytest.mark.parametrize(
    ("folder", "name", "place", "outer"),
    [
        (f"{M}/a", "a", f"{M}#a", ""),
        (f"{M}/@s/a", "@s/a", f"{M}#@s/a", ""),
        (f"{M}/@s/a/{M}/b", "b", f"{M}/@s/a/{M}#b", f"{M}/@s/a"),
        (f"{M}/.pnpm/a@1.0.0/{M}/a", "a", f"{M}/.pnpm/a@1.0.0/{M}#a", ""),
        (f"packages/x/{M}/a", "a", f"packages/x/{M}#a", ""),
    ],
)
def test_names(folder: str, name: str, place: str, outer: str) -> None:
    assert locations.name_of(folder) == name
    assert locations.place_of(folder) == place
    assert locations.parent(folder) == outer


def test_node_looks_upwards() -> None:
    assert locations.above(f"{M}/a/{M}/b", "") == [f"{M}/a/{M}/b/{M}", f"{M}/a/{M}", M]
    assert locations.above(f"x/{M}/a", "x") == [f"x/{M}/a/{M}", f"x/{M}"]
    assert locations.above(f"{M}/.pnpm/a@1/{M}/a", "") == [
        f"{M}/.pnpm/a@1/{M}/a/{M}",
        f"{M}/.pnpm/a@1/{M}",
        f"{M}/.pnpm/{M}",
        M,
    ]
