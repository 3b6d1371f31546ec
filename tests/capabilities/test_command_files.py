"""Files that a program runs by its commands are references: what they do happens when the program runs."""

from __future__ import annotations

import pytest

from fimci.model import Reference
from fimci.readers.code import javascript, python


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ('require("child_process").exec("/bin/bash preinstall.sh")', "./preinstall.sh"),
        ('require("child_process").exec("compile.bat", {})', "./compile.bat"),
        ('require("child_process").spawn("cmd.exe", ["/c", "compile.bat"])', "./compile.bat"),
        ('require("child_process").spawnSync("python3", ["scripts/a.py"])', "./scripts/a.py"),
    ],
)
def test_javascript(text: str, target: str) -> None:
    found = [record for record in javascript.read("a.js", text.encode()) if isinstance(record, Reference)]
    assert (target, "import") in {(record.target, record.phase) for record in found}


def test_python() -> None:
    text = "import subprocess\ndef run():\n    subprocess.run(['sh', './x.sh'])\n"
    found = [record for record in python.read("a.py", text.encode()) if isinstance(record, Reference)]
    assert ("./x.sh", "call") in {(record.target, record.phase) for record in found}
