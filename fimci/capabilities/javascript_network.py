"""What sends and receives, in JavaScript: rows of the catalogue `javascript_names`."""

from __future__ import annotations

from fimci.capabilities.rows import DATA, NETWORK, SENT, URL, of, rows, whole

_REQUESTS = [*of("http", "get request"), *of("https", "get request")]
#: Their callbacks are given what somebody asks.
SERVERS = [
    *of("http", "createServer Server"),
    *of("https", "createServer Server"),
    *of("http2", "createServer createSecureServer"),
    *of("net", "createServer Server"),
    *of("tls", "createServer Server"),
]
_SOCKETS = [
    "http2.connect",
    *of("net", "connect createConnection Socket"),
    *of("tls", "connect TLSSocket"),
    "dgram.createSocket",
]
_MODULE_CLIENTS = (
    *("axios", "got", "node-fetch", "cross-fetch", "isomorphic-fetch", "undici", "request", "superagent"),
    *("needle", "ky", "bent", "phin", "wretch", "request-promise", "request-promise-native"),
    *("make-fetch-happen", "minipass-fetch", "follow-redirects.http", "follow-redirects.https"),
)
#: What is called of clients that are made with an address of their own.
_MADE_CLIENTS = [
    f"{maker}().{verb}"
    for maker in ("axios.create", "got.extend", "ky.create", "ky.extend", "request.defaults")
    for verb in ("get", "post", "put", "patch", "request", "delete")
]
#: Packages whose objects are lines to somewhere.
LINES = (
    *("ws", "socket.io-client", "engine.io-client", "nodemailer", "ssh2", "ssh2-sftp-client", "basic-ftp"),
    *("ftp", "discord.js", "telegraf", "node-telegram-bot-api", "@slack/webhook", "@slack/web-api", "mqtt"),
    *("amqplib", "ioredis", "redis", "pg", "mysql", "mysql2", "mongodb", "sockjs-client", "socks", "ngrok"),
    *(
        "xmlhttprequest",
        "xhr2",
        "xmlhttprequest-ssl",
        "localtunnel",
        "dns-packet",
        "native-dns",
        "simple-peer",
        "webtorrent",
        "simple-git",
        "isomorphic-git",
    ),
    *("@octokit/rest", "@octokit/core", "@octokit/graphql", "@octokit/request", "@actions/github"),
    *("@actions/http-client", "@actions/tool-cache", "@aws-sdk/client-s3", "@aws-sdk/client-sts", "aws-sdk"),
    *("@aws-sdk/client-secrets-manager", "@google-cloud/secret-manager", "@google-cloud/storage"),
    *("@azure/keyvault-secrets", "@azure/storage-blob", "@azure/identity"),
)
#: Classes of such packages.
_BOTS = (
    *("telegraf.Telegraf", "grammy.Bot", "discord.js.Client", "discord.js.WebhookClient"),
    *("@slack/web-api.WebClient", "@slack/webhook.IncomingWebhook"),
)
_BROWSER = ("XMLHttpRequest", "WebSocket", "EventSource", "RTCPeerConnection", "WebTransport")
_SENDS = "write end send emit post put open connect setHeader request sendMail publish"
_LINE_RESULTS = [
    f"{name}().{method}"
    for name in (
        *_REQUESTS,
        *_SOCKETS,
        *_BROWSER,
        *LINES,
        "ws.WebSocket",
        "undici.WebSocket",
        "socket.io-client.io",
    )
    for method in _SENDS.split()
]

NETWORK_ROWS = {
    **rows("network", _REQUESTS, URL, NETWORK),
    **rows("network", SERVERS, URL),
    **rows("network", _SOCKETS, (*URL, (1, "url")), NETWORK),
    **rows("network", _LINE_RESULTS, (*DATA, (1, "url")), NETWORK),
    **rows("network", whole(" ".join(_MODULE_CLIENTS)), SENT, NETWORK),
    **rows("network", whole("download"), (*URL, (1, "saved")), NETWORK),
    **rows("network", whole(" ".join(LINES)), SENT, NETWORK),
    **rows("network", [f"{name}().*" for name in (*LINES, *_BOTS)], SENT, NETWORK),
    **rows("network", ["fetch", *_BROWSER, "importScripts", "Bun.fetch"], URL, NETWORK),
    **rows("network", _MADE_CLIENTS, SENT, NETWORK),
    **rows("network", of("http2.connect().request()", "end write"), DATA, NETWORK),
    **rows("network", ["form-data().submit"], URL),
    **rows("network", ["navigator.sendBeacon"], ((0, "url"), (1, "data"))),
    **rows(
        "network",
        [
            f"superagent.{verb}().{way}"
            for verb in ("get", "post", "put")
            for way in ("send", "field", "query", "attach", "set")
        ],
        DATA,
        NETWORK,
    ),
    **rows("network", ["document.createElement().src", "document.createElement(script).src"], ((0, "url"),)),
    **rows("network", ["document.createElement(link).href"], ((0, "url"),)),
    **rows("network", ["Image().src"], ((0, "url"),)),
    **rows("network", ["import()"], ((0, "url"),), NETWORK),
    **rows("network", ["XMLHttpRequest().open"], ((1, "url"),), NETWORK),
    **rows(
        "network",
        [*of("dns", "lookup resolve4 resolve6 reverse"), *of("dns.Resolver()", "resolve4 resolve6 reverse")],
        URL,
    ),
    **rows(
        "network",
        [
            *of("dns", "resolve resolveTxt resolveAny resolveCname resolveMx"),
            *of("dns.Resolver()", "resolve resolveTxt resolveAny resolveCname resolveMx"),
            "Deno.resolveDns",
        ],
        URL,
        NETWORK,
    ),
    **rows(
        "network",
        [
            *of("Bun", "connect listen serve udpSocket"),
            *of("Deno", "connect connectTls listen serve listenTls"),
        ],
        URL,
        NETWORK,
    ),
}
