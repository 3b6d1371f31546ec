"""The part of the catalogue of JavaScript that is about wallets, tampering, and what passes values on."""

from __future__ import annotations

from fimci.capabilities.rows import DATA, DECODED, both, of, rows, whole

WALLETS = {
    **rows(
        "crypto-wallet",
        [
            f"{wallet}.*"
            for wallet in ("ethereum", "solana", "tronWeb", "phantom.solana", "phantom.ethereum", "unisat")
        ],
    ),
    **rows(
        "crypto-wallet", ["ethereum", "solana", "tronWeb", "phantom.solana", "phantom.ethereum", "unisat"]
    ),
    **rows(
        "crypto-wallet",
        [
            *whole(
                "bip39 bip32 ethereumjs-wallet hdkey tronweb bitcoinjs-lib ethers.Wallet ethers.ethers.Wallet"
            ),
            *of("@solana/web3.js", "Keypair Keypair.*"),
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
    ),
    *of("http", "get request"),
    *of("https", "get request"),
    *of("module", "_load _resolveFilename _compile _findPath prototype._compile prototype.require wrap"),
    *of("child_process", "exec execSync spawn spawnSync execFile fork"),
    *of("fs", "readFile readFileSync writeFile writeFileSync open openSync"),
    *of("ethereum", "request send sendAsync enable"),
    *of("solana", "request signTransaction signAllTransactions signAndSendTransaction connect"),
    *of("phantom.solana", "request signTransaction signAllTransactions signAndSendTransaction connect"),
    *of("phantom.ethereum", "request send sendAsync"),
    *of("tronWeb", "trx.sign trx.sendRawTransaction"),
    "require.resolve()",
)
TAMPERED = {
    **rows("module-tampering", ["require.cache.*", "module._cache.*"]),
    **rows(
        "module-tampering",
        [
            f"{of_}.{kind}"
            for of_ in ("require.extensions", "module._extensions")
            for kind in (".js", ".json", ".node", ".mjs", ".cjs")
        ],
    ),
    **rows(
        "self-propagation",
        [
            "libnpmpublish.publish",
            "isomorphic-git.push",
            "simple-git().push",
            "simple-git.simpleGit().push",
            "simple-git.default().push",
        ],
    ),
    **rows("module-tampering", of("XMLHttpRequest.prototype", "*"), DATA),
    **rows("module-tampering", of("WebSocket.prototype", "*"), DATA),
    **rows("module-tampering", [f"{name}=" for name in _PATCHED], DATA),
}

PASSED = {
    **rows(
        "",
        [
            "atob",
            *of("zlib", " ".join(both("gunzip inflate inflateRaw unzip brotliDecompress zstdDecompress"))),
        ],
        DATA,
        DECODED,
        passes=True,
    ),
    **rows("", of("zlib", "createGunzip createInflate createUnzip createBrotliDecompress"), (), DECODED),
    **rows(
        "",
        [
            *of("crypto", "createDecipheriv createDecipher privateDecrypt publicDecrypt"),
            "crypto.subtle.decrypt",
        ],
        (),
        DECODED,
        passes=True,
    ),
    **rows(
        "",
        [
            *of("crypto-js", "AES.decrypt DES.decrypt RC4.decrypt TripleDES.decrypt enc.Base64.parse"),
            *whole("pako lz-string LZString"),
        ],
        DATA,
        DECODED,
        passes=True,
    ),
    **rows(
        "",
        [*whole("jimp steggy steggy-noencrypt stegcloak pngjs get-pixels"), *of("jimp", "read Jimp.read")],
        DATA,
        DECODED,
        passes=True,
    ),
    **rows("", of("Buffer", "from concat alloc"), DATA, passes=True),
    **rows(
        "",
        [
            "btoa",
            "String",
            "encodeURIComponent",
            "encodeURI",
            "escape",
            "decodeURIComponent",
            "decodeURI",
        ],
        DATA,
        passes=True,
    ),
    **rows("", ["require.resolve", "document.createTextNode"], DATA, passes=True),
    **rows("", ["unescape"], DATA, DECODED, passes=True),
    **rows("", ["JSON.parse", "JSON.stringify"], DATA, passes=True),
    **rows("", of("Object", "keys values entries assign fromEntries freeze"), DATA, passes=True),
    **rows(
        "",
        [*of("Promise", "all allSettled race any resolve"), *of("Array", "from of"), "structuredClone"],
        DATA,
        passes=True,
    ),
    **rows("", ["Uint8Array", "Uint8Array.from", "TextDecoder", "TextDecoder().decode"], DATA, passes=True),
    **rows(
        "",
        [
            "querystring.stringify",
            "util.inspect",
            "util.format",
            "util.promisify",
            "URLSearchParams",
            "url.URLSearchParams",
            "FormData",
            "Blob",
            "Request",
            "URL",
        ],
        DATA,
        passes=True,
    ),
    **rows("", of("String", "fromCharCode fromCodePoint raw"), DATA, passes=True),
    **rows("", of("path", "join resolve normalize basename dirname relative"), (), passes=True),
    **rows("", of("zlib", " ".join(both("gzip deflate deflateRaw brotliCompress"))), DATA, passes=True),
    **rows("", of("crypto", "createCipheriv publicEncrypt createHash createHmac"), (), passes=True),
}
