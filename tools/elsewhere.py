"""What the examples of the documentation are about where that is no folder here: hosts, images, hives.

The hosts of the examples are folders beside the project, and `ssh` there is a program of a few lines that
runs in a local shell what the real one would run on the other side: what fimci asks and prints is the same.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests import hives, images

_SSH = """#!/bin/sh
for word; do
  test "$word" = -G && exit 0
  test "$last" = -- && host=$word
  last=$word
done
if test "$host" = web2.example && test -e "$HOME/down"; then
  echo "ssh: connect to host web2.example port 22: Connection timed out" >&2
  exit 255
fi
HOSTS="$HOME/hosts/$host"; export HOSTS
exec sh -c "$last"
"""
_POLICY = """\
[[remote]]
name = "web1"
at = "ssh://deploy@web1.example{root}/srv/web1"
baseline = "web1.baseline"

[[remote]]
name = "web2"
at = "ssh://deploy@web2.example{root}/srv/web2"
baseline = "web2.baseline"
"""


def hosts(where: Path) -> None:
    """Make two hosts with the project on each, and the policy that lists them."""
    home = where.parent
    (home / "bin").mkdir()
    (home / "bin" / "ssh").write_text(_SSH)
    (home / "bin" / "ssh").chmod(0o755)
    for name in ("web1", "web2"):
        shutil.copytree(where, home / "srv" / name)
    (where / "fimci.toml").write_text(_POLICY.format(root=home))


def tampered(where: Path) -> None:
    """Change a script and a manifest on the first host, and let the second one be down."""
    folder = where.parent / "srv" / "web1"
    manifest = folder / "package.json"
    script = '"test": "node --test",\n    "postinstall": "node setup.js"'
    manifest.write_text(manifest.read_text().replace('"test": "node --test"', script))
    (folder / "src" / "left.js").write_text("module.exports = (text) => text\n")
    (where.parent / "down").touch()


def two_images(where: Path) -> None:
    """Make two versions of an image: the second runs as root, and has another package installed."""
    base = images.layer("etc/", images.Member("etc/motd", b"hello\n"), "srv/", "srv/app/")
    for number, script in (("1", ""), ("2", ', "scripts": {"postinstall": "node setup.js"}')):
        text = f'{{"name": "left", "version": "1.0.{number}"{script}}}\n'
        package = images.Member("srv/app/node_modules/left/package.json", text.encode())
        start = {"Entrypoint": ["/usr/bin/node", "/srv/app"], "User": "1000" if number == "1" else "0"}
        layers = [base, images.layer(package, *(["etc/.wh.motd"] if number == "2" else []))]
        images.layout(where / f"demo-{number}", layers, start, tag="latest")


def two_hives(where: Path) -> None:
    """Make a hive before and after a program wrote itself into the Run key, and a service got another one."""
    services = {"Spooler": ("C:\\Windows\\System32\\spoolsv.exe", "C:\\Windows\\Temp\\spoolsv.exe")}
    run = hives.Node({"Updater": hives.text("C:\\Users\\Public\\up.exe /q")})
    for name, at in (("before", 0), ("after", 1)):
        started = {one: hives.Node({"ImagePath": hives.text(path[at])}) for one, path in services.items()}
        windows = hives.Node({}, {"CurrentVersion": hives.Node({}, {"Run": run if at else hives.Node()})})
        machine = {
            "Microsoft": hives.Node({}, {"Windows": windows}),
            "ControlSet001": hives.Node({}, {"Services": hives.Node({}, started)}),
        }
        (where / name).write_bytes(hives.built(hives.Node({}, machine)))
