"""Settings that say where packages come from, and whose word is taken for it."""

from __future__ import annotations

from fimci.findings import Severity
from fimci.packages.switches.judges import (
    addressed,
    another_protocol,
    appeared,
    broadened,
    changed,
    dropped,
    elsewhere,
    gained,
    moved,
    switched,
    within,
)
from fimci.packages.switches.switch import FLAG, ITEM, LISTED, PIP, Switch

ROWS = (
    Switch(
        rf"{FLAG}?registry|@[^:]+:registry|(?:npmScopes\.[^.]+\.)?npmRegistryServer|(?:registries|namedRegistries)\..+"
        rf"|install\.registry(?:\.url)?|install\.scopes\.[^.]+(?:\.url)?|{PIP}index-url|(?:tool\.uv\.)?index{ITEM}\.url"
        rf"|(?:tool\.(?:poetry|pdm)\.)?source{ITEM}\.url|repositories\.[^.]+\.url|pypi(?:\.[^.]+)?\.url"
        r"|channels\[\d+\]|easy_install\.index_url",
        "packages come from elsewhere",
        moved,
    ),
    Switch(
        r"(?:index-url|registry)\.(?P<element>.+:.+)",
        "packages of a command come from elsewhere",
        gained,
        Severity.MEDIUM,
    ),
    Switch(
        rf"{PIP}(?:extra-index-url|find-links){LISTED}|easy_install\.find_links|(?:options\.)?dependency_links",
        "an additional source of packages",
        gained,
    ),
    Switch(
        r"gradle\.(?:repositories|plugins)\.computed\..+",
        "an additional source of packages",
        gained,
        Severity.MEDIUM,
    ),
    Switch(
        r"gradle\.(?:repositories|plugins)\.local\..+",
        "packages come from a folder",
        gained,
        Severity.MEDIUM,
    ),
    Switch(
        r"gradle\.(?:repositories|plugins)\.(?!(?:computed|local)\.).+",
        "an additional source of packages",
        gained,
    ),
    Switch(r"gradle\.insecure\..+", "a host is trusted without a certificate", gained),
    Switch(
        r"nixConfig\.(?:extra-)?(?:trusted-)?substituters\..+|maven\.(?:r|pluginR)epositories\..+",
        "an additional source of packages",
        elsewhere,
    ),
    Switch(
        r"nixConfig\.(?:extra-)?trusted-public-keys\..+",
        "another authority may vouch for registries",
        gained,
        Severity.MEDIUM,
    ),
    Switch(
        rf"(?:tool\.uv\.)?index{ITEM}\.explicit|tool\.poetry\.source{ITEM}\.priority",
        "an index answers for any name",
        broadened,
    ),
    Switch(
        rf"{PIP}index-strategy",
        "any index may answer for any name",
        switched("unsafe-first-match", "unsafe-best-match"),
    ),
    Switch(
        rf"{PIP}(?:trusted-host|allow-insecure-host){LISTED}|unsafeHttpWhitelist\.(?P<host>.+)",
        "a host is trusted without a certificate",
        gained,
    ),
    Switch(
        rf"(?:install\.)?(?:ca(?:\[\d+\])?|cafile)|caFilePath|httpsCaFilePath|networkSettings\..+\.httpsCaFilePath|{PIP}cert"
        r"|systemProp\.javax\.net\.ssl\.trustStore",
        "another authority may vouch for registries",
        gained,
    ),
    Switch(
        rf"(?:https?-)?proxy|https?Proxy|networkSettings\..+\.https?Proxy|{PIP}(?:https?-)?proxy"
        r"|systemProp\.(?:https?|socks)\.?(?:p|P)roxyHost|maven\.proxies\..+",
        "downloads pass through a proxy",
        gained,
    ),
    Switch(
        r"(?:gradle|maven)\.publish\..+|"
        rf"publishConfig\.(?:@[^:]+:)?registry|{PIP}publish-url|(?:npmScopes\.[^.]+\.)?npmPublishRegistry",
        "releases are sent elsewhere",
        gained,
    ),
    Switch(
        r"binary\.(?:host(?:\..+)?|remote_path|staging_host|production_host)",
        "binaries come from elsewhere",
        changed,
    ),
    Switch(
        r"source\..+\.(?:replace-with|registry|local-registry|directory|git)|registries\.[^.]+\.index"
        r"|registry\.(?:default|index)|BUNDLE_MIRROR__.+",
        "packages come from elsewhere",
        moved,
    ),
    Switch(
        r"(?:env\.)?(?:GOPROXY|PUB_HOSTED_URL|HEX_(?:MIRROR|TRUSTED_MIRROR))",
        "packages come from elsewhere",
        addressed,
    ),
    Switch(r"(?:env\.)?HEX_UNSAFE_HTTPS", "a host is trusted without a certificate", gained),
    Switch(r"(?:env\.)?HEX_CACERTS_PATH", "another authority may vouch for registries", gained),
    Switch(r"packageSources\.clear", "sources of the machine are asked as well", dropped),
    Switch(r"auditSources\..+|npmAuditRegistry", "advisories come from elsewhere", gained, Severity.MEDIUM),
    Switch(r"replace-registry-host", "packages come from elsewhere", switched("always"), Severity.MEDIUM),
    Switch(
        r"packageSources\.(?!clear$).+|sources\.(?P<element>.+)"
        r"|msbuild\.Restore(?:AdditionalProject)?Sources\.(?P<msbuild>.+)|repositories(?:\.|\[).*\burl",
        "an additional source of packages",
        gained,
    ),
    Switch(r"packageSourceMapping\..+", "another source may serve a name", moved, Severity.MEDIUM),
    Switch(r"defaultProtocol", "packages come from elsewhere", another_protocol),
    Switch(r"yarn-offline-mirror", "packages come from a folder", gained, Severity.MEDIUM),
    Switch(r"importMap", "packages come from elsewhere", gained, Severity.MEDIUM),
    Switch(
        r"(?:(?:global|install)\.)?(?:build-)?constraint(?:\[\d+\])?",
        "versions are chosen elsewhere",
        addressed,
        Severity.MEDIUM,
    ),
    Switch(r"led-away\..+", "a module comes from another host", gained, Severity.MEDIUM),
    Switch(r"mirror\..+", "archives come from elsewhere", gained),
    Switch(r"(?:maven|swift)\.mirrors\..+|swift\.registries\..+", "packages come from elsewhere", moved),
    Switch(
        r"mvn\.(?:-Dmaven\.wagon\.http\.ssl\.(?:insecure|allowall|ignore\.validity\.dates)"
        r"|-Dmaven\.resolver\.transport\.https\.securityMode|-Daether\.(?:connector|transport)\.https\.securityMode)",
        "a host is trusted without a certificate",
        switched("true", "insecure"),
    ),
    Switch(r"transport-options\..+", "a package is fetched in another way", appeared),
    # What install scripts download is named after the program: `electron_mirror`, `sass_binary_site`.
    Switch(
        r"(?:dist-?url|(?:tool\.uv\.)?(?:(?:python|pypy)-install-mirror|python-downloads-json-url)|node-mirror:.+|nodeDownloadMirrors\..+|nodedir)"
        r"|\w+_(?:mirror|cdnurl|binary_(?:site|host|host_mirror)|download_(?:base_)?(?:host|url))",
        "binaries come from elsewhere",
        gained,
    ),
    Switch(
        r"store-?dir|storeDir|(?:tool\.uv\.)?cache-dir|install\.(?:cache\.dir|globalDir)|cache"
        r"|config\.(?:globalPackagesFolder|repositoryPath)",
        "files of packages come from a folder of the repository",
        within,
        Severity.LOW,
    ),
    Switch(
        r"mvn\.(?:global-|install-|project-)?settings|mvn\.file|(?:env\.)?TF_CLI_CONFIG_FILE|(?:user|global)config|msbuild\.RestoreConfigFile.*|include\..+\.toml|include\[\d+\]\.path",
        "settings come from another file",
        gained,
        Severity.MEDIUM,
    ),
    Switch(r"source-of\..+", "the sources are not those of the archive", gained),
    Switch(r"repository\.[^/]+/.+", "the name belongs to another repository", changed),
    Switch(r"http\.cainfo|config\.ca(?:file|path)", "another authority may vouch for registries", gained),
    Switch(r"http\.proxy|config\.https?[-_]proxy", "downloads pass through a proxy", gained),
)
