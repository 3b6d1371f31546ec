"""Two readings of one text agree, whatever lies where in memory: captures of a query have no order."""

from __future__ import annotations

from fimci.readers.code.javascript_syntax import parsing as parsing_javascript
from fimci.readers.code.javascript_syntax import scopes as scopes_javascript
from fimci.readers.code.python_syntax import parsing as parsing_python
from fimci.readers.code.python_syntax import scopes as scopes_python

_MANY = 200


def test_definitions_of_javascript_are_in_the_order_of_the_text() -> None:
    text = "".join(
        f'import a{number} from "m{number}";\nthis.run = {number};\nx = {number};\n'
        for number in range(_MANY)
    )
    parsed = parsing_javascript.parse(text.encode(), "a.mjs")
    assert parsed is not None
    found = scopes_javascript.scopes(*parsed)
    members, places = found.members[b"this.run"], found.assigned[b"x"]
    imports = [node.start_byte for node in found.imports]
    assert len(members) == len(places) == len(imports) == _MANY
    assert (members, places, imports) == (sorted(members), sorted(places), sorted(imports))


def test_imports_of_python_are_in_the_order_of_the_text() -> None:
    text = "".join(f"import a{number}\n" for number in range(_MANY))
    parsed = parsing_python.parse(text.encode())
    found = scopes_python.collect(parsed.root, parsed.data)
    places = [node.start_byte for node, *_ in found.imports]
    assert len(places) == _MANY
    assert places == sorted(places)
