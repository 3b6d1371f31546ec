"""Why evidence does not count."""

from __future__ import annotations

#: What is wrong, by words of what sigstore says of it; the first that are found count.
_PARTS = (
    ("log entry", "log"),
    ("validation time", "time"),
    ("verified time", "time"),
    ("must contain an inclusion promise", "time"),
    ("inclusion", "log"),
    ("checkpoint", "log"),
    ("digest mismatch", "subject"),
    ("sct", "certificate"),
    ("certificate", "certificate"),
    ("time", "time"),
    ("signature", "signature"),
)


class Refusal(Exception):  # noqa: N818  (it names what happened to the evidence)
    """A signature or statement that does not hold; the message says why, in a clause.

    `part` names what is wrong, and so what is to be done about it: `form`, `signature`, `certificate`, `log`,
    `time`, `subject`, `identity`, `material`; of states also `sequence`, `expired`, `repository`.
    """

    def __init__(self, part: str, why: str) -> None:
        """Keep both; the message is the reason."""
        super().__init__(why)
        self.part = part


def part_of(error: Exception, otherwise: str = "signature") -> str:
    """Return which part of the evidence an error of sigstore is about."""
    text = str(error).lower()
    return next((part for words, part in _PARTS if words in text), otherwise)
