"""Places that something starts from: known by their path on the machine, whichever folder is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from fimci import persistence
from fimci.cli import main
from fimci.compare import compare
from fimci.model import Digest, File
from fimci.verdict import annotated
from tests import repository

PLACES = {
    "cron table": (
        "etc/crontab",
        "etc/cron.d/x",
        "etc/cron.daily/x",
        "var/spool/cron/crontabs/root",
        "etc/crontabs/root",
        "etc/periodic/hourly/x",
    ),
    "unit of systemd": (
        "etc/systemd/system/multi-user.target.wants/x.service",
        "run/systemd/system/x.timer",
        "usr/local/lib/systemd/user/x.service",
        "home/anna/.config/systemd/user/x.service",
    ),
    "unit that a package brings": ("lib/systemd/system/x.service", "usr/lib/udev/rules.d/99-x.rules"),
    "init script": ("etc/init.d/x", "etc/rc3.d/S99x", "etc/rc.local", "etc/inittab", "etc/local.d/x.start"),
    "start-up file of shells": (
        "etc/profile.d/x.sh",
        "root/.bashrc",
        "Users/anna/.zshenv",
        "etc/skel/.profile",
    ),
    "library for every program": ("etc/ld.so.preload", "etc/ld.so.conf.d/x.conf"),
    "access by ssh": ("root/.ssh/authorized_keys", "home/anna/.ssh/rc", "etc/ssh/sshd_config.d/x.conf"),
    "rights of other users": ("etc/sudoers", "etc/sudoers.d/x", "etc/polkit-1/rules.d/x.rules"),
    "log-in": ("etc/pam.d/sshd", "usr/lib/x86_64-linux-gnu/security/pam_unix.so", "lib/security/pam_x.so"),
    "account": ("etc/passwd", "etc/shadow"),
    "kernel module": ("etc/modules", "etc/modules-load.d/x.conf", "usr/lib/modprobe.d/x.conf"),
    "rule for devices": ("etc/udev/rules.d/99-x.rules", "run/udev/rules.d/99-x.rules"),
    "desktop": ("etc/xdg/autostart/x.desktop", "home/anna/.config/autostart/x.desktop"),
    "hook": (
        "etc/apt/apt.conf.d/99x",
        "etc/update-motd.d/99-x",
        "etc/NetworkManager/dispatcher.d/pre-up.d/x",
    ),
    "start of Python": (
        "usr/lib/python3/dist-packages/x.pth",
        "usr/local/lib/python3.12/site-packages/sitecustomize.py",
        "usr/lib/python3.12/sitecustomize.py",
    ),
    "launchd": ("Library/LaunchDaemons/x.plist", "Users/anna/Library/LaunchAgents/x.plist"),
    "": (
        "",
        "etc/hostname",
        "srv/etc/crontab",
        "home/anna/project/.bashrc",
        "home/anna/project/.ssh/authorized_keys",
        "srv/app/lib/python3.12/site-packages/x.pth",
        "usr/lib/python3/dist-packages/x/y.pth",
        "var/log/cron.log",
    ),
}


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind in PLACES for path in PLACES[kind]])
def test_each_place_is_known_by_its_kind(kind: str, path: str) -> None:
    assert persistence.place(path) == kind


def test_every_kind_is_tried() -> None:
    assert {*PLACES} == {*persistence._PLACES, ""}


@pytest.mark.parametrize(
    ("locator", "root"),
    [
        ("ssh://web1.example/", ""),
        ("ssh://deploy@web1.example:2222/etc/", "etc"),
        ("ssh://web1.example//etc/./apt/../cron.d", "etc/cron.d"),
        ("ssh://[::1]:22/etc", "etc"),
        ("dir:/", ""),
        ("git::worktree", None),
        ("oci:image.tar", None),
        ("archive:x.tar", None),
        ("baseline:x", None),
        ("hive:x", None),
    ],
)
def test_folders_and_hosts_are_on_a_machine(locator: str, root: str | None) -> None:
    assert persistence.root(locator) == root


def test_a_link_to_a_folder_is_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "link").symlink_to("etc")
    assert persistence.root(f"dir:{tmp_path}/link") == persistence.root(f"dir:{tmp_path}/etc")


@pytest.mark.parametrize(
    ("root", "patterns", "told"),
    [
        ("etc", (), "cron table"),
        ("etc", ("!/etc/cron.d/",), ""),
        ("etc", ("!/cron.d/x",), ""),
        ("etc", ("x",), persistence.NAMED),
        ("srv/etc", (), ""),
        (None, (), ""),
        (None, ("/cron.d/",), persistence.NAMED),
    ],
)
def test_place_and_policy_decide(root: str | None, patterns: tuple[str, ...], told: str) -> None:
    file = File(path="cron.d/x", kind="file", size=1, mode=0o644, digest=Digest("sha256", "0" * 64))
    (change,) = annotated(compare([], [file]), (), patterns, sealed=True, root=root)
    assert change.persistent == told


def test_explain_says_what_a_check_would(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = str(tmp_path.resolve() / "tables").replace("\\", "/")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "x").write_text("")
    (tmp_path / "fimci.toml").write_text(f'persistence = ["{whole}/"]\n')
    assert main(["explain", str(tmp_path / "tables" / "x")]) == 0
    assert f"{persistence.NAMED}, by the pattern" in capsys.readouterr().out


@pytest.mark.parametrize("where", ["folder", "repository"])
def test_explain_says_of_a_place_whether_git_is_asked_for_it(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if where == "repository":
        repository.create(tmp_path, {"a": "x"})
    monkeypatch.setattr(persistence, "place", lambda path: "cron table" if path.endswith("tables/x") else "")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "x").write_text("")
    assert main(["explain", str(tmp_path / "tables" / "x")]) == 0
    told = capsys.readouterr().out
    assert "cron table: a change is told by host-persistence-changed" in told
    assert ("not in one of a change in git" in told) == (where == "repository")
