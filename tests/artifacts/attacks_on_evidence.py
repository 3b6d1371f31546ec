"""What an attacker does to evidence: to what it says, to its bytes, and to what it is verified with."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pytest

from tests.artifacts import battery
from tests.artifacts.evidence_forms import Facts, Form, Keys
from tests.artifacts.second_log import signature
from tests.artifacts.sigstore_instance import Instance, b64


class World(NamedTuple):
    """Ours, and those of an attacker."""

    instance: Instance
    other: Instance
    held: Keys
    theirs: Keys


class Case(NamedTuple):
    """What is verified: the core of the evidence, beside what artifact, and with what it is held together."""

    core: Any
    data: bytes
    options: str = ""
    end: dt.datetime | None = None
    shipped: bool = False


Attack: TypeAlias = Callable[[World, Form], Case]


def tampered_data(form: Form) -> bytes:
    """Return the artifact with another line in it, which is right in every other respect."""
    if form.file == battery.NPM:
        return battery.npm((battery.PACKAGE[0], ("package/cli.js", b"module.exports = 2;\n")))
    return battery.wheel({"demo/core.py": b"def run():\n    return 2\n"})


def made(**facts: Any) -> Attack:
    """Make evidence that says something else."""
    return lambda world, form: Case(form.make(world.instance, world.held, Facts(**facts)), form.data)


def about_another(world: World, form: Form) -> Case:
    return Case(form.make(world.instance, world.held, Facts(about=b"another file")), form.data)


def edited(change: Callable[[Any], None]) -> Attack:
    """Make good evidence, and change it afterwards."""

    def attack(world: World, form: Form) -> Case:
        core = copy.deepcopy(form.make(world.instance, world.held, Facts()))
        change(core)
        return Case(core, form.data)

    return attack


def by_their_key(world: World, form: Form) -> Case:
    return Case(form.make(world.instance, world.theirs, Facts()), form.data)


def elsewhere(world: World, form: Form) -> Case:
    return Case(form.make(world.other, world.held, Facts()), form.data)


def with_shipped_root(world: World, form: Form) -> Case:
    return elsewhere(world, form)._replace(shipped=True)


def beside_another(world: World, form: Form) -> Case:
    return Case(form.make(world.instance, world.held, Facts()), tampered_data(form))


def key_had_ended(world: World, form: Form) -> Case:
    core = form.make(world.instance, world.held, Facts())
    return Case(core, form.data, end=dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc))


def key_was_allowed(world: World, form: Form) -> Case:
    core = form.make(world.instance, world.held, Facts())
    return Case(core, form.data, options='valid-before="20200101" ')


def message_of_another(world: World, form: Form) -> Case:
    core, data = form.make(world.instance, world.held, Facts()), tampered_data(form)
    digest = hashlib.sha256(data).digest()
    core["messageSignature"]["messageDigest"]["digest"] = b64(digest)
    return Case(core, data)


def release_of_another(world: World, form: Form) -> Case:
    core, data = form.make(world.instance, world.held, Facts()), tampered_data(form)
    core["dist"]["integrity"] = f"sha512-{b64(hashlib.sha512(data).digest())}"
    return Case(core, data)


def entry_of(core: Any) -> Any:
    return core["verificationMaterial"]["tlogEntries"][0]


def with_payload(core: Any) -> None:
    envelope = core.get("dsseEnvelope", core)
    statement = json.loads(base64.b64decode(envelope["payload"]))
    statement["predicate"] = {"evil": True}
    envelope["payload"] = b64(json.dumps(statement).encode())


def flipped(text: str) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[-1] ^= 1
    return b64(bytes(raw))


def with_signature(core: Any) -> None:
    if "messageSignature" in core:
        core["messageSignature"]["signature"] = flipped(core["messageSignature"]["signature"])
    else:
        one = (core.get("dsseEnvelope") or core.get("dist") or core)["signatures"][0]
        one["sig"] = flipped(one["sig"])


def without_signature(core: Any) -> None:
    if "messageSignature" in core:
        core["messageSignature"]["signature"] = ""
    else:
        (core.get("dsseEnvelope") or core.get("dist") or core)["signatures"] = []


def bent(value: Any) -> Any:
    """Change the first character of the first hash or signature that is in a body."""
    if isinstance(value, dict):
        for key, item in value.items():
            other = bent(item)
            if other != item:
                return {**value, key: other}
    if isinstance(value, list) and value:
        return [bent(value[0]), *value[1:]]
    if isinstance(value, str) and len(value) > 40:
        return ("a" if value[0] != "a" else "b") + value[1:]
    return value


def with_body(core: Any) -> None:
    body = json.loads(base64.b64decode(entry_of(core)["canonicalizedBody"]))
    data = json.dumps(bent(body), sort_keys=True, separators=(",", ":")).encode()
    entry_of(core)["canonicalizedBody"] = b64(data)


def with_proof(core: Any) -> None:
    entry_of(core)["inclusionProof"]["rootHash"] = b64(bytes(32))


def without_proof(core: Any) -> None:
    entry_of(core)["inclusionProof"] = None


def with_checkpoint(core: Any) -> None:
    proof = entry_of(core)["inclusionProof"]["checkpoint"]
    note, mark = proof["envelope"].split("\n\n")
    lines = note.split("\n")
    proof["envelope"] = "\n".join([lines[0], "9", *lines[2:]]) + "\n\n" + mark


def without_entry(core: Any) -> None:
    core["verificationMaterial"]["tlogEntries"] = []


def without_time(core: Any) -> None:
    for entry in core["verificationMaterial"]["tlogEntries"]:
        for name in ("integratedTime", "inclusionPromise"):
            entry.pop(name, None)
    core["verificationMaterial"].pop("timestampVerificationData", None)


def with_time(core: Any) -> None:
    stamps = core["verificationMaterial"].get("timestampVerificationData")
    if stamps is None or not stamps.get("rfc3161Timestamps"):
        entry_of(core)["integratedTime"] = str(int(entry_of(core)["integratedTime"]) - 1)
        return
    raw = base64.b64decode(stamps["rfc3161Timestamps"][0]["signedTimestamp"])
    when = re.search(rb"\d{14}Z", raw)
    assert when is not None
    other = raw.replace(when[0], b"%014dZ" % (int(when[0][:-1]) ^ 1))
    stamps["rfc3161Timestamps"][0]["signedTimestamp"] = b64(other)


def entry_of_another(world: World, form: Form) -> Case:
    core = copy.deepcopy(form.make(world.instance, world.held, Facts()))
    other = form.make(world.instance, world.held, Facts(about=b"another file"))
    core["verificationMaterial"]["tlogEntries"] = other["verificationMaterial"]["tlogEntries"]
    return Case(core, form.data)


def stamped(
    by: Callable[[World], Instance], minutes: int = 0, days: int = 0, of: bytes | None = None
) -> Attack:
    """Put another timestamp in the place of the right one."""

    def attack(world: World, form: Form) -> Case:
        core = copy.deepcopy(form.make(world.instance, world.held, Facts()))
        instance = by(world)
        when = instance.now + dt.timedelta(seconds=5, minutes=minutes, days=days)
        what = base64.b64decode(signature(core)) if of is None else of
        stamps = [instance.authority.stamped(what, when)]
        core["verificationMaterial"]["timestampVerificationData"] = {"rfc3161Timestamps": stamps}
        return Case(core, form.data)

    return attack


def unpublished(world: World, form: Form) -> Case:
    """Have a certificate of the right authority that no log of certificates has seen."""
    instance = copy.copy(world.instance)
    instance.ct_key = world.other.ct_key
    return Case(form.make(instance, world.held, Facts()), form.data)


def of_another_builder(statement: dict[str, Any]) -> None:
    predicate = statement["predicate"]
    predicate.get("runDetails", predicate)["builder"] = {"id": "https://builder.invalid"}


def of_another_commit(statement: dict[str, Any]) -> None:
    predicate, other = statement["predicate"], "cd" * 20
    if "invocation" in predicate:
        predicate["invocation"]["configSource"]["digest"] = {"sha1": other}
    else:
        predicate["buildDefinition"]["resolvedDependencies"][0]["digest"] = {"gitCommit": other}


def of_another_workflow(statement: dict[str, Any]) -> None:
    predicate, other = statement["predicate"], ".github/workflows/test.yml"
    if "invocation" in predicate:
        predicate["invocation"]["configSource"]["entryPoint"] = other
    else:
        predicate["buildDefinition"]["externalParameters"]["workflow"]["path"] = other


def with_parameters(statement: dict[str, Any]) -> None:
    predicate = statement["predicate"]
    if "invocation" in predicate:
        predicate["invocation"]["parameters"] = {"event_inputs": {"a": 1}}
    else:
        predicate["buildDefinition"]["externalParameters"]["inputs"] = {"a": 1}


def of_another_kind(statement: dict[str, Any]) -> None:
    statement["predicateType"] = "https://evil.invalid/v1"


def with_weak_hashes(statement: dict[str, Any]) -> None:
    statement["subject"][0]["digest"] = {"sha1": "00" * 20, "md5": "00" * 16}


def about_nothing(statement: dict[str, Any]) -> None:
    statement["subject"] = []


def planted(home: Path, root: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the attacker's root of trust wherever a client of Sigstore keeps one."""
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(home))
    for name in ("CACHE", "DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("TUF_ROOT", str(home / "tuf"))
    monkeypatch.setenv("SIGSTORE_ROOT_FILE", str(home / "trusted_root.json"))
    from sigstore._internal.tuf import DEFAULT_TUF_URL, _get_dirs  # noqa: PLC0415  (where they are looked for)

    places = [*_get_dirs(DEFAULT_TUF_URL), home, home / "tuf", home / ".sigstore" / "root" / "targets"]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        for file in ("trusted_root.json", "root.json"):
            (place / file).write_bytes(root)
