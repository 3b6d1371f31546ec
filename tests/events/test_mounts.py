"""The list of mounts, as the kernel writes it."""

from __future__ import annotations

from fimci.events.mounts import Mount, parsed

TEXT = r"""22 28 0:20 / /proc rw,nosuid shared:5 - proc proc rw
30 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
41 30 254:0 /a /home/a\040b\134c rw,relatime - ext4 /dev/vda rw
nonsense
"""


def test_mounts_are_read_with_their_escapes() -> None:
    assert parsed(TEXT) == {Mount("/proc", "proc"), Mount("/", "ext4"), Mount("/home/a b\\c", "ext4")}
