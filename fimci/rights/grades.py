"""How grave a right is: what gives the machine, the account or everybody's data away, and what is notable.

Chrome's permission warnings, Android's levels of protection, Apple's list of entitlements for the hardened
runtime, the Pod Security Standards (`restricted`) and the good practices for roles of Kubernetes, the
interfaces of snapd that are not connected by themselves, and the sandbox permissions of Flatpak.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from fimci.findings import Severity


class _Family(NamedTuple):
    """Rights of one kind of manifest: those that are grave, and those that are notable."""

    grave: re.Pattern[str]
    notable: re.Pattern[str]


def _any(*forms: str) -> re.Pattern[str]:
    return re.compile("|".join(forms), re.DOTALL)


#: Addresses that are every address.
EVERYWHERE = re.compile(r"hosts\.(?:<all_urls>|(?:\*|https?|file)://(?:\*(?:\.\w{2,6})?)?/.*)", re.DOTALL)
_FAMILIES = {
    "browser": _Family(
        _any(
            r"permissions\.(?:clipboardRead|cookies|debugger|desktopCapture|history|management|nativeMessaging)",
            r"permissions\.(?:pageCapture|proxy|tabCapture|userScripts|webRequest\w*|vpnProvider)",
            EVERYWHERE.pattern,
            r"scripts from .*",
            r"updates from .*",
        ),
        _any(
            r"permissions\.(?:bookmarks|contentSettings|declarativeNetRequest\w*|downloads\S*|fontSettings)",
            r"permissions\.(?:geolocation|identity\S*|privacy|scripting|sessions|tabs|topSites|webNavigation)",
            r"hosts\..*",
            r"(?:messages from|takes over) .*",
        ),
    ),
    "editor": _Family(_any(r"starts with the editor"), _any(r"extensions\..*", r"untrusted.*")),
    "android": _Family(
        _any(
            r"(?:ACCESS_BACKGROUND_LOCATION|ACCESS_FINE_LOCATION|BIND_ACCESSIBILITY_SERVICE|BIND_DEVICE_ADMIN)",
            r"(?:BIND_NOTIFICATION_LISTENER_SERVICE|BIND_VPN_SERVICE|CAMERA|CAPTURE_AUDIO_OUTPUT|GET_ACCOUNTS)",
            r"(?:INSTALL_PACKAGES|MANAGE_EXTERNAL_STORAGE|PROCESS_OUTGOING_CALLS|QUERY_ALL_PACKAGES)",
            r"(?:READ_CALL_LOG|READ_CONTACTS|READ_LOGS|READ_PHONE_NUMBERS|READ_SMS|RECEIVE_MMS|RECEIVE_SMS)",
            r"(?:RECORD_AUDIO|REQUEST_INSTALL_PACKAGES|SEND_SMS|SYSTEM_ALERT_WINDOW|WRITE_SECURE_SETTINGS)",
            r"debuggable",
        ),
        _any(
            r"(?:ACCESS_COARSE_LOCATION|ACTIVITY_RECOGNITION|ANSWER_PHONE_CALLS|BODY_SENSORS\w*|CALL_PHONE)",
            r"(?:PACKAGE_USAGE_STATS|READ_CALENDAR|READ_EXTERNAL_STORAGE|READ_MEDIA_\w+|READ_PHONE_STATE)",
            r"(?:WRITE_CALENDAR|WRITE_CALL_LOG|WRITE_CONTACTS|WRITE_EXTERNAL_STORAGE|WRITE_SETTINGS)",
            r"cleartext traffic",
        ),
    ),
    "apple": _Family(
        _any(
            r"no app-sandbox",
            r"cs\.(?:allow-dyld-environment-variables|allow-unsigned-executable-memory|debugger)",
            r"cs\.disable-(?:executable-page-protection|library-validation)",
            r"files\.all",
            r"(?:private|rootless)\..*",
        ),
        _any(
            r"arbitrary loads",
            r"(?:automation\.apple-events|cs\.allow-jit|device\..*|get-task-allow|keychain-access-groups)",
            r"(?:network\.server|personal-information\..*|temporary-exception\..*)",
            r"uses .*",
        ),
    ),
    "snap": _Family(
        _any(
            r"confinement (?:classic|devmode)",
            r"plugs\.(?:docker|docker-support|hardware-observe|kernel-module-\w+|lxd|multipass-support)",
            r"plugs\.(?:password-manager-service|personal-files|process-control|snapd-control|ssh-keys)",
            r"plugs\.(?:sudo\S*|system-files|system-trace|gpg-keys)",
        ),
        _any(
            r"plugs\.(?:audio-record|block-devices|camera|desktop-launch|home|input\S*|log-observe|mount\S*)",
            r"plugs\.(?:network-control|network-observe|raw-\w+|removable-media|screen\S*|system-observe)",
        ),
    ),
    "flatpak": _Family(
        _any(
            r"--filesystem=(?:host|home|~|/)(?:/?(?::\w+)?|-\w+)",
            r"--socket=(?:session|system)-bus",
            r"--(?:talk|own)-name=org\.freedesktop\.(?:Flatpak|secrets|systemd1)",
            r"--filesystem=.*(?:\.ssh|\.gnupg|\.aws|autostart|systemd|docker\.sock).*",
        ),
        _any(
            r"--filesystem=.*",
            r"--device=all",
            r"--share=network",
            r"--system-talk-name=.*",
            r"--allow=devel",
        ),
    ),
    "tauri": _Family(
        _any(
            r"shell:allow-(?:execute|spawn|kill|stdin-write)", r"fs:(?:scope-|allow-)(?:\w+-)?(?:home|exe)\S*"
        ),
        _any(r"(?:shell|fs|http|process|updater|global-shortcut|clipboard-manager):.*", r"core:webview.*"),
    ),
    "compose": _Family(
        _any(
            r"privileged",
            r"cap_add (?:ALL|BPF|DAC_READ_SEARCH|SYS_ADMIN|SYS_MODULE|SYS_PTRACE|SYS_RAWIO)",
            r"mounts (?:/|/(?:boot|dev|etc|proc|root|sys|usr|var)(?:/.*)?|~|\$\{?HOME\}?|/home(?:/[^/]*)?)",
            r"mounts .*(?:\.sock|\.ssh|\.aws|\.docker|\.kube|\.gnupg)(?:/.*)?",
            r"pid host",
        ),
        _any(
            r"cap_add .*",
            r"(?:cgroup|ipc|network_mode|userns_mode|uts) host",
            r"security_opt .*(?:unconfined|disable)",
        ),
    ),
    "kubernetes": _Family(
        _any(
            r"privileged",
            r"hostPID",
            r"capability (?:ALL|BPF|DAC_READ_SEARCH|SYS_ADMIN|SYS_MODULE|SYS_PTRACE|SYS_RAWIO)",
            r"hostPath (?:/|/(?:boot|dev|etc|home|proc|root|run|sys|usr|var)(?:/.*)?|.*\.sock)",
            r"may (?:\*|bind|escalate|impersonate)(?: .*)?",
            r"may .* (?:\*|secrets)(?: everywhere)?",
            r"may create (?:pods/exec|serviceaccounts/token|nodes/proxy)(?: everywhere)?",
            r"bound to cluster-admin",
            r"bound for (?:system:anonymous|system:unauthenticated|system:authenticated)",
        ),
        _any(
            r"(?:allowPrivilegeEscalation|hostIPC|hostNetwork|runs as root|unconfined)",
            r"(?:capability|hostPath|bound to) .*",
            r"may .*(?:create|delete|patch|update|deletecollection).* everywhere",
        ),
    ),
}
_STEPS = {Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW, Severity.LOW: Severity.INFO}


def grade(family: str, what: str) -> Severity:
    """Return how grave it is that somebody who was there gains a right."""
    found = _FAMILIES.get(family)
    if found is None:
        return Severity.LOW
    if found.grave.fullmatch(what):
        return Severity.HIGH
    return Severity.MEDIUM if found.notable.fullmatch(what) else Severity.LOW


def lower(severity: Severity) -> Severity:
    """Return the grade of what is less of a surprise."""
    return _STEPS.get(severity, severity)
