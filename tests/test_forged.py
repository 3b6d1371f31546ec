"""A baseline that was edited, with a trailer that fits: a check refuses what a whole reading would refuse.

A check holds lines against lines and decodes few of them, so that it must not overlook what whoever
reads the whole file would stumble upon.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from fimci import batches, folder, sides, store, workers
from fimci.compare import compare
from fimci.errors import BaselineError
from fimci.held import held
from fimci.model import Change, File
from fimci.sources import clock

Edit: TypeAlias = Callable[[random.Random, list[bytes]], None]
FORGERIES = 250
GARBAGE = (
    b"", b"{}", b"[]", b"null", b"[1]", b'["a"]', b'["a",1]', b'["a",-1,"x"]', b'["a",1,"x","9"]', b'["d/"]',
    b'["d/","755",{}]', b'["d/",""]', b'{"type":"file"}', b'{"type":"file","path":"b"}', b'["\xff",1,"x"]',
    b'["\\u0000",1,"x"]', b'["\\u0000ud800",null,null,""]', b"[" * 500, b'["a",1,"\\u0000"]',
)  # fmt: skip


def swap(chance: random.Random, body: list[bytes]) -> None:
    one, other = (chance.randrange(len(body)) for _ in range(2))
    body[one], body[other] = body[other], body[one]


def double(chance: random.Random, body: list[bytes]) -> None:
    body.insert(chance.randrange(len(body) + 1), chance.choice(body))


def drop(chance: random.Random, body: list[bytes]) -> None:
    del body[chance.randrange(len(body))]


def damage(chance: random.Random, body: list[bytes]) -> None:
    number = chance.randrange(len(body))
    line = bytearray(body[number])
    line[chance.randrange(len(line))] = chance.choice(b'"\\,[]{}0 az/\x00\xff')
    body[number] = bytes(line)


def forge(chance: random.Random, body: list[bytes]) -> None:
    body.insert(chance.randrange(len(body) + 1), chance.choice(GARBAGE))


def sealed(head: bytes, body: list[bytes], count: int) -> bytes:
    text = b"".join(line + b"\n" for line in (head, *body))
    return text + b'{"records":%d,"root":"sha256:%s"}\n' % (count, hashlib.sha256(text).hexdigest().encode())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a tree whose baseline has lines of every form."""
    for name in ("a", "b/c", "b/d\udcff", "b/e\n", "d/x", "package.json", "z"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"scripts": {"postinstall": "x"}}' if name[0] == "p" else f"{name!r}")
    (tmp_path / "b/run").write_text("#!/bin/sh\n")
    (tmp_path / "b/run").chmod(0o755)
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "empty").touch()
    return tmp_path


def told(root: Path, data: bytes, *, short: bool) -> list[Change] | None:
    """Return what a check or the comparison of all records tells; `None`: the baseline is refused."""
    try:
        left = store.load(data, "good")
        if short:
            found = held(str(root), left)
            return list(compare(found.left.records, found.right.records))
        return list(compare(list(left.records), folder.taken(str(root), left.recipe).records))
    except BaselineError:
        return None


def of_files(changes: list[Change] | None) -> list[Change] | None:
    """Leave out what readers said: of a file whose line holds, a check believes the baseline."""
    return None if changes is None else [c for c in changes if isinstance(c.record, File)]


@pytest.mark.parametrize("edit", [swap, double, drop, damage, forge])
def test_a_check_refuses_what_cannot_be_read_and_tells_the_same_of_what_can(
    edit: Edit, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 1)
    monkeypatch.setattr(batches, "_ASKED", 0)
    monkeypatch.setattr(clock, "_MARGIN", -(10**12))
    how = sides.recipe()
    head, *body, _ = b"".join(store.dump(how, folder.taken(str(tree), how).records)).split(b"\n")[:-1]
    others = [line for line in body if line.startswith(b'{"type":"capability"')]
    body = [line for line in body if line not in others]
    outcomes = set()
    for seed in range(FORGERIES):
        chance = random.Random(seed)  # noqa: S311  (what to forge)
        monkeypatch.setattr(batches, "MANY", chance.randint(1, 5))
        lines = list(body)
        edit(chance, lines)
        lines += others
        data = sealed(head, lines, len(lines) - (chance.random() < 0.05))
        whole = of_files(told(tree, data, short=False))
        assert of_files(told(tree, data, short=True)) == whole, (seed, lines)
        outcomes.add(whole is None)
    assert True in outcomes
