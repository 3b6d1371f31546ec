"""Chains of custody: of each installed or locked package, what was verified from the lockfile to the builder.

`node`, `python` and `locks` say of which packages there is to be spoken, and what a tree itself shows of
them; `archives` proves the archive of each, `signers` who signed and built it, `origins` holds it against its
source, `table` puts all of it together. Every cell is verified, failed, or not verified, and why.
"""
