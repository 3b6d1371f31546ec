"""Where to look: one module per kind of source, found by the scheme of a locator.

A source is a generator of `Entry` values (`fimci.snapshot`), in any order, that opens nothing
before it is asked to and runs nothing of what it walks.
"""
