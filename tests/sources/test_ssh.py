"""Other machines that answer what they like: names, options, and answers that cannot be true."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci import remote, sides
from fimci.errors import RemoteError, UsageError
from fimci.model import File, Record, Unread
from fimci.sources import locator
from fimci.sources.ssh import address, answers, client, listing, script, userland
from fimci.sources.ssh.client import Ended, Session
from fimci.sources.ssh.userland import Userland

SESSION = Session(("ssh",), "/srv", 1e12, client.LIMITS)
GNU = Userland(printing=True, stat="stat", hasher="sha256sum", ending=True, lanes=2)
OTHER = Userland(printing=False, stat="stat", hasher="sha256sum", ending=False, lanes=2)
HASH = "a" * 64

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no sh to ask")


def answering(
    monkeypatch: pytest.MonkeyPatch, *outputs: bytes, status: int = 0, errors: str = ""
) -> list[str]:
    """Let a host answer so, one output after another; return the scripts that it was given."""
    asked: list[str] = []
    left = list(outputs)

    def streamed(session: Session, body: str, given: Iterable[bytes] = ()) -> Generator[bytes, None, Ended]:
        del session
        asked.append(body)
        for _ in given:
            pass
        output = left.pop(0)
        # In pieces, as a network brings them.
        yield from (output[at : at + 7] for at in range(0, len(output), 7))
        return Ended(status, errors)

    monkeypatch.setattr(client, "streamed", streamed)
    return asked


def hashes(tools: Userland, sizes: Mapping[bytes, int]) -> dict[bytes, str]:
    """Have files hashed as `remote` does."""
    with ThreadPoolExecutor(8) as pool, answers.hashing(SESSION, tools, pool) as hashing:
        for name, size in sizes.items():
            hashing.give(name, size)
        return hashing.hashes()


def between(*pieces: bytes) -> tuple[bytes, int]:
    """Return all that stands between the marks, and the exit code."""
    found = []
    passage = script.between(pieces, "mark")
    while True:
        try:
            found.append(next(passage))
        except StopIteration as end:
            return b"".join(found), end.value


@pytest.mark.parametrize(
    "text",
    [
        *("-oProxyCommand=x/srv", "user@-host/srv", "-u@host/srv", "host", "host:0/srv", "host:65536/srv"),
        *("/srv", "host:22x/srv", "ho st/srv", "host\0/srv", "us;er@host/srv", "host\n/srv", "[::1/srv", ""),
    ],
)
def test_what_is_no_address_is_refused_and_an_option_above_all(text: str) -> None:
    with pytest.raises(UsageError):
        locator.parse(f"ssh://{text}")
    with pytest.raises(UsageError):
        locator.parse(f"ssh:{text}" if text else "ssh:")


def test_an_address_is_read_and_told_to_the_client_behind_a_mark() -> None:
    assert address.parse("deploy@web1.example:2222/srv/a b%20\n") == (
        "deploy",
        "web1.example",
        2222,
        "/srv/a b%20\n",
    )
    assert address.parse("[fe80::1%eth0]/").words == ("--", "fe80::1%eth0")
    assert address.parse("a@h:1/").words == ("-l", "a", "-p", "1", "--", "h")
    assert str(locator.parse("ssh://h/srv")) == "ssh://h/srv"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30))
@settings(max_examples=60)
def test_a_folder_of_any_name_is_entered_and_nothing_else_happens(name: str) -> None:
    body = script.command("/nonesuch/" + name, "echo never", "mark")
    done = subprocess.run(["sh", "-c", body], capture_output=True, check=False)
    assert done.returncode == script.NOT_ENTERED
    assert done.stdout == b"mark\0"


@pytest.mark.parametrize(
    "name",
    [
        "a'b",
        "a\nb\n",
        "$(touch x)",
        "`x`",
        '"',
        "\\",
        "!",
        "%s%n",
        "-e",
        "é\x80".encode().decode("utf-8", "surrogateescape"),
    ],
)
def test_a_script_runs_in_its_folder_by_any_shell(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    body = script.command(str(folder), "pwd; printf '%s\\0' \"it's\"; false", "mark")
    done = subprocess.run(["sh", "-c", body], capture_output=True, check=False)
    output, status = between(b"noise of a start-up file\n" + done.stdout)
    assert (output.decode("utf-8", "surrogateescape"), status) == (f"{folder}\nit's\0", 1)


@pytest.mark.parametrize(
    "output", [b"", b"mark\0", b"mark\0x\0mark ", b"x\0mark 0\0", b"mark\0x\0mark 0\0more"]
)
def test_an_answer_that_was_cut_is_none(output: bytes) -> None:
    with pytest.raises(RemoteError, match="not whole"):
        between(output)


@given(st.lists(st.integers(0, 400), max_size=8), st.binary(max_size=300))
def test_an_answer_is_the_same_in_whatever_pieces_it_comes(cuts: list[int], output: bytes) -> None:
    whole = b"noise\n" + b"mark\0" + output + b"\0mark 7\0"
    at = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    assert between(*(whole[one:other] for one, other in pairwise(at))) == (output, 7)


def test_endless_noise_before_a_script_is_not_listened_to_for_long() -> None:
    met = []

    def noise() -> Iterator[bytes]:
        while True:
            met.append(1)
            yield b"y\n" * 4096

    with pytest.raises(RemoteError, match="before a script begins"):
        list(script.between(noise(), "mark"))
    assert len(met) < 20


@pytest.mark.parametrize(
    "output",
    [
        b"f 644 1 0 0 1 1 1 0 0 ./a\0",  # cut
        b"f 644 1 0 0 1 1 1 0 0 ./a\0\0f 644",
        b"f 644 1 0 0 1 1 1 0 0 ../a\0\0",
        b"f 644 1 0 0 1 1 1 0 0 /etc/passwd\0\0",
        b"f 644 1 0 0 1 1 1 0 0 ./a/../../b\0\0",
        b"f 644 1 0 0 1 1 1 0 0 ./a//b\0\0",
        b"f 644 1 0 0 1 1 1 0 0 ./a/\0\0",
        b"f 644 1 0 0 1 1 1 0 0 .\0\0",
        b"f 644 1 0 0 1 1 1 0 0 ./a\0\0" * 2,
        b"f rw- 1 0 0 1 1 1 0 0 ./a\0\0",
        b"f 644 -1 0 0 1 1 1 0 0 ./a\0\0",
        b"f 644 1_0 0 0 1 1 1 0 0 ./a\0\0",
        b"f 644 999999999999999999999 0 0 1 1 1 0 0 ./a\0\0",
        b"hello\0\0",
        b"f 644 1 0 0 1 1 1 0 0 ./" + b"a" * 70_000 + b"\0\0",
    ],
)
def test_a_list_that_no_folder_gives_is_refused(monkeypatch: pytest.MonkeyPatch, output: bytes) -> None:
    answering(monkeypatch, output)
    with pytest.raises(RemoteError):
        list(listing.listed(SESSION, GNU))


def test_a_kind_that_is_not_known_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, b"? 644 1 0 0 1 1 1 0 0 ./a\0\0")
    (found,) = listing.listed(SESSION, GNU)
    assert isinstance(found, Unread)


def test_a_walk_that_fails_is_told_with_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, b"", status=1, errors="find: x: Input/output error\nmore\n")
    (found,) = listing.listed(SESSION, GNU)
    assert isinstance(found, Unread)
    assert found.why == "the walk did not end well: find: x: Input/output error"


def test_folders_that_cannot_be_entered_there_are_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = b"d 755 0 0 0 1 1 1 0 0 ./a\0\0d 0 0 0 0 1 1 1 0 0 ./b\0\0"
    answering(monkeypatch, rows, b"1\0\0", status=1)
    found = [one for one in listing.listed(SESSION, GNU) if isinstance(one, Unread)]
    assert [(one.path, one.part) for one in found] == [("b", "members")]


@pytest.mark.parametrize(
    "output",
    [
        f"{HASH}  ./other\0".encode(),
        f"{HASH}  ./a\0{HASH}  ./a\0".encode(),
        b"sha256sum: ./a: no\0",
        f"{HASH[:-1]}  ./a\0".encode(),
        f"\\{HASH}  ./a\0".encode(),
    ],
)
def test_hashes_of_other_files_and_such_as_are_none_are_refused(
    monkeypatch: pytest.MonkeyPatch, output: bytes
) -> None:
    answering(monkeypatch, output)
    with pytest.raises(RemoteError):
        hashes(GNU, {b"./a": 1})


def test_a_name_that_holds_a_line_feed_is_never_given_to_a_tool_that_writes_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evil = f"./a\n{HASH}  ./b".encode()
    asked = answering(monkeypatch, f"{'c' * 64}  -\0".encode(), f"{'b' * 64}  ./b\n".encode())
    # One after another: the odd name is asked for on its own, and the other while it is waited for.
    assert hashes(OTHER, {evil: 1}) == {evil: "c" * 64}
    assert hashes(OTHER, {b"./b": 1}) == {b"./b": "b" * 64}
    assert ["for f; do" in body for body in asked] == [True, False]


def test_every_file_is_hashed_once_in_as_many_sessions_as_there_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lanes: list[list[bytes]] = []

    def streamed(session: Session, body: str, given: Iterable[bytes] = ()) -> Generator[bytes, None, Ended]:
        del session, body
        lanes.append(mine := [])
        for piece in given:
            mine += piece.split(b"\0")[:-1]
            yield b"".join(b"%s  %s\0" % (HASH.encode(), name) for name in piece.split(b"\0")[:-1])
        return Ended(0, "")

    monkeypatch.setattr(client, "streamed", streamed)
    sizes = {b"./%d" % number: number % 7 for number in range(2_000)} | {
        b"./large%d" % number: (4 << 20) + number for number in range(6)
    }
    assert set(hashes(GNU, sizes)) == set(sizes)
    assert sorted(name for lane in lanes for name in lane) == sorted(sizes)
    assert len(lanes) == GNU.lanes
    large = [sum(b"large" in name for name in lane) for lane in lanes]
    assert large == [3, 3]
    lanes.clear()
    hashes(GNU, {b"./%d" % number: 1 for number in range(60)})
    assert len(lanes) == 1


def test_content_that_is_not_what_was_hashed_is_asked_for_again_and_then_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = b"f 644 2 0 0 1 1 1 0 0 ./package.json\0\0"
    marks = iter(["m1"])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(marks))
    monkeypatch.setattr(userland, "probe", lambda *_: GNU)
    outputs = {
        "find": row,
        "xargs -0 cat": b"{}",
        "sha256sum": f"{HASH}  ./package.json\0".encode(),
        "for f": b"m1[]",
    }

    def streamed(session: Session, body: str, given: Iterable[bytes] = ()) -> Generator[bytes, None, Ended]:
        del session
        for _ in given:
            pass
        yield next(out for word, out in outputs.items() if word in body)
        return Ended(0, "")

    monkeypatch.setattr(client, "streamed", streamed)
    with ThreadPoolExecutor(8) as beside:
        found: list[Record] = list(
            remote._records(
                SESSION,
                sides.recipe(named=True),
                None,
                {},
                knowing=lambda: remote._NOTHING,
                beside=beside,
            )
        )
    assert [one for one in found if isinstance(one, Unread)] == [
        Unread(path="package.json", why="changed while it was read", part="content")
    ]
    assert sum(isinstance(one, File) for one in found) == 1


def test_more_than_there_is_room_for_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MUCH", 5)
    rows = b"f 644 4 0 0 1 1 1 0 0 ./a.toml\0\0f 644 4 0 0 1 1 1 0 0 ./b.toml\0\0"
    answering(monkeypatch, rows)
    found = [one for one in listing.listed(SESSION, GNU) if isinstance(one, listing.Found)]
    asked, beyond = remote._asked(found, sides.recipe(named=True))
    assert [one.path for one in asked] == ["a.toml"]
    assert [one.path for one in beyond] == ["b.toml"]


@pytest.mark.parametrize("told", [b"", b"print0\nxargs0\n", b"print0\nstat-c\nhash sha256sum\n"])
def test_a_host_that_lacks_a_tool_is_told_which(monkeypatch: pytest.MonkeyPatch, told: bytes) -> None:
    answering(monkeypatch, told)
    with pytest.raises(RemoteError, match="lacks what it must be asked with"):
        userland.probe(SESSION, "sha256")


def test_tools_of_a_bsd_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, b"print0\nxargs0\nstat-f\nhash sha256 -r\ncores 99\n")
    assert userland.probe(SESSION, "sha256") == Userland(
        printing=False, stat='stat -f "%Xp %z %u %g %i %l %N"', hasher="sha256 -r", ending=False, lanes=4
    )
    answering(monkeypatch, b"1234567890abcdef ./a\n")
    assert list(answers.lines(SESSION, [[b"./a"]], "stat")) == [(b"./a", b"1234567890abcdef ")]


def test_the_client_is_given_no_option_by_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for ssh takes down its words: the host comes last but the script, behind `--`."""
    (tmp_path / "ssh").write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >>{shlex.quote(str(tmp_path))}/words\nexit 255\n'
    )
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(RemoteError, match="could not be reached"):
        remote.snapshot("a@web1.example:22/srv", sides.recipe(named=True))
    words = (tmp_path / "words").read_text().splitlines()
    assert words[words.index("--") + 1] == "web1.example"
    assert "BatchMode=yes" in words


def test_without_a_client_there_is_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RemoteError) as caught:
        remote.snapshot("web1.example/srv", sides.recipe(named=True))
    assert caught.value.remedy == "install an ssh client"
