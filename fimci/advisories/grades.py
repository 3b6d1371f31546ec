"""How bad a record says that it is: the worst of its CVSS scores, else the word of its database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fimci.advisories.osv import Affected, Graded, Osv
from fimci.findings import Severity

#: From which score on (CVSS 3.1, section 5; CVSS 4.0, section 6).
_SCORES = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
_WORDS: Mapping[str, Severity] = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "important": Severity.HIGH,
    "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "negligible": Severity.LOW,
    "none": Severity.INFO,
}
_LONGEST = 512


def grade(one: Osv, affected: Affected) -> Severity:
    """Return the grade of a record for one of its packages; medium where nothing is said."""
    vectors = (*(affected.severity or ()), *(one.severity or ()))
    scored = [found for vector in vectors if (found := scored_as(vector)) is not None]
    return max(scored or _words(one, affected), default=Severity.MEDIUM)


def scored_as(vector: Graded) -> Severity | None:
    """Return the grade of a CVSS vector; `None` for what is none."""
    text = vector.score
    if vector.type not in {"CVSS_V3", "CVSS_V4"} or len(text) > _LONGEST:
        return None
    from cvss import CVSS3, CVSS4  # type: ignore[import-untyped]  # noqa: PLC0415  (where a record is met)
    from cvss.exceptions import CVSSError  # type: ignore[import-untyped]  # noqa: PLC0415  (the same)

    try:
        score = float((CVSS4 if vector.type == "CVSS_V4" else CVSS3)(text).base_score)
    except (CVSSError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError):
        return None
    return next((severity for least, severity in _SCORES if score >= least), Severity.INFO)


def _words(one: Osv, affected: Affected) -> list[Severity]:
    said = (affected.ecosystem_specific, affected.database_specific, one.database_specific)
    return [_WORDS[word] for word in _spoken(said) if word in _WORDS]


def _spoken(said: tuple[Any, ...]) -> Iterator[str]:
    for table in said:
        word = table.get("severity") if isinstance(table, dict) else None
        if isinstance(word, str):
            yield word.lower()
