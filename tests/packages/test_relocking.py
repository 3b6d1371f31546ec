"""A remedy names the client that wrote the lockfile at hand, and no other."""

from __future__ import annotations

import msgspec
import pytest

from fimci.packages import pairs, relocking
from fimci.rules import action_unpinned, integrity_weakened
from tests.rules import stated


def test_every_client_is_known_but_the_one_of_actions() -> None:
    assert [one.name for one in pairs.MANAGERS if not relocking.command(one.locks[0])] == ["gh"]


@pytest.mark.parametrize(
    ("lock", "command"),
    [
        ("app/pubspec.lock", "dart pub get"),
        ("Podfile.lock", "pod install"),
        ("gradle/verification-metadata.xml", "gradle --write-verification-metadata sha256 help"),
        ("requirements.txt", ""),
    ],
)
def test_the_command_of_a_lockfile(lock: str, command: str) -> None:
    assert relocking.command(lock) == command


def test_a_hash_that_is_gone_is_written_by_the_client_of_its_lockfile() -> None:
    before = [stated.pypi("left"), stated.pypi("right")]
    (found,) = stated.found(integrity_weakened, before, [stated.pypi("left", integrity=()), before[1]])
    assert found.fix == "lock again with hashes (`uv lock`)."


def test_an_image_is_not_pinned_by_a_commit() -> None:
    image = stated.wanted("left", "1.0", path="Dockerfile")
    image = msgspec.structs.replace(image, ecosystem="docker", integrity=())
    (found,) = stated.found(action_unpinned, [], [image])
    assert "@sha256:" in found.fix
