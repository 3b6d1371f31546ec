"""What a signed state must be, word by word: of a key and of an identity, for a baseline and a manifest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import signing
from tests.artifacts import battery
from tests.artifacts.sigstore_instance import Instance
from tests.signing import IDENTITY, run

pytestmark = [
    pytest.mark.client,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen here"),
]


class World(NamedTuple):
    """Something of which a state is written and judged, and how it is signed and demanded."""

    file: Path
    write: tuple[str | Path, ...]
    judge: tuple[str | Path, ...]
    sign: tuple[str | Path, ...]
    by_another: tuple[str | Path, ...]
    demand: tuple[str | Path, ...]
    beside: Path

    def signed(self, *more: str, sign: tuple[str | Path, ...] = ()) -> None:
        """Sign a state that is another one than before."""
        with (self.beside / "notes.txt").open("a") as notes:
            notes.write("one more line\n")
        assert run(*self.write, *(sign or self.sign), *more) == 0

    def judged(self, *more: str | Path) -> int:
        return run(*self.judge, *self.demand, *more)

    @property
    def statement(self) -> Path:
        return Path(f"{self.file}.dsse")

    def kept(self, name: str) -> tuple[Path, Path]:
        """Put the state as it is now aside."""
        copies = (self.beside.parent / name, self.beside.parent / f"{name}.dsse")
        shutil.copy(self.file, copies[0])
        shutil.copy(self.statement, copies[1])
        return copies

    def restored(self, copies: tuple[Path, Path]) -> None:
        shutil.copy(copies[0], self.file)
        shutil.copy(copies[1], self.statement)

    def begun_anew(self) -> None:
        """Begin another row of states, whose first one is number 1 again."""
        self.file.unlink()
        self.statement.unlink()


@pytest.fixture(params=["baseline-key", "manifest-key", "baseline-keyless", "manifest-keyless"])
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    kind, _, by = str(request.param).partition("-")
    tree = signing.tree_in(tmp_path)
    if kind == "baseline":
        file = tmp_path / "fimci.baseline"
        write: tuple[str | Path, ...] = ("baseline", tree, "--output", file)
        judge: tuple[str | Path, ...] = ("check", tree, "--baseline", file)
    else:
        (tree / battery.WHEEL).write_bytes(battery.wheel())
        file = tmp_path / "tree.manifest"
        write, judge = ("manifest", tree), ("verify", tree / battery.WHEEL, "--expect", file)
    if by == "key":
        keys = signing.keys_in(tmp_path)
        demand = ("--allowed-signers", keys / "allowed")
        yield World(file, write, judge, ("--sign", keys / "good"), ("--sign", keys / "evil"), demand, tree)
        return
    (tmp_path / "another").mkdir()
    with (
        signing.job(Instance(), tmp_path / "another", monkeypatch) as other,
        signing.job(Instance(), tmp_path, monkeypatch) as services,
    ):
        keyless = ("--sign", "keyless", "--sigstore")
        demanded = ("--state-identity", IDENTITY, "--trusted-root", tmp_path / "root.json")
        yield World(file, write, judge, (*keyless, services), (*keyless, other), demanded, tree)


def unsigned(world: World) -> tuple[str | Path, ...]:
    world.statement.unlink()
    return ()


def older(world: World) -> tuple[str | Path, ...]:
    del world
    return ("--least", "2")


def expired(world: World) -> tuple[str | Path, ...]:
    world.signed("--days", "-1")
    return ()


def replayed(world: World) -> tuple[str | Path, ...]:
    first = world.kept("first")
    world.signed()
    second = world.kept("second")
    world.restored(first)
    return ("--last", second[1])


def forked_at_once(world: World) -> tuple[str | Path, ...]:
    first = world.kept("first")
    world.begun_anew()
    world.signed()
    return ("--last", first[1])


def forked_before(world: World) -> tuple[str | Path, ...]:
    first = world.kept("first")
    world.begun_anew()
    world.signed()
    world.signed()
    return ("--last", first[1])


def out_of_turn(world: World) -> tuple[str | Path, ...]:
    first = world.kept("first")
    world.signed()
    world.signed()
    return ("--last", first[1])


def by_another(world: World) -> tuple[str | Path, ...]:
    world.signed(sign=world.by_another)
    return ()


def after_one_of_another(world: World) -> tuple[str | Path, ...]:
    first = world.kept("first")
    world.signed(sign=world.by_another)
    other = world.kept("other")
    world.restored(first)
    return ("--last", other[1])


def renamed(world: World) -> tuple[str | Path, ...]:
    """Put the statement of another file, of the very same content, in the place of the right one."""
    aside = world.file.with_name("aside")
    shutil.move(world.file, aside)
    world.statement.unlink()
    words = (*world.write, *world.sign)
    if "--output" in words:
        words = tuple(aside if word == world.file else word for word in words)
    else:
        words = (*words, "--output", aside)
    assert run(*words) == 0
    shutil.copy(aside, world.file)
    shutil.copy(f"{aside}.dsse", world.statement)
    return ()


USE, SIGN = "do not use it: fetch the newest one", "sign it with --sign KEY"
REFUSED: dict[str, tuple[Callable[[World], tuple[str | Path, ...]], str, str]] = {
    "unsigned": (unsigned, "is not signed, but a signature is required", SIGN),
    "older": (older, "is number 1, and number 2 was seen: it is replayed", USE),
    "expired": (expired, "expired at", "take it anew and sign it"),
    "replayed": (replayed, "is number 1, and number 2 was seen: it is replayed", USE),
    "forked": (forked_at_once, "is number 1, and so was another one that was seen", USE),
    "forked before": (forked_before, "is number 2, and follows another one than was seen", USE),
    "out of turn": (out_of_turn, "is number 3, and 1 was last seen", USE),
    "another signer": (by_another, "", "do not use it"),
    "last seen of another signer": (after_one_of_another, "last seen", "name the last one that was verified"),
    "another file": (renamed, "is about another file, aside", "do not use it: fetch the last one"),
}


@pytest.mark.parametrize("word", REFUSED)
def test_a_state_is_refused(world: World, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    change, why, remedy = REFUSED[word]
    world.signed()
    assert world.judged() == 0
    more = change(world)
    capsys.readouterr()
    assert world.judged(*more) == 3
    said = capsys.readouterr().err
    assert why in said
    assert remedy in said


def test_a_state_follows_the_one_that_was_last_seen(world: World) -> None:
    world.signed()
    first = world.kept("first")
    assert world.judged("--last", first[1]) == 0
    world.signed()
    assert world.judged("--last", first[1]) == 0


def test_what_was_last_seen_must_be_there_and_be_a_statement(world: World, tmp_path: Path) -> None:
    world.signed()
    assert world.judged("--last", tmp_path / "none") == 2
    (tmp_path / "text").write_text("{")
    assert world.judged("--last", tmp_path / "text") == 3
    assert run(*world.judge, "--last", world.statement) == 2  # nobody is named who may sign


def test_nothing_is_written_that_could_not_be_signed(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sigstore.oidc.detect_credential", lambda: None)
    bad = ("--sign", "keyless", "--sigstore", tmp_path / "none")
    for sign in (bad, ("--sign", tmp_path / "none")):
        assert run(*world.write, *sign) == 2
        assert not world.file.exists()
        assert not world.statement.exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".fimci-")]


def test_what_stood_there_stays_where_the_next_one_cannot_be_signed(world: World, tmp_path: Path) -> None:
    world.signed()
    before = (world.file.read_bytes(), world.statement.read_bytes())
    (world.beside / "notes.txt").write_text("another\n")
    assert run(*world.write, "--sign", tmp_path / "none") == 2
    assert (world.file.read_bytes(), world.statement.read_bytes()) == before
    assert json.loads(before[1])  # the statement is whole
