"""The same two releases as each client locks them: `left` of npm or Python, at a registry on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

#: Name of the file, and its text: by version, hashes of its files by their names, and the registry.
Writer = Callable[[str, Mapping[str, str], str], str]


def _npm_old(version: str, files: Mapping[str, str], url: str) -> str:
    (integrity,) = files.values()
    entry = {"version": version, "resolved": f"{url}left/-/left-{version}.tgz", "integrity": integrity}
    return json.dumps({"name": "app", "lockfileVersion": 1, "dependencies": {"left": entry}}, indent=1)


def _npm(version: str, files: Mapping[str, str], url: str) -> str:
    (integrity,) = files.values()
    entry = {"version": version, "resolved": f"{url}left/-/left-{version}.tgz", "integrity": integrity}
    packages = {"": {"name": "app", "dependencies": {"left": "*"}}, "node_modules/left": entry}
    return json.dumps({"name": "app", "lockfileVersion": 3, "packages": packages}, indent=1)


def _yarn_classic(version: str, files: Mapping[str, str], url: str) -> str:
    (integrity,) = files.values()
    return (
        f'# yarn lockfile v1\n\n\nleft@*:\n  version "{version}"\n'
        f'  resolved "{url}left/-/left-{version}.tgz"\n  integrity {integrity}\n'
    )


def _yarn_berry(version: str, files: Mapping[str, str], url: str) -> str:
    del files, url  # yarn hashes an archive of its own
    digits = f"{sum(map(ord, version)):x}"
    return (
        '__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"app@workspace:.":\n  version: 0.0.0-use.local\n'
        '  resolution: "app@workspace:."\n  dependencies:\n    left: "npm:*"\n  languageName: unknown\n'
        f'  linkType: soft\n\n"left@npm:*":\n  version: {version}\n  resolution: "left@npm:{version}"\n'
        f"  checksum: 10c0/{digits * 64:.128}\n  languageName: node\n  linkType: hard\n"
    )


def _pnpm(version: str, files: Mapping[str, str], url: str) -> str:
    del url
    (integrity,) = files.values()
    return (
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      left:\n"
        "        specifier: '*'\n"
        f"        version: {version}\n\npackages:\n\n  left@{version}:\n"
        f"    resolution: {{integrity: {integrity}}}\n\nsnapshots:\n\n  left@{version}: {{}}\n"
    )


def _bun(version: str, files: Mapping[str, str], url: str) -> str:
    del url
    (integrity,) = files.values()
    root = '{ "": { "name": "app", "dependencies": { "left": "*", }, }, }'
    entry = f'["left@{version}", "", {{}}, "{integrity}"]'
    start = f'{{\n  "lockfileVersion": 1,\n  "workspaces": {root},\n'
    return f'{start}  "packages": {{\n    "left": {entry},\n  }}\n}}\n'


def _requirements(version: str, files: Mapping[str, str], url: str) -> str:
    del url
    return f"left=={version} \\\n" + " \\\n".join(f"    --hash=sha256:{one}" for one in files.values()) + "\n"


def _uv(version: str, files: Mapping[str, str], url: str) -> str:
    wheels = "\n".join(
        f'    {{ url = "{url}files/{name}", hash = "sha256:{one}", size = 1 }},'
        for name, one in files.items()
        if name.endswith(".whl")
    )
    sdists = "".join(
        f'sdist = {{ url = "{url}files/{name}", hash = "sha256:{one}", size = 1 }}\n'
        for name, one in files.items()
        if name.endswith(".gz")
    )
    return (
        f'version = 1\nrequires-python = ">=3.10"\n\n[[package]]\nname = "left"\nversion = "{version}"\n'
        f'source = {{ registry = "{url}simple" }}\n{sdists}wheels = [\n{wheels}\n]\n'
    )


def _listed(files: Mapping[str, str]) -> str:
    return "\n".join(f'    {{file = "{name}", hash = "sha256:{one}"}},' for name, one in files.items())


def _poetry(version: str, files: Mapping[str, str], url: str) -> str:
    del url
    return (
        f'[[package]]\nname = "left"\nversion = "{version}"\ndescription = ""\noptional = false\n'
        f'python-versions = ">=3.10"\ngroups = ["main"]\nfiles = [\n{_listed(files)}\n]\n\n'
        '[metadata]\nlock-version = "2.1"\npython-versions = ">=3.10"\n'
        f'content-hash = "{"0" * 64}"\n'
    )


def _pdm(version: str, files: Mapping[str, str], url: str) -> str:
    del url
    return (
        '[metadata]\ngroups = ["default"]\nstrategy = ["inherit_metadata"]\nlock_version = "4.5.0"\n'
        f'content_hash = "sha256:{"0" * 64}"\n\n[[package]]\nname = "left"\nversion = "{version}"\n'
        f'requires_python = ">=3.10"\nsummary = ""\ngroups = ["default"]\nfiles = [\n{_listed(files)}\n]\n'
    )


def _pylock(version: str, files: Mapping[str, str], url: str) -> str:
    wheels = "\n".join(
        f'    {{ url = "{url}files/{name}", hashes = {{ sha256 = "{one}" }} }},'
        for name, one in files.items()
        if name.endswith(".whl")
    )
    (sdist,) = [(name, one) for name, one in files.items() if name.endswith(".gz")]
    return (
        'lock-version = "1.0"\ncreated-by = "somebody"\n\n[[packages]]\nname = "left"\n'
        f'version = "{version}"\nwheels = [\n{wheels}\n]\n'
        f'sdist = {{ url = "{url}files/{sdist[0]}", hashes = {{ sha256 = "{sdist[1]}" }} }}\n'
    )


def _pipfile(version: str, files: Mapping[str, str], url: str) -> str:
    sources = [{"name": "mine", "url": f"{url}simple", "verify_ssl": True}]
    entry = {"hashes": [f"sha256:{one}" for one in files.values()], "version": f"=={version}"}
    meta = {"hash": {"sha256": "0" * 64}, "pipfile-spec": 6, "requires": {}, "sources": sources}
    return json.dumps({"_meta": meta, "default": {"left": entry}, "develop": {}}, indent=4)


NPM: Mapping[str, tuple[str, Writer]] = {
    "npm v1": ("package-lock.json", _npm_old),
    "npm v3": ("package-lock.json", _npm),
    "shrinkwrap": ("npm-shrinkwrap.json", _npm),
    "yarn classic": ("yarn.lock", _yarn_classic),
    "yarn berry": ("yarn.lock", _yarn_berry),
    "pnpm": ("pnpm-lock.yaml", _pnpm),
    "bun": ("bun.lock", _bun),
}
PYTHON: Mapping[str, tuple[str, Writer]] = {
    "requirements": ("requirements.txt", _requirements),
    "uv": ("uv.lock", _uv),
    "poetry": ("poetry.lock", _poetry),
    "pdm": ("pdm.lock", _pdm),
    "pylock": ("pylock.toml", _pylock),
    "pipenv": ("Pipfile.lock", _pipfile),
}
