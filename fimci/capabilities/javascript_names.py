"""The catalogue of JavaScript: what the names of Node.js, Deno, Bun, browsers and known packages mean.

A module goes by its name without `node:`, a package by its own, and what it exports by default by the
module's name alone; a global object (`globalThis`, `window`, `global`, `self`) is left out. `https.request()`
is what a call of `https.request` gives, `https.request().write` a method of it; `fetch=` is what happens
when something is assigned to `fetch`.
"""

from __future__ import annotations

from collections.abc import Mapping

from fimci.capabilities.javascript_files import FILES
from fimci.capabilities.javascript_flows import PASSED, TAMPERED, WALLETS
from fimci.capabilities.javascript_network import NETWORK_ROWS
from fimci.capabilities.rows import (
    BULK,
    CLIPBOARD,
    CODE,
    COMMAND,
    DATA,
    ENVIRONMENT,
    IDENTITY,
    OUTPUT,
    PATH,
    SECRET,
    SYSTEM,
    of,
    rows,
    whole,
)
from fimci.capabilities.uses import Api

_PROCESS_ROWS = {
    **rows("shell", of("child_process", "exec execSync"), ((0, "command"),), OUTPUT),
    **rows("process", of("child_process", "execFile execFileSync spawn spawnSync fork"), COMMAND, OUTPUT),
    **rows(
        "process",
        [
            "node-pty.spawn().write",
            *(
                f"child_process.{name}().stdin.{way}"
                for name in ("spawn", "exec")
                for way in ("write", "end")
            ),
        ],
        DATA,
    ),
    # of a module whose name is computed: others have no such members
    **rows("process", of("require()", "execFile execFileSync spawn spawnSync"), COMMAND, OUTPUT),
    **rows("shell", ["require().execSync"], ((0, "command"),), OUTPUT),
    **rows("process", ["cluster.fork"], (), OUTPUT),
    **rows("process", whole("execa cross-spawn spawn-wrap foreground-child"), COMMAND, OUTPUT),
    **rows(
        "process",
        [
            "node-pty.spawn",
            "tinyexec.x",
            "tinyexec.exec",
            "nano-spawn",
            "@actions/exec.exec",
            "@actions/exec.getExecOutput",
        ],
        COMMAND,
    ),
    **rows("process", ["open", "opn", "electron.shell.openExternal"], ((0, "url"),)),
    **rows("shell", ["sudo-prompt.exec", "@vscode/sudo-prompt.exec"], ((0, "command"),), OUTPUT),
    **rows(
        "shell",
        ["ActiveXObject().Run", "ActiveXObject().ShellExecute", "ActiveXObject().Exec"],
        ((0, "command"),),
        OUTPUT,
    ),
    **rows(
        "shell",
        [
            *of("execa", "command commandSync execaCommand execaCommandSync $"),
            "shelljs.exec",
            "zx.$",
            "Bun.$",
        ],
        ((0, "command"),),
        OUTPUT,
    ),
    **rows("process", [*of("Bun", "spawn spawnSync"), *of("Deno", "Command run")], COMMAND, OUTPUT),
    **rows(
        "shell",
        [
            "vscode.window.createTerminal().sendText",
            "vscode.window.activeTerminal.sendText",
            "vscode.ShellExecution",
        ],
        ((0, "command"),),
    ),
    **rows("process", ["vscode.ProcessExecution"], COMMAND),
    "vscode.commands.executeCommand(install)": Api("process", subject="extension install"),
    **rows("process", ["process.binding().spawn"], (("file", "command"), ("args", "arguments")), OUTPUT),
    **rows("native-code", of("process", "binding _linkedBinding"), ((0, "module"),)),
}

_CODE_ROWS = {
    **rows("dynamic-code", ["eval"], CODE, evaluates=True),
    **rows(
        "dynamic-code",
        ["Function", "AsyncFunction", "GeneratorFunction", "AsyncGeneratorFunction"],
        CODE,
        evaluates=True,
    ),
    **rows(
        "dynamic-code",
        of("document.createElement(script)", "text textContent innerText innerHTML append appendChild"),
        CODE,
        evaluates=True,
    ),
    **rows("dynamic-code", ["setTimeout", "setInterval", "setImmediate", "execScript"], CODE, evaluates=True),
    **rows(
        "dynamic-code",
        [
            *of(
                "vm", "runInThisContext runInNewContext runInContext Script compileFunction SourceTextModule"
            ),
            *whole("vm2 isolated-vm"),
        ],
        CODE,
        evaluates=True,
    ),
    **rows(
        "dynamic-code",
        ["module._compile", "module()._compile", "Module()._compile", "module.Module()._compile"],
        CODE,
        evaluates=True,
    ),
    **rows("dynamic-code", ["Worker", "SharedWorker"], ((0, "module"),)),
    **rows("dynamic-code", ["require", "import", "module._load"], ((0, "module"), (0, "path"))),
    **rows(
        "dynamic-code",
        ["module.register", "require-from-string", "import-fresh"],
        ((0, "code"),),
        evaluates=True,
    ),
    **rows(
        "dynamic-code",
        [f"{of_}.{name}.executeScript" for of_ in ("chrome", "browser") for name in ("scripting", "tabs")],
        (("args", "code"), ("code", "code")),
        evaluates=True,
    ),
    **rows("dynamic-code", ["module.registerHooks"]),
    **rows("dynamic-code", ["inspector.Session().post"], (("expression", "code"),), evaluates=True),
    **rows("dynamic-code", ["document.write", "document.writeln"], CODE, evaluates=True),
    **rows("dynamic-code", ["v8.deserialize"], CODE),
    **rows(
        "dynamic-code", ["node-serialize.unserialize", "serialize-to-js.deserialize"], CODE, evaluates=True
    ),
    **rows("bytecode", of("WebAssembly", "instantiate instantiateStreaming compile compileStreaming Module")),
    **rows("bytecode", whole("bytenode v8-compile-cache"), ((0, "path"),)),
    **rows(
        "native-code",
        ["process.dlopen", "Deno.dlopen", "bun:ffi.dlopen", "bun:ffi.cc"],
        ((0, "path"), (1, "path")),
    ),
    **rows(
        "native-code",
        whole("bindings node-gyp-build prebuild-install ffi-napi koffi ref-napi node-ffi-rs pkg-prebuilds"),
        PATH,
    ),
    **rows("process", ["worker_threads.Worker"], ((0, "code"),)),
}

