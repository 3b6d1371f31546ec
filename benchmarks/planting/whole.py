"""Places that are files: what is run by its name, at installation, at the start, or as data of somebody."""

from __future__ import annotations

import base64
import io
import json
import posixpath
import random
import zipfile
import zlib
from typing import Any

from benchmarks.planting import javascript, payloads, python
from benchmarks.planting.packages import Files, Package
from benchmarks.planting.payloads import Payload
from benchmarks.planting.places import Place

_PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000") + bytes(64)
_ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00\x01\x00\x00\x00" + bytes(40) + bytes(3000)
_WASM = b"\0asm\x01\x00\x00\x00" + b"\x00\x06\x04name\x00" + bytes([1, 4, 1, 96, 0, 0])


def _install_script(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    name, file = (
        rng.choice(("preinstall", "install", "postinstall")),
        rng.choice(("setup.js", "scripts/install.cjs")),
    )
    said = javascript.manifest(package)
    if name in said.get("scripts", {}):
        return None
    said["scripts"] = {
        **said.get("scripts", {}),
        name: rng.choice((f"node {file}", f"node ./{file} || true")),
    }
    return {"package.json": _json(said), file: payload.text.encode()}


def _script_changed(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    said = javascript.manifest(package)
    mine = [name for name in ("preinstall", "install", "postinstall") if name in said.get("scripts", {})]
    if not mine:
        return None
    said["scripts"][mine[0]] += rng.choice((" && node lib/check.js", "; node lib/check.js"))
    return {"package.json": _json(said), "lib/check.js": payload.text.encode()}


def _gyp(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    del package
    line = rng.choice(("<!(node lib/gyp.js)", "<!@(node -p \"require('./lib/gyp.js')\")"))
    return {"binding.gyp": json.dumps({"targets": [{"target_name": "a", "sources": [line]}]}).encode(),
            "lib/gyp.js": payload.text.encode()}  # fmt: skip


def _dependency(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    del payload
    where = rng.choice(
        (
            "https://files.example/left-1.0.0.tgz",
            "git+https://code.example/left/left.git",
            "git+ssh://git@code.example/l.git",
        )
    )
    if package.language == "javascript":
        said = javascript.manifest(package)
        kind = rng.choice(("dependencies", "optionalDependencies"))
        said[kind] = {**said.get(kind, {}), "left-helper": where}
        return {"package.json": _json(said)}
    path = next((one for one in package.files if one.endswith(".dist-info/METADATA")), None)
    if path is None:
        return None
    head, blank, rest = package.files[path].partition(b"\n\n")
    line = f"\nRequires-Dist: left-helper @ {where.replace('left-1.0.0.tgz', 'left-1.0.0.tar.gz')}".encode()
    return {path: head + line + blank + rest}


def _pth(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    if package.release.form != "wheel":
        return None
    name = rng.choice(("zz_start.pth", "left-nspkg.pth"))
    code = rng.choice(
        (f"import sys; exec({payload.text!r})",
         f"import base64; exec(base64.b64decode({base64.b64encode(payload.text.encode())!r}))")
    )  # fmt: skip
    return {name: f"{code}\n".encode()}


def _site(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    if package.release.form != "wheel":
        return None
    return {rng.choice(("sitecustomize.py", "usercustomize.py")): payload.text.encode()}


def _program(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    """Add a program and run it."""
    del payload
    return _loaded(package, "program", b"", rng)


def _data(package: Package, payload: Payload, rng: random.Random) -> Files | None:
    """Put the payload into a file that is no code, and run what is read from it."""
    return _loaded(package, "data", payload.text.encode(), rng)


def _loaded(package: Package, kind: str, raw: bytes, rng: random.Random) -> Files | None:
    name, form, text = rng.choice(payloads.loaders(kind, package.language))
    main = javascript.entry(package) if package.language == "javascript" else python.entry(package)
    if main is None or (package.language == "python" and not main.endswith("/__init__.py")):
        return None
    text, new = text.replace("@@", name), posixpath.join(posixpath.dirname(main), name)
    if package.language == "python":
        return {**python.top(package, main, text), new: _formed(form, raw)}
    placed = javascript.top(package, main, text, rng)
    if javascript.is_esm(package, main) and "__dirname" in text:
        head = b"import { dirname as _dn } from 'path'; import { fileURLToPath as _fu } from 'url';\n"
        placed = {main: head + b"const __dirname = _dn(_fu(import.meta.url));\n" + placed[main]}
    return {**placed, new: _formed(form, raw)}


def _formed(form: str, raw: bytes) -> bytes:
    """Return a file that holds a payload in some form."""
    packed = base64.b64encode(raw)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("m.py", raw)
    return {
        "xor": bytes(byte ^ 90 for byte in raw),
        "png": _PNG + b"====" + packed,
        "json": json.dumps({"name": "xx", "data": packed.decode()}).encode(),
        "reversed": raw[::-1],
        "deflated": zlib.compress(raw),
        "zip": held.getvalue(),
        "elf": _ELF,
        "wasm": _WASM,
    }[form]


def _json(said: dict[str, Any]) -> bytes:
    return json.dumps(said, indent=2).encode()


_SCRIPT, _FILES = (
    ("install-script-added *",),
    ("binary-appeared *", "payload-file-added *", "capability-gained *"),
)
_ADDRESS = ("source-not-registry *", "dependency-added *")
_DATA = ("encoded-payload *", "capability-gained *dynamic-code*")
NODE = (
    Place("an install script that is new", "install", _install_script, told=_SCRIPT),
    Place("an install script that changed", "install", _script_changed, told=("install-script-changed *",)),
    Place("binding.gyp", "install", _gyp, told=("implicit-execution-added *",)),
    Place("a dependency from an address", "install", _dependency, told=_ADDRESS, only=True),
    Place("a program that is new and run", "import", _program, told=_FILES, only=True),
    Place("a file of data that is run", "import", _data, told=_DATA),
)
PYTHON = (
    Place("a .pth", "import", _pth, told=("implicit-execution-added *",)),
    Place("sitecustomize", "import", _site, told=("implicit-execution-added *",)),
    Place("a dependency from an address", "install", _dependency, told=_ADDRESS, only=True),
    Place("a program that is new and run", "import", _program, told=_FILES, only=True),
    Place("a file of data that is run", "import", _data, told=_DATA),
)
