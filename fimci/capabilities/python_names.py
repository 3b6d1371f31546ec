"""The names of Python's world that mean something: standard library (2 and 3) and popular packages.

Instances go by their class: `requests.Session.post` is what `s.post` is after `s = requests.Session()`.
`os.environ["X"]` goes by `os.environ.__getitem__`, an assignment to it by `__setitem__`. Old names are told
by the new ones (`urllib2.urlopen`, `__builtin__.eval`, `posix.system`; `fimci.capabilities.python_aliases`).
"""

from __future__ import annotations

from collections.abc import Mapping

from fimci.capabilities.python_aliases import RESULTS, SAME
from fimci.capabilities.python_network import NETWORK
from fimci.capabilities.python_rows import plain, rows
from fimci.capabilities.uses import Api, Flow

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


_PROCESSES: tuple[tuple[str, Api], ...] = (
    *rows(
        "subprocess.{Popen,run,call,check_call,check_output}"
        " subprocess32.{Popen,run,call,check_call,check_output} psutil.Popen"
        " pexpect.run pexpect.popen_spawn.PopenSpawn ptyprocess.PtyProcess.spawn pty.spawn sh.Command"
        " plumbum.local trio.run_process anyio.run_process anyio.open_process os.startfile"
        " gevent.subprocess.{Popen,run,call,check_output} distutils.spawn.spawn"
        " setuptools._distutils.spawn.spawn winpty.PtyProcess.spawn invoke.run delegator.run",
        Api("process", gives=_OUTPUT, takes=_COMMAND),
    ),
    *rows(
        "asyncio.create_subprocess_exec asyncio.subprocess.create_subprocess_exec pexpect.spawn",
        Api("process", _OUTPUT, ((0, "words"), ("program", "command"), ("command", "command"))),
    ),
    *rows("os.{execl,execle,execlp,execlpe}", Api("process", takes=((0, "command"), (1, "words")))),
    *rows("os.{spawnl,spawnle,spawnlp,spawnlpe}", Api("process", takes=((1, "command"), (2, "words")))),
    *rows(
        "os.{execv,execve,execvp,execvpe,posix_spawn,posix_spawnp}",
        Api("process", takes=((0, "command"), (1, "command"))),
    ),
    # of a module whose name is computed: others have no such members
    *rows("importlib.import_module().{Popen,check_output,check_call}", Api("process", _OUTPUT, _COMMAND)),
    *rows("importlib.import_module().{system,popen,getoutput}", Api("shell", _OUTPUT, _COMMAND)),
    *rows(
        "asyncio.AbstractEventLoop.subprocess_exec",
        Api("process", takes=((1, "words"), ("program", "command"))),
    ),
    *rows(
        "asyncio.AbstractEventLoop.subprocess_shell", Api("shell", takes=((1, "command"), ("cmd", "command")))
    ),
    *rows("os.{spawnv,spawnve,spawnvp,spawnvpe}", Api("process", takes=((1, "command"), (2, "command")))),
    *plain(
        "process",
        "os.{fork,forkpty,kill,killpg} pty.fork _posixsubprocess.fork_exec _winapi.CreateProcess"
        " win32process.CreateProcess"
        " docker.from_env docker.DockerClient sh.* plumbum.cmd.* plumbum.local.*",
    ),
    *rows(
        "pip.main pip._internal.main pip._internal.cli.main.main pip._internal.main.main",
        Api("process", subject="pip install"),
    ),
    *rows(
        "subprocess.{Popen,run,call,check_call,check_output}:shell"
        " gevent.subprocess.{Popen,run,call,check_output}:shell os.system os.popen os.popen2 os.popen3"
        " subprocess.getoutput subprocess.getstatusoutput asyncio.create_subprocess_shell"
        " asyncio.subprocess.create_subprocess_shell commands.getoutput commands.getstatusoutput"
        " popen2.popen2 popen2.popen3 platform.popen IPython.get_ipython.system get_ipython.system"
        " get_ipython.getoutput paramiko.SSHClient.exec_command"
        " win32com.client.Dispatch.{Run,Exec,ShellExecute}",
        Api("shell", gives=_OUTPUT, takes=_COMMAND),
    ),
)

