"""What happened to others, inert: a lockfile and its registry on loopback, and the story that is told."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

import pytest

from fimci import cli
from tests.loopback import Registry, Said, sri, wheel
from tests.releases.projects import LOUD, QUIET, Project, lock, updated


def ago(**time: float) -> str:
    then = dt.datetime.now(dt.timezone.utc) - dt.timedelta(**time)
    return then.isoformat().replace("+00:00", "Z")


def document(server: Registry, name: str, times: dict[str, str]) -> None:
    """Serve what the registry says of all releases of a package."""
    versions = {}
    for version in times:
        said = server.answers.get(f"/{name}/{version}")
        versions[version] = json.loads(said[0].body) if said else {"name": name, "version": version}
    whole: dict[str, Any] = {
        "name": name,
        "versions": versions,
        "time": {"created": "2010-01-01T00:00:00.000Z", **times},
    }
    server.say(f"/{name}", Said(json.dumps(whole).encode()))


def test_a_new_dependency_that_runs_a_script_hours_after_it_was_published(
    project: Project, server: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    """As axios 1.14.1 of 2026: the package itself changed nothing but what it needs."""
    old, new = server.npm("left", "1.0.0", QUIET), server.npm("left", "1.0.1", QUIET)
    script = {"name": "plain", "version": "4.2.1", "scripts": {"postinstall": "node s.js"}}
    plain = server.npm("plain", "4.2.1", {"package.json": json.dumps(script), "s.js": LOUD["index.js"]})
    document(server, "plain", {"4.2.0": ago(hours=20), "4.2.1": ago(hours=3)})
    project.write("package-lock.json", lock({"left": ("1.0.0", sri(old), {})}))
    project.commit()
    entries = {"left": ("1.0.1", sri(new), {"plain": "^4.2.1"}), "plain": ("4.2.1", sri(plain), {})}
    project.write("package-lock.json", lock(entries))
    code, report = project.check()
    assert code == 1
    messages = [f["message"] for f in report["findings"]]
    assert "left now brings plain 4.2.1: was published 3 hours ago" in messages
    story = "left now brings plain 4.2.1, 3 hours old, which runs a script at install: new postinstall script"
    assert any(m.startswith(story) for m in messages), messages
    cli.main(["check", str(project.folder), "--releases", "--no-installed", "--offline"])
    said = " ".join(capsys.readouterr().out.split())
    assert "release: high: plain 4.2.1 (new, through left, 3 hours old): has install-script (install)" in said


def test_a_package_that_wakes_up(project: Project, server: Registry) -> None:
    updated(project, server, LOUD)
    document(server, "left", {"1.0.0": ago(days=2000), "1.0.1": ago(hours=30)})
    _, report = project.check()
    said = {f["rule"]: (f["severity"], f["message"]) for f in report["findings"]}
    assert said["release-dormant"] == (
        "medium",
        "left 1.0.0 \u2192 1.0.1: is the first release after 5 years, 1 day old",
    )
    assert said["release-young"][0] == "low"
    assert "capability-gained" in said


def test_a_release_that_was_removed_while_a_cache_still_has_it(project: Project, server: Registry) -> None:
    updated(project, server, QUIET)
    document(server, "left", {"1.0.0": ago(days=20), "1.0.1": ago(days=1)})
    assert [f["rule"] for f in project.check()[1]["findings"]] == ["release-young"]
    document(server, "left", {"1.0.0": ago(days=20)})
    for path in ("/left/1.0.1", "/left/-/left-1.0.1.tgz"):
        server.say(path, Said(status=404))
    code, report = project.check()
    assert (code, [(f["rule"], f["severity"]) for f in report["findings"]]) == (
        1,
        [("release-withdrawn", "high")],
    )


@pytest.mark.parametrize("kept", [True, False])
def test_a_package_that_was_removed_as_a_whole(kept: bool, project: Project, server: Registry) -> None:  # noqa: FBT001  (a case)
    updated(project, server, QUIET)
    document(server, "left", {"1.0.0": ago(days=20), "1.0.1": ago(days=9)})
    if kept:
        assert project.check()[1]["findings"] == []
    text = project.folder.joinpath("package-lock.json").read_text()
    project.write("package-lock.json", text.replace("https://registry.example/", server.url))
    for path in server.answers:
        server.say(path, Said(status=404))
    code, report = project.check()
    (found,) = [f for f in report["findings"] if f["rule"] == "release-withdrawn"]
    assert (code, found["severity"], found["line"]) == (1, "high", 14)
    assert (
        "its registry does not know the package: it was removed, or comes from another one"
        in found["message"]
    )
    assert [row["verdict"] for row in report["releases"]] == ["high"]
    assert [one["why"] for one in report["unread"]] == ([] if kept else ["127.0.0.1 does not have it (404)"])


def test_a_package_of_another_registry_was_not_removed(project: Project, server: Registry) -> None:
    updated(project, server, QUIET)
    for path in server.answers:
        server.say(path, Said(status=404))
    code, report = project.check()
    assert (code, report["findings"], [row["verdict"] for row in report["releases"]]) == (
        3,
        [],
        ["not looked at"],
    )


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("kept", [True, False])
def test_a_release_of_python_that_was_removed(
    *, kept: bool, whole: bool, project: Project, server: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}simple")
    wheels = {f"left-{v}-py3-none-any.whl": wheel("left", v, {"left.py": ""}) for v in ("1.0", "1.1")}
    server.pypi("left", wheels)
    for version, data in zip(("1.0", "1.1"), wheels.values(), strict=True):
        project.write(
            "requirements.txt", f"left=={version} --hash=sha256:{hashlib.sha256(data).hexdigest()}\n"
        )
        if version == "1.0":
            project.commit()
    if kept:
        assert project.check()[1]["findings"] == []
    server.pypi("left", dict(list(wheels.items())[:1]))
    server.say("/files/left-1.1-py3-none-any.whl", Said(status=404))
    if whole:
        server.say("/simple/left/", Said(status=404))
    code, report = project.check()
    (found,) = [f for f in report["findings"] if f["rule"] == "release-withdrawn"]
    assert (code, found["severity"], found["path"], found["line"]) == (1, "high", "requirements.txt", 1)
    assert (len(report["unread"]), report["releases"][0]["verdict"]) == (0 if kept else 1, "high")


def test_an_acceptance_outlives_the_hour(project: Project, server: Registry) -> None:
    updated(project, server, QUIET)
    said = []
    for hours in (3, 9):
        document(server, "left", {"1.0.0": ago(days=20), "1.0.1": ago(hours=hours)})
        said.append(project.check()[1]["findings"])
    assert [[f["message"][-11:] for f in one] for one in said] == [["3 hours ago"], ["9 hours ago"]]
    assert said[0][0]["fingerprint"] == said[1][0]["fingerprint"]


@pytest.mark.parametrize(("days", "code"), [(0, 0), (3, 0), (7, 1)])
def test_a_policy_that_waits(days: int, code: int, project: Project, server: Registry) -> None:
    project.write("fimci.toml", f"cooldown = {days}\n")
    updated(project, server, QUIET)
    document(server, "left", {"1.0.0": ago(days=20), "1.0.1": ago(days=5, hours=1)})
    found, report = project.check()
    told = "left 1.0.0 \u2192 1.0.1: was published 121 hours ago, but the policy requires 7 days"
    assert (found, [f["message"] for f in report["findings"]]) == (code, [told] if code else [])
    assert report["unread"] == []


def test_a_policy_that_waits_where_nobody_knows_how_long(project: Project, server: Registry) -> None:
    project.write("fimci.toml", "cooldown = 7\n")
    updated(project, server, QUIET)
    code, report = project.check()
    (missed,) = report["unread"]
    assert (code, missed["part"], missed["line"]) == (3, "cooldown", 14)
    assert missed["why"] == "policy waits for 7 days, and nobody says how old 1 release is"


def test_a_dependency_from_git_that_is_prepared_at_installation(project: Project, server: Registry) -> None:
    """As TanStack of 2026: an optional dependency from a commit of a fork, whose `prepare` runs."""
    old, new = server.npm("left", "1.0.0", QUIET), server.npm("left", "1.0.1", QUIET)
    project.write("package-lock.json", lock({"left": ("1.0.0", sri(old), {})}))
    project.commit()
    entries = {"left": ("1.0.1", sri(new), {"setup": "github:left/left#79ac49e"}), "setup": ("1.0.0", "", {})}
    text = json.loads(lock(entries))
    entry = text["packages"]["node_modules/setup"]
    entry.update(resolved=f"git+ssh://git@github.com/left/left.git#{'79ac49e' * 6:.40}")
    del entry["integrity"]
    project.write("package-lock.json", json.dumps(text, indent=1))
    code, report = project.check()
    told = {f["rule"]: (f["severity"], f["package"]) for f in report["findings"]}
    assert (code, told["source-not-registry"]) == (1, ("high", "pkg:npm/setup@1.0.0"))
    assert [one["why"] for one in report["unread"]] == ["comes from elsewhere than a registry (git)"]
    row = next(row for row in report["releases"] if row["name"] == "setup")
    assert (row["through"], row["verdict"]) == ("left", "not looked at")
    assert not any("github.com" in path for path in server.paths())


@pytest.mark.parametrize(
    "times",
    [
        {"1.0.0": ago(days=2000), "1.0.1": ago(hours=3)},
        {"created": ago(hours=2), "1.0.0": ago(days=2000), "1.0.1": ago(hours=3)},
        {
            "created": "2010-01-01T00:00:00.000Z",
            "1.0.0": ago(hours=9),
            "1.0.1": ago(hours=3),
            **{f"1.0.{number}": ago(days=100 + number) for number in range(2, 12)},
        },
    ],
)
def test_times_of_a_mirror_say_nothing(times: dict[str, str], project: Project, server: Registry) -> None:
    updated(project, server, QUIET)
    versions = {one: {"name": "left", "version": one} for one in times if one != "created"}
    server.say("/left", Said(json.dumps({"name": "left", "versions": versions, "time": times}).encode()))
    code, report = project.check()
    assert (code, report["findings"], report["releases"][0]["age"]) == (0, [], None)
    told = "the age of 1 of 1 release is unstated: their registry has no times, or those of a mirror"
    assert told in report["notes"]
