"""Which files can have something to tell: a look at the bytes, before anything is parsed.

All that the reader tells begins with a built-in function, with a way to get at names by texts, or with what
`import` binds and a member of that. What is imported is read from the lines with the word; then the members
are looked for behind these names. It may say yes to prose, never no to what the reader could tell.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator

from fimci.capabilities.python_aliases import RESULTS, canonical
from fimci.capabilities.python_names import NAMES, ROOTS
from fimci.readers.code import sought
from fimci.readers.code.python_syntax.words import (
    is_member,
    long_lines,
    member_after,
    next_byte,
    occurrences,
    previous_byte,
)

#: Letters beyond ASCII that Python takes for plain ones, in UTF-8: styled, full-width, superscript.
STYLED = re.compile(
    rb"\xf0\x9d[\x90-\x9f]|\xef\xbd[\x81-\x9a]|\xef\xbc[\xa1-\xba]|\xc2[\xaa\xba]|\xe2\x82[\x90-\x9c]|\xe2\x84[\x80-\xbf]"
    rb"|\xe1[\xb5\xb6]|\xc5\xbf|\xca[\xb0-\xb8]|\xcb[\xa0-\xa4]"
)
#: Places of secrets, as far as they are written in one piece. `in` is faster than one expression.
PLACES = (
    *(
        b".npmrc",
        b".yarnrc",
        b".pypirc",
        b"netrc",
        b".git-credentials",
        b".ssh",
        b".aws/",
        b".gnupg",
        b".kube/",
    ),
    *(
        b".azure/",
        b".docker/config",
        b".claude",
        b".codex/",
        b".gemini/",
        b".password-store",
        b".vault-token",
    ),
    *(
        b".s3cfg",
        b".pgpass",
        b"lectrum/",
        b"sh_history",
        b"thon_history",
        b"id_rsa",
        b"id_dsa",
        b"id_ecdsa",
    ),
    *(b"id_ed25519", b"Login Data", b"Local State", b"Web Data", b"logins.json", b"key4.db", b"wallet"),
    *(
        b"cookies.sqlite",
        b"authorized_keys",
        b"Local Storage",
        b"Local Extension",
        b"keystore",
        b"kaggle.json",
    ),
    *(
        b"nkbihfbeogaeaoehlefnkodbefgpgknn",
        b"bfnaelmomeimhlpmgjnjophhpkkoljpa",
        b"hnfanknocfeofbddgcijnmhnfnkdnaad",
    ),
    *(b"gcloud/", b"serviceaccount/token", b"default_credentials", b"msal_token", b"gh/hosts", b"/proc/"),
    *(b".cargo/cred", b".gem/cred", b".m2/settings", b"/etc/shadow", b"/etc/passwd", b"docker.sock"),
    *(b"/keyrings", b"Keychains", b"keychain-db", b"Microsoft/Protect", b"Microsoft/Credentials"),
    *(b"launcher_accounts", b"loginusers.vdf", b"/dev/input/", b"stratum+", b".*_history"),
    *(
        b"sitemanager.xml",
        b"recentservers.xml",
        b"WinSCP.ini",
        b"rclone.conf",
        b".config/solana",
        b"solana/id.json",
    ),
)
#: Imports at the margin, of the own package or of any. Like other patterns here they begin with the end of
#: the line before, to which `re` skips in C.
_RELATIVE = re.compile(rb"\nfrom[ \t]+\.[\w.]*[ \t]+import\b([^\n(]*(?:\([^)]{0,4000}\))?)")
_FROM_ANY = re.compile(rb"\nfrom[ \t]+(\w[\w.]*)[ \t]+import\b([^\n(]*(?:\([^)]{0,4000}\))?)")
_ANY_MODULE = re.compile(rb"\nimport[ \t]+(\w+(?:\.\w+)*(?:[ \t]+as[ \t]+\w+)?)")
_WORD = re.compile(rb"\w+")
#: A statement that begins a line (or follows another one there) and calls something, and a block that is
#: entered at once, except the one for a program.
_CALLS = rb"(?:\w[^=;\n(]{0,80}=[ \t]*)?\w+(?:\.\w+)*[ \t]*\([^\n]{0,200}"
_STATEMENT = re.compile(
    rb"\n(?:" + _CALLS + rb"|[\[({][^\n]{0,200}"
    rb"|(?:if(?![^\n]*__name__)|elif|else|try|except|finally|for|while|with)\b[^\n]*"
    rb"(?:\n(?:[ \t]+[^\n]*|(?=\n)))*)"
)
#: A call of an item, and one of a name alone, of which an import of all may have brought it.
_ITEM = re.compile(rb"\n\w+\[[^\]\n]{1,80}\][ \t]*\(")
_ALONE = re.compile(rb"\n\w+[ \t]*\(")
_NEXT_STATEMENT = re.compile(rb";[ \t]*" + _CALLS)
_FUNCTION = re.compile(rb"\n(?:(?:async[ \t]+)?def[ \t]+(?=\w)|class[ \t]+(?=\w+[ \t]*\())(\w+)")
_BUILT_IN = (b"exec", b"eval", b"execfile", b"compile", b"get_ipython")
#: `open(…)` that only reads: one argument, a mode of `r`, or options that change nothing.
_READS = re.compile(
    rb"\(\s*[^(),]*(?:\([^()]*\)[^(),]*)*"
    rb"(?:\)|,\s*[\"'](?:r|rb|rt|rU|br)?[\"']\s*[,)]|,\s*(?:encoding|errors|buffering|newline)\s*=[^(),]*\))"
)
_REFLECTION = (
    *(b"__import__", b"__builtins__", b"__globals__", b"__subclasses__", b"import_module", b"resolve_name"),
    *(b"globals()", b".os.", b".sys.", b".subprocess.", b".builtins.", b"fromhex", b"rot13", b"rot_13"),
    *(b".load_module(", b"vars()[", b"locals()["),
)
#: Commands that fetch something, which another module may be given to run.
FETCHING = (b"curl ", b"wget ", b"iwr ", b"irm ", b"certutil", b"bitsadmin", b"Invoke-WebRequest")
FETCHES = sought.sought(FETCHING)
_TELLING = sought.sought((*_REFLECTION, *PLACES, *FETCHING))
#: The same places where they are looked for in what was parsed.
SOUGHT_PLACES = sought.sought(PLACES)
_COOKIE = re.compile(
    rb"\A(?:[^\n]*\n)?[^\n]*#[^\n]*coding[:=][ \t]*(?!utf-?8|latin|ascii|us-ascii|iso|cp125)", re.IGNORECASE
)
#: What modules are loaded from as from a folder.
_ARCHIVES = (b".zip", b".whl", b".egg", b".pyz")
LONG_LINE = 600
ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{400}|(?:\\x[0-9a-fA-F]{2}){100}")
_FROM = re.compile(rb"\bfrom\s*([\w.]+)\s*")
_NAMES = re.compile(rb"import\s*(\*|\([^)]*|[^\n;#]*)")
_ONE = re.compile(rb"([\w.]+)(?:\s+as\s+(\w+))?")
#: Members that lead to all others of a module.
THROUGH = frozenset(
    (
        "__dict__",
        "__getattribute__",
        "__builtins__",
        "__call__",
        "os",
        "sys",
        "subprocess",
        "builtins",
        "importlib",
    )
)
#: Imports that are looked at in a file, bytes of all names in them, and of a line before one. Who has more is
#: parsed.
_MOST, _READ, _LINE = 3000, 1 << 20, 4000


@functools.cache
def _members() -> dict[str, frozenset[str]]:
    """Return, for each beginning of a name of the catalogue, what goes on after it and leads somewhere."""
    found: dict[str, set[str]] = {}
    rows = sorted(_MEANING)
    for name in (
        *rows,
        *(result for result in RESULTS if RESULTS[result]),
        "sys.modules",
        "sys.meta_path",
        "sys.path_hooks",
        "os.environ",
        "os.environb",
    ):
        parts = name.partition(":")[0].split(".")
        for index in range(1, len(parts)):
            found.setdefault(".".join(parts[:index]), set()).add(parts[index])
    return {name: frozenset(members) for name, members in found.items()}


#: Names that have a capability, if only with certain arguments (`yaml.load:unsafe`), or that decode.
_MEANING = frozenset(
    name.partition(":")[0]
    for name, api in NAMES.items()
    if api.name or api.evaluates or "decoded" in api.gives
)


def means(name: str) -> bool:
    """Tell whether a name has a capability, or decodes: others only hand on what they are given."""
    return name in _MEANING or f"{name.rpartition('.')[0]}.*" in _MEANING


def tells(data: bytes) -> bool:
    """Tell whether a file can have something to tell by itself."""
    if sought.any_of(data, _TELLING):
        return True
    if any(_called(data, word) for word in _BUILT_IN) or _called(data, b"open"):
        return True
    if b"sys.path" in data and any(ending in data for ending in _ARCHIVES):
        return True
    if _long_literal(data) or _COOKIE.match(data[:2000]) is not None:
        return True
    if not data.isascii() and STYLED.search(data) is not None:
        return True
    return any(_leads(data, dotted, local) for dotted, local in dict.fromkeys(_imported(data)))


def calls_at_once(data: bytes, path: str) -> bool:
    """Tell whether a function of the package may be called outside of all functions, as far as lines tell.

    By its path it is known what the own package of a file is.
    """
    folders = tuple(name.encode() for name in path.split("/")[:-1] if name.isidentifier())
    folders = tuple(name for name in folders if name in data)
    lines = b"\n" + data
    imported = _RELATIVE.findall(lines) if b"from ." in data else []
    if folders:  # by the name of the package that the file lies in, or of one that begins alike
        imported += [names for module, names in _FROM_ANY.findall(lines) if module.startswith(folders)]
        imported += [module for module in _ANY_MODULE.findall(lines) if module.startswith(folders)]
    if not imported:
        return False
    every = any(b"*" in names for names in imported)
    if _ITEM.search(lines) is not None or (every and _ALONE.search(lines) is not None):
        return True
    names = {*_WORD.findall(b" ".join(imported)), *_FUNCTION.findall(lines)}
    statements = itertools.chain(_STATEMENT.finditer(lines), _NEXT_STATEMENT.finditer(data))
    return any(not names.isdisjoint(_WORD.findall(found[0])) for found in statements)


def _called(data: bytes, name: bytes) -> bool:
    """Tell whether a built-in function is called, or given another name; of `open`, more than to read."""
    for position in occurrences(data, name):
        end = position + len(name)
        if data[position - 1 : position] in {b".", b"`", b"'", b'"'} and position:
            continue
        if next_byte(data, end) == ord("("):
            if name != b"open" or _READS.match(data, data.index(b"(", end), end + 400) is None:
                return True
        elif handed(data, position, end) or (name == b"exec" and data[end : end + 1] in b" \t"):
            return True
    return False


def _long_literal(data: bytes) -> bool:
    return any(ENCODED.search(data, start, end) is not None for start, end in long_lines(data, LONG_LINE))


def _imported(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield what is imported from modules of the catalogue, and the local names of it."""
    if b"\\\n" in data or b"\\\r" in data:
        data = data.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    position = data.find(b"import")
    count, left = 0, _READ
    while position >= 0 and count < _MOST:
        start = data.rfind(b"\n", max(0, position - _LINE), position) + 1
        if not start and position > _LINE:
            break
        found = _FROM.search(data, start, position)
        names = _NAMES.match(data, position)
        left -= len(names[1]) if names is not None else 0
        if left < 0:
            break
        if names is not None:
            yield from _one(found[1].decode("ascii", "replace") if found is not None else "", names[1])
        position = data.find(b"import", position + 6)
        count += 1
    if position >= 0:
        yield "*", "*"


