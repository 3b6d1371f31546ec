"""The matrix: every form of evidence (columns), and what an attacker does to it (rows).

`+` passes. `S`: the signature does not hold. `W`: it holds, and is not of whom it should be. `M`: it is
passed over, and so what was asked for is missing. `P`: the statement says what its certificate does not bear
out, and `X`: the builder is not the one that is pinned, too. `-`: that form has nothing to be attacked so.
A cell is judged by the rules that speak, by what they say, and by the remedy that they name; nothing may ask
the network.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fimci.attest import roots
from fimci.errors import UsageError
from fimci.findings import Report
from fimci.verify import Request, verify
from tests.artifacts import attacks_on_evidence as attacks
from tests.artifacts import evidence_forms
from tests.artifacts.attacks_on_evidence import Attack, Case, World, edited, made, stamped
from tests.artifacts.evidence_forms import FORMS, HINT, Facts, Form
from tests.artifacts.sigstore_instance import Instance, b64

MATRIX = """
                     | m.1 m.2 m.3 m.T d.1 d.2 d.3 d.T pep gh gh.p s.1 s.02 npm old pub reg key k.d k.m ssh
as it should be      |  +   +   +   +   +   +   +   +   +  +   +    +   +    +   +   +   +   +   +   +   +
another identity     |  W   W   W   W   W   W   W   W   W  W   W    W   W    W   W   S   S   S   S   S   S
another repository   |  W   W   W   W   W   W   W   W   W  W   W    W   W    W   W   -   -   -   -   -   -
another issuer       |  W   W   W   W   W   W   W   W   W  W   W    W   W    W   W   -   -   -   -   -   -
another ref          |  W   W   W   W   W   W   W   W   W  W   W    W   W    W   W   -   -   -   -   -   -
another subject      |  S   S   S   S   S   S   S   S   S  S   S    S   S    S   S   M   S   S   S   S   S
another name         |  -   -   -   -   S   S   S   S   S  S   S    S   S    S   S   S   S   S   S   -   -
another artifact     |  S   S   S   S   S   S   S   S   S  S   S    S   S    S   S   S   S   S   S   S   S
expired              |  S   S   S   S   S   S   S   S   S  S   S    S   S    S   S   S   S   -   -   -   S
signed too late      |  S   S   S   S   S   S   S   S   S  S   S    S   S    S   S   -   -   -   -   -   -
unpublished          |  S   S   S   S   S   S   S   S   S  S   -    S   S    S   S   -   -   -   -   -   -
another builder      |  -   -   -   -   P   P   P   P   -  X   X    P   P    P   P   -   -   -   -   -   -
another commit       |  -   -   -   -   P   P   P   P   -  P   P    P   P    P   P   -   -   -   -   -   -
another workflow     |  -   -   -   -   P   P   P   P   -  P   P    P   P    P   P   -   -   -   -   -   -
unknown parameters   |  -   -   -   -   P   P   P   P   -  P   P    P   P    P   P   -   -   -   -   -   -
unknown statement    |  -   -   -   -   P   P   P   P   P  P   P    P   P    P   P   P   -   -   -   -   -
weak hashes          |  -   -   -   -   S   S   S   S   S  S   S    S   S    S   S   M   -   S   S   -   -
no subject           |  -   -   -   -   S   S   S   S   S  S   S    S   S    S   S   M   -   S   S   -   -
tampered payload     |  S   S   S   S   S   S   S   S   S  S   S    S   S    S   S   S   S   S   S   S   S
tampered signature   |  S   S   S   S   S   S   S   S   S  S   S    S   S    S   S   S   S   S   S   S   S
stripped signature   |  S   S   S   S   S   S   S   S   S  S   S    S   S    S   S   S   S   S   S   S   S
tampered log entry   |  S   S   S   S   S   S   S   S   S  S   -    S   S    S   S   S   -   -   -   -   -
entry of another     |  S   S   S   S   S   S   S   S   S  S   -    S   S    S   S   S   -   -   -   -   -
missing proof        |  S   S   S   S   S   S   S   S   S  S   -    S   S    S   -   S   -   -   -   -   -
tampered proof       |  S   S   S   S   S   S   S   S   S  S   -    S   S    S   -   S   -   -   -   -   -
tampered checkpoint  |  S   S   S   S   S   S   S   S   S  S   -    S   S    S   -   S   -   -   -   -   -
missing entry        |  S   S   S   S   S   S   S   S   S  S   -    S   S    S   S   S   -   -   -   -   -
missing time         |  S   S   S   S   S   S   S   S   S  S   S    S   S    S   S   S   -   -   -   -   -
tampered time        |  S   S   S   S   S   S   S   S   S  S   S    S   S    S   S   S   -   -   -   -   -
another authority    |  -   -   -   S   -   -   -   S   -  -   S    -   -    -   -   -   -   -   -   -   -
stamp of another     |  -   -   -   S   -   -   -   S   -  -   S    -   -    -   -   -   -   -   -   -   -
stamp too early      |  -   -   -   S   -   -   -   S   -  -   S    -   -    -   -   -   -   -   -   -   -
stamp after its end  |  -   -   -   S   -   -   -   S   -  -   S    -   -    -   -   -   -   -   -   -   -
another instance     |  S   S   S   S   S   S   S   S   S  S   S    S   S    S   S   S   -   -   -   -   -
planted cache        |  S   S   S   S   S   S   S   S   S  S   S    S   S    S   S   S   -   -   -   -   -
"""
RULES = {
    "+": frozenset[str](),
    "S": frozenset({"signature-invalid", "signature-missing"}),
    "W": frozenset({"signer-unexpected", "signature-missing"}),
    "M": frozenset({"signature-missing"}),
    "P": frozenset({"provenance-mismatch", "signature-missing"}),
    "X": frozenset({"provenance-mismatch", "signer-unexpected", "signature-missing"}),
}
LIAR = "provenance-mismatch"
RULE = {"S": "signature-invalid", "W": "signer-unexpected", "M": "signature-missing", "P": LIAR, "X": LIAR}
#: Where the issuer is another one, the build is one that nobody knows, too.
BESIDE = frozenset({"provenance-mismatch"})
TODAY = dt.date(2026, 11, 26)


class Row(NamedTuple):
    """How each family of forms is attacked, and words of what is said and of the remedy."""

    attacks: dict[str, Attack]
    said: str = ""
    remedy: str = ""


def of_bundles(attack: Attack, **more: Attack) -> dict[str, Attack]:
    return {"message": attack, "statement": attack, "early": attack, "private": attack, **more}


def of_logged(attack: Attack) -> dict[str, Attack]:
    return {"early": attack, **of_proved(attack)}


def of_proved(attack: Attack) -> dict[str, Attack]:
    return {"message": attack, "statement": attack, "publish": attack}


def of_dated(attack: Attack) -> dict[str, Attack]:
    return of_bundles(attack, publish=attack)


def of_statements(attack: Attack, **more: Attack) -> dict[str, Attack]:
    both = {"statement": attack, "early": attack}
    return {**both, "private": attack, "publish": attack, "envelope": attack, **more}


def of_all(attack: Attack) -> dict[str, Attack]:
    return of_statements(attack, message=attack, registry=attack, file=attack, ssh=attack)


def of_stamps(attack: Attack) -> dict[str, Attack]:
    return {"stamped": attack}


EVIL = "https://github.com/evil/demo"
NEW, AGAIN, ROOT = "name the evidence of this very file", "signed again", "name its root of trust"
TIME, OTHER = "verified time|of no authority", "does not hold|of no authority|no entry of a log"
LIE = "find out who changed the job that builds"
KEY = "if this key may sign, name it|download artifact and evidence again"
ROWS: dict[str, Row] = {
    "as it should be": Row(of_all(made())),
    "another identity": Row(
        of_bundles(
            made(path=".github/workflows/test.yml", generator=f"{EVIL}/.github/workflows/generic.yml"),
            publish=attacks.by_their_key,
            registry=attacks.by_their_key,
            envelope=attacks.by_their_key,
            file=attacks.by_their_key,
            ssh=attacks.by_their_key,
        ),
        r"(identity|workflow) is .*expected|not that of the certificate|no signature of a key that is "
        "known|not signed with the key|with the key that was named|a key that nobody allows",
        f"change the expected identity|{KEY}",
    ),
    "another repository": Row(
        of_bundles(made(repository=EVIL)),
        "(identity|repository) is .*evil.*expected",
        "change the expected identity",
    ),
    "another issuer": Row(
        of_bundles(made(issuer="https://issuer.invalid")),
        "issuer is https://issuer.invalid, expected",
        "change the expected identity",
    ),
    "another ref": Row(
        of_bundles(made(ref="refs/heads/refs/tags/v1.0")),
        "ref.* is refs/heads/refs/tags/v1.0, expected refs/tags/v",
        "change the expected identity",
    ),
    "another subject": Row(
        of_all(attacks.about_another),
        "is about other files|digest mismatch|another hash|not a signature of this|no verified statement",
        f"{NEW}|download artifact and evidence again|name the file with the evidence",
    ),
    "another name": Row(
        of_statements(made(name="left-1.0.tgz"), registry=made(name="left@1.0.0")),
        "calls this file|is about left",
        NEW,
    ),
    "another artifact": Row(
        of_all(attacks.beside_another),
        "is about other files|digest mismatch|another hash|not a signature of this|Signature is invalid",
        f"{NEW}|download artifact and evidence again",
    ),
    "expired": Row(
        of_bundles(
            made(age=60),
            publish=attacks.key_had_ended,
            registry=attacks.key_had_ended,
            ssh=attacks.key_was_allowed,
        ),
        "not valid at validation time|had ended|known and was in use|nobody is allowed",
        f"{AGAIN}|{KEY}|--allowed-signers",
    ),
    "signed too late": Row(of_bundles(made(delay=900)), "not valid at validation time", AGAIN),
    "unpublished": Row(dict.fromkeys(("message", "statement", "early"), attacks.unpublished), "SCT", ROOT),
    "another builder": Row({"built": made(change=attacks.of_another_builder)}, "builder", LIE),
    "another commit": Row({"built": made(change=attacks.of_another_commit)}, "commit", LIE),
    "another workflow": Row({"built": made(change=attacks.of_another_workflow)}, "says workflow", LIE),
    "unknown parameters": Row(
        {"built": made(change=attacks.with_parameters)}, "parameters that are not", LIE
    ),
    "unknown statement": Row(
        {kind: made(change=attacks.of_another_kind) for kind in ("statement", "early", "private", "publish")},
        "of a type that is not known",
        LIE,
    ),
    "weak hashes": Row(
        of_statements(made(change=attacks.with_weak_hashes)),
        "weak hashes alone|no verified",
        f"{NEW}|name the file",
    ),
    "no subject": Row(
        of_statements(made(change=attacks.about_nothing)), "about nothing|no verified", f"{NEW}|name the file"
    ),
    "tampered payload": Row(
        of_statements(edited(attacks.with_payload), message=attacks.message_of_another)
        | {
            "registry": attacks.release_of_another,
            "file": attacks.message_of_another,
            "ssh": attacks.beside_another,
        },
        "invalid signature|Signature is invalid|not that of the certificate|not signed with the key|"
        "no signature of a key that is known|not a signature of this",
        "download artifact and evidence again",
    ),
    "tampered signature": Row(
        of_all(edited(attacks.with_signature))
        | {
            "ssh": lambda world, form: Case(
                base64.b64decode(attacks.flipped(b64(form.make(world.instance, world.held, Facts())))),
                form.data,
            )
        },
        "[Ii]nvalid signature|Signature is invalid|not that of the certificate|not signed with the "
        "key|no signature of a key that is known|not a signature of this|verified time|of no authority",
        f"download artifact and evidence again|{AGAIN}",
    ),
    "stripped signature": Row(
        of_all(edited(attacks.without_signature)) | {"ssh": lambda _, form: Case(b"", form.data)},
        "exactly one signature|must be non-empty|no signature|with the key that was named|"
        "Signature is invalid|SSH signature of another|"
        "cannot be used|verified time|of no authority",
        "download artifact and evidence again|fetch it again|signed again",
    ),
    "tampered log entry": Row(
        of_logged(edited(attacks.with_body)), "log entry|does not hold", "the log does not have"
    ),
    "entry of another": Row(
        of_logged(attacks.entry_of_another),
        "log entry|the entry of the log is of another",
        "the log does not have",
    ),
    "missing proof": Row(
        of_proved(edited(attacks.without_proof)),
        "inclusion proof|validation errors? for Bundle",
        "the log does not have|download artifact and evidence again",
    ),
    "tampered proof": Row(
        of_proved(edited(attacks.with_proof)), "inclusion proof|root hash", "the log does not have"
    ),
    "tampered checkpoint": Row(
        of_proved(edited(attacks.with_checkpoint)), "checkpoint", "the log does not have"
    ),
    "missing entry": Row(
        of_logged(edited(attacks.without_entry)),
        "exactly one (log entry|entry of a log)|has no entry of a log",
        "the log does not have",
    ),
    "missing time": Row(
        of_dated(edited(attacks.without_time)),
        "must contain an inclusion promise|no time of its entry is vouched for|nor a timestamp",
        AGAIN,
    ),
    "tampered time": Row(
        of_dated(edited(attacks.with_time)),
        f"inclusion promise|{TIME}",
        f"the log does not have|{AGAIN}",
    ),
    "another authority": Row(of_stamps(stamped(lambda world: world.other)), TIME, AGAIN),
    "stamp of another": Row(of_stamps(stamped(lambda world: world.instance, of=b"x")), TIME, AGAIN),
    "stamp too early": Row(
        of_stamps(stamped(lambda world: world.instance, minutes=-5)), "not valid at validation time", AGAIN
    ),
    "stamp after its end": Row(of_stamps(stamped(lambda world: world.instance, days=40)), "time", AGAIN),
    "another instance": Row(of_dated(attacks.elsewhere), OTHER, f"{ROOT}|the log does not have|{AGAIN}"),
    "planted cache": Row(of_dated(attacks.with_shipped_root), OTHER, f"{ROOT}|the log does not have|{AGAIN}"),
}


def cells() -> Iterator[tuple[str, str, str]]:
    """Yield row, column and what is expected there."""
    head, *lines = MATRIX.strip("\n").split("\n")
    names = head.partition("|")[2].split()
    for line in lines:
        row, _, rest = line.partition("|")
        for name, code in zip(names, rest.split(), strict=True):
            yield row.strip(), name, code


def attack_of(row: str, form: Form) -> Attack | None:
    known = ROWS[row].attacks
    kinds = (form.family, *(["stamped"] if form.stamped else []), *(["built"] if form.built else []))
    return next((known[kind] for kind in kinds if kind in known), None)


@pytest.fixture(scope="module")
def world() -> World:
    return World(Instance(), Instance(), evidence_forms.keys(), evidence_forms.keys())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Watch for whatever asks the network, and refuse it."""
    found: list[str] = []

    def refuse(*words: Any, **_: Any) -> Any:
        found.append(repr(words))
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return found


