"""Hostile artifacts and evidence: whatever the bytes are, there is a report or an error in words."""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fimci.artifacts import claims, generated, names
from fimci.attest import materials, ssh
from fimci.attest.identity import Signer
from fimci.attest.refusal import Refusal
from fimci.errors import FimciError
from fimci.findings import Report
from fimci.verify import Request, verify
from tests.artifacts import battery, evidence_forms
from tests.artifacts.evidence_forms import Facts
from tests.artifacts.sigstore_instance import BUILDER, Instance
from tests.test_verify_signatures import GOOD, SIGNER, TODAY

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ARTIFACTS = {
    battery.WHEEL: battery.wheel(
        {"demo.pth": b"import os\n", f"{battery.INFO}/entry_points.txt": b"[console_scripts]\na = b\n"}
    ),
    battery.SDIST: battery.sdist(),
    battery.NPM: battery.npm(battery.PACKAGE),
    "plain.zip": battery.evil_zip(),
}


def outcome(
    name: str, data: bytes, evidence: bytes | None = None, root: bytes = b"", signer: Signer = SIGNER
) -> Report | FimciError:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        more: dict[str, Any] = {}
        if evidence is not None:
            (Path(folder) / "bundle.json").write_bytes(evidence)
            (Path(folder) / "root.json").write_bytes(root)
            more = {"bundles": (f"{folder}/bundle.json",), "root": f"{folder}/root.json", "signer": signer}
        try:
            return verify(Request(artifacts=(str(path),), today=TODAY, **more))
        except FimciError as error:
            return error


@FEW
@given(
    st.sampled_from(sorted(ARTIFACTS)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_damaged_artifacts_give_a_report(name: str, damage: list[tuple[float, int]]) -> None:
    data = bytearray(ARTIFACTS[name])
    for where, byte in damage:
        data[int(where * (len(data) - 1))] = byte
    found = outcome(name, bytes(data))
    assert isinstance(found, Report) or found.message


@FEW
@given(st.sampled_from(sorted(ARTIFACTS)), st.floats(0, 1))
def test_cut_artifacts_are_never_clean(name: str, where: float) -> None:
    data = ARTIFACTS[name][: int(where * (len(ARTIFACTS[name]) - 1))]
    found = outcome(name, data)
    assert isinstance(found, FimciError) or found.exit_code in {1, 3}


@FEW
@given(st.binary(max_size=300))
def test_metadata_may_be_anything(data: bytes) -> None:
    files = dict.fromkeys((f"{battery.INFO}/METADATA", f"{battery.INFO}/WHEEL", "a.pth"), data)
    files |= {f"{battery.INFO}/entry_points.txt": data, f"{battery.INFO}/top_level.txt": data}
    assert isinstance(outcome(battery.WHEEL, battery.wheel(files)), Report)
    manifest = battery.npm((("package/package.json", data),))
    assert isinstance(outcome(battery.NPM, manifest), Report)
    generated.is_data(data)
    list(claims.headers(data))


@FEW
@given(st.text(max_size=60))
def test_names_of_files_may_be_anything(text: str) -> None:
    for suffix in (".whl", ".tar.gz", ".tgz", ".zip", ""):
        found = names.named(text + suffix, ["a/PKG-INFO", "a/package.json"])
        assert found.file == text + suffix


def test_a_name_that_asks_for_a_million_tags_has_none() -> None:
    many = ".".join(f"a{number}" for number in range(300))
    assert names.named(f"demo-1.0-{many}-{many}-{many}.whl", []).tags == frozenset()


@FEW
@given(st.binary(max_size=200))
def test_evidence_may_be_anything(data: bytes) -> None:
    for parse in (lambda: materials.parse(data, "x"), lambda: ssh.parse(data)):
        with contextlib.suppress(Refusal):
            parse()
    ssh.allowed(data)


@pytest.fixture(scope="module")
def instance() -> Instance:
    return Instance()


def spots(value: Any, trail: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [trail] * bool(trail) + [one for key, item in inner for one in spots(item, (*trail, key))]


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, 1, -1, "", "x", "AAAA", [], {}, [{}], {"a": []}, 10**30, True, "0", "\ud800"]
)


@FEW
@given(st.sampled_from(["dsse", "intoto"]), st.data())
def test_a_bundle_with_anything_in_it_never_passes(
    instance: Instance, kind: str, data: st.DataObject
) -> None:
    good = instance.attested(GOOD, kind=kind)
    broken = copy.deepcopy(good)
    way = data.draw(st.sampled_from(spots(good)))
    target = broken
    for step in way[:-1]:
        target = target[step]
    target[way[-1]] = data.draw(ODD)
    found = outcome(battery.WHEEL, battery.wheel(), json.dumps(broken).encode(), instance.trusted_root())
    if isinstance(found, Report) and found.exit_code == 0:
        # What nothing depends on may be anything: how the key is named, and which log it says it is.
        assert way[-1] in {"mediaType", "logIndex"} or json.dumps(broken) == json.dumps(good), way


#: What nobody bears out may be anything.
FREE = {"uri"}


@pytest.mark.parametrize("old", [False, True], ids=["v1", "v0.2"])
@pytest.mark.parametrize("builder", ["", BUILDER], ids=["any builder", "pinned"])
def test_a_statement_with_anything_in_it_is_told(instance: Instance, builder: str, *, old: bool) -> None:
    """A job signs whatever it likes: each part of a statement in turn is put into the place of any type."""
    good = evidence_forms._v02(Facts(), BUILDER) if old else GOOD
    signer = msgspec.structs.replace(SIGNER, builder=builder)
    # A statement may leave out where the build began; without parameters none are unknown.
    free = FREE | ({"parameters", "entryPoint"} if old else set())
    odds: list[Any] = [None, 1, "", "x", [], {}, [{}], {"a": []}, [[]], True]
    for way in spots(good):
        for odd in odds:
            statement = copy.deepcopy(good)
            target: Any = statement
            for step in way[:-1]:
                target = target[step]
            if target[way[-1]] == odd:
                continue
            target[way[-1]] = odd
            evidence = json.dumps(instance.attested(statement)).encode()
            found = outcome(battery.WHEEL, battery.wheel(), evidence, instance.trusted_root(), signer)
            assert isinstance(found, Report)
            assert found.exit_code == 1 or way[-1] in free, (way, odd)


ROOTS: list[Callable[[bytes], bytes]] = [
    lambda _: b"",
    lambda _: b"{}",
    lambda _: b"[]",
    lambda root: root.replace(b'"tlogs": [', b'"tlogs": [], "x": ['),
    lambda root: root.replace(b"SHA2_256", b"MD5"),
    lambda root: root[: len(root) // 2],
]


@pytest.mark.parametrize("change", ROOTS)
def test_a_root_that_is_none_is_an_error(instance: Instance, change: Callable[[bytes], bytes]) -> None:
    evidence = json.dumps(instance.attested(GOOD)).encode()
    found = outcome(battery.WHEEL, battery.wheel(), evidence, change(instance.trusted_root()))
    assert isinstance(found, FimciError) or found.exit_code == 1
