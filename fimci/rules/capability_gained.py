"""A package can now do something that it could not do before.

What a release gains is what a reviewer wants to know: almost every attack of recent years gave a package
something that it never had, such as access to the network, to programs or to secrets, in a patch release.
What a package *can* do says little, because most packages can do much; gains are rare.

There is one finding per package, capability and phase. Its severity depends on the phase (installation weighs
most, then import, then call), on the target (a messenger, a secret, a wallet), and on how often real updates
of the same kind gained the same: that table was learned from real adjacent releases of popular packages, and
the finding quotes its figures. In repository code, which its own developers just wrote, and in packages that
are new as a whole, only strong indicators are reported: credentials (in a new package, those that browsers,
messengers and systems keep), wallets, keyboard, screen, persistence, hosts that receive stolen data, deletion
of a home directory, disabled defences, miners and tunnels. Those of high severity are also reported by `fimci
inspect --rules`. Persistence at medium becomes high next to an indicator of another kind.

Not reported: what the package already had anywhere in the same or an earlier phase, moved code, everything
else about new packages, and tests and examples next to the code (they count as called). Chains (a secret that
is sent) have their own rules, as do new hosts, and new secrets of a package that accessed others before.

Measured on 424 real updates of 140 randomly selected packages: medium in 3, low in 16.

Fix: read the evidence; if the gain is intended, accept it with `fimci accept`, else stay on the old version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fimci.capabilities.gains import gains
from fimci.capabilities.grading import grade, risen, told, uncovered
from fimci.findings import Finding, Severity
from fimci.model import CapabilityName, Change, Record

SEVERITY = Severity.HIGH
_RULE = "capability-gained"
_NAMES: frozenset[CapabilityName] = frozenset(
    (
        *("network", "process", "shell", "dynamic-code", "filesystem-write", "filesystem-delete"),
        *("filesystem-read-sensitive", "environment", "environment-bulk", "credentials", "persistence"),
        *("system-information", "clipboard", "screen", "keyboard", "crypto-wallet", "telemetry"),
        "native-code",
    )
)
#: Told by `new-host` and `new-credential-path` where the package had others of them.
_ELSEWHERE = frozenset(("network", "credentials", "crypto-wallet"))

#: `implicit-execution-added` speaks of these.
_START_UP = "line of "


def check_all(changes: Sequence[Change], before: Sequence[Record]) -> Iterator[Finding]:
    """Object to what each package gained."""
    found = [
        (gain, severity)
        for gain in uncovered(changes, before, gains(changes, before, _NAMES))
        if gain.first or gain.now.name not in _ELSEWHERE
        if not gain.now.subject.startswith(_START_UP)
        if (severity := grade(gain)) is not None
    ]
    yield from told(risen(found, changes, before), _RULE, "gains ")
