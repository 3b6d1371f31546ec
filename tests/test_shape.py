"""The architecture, as a test: who may import whom, what is listed, what is documented, how large."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from fimci import readers, reports, rules

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "fimci"
MODULES = sorted(PACKAGE.rglob("*.py"))

#: Rooms from the ground up. Imports point down; what is not listed here has no place in the house.
FLOORS = [
    {
        "destinations",
        "errors",
        "excerpts",
        "homes",
        "lookalikes",
        "model",
        "names",
        "opening",
        "past",
        "persistence",
        "printable",
        "xattrs",
    },
    {
        *(
            "cache",
            "compare",
            "damage",
            "durable",
            "findings",
            "inspection",
            "look",
            "marked",
            "packing",
            "patterns",
            "profiles",
            "purls",
        ),
        *("rows", "snapshot", "store", "workers"),
    },
    {
        *(
            "archives",
            "capabilities",
            "charts",
            "choosing",
            "drift",
            "installed",
            "packages",
            "rights",
            "stamps",
        ),
        *("workflows", "writes"),
    },
    {
        "attest",
        "called",
        "events",
        "readers",
        "registries",
        "reports",
        "rules",
        "shipped",
        "sources",
        "unnamed",
    },
    {
        "advisories",
        "batches",
        "contents",
        "delivery",
        "followed",
        "forge",
        "history",
        "policy",
        "reach",
        "remembered",
        "tables",
    },
    {"adoption", "compliance", "folder", "unpacked"},
    {"artifacts", "environment", "lines", "modules", "remote"},
    {"ledger", "shortcut"},
    {"advice", "held", "request", "signed", "sides", "together", "verdict"},
    {"bases", "built", "quick", "trees"},
    {"compiled", "guarding", "images", "releases", "watching"},
    {"between", "change", "custody", "inspect", "vouch"},
    {"chains", "check", "expected", "publish", "summary"},
    {"guard", "hosts", "verify", "watch"},
    {"recorded", "seal"},
    {"cli", "commands", "__main__"},
]
#: The imports on one floor that are meant: snapshots are what is looked at and what is stored; whether a lock
#: has drifted is a question of versions.
BESIDE = {
    ("look", "cache"),
    ("look", "profiles"),
    ("look", "snapshot"),
    ("snapshot", "profiles"),
    ("store", "snapshot"),
    ("store", "damage"),
    ("store", "rows"),
    ("rows", "look"),
    ("store", "look"),
    ("store", "packing"),
    ("__main__", "cli"),
    ("cli", "commands"),
    ("inspection", "findings"),
    ("drift", "packages"),
}
#: Modules of a room that its other files may use; all others stand alone.
SHARED = {
    "fimci.marked.document",
    "fimci.marked.plain_flow",
    "fimci.marked.plain_json",
    "fimci.marked.toml",
    "fimci.marked.yaml",
    "fimci.sources.attributes",
    "fimci.sources.directory",
    "fimci.sources.filters",
    "fimci.sources.handles",
    *(
        f"fimci.sources.{name}.{path.stem}"
        for name in ("hive", "oci", "ssh")
        for path in (PACKAGE / "sources" / name).glob("*.py")
    ),
    *(f"fimci.reports.{name}" for name in reports.SUPPORT),
    "fimci.commands.history",
    "fimci.commands.options",
    "fimci.commands.terminal",
    "fimci.tables.text",
}
#: Rooms whose few files belong together.
SMALL = {
    "archives",
    "chains",
    "advisories",
    "artifacts",
    "attest",
    "capabilities",
    "compliance",
    "delivery",
    "drift",
    "events",
    "forge",
    "guarding",
    "history",
    "installed",
    "packages",
    "stamps",
    "trees",
    *("capabilities", "drift", "installed", "packages", "registries", "releases", "stamps", "trees"),
    "watching",
    "workflows",
}
FILE_LINES, FUNCTION_LINES = 400, 60


def floor(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Return the modules of fimci that a file imports anywhere in it."""
    known = {module_name(other) for other in MODULES}
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in known else node.module)
    return {name for name in found if name.startswith("fimci.")}


def source(name: str) -> str:
    path = ROOT.joinpath(*name.split("."))
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text()


def may_share(here: str, there: str) -> bool:
    """Tell whether two files of one room may meet: the registry lists all, the rest stand alone."""
    registry = (PACKAGE.parent / Path(*here.split("."))).is_dir() or room(here) == "commands"
    # In the readers' room, what is no reader is what several readers need.
    support = room(there) == "readers" and "\nNAME = " not in source(there)
    return registry or support or here.startswith(there + ".") or there in SHARED or room(here) in SMALL


