"""JavaScript, JSX and TypeScript: what a file uses of the outside world, without running it.

`prefilter` tells whether there is anything to find and where, `parsing` makes the tree, `scopes` knows what a
name stands for, `values` what an expression is, `folding` how constants come together, `following` walks from
what is interesting to what becomes of it, `program` puts all in one `Program`.
"""
