"""Python of any version, as the uses of names that it makes: `uses.program` is the way in.

`prefilter` says whether a file can have anything to tell, `parsing` makes a tree of it, `scopes` knows what names
are bound to, `folding` computes with constants, `values` finds out what an expression refers to and carries.
"""
