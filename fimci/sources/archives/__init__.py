"""How archives are read: the support room of `fimci.sources.archive`, which alone imports it.

`magic` says what bytes are, `streams` takes compression off, `tar` and `zip` parse what is below
it into `Member` values, `bounds` holds all of them to the limits, `names` judges the paths. The
parsers are written out here because those of the standard library normalise away what an audit
must see: headers that contradict each other, data between members, names cut at a NUL.
"""
