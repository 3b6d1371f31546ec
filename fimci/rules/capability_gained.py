"""A package can do something now that it could not do before.

What a release gains is what a reviewer wants to know of it: of the attacks of the last years almost every
one gave a package something that it had never had, access to the network, to programs, to secrets, in a
patch release. What a package *can* do says little, for most packages can do much; what it gained is rare.

One finding for each package, capability and phase. Graded by the phase (installation weighs most, then
import, then call), by what it is towards (a messenger, a secret, a wallet), and by how often real updates
of the same kind gained the same: the table was learned from real adjacent releases of popular packages,
and the finding tells its figures. Of repository code, which its own people have just written, and of
packages that are new as a whole, what is a sign by itself is told: credentials (of a new package those that
browsers, messengers and systems keep), wallets, keyboard, screen, persistence, hosts that take what is
stolen, a whole home that is deleted, defences that are switched off, miners and tunnels. What is high of
these, `fimci inspect --rules` tells too. Persistence that is medium is high beside a sign of another kind.

Silent: what the package had anywhere in the same or an earlier phase, code that moves, everything else of
packages that are new, tests and examples beside the code (they count as called). Chains (a secret that is
sent) have rules of their own, as have new hosts and new secrets of a package that had others.

Measured on 424 real updates of 140 packages that were drawn at random: medium in 3, low in 16.

Fix: read the evidence; if the gain is meant, accept it with `fimci accept`, else stay with the old
version.
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
