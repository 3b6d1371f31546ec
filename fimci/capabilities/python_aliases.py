"""By which names the catalogue of Python knows things: instances by class, old names by the new ones."""

from __future__ import annotations

from collections.abc import Mapping

#: What functions return, where that is not named after them: their methods go by these names.
RESULTS: Mapping[str, str] = {
    "requests.session": "requests.Session",
    "requests.sessions.Session": "requests.Session",
    "requests.sessions.session": "requests.Session",
    "socket.socket": "socket.socket",
    "socket.create_connection": "socket.socket",
    "socks.socksocket": "socket.socket",
    "cloudscraper.create_scraper": "requests.Session",
    "ssl.wrap_socket": "socket.socket",
    "ssl.SSLContext.wrap_socket": "socket.socket",
    "socket.fromfd": "socket.socket",
    "urllib.request.build_opener": "urllib.request.OpenerDirector",
    "open": "open",
    "pathlib.Path.open": "open",
    "codecs.open": "open",
    "os.fdopen": "open",
    "aiofiles.open": "open",
    "boto3.client": "boto3.client",
    "boto3.resource": "boto3.resource",
    "pathlib.Path.home": "pathlib.Path",
    "pathlib.Path.cwd": "pathlib.Path",
    "pathlib.PosixPath": "pathlib.Path",
    "pathlib.WindowsPath": "pathlib.Path",
    "pathlib.Path.expanduser": "pathlib.Path",
    "pathlib.Path.resolve": "pathlib.Path",
    "pathlib.Path.absolute": "pathlib.Path",
    "pathlib.Path.joinpath": "pathlib.Path",
    "tarfile.open": "tarfile.TarFile",
    "os.environ.copy": "",
    "smtplib.SMTP_SSL": "smtplib.SMTP",
    "ftplib.FTP_TLS": "ftplib.FTP",
    "Crypto.Cipher.AES.new": "Crypto.Cipher.AES.new",
    "zlib.decompressobj": "zlib.decompressobj",
    "websocket.create_connection": "websocket.WebSocket",
    "code.InteractiveConsole": "code.InteractiveInterpreter",
    "mss.mss": "mss.mss",
    "get_ipython": "get_ipython",
    "IPython.get_ipython": "get_ipython",
    "asyncio.open_connection": "",
    "keyring.get_keyring": "",
    "winreg.ConnectRegistry": "",
    "urllib3.connection_from_url": "urllib3.HTTPConnectionPool",
    "botocore.session.get_session": "botocore.session.Session",
    "boto3.session.Session": "boto3.Session",
    "paramiko.SFTPClient.from_transport": "paramiko.SFTPClient",
    "discord.SyncWebhook.from_url": "discord.SyncWebhook",
    "discord.Webhook.from_url": "discord.Webhook",
    "PIL.Image.open": "PIL.Image.open",
    "netrc.netrc": "",
    "httpx.stream": "",
    "docker.from_env": "",
    "ctypes.WinDLL": "ctypes.windll.dll",
    "ctypes.windll.LoadLibrary": "ctypes.windll.dll",
}

#: Old and inner names, and what they are called here. The longest beginning counts.
SAME: Mapping[str, str] = {
    "builtins": "",
    "__builtin__": "",
    "__builtins__": "",
    "posix": "os",
    "nt": "os",
    "_socket": "socket",
    "io.open": "open",
    "io.FileIO": "open",
    "_io.open": "open",
    "six.moves.urllib": "urllib",
    "six.moves.http_client": "http.client",
    "six.moves.builtins": "",
    "six.moves.cPickle": "pickle",
    "six.exec_": "exec",
    "urllib2": "urllib.request",
    "httplib": "http.client",
    "urllib.urlopen": "urllib.request.urlopen",
    "urllib.urlretrieve": "urllib.request.urlretrieve",
    "urllib.quote": "urllib.parse.quote",
    "urllib.urlencode": "urllib.parse.urlencode",
    "xmlrpclib": "xmlrpc.client",
    "BaseHTTPServer": "http.server",
    "SocketServer": "socketserver",
    "_winreg": "winreg",
    "requests.packages.urllib3": "urllib3",
    "pip._vendor.requests": "requests",
    "pip._vendor.urllib3": "urllib3",
    "posixpath": "os.path",
    "ntpath": "os.path",
    "importlib._bootstrap_external": "importlib.machinery",
    "_imp.load_dynamic": "imp.load_dynamic",
    "Cryptodome": "Crypto",
    "os.getenvb": "os.getenv",
    "os.environb": "os.environ",
    "os.unsetenv": "os.environ.unsetenv",
    "concurrent.futures.thread": "concurrent.futures",
    "urllib3.poolmanager": "urllib3",
    "aiohttp.client": "aiohttp",
    "pathlib._local": "pathlib",
    "subprocess32": "subprocess",
    "cPickle": "pickle",
    "requests.sessions.Session": "requests.Session",
    "requests.api": "requests",
}


def canonical(name: str) -> str:
    """Return what the catalogue calls a thing (`urllib2.urlopen` -> `urllib.request.urlopen`)."""
    head = name
    while head:
        if head in SAME:
            return (SAME[head] + name[len(head) :]).lstrip(".") or name
        head = head.rpartition(".")[0]
    return name
