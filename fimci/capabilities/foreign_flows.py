"""Chains through variables of languages that no reader understands: what names hold, and who gets it.

    my $c = get('https://…'); eval $c;              fetched, run
    s = TCPSocket.new(…); while l = s.gets …        what comes through a connection, run
    post(url, File.read('~/.ssh/id_rsa'))           a secret, sent

Names are followed from the top of a text to its end, through assignments alone: no calls, no branches. Each
statement is looked at once.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from fimci.capabilities import sensitive
from fimci.capabilities.foreign_code import PHP
from fimci.model import CapabilityName

#: Statements that are looked at, and letters of one.
_MOST, _LETTERS = 20_000, 600
_STATEMENT = re.compile(r"[^;\n]{3,}")
_NAME = re.compile(r"[A-Za-z_]\w{0,60}")
_ASSIGNED = re.compile(
    r"(?<![\w.>:])(?:my|our|local|let|var|val|const|Set|Dim)?[ \t(]{0,9}"
    r"([$@%]?[A-Za-z_]\w{0,60}(?:[ \t]?,[ \t]?[$@%]?[A-Za-z_]\w{0,60}){0,3})[ \t)]{0,9}(?::=|<-|=(?![=~>]))"
)
#: What is opened gets a name in the brackets, and what is asked for is in what asks.
_OPENED = re.compile(
    r"\bopen\w*[ \t]?\(?[ \t]?(?:my[ \t])?[$*]?([A-Za-z_]\w{0,60})[ \t]?,|\b(\w{1,60})\.open[ \t(]",
    re.IGNORECASE,
)
_SAVED = re.compile(
    r"(?:SaveToFile|file_put_contents|getstore|mirror|DownloadFile|File\.(?:bin)?write|write_file|download\.file)"
    r"[ \t(][^\n]{0,200}?['\"]([^'\"\n]{2,200})['\"]",
    re.IGNORECASE,
)
_DECODES = re.compile(
    r"base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|hex2bin|decode_base64|base64decode|base64\.decode\w*"
    r"|Base64\.(?:strict_|urlsafe_)?decode64|unpack1?[ \t(]|\.pack\(|\bpack\(['\"]H|Zlib(?:::|\.)\w*Inflate"
    r"|FromBase64String"
    r"|b64decode|convert_uudecode|strrev\(|Base64\.getDecoder",
    re.IGNORECASE,
)
_FETCHES = re.compile(
    r"file_get_contents\(\s*['\"]https?|curl_exec|LWP\b|HTTP::Tiny|\bget\(\s*['\"]https?|Net::HTTP|URI\.open"
    r"|\bopen\(['\"]https?|http\.request\(|responseText|responseBody|DownloadString|http\.Get\(|ureq::get"
    r"|reqwest::|HttpClient|\.openStream\(|IO::Socket(?:::\w+)*->|TCPSocket|fsockopen|stream_socket_client|net\.Dial"
    r"|socket\.(?:tcp|http)|new Socket\(|TcpClient|XMLHTTP|WinHttp\w*|url\.openConnection"
    r"|getURL\(|RCurl|httr::",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\$_(?:GET|POST|REQUEST|COOKIE)\b|php://input|\$HTTP_RAW_POST_DATA|\[['\"]HTTP_[A-Z_]{1,40}['\"]\]"
    r"|\brequest\.(?:cookies|params|raw_post|headers)\b"
)
#: What tells one machine or user from others; the address of its hardware does so by itself.
_IDENTITY = (
    re.compile(r"gethostname|\bhostname\b|os\.Hostname\(|php_uname|Sys\.info\(", re.IGNORECASE),
    re.compile(r"getlogin|getpwuid|get_current_user|user\.Current\(|['\"]USER(?:NAME)?['\"]|\bwhoami\b"),
    re.compile(r"[`'\"](?:/sbin/)?(?:ifconfig|ipconfig|getmac)\b|getmac|MacAddress|net\.Interfaces\("),
)
_HARDWARE, _ENOUGH = 2, 2
_ENVIRONMENT = re.compile(
    r"(?<!\w)%ENV\b|\bENV\.(?:to_h|to_a|inspect|map|each|to_json)|\$_ENV\b(?!\[)|\$_SERVER\b(?!\[)|\bgetenv\(\)"
    r"|os\.Environ\(\)|env::vars(?:_os)?\(|System\.getenv\(\)|GetEnvironmentVariables\(|Sys\.getenv\(\)"
)
_SENDS = re.compile(
    r"->(?:post|put|request)\b|Net::HTTP\.post|post_form|HTTP::Tiny|http\.Post(?:Form)?\(|http\.NewRequest"
    r"|ureq::(?:post|put)|\.send_string\(|reqwest::|\.post\(|\.put\(|RestClient\.post|HTTParty\.post|Faraday\.post"
    r"|file_get_contents\(|curl_setopt|curl_exec|CURLOPT_POSTFIELDS|UploadString|UploadData|PostAsync|POST\("
    r"|http\.request\(|fwrite\(\$?(?:s|sock|fp|socket)\b|\.Send\(",
    re.IGNORECASE,
)
_EVALUATES = re.compile(
    r"(?<![\w$>.:'\"])(?:eval|assert|create_function|instance_eval|class_eval|loadstring|load|execute|executeglobal"
    r"|source)(?![ \t]{0,9}\{)[ \t]{0,9}[( \t$@]",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"(?<![\w$>:'\"])(?:(?:system|exec\w{0,2}|shell_exec|passthru|popen|proc_open|spawn|os\.execute|io\.popen"
    r"|IO\.popen|exec\.Command\w*|call_user_func|preg_replace|(?:include|require)(?:_once)?)"
    r"[ \t]{0,9}[( \t$@]"
    r"|getRuntime\(\)\.exec\(|ProcessBuilder\(|Process\.Start\(|\.Run[ \t(])|\bStd(?:in|out)[ \t]?=",
    re.IGNORECASE,
)
#: `include` of a file is everyday, of an address it is none; a pattern that is evaluated was PHP's `/e`.
_NEEDS = {
    "assert": PHP,
    "include": re.compile(r"https?://|php://input|data:|\$_(?:GET|POST|REQUEST|COOKIE)", re.IGNORECASE),
    "require": re.compile(r"https?://|php://input|\$_(?:GET|POST|REQUEST|COOKIE)", re.IGNORECASE),
    "preg_replace": re.compile(r"['\"](.).{0,200}\1[imsx]*e[imsx]*['\"]"),
    "load": re.compile(r"\w\s*\(|\$"),
    "source": re.compile(r"https?://"),
}
#: A file of code that stands at an address, or in what the caller of a page sends.
_LOADS = re.compile(
    r"(?<![\w.$>])(?:include|require)(?:_once)?[ \t(]{1,9}['\"](?:https?://|php://input|data:)"
    r"|(?<![\w.$>])source\(\s{0,9}['\"]https?://",
    re.IGNORECASE,
)
#: A program that the caller of a page names: `$_GET['f']($_GET['x'])`.
_NAMED_CALL = re.compile(r"\$_(?:GET|POST|REQUEST|COOKIE)\[[^\]\n]{1,60}\][ \t]?\(")
_SOCKET_SHELL = re.compile(
    r"\b(?:exec|spawn|system|popen)\w*[ \t(]{1,9}[\"'](?:/bin/)?(?:ba|z|da)?sh\b[^\"'\n]{0,20}[\"']"
)
_TIES = re.compile(r"open\(STD(?:IN|OUT)|dup2|:in\b|\$stdin\.reopen|redirectErrorStream")
_QUOTED = re.compile(r"['\"]([^'\"\n]{3,200})['\"]")
_SECRETS: frozenset[CapabilityName] = frozenset(("credentials", "crypto-wallet", "filesystem-read-sensitive"))


#: What Perl has between its code for people.
_DOCUMENTED = re.compile(r"^=[a-z]\w{2,20}\b.*?(?:^=cut\b|\Z)", re.MULTILINE | re.DOTALL)
_LETTER = re.compile(r"[^\n]")
#: How lines begin that only say something.
_REMARKS = ("#", "//", "/*", "*", "--", "=", "'", '"""', ";;")
#: Languages that run a text; what is called so elsewhere is a function of somebody's.
_EVALUATING = frozenset(
    (
        *(
            "Perl",
            "Ruby",
            "PHP",
            "Lua",
            "R",
            "JScript",
            "VBScript",
            "Groovy",
            "Tcl",
            "Elixir",
            "Julia",
            "Lisp",
        ),
        *("server page", "CoffeeScript", "AutoIt", "AutoHotkey", "Vim script"),
    )
)


