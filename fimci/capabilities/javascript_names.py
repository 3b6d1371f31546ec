"""The catalogue of JavaScript: what the names of Node.js, Deno, Bun, browsers, wallets and known packages mean.

A module goes by its name without `node:`, a package by its own, and what it exports by default by the
module's name alone; a global object (`globalThis`, `window`, `global`, `self`) is left out. `https.request()`
is what a call of `https.request` gives, `https.request().write` a method of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fimci.capabilities.uses import Api, Flow
from fimci.model import CapabilityName

_Takes = tuple[tuple[int | str, str], ...]
_NONE: frozenset[Flow] = frozenset()
_NETWORK: frozenset[Flow] = frozenset({"network"})
_FILE: frozenset[Flow] = frozenset({"file"})
_OUTPUT: frozenset[Flow] = frozenset({"output"})
_DECODED: frozenset[Flow] = frozenset({"decoded"})
_SECRET: frozenset[Flow] = frozenset({"secret"})
_SYSTEM: frozenset[Flow] = frozenset({"system"})
_ENVIRONMENT: frozenset[Flow] = frozenset({"environment"})
_BULK: frozenset[Flow] = frozenset({"environment-bulk"})
_CLIPBOARD: frozenset[Flow] = frozenset({"clipboard"})

_URL: _Takes = (
    *((0, "url"), ("url", "url"), ("uri", "url"), ("href", "url"), ("hostname", "url"), ("host", "url")),
    *(("baseURL", "url"), ("body", "data"), ("data", "data"), ("json", "data"), ("form", "data")),
)
_SENT: _Takes = (*_URL, (1, "data"))
_DATA: _Takes = ((0, "data"),)
_PATH: _Takes = ((0, "path"),)
_COMMAND: _Takes = ((0, "command"), (1, "arguments"))
_CODE: _Takes = ((0, "code"),)


def _rows(  # noqa: PLR0913  (the columns of the table)
    name: CapabilityName | str,
    keys: Iterable[str],
    takes: _Takes = (),
    gives: frozenset[Flow] = _NONE,
    *,
    passes: bool = False,
    evaluates: bool = False,
) -> dict[str, Api]:
    row = Api(str(name), gives, takes, passes, evaluates)
    return dict.fromkeys(keys, row)


def _of(module: str, members: str) -> list[str]:
    return [f"{module}.{member}" for member in members.split()]


def _both(names: str) -> list[str]:
    """Return functions of `fs` with their synchronous twins."""
    return [twin for name in names.split() for twin in (name, f"{name}Sync")]


def _whole(packages: str) -> list[str]:
    """Return packages, each as a function and with all its members."""
    return [key for package in packages.split() for key in (package, f"{package}.*")]


_REQUESTS = [*_of("http", "get request"), *_of("https", "get request")]
_SOCKETS = [
    *_of("http", "createServer Server"),
    *_of("https", "createServer Server"),
    *_of("http2", "connect createServer createSecureServer"),
    *_of("net", "connect createConnection createServer Server Socket"),
    *_of("tls", "connect createServer Server TLSSocket"),
    "dgram.createSocket",
]
_MODULE_CLIENTS = (
    *("axios", "got", "node-fetch", "cross-fetch", "isomorphic-fetch", "undici", "request", "superagent"),
    *("needle", "ky", "bent", "phin", "wretch", "request-promise", "request-promise-native"),
    *("make-fetch-happen", "minipass-fetch", "follow-redirects.http", "follow-redirects.https", "download"),
)
_LINES = (
    *("ws", "socket.io-client", "engine.io-client", "nodemailer", "ssh2", "ssh2-sftp-client", "basic-ftp"),
    *("ftp", "discord.js", "telegraf", "node-telegram-bot-api", "@slack/webhook", "@slack/web-api", "mqtt"),
    *("amqplib", "ioredis", "redis", "pg", "mysql", "mysql2", "mongodb", "sockjs-client", "socks", "ngrok"),
    *("localtunnel", "dns-packet", "native-dns", "simple-peer", "webtorrent", "simple-git", "isomorphic-git"),
    *("@octokit/rest", "@octokit/core", "@octokit/graphql", "@octokit/request", "@actions/github"),
    *("@actions/http-client", "@actions/tool-cache", "@aws-sdk/client-s3", "@aws-sdk/client-sts", "aws-sdk"),
    *("@aws-sdk/client-secrets-manager", "@google-cloud/secret-manager", "@google-cloud/storage"),
    *("@azure/keyvault-secrets", "@azure/storage-blob", "@azure/identity"),
)
_BROWSER = ("XMLHttpRequest", "WebSocket", "EventSource", "RTCPeerConnection", "WebTransport")
_SENDS = "write end send emit post put open connect setHeader request sendMail publish"
_LINE_RESULTS = [
    f"{name}().{method}"
    for name in (
        *_REQUESTS,
        *_SOCKETS,
        *_BROWSER,
        *_LINES,
        "ws.WebSocket",
        "undici.WebSocket",
        "socket.io-client.io",
    )
    for method in _SENDS.split()
]

_NETWORK_ROWS = {
    **_rows("network", _REQUESTS, _URL, _NETWORK),
    **_rows("network", _SOCKETS, (*_URL, (1, "url")), _NETWORK),
    **_rows("network", _LINE_RESULTS, (*_DATA, (1, "url")), _NETWORK),
    **_rows("network", _whole(" ".join(_MODULE_CLIENTS)), _SENT, _NETWORK),
    **_rows("network", _whole(" ".join(_LINES)), _SENT, _NETWORK),
    **_rows("network", ["fetch", *_BROWSER, "importScripts", "Bun.fetch"], _URL, _NETWORK),
    **_rows("network", ["navigator.sendBeacon"], ((0, "url"), (1, "data"))),
    **_rows("network", ["Image().src"], ((0, "url"),)),
    **_rows("network", ["XMLHttpRequest().open"], ((1, "url"),), _NETWORK),
    **_rows(
        "network",
        [
            *_of(
                "dns", "lookup resolve resolve4 resolve6 resolveTxt resolveAny resolveCname resolveMx reverse"
            ),
            *_of("dns.Resolver()", "resolve resolve4 resolve6 resolveTxt resolveAny resolveCname resolveMx"),
            "Deno.resolveDns",
        ],
        _URL,
        _NETWORK,
    ),
    **_rows(
        "network",
        [
            *_of("Bun", "connect listen serve udpSocket"),
            *_of("Deno", "connect connectTls listen serve listenTls"),
        ],
        _URL,
        _NETWORK,
    ),
}

_PROCESS_ROWS = {
    **_rows("shell", _of("child_process", "exec execSync"), ((0, "command"),), _OUTPUT),
    **_rows("process", _of("child_process", "execFile execFileSync spawn spawnSync fork"), _COMMAND, _OUTPUT),
    **_rows("process", ["cluster.fork"], (), _OUTPUT),
    **_rows("process", _whole("execa cross-spawn spawn-wrap foreground-child"), _COMMAND, _OUTPUT),
    **_rows(
        "process",
        ["node-pty.spawn", "tinyexec.x", "tinyexec.exec", "nano-spawn", "@actions/exec.exec"],
        _COMMAND,
    ),
    **_rows("process", ["open", "opn", "electron.shell.openExternal"], ((0, "url"),)),
    **_rows(
        "shell",
        [
            *_of("execa", "command commandSync execaCommand execaCommandSync $"),
            "shelljs.exec",
            "zx.$",
            "Bun.$",
        ],
        ((0, "command"),),
        _OUTPUT,
    ),
    **_rows("process", [*_of("Bun", "spawn spawnSync"), *_of("Deno", "Command run")], _COMMAND, _OUTPUT),
    **_rows("native-code", _of("process", "binding _linkedBinding"), ((0, "module"),)),
}

_CODE_ROWS = {
    **_rows("dynamic-code", ["eval"], _CODE, evaluates=True),
    **_rows(
        "dynamic-code",
        ["Function", "AsyncFunction", "GeneratorFunction", "AsyncGeneratorFunction"],
        _CODE,
        evaluates=True,
    ),
    **_rows(
        "dynamic-code", ["setTimeout", "setInterval", "setImmediate", "execScript"], _CODE, evaluates=True
    ),
    **_rows(
        "dynamic-code",
        [
            *_of(
                "vm", "runInThisContext runInNewContext runInContext Script compileFunction SourceTextModule"
            ),
            *_whole("vm2 isolated-vm"),
        ],
        _CODE,
        evaluates=True,
    ),
    **_rows(
        "dynamic-code",
        ["module._compile", "Module()._compile", "module.Module()._compile"],
        _CODE,
        evaluates=True,
    ),
    **_rows("dynamic-code", ["require", "import", "module._load"], ((0, "module"),)),
    **_rows(
        "dynamic-code",
        ["module.register", "require-from-string", "import-fresh"],
        ((0, "code"),),
        evaluates=True,
    ),
    **_rows("dynamic-code", ["document.write", "document.writeln", "v8.deserialize"], _CODE, evaluates=True),
    **_rows(
        "dynamic-code", ["node-serialize.unserialize", "serialize-to-js.deserialize"], _CODE, evaluates=True
    ),
    **_rows(
        "dynamic-code",
        _of("WebAssembly", "instantiate instantiateStreaming compile compileStreaming Module"),
        _CODE,
    ),
    **_rows("bytecode", _whole("bytenode v8-compile-cache"), ((0, "path"),)),
    **_rows(
        "native-code",
        ["process.dlopen", "Deno.dlopen", "bun:ffi.dlopen", "bun:ffi.cc"],
        ((0, "path"), (1, "path")),
    ),
    **_rows(
        "native-code",
        _whole("bindings node-gyp-build prebuild-install ffi-napi koffi ref-napi node-ffi-rs pkg-prebuilds"),
        _PATH,
    ),
    **_rows("process", ["worker_threads.Worker", "Worker"], ((0, "code"),)),
}

_FS_MODULES = ("fs", "fs-extra", "graceful-fs", "memfs.fs", "Deno")
_WRITE = "writeFile appendFile write writev outputFile outputJson writeJson ensureFile mkdir mkdtemp ensureDir chmod chown utimes truncate ftruncate lchown lutimes"
_MOVE = "copyFile cp copy rename move symlink link ensureSymlink ensureLink"
_DELETE = "rm rmdir unlink remove emptyDir"
_READ = "readFile readJson readJSON readlink realpath open opendir"
_LOOK = "readdir stat lstat access exists pathExists watch watchFile"

_FILE_ROWS = {
    key: row
    for module in _FS_MODULES
    for rows in (
        _rows("filesystem-write", _of(module, " ".join(_both(_WRITE))), ((0, "path"), (1, "data"))),
        _rows(
            "filesystem-write",
            _of(module, "createWriteStream create writeTextFile writeTextFileSync"),
            ((0, "path"), (1, "data")),
        ),
        _rows("filesystem-write", _of(module, " ".join(_both(_MOVE))), ((0, "path"), (1, "path"))),
        _rows("filesystem-delete", _of(module, " ".join(_both(_DELETE))), _PATH),
        _rows("", _of(module, " ".join(_both(_READ))), _PATH, _FILE),
        _rows("", _of(module, "createReadStream openAsBlob readTextFile readTextFileSync"), _PATH, _FILE),
        _rows("", _of(module, " ".join(_both(_LOOK))), _PATH),
    )
    for key, row in rows.items()
} | {
    **_rows("filesystem-write", [f"{module}.createWriteStream().write" for module in _FS_MODULES], _DATA),
    **_rows(
        "filesystem-write",
        ["Bun.write", "write-file-atomic", "write-file-atomic.sync", "jsonfile.writeFile"],
        ((0, "path"), (1, "data")),
    ),
    **_rows("filesystem-write", ["mkdirp", "mkdirp.sync", "make-dir"], _PATH),
    **_rows("filesystem-delete", _whole("rimraf del trash"), _PATH),
    **_rows("", ["Bun.file", *_whole("glob fast-glob globby tiny-glob")], _PATH, _FILE),
}

_SYSTEM_ROWS = {
    **_rows(
        "environment-bulk", ["process.env", "Bun.env", "import.meta.env", "Deno.env.toObject"], (), _BULK
    ),
    **_rows(
        "environment", ["process.env.*", "Bun.env.*", "import.meta.env.*"], ((0, "variable"),), _ENVIRONMENT
    ),
    **_rows("environment", _of("Deno.env", "get has set delete"), ((0, "variable"),), _ENVIRONMENT),
    **_rows(
        "system-information",
        [
            *_of(
                "os",
                "hostname userInfo networkInterfaces homedir platform arch release version type cpus totalmem",
            ),
            *_of("os", "freemem uptime machine tmpdir loadavg"),
            *_of("process", "cwd getuid geteuid platform arch title pid ppid report.getReport"),
            *_of("Deno", "hostname cwd osRelease networkInterfaces build systemMemoryInfo"),
            *_of(
                "navigator", "userAgent platform plugins hardwareConcurrency geolocation.getCurrentPosition"
            ),
        ],
        (),
        _SYSTEM,
    ),
    **_rows(
        "system-information",
        _whole("systeminformation node-machine-id public-ip internal-ip username os-locale"),
        (),
        _SYSTEM,
    ),
    **_rows(
        "credentials",
        ["document.cookie", *_whole("keytar node-dpapi win-dpapi @primno/dpapi tough-cookie-file-store")],
        (),
        _SECRET,
    ),
    **_rows(
        "credentials", ["localStorage", "sessionStorage", "localStorage.*", "sessionStorage.*"], (), _SECRET
    ),
    **_rows(
        "credentials",
        ["navigator.credentials.*", "cookieStore.*", "chrome.cookies.*", "browser.cookies.*"],
        (),
        _SECRET,
    ),
    **_rows(
        "clipboard",
        [*_whole("clipboardy copy-paste clipboard-event"), "navigator.clipboard.*", "electron.clipboard.*"],
        (),
        _CLIPBOARD,
    ),
    **_rows(
        "screen",
        _whole("screenshot-desktop desktop-screenshot robotjs @nut-tree/nut-js html2canvas"),
        (),
        _SYSTEM,
    ),
    **_rows("screen", ["navigator.mediaDevices.getDisplayMedia", "electron.desktopCapturer.*"], (), _SYSTEM),
    **_rows(
        "keyboard",
        _whole("iohook iohook-macos uiohook-napi node-global-key-listener global-keypress"),
        (),
        _SYSTEM,
    ),
    **_rows(
        "telemetry",
        _whole(
            "@sentry/node @sentry/browser posthog-node posthog-js mixpanel analytics-node @segment/analytics-node "
            "applicationinsights @scarf/scarf newrelic dd-trace @amplitude/node @bugsnag/js @bugsnag/node rollbar "
            "universal-analytics insight countly-sdk-nodejs logrocket"
        ),
    ),
}

_WALLET_ROWS = {
    **_rows(
        "crypto-wallet", [f"{wallet}.*" for wallet in ("ethereum", "solana", "tronWeb", "phantom.solana", "phantom.ethereum", "unisat")]
    ),
    **_rows("crypto-wallet", ["ethereum", "solana", "tronWeb", "phantom.solana", "phantom.ethereum", "unisat"]),
    **_rows(
        "crypto-wallet",
        [
            *_whole("bip39 bip32 ethereumjs-wallet hdkey tronweb bitcoinjs-lib ethers.Wallet"),
            *_of("@solana/web3.js", "Keypair Keypair.*"),
        ],
    ),
}

#: What is not assigned to without a reason: `fetch=` is what happens then.
_PATCHED = (
    *(
        "fetch",
        "XMLHttpRequest",
        "WebSocket",
        "EventSource",
        "JSON.parse",
        "JSON.stringify",
        "eval",
        "require",
    ),
    *_REQUESTS,
    *_of("module", "_resolveFilename _compile _findPath prototype._compile prototype.require wrap"),
    *_of("child_process", "exec execSync spawn spawnSync execFile fork"),
    *_of("fs", "readFile readFileSync writeFile writeFileSync open openSync"),
)
_TAMPER_ROWS = {
    **_rows("module-tampering", ["require.cache", "require.cache.*", "require.extensions.*"]),
    **_rows("module-tampering", ["module._extensions.*", "module._cache.*"]),
    **_rows("module-tampering", _of("XMLHttpRequest.prototype", "*"), _DATA),
    **_rows("module-tampering", _of("WebSocket.prototype", "*"), _DATA),
    **_rows("module-tampering", [f"{name}=" for name in _PATCHED], _DATA),
}

_PASS_ROWS = {
    **_rows(
        "",
        [
            "atob",
            *_of("zlib", " ".join(_both("gunzip inflate inflateRaw unzip brotliDecompress zstdDecompress"))),
        ],
        _DATA,
        _DECODED,
        passes=True,
    ),
    **_rows("", _of("zlib", "createGunzip createInflate createUnzip createBrotliDecompress"), (), _DECODED),
    **_rows(
        "",
        [
            *_of("crypto", "createDecipheriv createDecipher privateDecrypt publicDecrypt"),
            "crypto.subtle.decrypt",
        ],
        (),
        _DECODED,
        passes=True,
    ),
    **_rows(
        "",
        [
            *_of("crypto-js", "AES.decrypt DES.decrypt RC4.decrypt TripleDES.decrypt enc.Base64.parse"),
            *_whole("pako lz-string"),
        ],
        _DATA,
        _DECODED,
        passes=True,
    ),
    **_rows("", _of("Buffer", "from concat alloc"), _DATA, passes=True),
    **_rows(
        "",
        [
            "btoa",
            "String",
            "encodeURIComponent",
            "encodeURI",
            "escape",
            "unescape",
            "decodeURIComponent",
            "decodeURI",
        ],
        _DATA,
        passes=True,
    ),
    **_rows("", ["JSON.parse", "JSON.stringify"], _DATA, passes=True),
    **_rows("", _of("Object", "keys values entries assign fromEntries freeze"), _DATA, passes=True),
    **_rows(
        "",
        [*_of("Promise", "all allSettled race any resolve"), *_of("Array", "from of"), "structuredClone"],
        _DATA,
        passes=True,
    ),
    **_rows(
        "",
        [
            "querystring.stringify",
            "util.inspect",
            "util.format",
            "util.promisify",
            "URLSearchParams",
            "FormData",
            "Blob",
            "Request",
            "URL",
        ],
        _DATA,
        passes=True,
    ),
    **_rows("", _of("String", "fromCharCode fromCodePoint raw"), _DATA, passes=True),
    **_rows("", _of("path", "join resolve normalize basename dirname relative"), (), passes=True),
    **_rows("", _of("zlib", " ".join(_both("gzip deflate deflateRaw brotliCompress"))), _DATA, passes=True),
    **_rows("", _of("crypto", "createCipheriv publicEncrypt createHash createHmac"), (), passes=True),
}

#: Every name that means something.
NAMES: Mapping[str, Api] = {
    **_FILE_ROWS,
    **_NETWORK_ROWS,
    **_PROCESS_ROWS,
    **_CODE_ROWS,
    **_SYSTEM_ROWS,
    **_WALLET_ROWS,
    **_PASS_ROWS,
    **_TAMPER_ROWS,
}