def room(name: str) -> str:
    return name.split(".")[1]


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_down(path: Path) -> None:
    here = module_name(path)
    if here == "fimci":
        assert imports(path) == set()
        return
    for there in imports(path):
        if room(here) == room(there):
            assert may_share(here, there), f"{here} must not import {there}"
        elif (room(here), room(there)) not in BESIDE:
            assert floor(room(there)) < floor(room(here)), f"{here} must not import {there}"


def test_no_cycles() -> None:
    edges = {module_name(path): imports(path) for path in MODULES}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for other in edges.get(name, ()):
                visit(other, (*trail, name))
            done.add(name)

    done: set[str] = set()
    for name in edges:
        visit(name, ())


def test_every_reader_is_listed() -> None:
    files = (PACKAGE / "readers").rglob("*.py")
    on_disk = {module_name(path) for path in files if "\ndef wants(" in path.read_text()}
    assert sorted(on_disk) == sorted(reader.module for reader in readers.ALL)
    names = [reader.name for reader in readers.ALL]
    assert len(set(names)) == len(names)
    for reader in readers.ALL:
        about_code = any(word in source(reader.module) for word in ("capabilities.judge", "code import told"))
        assert reader.code or not about_code, f"{reader.name} takes time, and a baseline has none"
        assert reader.implementation.__name__ == reader.module  # type: ignore[attr-defined]
        assert all("." in suffix for suffix in reader.suffixes), reader.name


@pytest.mark.parametrize("room", ["drift", "readers", "reports", "rules"])
def test_what_is_listed_is_imported_on_demand(room: str) -> None:
    shared = "('fimci.drift.side', 'fimci.readers.called')"
    wanted = f"name.startswith('fimci.{room}.') and name not in {shared}"
    program = f"import sys, fimci.{room}; print(*(name for name in sys.modules if {wanted}))"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout == b"\n"


def test_every_rule_is_listed_and_documented() -> None:
    on_disk = {path.stem.replace("_", "-") for path in (PACKAGE / "rules").glob("*.py")} - {"--init--"}
    assert [rule.name for rule in rules.ALL] == sorted(on_disk)
    for page in rules.pages().values():
        assert page.summary.endswith("."), page.rule
        assert page.text, page.rule
        assert page.fix, page.rule


def test_every_report_is_listed() -> None:
    on_disk = {
        path.stem for path in (PACKAGE / "reports").glob("*.py") if "\ndef render(report" in path.read_text()
    }
    assert set(reports.ALL) == on_disk


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_sizes(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < FUNCTION_LINES, node.name


#: What a worker sends is unpickled: it comes from a fork of this process, and no file. Readers, rules,
#: clients, reports and languages inside of others are imported by the names in tables, once somebody asks for
#: them. Bytecode is compared by a program apart, which only this interpreter is started for;
#: `ssh-keygen` signs, `ssh` reaches other machines. A guard runs the command that it is given.
MEANT = {
    "fimci.workers": {"pickle"},
    "fimci.drift": {"importlib"},
    "fimci.readers.code.inner": {"importlib"},
    "fimci.reports": {"importlib"},
    "fimci.rules": {"importlib"},
    "fimci.snapshot": {"importlib"},
    "fimci.sources.ssh.client": {"subprocess"},
    "fimci.tables": {"importlib"},
    "fimci.trees.bytecode": {"subprocess"},
    "fimci.attest.signing": {"subprocess"},
    "fimci.guard": {"subprocess"},
}
#: A program of its own, under limits: it compiles sources to hold bytecode against them, and runs nothing.
COMPILES = "fimci.trees.compare_bytecode"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_no_plug_ins(path: Path) -> None:
    """Data never names code: nothing is imported, loaded or evaluated by a computed name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            allowed = {"compile"} if module_name(path) == COMPILES else set()
            assert node.func.id not in {"eval", "exec", "__import__", "compile"} - allowed
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            banned = {"importlib", "importlib.metadata", "pickle", "subprocess"}
            assert not (banned - MEANT.get(module_name(path), set())) & set(names)


def test_no_two_test_files_share_a_name() -> None:
    """Without packages among the tests, the second one would not be collected."""
    names = [path.name for path in Path(__file__).parent.rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