def _one(module: str, names: bytes) -> Iterator[tuple[str, str]]:
    if module and module.partition(".")[0] not in ROOTS:
        return
    if names == b"*":
        yield canonical(module), "*"
    for one in _ONE.finditer(names.lstrip(b"*(")):
        name = one[1].decode("ascii", "replace")
        local = (one[2] or one[1]).decode("ascii", "replace")
        if module:
            yield canonical(f"{module}.{name}"), local
        elif name.partition(".")[0] in ROOTS:
            yield (
                (canonical(name), local)
                if one[2]
                else (canonical(name.partition(".")[0]), local.partition(".")[0])
            )


def _leads(data: bytes, dotted: str, local: str) -> bool:
    """Tell whether something that was imported is used in a way that means something."""
    if dotted == "*" or means(dotted):
        return True
    wanted = members(dotted)
    if not wanted:
        return False
    if local == "*" or "*" in wanted:
        return True
    if dotted.rpartition(".")[2][:1].isupper() or dotted in RESULTS:
        return _instance(data, wanted)
    word = local.encode()
    for position in occurrences(data, word):
        member = member_after(data, position + len(word))
        if member in wanted:
            if _inner(data, f"{dotted}.{member}"):
                return True
        elif member in THROUGH or (not member and handed(data, position, position + len(word))):
            return True
    return False


