"""Requirements files: the real ones, every way past a simpler reader, and pip's own opinion."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from fimci.model import UNSTATED, Digest, Package, Record, Setting, Unread
from fimci.readers.locks import requirements
from fimci.readers.locks.requirement_lines import logical
from tests import growth
from tests.readers import seen

LOCKS = Path(__file__).parents[3] / "fixtures" / "locks" / "requirements"
HASH = "58cd2187c01e70e6e26505bca751777aa9f2ee0b7f4300988b709f44e013003f"


def records(text: str | bytes, path: str = "requirements.txt") -> list[Record]:
    return list(requirements.read(path, text.encode() if isinstance(text, str) else text))


def packages(text: str | bytes, path: str = "requirements.txt") -> dict[str, Package]:
    found = seen.packages(records(text, path))
    return {where: package for where, package in found.items() if not where.startswith("requires/")}


def options(text: str, path: str = "requirements.txt") -> dict[str, str]:
    return {record.name: record.value for record in records(text, path) if isinstance(record, Setting)}


def unread(text: str | bytes, path: str = "requirements.txt") -> list[tuple[int, str]]:
    return [(record.line, record.why) for record in records(text, path) if isinstance(record, Unread)]


@pytest.mark.parametrize(
    "path",
    [
        "requirements.txt",
        "a/requirements-dev.txt",
        "requirements_test.txt",
        "requirements/base.txt",
        "requirements/ci/lint.txt",
        "dev-requirements.txt",
        "test.requirements.txt",
        "constraints.txt",
        "constraints-3.11.txt",
        "requirements.in",
        "requirements-dev.lock",
        "Requirements.txt",
    ],
)
def test_wants_what_is_named_so(path: str) -> None:
    assert requirements.wants(path, b"")


@pytest.mark.parametrize(
    "path", ["notes.txt", "requirements.md", "requirements/readme.rst", "a/requirementstxt", "MANIFEST.in"]
)
def test_leaves_the_rest_alone(path: str) -> None:
    assert not requirements.wants(path, b"The requirements\n================\n\nflask==1.0 is needed.\n")


def test_wants_a_file_of_any_name_that_is_all_pins() -> None:
    assert requirements.wants(
        "deploy/base.txt", b"# made by pip-compile\nflask==1.0 \\\n    --hash=sha256:aa\n    # via x\n"
    )


def test_pinned_and_hashed() -> None:
    found = packages((LOCKS / "hashes.txt").read_bytes())
    requests = found["requests"]
    assert (requests.version, requests.stated_by, requests.origin_kind) == ("2.34.2", "lock", "registry")
    assert requests.origin is None
    assert isinstance(requests.integrity, tuple)
    assert (
        Digest("sha256", "2a0d60c172f83ac6ab31e4554906c0f3b3588d37b5cb939b1c061f4907e278e0")
        in requests.integrity
    )
    git = found["gitdep-py"]
    assert (git.integrity, git.origin_kind, git.install_scripts) == ((), "git", True)
    assert len(found) == 11


def test_pinned_without_hashes() -> None:
    found = packages((LOCKS / "plain.txt").read_bytes())
    assert {package.integrity for package in found.values()} == {UNSTATED}
    assert {package.stated_by for package in found.values()} == {"lock"}
    assert found["six"].version == "1.17.0"


def test_wanted_ranges() -> None:
    found = packages((LOCKS / "wanted.in").read_bytes(), "requirements.in")
    assert {name: package.version for name, package in found.items() if package.stated_by == "manifest"} == {
        "requests": ">=2.31",
        "colorama": '; sys_platform == "win32"',
        "tomli": '; python_version < "3.11"',
        "cryptography": "",
    }


def test_each_hash_has_its_line() -> None:
    at = packages("left==1.0 \\\n  --hash=sha256:aaaa \\\n  --hash=sha256:bbbb\n")["left"].at
    assert (at.part("sha256:aaaa", "integrity"), at.part("sha256:bbbb", "integrity")) == (2, 3)


def test_every_syntax() -> None:
    text = (LOCKS / "tricky.txt").read_text()
    assert options(text) == {
        "requirement[0]": "other.txt",
        "constraint[0]": "constraints.txt",
        "index-url": "https://index.example/simple",
        "extra-index-url[0]": "https://evil.example/simple",
        "trusted-host[0]": "evil.example",
        "find-links[0]": "./wheels",
        "no-binary[0]": ":all:",
        "pre": "true",
        "config-settings.urllib3[0]": "a=b",
    }
    found = packages(text)
    assert {place: (p.stated_by, p.origin_kind, p.origin) for place, p in found.items()} == {
        "requests@2.31.0": ("lock", "registry", None),
        "requests": ("lock", "git", "git+https://github.com/psf/requests.git@main"),
        "black": (
            "lock",
            "git",
            "git+ssh://git@github.com/psf/black@abcdef0123456789abcdef0123456789abcdef01",
        ),
        "foo": ("lock", "tarball", "https://example.com/foo-1.0-py3-none-any.whl"),
        "pkg": ("lock", "file", "./local/pkg.whl"),
        "path": ("lock", "directory", "./path"),
        "django": ("manifest", "registry", None),
        "urllib3": ("lock", "registry", None),
    }
    assert found["foo"].integrity == (Digest("sha256", "aaaa"),)
    assert found["django"].integrity == ()
    assert found["path"].flags == ("editable",)
    assert found["requests@2.31.0"].at.line == 10
    assert found["requests@2.31.0"].at.part("integrity") == 11
    assert found["urllib3"].install_scripts is True
    assert [line for line, _ in unread(text)] == [20]


@pytest.mark.parametrize(
    "line",
    [
        "--extra-index-url https://evil.example/",
        "--extra-index-url=https://evil.example/",
        "--extra https://evil.example/",
        "  --extra-index-url   'https://evil.example/'",
        "--pre --extra-index-url=https://evil.example/",
        "--extra-index-url \\\nhttps://evil.example/",
        "# harmless\u2028--extra-index-url https://evil.example/",
        "# harmless\x0c--extra-index-url https://evil.example/",
        "# harmless\r--extra-index-url https://evil.example/",
        "--extra-index-url https://evil.example/ # the mirror",
        "\ufeff--extra-index-url https://evil.example/",
    ],
)
def test_no_spelling_of_an_index_is_missed(line: str) -> None:
    assert options(f"{line}\nflask==3.0\n")["extra-index-url[0]"] == "https://evil.example/"


@pytest.mark.parametrize(
    "line",
    [
        "-i https://i.example/",
        "-ihttps://i.example/",
        "--pypi-url https://i.example/",
        "--in https://i.example/",
    ],
)
def test_no_spelling_of_the_index_is_missed(line: str) -> None:
    assert options(f"{line}\n")["index-url"] == "https://i.example/"


def test_credentials_stay_out_and_variables_in() -> None:
    text = "-i https://me:secret@i.example/simple\n--extra-index-url https://${USER}:${TOKEN}@i.example/\n"
    assert options(text) == {
        "index-url": "https://***@i.example/simple",
        "extra-index-url[0]": "https://${USER}:${TOKEN}@i.example/",
    }
    assert "secret" not in repr(
        records(text + "a @ https://me:secret@h.example/a-1.tar.gz\nx https://me:secret@h.example\n")
    )


@pytest.mark.parametrize(
    "target", ["https://i.example/r.txt", "../../r.txt", "/etc/r.txt", "C:/r.txt", "${HERE}/r.txt"]
)
def test_what_is_included_from_elsewhere_is_unread(target: str) -> None:
    text = f"-r {target}\n"
    assert options(text, "a/requirements.txt")["requirement[0]"] == target
    assert [line for line, _ in unread(text, "a/requirements.txt")] == [1]


def test_what_is_included_from_the_repository_is_not() -> None:
    assert unread("-r ../base.txt\n-c constraints.txt\n", "a/requirements.txt") == []


def test_one_bad_line_leaves_the_others() -> None:
    text = "flask==3.0\nnot a requirement\n--unknown-option\nclick==8\nx==1 --hash=sha256:aa evil==2\n"
    assert list(packages(text)) == ["flask", "click", "x"]
    assert [line for line, _ in unread(text)] == [2, 3, 5]


def test_a_moved_bad_line_is_the_same() -> None:
    before = {
        r.key for r in requirements.read("requirements.txt", b"a==1\nb==2\n!!\n") if isinstance(r, Unread)
    }
    after = {
        r.key for r in requirements.read("requirements.txt", b"!!\nb==2\na==1\n") if isinstance(r, Unread)
    }
    assert before == after


def test_many_bad_lines_are_few_records() -> None:
    text = "".join(f"a{n}==1\nb {n}\n" for n in range(500))
    assert len(unread(text)) == 21


def test_prose_is_silent() -> None:
    text = "Requirements\n\n- Python 3.8 or newer\n- A database, such as:\nsqlite\nEnjoy your stay!\n"
    assert records(text, "docs/requirements/overview.txt") == []
    assert [line for line, _ in unread(text)] == [3]
    assert packages(text) == {}


def test_pins_among_prose_are_told() -> None:
    text = "This one reads well.\nAnd so does this.\nNothing to see here.\nevil==1.0\n"
    assert list(packages(text, "docs/requirements/overview.txt")) == ["evil"]
    assert len(unread(text, "docs/requirements/overview.txt")) == 1


def test_conflict_markers() -> None:
    text = "<<<<<<< ours\na==1\n=======\na==2\n>>>>>>> theirs\n"
    assert list(packages(text)) == ["a@1", "a@2"]
    assert [line for line, _ in unread(text)] == [1]


def test_a_lost_continuation_orphans_its_hashes() -> None:
    text = f"a==1\n    --hash=sha256:{HASH}\n"
    assert unread(text) == [(2, "a hash without a requirement")]
    assert packages(text)["a"].integrity == ()


@pytest.mark.parametrize(
    ("line", "version", "stated_by"),
    [
        ("a==1.0", "1.0", "lock"),
        ("a===1.0", "1.0", "lock"),
        ("a==1.0,!=2", "1.0", "lock"),
        ("a==1.*", "==1.*", "manifest"),
        ("a~=1.0", "~=1.0", "manifest"),
        ("a[x]", "", "manifest"),
        ("a ; python_version<'3'", "; python_version<'3'", "manifest"),
        ("a@https://h.example/a-2.0.tar.gz;python_version<'3'", "2.0", "lock"),
        ("https://h.example/a-2.0-py3-none-any.whl", "2.0", "lock"),
        ("https://h.example/x.zip#egg=a[b]&subdirectory=c", UNSTATED, "lock"),
        ("a --hash=sha256:aa", UNSTATED, "lock"),
    ],
)
def test_pins_and_ranges(line: str, version: object, stated_by: str) -> None:
    (package,) = packages(line).values()
    assert (package.name, package.version, package.stated_by) == ("a", version, stated_by)


@pytest.mark.parametrize(
    ("line", "kind", "builds"),
    [
        ("./a", "directory", True),
        ("./a-1.tar.gz", "file", True),
        ("./a-1-py3-none-any.whl", "file", UNSTATED),
        ("-e .", "directory", True),
        ("-e a", "directory", True),
        ("-e a[x]", "directory", True),
        ("file:///srv/a", "directory", True),
        ("a @ file:///srv/a-1-py3-none-any.whl", "file", UNSTATED),
        ("a @ https://h.example/a.tar.gz", "tarball", True),
        ("a @ hg+https://h.example/a", "git", True),
        ("--no-binary a\na==1", "registry", True),
    ],
)
def test_kinds_of_origin(line: str, kind: str, builds: object) -> None:
    (package,) = packages(line).values()
    assert (package.origin_kind, package.install_scripts) == (kind, builds)


def test_require_hashes_makes_a_missing_one_stated() -> None:
    assert packages("--require-hashes\na==1\n")["a"].integrity == ()


def test_weak_hashes_are_recorded_and_broken_ones_are_none() -> None:
    text = "a==1 --hash=md5:0123456789abcdef0123456789abcdef\nb==1 --hash=sha256:aa --hash=sha256:zz\n"
    found = packages(text)
    assert found["a"].integrity == (Digest("md5", "0123456789abcdef0123456789abcdef"),)
    assert found["b"].integrity == ()


@pytest.mark.parametrize(
    "data",
    [
        b"# coding: utf-7\n+AC0-r x\n",
        b"a==1\n\xff\n",
        b"\xff\xfea\x00=",
        b"a==1\n" * 30_000,
        b"#" * 5_000_000,
    ],
)
def test_what_is_no_plain_text_is_unread(data: bytes) -> None:
    (record,) = records(data)
    assert isinstance(record, Unread)


def test_other_encodings_that_pip_reads() -> None:
    assert list(packages("a==1\n".encode("utf-16"))) == ["a"]
    assert list(packages("# -*- coding: latin-1 -*-\n# é\na==1\n".encode("latin-1"))) == ["a"]


@pytest.mark.parametrize(
    ("start", "piece"),
    [("a", " "), ("", "--"), ("a==1 ", "-C x=y "), ("a;", "("), ("", "\\\n"), ("", "["), ("", "a @ ")],
)
def test_hostile_lines_take_linear_time(start: str, piece: str) -> None:
    growth.is_linear(records, lambda size: start + piece * size + "b", 5000)


def test_lines_are_those_of_an_editor() -> None:
    lines = [(line.number, line.text) for line in logical("a\x0cb\r\nc \\\r\n d\n\ne # f\n")]
    assert lines == [(1, "a"), (1, "b"), (2, "c  d"), (5, "e")]


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,5}([-_.][a-z0-9]{1,3})?", fullmatch=True)
RANGES = st.sampled_from(["", "==1.0", ">=1,<2", "~=2.1", "!=3", "===1.0+x", "==1.*"])
EXTRAS = st.sampled_from(["", "[a]", "[a,b]"])
MARKERS = st.sampled_from(["", "; python_version < '3.11'", ' ; extra == "x"'])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(NAMES, EXTRAS, RANGES, MARKERS), min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n", "  # why\n"]),
)
def test_agrees_with_packaging(parts: list[tuple[str, str, str, str]], end: str) -> None:
    lines = ["".join(part) for part in parts]
    found = [r for r in records("".join(line + end for line in lines)) if isinstance(r, Package)]
    for line, package in zip(lines, found, strict=True):
        requirement = Requirement(line)
        specifier = str(requirement.specifier)
        version = str(package.version).partition(";")[0]
        stated = f"=={version}" if package.stated_by == "lock" else version
        assert package.name == requirement.name.lower().replace("_", "-").replace(".", "-")
        assert stated == specifier.replace("===", "==")


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text("ab-=~<@[];:/.#\\ \n\"'$\u2028{}(!+", max_size=60)))
def test_never_raises(data: str | bytes) -> None:
    found = requirements.read("requirements.txt", data.encode() if isinstance(data, str) else data)
    keys = [record.key for record in found]
    assert len(keys) == len(set(keys))


PIP = """
import json, sys
from pip._internal.req.req_file import RequirementsFileParser, get_line_parser, handle_line
parser = RequirementsFileParser(None, get_line_parser(None))
parsed = [handle_line(line) for line in parser._parse_file(sys.argv[1], False)]
print(json.dumps([[r.requirement, r.is_editable, (r.options or {}).get("hashes", {})] for r in parsed if r]))
"""


@pytest.mark.client
@pytest.mark.parametrize("name", ["hashes.txt", "plain.txt", "tricky.txt", "wanted.in"])
def test_agrees_with_pip(name: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PIP, str(LOCKS / name)], capture_output=True, text=True, check=False
    )
    if run.returncode:
        pytest.skip(f"pip is not here, or has another inside: {run.stderr[-200:]}")
    theirs = {
        (text, editable, algorithm, value)
        for text, editable, hashes in json.loads(run.stdout)
        for algorithm, values in (hashes or {"": [""]}).items()
        for value in values
    }
    lines = requirements._lines(requirements._text((LOCKS / name).read_bytes()))
    parsed, _, refused = requirements._sorted_out(lines)
    ours = {
        (text, editable, *value.partition(":")[::2])
        for parts in parsed
        for text, editable in [(parts.wanted, False), *((e, True) for e in parts.options.get("editable", []))]
        for value in parts.options.get("hash", [""])
        if text
    }
    assert ours | {(line.text, False, "", "") for line, _ in refused} == theirs
