"""What code can do and what it hides: one module per language or concern.

`lexing` is support that the readers of this room share; it reads nothing by itself.
"""
