"""How a file is opened that somebody else may have put there."""

from __future__ import annotations

import os

#: To read: a link in the file's place is not followed, a FIFO not waited for, a terminal not taken as ours.
#: What a system does not know of these it does without.
READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
