"""The history of runs: an SQLite file, what it can say of a period, and how that is written.

The files of this room belong together.
"""
