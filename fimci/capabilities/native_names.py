"""Functions of systems and their libraries whose import tells what native code can do.

Without the letters that a platform adds: `CreateProcess` stands for `CreateProcessA`, `CreateProcessW`
and `CreateProcessExW`, `stat` for `_stat` and `stat64`. What nearly every program imports (`open`,
`malloc`, `fork`, `getenv`) tells nothing and is left out.

Sources: POSIX.1-2024, Linux man-pages sections 2 and 3, the Windows API index, Apple's headers, WASI
preview 1 and the runtimes of Emscripten and wasm-bindgen.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from fimci.model import CapabilityName

_WORDS: tuple[tuple[CapabilityName, str], ...] = (
    (
        "process",
        """
        execl execle execlp execv execve execveat execvp execvpe fexecve posix_spawn posix_spawnp
        CreateProcess CreateProcessAsUser CreateProcessWithLogon CreateProcessWithToken WinExec
        NtCreateProcess NtCreateUserProcess spawnl spawnlp spawnv spawnve spawnvp spawnvpe wspawnvp
        wexecv wexecvp __syscall_execve proc_exec proc_spawn
        """,
    ),
    ("shell", "system popen wsystem wpopen ShellExecute"),
    (
        "network",
        """
        connect accept accept4 bind listen sendto sendmsg recvfrom getaddrinfo gethostbyname
        gethostbyname2 gethostbyname_r res_query res_nquery res_search ares_query curl_easy_perform
        curl_multi_perform SSL_connect SSL_CTX_new gnutls_handshake URLDownloadToFile
        URLDownloadToCacheFile URLOpenBlockingStream InternetOpen InternetOpenUrl InternetConnect
        InternetReadFile HttpOpenRequest HttpSendRequest WinHttpOpen WinHttpConnect WinHttpSendRequest
        WSAConnect WSASocket ConnectEx DnsQuery DnsQuery_ FtpPutFile GetAddrInfo
        CFReadStreamCreateForHTTPRequest CFStreamCreatePairWithSocketToHost nw_connection_create
        sock_connect sock_open sock_bind sock_send sock_recv sock_accept __syscall_connect
        __syscall_socket __syscall_bind emscripten_fetch emscripten_websocket_new
        emscripten_start_fetch
        """,
    ),
    (
        "native-code",
        """
        dlopen dlmopen dlsym dlvsym memfd_create LoadLibrary LoadModule GetProcAddress LdrLoadDll
        LdrGetProcedureAddress VirtualAlloc VirtualAlloc2 VirtualProtect NtAllocateVirtualMemory
        NtProtectVirtualMemory NSCreateObjectFileImageFromMemory NSLinkModule NSAddImage mprotect
        pkey_mprotect pthread_jit_write_protect_np sys_icache_invalidate
        """,
    ),
    (
        "module-tampering",
        """
        ptrace process_vm_readv process_vm_writev WriteProcessMemory ReadProcessMemory
        NtWriteVirtualMemory NtReadVirtualMemory VirtualAllocEx VirtualProtectEx CreateRemoteThread
        NtCreateThread RtlCreateUserThread QueueUserAPC NtQueueApcThread SetThreadContext
        NtUnmapViewOfSection NtMapViewOfSection task_for_pid mach_vm_write mach_vm_read
        mach_vm_protect thread_create_running MiniDumpWriteDump init_module finit_module kexec_load
        DebugActiveProcess
        """,
    ),
    (
        "credentials",
        """
        CryptUnprotectData NCryptUnprotectSecret CredRead CredEnumerate CredUnPackAuthenticationBuffer
        LsaRetrievePrivateData LsaEnumerateLogonSessions VaultEnumerateItems VaultGetItem
        SecKeychainFindGenericPassword SecKeychainFindInternetPassword SecKeychainItemCopyContent
        SecKeychainOpen SecItemCopyMatching secret_password_lookup secret_password_lookup_sync
        secret_service_search secret_service_search_sync getspnam getspent
        """,
    ),
    (
        "persistence",
        """
        RegSetValue RegSetKeyValue RegCreateKey SHSetValue CreateService ChangeServiceConfig
        StartService NetScheduleJobAdd SMLoginItemSetEnabled SMJobBless SMJobSubmit
        LSSharedFileListInsertItemURL
        """,
    ),
    (
        "keyboard",
        """
        SetWindowsHook GetAsyncKeyState GetKeyboardState GetKeyState RegisterRawInputDevices
        GetRawInputData CGEventTapCreate IOHIDManagerCreate XGrabKeyboard XQueryKeymap
        XRecordEnableContext
        """,
    ),
    (
        "screen",
        """
        BitBlt PrintWindow GetDIBits CGDisplayCreateImage CGWindowListCreateImage XGetImage
        XShmGetImage xcb_get_image
        """,
    ),
    (
        "clipboard",
        """
        OpenClipboard GetClipboardData SetClipboardData AddClipboardFormatListener XGetSelectionOwner
        """,
    ),
    (
        "system-information",
        """
        gethostname uname getifaddrs sysinfo GetComputerName GetComputerNameEx GetUserName
        GetAdaptersInfo GetAdaptersAddresses GetVolumeInformation getlogin getlogin_r getpwuid
        GetNativeSystemInfo IsDebuggerPresent CheckRemoteDebuggerPresent NtQueryInformationProcess
        EnumProcesses CreateToolhelp32Snapshot Process32First EnumProcessModules
        """,
    ),
    ("filesystem-delete", "nftw SHFileOperation RemoveDirectory removefile"),
    (
        "dynamic-code",
        """
        PyRun_SimpleString PyRun_SimpleStringFlags PyRun_String PyRun_StringFlags PyEval_EvalCode
        PyEval_EvalCodeEx Py_CompileString Py_CompileStringExFlags Py_CompileStringObject
        PyMarshal_ReadObjectFromString napi_run_script node_api_run_script luaL_loadstring
        luaL_loadbuffer luaL_loadbufferx emscripten_run_script emscripten_run_script_int
        emscripten_run_script_string emscripten_asm_const_int emscripten_asm_const_ptr
        emscripten_asm_const_double emscripten_asm_const_async_on_main_thread __wbg_eval
        __wbg_newnoargs __wbg_Function
        """,
    ),
)  # fmt: skip

#: What each function can do, without the letters that a platform adds.
NAMES: Mapping[str, CapabilityName] = {name: kind for kind, names in _WORDS for name in names.split()}

#: Functions that Windows' socket library gives by number (`ws2_32.dll`, the same since Windows 95).
SOCKETS: Mapping[int, str] = {
    1: "accept", 2: "bind", 4: "connect", 13: "listen", 17: "recvfrom", 20: "sendto", 52: "gethostbyname",
    57: "gethostname",
}  # fmt: skip
#: What wasm-bindgen puts behind a name, anew in each build.
_BUILD = re.compile(r"_[0-9a-f]{16}\Z")
_ENDINGS = ("_chk", "64", "ExW", "ExA", "Ex", "W", "A", "_r")


@functools.lru_cache(maxsize=4096)
def capability(name: str) -> CapabilityName | None:
    """Return what importing a function makes possible, `None` for what tells nothing."""
    plain = bare(name)
    for form in (name, plain, plain.lstrip("_")):
        if form in NAMES:
            return NAMES[form]
        for ending in _ENDINGS if form.endswith(_ENDINGS) else ():
            if form.endswith(ending) and form[: -len(ending)] in NAMES:
                return NAMES[form[: -len(ending)]]
    return None


def bare(name: str) -> str:
    """Return the name of a function without version, number of the build, and underscore of its platform."""
    plain = name.partition("@")[0]
    if plain.startswith("__wbg_"):
        return _BUILD.sub("", plain)
    return plain if plain in NAMES else plain.removeprefix("_")
