"""Words of PowerShell that start no program: keywords, verbs of cmdlets, aliases."""

from __future__ import annotations

_KEYWORDS = """
begin break catch class continue data do dynamicparam else elseif end enum exit filter finally for
foreach function if in param process return switch throw trap try until using while
"""
KEYWORDS = frozenset(_KEYWORDS.split())

_ALIASES = """
ac cat cd cp curl dir echo gc iex irm iwr ls mv pwd sc select set sort sp start type wget where
"""
ALIASES = frozenset(_ALIASES.split())

_VERBS = """
add clear compare convertfrom convertto copy disable enable export find foreach format get group import
install invoke join measure move new out pop push read receive register remove rename resolve restart
save select send set sort split start stop test uninstall unregister update wait where write
"""
VERBS = frozenset(_VERBS.split())
