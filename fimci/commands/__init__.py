"""One module per verb: what it takes on the command line, and what it prints.

Each has `describe(parser)`, which adds its options, and `run(options)`, which returns the exit
code. The logic is in the composers; nothing but these modules prints.
"""
