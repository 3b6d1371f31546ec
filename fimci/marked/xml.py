"""XML with lines: elements from expat, which resolves nothing here.

A document type declaration is refused as a whole: it is what entities that multiply or name files
need, and no lock or configuration of a package manager has one. Namespaces are dropped from names.
"""

from __future__ import annotations

from collections.abc import Iterator
from sys import intern
from typing import Any, NoReturn
from xml.parsers import expat  # the parser alone: no entities are expanded, none are fetched

import msgspec

from fimci.marked.document import DEPTH_LIMIT, Malformed

#: Elements of one document.
ELEMENT_LIMIT = 400_000


class Element(msgspec.Struct, eq=False):
    """One element: its local name, attributes, the text right in it, its children, and its line."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] | tuple[()] = ()
    text: str = ""

    def every(self, *names: str) -> Iterator[Element]:
        """Yield the elements at a path of names below this one."""
        if not names:
            yield self
            return
        for child in self.children:
            if child.name == names[0]:
                yield from child.every(*names[1:])


def load(data: bytes) -> Element:
    """Parse a document and return its root. Raises `Malformed`, with the line."""
    return _Builder().document(data)


class _Builder:
    """The state of one reading: the parser, and the elements that are open."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.open: list[Element] = []
        self.texts: list[list[str]] = []
        self.root: Element | None = None
        self.count = 0

    def document(self, data: bytes) -> Element:
        try:
            self.parser.Parse(data, True)  # noqa: FBT003  (expat takes it so: this is all)
        except expat.ExpatError as error:
            raise Malformed(expat.ErrorString(error.code), error.lineno) from None
        except (ValueError, LookupError):  # an encoding that Python does not have
            self.fail("an encoding that is not known")
        if self.root is None:
            self.fail("the document is empty")
        return self.root

    def fail(self, message: str) -> NoReturn:
        raise Malformed(message, max(self.parser.CurrentLineNumber, 1))

    def doctype(self, *_: Any) -> None:
        self.fail("declares a document type, which may hold entities")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.open) >= DEPTH_LIMIT:
            self.fail(f"nested deeper than {DEPTH_LIMIT} levels")
        if self.count > ELEMENT_LIMIT:
            self.fail(f"more than {ELEMENT_LIMIT:,} elements")
        # Few names are new: the same string is kept once.
        local = {intern(key.rpartition(" ")[2]): value for key, value in attributes.items()}
        element = Element(intern(name.rpartition(" ")[2]), local, self.parser.CurrentLineNumber)
        if not self.open:
            self.root = element
        elif isinstance(self.open[-1].children, list):
            self.open[-1].children.append(element)
        else:
            self.open[-1].children = [element]
        self.open.append(element)
        self.texts.append([])

    def characters(self, text: str) -> None:
        if self.texts:
            self.texts[-1].append(text)

    def end(self, _name: str) -> None:
        self.open.pop().text = "".join(self.texts.pop()).strip()
