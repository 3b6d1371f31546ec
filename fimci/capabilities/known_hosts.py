"""Hosts that are known by their names: to take what is stolen, to give what is run, to hide who asks.

A path behind a name stands for addresses that begin with it. Sources: the incidents of 2018 to 2026, and what
the rules of GuardDog and malcontent name.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

HostKind: TypeAlias = Literal[
    "messenger", "out-of-band", "paste", "tunnel", "shortener", "discovery", "metadata", "mining", "address",
    "onion", "",
]  # fmt: skip

#: Kinds of places, each with the names below which everything is one.
HOSTS: tuple[tuple[HostKind, tuple[str, ...]], ...] = (
    (
        "messenger",
        (
            *("discord.com/api/webhooks", "discordapp.com/api/webhooks", "api.telegram.org"),
            *("hooks.slack.com", "webhook.office.com", "ntfy.sh", "canary.discord.com/api/webhooks"),
            *("ptb.discord.com/api/webhooks", "api.pushover.net", "api.pushbullet.com"),
        ),
    ),
    (
        "out-of-band",
        (
            *("webhook.site", "oastify.com", "burpcollaborator.net", "oast.fun", "oast.me", "oast.pro"),
            *("oast.live", "oast.site", "oast.online", "interact.sh", "interactsh.com", "pipedream.net"),
            *(
                "requestbin.com",
                "requestbin.net",
                "requestcatcher.com",
                "beeceptor.com",
                "dnslog.cn",
                "ceye.io",
                "webhook.cool",
                "webhook-test.com",
                "typedwebhook.tools",
                "burpcollaborator.me",
                "bxss.in",
                "bxss.me",
                "xss.ht",
                "eyes.sh",
                "dnslog.org",
                "hookbin.com",
                "postb.in",
                "putsreq.com",
                "ptsv2.com",
                "ptsv3.com",
                "requestinspector.com",
                "canarytokens.com",
                "interactsh.io",
            ),
        ),
    ),
    (
        "paste",
        (
            *("pastebin.com", "paste.ee", "hastebin.com", "rentry.co", "dpaste.com", "dpaste.org"),
            *("transfer.sh", "file.io", "gofile.io", "catbox.moe", "0x0.st", "temp.sh", "mega.nz"),
            *("gist.githubusercontent.com", "cdn.discordapp.com/attachments", "termbin.com", "ghostbin.site"),
            *(
                "ghostbin.com",
                "paste.rs",
                "ix.io",
                "sprunge.us",
                "bashupload.com",
                "uguu.se",
                "pixeldrain.com",
            ),
            *(
                "filetransfer.io",
                "sendspace.com",
                "controlc.com",
                "privatebin.net",
                "anonfiles.com",
                "tmpfiles.org",
            ),
            *("nekobin.com", "oshi.at", "filebin.net", "wetransfer.com", "mediafire.com"),
        ),
    ),
    (
        "tunnel",
        (
            *("ngrok.io", "ngrok.app", "ngrok-free.app", "trycloudflare.com", "loca.lt", "serveo.net"),
            *("localhost.run", "workers.dev", "repl.co", "glitch.me", "duckdns.org", "no-ip.org", "ddns.net"),
            *("hopto.org", "onrender.com", "ngrok.dev", "ngrok-free.dev", "ply.gg", "playit.gg", "bore.pub"),
            *(
                "localtunnel.me",
                "tunnelto.dev",
                "portmap.io",
                "portmap.host",
                "loclx.io",
                "lhr.life",
                "lhr.rocks",
            ),
            *("serveousercontent.com", "pagekite.me", "devtunnels.ms", "dynu.net", "freedns.afraid.org"),
            *(
                "myftp.biz",
                "myftp.org",
                "sytes.net",
                "zapto.org",
                "servehttp.com",
                "ddnsking.com",
                "no-ip.biz",
            ),
            *(
                "bounceme.net",
                "redirectme.net",
                "serveblog.net",
                "dyndns.org",
                "3utilities.com",
                "duckdns.com",
            ),
        ),
    ),
    (
        "shortener",
        (
            *("bit.ly", "tinyurl.com", "is.gd", "cutt.ly", "rb.gy", "t.co", "shorturl.at", "v.gd", "tiny.cc"),
            *("rebrand.ly", "t.ly", "soo.gd", "shorte.st", "adf.ly"),
        ),
    ),
    (
        "discovery",
        (
            *(
                "ipify.org",
                "ipinfo.io",
                "ifconfig.me",
                "icanhazip.com",
                "ip-api.com",
                "checkip.amazonaws.com",
            ),
            *("ipapi.co", "ident.me", "jsonip.com", "ip.me", "checkip.dyndns.org", "my-ip.io", "ip.sb"),
            *(
                "myip.com",
                "ipecho.net",
                "wtfismyip.com",
                "freegeoip.app",
                "geoplugin.net",
                "ipwho.is",
                "l2.io",
            ),
            *(
                "myexternalip.com",
                "ifconfig.co",
                "ifconfig.io",
                "seeip.org",
                "ipgeolocation.io",
                "extreme-ip-lookup.com",
            ),
        ),
    ),
    (
        "metadata",
        (
            *("169.254.169.254", "169.254.170.2", "metadata.google.internal", "100.100.100.200"),
            *("168.63.129.16", "fd00:ec2::254"),
        ),
    ),
    (
        "mining",
        (
            *("minexmr.com", "supportxmr.com", "nanopool.org", "hashvault.pro", "c3pool.com"),
            *(
                "moneroocean.stream",
                "nicehash.com",
                "2miners.com",
                "unmineable.com",
                "ethermine.org",
                "f2pool.com",
            ),
            *("flypool.org", "xmrpool.eu", "monerohash.com", "herominers.com", "zpool.ca", "prohashing.com"),
            *(
                "dwarfpool.com",
                "minergate.com",
                "viabtc.com",
                "kryptex.network",
                "coinhive.com",
                "hashvault.com",
            ),
        ),
    ),
)
