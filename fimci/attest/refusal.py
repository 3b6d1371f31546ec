"""Why evidence does not count."""


class Refusal(Exception):  # noqa: N818  (it names what happened to the evidence)
    """A signature or statement that does not hold; the message says why, in a clause.

    `part` names what is wrong, and so what is to be done about it: `form`, `signature`, `certificate`, `log`,
    `time`, `subject`, `identity`, `material`; of states also `sequence`, `expired`, `repository`.
    """

    def __init__(self, part: str, why: str) -> None:
        """Keep both; the message is the reason."""
        super().__init__(why)
        self.part = part
