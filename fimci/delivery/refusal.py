"""Why a destination did not take what it was sent."""

from __future__ import annotations


class RefusedError(Exception):
    """Nobody says that the messages arrived. `again`: trying once more may help."""

    def __init__(self, message: str, *, again: bool = True) -> None:
        """Keep whether another try may help."""
        super().__init__(message)
        self.again = again
