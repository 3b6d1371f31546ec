"""Configuration of cargo and rustup: where crates come from, and which programs run in their stead.

`.cargo/config.toml` (and `.cargo/config`, its older name) is obeyed in its folder and all below:
`[source]` replaces registries, `build.rustc-wrapper`, `target.T.runner` and `[env]` decide what runs.
`rust-toolchain.toml` (and `rust-toolchain`) picks the compiler, which may be one in the tree.

https://doc.rust-lang.org/cargo/reference/config.html
"""

from __future__ import annotations

from collections.abc import Iterator

from fimci.marked.document import Malformed, text_of
from fimci.model import Record
from fimci.readers.documents import unparsed
from fimci.readers.manifests import settings

_CONFIGURATIONS = (".cargo/config", ".cargo/config.toml")
_TOOLCHAINS = frozenset({"rust-toolchain", "rust-toolchain.toml"})


def wants(path: str, head: bytes) -> bool:  # noqa: ARG001  (the name decides)
    """Tell whether cargo or rustup obeys this file."""
    return path.rpartition("/")[2] in _TOOLCHAINS or f"/{path}".endswith(
        tuple(f"/{name}" for name in _CONFIGURATIONS)
    )


def read(path: str, data: bytes) -> Iterator[Record]:
    """Yield every switch of the file."""
    from fimci.marked import toml  # noqa: PLC0415  (most repositories hold no such file)

    try:
        if path.endswith("rust-toolchain") and b"[" not in data:
            # The old form: a channel and nothing else.
            yield settings.setting(path, "toolchain.channel", text_of(data).strip(), 1)
            return
        document = toml.load(data)
    except Malformed as error:
        yield unparsed(path, error, "TOML")
        return
    if document.value:
        yield from settings.flatten(path, document, (), "", settings.private)
