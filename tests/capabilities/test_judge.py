"""What uses of names amount to."""

from __future__ import annotations

import base64

from fimci.capabilities.judge import judge
from fimci.capabilities.uses import Api, Constant, Flow, Program, Use, Value
from fimci.model import Capability, Phase, Unread

URL = (("url", 0),)
NAMES = {
    "requests.*": Api("network", gives=frozenset({"network"}), takes=((0, "url"), ("url", "url"))),
    "os.system": Api("shell", takes=((0, "command"),)),
    "subprocess.*": Api("process", takes=((0, "command"),)),
    "exec": Api("dynamic-code", takes=((0, "code"),), evaluates=True),
    "importlib.import_module": Api("dynamic-code", takes=((0, "module"),)),
    "open": Api("", takes=((0, "path"),)),
    "write": Api("filesystem-write", takes=((0, "path"), (1, "data"))),
    "os.environ.get": Api("environment", takes=((0, "variable"),)),
    "keyring.*": Api("credentials", subject="keyring"),
}


def use(name: str, *arguments: Value, phase: Phase = "import", function: int = 0) -> Use:
    return Use(name, "call", 3, f"{name}(…)", arguments, phase=phase, function=function)


def text(word: str, *flows: Flow) -> Value:
    return Value(word, flows=frozenset(flows), literal=True)


def flow(*flows: Flow) -> Value:
    return Value(flows=frozenset(flows))


def told(*uses: Use, path: str = "a.py", **rest: object) -> dict[tuple[str, str], str]:
    program = Program(uses, **rest)  # type: ignore[arg-type]
    return {(c.name, c.subject): c.phase for c in judge(path, program, NAMES) if isinstance(c, Capability)}


def test_subjects_are_hosts_programs_and_variables() -> None:
    assert told(
        use("requests.post", text("https://Collect.example/x")),
        use("requests.get", flow()),
        use("os.system", text("curl -s x")),
        use("subprocess.run", Value(items=(text("/usr/bin/git"), text("log")))),
        use("os.environ.get", text("NPM_TOKEN")),
        use("print", text("x")),
    ) == {
        ("network", "collect.example"): "import",
        ("network", "*"): "import",
        ("shell", "curl"): "import",
        ("process", "git"): "import",
        ("environment", "NPM_TOKEN"): "import",
    }


def test_one_record_with_the_earliest_phase() -> None:
    late, early = use("requests.get", phase="call"), use("requests.get")
    assert told(late, early) == {("network", "*"): "import"}
    assert told(late) == {("network", "*"): "call"}
    assert told(early, path="x/setup.py") == {("network", "*"): "install"}


def test_code_is_ranked_by_where_it_comes_from() -> None:
    assert told(use("exec", text("1"))) == {}
    assert told(use("exec", flow("input"))) == {("dynamic-code", "built"): "import"}
    assert told(use("importlib.import_module", flow())) == {("dynamic-code", "configured"): "import"}
    assert told(use("exec", flow("decoded"))).keys() == {
        ("dynamic-code", "decoded"),
        ("encoded-payload", "decoded -> exec"),
    }
    assert told(use("exec", flow("network"))).keys() == {
        ("dynamic-code", "fetched"),
        ("download-and-run", "fetched -> exec"),
    }


def test_the_name_of_a_module_that_may_be_any_is_not_fetched() -> None:
    """A loader of Next.js is given names from settings, of which one unknown function makes something."""
    loader = "importlib.import_module"
    assert told(use(loader, flow("network"))).keys() == {
        ("dynamic-code", "fetched"),
        ("download-and-run", f"fetched -> {loader}"),
    }
    assert told(use(loader, flow("network", "input"))).keys() == told(use(loader, flow("network"))).keys()
    assert told(use(loader, flow("network", "input", "unsure"))).keys() == {("dynamic-code", "configured")}
    assert ("dynamic-code", "fetched") in told(use("exec", flow("network", "input", "unsure")))


def test_secrets_that_are_sent() -> None:
    target = text("https://collect.example/")
    assert ("exfiltration", "secret -> collect.example") in told(use("requests.post", target, flow("secret")))
    assert ("exfiltration", "environment -> collect.example") in told(
        use("requests.post", target, flow("environment-bulk"))
    )
    read = use("open", text("~/.aws/credentials"), function=1)
    assert ("exfiltration", "secret -> collect.example") in told(
        read, use("requests.post", target, function=1)
    )
    apart = told(read, use("requests.post", target, function=2))
    assert not [name for name, _ in apart if name == "exfiltration"]
    assert ("credentials", ".aws/credentials") in apart


def test_what_is_fetched_written_and_run() -> None:
    found = told(
        use("requests.get", text("https://files.example/x"), function=1),
        use("write", text("/tmp/x"), flow("network"), function=1),  # noqa: S108  (a word in a test)
        use("subprocess.run", text("/tmp/x"), function=1),  # noqa: S108  (a word in a test)
    )
    assert ("download-and-run", "files.example -> subprocess.run") in found


def test_words_and_payloads() -> None:
    payload = base64.b64encode(bytes((i * 7919) % 251 for i in range(900))).decode()
    found = told(
        texts=(
            Constant(1, "~/.npmrc"),
            Constant(2, "https://x.webhook.site/1"),
            Constant(3, "https://ordinary.example"),
            Constant(4, payload),
        ),
        decoded=((5, "base64", b"import os\nos.getcwd()\n"), (6, "hex", b"hello")),
    )
    assert found.keys() == {
        ("credentials", ".npmrc"),
        ("network", "x.webhook.site"),
        ("obfuscation", "encoded literal"),
        ("encoded-payload", "base64 -> python"),
    }


def test_what_was_cut_off_is_said() -> None:
    assert [r for r in judge("a.py", Program(capped="too large"), NAMES) if isinstance(r, Unread)]