#: Names that are remembered at once.
_HELD = 300
#: A statement without one of these, and without a name that holds something, is no part of a chain.
_WORDS = (
    "base64",
    "b64",
    "inflate",
    "gzuncompress",
    "gzdecode",
    "rot13",
    "hex2bin",
    "decode",
    "unpack",
    "pack(",
    ".pack",
    "strrev",
    "connect(",
    "sockaddr",
    "http",
    "lwp",
    "uri.open",
    "response",
    "downloadstring",
    "ureq",
    "openstream",
    "socket",
    "net.dial",
    "sockopen",
    "tcpclient",
    "winhttp",
    "geturl",
    "rcurl",
    "$_",
    "php://",
    "data:",
    "%env",
    "env.",
    "getenv(",
    "vars(",
    "environ",
    "environment",
    "post",
    "put(",
    "send",
    "upload",
    "curl_",
    "fwrite",
    "id_rsa",
    "id_ed",
    ".ssh",
    ".aws",
    ".npmrc",
    ".netrc",
    ".kube",
    ".docker",
    ".env",
    "credential",
    "passwd",
    "shadow",
    "cookies",
    "wallet",
    "keychain",
    "keystore",
    "hostname",
    "getlogin",
    "getpwuid",
    "current_user",
    "whoami",
    "ifconfig",
    "ipconfig",
    "getmac",
    "macaddress",
    "_history",
    ".git-",
    ".pypirc",
    "login",
    "dialog",
)


