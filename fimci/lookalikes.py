"""Letters that a person takes for ASCII letters, and the ASCII word that such letters imitate.

A small table of our own, after Unicode's UTS #39 (confusables): whole alphabets are not listed,
only the letters that look the same in common programming fonts. Left out on purpose are the
Greek letters of formulas (alpha, mu, nu, rho, sigma, Delta, Omega): scientific code uses them.
Written as escapes so that nothing in this file looks like what it is not. Needed where code is read
and where names of packages are held against each other.
"""

from __future__ import annotations

import unicodedata

#: ASCII character to its Cyrillic, Greek, Armenian, Cherokee and Latin look-alikes.
_TABLE = {
    "a": "\u0430\u0251",
    "c": "\u0441\u03f2",
    "d": "\u0501",
    "e": "\u0435",
    "g": "\u0581\u0261",
    "h": "\u04bb\u0570",
    "i": "\u0456\u13a5",
    "j": "\u0458\u03f3",
    "k": "\u043a",
    "l": "\u04cf",
    "n": "\u0578",
    "o": "\u043e\u03bf\u0585",
    "p": "\u0440",
    "q": "\u051b\u0566",
    "s": "\u0455",
    "u": "\u057d",
    "v": "\u0475",
    "w": "\u051d",
    "x": "\u0445",
    "y": "\u0443\u13cd",
    "A": "\u0410\u0391\u13aa",
    "B": "\u0412\u0392\u13f4",
    "C": "\u0421\u03f9\u13df",
    "D": "\u13a0",
    "E": "\u0415\u0395\u13ac",
    "G": "\u13c0",
    "H": "\u041d\u0397\u13bb",
    "I": "\u0406\u0399\u04c0",
    "J": "\u0408\u13ab",
    "K": "\u041a\u039a\u13e6",
    "L": "\u053c\u13de",
    "M": "\u041c\u039c\u13b7",
    "N": "\u039d",
    "O": "\u041e\u039f\u0555",
    "P": "\u0420\u03a1\u13e2",
    "R": "\u13a1",
    "S": "\u0405\u054f\u13da",
    "T": "\u0422\u03a4\u13a2",
    "U": "\u054d",
    "V": "\u0474\u13d9",
    "W": "\u051c\u13b3",
    "X": "\u0425\u03a7",
    "Y": "\u04ae\u03a5",
    "Z": "\u0396\u13c3",
    "!": "\u01c3",  # a click letter, valid in identifiers: `environment\u01c3=production` assigns
}
_ASCII = {ord(letter): ascii_letter for ascii_letter, letters in _TABLE.items() for letter in letters}

#: All of them, for a character class.
LETTERS = "".join(_TABLE.values())
#: Full-width and mathematical letters, for a character class: ASCII in another dress.
STYLED = "\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff"
#: Other letters that Python's NFKC turns into ASCII (superscripts, ligatures, Roman numerals).
COMPATIBLE = (
    "\u00aa\u00ba\u017f\u02b0-\u02b8\u02e0-\u02e4\u1d2c-\u1d6a\u1d9b-\u1dbf\u2071\u207f\u2090-\u209c"
    "\u2102-\u2149\u2160-\u217f\u2c7c\u2c7d\ufb00-\ufb06"
)


def imitated(word: str) -> str | None:
    """Return the ASCII word that this one looks like, `None` where it is a word of its own."""
    plain = unicodedata.normalize("NFKC", word.translate(_ASCII))
    return plain if plain.isascii() and plain != word else None


def has_lookalike(word: str) -> bool:
    """Tell whether any letter is from another alphabet and looks like an ASCII letter."""
    return any(ord(character) in _ASCII for character in word)
