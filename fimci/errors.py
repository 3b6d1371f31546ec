"""Every error that a user may see, with what to do about it.

    FimciError                 exit 2
    ├── UsageError             exit 2   the command line does not say something that can be done
    ├── ConfigurationError     exit 2   fimci.toml is wrong (all its faults at once)
    ├── SourceError            exit 2   a locator names nothing that can be walked
    ├── BaselineError          exit 3   a baseline is missing, damaged or from another version
    ├── OvertakenError         exit 3   a file was written by another run meanwhile
    ├── WorkerError            exit 3   a process that read files was killed
    └── RemoteError            exit 3   another machine could not be looked at

What goes wrong with *one file* of a source is never an error but an `Unread` record: the rest
of the tree is still judged, and the exit code says that something was not.
"""


class FimciError(Exception):
    """What went wrong, in a sentence, and the remedy, in another one."""

    exit_code = 2

    def __init__(self, message: str, remedy: str = "") -> None:
        """Keep the message (what is wrong) apart from the remedy (what to do)."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(FimciError):
    """The command line asks for something that cannot be done."""


class ConfigurationError(FimciError):
    """The policy has faults; the message lists them all, one a line."""


class SourceError(FimciError):
    """A locator names nothing that can be walked."""


class BaselineError(FimciError):
    """A baseline cannot be trusted, so nothing can be said against it."""

    exit_code = 3


class OvertakenError(FimciError):
    """A file that was to be replaced is no longer the one that was read; nothing was written."""

    exit_code = 3


class WorkerError(FimciError):
    """A process that read files was killed, and what it would have told is not known."""

    exit_code = 3


class RemoteError(FimciError):
    """Another machine could not be reached, or its answer cannot be trusted: nothing is said of it."""

    exit_code = 3
