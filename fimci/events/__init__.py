"""What the system tells of files while they change: events, and what was lost of them.

Each source is a class with `read`, `close` and `descriptor` (`fimci.events.event.Source`); which one
is used decides `fimci.events.opened`. docs/decisions/watch.md says why these.
"""
