"""Names as an attacker would choose them, for every test that writes untrusted text somewhere."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

FRAGMENTS = (
    "\n", "\r", "\r\n", "%0A", "%0D%0A", "%25", "::error::x", "::set-env name=a::b",
    "::stop-commands::t", "::add-mask::clean", "##[error]", "##[", "##", "#", "[group]", "]", "::", ":",
    ";", ",", "=", "'", '"', "`", "##vso[task.complete result=Succeeded;]",
    "##teamcity[message text='x']", "\x1b[2J", "\x1b]8;;", "\x9b31m", "\b", "\0", "\x85", "\x0b", "\x1c",
    "\xa0", "\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\u3000", "\ufeff", "\U000e0041", "\udcff",
    "\udc80", "\ud800", "\\", "\\n", "\\u202e", "../", "/", "//host.example/", " ", "     ", "clean",
    "0 findings", "high[rule]: ", "]: ", " --> ", "=  fix: ", "[text](https://host.example)", "{0}",
    "<b>", "café", "名前", "x" * 79, "x" * 10_000,
)  # fmt: skip

#: Text of any characters, surrogates included, mixed with what is known to break sinks.
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=8).map("".join)

#: Tried often, and on a busy machine too.
LAW = settings(max_examples=100, deadline=None)