_SHELLED: tuple[tuple[str, Api], ...] = (
    *rows(
        "ctypes.windll.shell32.{ShellExecuteW,ShellExecuteA} win32api.ShellExecute",
        Api("shell", takes=((2, "command"), (3, "parameters"))),
    ),
    *rows(
        "win32com.client.GetObject.Get.Create wmi.WMI.Win32_Process.Create",
        Api("shell", takes=(*_COMMAND, ("CommandLine", "command"))),
    ),
)

_DYNAMIC: tuple[tuple[str, Api], ...] = (
    *rows(
        "exec eval execfile code.InteractiveInterpreter.runsource code.InteractiveInterpreter.runcode"
        " code.InteractiveInterpreter.push code.InteractiveConsole.push code.interact"
        " timeit.timeit timeit.repeat timeit.Timer"
        " cProfile.run cProfile.runctx profile.run pdb.run pdb.runeval pdb.Pdb.run pdb.Pdb.runeval"
        " trace.Trace.run bdb.Bdb.run"
        " pandas.eval numexpr.evaluate IPython.get_ipython.run_cell get_ipython.run_cell get_ipython.ex",
        Api("dynamic-code", takes=_CODE, evaluates=True),
    ),
    *rows("runpy.run_path", Api("dynamic-code", takes=((0, "code"), (0, "path")), evaluates=True)),
    *rows("zipimport.zipimporter", Api("dynamic-code", takes=((0, "module"), (0, "path")))),
    *plain("obfuscation", "object.__base__.__subclasses__"),
    *rows("compile codeop.compile_command", Api("dynamic-code", takes=_CODE, passes=True)),
    *rows(
        "imp.load_source imp.load_module"
        " imp.load_compiled importlib.machinery.SourceFileLoader importlib.util.spec_from_file_location"
        " importlib.util.spec_from_loader doctest.run_docstring_examples runpy.run_module imp.new_module",
        Api("dynamic-code", takes=((0, "module"), (1, "path"))),
    ),
    *rows(
        "types.CodeType new.code",
        Api("dynamic-code", takes=((6, "code"),), passes=True, subject="deserialised"),
    ),
    *rows("types.FunctionType new.function", Api("dynamic-code", takes=((0, "module"),), evaluates=True)),
    *rows(
        "pickle.{load,loads,Unpickler,_loads} _pickle.{load,loads} cPickle.{load,loads}"
        " dill.{load,loads} cloudpickle.{load,loads} joblib.load shelve.open torch.load"
        " jsonpickle.decode jsonpickle.loads yaml.unsafe_load yaml.unsafe_load_all yaml.full_load"
        " ruamel.yaml.load pandas.read_pickle numpy.load:unsafe yaml.load:unsafe yaml.load_all:unsafe",
        Api("dynamic-code", takes=((0, "code"),), passes=True, subject="deserialised"),
    ),
    *rows("numpy.load yaml.load yaml.load_all", Api(passes=True)),
    *rows(
        "importlib.import_module __import__ importlib.__import__ pkgutil.resolve_name",
        Api("dynamic-code", takes=((0, "module"),)),
    ),
    *rows(
        "marshal.{load,loads} importlib.machinery.SourcelessFileLoader",
        Api("bytecode", takes=((0, "code"),), passes=True),
    ),
)

