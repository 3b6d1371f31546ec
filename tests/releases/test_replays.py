"""What happened to others, inert: a lockfile and its registry on loopback, and the story that is told."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from fimci import cli
from tests.loopback import Registry, Said, sri
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
    assert any(m.startswith("left now brings plain 4.2.1: new postinstall script") for m in messages)
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