class Flow(NamedTuple):
    """A chain, with where its last statement stands, and that."""

    name: CapabilityName
    subject: str
    at: int
    statement: str


def flows(text: str, language: str) -> Iterator[Flow]:
    """Yield the chains of a text, each subject once."""
    lowered = text.lower()
    if not any(word in lowered for word in _WORDS):
        return
    evaluates = language in _EVALUATING
    held: dict[str, frozenset[str]] = {}
    hosts = sorted({host.name for host in sensitive.hosts(text)})
    told: set[str] = set()
    for found in itertools.islice(_STATEMENT.finditer(text), _MOST):
        statement = found[0][:_LETTERS]
        low = statement.lower()
        if not any(word in low for word in _WORDS) and not any(
            name.removeprefix("file ") in statement for name in held
        ):
            continue
        if remarks(statement):
            continue
        kinds = _kinds(statement, held)
        files = any(f"file {quoted}" in held for quoted in _QUOTED.findall(statement))
        for flow in _said(found.start(), statement, kinds, hosts, saved=files):
            if flow.subject not in told and (evaluates or not flow.subject.endswith("-> eval")):
                told.add(flow.subject)
                yield flow
        _keep(statement, kinds, held)
    tied = _SOCKET_SHELL.search(text) if _TIES.search(text) else None
    if tied is not None and "fetched" in {kind for kinds in held.values() for kind in kinds} | _near(
        text, tied
    ):
        yield Flow("download-and-run", "connection -> shell", tied.start(), tied[0])


def code(text: str, language: str) -> str:
    """Return a text without what Perl has between its code for people; all else stands where it did."""
    if language != "Perl" or "\n=" not in f"\n{text}":
        return text
    return _DOCUMENTED.sub(lambda found: _LETTER.sub(" ", found[0]), text)


def remarks(line: str) -> bool:
    """Tell whether a line only says something."""
    return line.lstrip().startswith(_REMARKS)


def _near(text: str, found: re.Match[str]) -> set[str]:
    """Tell whether a connection is made shortly before."""
    before = text[max(0, found.start() - _LETTERS) : found.start()]
    return {"fetched"} if re.search(r"sockaddr_in|\bconnect\(|Socket", before) else set()