#: Libraries whose functions are called by the names that these have in them.
_LIBRARIES = ("ctypes.windll.", "ctypes.WinDLL")
_ANY = frozenset("*")


@functools.cache
def members(dotted: str) -> frozenset[str]:
    """Return what goes on after a name and means something: `system` and `environ` after `os`."""
    every = _members()
    found = every.get(dotted, frozenset()) | every.get(RESULTS.get(dotted, "") or dotted, frozenset())
    return found | _ANY if dotted.startswith(_LIBRARIES) else found


def _inner(data: bytes, dotted: str) -> bool:
    """Tell whether a member means something: it does itself, or what stands behind it or its instances."""
    api = NAMES.get(dotted)
    if dotted not in RESULTS and (api is None or not api.name) and dotted in _members():
        return dotted.rpartition(".")[2][:1].islower() or _instance(data, members(dotted))
    does = api is None or api.gives or means(dotted)
    return bool(does) or _instance(data, members(dotted))


def _instance(data: bytes, methods: frozenset[str]) -> bool:
    """Tell whether one of these methods is used."""
    return any(
        is_member(data, position) for method in methods for position in occurrences(data, method.encode())
    )


def handed(data: bytes, start: int, end: int) -> bool:
    """Tell whether a word stands alone where it is assigned or given to something, not in an import."""
    return next_byte(data, end) in b",)]}\n;#\r:" and (
        previous_byte(data, start) in b"=(,:[{" or data[max(0, start - 7) : start] == b"return "
    )
