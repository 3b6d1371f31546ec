"""Words of languages that no reader understands: what in a statement asks, decodes, sends or runs.

What they have in common is looked for, not one language at a time: a call is known by its name.
"""

from __future__ import annotations

import re

STATEMENT = re.compile(r"[^;\n]{3,}")
NAME = re.compile(r"[A-Za-z_]\w{0,60}")
ASSIGNED = re.compile(
    r"(?<![\w.>:])(?:my|our|local|let|var|val|const|Set|Dim)?[ \t(]{0,9}(?:mut[ \t]{1,9})?"
    r"([$@%]?[A-Za-z_]\w{0,60}(?:[ \t]?,[ \t]?[$@%]?[A-Za-z_]\w{0,60}){0,3})[ \t)]{0,9}"
    r"(?::[ \t]?[&\w][\w<>&:, \[\]']{0,60})?(?::=|<-|=(?![=~>]))"
)
#: What is opened gets a name in the brackets, and what is asked for is in what asks.
OPENED = re.compile(
    r"\bopen\w*[ \t]?\(?[ \t]?(?:my[ \t])?[$*]?([A-Za-z_]\w{0,60})[ \t]?,|\b(\w{1,60})\.open[ \t(]",
    re.IGNORECASE,
)
SAVED = re.compile(
    r"(?:SaveToFile|file_put_contents|getstore|mirror|DownloadFile|fs::write|os\.WriteFile|ioutil\.WriteFile|copy|File\.(?:bin)?write|write_file|download\.file)"
    r"[ \t(][^\n]{0,200}?['\"](?!https?:)([^'\"\n, ][^'\"\n]{1,199})['\"]",
    re.IGNORECASE,
)
DECODES = re.compile(
    r"base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|hex2bin|decode_base64|base64decode|base64\.decode\w*"
    r"|Base64\.(?:strict_|urlsafe_)?decode64|unpack1?[ \t(]|\.pack\(|\bpack\(['\"]H|Zlib(?:::|\.)\w*Inflate"
    r"|FromBase64String"
    r"|b64decode|convert_uudecode|strrev\(|Base64\.getDecoder",
    re.IGNORECASE,
)
FETCHES = re.compile(
    r"file_get_contents\(\s*['\"]https?|curl_exec|LWP\b|HTTP::Tiny|\bget\(\s*['\"]https?|Net::HTTP|URI\.open"
    r"|\bopen\(['\"]https?|http\.request\(|responseText|responseBody|DownloadString|http\.Get\(|ureq::get"
    r"|reqwest::|HttpClient|\.openStream\(|IO::Socket(?:::\w+)*->|TCPSocket|fsockopen|stream_socket_client|net\.Dial"
    r"|Tcp(?:Stream|Socket)::connect|DownloadFile|DownloadData|\bcopy\(\s*['\"]https?"
    r"|socket\.(?:tcp|http)|new Socket\(|TcpClient|XMLHTTP|WinHttp\w*|url\.openConnection"
    r"|getURL\(|RCurl|httr::",
    re.IGNORECASE,
)
ASKED = re.compile(
    r"\$_(?:GET|POST|REQUEST|COOKIE)\b|php://input|\$HTTP_RAW_POST_DATA|\[['\"]HTTP_[A-Z_]{1,40}['\"]\]"
    r"|\brequest\.(?:cookies|params|raw_post|headers)\b"
)
#: What tells one machine or user from others; the address of its hardware does so by itself.
IDENTITY = (
    re.compile(r"gethostname|\bhostname\b|os\.Hostname\(|php_uname|Sys\.info\(", re.IGNORECASE),
    re.compile(r"getlogin|getpwuid|get_current_user|user\.Current\(|['\"]USER(?:NAME)?['\"]|\bwhoami\b"),
    re.compile(r"[`'\"](?:/sbin/)?(?:ifconfig|ipconfig|getmac)\b|getmac|MacAddress|net\.Interfaces\("),
)
HARDWARE, ENOUGH = 2, 2
ENVIRONMENT = re.compile(
    r"(?<!\w)%ENV\b|\bENV\.(?:to_h|to_a|inspect|map|each|to_json)|\$_ENV\b(?!\[)|\$_SERVER\b(?!\[)|\bgetenv\(\)"
    r"|os\.Environ\(\)|env::vars(?:_os)?\(|System\.getenv\(\)|GetEnvironmentVariables\(|Sys\.getenv\(\)"
)
SENDS = re.compile(
    r"->(?:post|put|request)\b|Net::HTTP\.post|post_form|HTTP::Tiny|http\.Post(?:Form)?\(|http\.NewRequest"
    r"|ureq::(?:post|put)|\.send_string\(|reqwest::|\.post\(|\.put\(|RestClient\.post|HTTParty\.post|Faraday\.post"
    r"|file_get_contents\(|curl_setopt|curl_exec|CURLOPT_POSTFIELDS|UploadString|UploadData|PostAsync|POST\("
    r"|http\.request\(|fwrite\(\$?(?:s|sock|fp|socket)\b|\.Send\(",
    re.IGNORECASE,
)
EVALUATES = re.compile(
    r"(?<![\w$>.:'\"])(?:eval|assert|create_function|instance_eval|class_eval|loadstring|load|execute|executeglobal"
    r"|source)(?![ \t]{0,9}\{)[ \t]{0,9}[( \t$@]"
    r"|\.(?:send|public_send|__send__)[ \t(]{1,9}[:'\"](?:system|exec|eval|spawn|instance_eval)\b",
    re.IGNORECASE,
)
RUNS = re.compile(
    r"(?<![\w$>:'\"])(?:(?:system|exec\w{0,2}|shell_exec|passthru|popen|proc_open|spawn|os\.execute|io\.popen"
    r"|IO\.popen|exec\.Command\w*|call_user_func|preg_replace|Command::new|(?:include|require)(?:_once)?)"
    r"[ \t]{0,9}[( \t$@]"
    r"|getRuntime\(\)\.exec\(|ProcessBuilder\(|Process\.Start\(|\.Run[ \t(])|\bStd(?:in|out)[ \t]?="
    r"|`[^`\n]{0,200}[#$]\{[^`\n]{1,200}`",
    re.IGNORECASE,
)
#: `assert` evaluates a text in PHP alone; everywhere else it is the word of tests.
PHP = re.compile(
    r"\$|php:|base64_decode|gz\w{1,20}\(|str_rot13|hex2bin|file_get_contents|curl_exec", re.IGNORECASE
)
#: `include` of a file is everyday, of an address it is none; a pattern that is evaluated was PHP's `/e`.
NEEDS = {
    "assert": PHP,
    "include": re.compile(r"https?://|php://input|data:|\$_(?:GET|POST|REQUEST|COOKIE)", re.IGNORECASE),
    "require": re.compile(r"https?://|php://input|\$_(?:GET|POST|REQUEST|COOKIE)", re.IGNORECASE),
    "preg_replace": re.compile(r"['\"](.).{0,200}\1[imsx]*e[imsx]*['\"]"),
    "load": re.compile(r"\w\s*\(|\$"),
    "source": re.compile(r"https?://"),
}
#: A file of code that stands at an address, or in what the caller of a page sends.
LOADS = re.compile(
    r"(?<![\w.$>])(?:include|require)(?:_once)?[ \t(]{1,9}['\"](?:https?://|php://input|data:)"
    r"|(?<![\w.$>])source\(\s{0,9}['\"]https?://",
    re.IGNORECASE,
)
#: A program that the caller of a page names: `$_GET['f']($_GET['x'])`.
NAMED_CALL = re.compile(r"\$_(?:GET|POST|REQUEST|COOKIE)\[[^\]\n]{1,60}\][ \t]?\(")
#: What goes through something gives each thing in it a name.
EACH = re.compile(
    r"(?:\bdo|\{)[ \t]?\|[ \t]?([a-z_]\w{0,60})(?:[ \t]?,[ \t]?(\w{1,60}))?[ \t]?\|"
    r"|\bforeach[ \t(][^\n]{1,200}\bas[ \t]+\$(\w{1,60})(?:[ \t]?=>[ \t]?\$(\w{1,60}))?"
    r"|\bfor(?:each)?[ \t(]{1,9}(?:my|var|let|const|auto)?[ \t]{0,9}[$&]?(\w{1,60})"
    r"(?:[ \t]?,[ \t]?(\w{1,60}))?[ \t]{1,9}(?:in|of|:=[ \t]range)\b"
)
#: Names under a domain that stands there: what is looked up tells its owner who asks.
LOOKS_UP = re.compile(
    r"(?:\bLookup\w{2,12}|gethostbyname\w?|dns_get_record|checkdnsrr|lookup_host|to_socket_addrs|getaddress(?:es)?"
    r"|Resolv\.\w+|toip|GetHostEntry|InetAddress\.getByName)[ \t(]",
    re.IGNORECASE,
)
BELOW = re.compile(r"[\"'](?:%[sxv]|\{\}|[#$]\{\w{1,40}\})?((?:\.[A-Za-z0-9-]{1,63}){2,9})(?::\d{1,5})?[\"']")
#: What a file is opened as, under a name.
FILE = re.compile(
    r"\b([a-z_]\w{0,60})(?:[ \t]?,[ \t]?\w{1,60})?[ \t]{0,9}:?=[^\n]{0,40}?"
    r"(?:os\.(?:OpenFile|Create)|File::create|File\.(?:open|new)|fopen)[ \t(]{1,9}['\"]([^'\"\n]{2,200})['\"]"
)
#: What somebody typed into a form to be let in.
TYPED = re.compile(r"\bparams\b[^\n]{0,120}?\bpass(?:word|wd)\b", re.IGNORECASE)
#: A pattern that finds private keys.
KEYS = re.compile(
    r"\[(?:0-9a-fA-F|0-9A-Fa-f|a-fA-F0-9|A-Fa-f0-9|0-9a-f|a-f0-9)\]\{64\}|\[1-9A-HJ-NP-Za-km-z\]\{8[78],"
)
SOCKET_SHELL = re.compile(
    r"\b(?:exec|spawn|system|popen|proc_open|Command)(?:\w|::|\.){0,20}[ \t(]{1,9}"
    r"[\"'](?:/bin/)?(?:ba|z|da)?sh\b[^\"'\n]{0,20}[\"']"
)
TIES = re.compile(
    r"open\(STD(?:IN|OUT)|dup2|:in\b|\$stdin\.reopen|redirectErrorStream|\.Stdin\b|from_raw_fd"
    r"|\b0[ \t]?=>[ \t]?\$\w{1,40}[ \t]?,[ \t]?1[ \t]?=>[ \t]?\$"
)
QUOTED = re.compile(r"['\"]([^'\"\n]{3,200})['\"]")


#: Languages that run a text; what is called so elsewhere is a function of somebody's.
EVALUATING = frozenset(
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


#: A statement without one of these, and without a name that holds something, is no part of a chain.
WORDS = (
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
    "params",
    "{64}",
    "{87,",
    "{88,",
    "tcpstream",
    "lookup",
    "gethostby",
    "getaddress",
    "resolv",
    "download",
    "copy(",
    "openfile",
    "os.create",
    "file::create",
    "file.open",
    "fopen",
)
