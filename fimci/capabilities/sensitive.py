"""Words that mean something wherever they stand: paths of secrets, variables, what starts programs.

A path is judged by its end, whatever home or drive stands before it, and only where the whole text looks
like a path. Sources: the catalogue of the incidents of 2018 to 2026 and the credential files that their
payloads collect; MITRE ATT&CK T1552 (unsecured credentials), T1547 and T1546 (persistence).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from fimci import persistence
from fimci.capabilities import addresses
from fimci.model import CapabilityName


class Spot(NamedTuple):
    """A path that matters: the capability of touching it, and its label (`~/.aws/credentials`)."""

    name: CapabilityName
    label: str


_CREDENTIALS = (
    *(".npmrc", ".yarnrc.yml", ".pypirc", "pypoetry/auth.toml", ".gem/credentials", ".cargo/credentials"),
    *(".cargo/credentials.toml", ".m2/settings.xml", ".gradle/gradle.properties", ".composer/auth.json"),
    *(".netrc", "_netrc", ".git-credentials", "gh/hosts.yml", "glab-cli/config.yml", ".docker/config.json"),
    *("containers/auth.json", "credentials.tfrc.json", ".ssh", ".ssh/id_rsa", "id_rsa", "id_ecdsa"),
    *("id_ed25519", "id_dsa", ".gnupg", ".password-store", ".vault-token", ".aws", ".aws/credentials"),
    *(".aws/config", ".aws/sso/cache", ".azure", "msal_token_cache.json", "gcloud/credentials.db"),
    *("gcloud/access_tokens.db", "application_default_credentials.json", "legacy_credentials", ".boto"),
    *(".s3cfg", ".kube/config", "serviceaccount/token", ".databrickscfg", ".pgpass", ".my.cnf"),
    *("rclone/rclone.conf", ".claude.json", ".claude/.credentials.json", ".codex/auth.json"),
    *(
        ".gemini/oauth_creds.json",
        ".huggingface/token",
        "kaggle.json",
        "sitemanager.xml",
        "recentservers.xml",
    ),
    *("WinSCP.ini", "Login Data", "Local State", "Web Data", "Cookies", "Local Extension Settings"),
    *("logins.json", "key4.db", "cookies.sqlite", "formhistory.sqlite", "Cookies.binarycookies"),
    *("login.keychain-db", "Library/Keychains", ".local/share/keyrings", "Local Storage/leveldb"),
    *(
        "Microsoft/Credentials",
        "Microsoft/Protect",
        "discord/Local Storage",
        "tdata",
        "launcher_accounts.json",
    ),
    *("_diag/Runner.Worker", ".runner", "wp-config.php", "NoteStore.sqlite", "StickiesDatabase"),
    *("Messages/chat.db", "loginusers.vdf", ".minecraft/launcher_profiles.json", ".mozilla/firefox"),
    *("Firefox/Profiles", "globalStorage/state.vscdb"),
)
#: Labels of what only thieves read: what the user's own programs keep, and tools that look for secrets.
_STORES = (
    *(
        "Login Data",
        "Local State",
        "Web Data",
        "Cookies",
        "Local Extension Settings",
        "logins.json",
        "key4.db",
    ),
    *("cookies.sqlite", "formhistory.sqlite", "login.keychain-db", "Library/Keychains", "keychain", "SAM"),
    *(
        "Local Storage/leveldb",
        "discord/Local Storage",
        "Microsoft/Credentials",
        "Microsoft/Protect",
        "tdata",
    ),
    *(
        "launcher_accounts.json",
        ".minecraft/launcher_profiles.json",
        "NoteStore.sqlite",
        "StickiesDatabase",
        "Messages/chat.db",
        "loginusers.vdf",
        "Windows credentials",
        "win32crypt.",
        "ctypes.windll.crypt32.",
        "browser_cookie3.",
        "browsercookie.",
    ),
    *(
        "globalStorage/state.vscdb",
        "pypykatz.",
        "/proc/PID/",
        "memory of the runner",
        "password dialogue",
        "trufflehog",
    ),
)
_WALLETS = (
    *("wallet.dat", "Electrum/wallets", ".electrum/wallets", "Exodus/exodus.wallet", "exodus.wallet"),
    *("atomic/Local Storage/leveldb", "Ethereum/keystore", ".ethereum/keystore", "solana/id.json", "Armory"),
    *("Coinomi/wallets", "Guarda/Local Storage", "Ledger Live", "Trezor Suite", ".foundry/keystores"),
    *("nkbihfbeogaeaoehlefnkodbefgpgknn", "bfnaelmomeimhlpmgjnjophhpkkoljpa"),
    *("hnfanknocfeofbddgcijnmhnfnkdnaad", ".config/solana"),
)
_READ_SENSITIVE = (
    *(
        "*_history",
        ".*_history",
        ".bash_history",
        ".zsh_history",
        ".python_history",
        ".node_repl_history",
        "ConsoleHost_history.txt",
    ),
    *(
        "/etc/passwd",
        "/etc/shadow",
        "/etc/sudoers",
        "/etc/machine-id",
        "/proc/self/environ",
        "/proc/self/mem",
    ),
    *("docker.sock", "TCC.db", ".env", ".env.local", ".env.production"),
)
_PERSISTENCE = (
    *(".bashrc", ".bash_profile", ".bash_logout", ".profile", ".zshrc", ".zshenv", ".zprofile"),
    *("/etc/profile.d", "config.fish", "Microsoft.PowerShell_profile.ps1", "authorized_keys", ".ssh/rc"),
    *("LaunchAgents", "LaunchDaemons", "/etc/cron.d", "/etc/crontab", "/var/spool/cron", "/etc/rc.local"),
    *("systemd/user", "/etc/systemd/system", "/etc/init.d", ".config/autostart", "/etc/ld.so.preload"),
    *("CurrentVersion/Run", "CurrentVersion/RunOnce", "Start Menu/Programs/Startup", "Programs/Startup"),
    *(
        ".git/hooks",
        "sitecustomize.py",
        "usercustomize.py",
        ".claude/settings.json",
        ".claude/settings.local.json",
    ),
    *(".cursor/mcp.json", ".vscode/tasks.json", ".github/workflows", ".mcp.json", ".gemini/settings.json"),
    *(
        "AGENTS.md",
        "CLAUDE.md",
        "CLAUDE.local.md",
        "GEMINI.md",
        ".cursorrules",
        ".cursor/rules",
        ".clinerules",
    ),
    *(".windsurfrules", ".windsurf/rules", ".github/copilot-instructions.md", "pip/pip.conf", "pip/pip.ini"),
    "profile_default/startup",
)
_GROUPS: tuple[tuple[CapabilityName, tuple[str, ...]], ...] = (
    ("filesystem-read-sensitive", _READ_SENSITIVE),
    ("crypto-wallet", _WALLETS),
    ("persistence", _PERSISTENCE),
    ("credentials", _CREDENTIALS),
)
_SECRETS = frozenset(("credentials", "crypto-wallet"))
_SPOTS = {words.lower(): Spot(name, words) for name, group in _GROUPS for words in group}
_FOLDERS = (
    *(".ssh", ".gnupg", ".aws", ".azure", "launchagents", "launchdaemons", ".git/hooks"),
    *(
        ".github/workflows",
        "programs/startup",
        "profile_default/startup",
        "systemd/user",
        ".config/autostart",
    ),
    *("discord/local storage", "local storage/leveldb", ".cursor/rules", ".windsurf/rules"),
    *("exodus/exodus.wallet", "electrum/wallets", ".electrum/wallets", "ethereum/keystore", ".config/solana"),
    *(".ethereum/keystore", ".foundry/keystores", "coinomi/wallets", ".mozilla/firefox", "firefox/profiles"),
)
#: Where a machine has such folders, and kinds of places that are seldom written for that.
_SYSTEM = ("/etc/", "/lib/", "/usr/lib/", "/usr/local/lib/", "/var/spool/", "/run/systemd/", "/Library/")
_READ = ("account", "access by ssh", "start of Python")
#: What a keyboard or mouse sends, as a file of Linux.
_KEYS = re.compile(r"/dev/input/(?:event\d|by-)|/dev/input/mice\Z")
_PROCESS_MEMORY = re.compile(r"/proc/[^/]*/(?:mem|maps|environ)\Z")
_DEEPEST = max(words.count("/") for words in _SPOTS) + 1
_PATH_LIMIT = 300
_NOT_A_PATH = re.compile(r"[\n\r\t<>|;`\"]|\s{2}|\. ")

_SECRET = re.compile(
    r"(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|ACCESS_KEY|ACCESS_KEY_ID|PRIVATE_KEY|CREDENTIALS?"
    r"|_AUTH|_DSN|_PAT|MNEMONIC)\Z"
)
_SECRET_NAMES = frozenset(
    (
        *("SSH_AUTH_SOCK", "DOCKER_AUTH_CONFIG", "KUBECONFIG", "DATABASE_URL", "MNEMONIC"),
        *("ACTIONS_ID_TOKEN_REQUEST_URL", "GOOGLE_APPLICATION_CREDENTIALS"),
    )
)
_SECRET_PREFIXES = ("TF_TOKEN_", "POETRY_PYPI_TOKEN_")

#: The last four characters, in lower case, of everything that `spot` knows by its end, and of known hosts.
ENDINGS = frozenset(
    (words + behind)[-4:]
    for words in (*_SPOTS, *addresses.KNOWN, "/mem", "/maps", "/environ")
    for behind in ("", "/", "*", "/*")
)
#: Folders of secrets: what is in them counts, whatever its name.
FOLDERS = tuple(f"{folder}/" for folder in _FOLDERS)
#: Words that are also ordinary ones: they count below another folder.
_ORDINARY = re.compile(r"[A-Za-z ]{1,31}\Z")


_TOOLS = """
chisel chpasswd cloudflared cmstp cpuminer dscl ethminer frpc gdbserver gost hydra insmod installutil
kextload lolminer masscan mavinject mimikatz miner minerd modprobe mshta nanominer nbminer ngrok nmap odbcconf
passwd procdump proxychains psexec regasm regsvcs regsvr32 rundll32 t-rex tor useradd usermod xmrig
"""
#: Programs that are seldom started in good faith: miners, tunnels and tools of break-ins.
TOOLS = frozenset(_TOOLS.split())
#: Sockets by which an engine of containers takes orders: whoever writes to one is root of the machine.
ENGINES = frozenset(("containerd.sock", "crio.sock", "cri-dockerd.sock", "docker.sock", "podman.sock"))
_ENGINE = re.compile(r"(?:[/:,=]|%2[fF])((?:containerd|crio|cri-dockerd|docker|podman)\.sock)(?![\w.-])")
#: How the subject ends of a program that is told to install packages.
INSTALLS = (" install", " run")
#: Said of a command that switches a protection of the machine off.
DEFENCE_OFF = "turns a defence off"


def spot(text: str) -> Spot | None:
    """Return what a path leads to, if its end names a place that matters."""
    if len(text) > _PATH_LIMIT or _NOT_A_PATH.search(text):
        return None
    path = text.replace("\\", "/").rstrip("/*")
    if path.endswith(".pub"):  # the half of a key that is for everybody
        return None
    if _PROCESS_MEMORY.search(path) and not path.endswith("/self/maps"):  # which libraries were loaded here
        return Spot("credentials", "/proc/PID/" + path.rpartition("/")[2])
    if _KEYS.match(path):
        return Spot("keyboard", "/dev/input")
    if path.endswith((".pth", "/sitecustomize.py")) and "site-packages/" in path:
        return Spot("persistence", path.rpartition("/")[2])
    parts = path.lower().split("/")
    for length in range(min(_DEEPEST, len(parts)), 0, -1):
        end = "/".join(parts[-length:])
        found = _SPOTS.get(end)
        if found is None and length == len(parts):
            found = _SPOTS.get(f"/{end.lstrip('/')}") if path.startswith("/") else None
        if found is not None and (len(parts) > 1 or not _ORDINARY.match(found.label)):
            return found
    return _inside(parts)


def asked(texts: Sequence[str]) -> bool:
    """Tell whether a path of secrets is given, in one text or in pieces (`read(".ssh", "id_rsa")`)."""
    named = ("/".join(texts), *texts) if len(texts) <= _DEEPEST else texts
    return any(found.name in _SECRETS for text in named if text and (found := spot(text)) is not None)


def started(text: str) -> Spot | None:
    """Return the folder of a machine that a path lies in and whose files start by themselves, if any."""
    path = text.replace("\\", "/")
    if len(text) > _PATH_LIMIT or not path.startswith(_SYSTEM) or persistence.place(path[1:]) in {"", *_READ}:
        return None
    return Spot("persistence", path.rpartition("/")[0])


def _inside(parts: list[str]) -> Spot | None:
    """Return the folder of secrets that a path leads into (`~/.ssh/any`)."""
    for folder in _FOLDERS:
        first, _, second = folder.partition("/")
        for number, part in enumerate(parts[:-1]):
            if part == first and (not second or parts[number + 1 : number + 2] == [second]):
                return _SPOTS[folder]
    return None


def engine(text: str) -> str:
    """Return the socket of an engine of containers that an address or path names (`docker.sock`), if any."""
    found = _ENGINE.search(text) if ".sock" in text and len(text) <= _PATH_LIMIT else None
    return found[1] if found is not None else ""


def store(label: str) -> bool:
    """Tell whether credentials are those that browsers, messengers and systems keep for their user alone."""
    return label.startswith(_STORES)


def secret(variable: str) -> bool:
    """Tell whether an environment variable of this name holds a credential."""
    name = variable.upper()
    return bool(_SECRET.search(name)) or name in _SECRET_NAMES or name.startswith(_SECRET_PREFIXES)
