"""What is kept in memory beyond its turn in the stream: inner archives, and targets of hard links."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fimci.archives import names
from fimci.archives.bounds import ArchiveError
from fimci.archives.member import Member

Read = Callable[[], Iterator[bytes]]


def keep(member: Member) -> tuple[bytes | None, Read]:
    """Read a file now. Return its content, if it can be had whole, and a `read` for later."""
    try:
        data = b"".join(member.read() if member.read else ())
    except OSError as error:
        return None, refusing(error.strerror or str(error))
    return data, lambda: iter((data,) if data else ())


def refusing(why: str) -> Read:
    """Return a `read` that raises `ArchiveError`."""

    def read() -> Iterator[bytes]:
        raise ArchiveError("content", why)

    return read


_TOO_LARGE = "is a hard link to a file that is too large to hold"
_DANGLING = "is a hard link to no earlier member of the archive"


class Held:
    """The members that hard links will ask for, as long as there is room for their content."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._members: dict[str, Member] = {}

    def settled(self, path: str, member: Member, *, wanted: bool) -> Member:
        """Return the member as it is to be read: a hard link as what it points to, a wanted one held."""
        if member.kind == "hard link":
            member = self._target(member)
        elif wanted and member.kind == "file":
            if member.size > self._room:
                self._members[path] = member._replace(read=refusing(_TOO_LARGE), head=None)
                return member
            self._room -= member.size
            head = b"" if member.head is None else member.head()
            member = member._replace(read=keep(member)[1], head=lambda: head)
        if wanted:
            self._members[path] = member
        return member

    def _target(self, member: Member) -> Member:
        earlier = self._members.get(names.judge(member.target or "")[0])
        if earlier is None:
            return member._replace(read=refusing(_DANGLING))
        return earlier._replace(name=member.name, head=None)
