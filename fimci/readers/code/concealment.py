"""Which invisible, reordering and look-alike characters count where they stand.

`suspects` finds what may count in one pass; `judge` says whether it does. Joiners in Persian and
Indic words, emoji, marks in right-to-left strings, icons of fonts, formulas with Greek letters
and prose in any alphabet are innocent.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from fimci import lookalikes
from fimci.printable import plural
from fimci.readers.code.lexing import WITHOUT_CODE, Family, Span

#: Shorter runs of invisible characters in strings, comments and prose are typography.
RUN = 3
#: Private-use characters are icons of fonts; only a long unbroken run can be a payload.
PRIVATE_RUN = 16
#: How far around a suspect its line is looked at, in characters: there are lines of megabytes.
NEAR = 500
#: Around natural right-to-left text, so many characters of a file without code belong to it.
_NEIGHBOURS = 2_000
#: A line of minified code has fewer spaces than one in so many characters.
_DENSE = 8
#: In prose of a script that does not part words by spaces, shorter runs are typography.
_PROSE_RUN = 8
#: Lists of characters, in tables of entities and in patterns.
_TABLE = 8
#: Controls and invisible characters beside each other that are a list of such and no spelling of anything.
_LIST = 5
_CONTEXT = 16
_QUOTE = 80

_BIDI = "\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2065\u206a-\u206f\u2800\u3164\ufeff"
    "\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_TAGS = "\U000e0000-\U000e007f"
#: After a black flag, the letters of a region and an end: the flags of England, Scotland, Wales. Tables of
#: emoji that were made by splitting have joiners between them.
_REGION = "(?:\u200d?[\U000e0030-\U000e0039\U000e0061-\U000e007a]){3,6}\u200d?\U000e007f"
_LETTERS = lookalikes.LETTERS

#: A letter that touches ASCII, or a word of nothing but such letters, seen from behind its first.
_IN_NAME = f"(?<=[0-9A-Za-z_].)|(?=[0-9A-Za-z_])|(?<=(?<!\\w).)[{_LETTERS}]+(?!\\w)"


def _pattern(more: str) -> re.Pattern[str]:
    """Begin with one class of characters, for which alone `re` has a fast search."""
    return re.compile(
        f"[{_BIDI}{_TAGS}{_SELECTORS}{_INVISIBLE}{_PRIVATE}{_LETTERS}{more}{lookalikes.STYLED}\U0001f3f4\u2028\u2029](?:"
        f"(?<=[{_BIDI}])(?P<bidi>)|(?<=[{_SELECTORS}])(?P<selectors>[{_SELECTORS}]*)"
        f"|(?<=[{_INVISIBLE}])(?P<invisible>[{_INVISIBLE}]*)|(?<=[\u2028\u2029])(?P<separator>)"
        f"|(?<=[{_PRIVATE}])(?P<private>[{_PRIVATE}]*)|(?<=\U0001f3f4){_REGION}|(?<=[{_TAGS}])(?P<tags>[{_TAGS}]*)"
        f"|(?<=[{_LETTERS}])(?:{_IN_NAME})(?P<name>)|(?<=[{lookalikes.STYLED}])(?P<styled>)|(?<=[{more}])(?P<compatible>))"
    )


@functools.cache
def suspects(*, python: bool) -> re.Pattern[str]:
    """Return the pattern of what may count, compiled once there is text that is not ASCII.

    Python also takes superscripts, ligatures and their like for the letters they resemble (NFKC).
    """
    return _pattern(lookalikes.COMPATIBLE if python else lookalikes.STYLED)


#: Everything that `visible` names.
HIDDEN = re.compile(
    f"[{_BIDI}{_TAGS}{_SELECTORS}{_INVISIBLE}{_PRIVATE}\u2028\u2029\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_CONTROL = re.compile(f"[{_BIDI}]")
_LISTED = re.compile(f"[{_BIDI}{_INVISIBLE}]+")
_ISOLATES = "\u2066\u2067\u2068"
_CLOSES = "\u202c\u2069"
_REVERSING = re.compile("[\u202b\u202d\u202e\u2067]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
#: What only embeds, and overrides nothing; letters of a line; what may stand behind the last text of one.
_EMBEDS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c")
_LINE = 1_000
_CLOSED = re.compile(r"[\"'`]?[ \t]*[-+,;)\]}]*[ \t]*(?=\r?\n|\Z)")
_NO_NAME = re.compile(r"\W")
_KEY_ENDS = re.compile(r"[\"']?[ \t]*[:=]")


class Suspect(NamedTuple):
    """A stretch of characters that may count, and where it stands.

    `within` is the string or comment around it, `None` in code; `names` are the ASCII names of
    the file.
    """

    text: str
    start: int
    end: int
    family: Family
    within: Span | None
    names: Callable[[], frozenset[str]]

    @property
    def hidden(self) -> str:
        """Return the characters themselves."""
        return self.text[self.start : self.end]

    @property
    def before(self) -> str:
        """Return the character to the left, a space at the beginning."""
        return self.text[self.start - 1] if self.start else " "

    @property
    def after(self) -> str:
        """Return the character to the right, a space at the end."""
        return self.text[self.end] if self.end < len(self.text) else " "


class Verdict(NamedTuple):
    """What counts: kind and words around, made visible; and what a hidden run spells."""

    subject: str
    detail: str = ""


def judge(kind: str, suspect: Suspect) -> Verdict | None:
    """Judge what a named group of `suspects` has found; `None` where it is innocent."""
    return _JUDGES[kind](suspect)


def visible(text: str) -> str:
    """Return text in which hidden characters are named, as in `a<U+200B>b`."""
    return HIDDEN.sub(lambda match: f"<U+{ord(match.group()):04X}>", text)


def line_around(text: str, position: int, near: int) -> str:
    """Return the line at a position, as far as it reaches within so many characters each way."""
    low = max(0, position - near)
    start = text.rfind("\n", low, position) + 1 or low
    end = text.find("\n", position, position + near)
    return text[start : end if end >= 0 else position + near]


def _bidi(suspect: Suspect) -> Verdict | None:
    line = line_around(suspect.text, suspect.start, NEAR)
    dense = _is_dense(suspect)
    if _lists_characters(suspect) if dense else _translates(suspect):
        return None
    controls = _CONTROL.findall(line)
    begin = max(0, line.index(controls[0]) - _CONTEXT)
    shown = visible(line[begin : begin + _QUOTE].strip())[: 2 * _QUOTE]
    if suspect.family not in WITHOUT_CODE:
        return Verdict(f'{"dense bidi" if dense else "bidi"} in "{shown}"')
    if _RIGHT_TO_LEFT.search(suspect.text, max(0, suspect.start - _NEIGHBOURS), suspect.start + _NEIGHBOURS):
        return None  # a translation: what its writers leave open ends with the line
    harmless = not _REVERSING.search(line) and _balanced(controls)
    return None if harmless else Verdict(f'unbalanced bidi in "{shown}"')


def _translates(suspect: Suspect) -> bool:
    """Tell whether it embeds words in a text of a language that is written from right to left.

    What is left open ends with the line, and behind the text nothing may stand that it could put elsewhere.
    """
    within = suspect.within
    if within is None or within.comment:
        return False
    line = suspect.text.find("\n", suspect.start, suspect.start + _LINE)
    end = min(within.end, line if line >= 0 else suspect.start + _LINE)
    begin = max(within.start, suspect.text.rfind("\n", max(0, suspect.start - _LINE), suspect.start) + 1)
    said = suspect.text[begin:end]
    letters = sum(map(str.isalpha, said))
    if 2 * len(_RIGHT_TO_LEFT.findall(said)) < letters or not set(_CONTROL.findall(said)) <= _EMBEDS:
        return False
    return line == end or (_CLOSED.match(suspect.text, within.end) is not None and end == within.end)


def _balanced(controls: list[str]) -> bool:
    """Tell whether every embedding and isolate is closed, and nothing else is (UAX #9)."""
    awaited: list[str] = []
    for control in controls:
        if control not in _CLOSES:
            awaited.append("\u2069" if control in _ISOLATES else "\u202c")
        elif not awaited or awaited.pop() != control:
            return False
    return not awaited


def _tags(suspect: Suspect) -> Verdict | None:
    """Tags spell ASCII that no font shows and a language model reads."""
    return _run(suspect, "tag", "".join(chr(ord(tag) - 0xE0000) for tag in suspect.hidden[:NEAR]))


def _selectors(suspect: Suspect) -> Verdict | None:
    """One selector chooses how the character before it looks; a run of them is data."""
    run = suspect.hidden
    if len(run) < RUN and not _misplaced(run[0], suspect.before):
        return None
    if len(run) == 1 and suspect.within is not None and "-" in (suspect.before, suspect.after):
        return None  # an end of a range of characters, in a pattern
    ordinals = bytes(ord(char) - (0xE00F0 if char > "\U000e0000" else 0xFE00) for char in run[:NEAR])
    return _run(suspect, "variation selector", ordinals.decode("utf-8", "replace"))


def _misplaced(selector: str, base: str) -> bool:
    """Tell whether no standard defines this selector after such a character."""
    if selector > "\U000e0000":
        return base < "\u3400"  # these choose forms of ideographs
    return selector < "\ufe0e" and ((base.isascii() and base != "0") or base > "\U0001f000")


def _invisible(suspect: Suspect) -> Verdict | None:
    if suspect.within is not None:
        letters = not suspect.before.isascii() or not suspect.after.isascii()
        prose = suspect.family in WITHOUT_CODE and letters
        innocent = len(suspect.hidden) < (_PROSE_RUN if prose else RUN) or _is_table(suspect)
    else:  # a single joiner inside a word or an emoji
        innocent = len(suspect.hidden) == 1 and not (suspect.before + suspect.after).isascii()
    return None if innocent else _run(suspect, "invisible character")


def _is_table(suspect: Suspect) -> bool:
    """Tell whether each character stands once, in order, as in lists of them and in classes of patterns.

    In a string, and not many: what spells something repeats some, and has them in the order that it needs. In
    minified code lists of entities have some of them more than once.
    """
    hidden, within = suspect.hidden, suspect.within
    if len(hidden) > _TABLE or within is None or within.comment:
        return False
    if _is_dense(suspect):
        return [*hidden] == sorted(hidden)
    return [*hidden] == sorted({*hidden})


def _is_dense(suspect: Suspect) -> bool:
    """Tell whether nobody reads a place: minified code before and behind it, on lines of any length."""
    text, start = suspect.text, suspect.start
    sides = text[max(0, start - NEAR) : start], text[start : start + NEAR]
    long = len(line_around(text, start, NEAR)) >= NEAR and min(map(len, sides)) == NEAR
    return long and all(sum(map(side.count, " \n\t")) * _DENSE < NEAR for side in sides)


def _lists_characters(suspect: Suspect) -> bool:
    """Tell whether a control stands among others in a class of a pattern: each once, and in order."""
    if suspect.within is None or suspect.within.comment:
        return False
    runs = _LISTED.finditer(suspect.text, max(0, suspect.start - _CONTEXT), suspect.end + _CONTEXT)
    around = next((run[0] for run in runs if run.start() <= suspect.start < run.end()), "")
    return len(around) >= _LIST and [*around] == sorted({*around})


def _private(suspect: Suspect) -> Verdict | None:
    innocent = suspect.within is not None and len(suspect.hidden) < PRIVATE_RUN
    return None if innocent else _run(suspect, "private-use character")


def _separator(suspect: Suspect) -> Verdict | None:
    """U+2028 ends a line comment in JavaScript, unseen in most editors: what follows runs."""
    hides = suspect.family == "slash" and (suspect.within is None or suspect.within.comment)
    return _run(suspect, "line separator") if hides else None


def _run(suspect: Suspect, noun: str, spelt: str = "") -> Verdict:
    """Describe a run of hidden characters with the visible ones around it."""
    text, start, end = suspect.text, suspect.start, suspect.end
    before = line_around(text[max(0, start - _CONTEXT) : start] + "\n", min(start, _CONTEXT), _CONTEXT)
    after = text[end : end + _CONTEXT].partition("\n")[0]
    hidden = visible(suspect.hidden[:2]) + ("..." if end - start > 2 else "")  # noqa: PLR2004  (shown: two)
    return Verdict(
        f'{plural(end - start, noun)} in "{visible(before)}{hidden}{visible(after)}"', visible(spelt)
    )


def _name(suspect: Suspect) -> Verdict | None:
    """Judge a name with look-alike letters: one of code, or a key of configuration."""
    word, end = _word(suspect.text, suspect.start)
    if suspect.family == "data" and not _KEY_ENDS.match(suspect.text, end):
        return None
    plain = lookalikes.imitated(word)
    if plain is None or len(word) == 1:
        return None
    mixed = any(character.isascii() and character.isalpha() for character in word)
    if suspect.family == "data":
        return _imitation(word, plain) if mixed else None
    poses = mixed or not lookalikes.has_lookalike(word) or plain in suspect.names()
    return _imitation(word, plain) if poses and suspect.within is None else None


def _compatible(suspect: Suspect) -> Verdict | None:
    word, _ = _word(suspect.text, suspect.start)
    plain = lookalikes.imitated(word)
    innocent = suspect.within is not None or len(word) == 1 or plain not in suspect.names()
    return None if plain is None or innocent else _imitation(word, plain)


def _imitation(word: str, plain: str) -> Verdict:
    shown = "".join(c if c.isascii() else f"<U+{ord(c):04X}>" for c in word[:_QUOTE])
    return Verdict(f'look-alike of "{plain[:_QUOTE]}" in "{shown}"')


def _word(text: str, position: int) -> tuple[str, int]:
    """Return the name around a position, as far as it is of sane length, and where it ends."""
    before = _NO_NAME.split(text[max(0, position - _QUOTE) : position])[-1]
    after = _NO_NAME.split(text[position + 1 : position + _QUOTE], maxsplit=1)[0]
    return before + text[position] + after, position + 1 + len(after)


_Judge: TypeAlias = Callable[[Suspect], Verdict | None]
_JUDGES: dict[str, _Judge] = {
    "bidi": _bidi,
    "tags": _tags,
    "selectors": _selectors,
    "invisible": _invisible,
    "separator": _separator,
    "private": _private,
    "name": _name,
    "styled": _name,
    "compatible": _compatible,
}
