"""What code can do and what it hides: one module per language or concern.

`lexing` and `lookalikes` are support that the readers of this room share; they read nothing
by themselves.
"""