_SYSTEM_ROWS = {
    **rows(
        "environment-bulk",
        [
            *("process.env", "Bun.env", "import.meta.env", "Deno.env.toObject"),
            "process.report.getReport().environmentVariables",
        ],
        (),
        BULK,
    ),
    **rows(
        "environment", ["process.env.*", "Bun.env.*", "import.meta.env.*"], ((0, "variable"),), ENVIRONMENT
    ),
    **rows("environment", of("Deno.env", "get has set delete"), ((0, "variable"),), ENVIRONMENT),
    **rows(
        "system-information",
        [
            *of("os", "hostname userInfo networkInterfaces"),
            *of("Deno", "hostname networkInterfaces"),
            *whole("node-machine-id public-ip internal-ip username systeminformation"),
            *whole("ps-list find-process tasklist getmac macaddress"),
        ],
        (),
        IDENTITY,
    ),
    **rows(
        "system-information",
        [
            *of("os", "homedir platform arch release version type cpus"),
            *of("os", "totalmem freemem uptime machine tmpdir loadavg"),
            *of("process", "cwd getuid geteuid platform arch title pid ppid report.getReport"),
            *of("Deno", "cwd osRelease build systemMemoryInfo"),
            *of("navigator", "userAgent platform plugins hardwareConcurrency geolocation.getCurrentPosition"),
            *whole("os-locale"),
        ],
        (),
        SYSTEM,
    ),
    **rows(
        "credentials",
        [
            "document.cookie",
            *whole("keytar node-dpapi win-dpapi @primno/dpapi tough-cookie-file-store"),
            *whole("chrome-cookies-secure electron-cookies node-chrome-cookies"),
        ],
        (),
        SECRET,
    ),
    **rows(
        "credentials", ["localStorage", "sessionStorage", "localStorage.*", "sessionStorage.*"], (), SECRET
    ),
    **rows(
        "credentials",
        [
            "navigator.credentials.*",
            "cookieStore.*",
            "chrome.cookies.*",
            "browser.cookies.*",
            "chrome.history.*",
            "browser.history.*",
            "vscode.authentication.getSession",
        ],
        (),
        SECRET,
    ),
    **rows(
        "clipboard",
        [
            *whole("clipboardy copy-paste clipboard-event"),
            *("navigator.clipboard.*", "electron.clipboard.*", "vscode.env.clipboard.*"),
        ],
        (),
        CLIPBOARD,
    ),
    **rows(
        "screen",
        whole("screenshot-desktop desktop-screenshot robotjs @nut-tree/nut-js html2canvas node-webcam"),
        (),
        SYSTEM,
    ),
    **rows(
        "screen",
        [
            "navigator.mediaDevices.getDisplayMedia",
            "navigator.mediaDevices.getUserMedia",
            "electron.desktopCapturer.*",
        ],
        (),
        SYSTEM,
    ),
    **rows(
        "keyboard",
        whole("iohook iohook-macos uiohook-napi node-global-key-listener global-keypress"),
        (),
        SYSTEM,
    ),
    **rows(
        "persistence",
        [
            "auto-launch().enable",
            *of("winreg()", "set create"),
            *of("node-windows", "Service().install Service"),
            *of("node-linux", "Service().install Service"),
            *of("node-mac", "Service().install Service"),
            "electron.app.setLoginItemSettings",
        ],
    ),
    **rows(
        "telemetry",
        whole(
            "@sentry/node @sentry/browser "
            "posthog-node posthog-js mixpanel analytics-node @segment/analytics-node "
            "applicationinsights @scarf/scarf "
            "newrelic dd-trace @amplitude/node @bugsnag/js @bugsnag/node rollbar "
            "universal-analytics insight countly-sdk-nodejs logrocket"
        ),
    ),
}

#: Every name that means something.
NAMES: Mapping[str, Api] = {
    **FILES,
    **NETWORK_ROWS,
    **_PROCESS_ROWS,
    **_CODE_ROWS,
    **_SYSTEM_ROWS,
    **WALLETS,
    **PASSED,
    **TAMPERED,
}