def judged(case: Case, form: Form, world: World, folder: Path) -> Report:
    """Verify a case as the command line does."""
    files = {
        form.file: case.data,
        f"{form.file}.sig": form.wrap(case.core),
        "root.json": form.root(world.instance),
        "key.pem": world.held.pem,
        "allowed": world.held.allowed(case.options),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    keyless = form.signer is not None
    return verify(
        Request(
            artifacts=(str(folder / form.file),),
            bundles=(str(folder / f"{form.file}.sig"),),
            signer=form.signer,
            root=str(folder / "root.json") if keyless and not case.shipped else None,
            key=str(folder / "key.pem") if form.family in {"envelope", "file"} else None,
            allowed=str(folder / "allowed") if form.family == "ssh" else None,
            today=TODAY,
        )
    )


def expected(row: str, form: Form, code: str) -> set[frozenset[str]]:
    """Return which rules may speak."""
    rules = RULES[code]
    if form.family == "publish" and code == "S" and row not in {"another artifact", "planted cache"}:
        return {rules}  # the provenance beside it holds, and is not what was asked for alone
    if row == "another issuer" and form.family in {"statement", "early", "private"}:
        return {rules, rules | BESIDE}
    return {rules}


@pytest.mark.parametrize(
    ("row", "column", "code"), list(cells()), ids=lambda text: str(text).replace(" ", "-")
)
def test_the_matrix(  # noqa: PLR0913, PLR0917  (a cell, and fixtures)
    row: str,
    column: str,
    code: str,
    world: World,
    asked: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    form = FORMS[column]
    attack = attack_of(row, form)
    assert (attack is None) == (code == "-")
    if attack is None:
        return
    case = attack(world, form)
    monkeypatch.setitem(roots.NPM_KEYS, HINT, world.held.of_registry(case.end))
    if case.shipped:
        attacks.planted(tmp_path / "home", world.other.trusted_root(), monkeypatch)
    report = judged(case, form, world, tmp_path)
    told = "\n".join(f"{one.rule}: {one.message} Fix: {one.fix}" for one in report.findings)
    assert frozenset(one.rule for one in report.findings) in expected(row, form, code), told
    assert report.exit_code == (0 if code == "+" else 1)
    assert asked == []
    if code != "+":
        first = next(one for one in report.findings if one.rule == RULE[code])
        assert re.search(ROWS[row].said, "\n".join(one.message for one in report.findings)), told
        assert re.search(ROWS[row].remedy, first.fix), told
        assert all(one.fix for one in report.findings)


def test_the_matrix_has_every_form_and_every_attack() -> None:
    found = list(cells())
    assert {column for _, column, _ in found} == set(FORMS)
    assert {row for row, _, _ in found} == set(ROWS)
    assert len(found) == len(FORMS) * len(ROWS)


def test_the_cache_that_is_planted_would_be_believed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    """What sigstore calls offline takes the root of an attacker; so the rows above prove something."""
    attacks.planted(tmp_path / "home", world.other.trusted_root(), monkeypatch)
    from sigstore.models import Bundle  # noqa: PLC0415  (after the places are set)
    from sigstore.verify import Verifier  # noqa: PLC0415
    from sigstore.verify.policy import UnsafeNoOp  # noqa: PLC0415

    bundle = FORMS["d.3"].make(world.other, world.held, Facts())
    Verifier.production(offline=True).verify_dsse(Bundle.from_json(json.dumps(bundle)), UnsafeNoOp())
    assert asked == []


@pytest.mark.parametrize("column", [name for name, form in FORMS.items() if form.signer is not None])
def test_a_planted_cache_changes_nothing_for_good_evidence(
    column: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    form = FORMS[column]
    attacks.planted(tmp_path / "home", world.other.trusted_root(), monkeypatch)
    monkeypatch.setitem(roots.NPM_KEYS, HINT, world.held.of_registry())
    before = {path: path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()}
    report = judged(made()(world, form), form, world, tmp_path)
    assert report.exit_code == 0
    assert asked == []
    after = {path: path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()}
    assert before == after
    assert "sigstore" in sys.modules


def test_with_two_roots_each_bundle_is_held_against_its_own(world: World, tmp_path: Path) -> None:
    """An entry that was taken away does not make a bundle one of the instance that has no log."""
    both = world.instance.trusted_root() + b"\n" + world.other.root_without_logs() + b"\n"
    logged, unlogged = FORMS["d.T"], FORMS["gh.p"]
    for form, instance, holds in (
        (logged, world.instance, True),
        (unlogged, world.other, True),
        (unlogged, world.instance, False),
        (logged, world.other, False),
    ):
        case = Case(form.make(instance, world.held, Facts()), form.data)
        report = judged(case, form._replace(root=lambda _: both), world, tmp_path)
        assert (report.exit_code == 0) is holds
    twice = world.instance.trusted_root() + b"\n" + world.other.trusted_root() + b"\n"
    case = Case(logged.make(world.instance, world.held, Facts()), logged.data)
    with pytest.raises(UsageError, match="several of one kind"):
        judged(case, logged._replace(root=lambda _: twice), world, tmp_path)