_NATIVE = (
    *rows(
        "ctypes.{CDLL,PyDLL,WinDLL,OleDLL,cdll,windll,oledll,pydll} ctypes.cdll.LoadLibrary"
        " ctypes.windll.LoadLibrary ctypes.LibraryLoader.LoadLibrary cffi.FFI.dlopen"
        " numpy.ctypeslib.load_library _ctypes.dlopen",
        Api("native-code", takes=((0, "path"),)),
    ),
    *rows(
        "ctypes.lib.{system,popen,execl,execlp,execv,execvp,execve} ctypes.cdll.msvcrt.{system,_popen}",
        Api("shell", takes=((0, "command"),)),
    ),
    *plain("native-code", "ctypes.lib.{mprotect,memfd_create,ptrace}"),
    *plain("obfuscation", "ctypes.windll.kernel32.{IsDebuggerPresent,CheckRemoteDebuggerPresent}"),
    *plain(
        "native-code",
        "ctypes.cdll.* ctypes.windll.* ctypes.CFUNCTYPE ctypes.WINFUNCTYPE ctypes.memmove"
        " ctypes.pythonapi.* cffi.FFI mmap.mmap importlib.machinery.ExtensionFileLoader"
        " imp.load_dynamic _imp.create_dynamic",
    ),
)

_DESTINATION: _Takes = ((1, "path"), ("dst", "path"))
_FILES: tuple[tuple[str, Api], ...] = (
    *rows(
        "open codecs.open os.open os.fdopen aiofiles.open gzip.open bz2.open lzma.open fileinput.input",
        Api(gives=_FILE, takes=(*_PATH, ("file", "path"))),
    ),
    *rows(
        "open:w codecs.open:w os.open:w os.fdopen:w aiofiles.open:w gzip.open:w bz2.open:w lzma.open:w"
        " pathlib.Path.open:w",
        Api("filesystem-write", gives=_FILE, takes=(*_PATH, ("file", "path"))),
    ),
    *rows(
        "pathlib.Path.open pathlib.Path.{read_text,read_bytes}", Api(gives=_FILE, takes=_PATH, passes=True)
    ),
    *rows(
        "open.{write,writelines} pathlib.Path.{write_text,write_bytes}",
        Api("filesystem-write", takes=(*_PATH, (1, "data"))),
    ),
    *rows("pkgutil.get_data importlib.resources.read_{text,binary}", Api(gives=_FILE, passes=True)),
    *rows("zipfile.ZipFile.write tarfile.TarFile.add", Api(takes=_PATH)),
    *rows("os.dup2", Api(takes=((0, "data"),))),
    *rows("shutil.copyfileobj", Api("filesystem-write", takes=((0, "data"), (1, "path")))),
    *rows("os.write", Api("filesystem-write", takes=((1, "data"),))),
    *rows("pathlib.Path.{iterdir,glob,rglob}", Api(takes=_PATH, passes=True)),
    *rows(
        "tempfile.NamedTemporaryFile.{write,writelines} tempfile.TemporaryFile.{write,writelines}"
        " tempfile.SpooledTemporaryFile.{write,writelines}",
        Api("filesystem-write", takes=((0, "data"),)),
    ),
    *rows("open.{read,readline,readlines,readinto}", Api(gives=_FILE, passes=True)),
    *rows(
        "pathlib.Path.{touch,mkdir,symlink_to,hardlink_to,chmod,rename,replace}",
        Api("filesystem-write", takes=_PATH),
    ),
    *rows(
        "os.{mkdir,makedirs,chmod,chown,lchown,utime,mkfifo,mknod}"
        " tempfile.{mkstemp,mkdtemp,NamedTemporaryFile,TemporaryFile,TemporaryDirectory}",
        Api("filesystem-write", takes=_PATH),
    ),
    *rows(
        "os.{rename,renames,replace,symlink,link}"
        " shutil.{copy,copy2,copyfile,copytree,move,copymode,copystat}",
        Api("filesystem-write", takes=((0, "path"), *_DESTINATION)),
    ),
    *rows("shutil.unpack_archive", Api("filesystem-write", takes=_DESTINATION)),
    *plain(
        "filesystem-write",
        "zipfile.ZipFile.{extract,extractall} tarfile.TarFile.{extract,extractall}"
        " tarfile.open.{extract,extractall}",
    ),
    *rows(
        "os.{remove,unlink,rmdir,removedirs,truncate} shutil.rmtree send2trash.send2trash",
        Api("filesystem-delete", takes=_PATH),
    ),
    *rows("pathlib.Path.{unlink,rmdir}", Api("filesystem-delete", takes=_PATH)),
    *rows(
        "pathlib.Path pathlib.PosixPath pathlib.WindowsPath pathlib.PurePath"
        " pathlib.Path.{expanduser,resolve,joinpath,absolute,with_name,with_suffix}"
        " os.path.{join,expanduser,expandvars,abspath,normpath,realpath} os.fspath",
        Api(passes=True),
    ),
    *rows("shutil.make_archive", Api("filesystem-write", takes=((2, "path"), ("root_dir", "path")))),
    *rows("sqlite3.connect", Api(gives=_FILE, takes=((0, "path"), ("database", "path")))),
    *rows("os.{listdir,walk,scandir} glob.{glob,iglob}", Api(takes=_PATH)),
    *rows("os.path.{exists,isdir,isfile}", Api(takes=((0, "sought"),))),
    *rows("configparser.{ConfigParser,RawConfigParser}", Api()),
    *rows("configparser.{ConfigParser,RawConfigParser}.read", Api(takes=_PATH)),
)

