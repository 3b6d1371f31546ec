"""What is said of many releases in the same words is said once, and each release is still known by it."""

from __future__ import annotations

import json

from fimci.findings import Finding, Severity
from fimci.model import Place
from fimci.releases import alike
from fimci.releases.alike import Said as Told
from tests.loopback import Registry, Said, sri, tarball
from tests.releases.projects import Project, lock


def said(package: str, words: str, rule: str = "release-repository-changed", number: int = 0) -> Told:
    found = Finding(
        rule=rule,
        severity=Severity.LOW,
        message=f"{package} 1 \u2192 2{words}",
        path="package-lock.json",
        package=f"pkg:npm/{package}@2",
        evidence=(Place(f"{package}.js", 1, words),),
        content=words,
        fingerprint=f"{package} {words} {number}",
    )
    return Told(found, package, words)


def test_the_same_words_of_many_packages() -> None:
    every = [said(f"left-{n}", ": moved") for n in range(6)] + [said("right", ": slept")]
    found, told = alike.together(every)
    assert [one.message for one in found] == [
        "left-0 1 \u2192 2: moved; the same of 5 more packages: left-1, left-2, left-3, left-4 and 1 more",
        "right 1 \u2192 2: slept",
    ]
    assert {told[one.finding.fingerprint] for one in every[:6]} == {found[0].fingerprint}
    assert every[6].finding.fingerprint not in told
    assert len(found[0].evidence) == 6
    # One package more is another thing to accept.
    more, _ = alike.together([*every, said("left-6", ": moved")])
    assert more[0].fingerprint != found[0].fingerprint


def test_few_are_told_one_by_one() -> None:
    every = [said(f"left-{n}", ": moved") for n in range(3)]
    found, told = alike.together(every)
    assert (found, told) == ([one.finding for one in every], {})


def test_what_one_rule_says_of_one_release_again_and_again() -> None:
    every = [said("left", f": plug-in {n}", number=n) for n in range(5)]
    found, told = alike.together(every)
    assert [one.message for one in found] == ["left 1 \u2192 2: plug-in 0, and 4 more of this kind"]
    assert set(told.values()) == {found[0].fingerprint}


def test_a_project_that_moved(project: Project, server: Registry) -> None:
    before: dict[str, tuple[str, str, dict[str, str]]] = {}
    after: dict[str, tuple[str, str, dict[str, str]]] = {}
    for name in ("left", "right", "over", "under", "beside"):
        for version, owner, side in (("1.0.0", "acme", before), ("1.0.1", "other", after)):
            about = {"name": name, "version": version, "repository": f"github:{owner}/all"}
            data = tarball({"package.json": json.dumps(about), "index.js": ""})
            server.npm(name, version, {"index.js": ""})
            server.say(f"/{name}/-/{name}-{version}.tgz", Said(data))
            side[name] = (version, sri(data), {})
    project.write("package-lock.json", lock(before))
    project.commit()
    project.write("package-lock.json", lock(after))
    _, report = project.check()
    (found,) = report["findings"]
    assert found["rule"] == "release-repository-changed"
    assert "; the same of 4 more packages: " in found["message"]
    assert [row["verdict"] for row in report["releases"]] == ["low"] * 5
