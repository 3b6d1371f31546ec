"""What code can do, whatever its language: names of programming interfaces, words, and flows between them.

A reader of a language (`fimci.readers.code`) finds out what a program text refers to and tells it as `Use`
values; `judge` makes capabilities of these. Nothing here parses, and nothing runs.
"""