_ENVIRONMENT = (
    *rows(
        "os.environ.{get,__getitem__,pop,setdefault} os.getenv os.environb.{get,__getitem__} os.getenvb",
        Api("environment", gives=_VARIABLE, takes=((0, "variable"), ("key", "variable"))),
    ),
    *rows("os.environ.__setitem__ os.putenv", Api(takes=((0, "set-variable"), (1, "data")))),
    *rows("os.environ.{update,unsetenv,__delitem__}", Api()),
    *rows(
        "os.environ os.environb os.environ.{items,values,keys}", Api("environment-bulk", gives=_ALL_VARIABLES)
    ),
    *rows("os.environ.copy", Api(gives=_ALL_VARIABLES)),
    *rows("dotenv.{load_dotenv,find_dotenv,get_key}", Api("environment", gives=_VARIABLE, takes=_PATH)),
    *rows("dotenv.dotenv_values", Api("environment", gives=_ALL_VARIABLES, takes=_PATH)),
)

_SECRETS = (
    *rows(
        "keyring.{get_password,get_credential,get_keyring}"
        " secretstorage.{get_default_collection,dbus_init} netrc.netrc win32crypt.CryptUnprotectData"
        " ctypes.windll.crypt32.CryptUnprotectData win32cred.CredRead win32cred.CredEnumerate"
        " browser_cookie3.{chrome,firefox,edge,brave,opera,load,chromium,safari,vivaldi}"
        " google.auth.default botocore.session.Session.get_credentials boto3.Session.get_credentials"
        " boto3.session.Session.get_credentials browsercookie.{chrome,firefox,load}"
        " pypykatz.pypykatz.pypykatz.go_live",
        Api("credentials", gives=_SECRET),
    ),
)

