"""How archives are read, by whoever meets one: a source, a reader, and what proves an artifact.

`magic` says what bytes are, `streams` takes compression off, `tar` and `zip` parse what is below
it into `Member` values, `bounds` holds all of them to the limits, `names` judges the paths. The
parsers are written out here because those of the standard library normalise away what an audit
must see: headers that contradict each other, data between members, names cut at a NUL.
"""
