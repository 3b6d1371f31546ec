"""Private keys by their names: whoever holds one signs in its owner's name, whatever it is a key of.

Libraries are given such keys all day long, and hand them to what signs. Hardly any sends one to a host that
stands in its code. What signs, derives or encrypts gives nothing of a key away; what encodes does.
"""

from __future__ import annotations

import re

#: Letters that every text has in which a name below stands; what they are compared with is in lower case.
_TELLING = (b"priv", b"mnemonic", b"seed", b"recovery", b"secretkey", b"secret_key", b"keypair", b"key_pair")
_FORM = r"(?:_?(?:bytes|hex|buf(?:fer)?|base58|base64|str(?:ing)?|pem|wif|array|text|raw|words?))?"
_NAME = re.compile(
    r"_*(?:(?:\w{1,30}?_?)?priv(?:ate)?_?key|(?:\w{1,30}?_)?mnemonic(?:_?phrase)?|(?:seed|recovery)_?phrase"
    rf"|key_?pair){_FORM}\d?\Z",
    re.IGNORECASE,
)
#: Letters of a name that are looked at.
_LONGEST = 60
#: Clients of services call the password that they were given like that, too; beside a public one it is a key.
_SECRET_KEY = re.compile(rf"_*(?:\w{{1,30}}?_)?secret_?key{_FORM}\d?\Z", re.IGNORECASE)
_PAIRED = re.compile(rb"publickey|public_key|keypair|fromsecretkey|from_secret_key|ed25519|secp256k1")
#: What is told of a key, and what only its owner can open.
_NO_KEY = re.compile(
    r"_*(?:en(?:c|crypted)|wrapped|sealed|public|is|has|no|use)(?:_|(?=[A-Z]))", re.IGNORECASE
)
#: Functions whose first argument is a key, whatever they call it.
_TAKES = re.compile(
    r"(?:from|import|load|add|set)_?(?:\w{1,30}?_?)?"
    r"(?:(?:private|secret)_?key|mnemonic|seed_?phrase|recovery_?phrase)\Z",
    re.IGNORECASE,
)
#: Functions that give what they are given in another form; all others keep a key to themselves.
_ENCODES = re.compile(
    r"(?:^|[._])(?:(?:url)?encode\w*|quote(?:_plus)?|stringify|dumps?|serialize|to_?(?:string|hex|base58|base64|json|bytes|array|u8a)\w*"
    r"|hex(?:lify)?|b(?:16|32|58|64)_?encode|bs58|base58|base64|btoa|from|concat|slice|sub(?:string|str|array)|join|map"
    r"|split|reverse|trim|replace|replaceall|padstart|padend|string|str|bytes|bytearray|escape|format|decode"
    r"|(?-i:Request)|fromcharcode|strip|repr|set|append|uint8array|array|buffer|await|then)\Z",
    re.IGNORECASE,
)
#: What makes something of a key by which it is not known, whatever the method is called (`jwt.encode`).
_SEALS = re.compile(r"jwt|jws|jwe|jose|sign|crypt|hash|hmac|derive|public", re.IGNORECASE)
#: Members of a request that say who asks: a service that gave the key wants to see it there.
_SIGNS = re.compile(
    r"(?:proxy-?)?auth(?:orization|entication)?|(?:x-?)?(?:api|access|secret|client)?[-_]?(?:key|token|secret)"
    r"|user(?:name)?|password|credentials?|bearer|cert|ca|pfx|passphrase|agent|identity",
    re.IGNORECASE,
)
#: Programs that connect with a key of their own.
_CONNECTS = re.compile(r"(?:ssh2|ssh|node-ssh|paramiko|asyncssh|tls|fabric)\b", re.IGNORECASE)


def spoken_of(data: bytes) -> frozenset[str]:
    """Return which of the names that mean a key count in a text: `key`, and `secret` beside public ones."""
    lower = data.lower()
    if not any(word in lower for word in _TELLING):
        return frozenset()
    return frozenset(("key", "secret")) if _PAIRED.search(lower) else frozenset(("key",))


def is_key(name: str, counts: frozenset[str]) -> bool:
    """Tell whether a parameter or a member of this name is a private key."""
    if not counts or _NO_KEY.match(name) is not None:
        return False
    return _NAME.match(name) is not None or ("secret" in counts and _SECRET_KEY.match(name) is not None)


def takes(function: str, counts: frozenset[str]) -> bool:
    """Tell whether a function of this name is given a private key."""
    return bool(counts) and _TAKES.match(function) is not None


def encodes(function: str) -> bool:
    """Tell whether what a function of this name gives is what it was given, in another form."""
    name = function[-_LONGEST:]
    return _ENCODES.search(name) is not None and _SEALS.search(name) is None


def signs(member: str) -> bool:
    """Tell whether a member of a request holds what a service wants to see of who asks."""
    return _SIGNS.fullmatch(member) is not None


def connects(function: str) -> bool:
    """Tell whether a call opens a connection with a key that stays here."""
    return _CONNECTS.match(function) is not None
