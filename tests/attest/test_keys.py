"""Signatures with keys: of SSH, of envelopes, and of a registry."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from fimci.attest import dsse, npm, roots, ssh
from fimci.attest.refusal import Refusal

MESSAGE = b"what is signed\n"
needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen here")


def keygen(*words: str | Path) -> None:
    subprocess.run(["ssh-keygen", *map(str, words)], check=True, capture_output=True)


def signed(
    folder: Path, kind: str, namespace: str = "file", bits: int = 0, algorithm: str = ""
) -> tuple[bytes, bytes]:
    """Sign with a new key; return the signature, and the line that allows it."""
    key = folder / f"key-{kind}-{bits}"
    keygen("-q", "-t", kind, *(("-b", str(bits)) if bits else ()), "-N", "", "-C", "", "-f", key)
    file = folder / "message"
    file.write_bytes(MESSAGE)
    (folder / "message.sig").unlink(missing_ok=True)
    options = ("-O", f"hashalg={algorithm}") if algorithm else ()
    keygen("-Y", "sign", "-q", "-f", key, "-n", namespace, *options, file)
    public = Path(f"{key}.pub").read_text().split()
    return (folder / "message.sig").read_bytes(), f"somebody@fimci.example {public[0]} {public[1]}\n".encode()


@needs_ssh
@pytest.mark.client
@pytest.mark.parametrize(
    ("kind", "bits", "algorithm"),
    [
        ("ed25519", 0, ""),
        ("ed25519", 0, "sha256"),
        ("ecdsa", 256, ""),
        ("ecdsa", 384, ""),
        ("ecdsa", 521, ""),
        ("rsa", 3072, ""),
    ],
)
def test_signatures_of_ssh_hold(tmp_path: Path, kind: str, bits: int, algorithm: str) -> None:
    signature, line = signed(tmp_path, kind, bits=bits, algorithm=algorithm)
    parsed = ssh.parse(signature)
    assert ssh.verified(MESSAGE, parsed, ssh.allowed(line), "file") == "somebody@fimci.example"
    with pytest.raises(Refusal, match="not a signature of this"):
        ssh.verified(MESSAGE + b"x", parsed, ssh.allowed(line), "file")
    with pytest.raises(Refusal, match="was made for 'file'"):
        ssh.verified(MESSAGE, parsed, ssh.allowed(line), "fimci-baseline")


@needs_ssh
@pytest.mark.client
def test_only_keys_that_are_allowed_count(tmp_path: Path) -> None:
    signature, line = signed(tmp_path, "ed25519")
    other = signed(tmp_path, "ed25519", bits=256)[1]
    for allowed in (b"", other, b"# " + line, line.replace(b" ssh", b' namespaces="git" ssh', 1)):
        with pytest.raises(Refusal, match="nobody allows"):
            ssh.verified(MESSAGE, ssh.parse(signature), ssh.allowed(allowed), "file")
    for option in (b' namespaces="git,file"', b" namespaces=file"):
        ssh.verified(
            MESSAGE, ssh.parse(signature), ssh.allowed(line.replace(b" ssh", option + b" ssh", 1)), "file"
        )
    # An option that is not known could narrow what is allowed: it allows nothing.
    assert ssh.allowed(line.replace(b" ssh", b" cert-authority ssh", 1)) == []
    assert ssh.allowed(line.replace(b" ssh", b' valid-before="20200101" ssh', 1)) == []


@needs_ssh
@pytest.mark.client
def test_damaged_signatures_are_refused(tmp_path: Path) -> None:
    signature, line = signed(tmp_path, "ed25519")
    body = base64.b64decode(b"".join(signature.splitlines()[1:-1]))

    def armoured(data: bytes) -> bytes:
        return (
            b"-----BEGIN SSH SIGNATURE-----\n" + base64.b64encode(data) + b"\n-----END SSH SIGNATURE-----\n"
        )

    assert ssh.parse(armoured(body)) == ssh.parse(signature)
    for data in (body + b"x", body[:-1], body[:40], b"SSHSIG\0\0\0\x02" + body[10:], b"", b"x" * 100):
        with pytest.raises(Refusal):
            ssh.parse(armoured(data))
    for text in (
        b"",
        b"-----BEGIN SSH SIGNATURE-----",
        signature + b"more",
        b"-----BEGIN SSH SIGNATURE-----\n!\n",
    ):
        with pytest.raises(Refusal):
            ssh.parse(text)
    flipped = bytearray(body)
    flipped[-1] ^= 1
    with pytest.raises(Refusal, match="not a signature of this"):
        ssh.verified(MESSAGE, ssh.parse(armoured(bytes(flipped))), ssh.allowed(line), "file")


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_envelopes_that_are_signed_with_a_key_hold(kind: str) -> None:
    message = dsse.pae("text/plain", MESSAGE)
    if kind == "ed25519":
        edwards = ed25519.Ed25519PrivateKey.generate()
        public, signature = pem(edwards), edwards.sign(message)
    elif kind == "ecdsa":
        curve = ec.generate_private_key(ec.SECP256R1())
        public, signature = pem(curve), curve.sign(message, ec.ECDSA(hashes.SHA256()))
    else:
        large = rsa.generate_private_key(65537, 2048)
        public, signature = pem(large), large.sign(message, padding.PKCS1v15(), hashes.SHA256())
    envelope = {
        "payloadType": "text/plain",
        "payload": base64.b64encode(MESSAGE).decode(),
        "signatures": [{"sig": base64.b64encode(signature).decode()}],
    }
    assert dsse.verified(envelope, public) == ("text/plain", MESSAGE)
    for change in ({"payloadType": "text/html"}, {"payload": "eA=="}, {"signatures": [{"sig": "eA=="}]}):
        with pytest.raises(Refusal):
            dsse.verified(envelope | change, public)
    faulty: tuple[dict[str, object], ...] = (
        {"signatures": []},
        {"payload": 1},
        {"payload": "*"},
        {"signatures": [1]},
        {"payloadType": 1},
    )
    for broken in faulty:
        with pytest.raises(Refusal):
            dsse.verified(envelope | broken, public)
    with pytest.raises(Refusal, match="no public key"):
        dsse.verified(envelope, b"-----BEGIN PUBLIC KEY-----\n")


#: A real signature of the registry, of a key that has ended since.
OLD = "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA"
NAME, VERSION = "@midas-ds/checkbox", "1.0.3"
INTEGRITY = "SeURf24EoizN5/o2CdUnisZNeCya/KNqdAxAR0lNc842jPs8sGknhv+Woy8QTKswALTk0PrSP3Q/4MvdpFabNQ=="
SIG = "MEUCIQDQJR84xvAX4KcEIR2HUjIZiSMiqnOBXNu9kx+eefUwPgIgCzdqT1+dzBwKuWSuM1IuCeo4ikBmi21hnIXLcK7dosY="


def document(keyid: str, sig: str, published: str | None) -> dict[str, object]:
    """Make the document of a release, as the registry has it."""
    dist = {"integrity": f"sha512-{INTEGRITY}", "signatures": [{"keyid": keyid, "sig": sig}]}
    times = {"time": {VERSION: published}} if published else {}
    return {"name": NAME, "version": VERSION, "dist": dist, **times}


def test_signatures_of_the_registry_hold() -> None:
    good, sha512 = document(OLD, SIG, "2024-01-01T00:00:00.000Z"), base64.b64decode(INTEGRITY).hex()
    release = f"{NAME}@{VERSION}"
    npm.verified(good, release, sha512)
    with pytest.raises(Refusal, match="another hash"):
        npm.verified(good, release, "00" * 64)
    with pytest.raises(Refusal, match="is about"):
        npm.verified(good, f"{NAME}@9.9.9", sha512)
    with pytest.raises(Refusal, match="no document"):
        npm.verified({"name": NAME}, release, sha512)
    for published in ("2026-01-01T00:00:00.000Z", "2024-01-01", "never", None):
        with pytest.raises(Refusal, match="was in use"):
            npm.verified(document(OLD, SIG, published), release, sha512)
    for keyid, sig in ((OLD, "eA=="), ("SHA256:unknown", SIG)):
        with pytest.raises(Refusal, match="no signature"):
            npm.verified(document(keyid, sig, "2024-01-01T00:00:00.000Z"), release, sha512)


def test_a_key_that_has_not_ended_needs_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    monkeypatch.setitem(roots.NPM_KEYS, "SHA256:new", roots.Key(base64.b64encode(der).decode(), None))
    message = f"{NAME}@{VERSION}:sha512-{INTEGRITY}".encode()
    sig = base64.b64encode(key.sign(message, ec.ECDSA(hashes.SHA256()))).decode()
    for published in (None, "2026-01-01T00:00:00.000Z"):
        npm.verified(
            document("SHA256:new", sig, published), f"{NAME}@{VERSION}", base64.b64decode(INTEGRITY).hex()
        )
