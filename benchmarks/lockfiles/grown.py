"""Lockfiles of any size: the genuine one of a large project, its entries repeated under other names.

What an entry asks for stays what it was, so that a copy depends on the first entries, which are all
there. NuGet's and Gradle's are written by their documentation.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Callable
from typing import NamedTuple

from backports import zstd

from benchmarks.measure import ROOT

LOCKS = ROOT / "fixtures" / "locks"


class Piece(NamedTuple):
    """A stretch of a file; one that has `names` is repeated, and its names are altered by them.

    Each of `names` finds what a suffix is put behind. `joint` stands between copies.
    """

    text: str
    names: tuple[str, ...] = ()
    joint: str = ""


def grown(pieces: list[Piece], size: int) -> bytes:
    """Return the file with its entries repeated until it has about `size` bytes."""
    once = sum(len(piece.text) for piece in pieces if not piece.names)
    copied = sum(len(piece.text) for piece in pieces if piece.names)
    copies = max(round((size - once) / copied), 1)
    return "".join(_repeated(piece, copies) for piece in pieces).encode()


def _repeated(piece: Piece, copies: int) -> str:
    if not piece.names:
        return piece.text
    found = [re.compile(pattern, re.MULTILINE) for pattern in piece.names]
    texts = [piece.text]
    for number in range(1, copies):
        text = piece.text
        for pattern in found:
            text = pattern.sub(rf"\g<0>x{number}", text)
        texts.append(text)
    return piece.joint.join(texts)


def genuine(path: str) -> str:
    """Return a file of `fixtures/locks`, unpacked."""
    data = (LOCKS / path).read_bytes()
    if path.endswith(".zst"):
        return zstd.decompress(data).decode()
    return (gzip.decompress(data) if path.endswith(".gz") else data).decode()


def between(text: str, begin: str, end: str, *names: str, joint: str = "") -> list[Piece]:
    """Return a file whose entries stand between two marks, which are not among them."""
    first = text.index(begin) + len(begin)
    last = text.index(end, first) if end else len(text)
    return [Piece(text[:first]), Piece(text[first:last], names, joint), Piece(text[last:])]


def npm() -> list[Piece]:
    """Return `package-lock.json`."""
    text = genuine("npm11-big/package-lock.json.zst")
    name = r'^    "node_modules/(?:@[^/"]+/)?[^/"]+'
    begin = text.index('    "node_modules/')
    return between(text, text[begin - 20 : begin], "\n  }\n}", name, joint=",\n")


def bun() -> list[Piece]:
    """Return `bun.lock`; an entry is named by its key and, where that is not nested, by its first item."""
    text, base = genuine("bun14-big/bun.lock.zst"), r'^    "(?:@[^/"]+/)?[^/"@]+'
    item = r'^    "(?:@[^/"]+/)?[^/"@]+": \["(?:@[^/"]+/)?[^"@]+'
    return between(text, '"packages": {\n', "  }\n}", item, rf'{base}(?=/|": \[)', joint="\n")


def deno() -> list[Piece]:
    """Return `deno.lock`."""
    text = genuine("deno29-big/deno.lock.zst")
    return between(text, '"npm": {\n', "\n  },", r'^    "@?[^@"]+(?=@)', joint=",\n")


def pnpm() -> list[Piece]:
    """Return `pnpm-lock.yaml`: packages, and their snapshots."""
    text, name = genuine("pnpm12-big/pnpm-lock.yaml.gz"), r"^  '?@?[^@'\n ]+(?=@)"
    head, packages, snapshots = between(text, "\npackages:\n", "\nsnapshots:\n", name)
    mark = len("\nsnapshots:\n")
    below = [Piece(snapshots.text[:mark]), Piece(snapshots.text[mark:], (name,))]
    return [head, packages, *below]


def yarn_classic() -> list[Piece]:
    """Return the `yarn.lock` of yarn 1; a row may name several."""
    text = genuine("yarn1-big/yarn.lock.gz")
    return between(text, "# yarn lockfile v1\n", "", r'(?:^"?|, "?)(?![ "])@?[^@", \n#]+(?=@)')


def yarn_berry() -> list[Piece]:
    """Return the `yarn.lock` of yarn 4; the project itself is there once."""
    text = genuine("yarn4-big/yarn.lock.gz")
    own = re.search(r'^"big@workspace.*?\n\n', text, re.MULTILINE | re.DOTALL)
    project = own[0] if own else ""
    names = r'(?:^"|, |^  resolution: ")@?[^@", \n]+(?=@(?:npm|patch):)'
    return [*between(text.replace(project, ""), "cacheKey: 10c0\n\n", "", names), Piece(f"\n{project}")]


def toml(path: str, mark: str = "[[package]]") -> list[Piece]:
    """Return a lock in TOML; what follows its packages is there once."""
    text = genuine(path)
    begin = text.index(mark)
    end = text.find("\n[metadata]", begin) + 1 or len(text)
    # Files are named after their package.
    file = r'(?<=[/"])[A-Za-z0-9_.-]+?(?=-[0-9][^"/]*\.(?:whl|tar\.gz|zip)")'
    entries = Piece(text[begin:end].rstrip("\n") + "\n", (r'^name = "[^"]+', file), "\n")
    return [Piece(text[:begin]), entries, Piece("\n" + text[end:])]


def cargo() -> list[Piece]:
    """Return `Cargo.lock`; the crate itself is there once."""
    text = genuine("cargo/big.lock.gz")
    own = [block for block in text.split("\n\n") if block.startswith("[[package]]") and "source" not in block]
    for block in own:
        text = text.replace(f"{block}\n\n", "")
    head, entries, _ = between(text, "version = 4\n\n", "", r'^name = "[^"]+', joint="\n")
    return [head, entries, Piece("\n" + "\n\n".join(own) + "\n")]


def go_sum() -> list[Piece]:
    """Return `go.sum`."""
    return [Piece(genuine("go/big.go.sum.gz"), (r"^\S+",))]


def gemfile() -> list[Piece]:
    """Return `Gemfile.lock`."""
    return between(genuine("gemfile/big.lock.gz"), "  specs:\n", "\nPLATFORMS", r"^    [^ (]+(?= \()")


def composer() -> list[Piece]:
    """Return `composer.lock`."""
    text = genuine("composer/big.lock.gz")
    return between(text, '"packages": [\n', "\n    ],", r'^            "name": "[^"]+', joint=",\n")


def pipenv() -> list[Piece]:
    """Return `Pipfile.lock`."""
    text = genuine("pipenv/big.lock.zst")
    return between(text, '"default": {\n', "\n    },", r'^        "[^"]+(?=": \{)', joint=",\n")


def requirements() -> list[Piece]:
    """Return a `requirements.txt` with hashes."""
    text = genuine("requirements/big.txt.zst")
    return [Piece(text, (r"^[A-Za-z0-9][A-Za-z0-9._-]*(?===)",))]


def conda() -> list[Piece]:
    """Return `conda-lock.yml`."""
    return between(genuine("conda-lock/main.yml"), "\npackage:\n", "", r"^- name: \S+")


def nuget() -> list[Piece]:
    """Return `packages.lock.json`."""
    entries = ",\n".join(
        f'      "Acme.Package{number}": {{\n        "type": "Transitive",\n'
        f'        "resolved": "1.{number}.0",\n        "contentHash": "{_base64(number)}",\n'
        f'        "dependencies": {{\n'
        f'          "Acme.Package{number // 2}": "1.0.0"\n        }}\n      }}'
        for number in range(1_000)
    )
    head = '{\n  "version": 1,\n  "dependencies": {\n    "net8.0": {\n'
    return [
        Piece(head),
        Piece(entries, (r'^      "[^"]+(?=": \{)',), ",\n"),
        Piece("\n    }\n  }\n}\n"),
    ]


def gradle() -> list[Piece]:
    """Return `verification-metadata.xml`."""
    entries = "".join(
        f'      <component group="org.example" name="part{number}" version="1.{number}">\n'
        + "".join(
            f'         <artifact name="part{number}-1.{number}.{kind}">\n'
            f'            <sha256 value="{_hex(f"{number}{kind}")}" origin="Generated by Gradle"/>\n'
            f"         </artifact>\n"
            for kind in ("jar", "pom")
        )
        + "      </component>\n"
        for number in range(1_000)
    )
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<verification-metadata xmlns="https://schema.gradle.org/dependency-verification">\n'
        "   <configuration>\n      <verify-metadata>true</verify-metadata>\n   </configuration>\n"
        "   <components>\n"
    )
    name = r'^      <component group="[^"]+'
    return [Piece(head), Piece(entries, (name,)), Piece("   </components>\n</verification-metadata>\n")]


#: What makes each file, by the name of the format.
Maker = Callable[[], list[Piece]]


def _base64(number: int) -> str:
    return base64.b64encode(hashlib.sha512(str(number).encode()).digest()).decode()


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
