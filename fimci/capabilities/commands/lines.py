"""Command lines as programs hand them to their system: for which shell they are, by how they begin."""

from __future__ import annotations

import re

from fimci.capabilities.commands.state import Dialect

#: Programs that only Windows has.
_OF_WINDOWS = re.compile(
    r"\s{0,9}(?:[^\s|]{0,99}[\\/])?(?:powershell|pwsh|cmd|mshta|certutil|bitsadmin|rundll32|regsvr32|schtasks|reg)"
    r"(?:\.exe)?\s",
    re.IGNORECASE,
)
#: A text that PowerShell is given as it is, behind its options.
_POWERSHELL = re.compile(
    r"\s{0,9}(?:powershell|pwsh)(?:\.exe)?\s(?!.{0,200}?-e\w{0,14}\s)"
    r"(?:-\w{1,20}\s(?:(?:bypass|hidden|unrestricted|\d{1,2})\s)?){0,9}([^-].*)",
    re.IGNORECASE | re.DOTALL,
)


def dialect(text: str) -> tuple[str, Dialect]:
    """Return what is to be judged, and in which dialect."""
    plain = _POWERSHELL.match(text)
    if plain is not None:
        return plain[1], "powershell"
    return text, "batch" if _OF_WINDOWS.match(text) else "sh"