_HOST = (
    *rows(
        "platform.{node,uname} os.{uname,getlogin} socket.{gethostname,getfqdn,if_nameindex} getpass.getuser"
        " uuid.{getnode,uuid1} psutil.{process_iter,users,net_if_addrs,net_connections} wmi.WMI"
        " netifaces.{interfaces,ifaddresses} pwd.{getpwuid,getpwnam,getpwall} getmac.get_mac_address"
        " ifaddr.get_adapters",
        Api("system-information", gives=_SYSTEM),
    ),
    *plain(
        "system-information",
        "platform.{platform,system,machine,release,version}"
        " platform.{processor,mac_ver,win32_ver,freedesktop_os_release,architecture}"
        " os.{getuid,geteuid,cpu_count} socket.gethostbyaddr cpuinfo.get_cpu_info GPUtil.getGPUs"
        " psutil.{cpu_count,virtual_memory,boot_time,disk_partitions}"
        " distro.{id,name,info,linux_distribution} locale.getdefaultlocale sys.getwindowsversion",
    ),
    *rows("os.{getcwd,getpid,getppid} pathlib.Path.{home,cwd}", Api()),
    *rows(
        "pyperclip.paste pyperclip.waitForPaste win32clipboard.GetClipboardData clipboard.paste"
        " tkinter.Tk.clipboard_get pandas.read_clipboard ctypes.windll.user32.GetClipboardData",
        Api("clipboard", gives=frozenset({"clipboard"})),
    ),
    *plain("clipboard", "pyperclip.copy win32clipboard.{SetClipboardData,SetClipboardText} clipboard.copy"),
    *plain(
        "screen",
        "PIL.ImageGrab.{grab,grabclipboard} mss.mss mss.tools.to_png pyautogui.screenshot"
        " pyscreenshot.grab cv2.VideoCapture sounddevice.rec sounddevice.InputStream pyaudio.PyAudio"
        " d3dshot.create dxcam.create",
    ),
    *plain(
        "keyboard",
        "pynput.keyboard.{Listener,Controller} pynput.mouse.Listener"
        " keyboard.{on_press,on_release,hook,record,read_key,add_hotkey} pyHook.HookManager"
        " pyWinhook.HookManager evdev.{InputDevice,list_devices} pyautogui.{typewrite,press,hotkey}"
        " win32api.GetAsyncKeyState Xlib.display.Display.record_create_context"
        " ctypes.windll.user32.{GetAsyncKeyState,SetWindowsHookExA,SetWindowsHookExW}",
    ),
)

_TAMPERING = (
    *plain(
        "module-tampering",
        "sys.meta_path.insert sys.path_hooks.insert site.addsitedir builtins.* sys.modules.__setitem__"
        " sys.meta_path sys.path_hooks",
    ),
    *plain(
        "module-tampering",
        "requests.{get,post,request}:replaced requests.Session.{send,request,get,post}:replaced"
        " urllib.request.urlopen:replaced http.client.HTTPConnection.{request,putrequest,send}:replaced"
        " http.client.HTTPSConnection.request:replaced subprocess.{Popen,run}:replaced os.system:replaced"
        " ssl.SSLSocket.{write,read,send}:replaced json.{loads,dumps,load,dump}:replaced"
        " getpass.getpass:replaced hmac.compare_digest:replaced pickle.{loads,dumps}:replaced",
    ),
    *plain(
        "dynamic-code",
        "sys.meta_path.{append,extend,__setitem__} sys.path_hooks.{append,__setitem__} codecs.register"
        " sys.{settrace,setprofile,addaudithook} threading.settrace",
    ),
    *rows("sys.path.{insert,append,extend} sys.modules.pop atexit.register", Api()),
    *plain(
        "persistence",
        "winreg.{SetValueEx,SetValue,CreateKey,CreateKeyEx} _winreg.{SetValueEx,CreateKey} crontab.CronTab"
        " win32com.client.Dispatch.{CreateShortCut,CreateShortcut,RegWrite}"
        " win32serviceutil.InstallService win32api.RegSetValueEx servicemanager.Initialize",
    ),
    *plain(
        "telemetry",
        "sentry_sdk.{init,capture_exception,capture_message} posthog.{capture,identify,Posthog}"
        " segment.analytics.{track,identify} analytics.{track,identify} mixpanel.Mixpanel"
        " amplitude.Amplitude scarf.* rollbar.init newrelic.agent.initialize"
        " opentelemetry.sdk.trace.export.BatchSpanProcessor bugsnag.configure datadog.initialize"
        " ddtrace.patch_all",
    ),
    *plain(
        "crypto-wallet",
        "eth_account.Account.{from_key,create,from_mnemonic} bip_utils.Bip39SeedGenerator"
        " solders.keypair.Keypair.from_seed"
        " web3.eth.Eth.{send_transaction,send_raw_transaction,sign_transaction}:replaced"
        " eth_account.Account.{from_key,create,sign_transaction,from_mnemonic}:replaced"
        " solders.keypair.Keypair.{from_seed,from_bytes,from_base58_string,sign_message}:replaced",
    ),
)

