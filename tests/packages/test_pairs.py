from __future__ import annotations

from fimci.packages.pairs import groups, locks_of, manager_of, manifests_of, rivals_of


def test_a_lockfile_and_its_manifest() -> None:
    found = manager_of("web/yarn.lock")
    assert found is not None
    assert found.name == "yarn"
    assert manifests_of("web/yarn.lock") == ("web/package.json",)
    assert manager_of("requirements.txt") is None
    assert manifests_of("requirements.txt") == ()


def test_the_nearest_lockfile_decides() -> None:
    there = {"package-lock.json", "web/yarn.lock", "Cargo.lock"}
    assert locks_of("web/app/package.json", there) == ("web/yarn.lock",)
    assert locks_of("api/package.json", there) == ("package-lock.json",)
    assert locks_of("crates/a/Cargo.toml", there) == ("Cargo.lock",)
    assert locks_of("setup.py", there) == ()
    assert locks_of("web/package.json", {"web/yarn.lock", "web/bun.lock"}) == (
        "web/yarn.lock",
        "web/bun.lock",
    )


def test_rivals() -> None:
    rivals = {path for _, path in rivals_of("web/pnpm-lock.yaml")}
    assert {"web/package-lock.json", "web/yarn.lock", "web/bun.lockb", "web/deno.lock"} <= rivals
    assert "web/pnpm-lock.yaml" not in rivals
    assert not any("uv" in path for path in rivals)
    assert list(rivals_of("a.txt")) == []


def test_what_is_judged_together() -> None:
    found = list(groups())
    (node,) = [group for group in found if "package.json" in group]
    assert {"package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "deno.json"} <= node
    (python,) = [group for group in found if "pyproject.toml" in group]
    assert {"uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"} <= python
    names = [name for group in found for name in group]
    assert len(names) == len(set(names))
