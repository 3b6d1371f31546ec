"""A Windows registry entry that starts programs automatically has changed.

A value in one of some forty places decides what runs when Windows starts, when somebody logs on, or when a
program is started or a library loaded. Malware that wants to persist registers itself there (MITRE ATT&CK
T1547, T1546, T1543.003, T1574, T1037), and hardly anything there changes between two updates.

High for new or replaced entries at boot, at logon and in place of other programs: Run keys, Winlogon,
services and their libraries, Image File Execution Options, AppInit and AppCert libraries, packages of the
local security authority, print monitors, Active Setup, hooks of the shell; and for a value whose name begins
with NUL, which no Windows editor shows. Medium for COM classes, file type handlers, settings of a service,
scheduled tasks as the registry stores them, and the search path. Low for removed entries. High for keys that
the policy names (`persistence`). One level higher against a baseline, where every other key that changed is
high.

Not reported: everything else in the registry. Other keys that must not change can be declared `critical` in
the policy; against a baseline, each key whose values changed is reported anyway.

Fix: find out which update or installation wrote it, and check the file that it names; if it is intended,
accept it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from fimci.findings import Finding, Severity, grouped
from fimci.model import Change, Record, Setting
from fimci.printable import cut, listed

SEVERITY = Severity.HIGH
_MEDIUM = Severity.MEDIUM
_SHOWN, _LENGTH = 3, 160

#: A value of the registry, as its source writes it.
_VALUE = re.compile(r"(?:REG_[A-Z_]+|type 0x[0-9a-f]+): ", re.ASCII)
#: What the paths of several places have in common.
_COMMON = {
    "WINDOWS": r"Microsoft/Windows/CurrentVersion",
    "NT": r"Microsoft/Windows NT/CurrentVersion",
    "CONTROL": r"(?:ControlSet\d{3}|CurrentControlSet)/Control",
    "SERVICES": r"(?:ControlSet\d{3}|CurrentControlSet)/Services",
    "PARTS": r"(?:[^/]+/){0,4}",
}
#: Where (the end of: key, `/`, name of the value) by what it is called. The first that fits counts.
_HIGH_PLACES: Mapping[str, tuple[str, ...]] = {
    "Run": (r"WINDOWS/(?:Policies/Explorer/)?Run(?:Once|OnceEx|Services|ServicesOnce)?/PARTS[^/]*",),
    "Winlogon": (
        r"NT/Winlogon/(?:Shell|Userinit|Taskman|VmApplet|AppSetup|GinaDLL|System|UIHost|MPNotify)",
        r"NT/Winlogon/(?:Notify|GPExtensions)/PARTSDllName",
    ),
    "Image File Execution": (r"NT/Image File Execution Options/PARTS(?:Debugger|VerifierDlls|GlobalFlag)",),
    "SilentProcessExit": (r"NT/SilentProcessExit/PARTS(?:MonitorProcess|ReportingMode)",),
    "AppInit": (r"NT/Windows/(?:(?:Load|RequireSigned)?AppInit_DLLs|Load|Run|IconServiceLib)",),
    "drivers and shims": (
        r"NT/(?:Drivers32|Font Drivers|AppCompatFlags/(?:Custom|InstalledSDB)/PARTS)/?[^/]*",
    ),
    "boot": (
        r"CONTROL/Session Manager/(?:BootExecute|SetupExecute|Execute|S0InitialCommand)",
        r"CONTROL/(?:NetworkProvider/Order|BootVerificationProgram|SafeBoot)/PARTS[^/]*",
    ),
    "AppCert and known libraries": (r"CONTROL/Session Manager/(?:AppCertDlls|KnownDLLs)/[^/]*",),
    "security authority": (
        r"CONTROL/Lsa/(?:OSConfig/)?(?:Authentication|Notification|Security) Packages",
        r"CONTROL/SecurityProviders/PARTSSecurityProviders",
    ),
    "print monitor": (r"CONTROL/Print/(?:Monitors|Providers|Environments)/PARTS(?:Driver|Name|DLLName)",),
    "logon": (
        r"CONTROL/Terminal Server/(?:WinStations/RDP-Tcp/InitialProgram|Wds/rdpwd/StartupPrograms)",
        r"WINDOWS/(?:Group Policy/Scripts/PARTS[^/]*|Policies/System/(?:Shell|EnableLUA))",
        r"Microsoft/Windows/System/Scripts/PARTS[^/]*",
    ),
    "service": (
        r"SERVICES/PARTS(?:ImagePath|ServiceDll|FailureCommand|DllName|LibraryPath|DriverName|AutodialDLL)",
    ),
    "Active Setup": (r"Microsoft/Active Setup/Installed Components/PARTSStubPath",),
    "shell": (
        r"WINDOWS/ShellServiceObjectDelayLoad/[^/]*",
        r"WINDOWS/Explorer/(?:Browser Helper Objects|SharedTaskScheduler|ShellExecuteHooks)/PARTS[^/]*",
        r"WINDOWS/Explorer/(?:ShellIconOverlayIdentifiers|ShellServiceObjects)/PARTS[^/]*",
        r"WINDOWS/Explorer/(?:User Shell Folders|Shell Folders)/[^/]*",
    ),
    "environment": (r"Environment/(?:UserInitMprLogonScript|COR_\w+|CORECLR_\w+|windir|SystemRoot)",),
    "screen saver": (r"Control Panel/Desktop/SCRNSAVE\.EXE",),
    "command processor": (r"Microsoft/Command Processor/AutoRun",),
    "helper library": (r"Microsoft/(?:Netsh|Office test/Special/Perf)/[^/]*",),
    "trust provider": (r"Microsoft/Cryptography/(?:OID|Providers)/PARTS(?:Dll|\$DLL)",),
    "file type": (
        r"(?:exe|com|bat|cmd|msc|txt)file/shell/[^/]+/command/[^/]*",
        r"(?:ms-settings|Folder)/shell/[^/]+/command/[^/]*",
    ),
}
_MEDIUM_PLACES: Mapping[str, tuple[str, ...]] = {
    "scheduled task": (r"NT/Schedule/TaskCache/PARTS(?:Actions|Path|SD|Id)",),
    "environment": (r"CONTROL/Session Manager/Environment/(?:Path|PATHEXT|ComSpec)",),
    "service": (
        r"SERVICES/[^/]+/(?:Start|Type|ObjectName|DependOnService|FailureActions|RequiredPrivileges)",
    ),
    "file type": (r"shell/[^/]+/command/(?:\(Default\)|DelegateExecute)",),
    "COM": (r"CLSID/\{[0-9A-F-]+\}/(?:InprocServer32|LocalServer32|TreatAs|ScriptletURL)/[^/]*",),
}


def _compiled(place: str) -> re.Pattern[str]:
    """Compile the end of a path. Nothing in it repeats without a bound but what holds no slash."""
    whole = re.sub(r"\b(?:WINDOWS|NT|CONTROL|SERVICES)(?=/)|PARTS", lambda found: _COMMON[found[0]], place)
    return re.compile(rf"(?:^|/){whole}\Z", re.IGNORECASE)


_KNOWN = tuple(
    (_compiled(place), name, severity)
    for places, severity in ((_HIGH_PLACES, SEVERITY), (_MEDIUM_PLACES, _MEDIUM))
    for name, all_of_it in places.items()
    for place in all_of_it
)
#: What every place has in its path: most values have none of it, and are past quickly.
_QUICK = re.compile(
    r"(?i)currentversion|controlset|active setup|scripts|environment|scrnsave|autorun|netsh|office test"
    r"|cryptography|command|clsid"
)


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:  # noqa: ARG001  (the contract)
    """Yield one objection for each kind of place, and each grade in it."""
    groups: dict[tuple[str, Severity], list[Change]] = {}
    for change in changes:
        setting = change.record
        if not isinstance(setting, Setting) or not _VALUE.match(setting.value) or not change.real:
            continue
        place = _place(setting, change.persistent)
        if place is not None:
            name, severity = place
            groups.setdefault((name, _grade(severity, change)), []).append(change)
    for (name, severity), found in groups.items():
        message = f"{name}: {listed([_told(change) for change in found], _SHOWN, ';')}"
        yield grouped(found, rule="registry-persistence-changed", severity=severity, message=message)


def _grade(severity: Severity, change: Change) -> Severity:
    """Return a grade above that of any other key, where the other side is a baseline."""
    if change.removed:
        return Severity.LOW
    return Severity(severity + 1) if change.sealed else severity


def _place(setting: Setting, named: str) -> tuple[str, Severity] | None:
    """Return what kind of place a value is in, and its grade; `None` where nothing starts from there.

    `named` is not empty where the policy says so.
    """
    if setting.name.startswith("\\0"):
        return "hidden value", SEVERITY
    where = f"{setting.path}/{setting.name}"
    if not named and not _QUICK.search(where):
        return None
    found = next(((name, severity) for known, name, severity in _KNOWN if known.search(where)), None)
    return found or ((named, SEVERITY) if named else None)


def _told(change: Change) -> str:
    setting = change.record
    assert isinstance(setting, Setting)  # noqa: S101  (for the type checker: `check_all` has looked)
    key = setting.path.rpartition("/")[2]
    before = change.before.value if isinstance(change.before, Setting) else ""
    verb = "new" if change.added else "removed" if change.removed else "changed"
    value = (
        _bare(setting.value)
        if change.added or change.removed
        else f"{_bare(before)} → {_bare(setting.value)}"
    )
    return cut(f"{verb} {key}/{setting.name} = {value}", _LENGTH)


def _bare(value: str) -> str:
    return value.partition(": ")[2]
