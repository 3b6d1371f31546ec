"""The names of Python's world that mean something: standard library (2 and 3) and popular packages.

Instances go by their class: `requests.Session.post` is what `s.post` is after `s = requests.Session()`.
`os.environ["X"]` goes by `os.environ.__getitem__`, an assignment to it by `__setitem__`. Old names are told
by the new ones (`urllib2.urlopen`, `__builtin__.eval`, `posix.system`; see `canonical`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fimci.capabilities.uses import Api, Flow
from fimci.model import CapabilityName

_Takes = tuple[tuple[int | str, str], ...]

_URL: _Takes = ((0, "url"), ("url", "url"))
_METHOD_URL: _Takes = ((1, "url"), ("url", "url"), (0, "method"))
_PATH: _Takes = ((0, "path"), ("path", "path"))
_COMMAND: _Takes = ((0, "command"), ("args", "command"), ("cmd", "command"), ("command", "command"))
_CODE: _Takes = ((0, "code"),)
_SENT: _Takes = (
    ("data", "data"),
    ("json", "data"),
    ("files", "data"),
    ("params", "data"),
    ("headers", "data"),
)
_FETCHED: frozenset[Flow] = frozenset({"network"})
_OUTPUT: frozenset[Flow] = frozenset({"output"})
_DECODED: frozenset[Flow] = frozenset({"decoded"})
_FILE: frozenset[Flow] = frozenset({"file"})
_SYSTEM: frozenset[Flow] = frozenset({"system"})
_SECRET: frozenset[Flow] = frozenset({"secret"})
_VARIABLE: frozenset[Flow] = frozenset({"environment"})
_ALL_VARIABLES: frozenset[Flow] = frozenset({"environment-bulk"})


def _all(names: str, api: Api) -> Iterator[tuple[str, Api]]:
    """Give one row to each of these names; `a.{b,c}` stands for `a.b` and `a.c`."""
    for name in names.split():
        head, brace, rest = name.partition("{")
        middle, _, tail = rest.partition("}")
        for choice in middle.split(",") if brace else ("",):
            yield (head + choice + tail, api)


def _plain(capability: CapabilityName, names: str) -> Iterator[tuple[str, Api]]:
    return _all(names, Api(capability))


_REQUESTS = "{get,options,head,post,put,patch,delete}"
_HTTP = Api("network", gives=_FETCHED, takes=(*_URL, (1, "data"), *_SENT, ("content", "data")))
_HTTP_REQUEST = Api(
    "network", gives=_FETCHED, takes=(*_METHOD_URL, *_SENT, ("fields", "data"), ("body", "data"))
)
_CONNECT = Api("network", takes=((0, "url"), ("host", "url")))
_SEND = Api("network", takes=((0, "data"), ("data", "data")))
_RECEIVE = Api("network", gives=_FETCHED)

_NETWORK: tuple[tuple[str, Api], ...] = (
    *_all(
        f"requests.{_REQUESTS} requests.Session.{_REQUESTS} requests.api.{_REQUESTS} requests.sessions.Session.{_REQUESTS}"
        f" httpx.{_REQUESTS} httpx.Client.{_REQUESTS} httpx.AsyncClient.{_REQUESTS} aiohttp.ClientSession.{_REQUESTS}"
        f" curl_cffi.requests.{_REQUESTS} curl_cffi.requests.Session.{_REQUESTS} cloudscraper.CloudScraper.{_REQUESTS}"
        f" requests_html.HTMLSession.{_REQUESTS} niquests.{_REQUESTS} grequests.{_REQUESTS} treq.{_REQUESTS}"
        " aiohttp.ClientSession.ws_connect websocket.create_connection websockets.connect websocket.WebSocketApp"
        " websocket.WebSocket.connect websockets.sync.client.connect httpx.stream",
        _HTTP,
    ),
    *_all(
        "requests.request requests.Session.request requests.Session.send requests.api.request httpx.request"
        " httpx.Client.request httpx.AsyncClient.request httpx.Client.stream httpx.AsyncClient.stream"
        " httpx.Client.send httpx.AsyncClient.send aiohttp.ClientSession.request aiohttp.request urllib3.request"
        " urllib3.PoolManager.{request,urlopen,request_encode_url,request_encode_body}"
        " urllib3.ProxyManager.request urllib3.HTTPConnectionPool.{request,urlopen}"
        " urllib3.HTTPSConnectionPool.{request,urlopen} http.client.HTTPConnection.{request,putrequest}"
        " http.client.HTTPSConnection.{request,putrequest} httplib2.Http.request niquests.request treq.request",
        _HTTP_REQUEST,
    ),
    *_all(
        "urllib.request.{urlopen,urlretrieve,URLopener.open,FancyURLopener.open,OpenerDirector.open}"
        " tornado.httpclient.{AsyncHTTPClient,HTTPClient}.fetch",
        Api("network", gives=_FETCHED, takes=(*_URL, (1, "data"), ("data", "data"))),
    ),
    *_all("tornado.httpclient.AsyncHTTPClient.fetch tornado.httpclient.HTTPClient.fetch", _HTTP),
    *_all("urllib.request.Request", Api(takes=(*_URL, (1, "data"), ("data", "data")), passes=True)),
    *_all("wget.download gdown.download", Api("network", gives=_FETCHED, takes=_URL)),
    *_all(
        "http.client.{HTTPConnection,HTTPSConnection} ftplib.{FTP,FTP_TLS} smtplib.{SMTP,SMTP_SSL,LMTP}"
        " imaplib.{IMAP4,IMAP4_SSL} poplib.{POP3,POP3_SSL} telnetlib.Telnet xmlrpc.client.ServerProxy nntplib.NNTP"
        " asyncio.open_connection asyncio.start_server socket.create_connection socket.create_server"
        " socket.socket.{connect,connect_ex,bind} socket.{gethostbyname,gethostbyname_ex,getaddrinfo}"
        " urllib3.{HTTPConnectionPool,HTTPSConnectionPool,connection_from_url} redis.{Redis,StrictRedis,from_url}"
        " pymongo.MongoClient psycopg2.connect psycopg.connect pymysql.connect MySQLdb.connect"
        " mysql.connector.connect asyncpg.connect asyncpg.create_pool grpc.{insecure_channel,secure_channel}"
        " paramiko.SSHClient.connect paramiko.Transport asyncssh.connect socks.socksocket.connect"
        " pika.BlockingConnection pika.ConnectionParameters paho.mqtt.client.Client.connect nats.connect"
        " telethon.TelegramClient pyrogram.Client ldap3.Server ldap3.Connection"
        " smtplib.SMTP.connect ftplib.FTP.connect",
        _CONNECT,
    ),
    *_all(
        "socket.socket.{send,sendall,sendto,sendfile} smtplib.SMTP.sendmail smtplib.SMTP_SSL.sendmail"
        " smtplib.SMTP.send_message smtplib.SMTP_SSL.send_message ftplib.FTP.{storbinary,storlines}"
        " websocket.WebSocket.send http.client.HTTPConnection.send http.client.HTTPSConnection.send"
        " telegram.Bot.{send_message,send_document,send_photo} telebot.TeleBot.{send_message,send_document}"
        " discord_webhook.DiscordWebhook discord.Webhook.send discord.SyncWebhook.send github.Github",
        Api(
            "network",
            takes=(
                (0, "data"),
                (1, "data"),
                (2, "data"),
                ("msg", "data"),
                ("content", "data"),
                ("url", "url"),
            ),
        ),
    ),
    *_all(
        "socket.socket.{recv,recvfrom,recv_into,recvmsg,makefile} http.client.HTTPConnection.getresponse"
        " http.client.HTTPSConnection.getresponse ftplib.FTP.{retrbinary,retrlines} websocket.WebSocket.recv"
        " asyncio.StreamReader.read",
        _RECEIVE,
    ),
    *_all(
        "dns.resolver.{resolve,query,Resolver.resolve,Resolver.query}",
        Api("network", gives=_FETCHED, takes=_URL),
    ),
    *_all("webbrowser.{open,open_new,open_new_tab}", Api("network", takes=_URL)),
    *_plain(
        "network",
        "http.server.{HTTPServer,ThreadingHTTPServer} socketserver.{TCPServer,UDPServer,ThreadingTCPServer}"
        " wsgiref.simple_server.make_server xmlrpc.server.SimpleXMLRPCServer pycurl.Curl zmq.Context zmq.asyncio.Context"
        " boto3.{client,resource,Session} botocore.session.get_session google.cloud.storage.Client azure.storage.blob.BlobServiceClient"
        " discord.Client discord.ext.commands.Bot slack_sdk.WebClient slack_sdk.WebhookClient tweepy.Client"
        " scapy.all.{send,sr,sr1,sendp,sniff} websockets.serve asyncio.start_unix_server twisted.internet.reactor.{connectTCP,listenTCP}"
        " web3.Web3 libtorrent.session multiprocessing.connection.Client multiprocessing.connection.Listener"
        " ssl._create_unverified_context ssl._create_default_https_context pyngrok.ngrok.connect",
    ),
)

_PROCESSES: tuple[tuple[str, Api], ...] = (
    *_all(
        "subprocess.{Popen,run,call,check_call,check_output} subprocess32.{Popen,run,call,check_call,check_output}"
        " psutil.Popen asyncio.create_subprocess_exec asyncio.subprocess.create_subprocess_exec pexpect.{spawn,run}"
        " pexpect.popen_spawn.PopenSpawn ptyprocess.PtyProcess.spawn pty.spawn sh.Command plumbum.local"
        " trio.run_process anyio.run_process anyio.open_process os.startfile gevent.subprocess.{Popen,run,call,check_output}"
        " distutils.spawn.spawn setuptools._distutils.spawn.spawn winpty.PtyProcess.spawn invoke.run delegator.run",
        Api("process", gives=_OUTPUT, takes=_COMMAND),
    ),
    *_all(
        "os.{execl,execle,execlp,execlpe,execv,execve,execvp,execvpe,posix_spawn,posix_spawnp}",
        Api("process", takes=((0, "command"), (1, "command"))),
    ),
    *_all(
        "os.{spawnl,spawnle,spawnlp,spawnlpe,spawnv,spawnve,spawnvp,spawnvpe}",
        Api("process", takes=((1, "command"), (2, "command"))),
    ),
    *_plain(
        "process",
        "os.{fork,forkpty,kill,killpg} pty.fork _posixsubprocess.fork_exec _winapi.CreateProcess win32process.CreateProcess"
        " pip.main pip._internal.main pip._internal.cli.main.main docker.from_env docker.DockerClient",
    ),
    *_all(
        "subprocess.{Popen,run,call,check_call,check_output}:shell gevent.subprocess.{Popen,run,call,check_output}:shell"
        " os.system os.popen os.popen2 os.popen3 subprocess.getoutput subprocess.getstatusoutput"
        " asyncio.create_subprocess_shell asyncio.subprocess.create_subprocess_shell commands.getoutput"
        " commands.getstatusoutput popen2.popen2 popen2.popen3 platform.popen IPython.get_ipython.system"
        " get_ipython.system get_ipython.getoutput paramiko.SSHClient.exec_command win32api.ShellExecute",
        Api("shell", gives=_OUTPUT, takes=_COMMAND),
    ),
)

_DYNAMIC: tuple[tuple[str, Api], ...] = (
    *_all(
        "exec eval execfile code.InteractiveInterpreter.runsource code.InteractiveInterpreter.runcode"
        " code.InteractiveConsole.push code.interact runpy.run_path timeit.timeit timeit.repeat timeit.Timer"
        " cProfile.run cProfile.runctx profile.run pdb.run pdb.runeval trace.Trace.run bdb.Bdb.run"
        " pandas.eval numexpr.evaluate IPython.get_ipython.run_cell get_ipython.run_cell get_ipython.ex",
        Api("dynamic-code", takes=_CODE, evaluates=True),
    ),
    *_all("compile codeop.compile_command", Api("dynamic-code", takes=_CODE, passes=True)),
    *_all(
        "types.FunctionType types.CodeType new.function new.code imp.load_source imp.load_module imp.load_compiled"
        " importlib.machinery.SourceFileLoader importlib.util.spec_from_file_location"
        " importlib.util.spec_from_loader zipimport.zipimporter runpy.run_module imp.new_module",
        Api("dynamic-code", takes=((0, "module"), (1, "path"))),
    ),
    *_all(
        "pickle.{load,loads,Unpickler,_loads} _pickle.{load,loads} cPickle.{load,loads} dill.{load,loads}"
        " cloudpickle.{load,loads} joblib.load shelve.open torch.load jsonpickle.decode jsonpickle.loads"
        " yaml.unsafe_load yaml.unsafe_load_all yaml.full_load ruamel.yaml.load pandas.read_pickle numpy.load:unsafe yaml.load:unsafe yaml.load_all:unsafe",
        Api("dynamic-code", takes=((0, "code"),), passes=True, subject="deserialised"),
    ),
    *_all("numpy.load yaml.load yaml.load_all", Api(passes=True)),
    *_all(
        "importlib.import_module __import__ importlib.__import__ pkgutil.resolve_name",
        Api("dynamic-code", takes=((0, "module"),)),
    ),
    *_all(
        "marshal.{load,loads} importlib.machinery.SourcelessFileLoader",
        Api("bytecode", takes=((0, "code"),), gives=_DECODED, passes=True),
    ),
)

_NATIVE = (
    *_all(
        "ctypes.{CDLL,PyDLL,WinDLL,OleDLL,cdll,windll,oledll,pydll} ctypes.cdll.LoadLibrary ctypes.windll.LoadLibrary"
        " ctypes.LibraryLoader.LoadLibrary cffi.FFI.dlopen numpy.ctypeslib.load_library _ctypes.dlopen",
        Api("native-code", takes=((0, "path"),)),
    ),
    *_plain(
        "native-code",
        "ctypes.cdll.* ctypes.windll.* ctypes.CFUNCTYPE ctypes.WINFUNCTYPE ctypes.memmove ctypes.pythonapi.* cffi.FFI"
        " mmap.mmap importlib.machinery.ExtensionFileLoader imp.load_dynamic _imp.create_dynamic",
    ),
)

_DESTINATION: _Takes = ((1, "path"), ("dst", "path"))
_FILES: tuple[tuple[str, Api], ...] = (
    *_all(
        "open codecs.open os.open os.fdopen aiofiles.open gzip.open bz2.open lzma.open fileinput.input",
        Api(gives=_FILE, takes=(*_PATH, ("file", "path"))),
    ),
    *_all(
        "open:w codecs.open:w os.open:w os.fdopen:w aiofiles.open:w gzip.open:w bz2.open:w lzma.open:w pathlib.Path.open:w",
        Api("filesystem-write", gives=_FILE, takes=(*_PATH, ("file", "path"))),
    ),
    *_all(
        "pathlib.Path.open pathlib.Path.{read_text,read_bytes}", Api(gives=_FILE, takes=_PATH, passes=True)
    ),
    *_all(
        "open.{write,writelines} pathlib.Path.{write_text,write_bytes}",
        Api("filesystem-write", takes=(*_PATH, (1, "data"))),
    ),
    *_all("open.{read,readline,readlines,readinto}", Api(gives=_FILE, passes=True)),
    *_all(
        "pathlib.Path.{touch,mkdir,symlink_to,hardlink_to,chmod,rename,replace}",
        Api("filesystem-write", takes=_PATH),
    ),
    *_all(
        "os.{mkdir,makedirs,chmod,chown,lchown,utime,mkfifo,mknod} tempfile.{mkstemp,mkdtemp,NamedTemporaryFile,TemporaryFile,TemporaryDirectory}",
        Api("filesystem-write", takes=_PATH),
    ),
    *_all(
        "os.{rename,renames,replace,symlink,link} shutil.{copy,copy2,copyfile,copytree,move,copymode,copystat}",
        Api("filesystem-write", takes=(*_DESTINATION, (0, "source"))),
    ),
    *_all("shutil.unpack_archive", Api("filesystem-write", takes=_DESTINATION)),
    *_plain(
        "filesystem-write",
        "zipfile.ZipFile.{extract,extractall} tarfile.TarFile.{extract,extractall} tarfile.open.{extract,extractall}",
    ),
    *_all(
        "os.{remove,unlink,rmdir,removedirs,truncate} shutil.rmtree send2trash.send2trash",
        Api("filesystem-delete", takes=_PATH),
    ),
    *_all("pathlib.Path.{unlink,rmdir}", Api("filesystem-delete", takes=_PATH)),
    *_all(
        "pathlib.Path pathlib.PosixPath pathlib.WindowsPath pathlib.PurePath pathlib.Path.{expanduser,resolve,joinpath,absolute}"
        " os.path.{join,expanduser,expandvars,abspath,normpath,realpath} os.fspath",
        Api(passes=True),
    ),
    *_all("sqlite3.connect", Api(gives=_FILE, takes=((0, "path"), ("database", "path")))),
    *_all("os.{listdir,walk,scandir} glob.{glob,iglob}", Api(takes=_PATH)),
)

_ENVIRONMENT = (
    *_all(
        "os.environ.{get,__getitem__,pop,setdefault} os.getenv os.environb.{get,__getitem__} os.getenvb",
        Api("environment", gives=_VARIABLE, takes=((0, "variable"), ("key", "variable"))),
    ),
    *_all("os.environ.__setitem__ os.putenv", Api(takes=((0, "set-variable"), (1, "data")))),
    *_all("os.environ.{update,unsetenv,__delitem__}", Api()),
    *_all(
        "os.environ os.environb os.environ.{items,values,keys}", Api("environment-bulk", gives=_ALL_VARIABLES)
    ),
    *_all("os.environ.copy", Api(gives=_ALL_VARIABLES)),
    *_all(
        "dotenv.{load_dotenv,dotenv_values,find_dotenv,get_key}",
        Api("environment", gives=_VARIABLE, takes=_PATH),
    ),
)

_SECRETS = (
    *_all(
        "keyring.{get_password,get_credential,get_keyring} secretstorage.{get_default_collection,dbus_init} netrc.netrc"
        " win32crypt.CryptUnprotectData ctypes.windll.crypt32.CryptUnprotectData win32cred.CredRead win32cred.CredEnumerate"
        " browser_cookie3.{chrome,firefox,edge,brave,opera,load,chromium,safari,vivaldi} google.auth.default"
        " botocore.session.Session.get_credentials boto3.Session.get_credentials boto3.session.Session.get_credentials"
        " browsercookie.{chrome,firefox,load} pypykatz.pypykatz.pypykatz.go_live",
        Api("credentials", gives=_SECRET),
    ),
    *_all("getpass.getpass", Api(gives=_SECRET)),
)

_HOST = (
    *_all(
        "platform.{node,platform,system,machine,release,version,uname,processor,mac_ver,win32_ver,freedesktop_os_release,architecture}"
        " os.{uname,getlogin,getuid,geteuid,cpu_count} socket.{gethostname,getfqdn,gethostbyaddr,if_nameindex} getpass.getuser"
        " uuid.{getnode,uuid1} psutil.{process_iter,users,net_if_addrs,net_connections,cpu_count,virtual_memory,boot_time,disk_partitions}"
        " wmi.WMI netifaces.{interfaces,ifaddresses} cpuinfo.get_cpu_info GPUtil.getGPUs distro.{id,name,info,linux_distribution}"
        " pwd.{getpwuid,getpwnam,getpwall} getmac.get_mac_address ifaddr.get_adapters locale.getdefaultlocale sys.getwindowsversion",
        Api("system-information", gives=_SYSTEM),
    ),
    *_all("os.{getcwd,getpid,getppid} pathlib.Path.{home,cwd}", Api(gives=_SYSTEM)),
    *_all(
        "pyperclip.paste pyperclip.waitForPaste win32clipboard.GetClipboardData clipboard.paste tkinter.Tk.clipboard_get"
        " pandas.read_clipboard",
        Api("clipboard", gives=frozenset({"clipboard"})),
    ),
    *_plain("clipboard", "pyperclip.copy win32clipboard.{SetClipboardData,SetClipboardText} clipboard.copy"),
    *_plain(
        "screen",
        "PIL.ImageGrab.{grab,grabclipboard} mss.mss mss.tools.to_png pyautogui.screenshot pyscreenshot.grab cv2.VideoCapture"
        " sounddevice.rec sounddevice.InputStream pyaudio.PyAudio d3dshot.create dxcam.create",
    ),
    *_plain(
        "keyboard",
        "pynput.keyboard.{Listener,Controller} pynput.mouse.Listener keyboard.{on_press,on_release,hook,record,read_key,add_hotkey}"
        " pyHook.HookManager pyWinhook.HookManager evdev.{InputDevice,list_devices} pyautogui.{typewrite,press,hotkey}"
        " win32api.GetAsyncKeyState ctypes.windll.user32.{GetAsyncKeyState,SetWindowsHookExA,SetWindowsHookExW}",
    ),
)

_TAMPERING = (
    *_plain(
        "module-tampering",
        "sys.meta_path.{insert,append,extend,__setitem__} sys.path_hooks.{insert,append,__setitem__} site.addsitedir sys.{settrace,setprofile}"
        " threading.settrace codecs.register builtins.* sys.modules.__setitem__ sys.meta_path sys.path_hooks sys.addaudithook",
    ),
    *_all("sys.path.{insert,append,extend} sys.modules.pop atexit.register", Api()),
    *_plain(
        "persistence",
        "winreg.{SetValueEx,SetValue,CreateKey,CreateKeyEx} _winreg.{SetValueEx,CreateKey} crontab.CronTab"
        " win32serviceutil.InstallService win32api.RegSetValueEx servicemanager.Initialize",
    ),
    *_plain(
        "telemetry",
        "sentry_sdk.{init,capture_exception,capture_message} posthog.{capture,identify,Posthog} segment.analytics.{track,identify}"
        " analytics.{track,identify} mixpanel.Mixpanel amplitude.Amplitude scarf.* rollbar.init newrelic.agent.initialize"
        " opentelemetry.sdk.trace.export.BatchSpanProcessor bugsnag.configure datadog.initialize ddtrace.patch_all",
    ),
    *_plain(
        "crypto-wallet",
        "eth_account.Account.{from_key,create,from_mnemonic} bip_utils.Bip39SeedGenerator solders.keypair.Keypair.from_seed",
    ),
)

_DECODERS = (
    *_all(
        "base64.{b64decode,standard_b64decode,urlsafe_b64decode,b32decode,b32hexdecode,b16decode,b85decode,a85decode,decodebytes,decodestring,z85decode}"
        " binascii.{a2b_base64,unhexlify,a2b_hex,a2b_uu,a2b_qp} bytes.fromhex bytearray.fromhex"
        " zlib.decompress gzip.decompress bz2.decompress lzma.decompress zlib.decompressobj.decompress codecs.decode"
        " zstandard.decompress compression.zstd.decompress brotli.decompress lz4.frame.decompress"
        " cryptography.fernet.Fernet.decrypt Crypto.Cipher.AES.new.decrypt Cryptodome.Cipher.AES.new.decrypt"
        " Crypto.Cipher.AES.new.decrypt_and_verify quopri.decodestring uu.decode",
        Api(gives=_DECODED, passes=True),
    ),
    *_all(
        "json.{dumps,loads,load,dump} str bytes bytearray repr list tuple dict set sorted reversed map zip filter chr ord"
        " base64.{b64encode,urlsafe_b64encode,standard_b64encode,b32encode,b16encode,b85encode,a85encode,encodebytes}"
        " zlib.compress gzip.compress bz2.compress lzma.compress binascii.{hexlify,b2a_base64,b2a_hex} urllib.parse.{quote,quote_plus,urlencode,unquote,urljoin}"
        " pickle.dumps marshal.dumps yaml.dump yaml.safe_load ast.literal_eval io.{BytesIO,StringIO} pprint.pformat copy.{copy,deepcopy}"
        " orjson.{dumps,loads} simplejson.{dumps,loads} ujson.{dumps,loads} textwrap.dedent bytes.decode str.encode itertools.chain"
        " types.SimpleNamespace collections.{OrderedDict,ChainMap} zipfile.ZipFile tarfile.open functools.reduce memoryview vars"
        " cryptography.fernet.Fernet.encrypt Crypto.Cipher.AES.new.encrypt rsa.encrypt shlex.split asyncio.{run,gather,wait_for}",
        Api(passes=True),
    ),
)

NAMES: Mapping[str, Api] = dict(
    (
        *_DECODERS, *_NETWORK, *_PROCESSES, *_DYNAMIC, *_NATIVE, *_FILES, *_ENVIRONMENT, *_SECRETS, *_HOST, *_TAMPERING,
    )
)  # fmt: skip

#: What functions return, where that is not named after them: their methods go by these names.
RESULTS: Mapping[str, str] = {
    "requests.session": "requests.Session", "requests.sessions.Session": "requests.Session",
    "requests.sessions.session": "requests.Session", "socket.socket": "socket.socket",
    "socket.create_connection": "socket.socket", "socks.socksocket": "socket.socket", "cloudscraper.create_scraper": "requests.Session",
    "ssl.wrap_socket": "socket.socket", "ssl.SSLContext.wrap_socket": "socket.socket", "socket.fromfd": "socket.socket",
    "urllib.request.build_opener": "urllib.request.OpenerDirector", "open": "open", "pathlib.Path.open": "open",
    "codecs.open": "open", "os.fdopen": "open", "aiofiles.open": "open", "boto3.client": "boto3.client", "boto3.resource": "boto3.resource",
    "pathlib.Path.home": "pathlib.Path", "pathlib.Path.cwd": "pathlib.Path", "pathlib.PosixPath": "pathlib.Path",
    "pathlib.WindowsPath": "pathlib.Path", "pathlib.Path.expanduser": "pathlib.Path", "pathlib.Path.resolve": "pathlib.Path",
    "pathlib.Path.absolute": "pathlib.Path", "pathlib.Path.joinpath": "pathlib.Path", "tarfile.open": "tarfile.TarFile",
    "os.environ.copy": "", "smtplib.SMTP_SSL": "smtplib.SMTP", "ftplib.FTP_TLS": "ftplib.FTP",
    "Crypto.Cipher.AES.new": "Crypto.Cipher.AES.new", "zlib.decompressobj": "zlib.decompressobj", "websocket.create_connection": "websocket.WebSocket",
    "code.InteractiveConsole": "code.InteractiveInterpreter", "mss.mss": "mss.mss", "get_ipython": "get_ipython",
    "IPython.get_ipython": "get_ipython", "asyncio.open_connection": "", "keyring.get_keyring": "", "winreg.ConnectRegistry": "",
    "urllib3.connection_from_url": "urllib3.HTTPConnectionPool", "botocore.session.get_session": "botocore.session.Session",
    "boto3.session.Session": "boto3.Session", "netrc.netrc": "", "httpx.stream": "", "docker.from_env": "",
}  # fmt: skip

#: Old and inner names, and what they are called here. The longest beginning counts.
_SAME = {
    "builtins": "", "__builtin__": "", "__builtins__": "", "posix": "os", "nt": "os", "_socket": "socket", "io.open": "open", "io.FileIO": "open",
    "_io.open": "open", "six.moves.urllib": "urllib", "six.moves.http_client": "http.client", "six.moves.builtins": "",
    "six.moves.cPickle": "pickle", "six.exec_": "exec", "urllib2": "urllib.request", "httplib": "http.client",
    "urllib.urlopen": "urllib.request.urlopen", "urllib.urlretrieve": "urllib.request.urlretrieve",
    "urllib.quote": "urllib.parse.quote", "urllib.urlencode": "urllib.parse.urlencode", "xmlrpclib": "xmlrpc.client",
    "BaseHTTPServer": "http.server", "SocketServer": "socketserver", "_winreg": "winreg", "requests.packages.urllib3": "urllib3",
    "pip._vendor.requests": "requests", "pip._vendor.urllib3": "urllib3", "posixpath": "os.path", "ntpath": "os.path",
    "importlib._bootstrap_external": "importlib.machinery", "_imp.load_dynamic": "imp.load_dynamic", "Cryptodome": "Crypto",
    "os.getenvb": "os.getenv", "os.environb": "os.environ", "os.unsetenv": "os.environ.unsetenv", "concurrent.futures.thread": "concurrent.futures",
    "urllib3.poolmanager": "urllib3", "aiohttp.client": "aiohttp", "pathlib._local": "pathlib", "subprocess32": "subprocess", "cPickle": "pickle",
    "requests.sessions.Session": "requests.Session", "requests.api": "requests",
}  # fmt: skip


def canonical(name: str) -> str:
    """Return the name by which the catalogue knows a thing (`urllib2.urlopen` -> `urllib.request.urlopen`)."""
    head = name
    while head:
        if head in _SAME:
            return (_SAME[head] + name[len(head) :]).lstrip(".") or name
        head = head.rpartition(".")[0]
    return name


#: The modules and built-in functions with which names begin.
ROOTS = frozenset(name.partition(".")[0] for name in (*NAMES, *RESULTS, *_SAME))
