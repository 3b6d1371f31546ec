"""What build tools write into an artifact that no source has, each with the reason that it is believed.

A name alone explains nothing that runs: a version module must be nothing but data, a changed `setup.cfg`
the one of the source with the lines that setuptools adds, and text may differ in its line ends alone.
"""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fimci.artifacts.names import Named, release

#: Of a wheel: read and checked by other means (`RECORD`, `METADATA`, `WHEEL`), or data about the build.
_WHEEL = re.compile(
    r"[^/]+\.dist-info/(?:METADATA|WHEEL|RECORD(?:\.jws|\.p7s)?|entry_points\.txt|top_level\.txt|zip-safe"
    r"|namespace_packages\.txt|dependency_links\.txt|pbr\.json|metadata\.json|scm_(?:version|file_list)\.json"
    r"|sboms/[^/]+\.(?:json|xml)|build_details\.json)",
    re.DOTALL,
)
#: Of an sdist: what setuptools and its kin write beside the sources.
_SDIST = re.compile(
    r"[^/]+/(?:PKG-INFO|(?:[^/]+/)*[^/]+\.egg-info/(?:PKG-INFO|SOURCES\.txt|dependency_links\.txt|requires\.txt"
    r"|top_level\.txt|entry_points\.txt|(?:not-)?zip-safe|namespace_packages\.txt|native_libs\.txt|pbr\.json"
    r"|eager_resources\.txt|scm_(?:version|file_list)\.json)|AUTHORS|ChangeLog)",
    re.DOTALL,
)
_VERSION = re.compile(
    r"(?:.*/)?_*version_*(?:_info)?\.pyi?|(?:.*/)?_?version\.txt|(?:.*/)?(?:VERSION|\.version)", re.DOTALL
)
#: What setuptools adds to a `setup.cfg`, empty or zero.
_TAGS = frozenset({"tag_build", "tag_date", "tag_svn_revision"})
#: What maturin writes for a module that is native as a whole.
_MATURIN = re.compile(
    rb"from \.(\w+) import \*\s+__doc__ = \1\.__doc__\s+"
    rb"if hasattr\(\1, [\"']__all__[\"']\):\s+__all__ = \1\.__all__\s*"
)
#: Of a `package.json`: scripts and keys that matter to publishing alone, and where other packages are named.
_PUBLISHING = frozenset(
    {"prepare", "prepack", "postpack", "prepublish", "prepublishOnly", "publish", "postpublish"}
)
_UNPUBLISHED = frozenset({"devDependencies", "packageManager", "pnpm"})
_ASKED = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_RANGE = re.compile(r"[\w.^~<>=| *+-]{1,60}", re.ASCII)
#: A program is no version, however it is called.
_LONGEST = 64 << 10
_DATA = (
    ast.Module, ast.Assign, ast.AnnAssign, ast.Expr, ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Name,
    ast.Load, ast.Store, ast.If, ast.Import, ast.ImportFrom, ast.alias, ast.Subscript, ast.BinOp, ast.BitOr,
    ast.UnaryOp, ast.USub, ast.FunctionDef, ast.arguments, ast.Return, ast.Call, ast.Attribute, ast.Try,
    ast.ExceptHandler,
)  # fmt: skip
_MODULES = frozenset({"__future__", "json", "typing", "typing_extensions"})
_CALLED = frozenset({"json.loads", "tuple", "str"})

#: Returns the content of a member, and of a file of the source; `None` where it cannot be had.
Read = Callable[[str], "bytes | None"]


def explained(
    named: Named, unknown: tuple[str, ...], other: Mapping[str, str], member: Read, original: Read
) -> dict[str, str]:
    """Return the members that need no source, each with the reason."""
    found: dict[str, str] = {}
    for path in unknown:
        why = _by_name(named, path) or _version(path, member) or _by_content(path, member)
        if why:
            found[path] = why
    for path, place in other.items():
        ours, theirs = member(path), original(place)
        same = _equal_but(named, path, ours, theirs) if ours is not None and theirs is not None else ""
        why = same or _version(path, member)
        if why:
            found[path] = why
    return found


def _by_name(named: Named, path: str) -> str:
    if named.kind == "wheel" and _WHEEL.fullmatch(path):
        return "metadata of the wheel"
    if named.kind == "sdist" and _SDIST.fullmatch(path):
        return "metadata of the sdist"
    return ""


def _by_content(path: str, member: Read) -> str:
    if path.count("/") == 1 and path.endswith("/setup.cfg") and _only_egg_info(member(path), b""):
        return "written by setuptools"
    if path.endswith("/__init__.py") and _MATURIN.fullmatch(member(path) or b""):
        return "written by maturin"
    return ""