_DECODERS = (
    *rows(
        "base64.{b64decode,standard_b64decode,urlsafe_b64decode,b32decode,b32hexdecode}"
        " base64.{b16decode,b85decode,a85decode,decodebytes,decodestring,z85decode}"
        " binascii.{a2b_base64,unhexlify,a2b_hex,a2b_uu,a2b_qp} bytes.fromhex bytearray.fromhex"
        " zlib.decompress gzip.decompress bz2.decompress lzma.decompress zlib.decompressobj.decompress"
        " codecs.decode zstandard.decompress compression.zstd.decompress brotli.decompress"
        " lz4.frame.decompress cryptography.fernet.Fernet.decrypt Crypto.Cipher.AES.new.decrypt"
        " Cryptodome.Cipher.AES.new.decrypt Crypto.Cipher.AES.new.decrypt_and_verify"
        " gzip.{GzipFile,open}.{read,read1} bz2.{BZ2File,open}.read lzma.{LZMAFile,open}.read"
        " quopri.decodestring uu.decode PIL.Image.open PIL.Image.open.* stegano.{lsb,lsbset,red}.reveal"
        " stegano.exifHeader.reveal judyb.lsb.reveal stepic.decode"
        " cryptosteganography.CryptoSteganography.retrieve"
        " pyaes.AESModeOfOperation{GCM,CBC,CTR,ECB,CFB,OFB}.decrypt nacl.secret.SecretBox.decrypt"
        " cryptography.hazmat.primitives.ciphers.aead.{AESGCM,ChaCha20Poly1305}.decrypt",
        Api(gives=_DECODED, passes=True),
    ),
    *rows(
        "json.{dumps,loads,load,dump} str bytes bytearray repr list tuple dict set sorted reversed map"
        " zip filter chr ord"
        " base64.{b64encode,urlsafe_b64encode,standard_b64encode,b32encode}"
        " base64.{b16encode,b85encode,a85encode,encodebytes}"
        " zlib.compress gzip.compress bz2.compress lzma.compress binascii.{hexlify,b2a_base64,b2a_hex}"
        " urllib.parse.{quote,quote_plus,urlencode,unquote,urljoin} pickle.dumps marshal.dumps"
        " yaml.dump yaml.safe_load ast.literal_eval io.{BytesIO,StringIO} pprint.pformat"
        " copy.{copy,deepcopy} orjson.{dumps,loads} simplejson.{dumps,loads} ujson.{dumps,loads}"
        " textwrap.dedent bytes.decode str.encode itertools.chain types.SimpleNamespace"
        " collections.{OrderedDict,ChainMap} zipfile.ZipFile tarfile.open functools.reduce memoryview"
        " vars cryptography.fernet.Fernet.encrypt Crypto.Cipher.AES.new.encrypt rsa.encrypt shlex.split"
        " asyncio.{run,gather,wait_for}",
        Api(passes=True),
    ),
)

NAMES: Mapping[str, Api] = dict(
    (
        *_DECODERS,
        *NETWORK,
        *_PROCESSES,
        *_SHELLED,
        *_DYNAMIC,
        *_NATIVE,
        *_FILES,
        *_ENVIRONMENT,
        *_SECRETS,
        *_HOST,
        *_TAMPERING,
    )
)

#: The modules and built-in functions with which names begin.
ROOTS = frozenset(name.partition(".")[0] for name in (*NAMES, *RESULTS, *SAME))