def _kinds(statement: str, held: dict[str, frozenset[str]]) -> frozenset[str]:
    """Return what a statement has in it: what it asks for itself, and what its names hold."""
    found = set()
    if _DECODES.search(statement):
        found.add("decoded")
    if _FETCHES.search(statement):
        found.add("fetched")
    if _ASKED.search(statement):
        found.add("asked")
    if _ENVIRONMENT.search(statement):
        found.add("secret environment")
    found |= {f"identity {at}" for at, one in enumerate(_IDENTITY) if one.search(statement)}
    for quoted in _QUOTED.findall(statement):
        spot = sensitive.spot(quoted)
        if spot is not None and spot.name in _SECRETS:
            found.add(f"secret {spot.label}")
    if held:
        for name in _NAME.findall(statement):
            found |= held.get(name, frozenset())
        found |= {kind for quoted in _QUOTED.findall(statement) for kind in held.get(f"file {quoted}", ())}
    return frozenset(found)


def _keep(statement: str, kinds: frozenset[str], held: dict[str, frozenset[str]]) -> None:
    """Remember what names and files hold from here on."""
    assigned = list(_ASSIGNED.finditer(statement))
    names = [name for found in assigned for name in _NAME.findall(found[1])]
    if kinds and assigned and not _grows(statement):
        kinds = _kinds(statement[_begins(statement, assigned) :], held)
    if kinds:
        names += [name for found in _OPENED.findall(statement) for name in found if name]
        for name in names if len(held) < _HELD else ():
            held[name] = held.get(name, frozenset()) | kinds if _grows(statement) else kinds
        for saved in _SAVED.finditer(statement) if "fetched" in kinds else ():
            held[f"file {saved[1]}"] = frozenset(("fetched",))
    else:
        for name in names:
            held.pop(name, None)


def _begins(statement: str, assigned: list[re.Match[str]]) -> int:
    """Return where what is assigned begins: behind `a = b =`, and before what looks alike in a pattern."""
    end = assigned[0].end()
    for more in assigned[1:]:
        if statement[end : more.start()].strip():
            break
        end = more.end()
    return end


def _grows(statement: str) -> bool:
    return ".=" in statement or "+=" in statement or "<<" in statement


def _said(at: int, statement: str, kinds: frozenset[str], hosts: list[str], *, saved: bool) -> Iterator[Flow]:
    if _NAMED_CALL.search(statement):
        yield Flow("download-and-run", "request -> call", at, statement)
    if _LOADS.search(statement):
        yield Flow("download-and-run", "fetched -> include", at, statement)
    if not kinds:
        return
    yield from _run(at, statement, kinds, saved=saved)
    told = [kind for kind in kinds if kind.startswith("identity ")]
    asks = hosts and (_SENDS.search(statement) or _FETCHES.search(statement))
    if asks and (len(told) >= _ENOUGH or f"identity {_HARDWARE}" in told):
        yield Flow("exfiltration", f"host and user -> {hosts[0]}", at, statement)
    if _SENDS.search(statement):
        for kind in sorted(kinds):
            label = kind.removeprefix("secret ")
            if label != kind:
                yield Flow("exfiltration", f"{label} -> {(hosts or ['*'])[0]}", at, statement)


def _run(at: int, statement: str, kinds: frozenset[str], *, saved: bool) -> Iterator[Flow]:
    """Yield what is given to calls that run a text, a command or a file."""
    evaluated, run = _EVALUATES.search(statement), _RUNS.search(statement)
    for called, what in ((evaluated, "eval"), (run, "run")):
        if called is None or not _counts(called[0], statement[called.start() :]):
            continue
        given = kinds if saved else _kinds_given(statement[called.end() - 1 :], kinds)
        for kind in ("fetched", "asked", *(("decoded",) if what == "eval" else ())):
            if kind in given:
                source = {"asked": "request"}.get(kind, kind)
                name: CapabilityName = "encoded-payload" if kind == "decoded" else "download-and-run"
                yield Flow(name, f"{source} -> {what}", at, statement)


def _kinds_given(rest: str, kinds: frozenset[str]) -> frozenset[str]:
    """Return what a call is given, where it is given more than a constant."""
    plain = _QUOTED.sub("", rest)
    return kinds if _NAME.search(plain) or "http" in rest or "php:" in rest else frozenset()


def _counts(called: str, rest: str) -> bool:
    """Tell whether a call runs something by what it is given, where that is not so of each."""
    word = called.strip(" \t($@").lower().removesuffix("_once")
    needs = _NEEDS.get(word)
    return needs is None or needs.search(rest[:_LETTERS]) is not None
