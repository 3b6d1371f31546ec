"""Files that keep commands in ways of their own cost a time that goes with their size, broken or not."""

from __future__ import annotations

import pytest

from fimci import readers
from fimci.folder import wanting
from fimci.look import readings
from fimci.model import Digest, Record
from tests import growth

#: A path, a beginning, a line with `{}` for a number, an end.
SHAPES = (
    ("a.yaml", "apiVersion: v1\n", "a{}: {{command: [sh, -c, 'curl a'], args: [b]}}\n", ""),
    ("a.yaml", "apiVersion: v1\n{{ if }}\n", "command{}: [ 'a'\ncommand: |\n\n", ""),
    ("a.yaml", "apiVersion: v1\n{{ if }}\n", "command:\n  - |\n  - a{}\n", ""),
    ("a.yaml", "apiVersion: v1\n{{ if }}\n", 'command: {}"\\\n{{{{ a }}}}\n', ""),
    ("a.yaml", "apiVersion: v1\n{{ if }}\ncommand:\n", "  - a{}\n\n", ""),
    ("a.yaml", "apiVersion: v1\n{{ if }}\n", " " * 30 + "command: |\n", ""),
    ("a.yaml", "#\n\n", "#cloud-config{} \n", ""),
    ("justfile", "", "a{}:\n  `curl a\n   \t \n", ""),
    ("justfile", "a:\n", "  curl {}\n \n", ""),
    ("Procfile", "", "a{}: curl a | b\n", ""),
    ("a.ninja", "", "  command = a$\n", ""),
    ("tox.ini", "", "[testenv:{}]\ncommands =\n \n curl a\n", ""),
    ("tox.ini", "[testenv]\n", "commands = {}\n", ""),
    ("a.spec", "", "%post\n%if {}\ncurl a\n", ""),
    ("a.spec", "%post\n", "%if a{}\n%(curl a)\n", ""),
    ("a.bb", "", "do_a{}() {{\n curl a\n", ""),
    (".exrc", "", "map map au silent {}!a\n", ""),
    (".exrc", "", "!curl {}\n", ""),
    (".tmux.conf", "", 'run -a run -b {} "\n', ""),
    ("a/project.pbxproj", "", 'shellScript = "{}\\\n', ""),
    ("a.nix", "", "a = '' curl {} ${{\n", ""),
    ("a.nix", "a = ''\n", "curl ${{a.b {}}} ''${{c}}\n", "''"),
    ("a.tf", "", "a = <<EOF{}\ncurl a\n", ""),
    ("Jenkinsfile", "", "sh '''curl {}\n", ""),
    ("noxfile.py", "", "session.run('sh', '-c', 'curl {}')\n", ""),
    (".claude-plugin/plugin.json", '{"hooks": {"a": [', '{{"command": "curl {}"}},\n', '""]}}'),
    (".zed/tasks.json", "[", '{{"label": "a{}", "command": "curl a"}},\n', '""]'),
    (".idea/workspace.xml", "<a><component>", "<configuration name='{}'/>\n", "</component></a>"),
    ("etc/cron.d/a", "", "* * * * * root curl {}\n", ""),
    ("AGENTS.md", "", "<!-- `curl {}` \n", ""),
    (".gemini/commands/a.toml", "", "!{{curl {} `bash\n", ""),
)
SIZE = 40_000


def told(path: str, text: str) -> list[Record]:
    data = text.encode()
    shown = wanting(readers.of(readers.CODE_VERSIONS)(path), path, data)
    return list(readings(path, Digest("sha256", "0" * 64), shown))


@pytest.mark.no_cover
@pytest.mark.parametrize(("path", "start", "line", "end"), SHAPES)
def test_no_shape_of_a_file_takes_long(path: str, start: str, line: str, end: str) -> None:
    def made(size: int) -> str:
        return start + "".join(line.format(number) for number in range(1, size // len(line))) + end

    growth.is_linear(lambda text: told(path, text), made, SIZE)
