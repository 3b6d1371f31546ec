"""Python of any version, as the uses of names that it makes: `program` is the way in.

`prefilter` says whether a file can have anything to tell, `parsing` makes a tree of it, `scopes` collects
what names are bound to. `folding` and `computing` work with constants, `naming`, `calling` and `values` find
out what an expression refers to and carries; `uses` goes to the places where names stand, `telling` says what
is done there, `phases` when.
"""
