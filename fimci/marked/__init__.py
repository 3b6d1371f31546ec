"""Documents that remember lines: JSON, TOML and YAML, under caps, for readers and policy.

One module per syntax, each with `load(data) -> Marked`. They refuse what real clients disagree
about (duplicate keys are kept and told, NaN is refused) and what only an attacker writes (nesting
without end, aliases that multiply). A position that is not known is line 1, never a guess.
"""
