"""What the names of an archive say about it as a whole, before any member is taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from fimci.archives import names
from fimci.archives.bounds import Meter
from fimci.archives.member import Member
from fimci.model import Unread

#: Metadata of a wheel, the whole of one without modules.
_NOT_A_ROOT = (".dist-info", ".data")


class Plan(NamedTuple):
    """The top folder, if it is to be taken off, and paths as they stand in the archive."""

    strip: bool
    folders: set[str]  # that have a member of their own
    linked: set[str]  # what hard links point to

    def inside(self, path: str) -> str:
        """Take off the first component, if that is the plan."""
        return path.partition("/")[2] if self.strip else path


def plan(members: Iterable[Member | Unread], meter: Meter, *, whole: bool, npm: bool) -> Plan:
    """Look at all names, up to where the archive can be read.

    `whole`: nothing is taken off. `npm`: the first component is, if it holds a `package.json`.
    """
    roots: dict[str, bool] = {}  # whether all that starts so is a folder or in it
    manifest = below = False
    found = Plan(strip=False, folders=set(), linked=set())
    try:
        for member in members:
            path, fault = names.judge(member.name) if isinstance(member, Member) else ("", "")
            if isinstance(member, Unread) or fault or not path:
                continue
            meter.meet(path)
            _note(member, path, found)
            root, _, rest = path.partition("/")
            roots[root] = roots.get(root, True) and (bool(rest) or member.kind == "directory")
            below = below or bool(rest)
            manifest = manifest or rest == "package.json"
    except OSError:
        pass  # whoever reads the members meets it again, and says so
    lone = below and list(roots.values()) == [True] and not next(iter(roots)).endswith(_NOT_A_ROOT)
    return found._replace(strip=not whole and (lone or (npm and manifest)))


def _note(member: Member, path: str, found: Plan) -> None:
    if member.kind == "directory":
        found.folders.add(path)
    elif member.kind == "hard link" and member.target is not None:
        found.linked.add(names.judge(member.target)[0])