def _version(path: str, member: Read) -> str:
    if not _VERSION.fullmatch(path):
        return ""
    data = member(path)
    if data is None or len(data) > _LONGEST:
        return ""
    if not path.endswith((".py", ".pyi")):
        return "a version" if re.fullmatch(rb"\s*[\w.+!-]{1,100}\s*", data) else ""
    return "a version module of nothing but data" if is_data(data) else ""


def is_data(data: bytes) -> bool:
    """Tell whether a module of Python only names values: it imports, calls and decides next to nothing."""
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(_harmless(node) for node in ast.walk(tree))


def _harmless(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return all(one.name in _MODULES and one.asname is None for one in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module in _MODULES and not node.level and all(one.asname is None for one in node.names)
    if isinstance(node, ast.Call):
        return _dotted(node.func) in _CALLED
    if isinstance(node, ast.FunctionDef):
        return not node.decorator_list
    return isinstance(node, _DATA) or type(node).__name__ == "TypeAlias"


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _equal_but(named: Named, path: str, ours: bytes, theirs: bytes) -> str:
    """Say why two contents that differ are one to a person; nothing where they are not."""
    if ours.replace(b"\r\n", b"\n") == theirs.replace(b"\r\n", b"\n"):
        return "the same but for its line ends"
    if path.endswith("/setup.cfg") and _only_egg_info(ours, theirs):
        return "the same but for lines that setuptools adds"
    if path.endswith("/pyproject.toml") and settled(named, ours) == settled(named, theirs) is not None:
        return "the same but for its form and its version"
    if path.endswith("/Cargo.toml") and settled(named, ours) == settled(named, theirs) is not None:
        return "the same but for its form and its readme"
    if named.kind == "npm" and path.count("/") == 1 and path.endswith("/package.json"):
        mine, original = _manifest(ours), _manifest(theirs)
        if mine is not None and original is not None and mine == _published(original, mine):
            return "the same but for its form and what publishing takes away"
    return ""


def _manifest(data: bytes) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _published(value: dict[str, Any], published: Mapping[str, Any]) -> dict[str, Any]:
    """Return a `package.json` as pnpm and its kin publish it.

    Scripts and keys that matter to publishing alone may be left out, and what is asked for of the same
    repository (`workspace:`, `catalog:`) has the range that it was given.
    """
    value = {key: item for key, item in value.items() if key in published or key not in _UNPUBLISHED}
    for key, dropped in (("scripts", _PUBLISHING), *((key, frozenset[str]()) for key in _ASKED)):
        own, other = value.get(key), published.get(key, {})
        if isinstance(own, dict) and isinstance(other, dict):
            value[key] = {
                name: other[name] if _is_range(text, other.get(name)) else text
                for name, text in own.items()
                if name in other or name not in dropped
            }
    return value


def _is_range(stated: Any, published: Any) -> bool:
    """Tell whether a range takes the place of one that only the repository itself can resolve."""
    named = isinstance(stated, str) and stated.startswith(("workspace:", "catalog:"))
    return named and isinstance(published, str) and _RANGE.fullmatch(published) is not None


def settled(named: Named, data: bytes) -> dict[str, Any] | None:
    """Read a manifest without what its build settles: the version, and where the readme is.

    pdm writes the version of the release in the place of `dynamic`, maturin names the readme. `None`:
    not valid, or a version that is not that of the artifact.
    """
    import tomli  # noqa: PLC0415  (few artifacts have such a manifest)

    try:
        value = tomli.loads(data.decode())
    except (ValueError, RecursionError):
        return None
    project, package = value.get("project"), value.get("package")
    if isinstance(project, dict):
        if "version" in project and release(str(project.pop("version"))) != named.version:
            return None
        dynamic = project.pop("dynamic", [])
        left = [one for one in dynamic if one != "version"] if isinstance(dynamic, list) else dynamic
        value["project"] = project | ({"dynamic": left} if left else {})
    if isinstance(package, dict):
        package.pop("readme", None)
    return value


def _only_egg_info(ours: bytes | None, theirs: bytes) -> bool:
    """Tell whether a `setup.cfg` is that of the source, written anew, with the section that an sdist gets."""
    mine, original = _sections(ours or b""), _sections(theirs)
    if mine is None or original is None:
        return False
    added = mine.pop("egg_info", {})
    original.pop("egg_info", None)
    return mine == original and added.keys() <= _TAGS and not any(added[key].strip("0") for key in added)


def _sections(data: bytes) -> dict[str, dict[str, str]] | None:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(data.decode())
    except (configparser.Error, UnicodeDecodeError):
        return None
    return {name: dict(parser.items(name)) for name in parser.sections()}
