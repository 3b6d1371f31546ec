"""The lines of a baseline by path: what is asked of them is what a list of its records would say."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fimci import store
from fimci.model import Digest, File, Unread, order
from fimci.snapshot import Recipe, Snapshot
from fimci.watching.index import Index

NAMES = st.text(st.sampled_from('ab.-"\\\n\udcff é'), min_size=1, max_size=3).filter(
    lambda n: n not in {".", ".."}
)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=200, unique=True)


def snapshot(paths: list[str], *, stored: bool) -> Snapshot:
    digest = Digest("sha256", "ab" * 32)
    files = [File(path=path, size=1, mode=0o644, digest=digest) for path in sorted(paths, key=order)]
    made = Snapshot(locator="dir:.", recipe=Recipe(), records=[*files, Unread(path="x", why="y")])
    return store.load(b"".join(store.dump(made.recipe, made.records)), "test") if stored else made


@settings(deadline=None, max_examples=60)
@given(PATHS, st.booleans())
def test_it_says_what_a_list_says(paths: list[str], stored: bool) -> None:  # noqa: FBT001  (hypothesis)
    index = Index(snapshot(paths, stored=stored))
    for path in paths:
        found = index.at(path)
        assert found is not None
        assert found.path == path
        assert index.at(path + "?") is None
        inside = {file.path for file in index.below(path)}
        assert inside == {other for other in paths if other.startswith(path + "/")}
    assert [file.path for file in index.below("")] == sorted(paths, key=order)
    assert index.others == [Unread(path="x", why="y")]
